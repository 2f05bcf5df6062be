package edf

import (
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

// task is the policy's record of an entity.
type task struct {
	ent   *sched.Entity
	index int // in Policy.tasks

	runnable bool
	able     bool // it can run, or whoever it waits for can
	lapsed   bool // a constraint of it did
	server   *server
	group    *group  // of its activity, nil without one
	links    [2]link // by spare and own

	left    machine.Duration // of its quantum of spare time
	ownLeft machine.Duration // of its quantum within its server

	waitsOn      *task // owner of the mutex it waits for
	waiters      *task // first of those that wait for it
	wnext, wprev *task

	stack  [MaxNested]constraint
	depth  int
	held   int         // constraints that have not begun
	drives *constraint // whose entry is in Policy.due

	ran   machine.Duration // time it had the processor
	slept machine.Duration // time it waited for other things than mutexes
	since machine.Time     // since when it does
	sleep bool             // it does
}

func (t *task) wake(now machine.Time) {
	if t.sleep {
		t.slept += max(now.Sub(t.since), 0)
		t.sleep = false
	}
}

// wait has t wait for the owner of a mutex, or for none.
func (p *Policy) wait(t *task, owner *sched.Entity) {
	if o := t.waitsOn; o != nil {
		if t.wprev != nil {
			t.wprev.wnext = t.wnext
		} else {
			o.waiters = t.wnext
		}
		if t.wnext != nil {
			t.wnext.wprev = t.wprev
		}
		t.waitsOn, t.wnext, t.wprev = nil, nil, nil
	}
	if owner == nil {
		return
	}
	o := p.task(owner)
	for x := o; x != nil; x = x.waitsOn {
		if x == t {
			return // a deadlock helps nobody
		}
	}
	if o != nil {
		t.waitsOn, t.wnext = o, o.waiters
		if o.waiters != nil {
			o.waiters.wprev = t
		}
		o.waiters = t
	}
}

// end is who runs on t's promises: t, or the one it waits for in the end. t is able.
func (t *task) end() *task {
	for !t.runnable {
		t = t.waitsOn
	}
	return t
}

// settle brings t, and those who wait for it, into the queues where they belong.
func (p *Policy) settle(t *task, now machine.Time) {
	was := t.able
	t.able = t.held == 0 && (t.runnable || t.waitsOn != nil && t.waitsOn.able)
	switch {
	case !t.able && t.depth > 0:
		t.lapse()
	case t.lapsed:
		t.lapsed = false
		p.readmit(t, now)
	}
	if turn := t.runnable && t.held == 0; turn != (t.links[spare].in != nil) {
		switch {
		case !turn:
			t.links[spare].in.remove(t)
		case t.left > 0:
			p.woken.push(t)
		default:
			p.turn.push(t)
		}
	}
	p.drive(t)
	p.join(t, now)
	if was != t.able {
		for w := t.waiters; w != nil; w = w.wnext {
			p.settle(w, now)
		}
	}
}

// drive puts the innermost constraint of t with time left where it is looked for.
func (p *Policy) drive(t *task) {
	c := t.driver()
	if !t.able {
		c = nil
	}
	if c == t.drives {
		return
	}
	if t.drives != nil {
		p.due.remove(&t.drives.entry)
	}
	t.drives = c
	if c != nil {
		p.seq++
		p.due.push(&c.entry, c.deadline, p.seq)
	}
}

// driver returns the innermost accepted constraint that has begun and has time
// left. A delayed one may turn out to be due before inner ones, and then goes first.
func (t *task) driver() (first *constraint) {
	for i := t.depth - 1; i >= 0; i-- {
		c := &t.stack[i]
		if c.accepted && c.begun && c.rest > 0 && (first == nil || c.deadline < first.deadline) {
			first = c
		}
	}
	return first
}

// urgent reports whether t is within a constraint and has no promise left.
func (t *task) urgent() bool {
	for i := range t.depth {
		if !t.stack[i].delayed {
			return t.driver() == nil
		}
	}
	return false
}
