package render

import (
	"syscall"
	"time"
)

// spent is the processor time of this process. Rates of pixels are taken by
// it, since the wall clock counts what other programs of the machine did too.
func spent() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
