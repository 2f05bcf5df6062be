package constraint

import (
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

const (
	// maxChain is how many mutexes a chain may go over.
	maxChain = 64
	// maxWaiters is how many threads of an activity that wait for mutexes are
	// looked at when it has nobody ready in a slice of its own.
	maxWaiters = 8
)

// Pick decides. In a slice of the timetable the booking with the earliest deadline
// comes first, then whose slice it is, then who missed a slice, then everybody by
// turns.
func (p *Policy) Pick(now machine.Time) (*sched.Entity, machine.Time) {
	p.settle(now)
	until := p.quiet
	n := &p.g.nodes[p.node]
	all := p.pool.all
	for b := n.books; b != none; b = all[b].next {
		p.steps++
		r := all[b].rec
		if r.start > p.now {
			continue
		}
		t := p.runner(r)
		if t == nil {
			continue
		}
		useful := p.nodeFrom + machine.Time(n.slice-n.useful)
		until = min(until, max(p.now, useful).Add(all[b].amount))
		if !p.spent(r) {
			until = min(until, p.now.Add(r.need+p.cfg.Allowance))
		}
		return p.give(turn{t, r.act, r, booked}, until)
	}
	if act := n.owner; act != nil {
		p.steps++
		t := act.pick()
		if t == nil {
			t = p.heir(act)
		}
		if t != nil {
			return p.give(turn{t, act, nil, own}, until)
		}
	}
	for act := p.standby.first(); act != nil; act = p.standby.first() {
		p.steps++
		if act.missed > 0 && p.now < act.until {
			return p.give(turn{act.pick(), act, nil, missed}, min(until, p.now.Add(act.missed), act.until))
		}
		act.rest.leave()
	}
	act := p.woken.first()
	if act == nil {
		act = p.ring.first()
	}
	p.steps++
	if act == nil {
		p.cur = turn{kind: idle}
		return nil, p.starts.first()
	}
	if act.left <= 0 {
		act.left = max(act.left+p.cfg.Quantum, p.cfg.Quantum/8, 1)
	}
	p.warm(act)
	return p.give(turn{act.pick(), act, nil, spare}, min(until, p.now.Add(act.left)))
}

// warm touches what the decision after this one will look at, so that with more
// threads than the caches hold it arrives while the processor switches.
func (p *Policy) warm(act *activity) {
	if l := act.rr.next.of.run.head; l != nil {
		p.touched = l.of.left ^ machine.Duration(l.of.e.Priority)
	}
}

// give makes a decision the current one. Threads of one activity take turns too.
func (p *Policy) give(c turn, until machine.Time) (*sched.Entity, machine.Time) {
	t := c.thread
	if t.left <= 0 {
		t.left = max(t.left+p.cfg.Quantum, p.cfg.Quantum/8, 1)
	}
	if c.kind != booked && t.act == c.act && t.q.next != &t.q {
		until = min(until, p.now.Add(t.left))
	}
	p.cur = c
	return t.e, until
}

// runner returns who is to run for a constraint: its thread, or at the end of the
// chain of mutexes the one that the thread waits for, or any thread of the
// activity for what a constraint has left over. It returns nil if that cannot run.
func (p *Policy) runner(r *record) *thread {
	if r.thread == nil {
		return r.act.pick()
	}
	return p.end(r.thread)
}

// end follows a chain of mutexes from t on.
func (p *Policy) end(t *thread) *thread {
	for range maxChain {
		if t.ready {
			if t.held {
				return nil
			}
			return t
		}
		w := t.e.Waits
		if w == nil {
			return nil
		}
		if t = p.of(w); t == nil {
			return nil
		}
		p.steps++
	}
	return nil
}

// heir returns who is to run in a slice of an activity whose threads all wait: one
// that some of them waits for.
func (p *Policy) heir(act *activity) *thread {
	l := act.waiters.head
	for range maxWaiters {
		if l == nil {
			break
		}
		if t := p.end(l.of); t != nil {
			return t
		}
		if l = l.next; l == act.waiters.head {
			break
		}
	}
	return nil
}
