package host

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/mmlite/mmlite/firmware/com"
)

// favour is the nice value of the ordinary threads of a card's process: that of
// sound servers. A thread in real time comes back from the runtime's hands only
// through one of these; where busy programs keep them waiting it waits, too.
const favour = -11

// Favour has the ordinary threads of this process go before those of others, the
// threads that are to come included. The error is com.ErrPermission where the system
// does not grant it: root has it, and those whom RLIMIT_NICE allows it.
func Favour() error {
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return com.Errorf(com.CodeOf(err), "%v", err)
	}
	for _, task := range tasks {
		tid, err := strconv.Atoi(task.Name())
		if err != nil {
			continue
		}
		switch err := unix.Setpriority(unix.PRIO_PROCESS, tid, favour); err {
		case nil, unix.ESRCH: // it has ended
		case unix.EACCES, unix.EPERM:
			return com.Errorf(com.ErrPermission, "no nice value of %d: %v", favour, err)
		default:
			return fmt.Errorf("nice value of %d: %w", favour, err)
		}
	}
	return nil
}
