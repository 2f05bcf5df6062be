// Package edf is the scheduling policy that runs whatever promise is due first:
// earliest deadline first, with a constant-bandwidth server for each reservation
// (Abeni and Buttazzo, "Integrating multimedia applications in hard real-time
// systems", RTSS 1998) and the processor-demand test for time constraints (Baruah,
// Rosier and Howell, "Algorithms and complexity concerning the preemptive
// scheduling of periodic, real-time tasks on one processor", 1990).
//
// It answers the same calls as the policy of package constraint, by other means,
// so that one can be judged against the other.
//
// # Reservations
//
// An activity with a reservation of Q every T has a server: a budget and a
// deadline. The server competes by its deadline while it has budget and a thread
// that can run. Once the budget is used up it waits for its deadline, gets Q again
// and a deadline T later; meanwhile its threads share spare time like all others.
// (The servers of the paper go on at once with the later deadline. Then one that is
// always busy takes the spare time of all, and pays later with a long silence.) A
// server that has been idle goes on with the old budget and deadline only if that
// budget is within its share of the time that is left, or else starts anew.
//
// So an activity that can always run gets Q in every period of its server, and Q in
// any window of 2T-Q; Rialto promises it in any window of T. The servers together
// have at most Config.Limit of the processor.
//
// # Constraints
//
// A constraint is accepted if, for every interval, what must be done within it fits:
// the rests of accepted constraints that start and end in it, and the most that
// servers can ask for in it. The rests are exact; a server counts with the budget
// and deadline it has, and from there on with its share. A constraint's time comes on
// top of its activity's reservation, never out of it: work that has a reservation
// which suffices needs no constraint beside it.
//
// An accepted constraint whose thread can run, or waits for a mutex whose owner can,
// and takes no more than the estimate, ends by its deadline whatever else goes on,
// unless a critical one of its own activity displaces it. A thread that has waited
// for something else gets what still fits, lest it break the promises of others. What
// is not accepted, is used up or is late runs within its activity's reservation, before
// the other threads there, and in spare time.
//
// # Nesting
//
// An inner constraint ends with the nearest accepted outer one at the latest, takes
// its time first from outer ones and gives back what it did not use. The innermost
// constraint with time left drives the thread: if an inner one is refused or used up,
// the outer one goes on, so the outer promise stands.
//
// # Cost
//
// Pick, Charge, Yield and the calls that change one entity take a logarithm of the
// number of servers and constraints; Ready and Block of the owner of a mutex also a
// step for each who waits for it. Begin, and Ready of a thread within a constraint,
// look at all accepted constraints and busy servers. Add and Reserve may allocate, nothing else does.
package edf

