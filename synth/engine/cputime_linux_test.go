package engine

import (
	"syscall"
	"time"
)

// cpuTime is the processor time of this process: on a busy machine the wall
// clock says little.
func cpuTime() time.Duration {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
