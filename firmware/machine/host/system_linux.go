package host

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/mmlite/mmlite/firmware/com"
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

const (
	schedOther       = 0
	schedFIFO        = 1
	schedResetOnFork = 0x40000000
	// realTimePriority is above ordinary threads and below everything the system
	// itself runs in real time.
	realTimePriority = 10
)

// EnterRealTime puts the calling thread under SCHED_FIFO. Threads that it starts
// are ordinary ones. The error is com.ErrPermission where the system does not
// grant it: it takes root, CAP_SYS_NICE or RLIMIT_RTPRIO.
func (m *Machine) EnterRealTime() (leave func(), err error) {
	set := func(policy, priority int32) error {
		if _, _, e := unix.RawSyscall(unix.SYS_SCHED_SETSCHEDULER, 0, uintptr(policy), uintptr(unsafe.Pointer(&priority))); e != 0 {
			return com.Errorf(com.ErrPermission, "SCHED_FIFO: %v", e)
		}
		return nil
	}
	if err := set(schedFIFO|schedResetOnFork, realTimePriority); err != nil {
		return nil, err
	}
	return func() {
		if err := set(schedOther, 0); err != nil {
			m.out.Write([]byte("leaving real time: " + err.Error() + "\n"))
		}
	}, nil
}

var _ machine.RealTimer = (*Machine)(nil)
