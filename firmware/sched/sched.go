// Package sched decides which thread runs; how to switch is package thread's
// business. A policy is a pure state machine: it is told what happened and when,
// and answers who runs next and until when. It reads no clock, takes no lock and
// starts nothing, so the same policy runs in virtual time under a model test and
// on a card.
//
// MMLite had four schedulers behind one interface, and time constraints were
// calls on every one of them that fail where the policy has none (Helander and
// Forin 1998, section 3, Scheduler). Null and RoundRobin are here; the meaning of
// reservations and constraints is Rialto's (Jones, Rosu and Rosu 1997).
package sched

import (
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/machine"
)

// Entity is what a policy schedules. A thread embeds one. The exported fields
// are the mechanism's; a policy reads them.
type Entity struct {
	// Owner is whose entity it is; policies do not look at it.
	Owner any
	// Activity is what the entity runs on behalf of. It may change while the
	// entity is added; the policy is told by Moved.
	Activity *Activity
	// Priority orders entities for policies that have priorities: more is more
	// urgent. The policies of this package take no notice.
	Priority int
	// Waits is the owner of the mutex the entity is blocked on, else nil. A policy
	// that inherits priority follows the chain and runs its runnable end.
	Waits *Entity
	// Policy is the current policy's own record of the entity.
	Policy any

	next, prev *Entity
	state      state
	left       machine.Duration // of its quantum
}

type state uint8

const (
	absent state = iota
	blocked
	runnable
	resumed // runnable, and back before its turn was over
)

// Activity is what processor time is reserved for and charged to. One activity
// may have threads on several virtual processors.
type Activity struct {
	// Name is for people.
	Name string
	// Policy is the record a policy keeps of it. An activity with reservations
	// belongs to one policy.
	Policy any

	used atomic.Int64
}

// Charge adds time to what the activity has used.
func (a *Activity) Charge(d machine.Duration) { a.used.Add(int64(d)) }

// Used returns the processor time used on the activity's behalf.
func (a *Activity) Used() machine.Duration { return machine.Duration(a.used.Load()) }

// Policy chooses among runnable entities. An entity is added blocked; between
// Ready and Block it is runnable, and the one that runs stays so. Calls come
// from one goroutine at a time, and now never decreases.
type Policy interface {
	// Name is the policy's name in an image, as in "roundrobin".
	Name() string

	// Add takes in a blocked entity. The error is com.ErrQuota if the policy
	// admits no more, com.ErrInvalid if it is in already.
	Add(e *Entity, now machine.Time) error
	// Remove drops an entity, in whatever state, with all that was promised to it.
	Remove(e *Entity, now machine.Time)

	// Ready makes a blocked entity runnable. It reports whether whoever runs now
	// should give way at its next checkpoint.
	Ready(e *Entity, now machine.Time) (preempt bool)
	// Block makes a runnable entity blocked. Waits has been set if it waits for a
	// mutex.
	Block(e *Entity, now machine.Time)
	// Inherit tells that the Waits of a blocked entity changed.
	Inherit(e *Entity, now machine.Time)
	// Moved tells that the Activity of an entity changed.
	Moved(e *Entity, from *Activity, now machine.Time)
	// Yield has a runnable entity give up what is left of its turn.
	Yield(e *Entity, now machine.Time)
	// Charge tells that e ran for the given time, up to now.
	Charge(e *Entity, used machine.Duration, now machine.Time)

	// Pick returns the entity to run and when to ask again at the latest. With
	// nobody to run it returns nil and when to ask again, machine.Forever if only
	// another call can change the answer.
	Pick(now machine.Time) (e *Entity, until machine.Time)

	// Reserve gives an activity amount of every period from now on, in place of
	// what it had; an amount of 0 ends its reservation. What is granted is at least
	// the asked-for fraction, of a period at most as long. The errors are
	// com.ErrNotSupported; com.ErrInvalid for an amount that is negative or above
	// the period; com.ErrQuota if it does not fit, and com.ErrBusy if it does not at
	// the moment; then the grant says what would, and nothing has changed.
	Reserve(a *Activity, amount, period machine.Duration, now machine.Time) (Grant, error)

	// Begin asks that e get the constraint's estimate between its start and its
	// deadline. The answer is at once: schedulable means that it is promised. If
	// not, the code may run all the same and End is due all the same. With a start
	// in the future the entity is not picked before. The errors, com.ErrNotSupported
	// and com.ErrInvalid, leave nothing to end.
	Begin(e *Entity, c Constraint, now machine.Time) (schedulable bool, err error)
	// End ends the innermost constraint of e and returns the time it took: what the
	// code would have taken with the processor to itself. com.ErrInvalid if there is
	// none.
	End(e *Entity, now machine.Time) (taken machine.Duration, err error)
	// EndBegin is End and Begin in one step, with no gap between.
	EndBegin(e *Entity, c Constraint, now machine.Time) (taken machine.Duration, schedulable bool, err error)

	// Promises returns how many reservations and constraints are in force. While it
	// is not 0 the policy is not replaced.
	Promises() int
}

// Promiser is a policy that can say how an earlier question was answered.
type Promiser interface {
	// Promised reports whether the innermost constraint of e is promised at the
	// moment: it was schedulable, and has neither used up its estimate nor passed its
	// deadline. A thread with a delayed constraint asks after its wait; if there was
	// nothing to wait for, the constraint is resolved by this call.
	Promised(e *Entity, now machine.Time) bool
}

// Right is by what right an entity runs, the strongest first.
type Right uint8

// The rights there are.
const (
	RightNone    Right = iota // the policy does not say
	RightBooked               // on time booked for a constraint: its own, or that of a thread that waits for it
	RightOwn                  // on what its activity has reserved
	RightStandby              // on what its activity missed of its reservation
	RightSpare                // on time that nobody else has a right to

	rights
)

// Valid reports whether r is one of the rights.
func (r Right) Valid() bool { return r < rights }

func (r Right) String() string {
	if !r.Valid() {
		return "unknown"
	}
	return [rights]string{"none", "booked", "own", "standby", "spare"}[r]
}

// Explainer is a policy that can say why it picked whom it picked.
type Explainer interface {
	// Right returns by what right e runs, which is what the last Pick returned. It
	// costs nanoseconds, changes nothing, and is RightNone for any other entity.
	Right(e *Entity) Right
}

// Constraint says that Estimate of processor time is needed between Start and
// Deadline.
type Constraint struct {
	Start    machine.Time
	Estimate machine.Duration
	Deadline machine.Time
	// Critical may take time promised to other constraints of the same activity.
	Critical bool
	// Delayed has the constraint resolved when the entity next becomes ready; Start
	// and Deadline then count from that instant. It is for threads that wait for an
	// interrupt.
	Delayed bool
}

// Grant is what a reservation came to: Amount of every Period.
type Grant struct {
	Amount, Period machine.Duration
}