import (
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

// Limits.
const (
	// MaxPeriod is the longest period of a server; reservations with a longer one
	// are scaled down.
	MaxPeriod = machine.Second
	// MinPeriod is the shortest. Below, Reserve returns com.ErrInvalid.
	MinPeriod = 100 * machine.Microsecond
	// MinAmount is the least amount of a server; less is raised to it.
	MinAmount = 10 * machine.Microsecond
	// MaxNested is how deep the constraints of a thread nest.
	MaxNested = 8
	// Horizon is how far ahead the deadline of an accepted constraint may lie.
	Horizon = 3600 * machine.Second
)

// Config are the parameters of a policy.
type Config struct {
	// Limit is the part of the processor that reservations may have together, in
	// thousandths: 850 if it is 0, at most 1000.
	Limit int
	// Quantum is for how long a thread runs while others wait that have no better
	// claim: sched.Quantum if it is 0 or less.
	Quantum machine.Duration
	// Blocking is how long a thread may run on when another's promise has become
	// more urgent: the longest stretch without a checkpoint, and the switch. The
	// admission of constraints allows for it, once in every interval; what a server
	// overruns by is taken from its next budget. In virtual time it can be 0.
	Blocking machine.Duration
	// Constraints is how many accepted constraints there may be at a time: 64 if
	// it is 0 or less. It bounds what Begin costs: where many that have yet to begin leave
	// little room, that grows with its square.
	Constraints int
}

// Policy is earliest deadline first with constant-bandwidth servers.
type Policy struct {
	cfg     Config
	tasks   []*task
	servers []*server
	of      map[*sched.Activity]*server
	share   uint64 // of all servers, see server.share

	due      heap          // promises that can be kept now, by deadline
	timers   heap          // used-up servers and constraints that have not begun, by time
	accepted []*constraint // by deadline
	begun    int           // constraints in force, accepted or not
	seq      uint64

	turn, woken ring // threads by their turn for spare time; those back before theirs was over

	running struct {
		task  *task  // whom Pick chose
		entry *entry // on whose promise, nil for spare time
		on    *task  // whose promise or turn it is, if not task's own
	}
	scratch []demand
}

// New returns the policy.
func New(cfg Config) *Policy {
	if cfg.Limit <= 0 {
		cfg.Limit = 850
	}
	cfg.Limit = min(cfg.Limit, 1000)
	if cfg.Quantum <= 0 {
		cfg.Quantum = sched.Quantum
	}
	cfg.Blocking = min(max(cfg.Blocking, 0), machine.Second)
	if cfg.Constraints <= 0 {
		cfg.Constraints = 64
	}
	p := &Policy{cfg: cfg, of: map[*sched.Activity]*server{}}
	p.accepted = make([]*constraint, 0, cfg.Constraints)
	p.turn.link, p.woken.link = spare, spare
	return p
}

// Name returns "edf".
func (p *Policy) Name() string { return "edf" }

// Promises returns how many reservations and constraints there are, those that
// were refused and have yet to be ended included.
func (p *Policy) Promises() int { return len(p.servers) + p.begun }

// task is the policy's record of an entity.
type task struct {
	ent   *sched.Entity
	index int // in Policy.tasks

	runnable bool
	able     bool // it can run, or whoever it waits for can
	lapsed   bool // a constraint of it did
	server   *server
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

func (p *Policy) task(e *sched.Entity) *task {
	t, _ := e.Policy.(*task)
	if t == nil || t.index >= len(p.tasks) || p.tasks[t.index] != t {
		return nil
	}
	return t
}

// Add takes in a blocked entity. The error is com.ErrInvalid if it is in already.
func (p *Policy) Add(e *sched.Entity, now machine.Time) error {
	if p.task(e) != nil {
		return com.Errorf(com.ErrInvalid, "scheduler: entity added twice")
	}
	t := &task{ent: e, index: len(p.tasks), server: p.of[e.Activity], since: now, sleep: true}
	for i := range t.stack {
		t.stack[i].task = t
		t.stack[i].constraint = &t.stack[i]
	}
	p.tasks = append(p.tasks, t)
	p.room()
	e.Policy = t
	return nil
}

// room makes room in the heaps for all that may be in them.
func (p *Policy) room() {
	p.due.room(len(p.tasks) + len(p.servers))
	p.timers.room(len(p.tasks)*MaxNested + len(p.servers))
}

// Remove drops an entity with its constraints. The reservation of its activity
// stays, even if this was the last entity of it.
func (p *Policy) Remove(e *sched.Entity, now machine.Time) {
	t := p.task(e)
	if t == nil {
		return
	}
	for t.depth > 0 {
		p.pop(t, now)
	}
	t.runnable = false
	t.held = 1 // whatever happens it does not come back
	p.wait(t, nil)
	p.settle(t, now)
	for t.waiters != nil {
		w := t.waiters
		p.wait(w, nil)
		p.settle(w, now)
	}
	if p.running.task == t || p.running.on == t {
		p.running.task, p.running.entry, p.running.on = nil, nil, nil
	}
	last := len(p.tasks) - 1
	p.tasks[t.index] = p.tasks[last]
	p.tasks[t.index].index = t.index
	p.tasks[last] = nil
	p.tasks = p.tasks[:last]
	e.Policy = nil
}

// Ready makes a blocked entity runnable. Delayed constraints of it begin.
func (p *Policy) Ready(e *sched.Entity, now machine.Time) (preempt bool) {
	t := p.task(e)
	if t == nil || t.runnable {
		return false
	}
	t.wake(now)
	t.runnable = true
	p.wait(t, nil)
	p.resolve(t, now)
	p.settle(t, now)
	if p.running.task == nil {
		return false
	}
	n, _, _ := p.first()
	return n != p.running.task
}

func (t *task) wake(now machine.Time) {
	if t.sleep {
		t.slept += max(now.Sub(t.since), 0)
		t.sleep = false
	}
}

// Block makes a runnable entity blocked. If it waits for a mutex its promises go to
// the one who can run at the end of the chain of owners.
func (p *Policy) Block(e *sched.Entity, now machine.Time) {
	t := p.task(e)
	if t == nil || !t.runnable {
		return
	}
	t.runnable = false
	p.wait(t, e.Waits)
	if e.Waits == nil {
		t.sleep, t.since = true, now
	}
	p.settle(t, now)
	if p.running.task == t {
		p.running.task, p.running.entry, p.running.on = nil, nil, nil
	}
}

// Inherit follows a blocked entity's Waits.
func (p *Policy) Inherit(e *sched.Entity, now machine.Time) {
	if t := p.task(e); t != nil && !t.runnable {
		p.wait(t, e.Waits)
		p.settle(t, now)
	}
}

// Moved puts an entity under its new activity's reservation. Its constraints
// stay with it.
func (p *Policy) Moved(e *sched.Entity, _ *sched.Activity, now machine.Time) {
	t := p.task(e)
	if t == nil {
		return
	}
	if s := p.of[e.Activity]; s != t.server {
		p.leave(t, now)
		t.server = s
		p.settle(t, now)
	}
}

// Yield sends a runnable entity to the end of the queue for spare time and of that
// within its activity. It stays first as long as its promise is.
func (p *Policy) Yield(e *sched.Entity, _ machine.Time) {
	t := p.task(e)
	if t == nil || !t.runnable {
		return
	}
	if t.links[spare].in != nil {
		t.left = 0
		p.turn.last(t)
	}
	if r := t.links[own].in; r != nil {
		t.ownLeft = p.cfg.Quantum
		r.last(t)
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

var _ sched.Policy = (*Policy)(nil)
