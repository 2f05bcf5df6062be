package constraint

import (
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

// thread is what the policy knows of an entity. What a switch touches comes first.
type thread struct {
	e     *sched.Entity
	p     *Policy
	act   *activity
	ready bool
	held  bool // waits for the start of a constraint
	top   *record
	left  machine.Duration
	ran   machine.Duration // on the processor
	q     link[thread]     // among the ready ones of its activity
	alone activity         // its own, if it runs on behalf of none

	depth   int
	w       link[thread]     // among those of its activity that wait for mutexes
	waited  machine.Duration // blocked, but not on mutexes
	blocked machine.Time     // when it began to wait
	locked  bool             // it waits for a mutex
}

// activity is what the policy knows of an activity.
type activity struct {
	urgent list[thread] // ready, with a constraint that is not promised (any more)
	run    list[thread] // ready
	left   machine.Duration
	rr     link[activity] // in the ring, or among those back with something left

	a       *sched.Activity
	threads int
	waiters list[thread]

	ledger   *ledger // nil for a thread's own
	grant    sched.Grant
	ask      ask
	since    machine.Time // when it asked for that
	nodes    int32        // first node
	tried    int32        // first node in a graph that is being tried
	rest     link[activity]
	idle     machine.Time     // since when it has had nobody ready
	missed   machine.Duration // of its slices, while it had nobody ready
	until    machine.Time     // when that is void
	residues int
}

// ledger is what is counted of an activity. It is apart from the rest, for threads
// hold an activity of their own, and the caches few threads.
type ledger struct {
	known   link[ledger]
	act     *activity
	account sched.Account
	tally   sched.Tally
}

// record is a constraint that has been begun, or what is left of one that was
// ended early, which belongs to the activity.
type record struct {
	thread *thread // nil for what is left
	act    *activity
	outer  *record // of the thread, or next free one
	depth  int

	start    machine.Time
	deadline machine.Time
	estimate machine.Duration
	need     machine.Duration // estimate less what was run
	lent     machine.Duration // what it took from outer ones
	critical bool
	owed     bool // to the activity, besides its slices
	delayed  bool // not resolved yet
	yes      bool // it was promised
	wish     sched.Constraint

	books int32
	total machine.Duration // of all bookings
	due   timed            // in deadlines while promised
	begin timed            // in starts while the start is to come

	ran, waited machine.Duration // of the thread, when it began
	old         int32            // books, while a new graph is tried
	oldTotal    machine.Duration
}

func (r *record) promised() bool { return r.due.index != 0 }

// grow makes room for one more thread, so that its constraints need no memory.
func (p *Policy) grow() {
	for range 4 {
		r := &record{books: none}
		r.due.rec, r.begin.rec = r, r
		r.outer, p.free = p.free, r
		p.made++
	}
	p.starts.room(p.made)
	p.deadlines.room(p.made)
	p.pool.room(8 + p.threads)
}

func (p *Policy) newRecord() *record {
	if p.free == nil {
		p.grow()
	}
	r := p.free
	p.free = r.outer
	r.outer = nil
	return r
}

// drop gives a record back with all that it has.
func (p *Policy) drop(r *record) {
	p.unbookAll(r)
	p.starts.drop(&r.begin)
	p.deadlines.drop(&r.due)
	if r.delayed {
		p.pending--
	}
	if r.thread == nil {
		r.act.residues--
		p.residues--
	}
	if p.cur.rec == r {
		p.cur.rec = nil
	}
	*r = record{books: none, outer: p.free}
	r.due.rec, r.begin.rec = r, r
	p.free = r
}

// lookup returns the policy's record of an activity, made if there is none.
func (p *Policy) lookup(a *sched.Activity) *activity {
	act := p.acts[a]
	if act == nil {
		act = &activity{}
		act.init(a)
		act.ledger = &ledger{act: act}
		act.ledger.known.of = act.ledger
		p.acts[a] = act
		p.known.pushBack(&act.ledger.known)
	}
	return act
}

func (act *activity) init(a *sched.Activity) {
	*act = activity{a: a, nodes: none, tried: none, since: -1}
	act.rr.of, act.rest.of = act, act
}

// forget drops what is kept of an activity that has nothing.
func (p *Policy) forget(act *activity) {
	if act.threads == 0 && act.ask.act == nil && act.residues == 0 && act.a != nil {
		act.rr.leave()
		act.rest.leave()
		act.ledger.known.leave()
		delete(p.acts, act.a)
	}
}

func (p *Policy) join(t *thread, a *sched.Activity) {
	if a == nil {
		t.act = &t.alone
	} else {
		t.act = p.lookup(a)
	}
	t.act.threads++
}

// of returns the policy's record of an entity, or nil.
func (p *Policy) of(e *sched.Entity) *thread {
	if t, ok := e.Policy.(*thread); ok && t.p == p && t.e == e {
		return t
	}
	return nil
}

// Add takes in a blocked entity.
func (p *Policy) Add(e *sched.Entity, now machine.Time) error {
	if p.of(e) != nil {
		return com.Errorf(com.ErrInvalid, "scheduler: entity added twice")
	}
	p.settle(now)
	t := &thread{e: e, p: p, blocked: p.now}
	t.q.of, t.w.of = t, t
	t.alone.init(nil)
	p.threads++
	p.grow()
	p.join(t, e.Activity)
	e.Policy = t
	return nil
}

// Remove drops an entity. Its constraints are void; what its activity has reserved
// stays.
func (p *Policy) Remove(e *sched.Entity, now machine.Time) {
	t := p.of(e)
	if t == nil {
		return
	}
	p.settle(now)
	for t.top != nil {
		p.pop(t)
	}
	t.ready = false
	p.place(t)
	t.w.leave()
	p.threads--
	t.act.threads--
	if p.cur.thread == t {
		p.cur = turn{kind: idle}
	}
	p.forget(t.act)
	e.Policy = nil
	t.p = nil
}

// pop takes the innermost constraint off a thread, with all it was promised.
func (p *Policy) pop(t *thread) {
	r := t.top
	t.top = r.outer
	t.depth--
	r.ended(p.now)
	p.drop(r)
}
