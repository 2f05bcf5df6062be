package edf

import (
	"slices"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

// constraint is one on the stack of a task.
type constraint struct {
	entry
	task     *task
	start    machine.Time
	deadline machine.Time // no later than those of accepted outer ones
	estimate machine.Duration
	rest     machine.Duration // what is left of the estimate and the grace, without what was lent
	kept     machine.Duration // scratch: rest before a trial
	base     machine.Duration // task.taken at the beginning

	lent [MaxNested]machine.Duration // by each outer one

	accepted bool // it is in Policy.accepted
	yes      bool // it was, to begin with
	begun    bool // its start has come
	lapsed   bool // since then the task was not able to run
	delayed  bool // it is resolved when the task wakes up
	critical bool
	marked   bool // scratch: it is to be displaced
}

// check says what is wrong with a constraint. Times too far ahead would stop the thread for
// good.
func check(c *sched.Constraint, now machine.Time) error {
	ahead := c.Start
	if !c.Delayed {
		ahead = machine.Time(c.Start.Sub(now))
	}
	switch {
	case c.Estimate < 0:
		return com.Errorf(com.ErrInvalid, "constraint: estimate %v", c.Estimate)
	case c.Deadline < c.Start:
		return com.Errorf(com.ErrInvalid, "constraint: deadline %v before start %v", c.Deadline, c.Start)
	case c.Delayed && c.Start < 0:
		return com.Errorf(com.ErrInvalid, "constraint: start %v after an instant to come", c.Start)
	case ahead > machine.Time(Horizon):
		return com.Errorf(com.ErrInvalid, "constraint: start %v is too far ahead", c.Start)
	}
	return nil
}

// Begin begins a constraint. It is not promised, but no error, if the estimate is longer than what
// is left of the window, if the deadline has passed or lies beyond Horizon, or if
// there are Config.Constraints already. Until a start in the future the entity is
// not picked, promised or not. A delayed constraint is not promised yet, so the answer
// is false; it is promised, if it fits, when the entity becomes ready. A critical one that does not
// fit takes the whole rest of others of its activity that are not, the latest
// deadline first, until it does, or else of none.
//
// The errors, all com.ErrInvalid, are an estimate below 0, a deadline before the
// start, a start more than Horizon ahead, more than MaxNested constraints, and an entity that is
// not in.
func (p *Policy) Begin(e *sched.Entity, c sched.Constraint, now machine.Time) (schedulable bool, err error) {
	t := p.task(e)
	if t == nil {
		return false, com.Errorf(com.ErrInvalid, "constraint: entity is not in")
	}
	if err := check(&c, now); err != nil {
		return false, err
	}
	if t.depth == MaxNested {
		return false, com.Errorf(com.ErrInvalid, "constraint: nested deeper than %d", MaxNested)
	}
	p.catchUp(now)
	schedulable = p.push(t, &c, now)
	p.settle(t, now)
	return schedulable, nil
}

// End ends the innermost constraint. The time taken is what the entity ran, on its
// own or another's promise, and what it waited for anything but mutexes of this
// processor.
func (p *Policy) End(e *sched.Entity, now machine.Time) (taken machine.Duration, err error) {
	t := p.task(e)
	if t == nil || t.depth == 0 {
		return 0, com.Errorf(com.ErrInvalid, "constraint: none to end")
	}
	taken = p.pop(t, now)
	p.settle(t, now)
	return taken, nil
}

// EndBegin ends the innermost constraint and begins another at the same instant. After an error
// nothing has changed: the innermost has yet to be ended.
func (p *Policy) EndBegin(e *sched.Entity, c sched.Constraint, now machine.Time) (taken machine.Duration, schedulable bool, err error) {
	t := p.task(e)
	if t == nil || t.depth == 0 {
		return 0, false, com.Errorf(com.ErrInvalid, "constraint: none to end")
	}
	if err := check(&c, now); err != nil {
		return 0, false, err
	}
	p.catchUp(now)
	taken = p.pop(t, now)
	schedulable = p.push(t, &c, now)
	p.settle(t, now)
	return taken, schedulable, nil
}

// Promised reports whether the innermost constraint of e is promised at the moment.
// Delayed ones of an entity that runs are resolved: their wait was over before it
// began.
func (p *Policy) Promised(e *sched.Entity, now machine.Time) bool {
	t := p.task(e)
	if t == nil || t.depth == 0 {
		return false
	}
	p.catchUp(now)
	if t.runnable {
		p.resolve(t, now)
		p.settle(t, now)
	}
	k := &t.stack[t.depth-1]
	return k.accepted && k.rest > 0
}

// taken is the time for which t did not wait for others.
func (t *task) taken(now machine.Time) machine.Duration {
	d := t.ran + t.slept
	if t.sleep {
		d += max(now.Sub(t.since), 0)
	}
	return d
}

// push begins a constraint of t, and reports whether it is accepted.
func (p *Policy) push(t *task, c *sched.Constraint, now machine.Time) bool {
	k := &t.stack[t.depth]
	t.depth++
	p.begun++
	*k = constraint{entry: entry{constraint: k}, task: t, critical: c.Critical, estimate: c.Estimate,
		start: c.Start, deadline: c.Deadline, delayed: c.Delayed, base: t.taken(now)}
	if !c.Delayed {
		p.enter(k, now)
		k.answered()
	}
	return k.accepted
}

// resolve begins the delayed constraints of a thread that wakes up.
func (p *Policy) resolve(t *task, now machine.Time) {
	for i := range t.depth {
		if k := &t.stack[i]; k.delayed {
			k.delayed = false
			k.start, k.deadline = now.Add(machine.Duration(k.start)), now.Add(machine.Duration(k.deadline))
			k.base = t.taken(now)
			p.enter(k, now)
			k.answered()
		}
	}
}

// enter admits a constraint, or does not, and has it begin.
func (p *Policy) enter(k *constraint, now machine.Time) {
	t := k.task
	for i := range t.depth {
		o := &t.stack[i]
		if o == k {
			break
		}
		if o.accepted {
			k.deadline = min(k.deadline, o.deadline)
		}
	}
	k.start = max(k.start, now)
	k.begun = k.start == now
	p.admit(k, now)
	if !k.begun {
		t.held++
		p.seq++
		p.timers.push(&k.entry, k.start, p.seq)
	}
}

// admit accepts a constraint if it can be promised.
func (p *Policy) admit(k *constraint, now machine.Time) {
	if k.estimate > k.deadline.Sub(k.start) || k.deadline.Sub(now) > Horizon || len(p.accepted) == p.cfg.Constraints {
		return
	}
	p.borrow(k)
	k.rest = k.estimate + p.cfg.Blocking
	at, _ := slices.BinarySearchFunc(p.accepted, k.deadline, func(c *constraint, d machine.Time) int {
		if c.deadline <= d {
			return -1
		}
		return 1
	})
	p.accepted = slices.Insert(p.accepted, at, k)
	k.accepted = true
	if p.feasible(k.start, k.deadline, now, false) || k.critical && p.displace(k, now) {
		return
	}
	p.giveBack(k)
	p.renounce(k)
}

// borrow takes what k needs from outer constraints, the nearest first.
func (p *Policy) borrow(k *constraint) {
	need := k.estimate
	outer := false
	for i := k.task.depth - 1; i >= 0; i-- {
		o := &k.task.stack[i]
		if outer && o.accepted && o.begun { // or what is given back would come to a later start
			k.lent[i] = min(need, o.rest)
			o.rest -= k.lent[i]
			need -= k.lent[i]
		}
		outer = outer || o == k
	}
}

// giveBack returns what is left of k to those that lent it, the nearest first. Their
// deadlines are no earlier, so it fits there too. Its grace was not lent.
func (p *Policy) giveBack(k *constraint) {
	k.rest = max(k.rest-p.cfg.Blocking, 0)
	for i := MaxNested - 1; i >= 0; i-- {
		x := min(k.lent[i], k.rest)
		k.lent[i] = 0
		k.rest -= x
		if o := &k.task.stack[i]; o.accepted {
			o.rest += x
		}
	}
	k.rest = 0
}

// renounce takes a constraint out of those that are accepted.
func (p *Policy) renounce(k *constraint) {
	if !k.accepted {
		return
	}
	k.accepted = false
	k.rest = 0
	i := slices.Index(p.accepted, k)
	last := len(p.accepted) - 1
	copy(p.accepted[i:], p.accepted[i+1:])
	p.accepted[last] = nil
	p.accepted = p.accepted[:last]
}

// guarded reports whether k is critical, or has its time from one that is.
func (k *constraint) guarded() bool {
	for i := range k.task.depth {
		o := &k.task.stack[i]
		if o.critical && (o == k || k.lent[i] > 0) {
			return true
		}
		if o == k {
			break
		}
	}
	return false
}

// displace takes time from other constraints of k's activity until k fits.
func (p *Policy) displace(k *constraint, now machine.Time) bool {
	a := k.task.ent.Activity
	if a == nil {
		return false
	}
	fits := false
	for i := len(p.accepted) - 1; i >= 0 && !fits; i-- {
		v := p.accepted[i]
		if v.task == k.task || v.task.ent.Activity != a || v.rest == 0 || v.guarded() {
			continue
		}
		v.kept, v.rest, v.marked = v.rest, 0, true
		fits = p.feasible(k.start, k.deadline, now, false)
	}
	for i := len(p.accepted) - 1; i >= 0; i-- {
		v := p.accepted[i]
		if !v.marked {
			continue
		}
		v.marked = false
		if !fits {
			v.rest = v.kept
			continue
		}
		p.renounce(v)
		p.settle(v.task, now)
	}
	return fits
}

// pop ends the innermost constraint of t.
func (p *Policy) pop(t *task, now machine.Time) machine.Duration {
	k := &t.stack[t.depth-1]
	taken := t.taken(now) - k.base
	k.ended(now)
	if k.accepted {
		p.giveBack(k)
		p.renounce(k)
	}
	if !k.begun && !k.delayed {
		p.timers.remove(&k.entry)
		t.held--
		taken = 0
	}
	if t.drives == k {
		p.due.remove(&k.entry)
		t.drives = nil
	}
	if p.running.entry == &k.entry {
		p.running.entry, p.running.on = nil, nil
	}
	t.depth--
	p.begun--
	return taken
}

// expire ends the promises whose deadlines have passed.
func (p *Policy) expire(now machine.Time) {
	for len(p.accepted) > 0 && p.accepted[0].deadline <= now {
		k := p.accepted[0]
		p.giveBack(k)
		p.renounce(k)
		p.settle(k.task, now)
	}
}

// start begins a constraint whose time has come.
func (p *Policy) start(k *constraint, now machine.Time) {
	p.timers.remove(&k.entry)
	k.begun = true
	k.task.held--
	k.base = k.task.taken(now)
	p.settle(k.task, now)
}

// lapse notes which constraints of t go on without it.
func (t *task) lapse() {
	for i := range t.depth {
		if k := &t.stack[i]; k.accepted && k.begun {
			k.lapsed, t.lapsed = true, true
		}
	}
}

// readmit promises a thread that was not able to run for a while what still fits of
// the constraints that have lapsed.
func (p *Policy) readmit(t *task, now machine.Time) {
	first := machine.Forever
	for i := range t.depth {
		k := &t.stack[i]
		if !k.lapsed {
			continue
		}
		if k.deadline <= now {
			k.lapsed = false
			if k.accepted {
				p.giveBack(k)
				p.renounce(k)
			}
			continue
		}
		k.kept = k.rest
		first = min(first, k.deadline)
	}
	fits := first == machine.Forever || p.feasible(now, first, now, true)
	for i := range t.depth {
		if k := &t.stack[i]; fits {
			k.lapsed = false
		} else if k.lapsed {
			k.rest = 0
		}
	}
	for i := t.depth - 1; i >= 0; i-- {
		k := &t.stack[i]
		if !k.lapsed || !k.accepted || k.kept == 0 {
			k.lapsed = false
			continue
		}
		k.lapsed = false
		lo, hi := machine.Duration(0), k.kept+1 // lo fits, hi does not
		for hi-lo > 1 {
			k.rest = lo + (hi-lo)/2
			if p.feasible(now, k.deadline, now, true) {
				lo = k.rest
			} else {
				hi = k.rest
			}
		}
		if k.rest = lo; lo == 0 {
			p.renounce(k)
		}
	}
}
