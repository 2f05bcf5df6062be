package contest

import (
	"time"

	"golang.org/x/sys/unix"
)

// spent is the processor time of this process.
func spent() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}
