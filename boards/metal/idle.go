package metal

import (
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/machine"
)

// How often words are looked at that change silently: the less often the longer
// nothing has happened.
const (
	lookFirst = 50 * machine.Microsecond
	lookMost  = 4 * machine.Millisecond
)

// idler is the sleep of the virtual processor.
type idler struct {
	m     *Machine
	woken atomic.Bool
	calm  machine.Duration // for how long no word has changed
}

// Idle implements machine.Idler.
func (i *idler) Idle(watch []machine.Word, until machine.Time) bool {
	m := i.m
	began := m.Now()
	for {
		m.Attend()
		if m.Serve() || i.woken.Swap(false) {
			return true // a routine may have made a thread ready, right here
		}
		for _, w := range watch {
			if w.Changed() {
				i.calm = 0
				return true
			}
		}
		now := m.Now()
		if now >= until {
			i.calm += now.Sub(began)
			return true
		}
		limit := until
		if len(watch) > 0 && m.silent.Load() {
			rest := min(max((i.calm+now.Sub(began))/8, lookFirst), lookMost)
			limit = min(limit, now.Add(rest))
		}
		m.Sleep(limit)
	}
}

// Wake implements machine.Idler.
func (i *idler) Wake() {
	if !i.woken.Swap(true) {
		i.m.Kick()
	}
}

// Close does nothing.
func (i *idler) Close() {}
