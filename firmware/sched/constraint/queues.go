package constraint

import (
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

// place puts a thread into the queue it belongs to now, or takes it out.
func (p *Policy) place(t *thread) {
	act := t.act
	var to *list[thread]
	if t.ready && !t.held {
		to = &act.run
		if r := t.top; r != nil && !r.promised() && !r.delayed {
			to = &act.urgent
		}
	}
	if t.q.in == to {
		return
	}
	had := t.q.in != nil
	t.q.leave()
	if to != nil {
		if !had && t.left > 0 {
			to.pushFront(&t.q)
		} else {
			to.pushBack(&t.q)
		}
	}
	switch ready := act.ready(); {
	case ready && act.rr.in == nil:
		p.arrive(act)
	case !ready && act.rr.in != nil:
		act.rr.leave()
		act.rest.leave()
		act.idle = p.now
	}
}

func (act *activity) ready() bool { return !act.run.empty() || !act.urgent.empty() }

// pick returns the thread of an activity that is next.
func (act *activity) pick() *thread {
	if t := act.urgent.first(); t != nil {
		return t
	}
	return act.run.first()
}

// arrive takes an activity that has a ready thread again into the sharing of spare
// time, and of what it missed of the slices it has reserved.
func (p *Policy) arrive(act *activity) {
	if act.left > 0 {
		p.woken.pushBack(&act.rr)
	} else {
		p.ring.pushBack(&act.rr)
	}
	act.missed = 0
	for i := act.nodes; i != none; i = p.g.nodes[i].same {
		n := &p.g.nodes[i]
		from := p.g.occurrence(n, p.now)
		if gone := min(p.now, from+machine.Time(n.slice)) - max(from, act.idle); gone > 0 {
			until := from + machine.Time(n.period)
			if act.missed == 0 || until < act.until {
				act.until = until
			}
			act.missed += machine.Duration(gone)
		}
	}
	if act.missed > 0 {
		p.standby.pushBack(&act.rest)
	}
}

// rotate sends an activity to the end of the ring.
func (p *Policy) rotate(act *activity) {
	switch act.rr.in {
	case &p.ring:
		act.rr.last()
	case &p.woken:
		act.rr.leave()
		p.ring.pushBack(&act.rr)
	}
}

// Ready makes a blocked entity runnable. A delayed constraint is resolved now.
func (p *Policy) Ready(e *sched.Entity, now machine.Time) (preempt bool) {
	t := p.of(e)
	if t == nil || t.ready {
		return false
	}
	p.settle(now)
	t.ready = true
	t.w.leave()
	if !t.locked {
		t.waited += machine.Duration(p.now - t.blocked)
	}
	if r := t.top; r != nil && r.delayed {
		p.arm(t)
	}
	quiet := p.woken.empty()
	p.place(t)
	if t.held {
		return false
	}
	return p.urgent(t, quiet)
}

// urgent reports whether a thread that is ready now may have a better right to run
// than the one that runs.
func (p *Policy) urgent(t *thread, quiet bool) bool {
	n := &p.g.nodes[p.node]
	cur := &p.cur
	switch {
	case cur.kind == idle:
		return true
	case cur.kind == booked && cur.rec != nil && p.runner(cur.rec) != cur.thread:
		return true // it ran in the place of one that can go on now
	case n.books != none:
		return cur.kind != booked || cur.rec == nil || p.pool.all[n.books].rec != cur.rec
	case n.owner != nil && n.owner == t.act:
		return cur.kind > own || cur.act == t.act && t.act.pick() == t
	case cur.kind == own:
		return false
	case t.act.rest.in != nil:
		return cur.kind > missed
	}
	return cur.kind == spare && (t.act.rr.in == &p.woken && quiet || cur.act == t.act && t.act.pick() == t)
}

// Block makes a runnable entity blocked.
func (p *Policy) Block(e *sched.Entity, now machine.Time) {
	t := p.of(e)
	if t == nil || !t.ready {
		return
	}
	p.settle(now)
	t.ready = false
	t.blocked = p.now
	p.place(t)
	p.Inherit(e, now)
	t.locked = e.Waits != nil
}

// Inherit notes whom a blocked entity waits for. The chain is followed when it
// matters.
func (p *Policy) Inherit(e *sched.Entity, now machine.Time) {
	t := p.of(e)
	if t == nil || t.ready {
		return
	}
	p.settle(now)
	t.w.leave()
	if e.Waits != nil {
		t.act.waiters.pushBack(&t.w)
	}
}

// Moved has a thread go on on behalf of another activity. What its constraints
// were promised in slices of the old one is booked anew, or else is lost.
func (p *Policy) Moved(e *sched.Entity, _ *sched.Activity, now machine.Time) {
	t := p.of(e)
	if t == nil {
		return
	}
	p.settle(now)
	ready, old := t.ready, t.act
	t.ready = false
	p.place(t)
	waits := t.w.in != nil
	t.w.leave()
	old.threads--
	p.join(t, e.Activity)
	t.ready = ready
	for r := t.top; r != nil; r = r.outer {
		p.move(r, t.act)
	}
	p.forget(old)
	p.place(t)
	if waits {
		t.act.waiters.pushBack(&t.w)
	}
	if p.cur.thread == t {
		p.cur.act = t.act
	}
}

func (p *Policy) move(r *record, to *activity) {
	from := r.act
	r.act = to
	if !r.promised() {
		return
	}
	for k := r.books; k != none; k = p.pool.all[k].also {
		if p.g.nodes[p.pool.all[k].node].owner == from {
			total := r.total
			p.unbookAll(r)
			if p.fill(p.g, r, total) > 0 {
				p.lapse(r)
			}
			return
		}
	}
}

// Yield has a runnable entity give up what is left of its turn.
func (p *Policy) Yield(e *sched.Entity, now machine.Time) {
	t := p.of(e)
	if t == nil || t.q.in == nil {
		return
	}
	p.settle(now)
	t.left = 0
	t.q.last()
	if p.cur.thread == t && p.cur.kind == spare {
		t.act.left = 0
		p.rotate(t.act)
	}
}
