//go:build tamago && arm

package main

import "math"

const (
	masked   = 1 << 7 // of the program status: interrupts do not come
	maxTicks = math.MaxInt32
	second   = 1_000_000_000
)

// serving says that the interrupt goroutine runs: that interrupts are masked then means
// that it has been woken.
var serving bool

// idle is called by the runtime when no goroutine can run until a time. It sleeps with
// interrupts masked, which end the sleep all the same: one that came after the runtime
// looked could be lost otherwise.
func idle(until int64) {
	before := mask()
	if serving && before&masked != 0 {
		return // the interrupt goroutine is to run, and will unmask
	}
	if until == 0 {
		until = math.MaxInt64
	}
	on := uint32(0)
	ticks := uint64(0)
	if until != math.MaxInt64 {
		now := nanotime()
		if until <= now {
			if serving {
				unmask()
			}
			return
		}
		f := uint64(frequency())
		wait := uint64(until - now)
		ticks = min(wait/second*f+wait%second*f/second+1, maxTicks)
		on = 1
	}
	alarm(uint32(ticks), on)
	if on != 0 || serving {
		rest()
	}
	alarm(0, 0)
	if serving {
		unmask()
	}
}
