package media

import (
	"context"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/firmware/thread"
)

// How often the status page is written, with and without sound, and how long
// nothing has to happen for the card to be at rest. A card at rest does not wake
// up at all.
const (
	pageBusy = 10 * machine.Millisecond
	pageCall = 100 * machine.Millisecond
	toRest   = machine.Second
)

// page is the thread that keeps the clients' status pages up to date, and does
// what is best done when nothing else is.
type page struct {
	m       *Media
	stir    thread.Event // something happens again
	resting atomic.Bool
	values  [system.PageValues]uint64
}

// stirred says that something happens. It is called for every burst of packets,
// on a thread of the spare processor.
func (p *page) stirred() {
	if p.resting.Load() {
		p.stir.Signal()
	}
}

func (p *page) run(t *thread.Thread) {
	clock := t.Processor()
	since := clock.Now() // the last time something had happened
	for {
		moving, calls := p.read(clock.Now())
		p.m.mmd.StatusPage(p.values[:])
		pause := pageCall
		if moving {
			pause = pageBusy
		}
		if moving || calls {
			since = clock.Now()
			p.m.mmd.Adjust()
		}
		if clock.Now().Sub(since) < toRest {
			thread.Sleep(pause)
			continue
		}
		p.m.mmd.Relax()
		p.m.card.Quiet()
		p.rest()
		since = clock.Now()
	}
}

// rest waits until something happens. Calls are served by threads of this same
// processor, so none goes unseen between the look and the wait; sound begins with
// a call.
func (p *page) rest() {
	p.resting.Store(true)
	defer p.resting.Store(false)
	if p.m.mmd.Calls() == p.values[system.PageCalls] {
		_ = p.stir.Wait(machine.Forever) // nothing else can end it
	}
}

// read fills in the values. It reports whether sound moves on, and whether calls
// came.
func (p *page) read(now machine.Time) (moving, calls bool) {
	v := &p.values
	n := p.m.mmd.Calls()
	calls = n != v[system.PageCalls]
	v[system.PageTime], v[system.PageCalls] = uint64(now), n
	if p.m.out == nil {
		return false, calls
	}
	o, err := p.m.out.Info(context.Background())
	if err != nil {
		return false, calls
	}
	moving = o.Frame != v[system.PageFrame] || o.Played != v[system.PagePlayed]
	v[system.PageFrame], v[system.PagePlayed] = o.Frame, o.Played
	v[system.PagePlayedAt], v[system.PageUnderruns] = uint64(o.PlayedAt), o.Underruns
	v[system.PageLate], v[system.PageInputs] = o.Late, uint64(o.Inputs)
	return moving, calls
}
