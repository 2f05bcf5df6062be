package firmware

import (
	"sync"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/thread"
)

// reservation is what was asked for an activity on a processor. It outlives the
// policy that granted it.
type reservation struct {
	p              *thread.Processor
	a              *sched.Activity
	amount, period machine.Duration
	grant          sched.Grant // zero while the policy has no reservations, or no room
}

// reserves are the reservations of a card.
type reserves struct {
	mu  sync.Mutex // held for a few instructions
	all []*reservation
}

// Reserve gives an activity amount of every period on p, in place of what it had
// there; 0 ends that. It is thread.Reserve that is remembered: when p changes its
// policy, the new one is asked for the same. Where the policy has no reservations
// the error is com.ErrNotSupported, and one that has is asked later; for the other
// errors see sched.Policy. Any goroutine or thread may call it.
func (c *Card) Reserve(p *thread.Processor, a *sched.Activity, amount, period machine.Duration) (sched.Grant, error) {
	if amount == 0 {
		c.reserves.drop(p, a) // first: resume gives back what it asks for after that
	}
	g, err := p.Reserve(a, amount, period)
	if amount == 0 {
		if com.CodeOf(err) == com.ErrNotSupported {
			err = nil // there was nothing
		}
		return g, err
	}
	if err == nil || com.CodeOf(err) == com.ErrNotSupported {
		c.reserves.put(p, a, amount, period, g)
	}
	return g, err
}

func (r *reserves) find(p *thread.Processor, a *sched.Activity) (int, *reservation) {
	for i, o := range r.all {
		if o.p == p && o.a == a {
			return i, o
		}
	}
	return -1, nil
}

func (r *reserves) put(p *thread.Processor, a *sched.Activity, amount, period machine.Duration, g sched.Grant) {
	r.mu.Lock() //mm:blocking held for a few instructions
	defer r.mu.Unlock()
	_, o := r.find(p, a)
	if o == nil {
		o = &reservation{p: p, a: a}
		r.all = append(r.all, o)
	}
	o.amount, o.period, o.grant = amount, period, g
}

func (r *reserves) drop(p *thread.Processor, a *sched.Activity) {
	r.mu.Lock() //mm:blocking held for a few instructions
	defer r.mu.Unlock()
	if i, o := r.find(p, a); o != nil {
		r.all = append(r.all[:i:i], r.all[i+1:]...)
	}
}

// list returns copies of all that are asked for, on p or, if p is nil, anywhere.
func (r *reserves) list(p *thread.Processor) []reservation {
	r.mu.Lock() //mm:blocking held for a few instructions
	defer r.mu.Unlock()
	var list []reservation
	for _, o := range r.all {
		if p == nil || o.p == p {
			list = append(list, *o)
		}
	}
	return list
}

// count returns how many are in force on p.
func (r *reserves) count(p *thread.Processor) (n int) {
	for _, o := range r.list(p) {
		if o.grant.Amount > 0 {
			n++
		}
	}
	return n
}

// suspend gives back what is in force on p.
func (r *reserves) suspend(p *thread.Processor) {
	for _, o := range r.list(p) {
		if o.grant.Amount > 0 {
			_, _ = p.Reserve(o.a, 0, 0) // the exchange says if that went wrong
		}
	}
}

// resume asks for everything again.
func (r *reserves) resume(p *thread.Processor, logf func(string, ...any)) {
	for _, o := range r.list(p) {
		g, err := p.Reserve(o.a, o.amount, o.period)
		switch com.CodeOf(err) {
		case com.OK:
		case com.ErrNotSupported:
			g = sched.Grant{}
		default:
			g = sched.Grant{}
			logf("processor %s: %v", p.Name(), err)
		}
		if !r.granted(&o, g) {
			_, _ = p.Reserve(o.a, 0, 0) // as for suspend
		}
	}
}

// granted notes what came of asking for o, a copy, and reports false if nobody wants
// it any more.
func (r *reserves) granted(o *reservation, g sched.Grant) bool {
	r.mu.Lock() //mm:blocking held for a few instructions
	defer r.mu.Unlock()
	_, kept := r.find(o.p, o.a)
	if kept != nil {
		kept.grant = g
	}
	return kept != nil
}
