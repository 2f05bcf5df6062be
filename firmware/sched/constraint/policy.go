// Package constraint is the real-time policy: processor reservations and time
// constraints as in Rialto (Jones, Rosu and Rosu, "CPU Reservations and Time
// Constraints", SOSP 1997), which was MMLite's real-time scheduler (Helander and
// Forin 1998, section 3).
//
// An activity may reserve an amount of every period. All reservations together
// are laid out in a graph, a timetable that repeats itself: a chain of slices in
// which a branch is taken one way and the other by turns, so that what is behind
// a branch comes half as often. Which slice it is follows from the time alone,
// hence deciding costs the same however many threads there are. Slices that are
// not reserved are free.
//
// A thread may ask, for a piece of its code, for an estimate of processor time
// between a start and a deadline. It is promised if it can be booked in the
// slices of the thread's own activity and in free ones. A booking is an amount of
// one node's time between start and deadline; bookings of one node are together
// feasible if for every interval between a start and a deadline those that lie
// within do not exceed the time that the node has there. Earliest deadline first
// among them then keeps them all. So a promise takes time from nobody who was
// promised any.
//
// # What is promised
//
// A reservation of X every Y: in any window of length Y, wherever it begins, the
// activity runs for at least X if it can run all the time, also over changes of
// other reservations. A constraint that was answered with true: a thread that can
// run all the time (or waits for a mutex whose owner can) and needs no more than
// the estimate ends by the deadline, unless a critical constraint of its own
// activity displaces it. Both hold as long as threads give way no later than
// Config.Allowance after the policy says.
//
// A thread that blocks uses up what it was promised for that time, as if it ran;
// nobody else's promise is touched. What is promised and not used goes to the
// rest of the activity, then to activities that were blocked during a slice of
// theirs, then round robin to all.
//
// # Accounts
//
// The policy follows two kinds of time. Bookings are used up by the timetable as
// the clock goes on, whoever really runs; so they stay feasible whatever threads
// do. What a thread needs is used up by what it really runs.
//
// # Tests
//
// Random operations are checked against the promises after each. The environment
// variable MMLITE_OPERATIONS sets how many TestPromisesHold does; ten million take
// a minute:
//
//	MMLITE_OPERATIONS=10000000 go test -v -run 'TestPromisesHold$' ./firmware/sched/constraint
package constraint

import (
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

// Config is what a policy is made with. Fields that are 0 mean the default.
type Config struct {
	// Quantum is for how long an activity runs in its turn of spare time:
	// sched.Quantum.
	Quantum machine.Duration
	// Allowance is how late threads may give way: 70 microseconds, of which 50 are
	// the time between checkpoints that components promise. It is added to each
	// slice and twice to each estimate. Negative means none.
	Allowance machine.Duration
	// MinSlice is the smallest slice that is reserved: 100 microseconds.
	MinSlice machine.Duration
	// MinPeriod is the shortest period a reservation may have: a millisecond.
	MinPeriod machine.Duration
	// MaxPeriod is the longest one, to which longer ones are cut: a second.
	MaxPeriod machine.Duration
	// Limit is how many thousandths of the processor may be reserved: 850.
	// Constraints may use the rest.
	Limit int
}

func (c *Config) complete() {
	set := func(d *machine.Duration, to machine.Duration) {
		if *d == 0 {
			*d = to
		}
		*d = min(max(*d, 0), machine.Second*3600)
	}
	set(&c.Quantum, sched.Quantum)
	set(&c.Allowance, 70*machine.Microsecond)
	set(&c.MinSlice, 100*machine.Microsecond)
	set(&c.MinPeriod, machine.Millisecond)
	set(&c.MaxPeriod, machine.Second)
	c.Quantum, c.MinSlice = max(c.Quantum, 1), max(c.MinSlice, 1)
	c.MinPeriod = max(c.MinPeriod, 2)
	c.MaxPeriod = max(c.MaxPeriod, c.MinPeriod)
	if c.Limit == 0 {
		c.Limit = 850
	}
	c.Limit = min(max(c.Limit, 1), 1000)
}

// Policy is the constraint scheduler. It is made by New.
type Policy struct {
	cfg Config
	now machine.Time // up to when bookings are accounted for
	// Nothing happens before quiet but that bookings are used up.
	quiet machine.Time

	g        *graph
	node     int32 // the graph's current node, with the pass and times it is in
	pass     int64
	nodeFrom machine.Time
	nodeEnd  machine.Time

	pool bookings

	threads  int
	acts     map[*sched.Activity]*activity
	known    list[ledger] // of all of them, in the order in which they came
	reserved []*activity  // those with a reservation, in the order of asking
	ring     list[activity]
	woken    list[activity]
	standby  list[activity]

	starts    times // records that threads wait to begin
	deadlines times // records that are promised
	free      *record
	made      int // records
	pending   int // delayed constraints that are not resolved yet
	residues  int // records that belong to activities

	cur     turn
	touched machine.Duration // see warm
	steps   uint64           // of decisions, for measurements
}

// turn is what the last Pick decided.
type turn struct {
	thread *thread
	act    *activity // in whose turn, for own, standby and spare
	rec    *record   // on whose booking
	kind   kind
}

// kind is by what right a thread runs, the strongest first.
type kind uint8

const (
	booked kind = iota
	own
	missed
	spare
	idle
)

// New returns the policy.
func New(cfg Config) *Policy {
	cfg.complete()
	p := &Policy{cfg: cfg, acts: map[*sched.Activity]*activity{}}
	p.pool.head = none
	p.cur.kind = idle
	p.grow()
	p.install(p.layout(p.cfg.MaxPeriod, nil, 0))
	return p
}

// Name returns "constraint".
func (p *Policy) Name() string { return "constraint" }

// Promises returns how many reservations, and constraints that are promised or
// prepared, there are.
func (p *Policy) Promises() int {
	return len(p.reserved) + len(p.deadlines.heap) - p.residues + p.pending
}

// Steps returns how many nodes, bookings and queue entries all decisions so far
// have looked at.
func (p *Policy) Steps() uint64 { return p.steps }

var (
	_ sched.Policy     = (*Policy)(nil)
	_ sched.Promiser   = (*Policy)(nil)
	_ sched.Accountant = (*Policy)(nil)
	_ sched.Explainer  = (*Policy)(nil)
)
