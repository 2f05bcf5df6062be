package contest

import (
	"time"

	"golang.org/x/sys/unix"
)

// spent is the processor time of this thread. What the runtime's other threads
// do after the process has waited for a peer is no part of a frame.
func spent() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}
