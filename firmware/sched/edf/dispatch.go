package edf

import (
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

// first returns whom to run, on whose promise and whose turn it is.
func (p *Policy) first() (t *task, e *entry, on *task) {
	if e = p.due.first(); e != nil {
		switch {
		case e.constraint != nil:
			on = e.constraint.task
		case e.server.urgent.head != nil:
			on = e.server.urgent.head
		default:
			on = e.server.normal.head
		}
		return on.end(), e, on
	}
	if on = p.woken.head; on == nil {
		on = p.turn.head
	}
	return on, nil, on
}

// catchUp does what is due by now. What admits anything comes after it: servers whose
// budgets are to be refilled already ask for them.
func (p *Policy) catchUp(now machine.Time) {
	p.expire(now)
	for p.timers.next() <= now {
		e := p.timers.first()
		if e.constraint != nil {
			p.start(e.constraint, now)
			continue
		}
		e.server.refill(now)
		p.place(e.server)
	}
	for p.due.next() <= now {
		e := p.due.first()
		if now.Sub(e.server.deadline) < e.server.period {
			return // it is late, and goes first
		}
		e.server.refill(now)
		p.place(e.server)
	}
}

// Pick returns whose promise is due first, or who is next to have spare time.
func (p *Policy) Pick(now machine.Time) (*sched.Entity, machine.Time) {
	p.catchUp(now)
	t, e, on := p.first()
	p.running.task, p.running.entry, p.running.on = t, e, on
	until := p.timers.next()
	if t == nil {
		return nil, until
	}
	switch {
	case e == nil:
		if t.left <= 0 {
			t.left = max(t.left+p.cfg.Quantum, p.cfg.Quantum/8)
		}
		until = min(until, now.Add(t.left))
	case e.constraint != nil:
		until = min(until, now.Add(e.constraint.rest), e.constraint.deadline)
	default:
		until = min(until, now.Add(e.server.budget))
		if !on.links[own].in.single() {
			until = min(until, now.Add(on.ownLeft))
		}
	}
	return t.ent, until
}

// Charge takes the time from the promise on which e was picked, or from its
// quantum of spare time.
func (p *Policy) Charge(e *sched.Entity, used machine.Duration, now machine.Time) {
	t := p.task(e)
	if t == nil || used <= 0 {
		return
	}
	t.ran += used
	if g := t.group; g != nil && g.Granted.Amount > 0 {
		g.tally.Add(used, now)
	}
	if p.running.task != t {
		return
	}
	on := p.running.on
	if on != nil && on.group != t.group && on.group != nil && p.running.entry != nil {
		on.group.tally.Add(used, now) // t runs by its right
	}
	switch r := p.running.entry; {
	case on == nil: // the promise was ended meanwhile
	case r == nil:
		if t.left -= used; t.left <= 0 && t.links[spare].in != nil {
			p.turn.last(t)
		}
	case r.constraint != nil:
		p.chargeConstraint(r.constraint, used, now)
	default:
		p.chargeServer(r.server, on, used)
	}
}

func (p *Policy) chargeConstraint(k *constraint, used machine.Duration, now machine.Time) {
	if !k.accepted {
		return
	}
	if k.rest -= used; k.rest <= 0 {
		k.rest = 0
		p.settle(k.task, now)
	}
}

func (p *Policy) chargeServer(s *server, on *task, used machine.Duration) {
	s.used += used
	s.budget = max(s.budget-used, -s.amount) // more would silence it for longer than the others were kept
	if s.budget <= 0 {
		p.place(s)
	}
	if r := on.links[own].in; r != nil && on.server == s {
		if on.ownLeft -= used; on.ownLeft <= 0 {
			on.ownLeft = p.cfg.Quantum
			r.last(on)
		}
	}
}
