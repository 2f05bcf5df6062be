package constraint

import (
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

const (
	// maxDepth is how many constraints of a thread may be within each other.
	maxDepth = 32
	// maxResidues is how many constraints of an activity that were ended early keep
	// what they had left for it.
	maxResidues = 8
)

// Begin asks for a constraint; see sched.Policy. A constraint whose estimate does
// not fit between now or its start and its deadline, or whose deadline has passed,
// is not schedulable. The errors are com.ErrInvalid for an estimate that is not
// positive and for negative times, and com.ErrQuota for more than 32 constraints
// within each other. For a delayed one the answer is what it would be if the
// entity became ready now; Promised tells after the wait.
func (p *Policy) Begin(e *sched.Entity, c sched.Constraint, now machine.Time) (schedulable bool, err error) {
	t := p.of(e)
	if t == nil {
		return false, com.Errorf(com.ErrInvalid, "constraint: the entity has not been added")
	}
	if err := check(c); err != nil {
		return false, err
	}
	if t.depth >= maxDepth {
		return false, com.Errorf(com.ErrQuota, "constraint: %d within each other", maxDepth)
	}
	p.settle(now)
	return p.begin(t, c), nil
}

func check(c sched.Constraint) error {
	if c.Estimate <= 0 || c.Start < 0 || c.Deadline < 0 {
		return com.Errorf(com.ErrInvalid, "constraint: estimate %v, start %v, deadline %v", c.Estimate, c.Start, c.Deadline)
	}
	return nil
}

func (p *Policy) begin(t *thread, c sched.Constraint) bool {
	r := p.newRecord()
	r.thread, r.act, r.outer = t, t.act, t.top
	t.depth++
	t.top, r.depth = r, t.depth
	r.ran, r.waited = t.ran, t.waited
	r.wish, r.estimate, r.critical = c, c.Estimate, c.Critical
	ok := p.resolve(r, !c.Delayed)
	if c.Delayed {
		p.undo(r)
		p.starts.drop(&r.begin)
		p.deadlines.drop(&r.due)
		r.delayed = true
		p.pending++
	} else {
		r.answered()
	}
	p.release(t)
	return ok
}

// resolve answers a constraint that counts from p.now on. Unless it is firm, it
// takes nothing from others.
func (p *Policy) resolve(r *record, firm bool) bool {
	c := r.wish
	r.start, r.deadline = c.Start, c.Deadline
	if c.Delayed {
		r.start, r.deadline = p.now.Add(machine.Duration(c.Start)), p.now.Add(machine.Duration(c.Deadline))
	}
	r.deadline = min(r.deadline, machine.Forever-1)
	if o := r.outerPromised(); o != nil {
		r.deadline = min(r.deadline, o.deadline)
	}
	ok := p.promise(r, firm)
	if r.start > p.now {
		p.starts.add(&r.begin, r.start)
		p.quiet = min(p.quiet, r.start)
		r.thread.held = true
	}
	return ok
}

// promise books what r needs, if it can.
func (p *Policy) promise(r *record, firm bool) bool {
	r.need, r.lent = r.estimate, 0
	from := max(r.start, p.now)
	if r.deadline <= from || r.estimate > r.deadline.Sub(from) {
		return false
	}
	// The allowances are not part of what the outer constraint counts on.
	need := p.want(r)
	need -= p.borrow(r, r.estimate)
	if need > 0 {
		need = p.fill(p.g, r, need)
	}
	if need > 0 && firm && r.act.residues > 0 {
		for _, x := range p.deadlines.heap {
			if x.rec.thread == nil && x.rec.act == r.act && !x.rec.owed {
				p.unbookAll(x.rec)
			}
		}
		need = p.fill(p.g, r, need)
		p.sweep()
	}
	if need > 0 && firm && r.critical {
		need = p.displace(r, need)
	}
	if need > 0 {
		p.undo(r)
		return false
	}
	p.deadlines.add(&r.due, r.deadline)
	p.quiet = min(p.quiet, r.deadline)
	if firm && r.lent > 0 {
		p.balance(r.outerPromised())
	}
	return true
}

// sweep drops residues that have nothing left.
func (p *Policy) sweep() {
	for i := 0; i < len(p.deadlines.heap); {
		if r := p.deadlines.heap[i].rec; r.thread == nil && r.total == 0 {
			p.lapse(r)
			i = 0
			continue
		}
		i++
	}
}

// borrow books for r time that the constraint around it has booked, at most limit.
// It returns how much.
func (p *Policy) borrow(r *record, limit machine.Duration) machine.Duration {
	from := max(r.start, p.now)
	o := r.outerPromised()
	if o == nil || o.start > from {
		return 0
	}
	for k := o.books; k != none && r.lent < limit; {
		b := &p.pool.all[k]
		node, following := b.node, b.also
		x := min(limit-r.lent, b.amount, o.need, p.avail(&p.g.nodes[node], from, r.deadline, o))
		if x > 0 {
			p.book(p.g, node, r, x)
			p.pool.all[r.books].lent = x
			p.take(k, x)
			o.need -= x
			r.lent += x
		}
		k = following
	}
	return r.lent
}

// undo takes back what was booked for r so far, as if it had not been tried.
func (p *Policy) undo(r *record) {
	if o := r.outerPromised(); o != nil {
		for k := r.books; k != none; k = p.pool.all[k].also {
			if b := p.pool.all[k]; b.lent > 0 {
				p.pool.all[k].amount -= b.lent
				r.total -= b.lent
				p.book(p.g, b.node, o, b.lent)
				o.need += b.lent
			}
		}
	}
	r.lent = 0
	p.unbookAll(r)
}

// take takes x from a booking.
func (p *Policy) take(k int32, x machine.Duration) {
	b := &p.pool.all[k]
	b.amount -= x
	b.rec.total -= x
	if b.amount == 0 {
		p.unbook(p.g, k)
	}
}

// giveBack ends what is booked for r. What it took from the constraints around it
// and has not used goes back to the next one.
func (p *Policy) giveBack(r *record) {
	if o := r.outerPromised(); o != nil {
		o.need += min(max(r.need, 0), r.lent)
		r.need, r.lent = 0, 0
		p.balance(r)
	}
	p.unbookAll(r)
}

// displace books for a critical constraint time that other constraints of the same
// activity, which are not critical, have booked: those with the latest deadlines
// first. They lose it. It returns what is missing, and then has changed nothing
// for others.
func (p *Policy) displace(r *record, need machine.Duration) machine.Duration {
	from := max(r.start, p.now)
	all := p.pool.all
	for tried := machine.Forever; need > 0; {
		// The next one by falling deadline; of equal ones, all.
		next := machine.Time(-1)
		for _, x := range p.deadlines.heap {
			if p.mayDisplace(r, x.rec) && x.rec.deadline < tried {
				next = max(next, x.rec.deadline)
			}
		}
		if next < 0 {
			break
		}
		tried = next
		for _, x := range p.deadlines.heap {
			v := x.rec
			if !p.mayDisplace(r, v) || v.deadline != tried {
				continue
			}
			for k := v.books; k != none && need > 0; k = all[k].also {
				n := &p.g.nodes[all[k].node]
				if n.count >= maxBooked {
					continue
				}
				was := all[k].amount
				all[k].amount = 0
				if x := min(need, p.avail(n, from, r.deadline, nil)); x > 0 {
					p.book(p.g, all[k].node, r, x)
					all = p.pool.all
					need -= x
				}
				all[k].amount = min(was, p.avail(n, max(v.start, p.now), v.deadline, nil))
				all[k].lost += was - all[k].amount
				v.total -= was - all[k].amount
			}
		}
	}
	if need > 0 {
		p.undo(r)
	}
	all = p.pool.all // what was lent is booked anew
	for i := 0; i < len(p.deadlines.heap); i++ {
		v := p.deadlines.heap[i].rec
		if !p.mayDisplace(r, v) {
			continue
		}
		lost := machine.Duration(0)
		for k := v.books; k != none; {
			b, following := &all[k], all[k].also
			if need > 0 {
				b.amount += b.lost
				v.total += b.lost
			} else {
				lost += b.lost
			}
			b.lost = 0
			if b.amount == 0 {
				p.unbook(p.g, k)
			}
			k = following
		}
		if v.need -= lost; lost > 0 && (v.total == 0 || p.spent(v)) {
			p.lapse(v)
			i = -1
		}
	}
	return need
}

// mayDisplace reports whether r, which is critical, may take from v. What is within
// a critical constraint has its time from there.
func (p *Policy) mayDisplace(r, v *record) bool {
	if v.act != r.act || v.thread == nil || v.thread == r.thread {
		return false
	}
	for ; v != nil; v = v.outer {
		if v.critical && v.promised() {
			return false
		}
	}
	return true
}

// End ends the innermost constraint. com.ErrInvalid if there is none.
func (p *Policy) End(e *sched.Entity, now machine.Time) (taken machine.Duration, err error) {
	t, err := p.inConstraint(e, now)
	if err != nil {
		return 0, err
	}
	return p.end1(t, true), nil
}

func (p *Policy) inConstraint(e *sched.Entity, now machine.Time) (*thread, error) {
	t := p.of(e)
	if t == nil || t.top == nil {
		return nil, com.Errorf(com.ErrInvalid, "constraint: end without begin")
	}
	p.settle(now)
	return t, nil
}

// end1 ends the innermost constraint of t. The time it took is what it ran and
// what it waited, but for mutexes.
func (p *Policy) end1(t *thread, leave bool) (taken machine.Duration) {
	r := t.top
	taken = t.ran - r.ran + t.waited - r.waited
	o := r.outerPromised()
	if r.promised() {
		switch {
		case o != nil:
			p.giveBack(r)
		case leave && r.start <= p.now && r.total >= p.cfg.MinSlice && r.need >= p.cfg.MinSlice && r.act.residues < maxResidues:
			t.top = r.outer
			t.depth--
			r.thread, r.outer = nil, nil
			r.act.residues++
			p.residues++
			p.release(t)
			return taken
		}
	}
	p.pop(t)
	if o != nil {
		p.exhaust(o)
	}
	p.release(t)
	return taken
}

// EndBegin is End and Begin in one step. What the first constraint has left is
// there for the second. With an error nothing has ended.
func (p *Policy) EndBegin(e *sched.Entity, c sched.Constraint, now machine.Time) (taken machine.Duration, schedulable bool, err error) {
	if err := check(c); err != nil {
		return 0, false, err
	}
	t, err := p.inConstraint(e, now)
	if err != nil {
		return 0, false, err
	}
	taken = p.end1(t, false)
	return taken, p.begin(t, c), nil
}

// Promised reports whether the innermost constraint of e is promised at the
// moment. One that is delayed, of an entity that runs, is resolved: its wait was
// over before it began.
func (p *Policy) Promised(e *sched.Entity, now machine.Time) bool {
	t := p.of(e)
	if t == nil {
		return false
	}
	p.settle(now)
	if r := t.top; r != nil && r.delayed && t.ready {
		p.arm(t)
		p.release(t)
	}
	return t.top != nil && t.top.promised()
}

// arm resolves the delayed constraint of a thread.
func (p *Policy) arm(t *thread) {
	r := t.top
	r.delayed = false
	p.pending--
	r.ran, r.waited = t.ran, t.waited
	p.resolve(r, true)
	r.answered()
}
