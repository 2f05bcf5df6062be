package output

import (
	"errors"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/sched/estimate"
	"github.com/mmlite/mmlite/firmware/thread"
)

// asking says whether a policy is asked for promises: not again after it said that
// it has none to give, until another is in its place.
type asking struct {
	no    atomic.Bool
	epoch atomic.Uint32 // of the processor's policies, then
}

// asks reports whether to ask.
func (a *asking) asks(p *thread.Processor) bool {
	if !a.no.Load() {
		return true
	}
	if a.epoch.Load() == p.PolicyEpoch() {
		return false
	}
	a.no.Store(false)
	return true
}

// refuse notes that there is nothing to be had.
func (a *asking) refuse(p *thread.Processor) {
	a.epoch.Store(p.PolicyEpoch())
	a.no.Store(true)
}

// stall is by how much more than twice the estimate a piece of work is believed to
// have taken.
const stall = 50 * machine.Microsecond

// pieces is how many kinds of work a thread does between its waits.
const pieces = 2

// pledge has a thread promised processor time for each piece of work that a wait
// ends in: a delayed constraint, as Rialto's drivers have them, which is resolved
// when the thread becomes ready. The estimates come from what the pieces took.
// Where the policy has no constraints, or the device no clock, it measures only.
type pledge struct {
	o        *Output
	estimate [pieces]*estimate.Estimator
	next     [pieces]atomic.Int64 // the estimates, for other threads
	usual    [pieces]atomic.Int64 // what they usually take at most
	account  account

	asking asking
	begun  bool
	kind   int
	asked  machine.Duration
	from   machine.Time // when the piece began, where no constraint says so
	inside bool         // a piece is under way
}

// init readies a pledge. The pieces take no longer than most.
func (p *pledge) init(o *Output, first, most machine.Duration) {
	p.o = o
	for i := range p.estimate {
		p.estimate[i] = estimate.New(estimate.Config{First: first, Ceiling: most})
		p.next[i].Store(int64(p.estimate[i].Next()))
	}
}

// done ends the piece of work under way.
func (p *pledge) done(t *thread.Thread) {
	if p.begun {
		taken, err := thread.EndConstraint()
		if err == nil && p.inside {
			p.tell(taken)
		}
		p.begun = false
	} else if p.inside {
		p.tell(t.Processor().Now().Sub(p.from))
	}
	p.inside = false
}

// prepare ends the piece of work under way and asks for the next one, of the given
// kind, which begins when a wait ends and is to be done within that time after.
func (p *pledge) prepare(t *thread.Thread, kind int, within machine.Duration) {
	if !p.begun && (p.o.dev.Offline() || !p.asking.asks(p.o.processor)) {
		p.done(t)
		p.kind = kind
		return
	}
	e := machine.Duration(p.next[kind].Load())
	c := sched.Constraint{Estimate: e, Deadline: machine.Time(within), Delayed: true}
	var err error
	if p.begun {
		var taken machine.Duration
		if taken, _, err = thread.NextConstraint(c); err == nil && p.inside {
			p.tell(taken)
		}
	} else {
		p.done(t)
		_, err = thread.BeginConstraint(c)
	}
	p.inside, p.kind, p.asked = false, kind, e
	p.begun = err == nil
	if err != nil {
		p.asking.refuse(p.o.processor)
		if !errors.Is(err, com.ErrNotSupported) {
			p.o.log("audio: %v", err)
		}
	}
}

// woke begins the piece of work that was prepared. It reports whether the time for
// it is promised.
func (p *pledge) woke(t *thread.Thread) bool {
	p.inside = true
	if !p.begun {
		p.from = t.Processor().Now()
		return false
	}
	ok, err := thread.Promised()
	if ok && err == nil {
		p.account.promised.Add(1)
		return true
	}
	p.account.refused.Add(1)
	return false
}

// tell takes in how long a piece of work took.
func (p *pledge) tell(taken machine.Duration) {
	e := p.estimate[p.kind]
	if p.begun && taken > p.asked {
		p.account.over.Add(1)
	}
	// A stall of the system below the card is no work. If it is more work, it goes on.
	likely := taken
	if e.Count() > 0 {
		likely = min(taken, 2*e.Next()+stall)
	}
	e.Add(likely)
	p.next[p.kind].Store(int64(e.Next()))
	p.account.taken.add(taken)
	mean, deviation := e.Mean()
	p.usual[p.kind].Store(int64(mean + 4*deviation))
	p.account.mean.Store(int64(mean))
	p.account.asked.Store(p.next[p.kind].Load())
}

// most is what the longer pieces usually take at most: what to reserve, which is
// more to change than an estimate.
func (p *pledge) most() machine.Duration {
	return machine.Duration(max(p.usual[0].Load(), p.usual[1].Load()))
}
