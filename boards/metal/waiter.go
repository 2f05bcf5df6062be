package metal

import (
	"time"

	"github.com/mmlite/mmlite/firmware/machine"
)

// Waiter is a Processor in Go's own means, for boards whose interrupts run on
// goroutines of their own: these call the devices' routines and then Kick.
type Waiter struct {
	clock machine.Clock
	kick  chan struct{}
	timer *time.Timer
}

// NewWaiter returns one with the given clock, which has to go as fast as package
// time's.
func NewWaiter(clock machine.Clock) *Waiter {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return &Waiter{clock: clock, kick: make(chan struct{}, 1), timer: t}
}

// Now implements Processor.
func (w *Waiter) Now() machine.Time { return w.clock.Now() }

// CycleRate returns 0: the clock takes the place of a counter.
func (w *Waiter) CycleRate() uint64 { return 0 }

// Serve has nothing to do.
func (w *Waiter) Serve() bool { return false }

// Attend implements Processor.
func (w *Waiter) Attend() {
	select {
	case <-w.kick:
	default:
	}
}

// Sleep implements Processor.
func (w *Waiter) Sleep(until machine.Time) {
	const longest = machine.Duration(time.Hour)
	w.timer.Reset(min(until.Sub(w.clock.Now()), longest).Std())
	select {
	case <-w.kick:
		w.timer.Stop()
	case <-w.timer.C:
	}
}

// Kick implements Processor.
func (w *Waiter) Kick() {
	select {
	case w.kick <- struct{}{}:
	default:
	}
}

var _ Processor = (*Waiter)(nil)
