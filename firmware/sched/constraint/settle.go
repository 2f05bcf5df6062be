package constraint

import (
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

// settle brings the timetable up to now: bookings are used up in the order of
// their deadlines, whoever really ran, constraints begin and expire.
func (p *Policy) settle(now machine.Time) {
	switch {
	case now <= p.now:
	case now < p.quiet && p.pool.used == 0:
		p.now = now
	default:
		p.advance(now)
	}
}

func (p *Policy) advance(now machine.Time) {
	for p.now < now {
		to := min(now, p.starts.first(), p.deadlines.first())
		if to > p.now {
			if p.pool.used == 0 {
				p.now = to
				p.seek(to)
			} else {
				p.consume(to)
			}
		}
		p.happen()
	}
	p.quiet = min(p.nodeEnd, p.starts.first(), p.deadlines.first())
}

// consume lets the time pass until something changes, or to.
func (p *Policy) consume(to machine.Time) {
	n := &p.g.nodes[p.node]
	to = min(to, p.nodeEnd)
	from := p.now
	all := p.pool.all
	for b := n.books; b != none; b = all[b].next {
		r := all[b].rec
		if r.start > from {
			continue
		}
		useful := p.nodeFrom + machine.Time(n.slice-n.useful)
		if from < useful {
			to = min(to, useful)
			break
		}
		d := min(machine.Duration(to-from), all[b].amount)
		to = from + machine.Time(d)
		all[b].amount -= d
		r.total -= d
		if all[b].amount == 0 {
			p.unbook(p.g, b)
			p.exhaust(r)
		}
		break
	}
	p.now = to
	p.seek(to)
}

// happen does what is due at p.now.
func (p *Policy) happen() {
	for p.deadlines.first() <= p.now {
		p.lapse(p.deadlines.heap[0].rec)
	}
	for p.starts.first() <= p.now {
		r := p.starts.heap[0].rec
		p.starts.drop(&r.begin)
		if t := r.thread; t != nil {
			r.ran, r.waited = t.ran, t.waited
			p.release(t)
		}
	}
}

// lapse ends what was promised to r: it has been used up, or the deadline has
// come. The constraint is unfinished from then on.
func (p *Policy) lapse(r *record) {
	p.unbookAll(r)
	p.deadlines.drop(&r.due)
	if r.thread == nil {
		act := r.act
		p.drop(r)
		p.forget(act)
		return
	}
	if r.thread.top == r {
		p.place(r.thread)
	}
	if o := r.outerPromised(); o != nil {
		p.exhaust(o)
	}
}

// exhaust has r lapse if nothing is booked for it any more, nor for a constraint
// within it, of which it may get what is over.
func (p *Policy) exhaust(r *record) {
	if r.total > 0 {
		return
	}
	if t := r.thread; t != nil {
		for i := t.top; i != r; i = i.outer {
			if i.promised() {
				return
			}
		}
	}
	p.lapse(r)
}

// release lets a thread go on that waited for a start, unless it still has to.
func (p *Policy) release(t *thread) {
	t.held = false
	for r := t.top; r != nil; r = r.outer {
		if r.begin.index != 0 {
			t.held = true
		}
	}
	p.place(t)
}

// Charge takes what e has run from what it needs.
func (p *Policy) Charge(e *sched.Entity, used machine.Duration, now machine.Time) {
	t := p.of(e)
	if t == nil || used <= 0 {
		return
	}
	inner, cur := t.innermost(), &p.cur // as they were while it ran
	rec := cur.rec
	if cur.thread != t || rec != nil && (rec.thread == nil || rec.thread == t) {
		rec = nil
	}
	p.settle(now)
	t.ran += used
	if len(p.reserved) > 0 {
		p.tallied(t, used, now)
	}
	if inner != nil {
		p.progress(inner, used)
	}
	if rec != nil {
		p.progress(rec, used) // t ran in its place
	}
	if cur.thread != t {
		return
	}
	switch cur.kind {
	case missed:
		cur.act.missed -= used
	case spare:
		if cur.act.left -= used; cur.act.left <= 0 {
			p.rotate(cur.act)
		}
	}
	if t.left -= used; t.left <= 0 && t.q.in != nil {
		t.q.last()
	}
}

// progress takes d from what r needs, and from its bookings what it no longer
// needs. What an inner constraint no longer needs goes to the outer one.
func (p *Policy) progress(r *record, d machine.Duration) {
	r.need -= d
	if !r.promised() {
		return
	}
	p.balance(r)
	if p.spent(r) {
		p.lapse(r)
	}
}

// spent reports whether r has used up its estimate, and the allowance in which a
// thread that has done its work comes to say so.
func (p *Policy) spent(r *record) bool { return r.need <= -p.cfg.Allowance }

// innermost returns the innermost constraint of t that is promised.
func (t *thread) innermost() *record {
	r := t.top
	for r != nil && !r.promised() {
		r = r.outer
	}
	return r
}

func (r *record) outerPromised() *record {
	for o := r.outer; o != nil && r.thread != nil; o = o.outer {
		if o.promised() {
			return o
		}
	}
	return nil
}

// want is how much should be booked for r.
func (p *Policy) want(r *record) machine.Duration {
	if p.spent(r) {
		return 0
	}
	return r.need + 2*p.cfg.Allowance
}

// balance passes on what is booked for r beyond what it needs: to the nearest of
// the constraints around it that lacks some, or else to everybody.
func (p *Policy) balance(r *record) {
	for r.books != none {
		excess := r.total - p.want(r)
		if excess <= 0 {
			return
		}
		o := r.outerPromised()
		for o != nil && o.total >= p.want(o) {
			o = o.outerPromised()
		}
		k := r.books
		x := min(excess, p.pool.all[k].amount)
		if o != nil {
			x = min(x, p.want(o)-o.total)
			p.book(p.g, p.pool.all[k].node, o, x)
		}
		p.take(k, x)
	}
}
