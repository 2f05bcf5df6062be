package sim

import (
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/machine"
)

// idler is the sleep of the one virtual processor: the clock moves on.
type idler struct {
	m    *Machine
	wake atomic.Bool
}

// NewIdler returns the sleep of this machine's virtual processor. A second one
// would move the same clock, so a machine has one processor.
func (m *Machine) NewIdler(machine.Kind) machine.Idler { return &idler{m: m} }

// Idle lets time pass to the next event or to until, whichever is first. It
// returns false if there is neither.
func (i *idler) Idle(watch []machine.Word, until machine.Time) bool {
	if i.wake.Swap(false) {
		return true
	}
	for _, w := range watch {
		if w.Changed() {
			return true
		}
	}
	m := i.m
	if ev := m.events.first(); ev != nil && ev.at <= until {
		m.advance(ev.at)
		return true
	}
	if until == machine.Forever {
		return false
	}
	if m.jitter > 0 && until > m.Now() {
		until = until.Add(machine.Duration(m.rand.Int64N(int64(m.jitter) + 1)))
	}
	m.advance(until)
	return true
}

// Wake has the next Idle return at once.
func (i *idler) Wake() { i.wake.Store(true) }

// Close does nothing.
func (i *idler) Close() {}
