package host

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/mmlite/mmlite/firmware/machine"
)

// systemOffset returns what CLOCK_MONOTONIC, which Go's own monotonic time is
// read from, shows at m.base, so that all processes share one origin and the
// kernel takes deadlines as they are.
func (m *Machine) systemOffset() machine.Time {
	best := time.Duration(1<<63 - 1)
	var offset machine.Time
	for range 16 {
		var ts unix.Timespec
		a := time.Since(m.base)
		if unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts) != nil {
			return 0
		}
		if b := time.Since(m.base); b-a < best {
			best = b - a
			offset = machine.Time(ts.Nano()) - machine.Time(a+(b-a)/2)
		}
	}
	return offset
}

func processors() int {
	var set unix.CPUSet
	if unix.SchedGetaffinity(0, &set) != nil {
		return 1
	}
	return set.Count()
}
