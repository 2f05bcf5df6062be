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
// any window of 2T-Q; Rialto promises it in any window of T. A window of T may hold
// nothing: where the budget was used up at the beginning of one period and comes at
// the end of the next, which is as early as earliest deadline first has to give it.
// The servers together have at most Config.Limit of the processor.
//
// # Constraints
//
// A constraint is accepted if, for every interval, what must be done within it fits:
// the rests of accepted constraints that start and end in it, and the most that
// servers can ask for in it. The rests are exact; a server counts with the budget
// and deadline it has, and from there on with its share. A constraint's time comes on
// top of its activity's reservation, never out of it, so where both are asked for more
// is refused than under Rialto, whose bookings begin with the activity's own slices. The
// reason is that a server's budget is its activity's as a whole, and comes at any time
// until the server's deadline: which of its threads will have used it up before a
// constraint's deadline is not known when that is asked for. Work that has a
// reservation which suffices needs no constraint beside it.
//
// An accepted constraint whose thread can run, or waits for a mutex whose owner can,
// and takes no more than the estimate, ends by its deadline whatever else goes on,
// unless a critical one of its own activity displaces it. A thread that has waited
// for something else gets what still fits, lest it break the promises of others. What
// is not accepted, is used up or is late runs within its activity's reservation, before
// the other threads there, and in spare time. What is promised is the estimate with
// Config.Blocking on top: a thread that has done exactly what it said still has to come
// to say so, and would wait behind everybody else if it had nothing left.
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
//
// # Tests
//
// Random operations are checked against the promises after each. The environment
// variable MMLITE_OPERATIONS sets how many TestPromisesHold does; ten million take
// half a minute:
//
//	MMLITE_OPERATIONS=10000000 go test -v -run 'TestPromisesHold$' ./firmware/sched/edf
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
	// admission of constraints allows for it, once in every interval, and adds it to
	// each estimate; what a server overruns by is taken from its next budget, and at
	// most all of that. In virtual time it can be 0.
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
	groups  map[*sched.Activity]*group
	known   []*group // in the order in which they came
	share   uint64   // of all servers, see server.share

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
	p := &Policy{cfg: cfg, of: map[*sched.Activity]*server{}, groups: map[*sched.Activity]*group{}}
	p.accepted = make([]*constraint, 0, cfg.Constraints)
	p.turn.link, p.woken.link = spare, spare
	return p
}

// Name returns "edf".
func (p *Policy) Name() string { return "edf" }

// Promises returns how many reservations and constraints there are, those that
// were refused and have yet to be ended included.
func (p *Policy) Promises() int { return len(p.servers) + p.begun }

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
	t := &task{ent: e, index: len(p.tasks), server: p.of[e.Activity], group: p.enlist(e.Activity), since: now, sleep: true}
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
	p.dismiss(t.group)
	e.Policy = nil
}

// Ready makes a blocked entity runnable. Delayed constraints of it begin.
func (p *Policy) Ready(e *sched.Entity, now machine.Time) (preempt bool) {
	t := p.task(e)
	if t == nil || t.runnable {
		return false
	}
	if t.depth > 0 {
		p.catchUp(now)
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
	if g := t.group; g == nil && e.Activity != nil || g != nil && g.Activity != e.Activity {
		t.group = p.enlist(e.Activity)
		p.dismiss(g)
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

var (
	_ sched.Policy     = (*Policy)(nil)
	_ sched.Promiser   = (*Policy)(nil)
	_ sched.Accountant = (*Policy)(nil)
	_ sched.Explainer  = (*Policy)(nil)
)
