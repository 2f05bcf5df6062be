// Package world puts a policy that makes promises under test: threads that do what
// chance says, in virtual time, and an account of what was promised that is kept
// apart from the policy's own. It holds the policy to Rialto's promises (Jones, Rosu
// and Rosu 1997), each as far as the policy makes it:
//
//   - An activity with a reservation that can run all the time has its amount in
//     every window of the length that the policy promised it for.
//   - A thread whose constraint was promised, and that can run all the time, itself
//     or through the owner of a mutex it waits for, has had its estimate when the
//     deadline comes, unless a critical constraint of its activity displaced it.
//   - An answer to one constraint changes nothing that other activities were
//     promised. A changed reservation takes nothing from promised constraints.
//   - A decision takes a bounded number of steps.
//
// After each operation the policy walks all that it keeps; see Subject.Check. It is
// for tests of the packages beside it.
package world

import (
	"fmt"
	"strings"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

const (
	us = machine.Microsecond
	ms = machine.Millisecond
)

// Policy is what a policy has to be to be put under test.
type Policy interface {
	sched.Policy
	sched.Promiser
	sched.Explainer
	sched.Accountant
	// Check walks all that the policy keeps and returns what is wrong first.
	Check() error
	// Dump describes it for people.
	Dump() string
}

// Subject is a policy and what a test needs to know of its inside.
type Subject struct {
	Policy
	// Depth is how many constraints of a thread may be within each other.
	Depth int
	// Late is how late threads give way at most.
	Late machine.Duration
	// Slack is what a window may be short of for that.
	Slack machine.Duration
	// Recovery is how long after a thread has not given way at all windows hold again
	// what was promised.
	Recovery machine.Duration
	// ResolvesAll says that waking up resolves all delayed constraints, not just the
	// innermost one.
	ResolvesAll bool
	// Deadline returns the deadline of the innermost constraint as the policy has it.
	Deadline func(e *sched.Entity) machine.Time
	// Behalf returns by whose right the one runs whom Pick returned last, nil if by
	// none.
	Behalf func() *sched.Activity
	// Since returns from when on an activity has its reservation.
	Since func(a *sched.Activity) machine.Time
	// Settle brings the policy up to now.
	Settle func(now machine.Time)
	// State yields what is promised to the constraints of all activities.
	State func(yield func(a *sched.Activity, what any, amount machine.Duration))
	// Steps returns how many steps all decisions took so far, MaxSteps the most that
	// one may take. A policy that does not count them returns 0.
	Steps    func() uint64
	MaxSteps uint64
}

// Counts is what has happened in a world.
type Counts struct {
	Operations int
	Granted    int    // constraints promised
	Refused    int    // and not
	Checked    int    // promises that came to their deadlines
	Held       int    // of those, which the thread did not break itself
	Windows    int    // of reservations, that were looked at
	Reserved   int    // reservations made or changed
	Decisions  int    // of the policy
	MostSteps  uint64 // of one
}

// Add adds up.
func (c *Counts) Add(o Counts) {
	c.Operations += o.Operations
	c.Granted += o.Granted
	c.Refused += o.Refused
	c.Checked += o.Checked
	c.Held += o.Held
	c.Windows += o.Windows
	c.Reserved += o.Reserved
	c.Decisions += o.Decisions
	c.MostSteps = max(c.MostSteps, o.MostSteps)
}

func (c Counts) String() string {
	steps := ""
	if c.MostSteps > 0 {
		steps = fmt.Sprintf(" of at most %d steps", c.MostSteps)
	}
	return fmt.Sprintf("%d operations, %d decisions%s; constraints: %d promised, %d refused, %d looked at when their deadlines came, %d of threads that did their part; %d reservations, %d windows",
		c.Operations, c.Decisions, steps, c.Granted, c.Refused, c.Checked, c.Held, c.Reserved, c.Windows)
}

// World is a policy with threads.
type World struct {
	Counts
	// Verbose keeps a history for Describe.
	Verbose bool

	p       *Subject
	now     machine.Time
	chance  func(n int) int // from 0 to n-1
	acts    []*actor
	threads []*body
	mutexes []lock
	history []string
	before  []held // scratch
	after   []held
}

// held is something that is promised.
type held struct {
	a      *sched.Activity
	what   any
	amount machine.Duration
}

// actor is an activity with a thread that always computes.
type actor struct {
	a      *sched.Activity
	amount machine.Duration // promised, 0 if nothing is
	window machine.Duration
	since  machine.Time
	runs   []run // the last ones, joined where they touch
	sum    machine.Duration
}

// run is time on the processor, and how much there was before it.
type run struct {
	from, to machine.Time
	before   machine.Duration
}

// body is a thread.
type body struct {
	e     sched.Entity
	act   *actor
	hog   bool
	ready bool
	held  []int
	wants int // mutex it waits for, -1 if none
	stack []*pledge
}

type lock struct {
	owner *body
	queue []*body
}

// pledge is a constraint as the thread sees it.
type pledge struct {
	c      sched.Constraint
	got    machine.Duration
	yes    bool // it was promised
	broken bool // by the thread itself, or displaced
	done   bool // looked at when its deadline had come
}

// New returns a world with activities of four threads each, of which one always
// computes. Chance returns a number from 0 to n-1.
func New(p *Subject, activities int, chance func(n int) int) *World {
	w := &World{p: p, now: machine.Time(1000 * ms), chance: chance, mutexes: make([]lock, 4)}
	for i := range activities {
		a := &actor{a: &sched.Activity{Name: fmt.Sprint("activity ", i)}}
		w.acts = append(w.acts, a)
		for k := range 4 {
			b := &body{hog: k == 0}
			w.threads = append(w.threads, b)
			if err := w.spawn(b, a); err != nil {
				panic(err)
			}
		}
	}
	return w
}

// spawn adds a thread.
func (w *World) spawn(b *body, a *actor) error {
	hog := b.hog
	*b = body{act: a, hog: hog, wants: -1}
	b.e.Owner = b
	b.e.Activity = a.a
	if err := w.p.Add(&b.e, w.now); err != nil {
		return err
	}
	w.ready(b)
	return nil
}

func (b *body) String() string { return "thread of " + b.act.a.Name }

func (w *World) ready(b *body) {
	b.ready = true
	w.p.Ready(&b.e, w.now)
	for i, g := range b.stack {
		if g.c.Delayed && (w.p.ResolvesAll || i == len(b.stack)-1) {
			g.c.Delayed = false
			g.c.Start, g.c.Deadline = w.now.Add(machine.Duration(g.c.Start)), w.now.Add(machine.Duration(g.c.Deadline))
			// Only of the innermost the answer can be asked for.
			if i == len(b.stack)-1 {
				w.begun(b, g, w.p.Promised(&b.e, w.now))
			} else if g.c.Critical {
				w.displaced(b)
			}
		}
	}
}

// begun notes an answer.
func (w *World) begun(b *body, g *pledge, yes bool) {
	if g.yes = yes; !yes {
		w.Refused++
		return
	}
	w.Granted++
	// The deadline may be that of a promise around it.
	known := w.p.Deadline(&b.e)
	for _, o := range b.stack {
		if o != g && o.yes && o.c.Deadline == known && known < g.c.Deadline {
			g.c.Deadline = known
			break
		}
	}
	if g.c.Critical {
		w.displaced(b)
	}
}

// displaced marks what a critical constraint of b may have displaced.
func (w *World) displaced(b *body) {
	for _, o := range w.threads {
		if o != b && o.act == b.act {
			for _, v := range o.stack {
				v.broken = v.broken || !v.c.Critical
			}
		}
	}
}

// canRun reports whether a thread, or whoever it waits for, can run.
func (w *World) canRun(b *body) bool {
	for range 10 {
		for _, g := range b.stack {
			if !g.c.Delayed && g.c.Start > w.now {
				return false
			}
		}
		if b.ready {
			return true
		}
		if b.wants < 0 || w.mutexes[b.wants].owner == nil {
			return false
		}
		b = w.mutexes[b.wants].owner
	}
	return false
}

// end returns who runs for b.
func (w *World) end(b *body) *body {
	for !b.ready && b.wants >= 0 {
		b = w.mutexes[b.wants].owner
	}
	return b
}

// note keeps the last things that happened, for whoever looks for a fault.
func (w *World) note(format string, args ...any) {
	if len(w.history) == 600 {
		w.history = append(w.history[:0], w.history[200:]...)
	}
	w.history = append(w.history, fmt.Sprintf(format, args...))
}

// Describe tells about a fault.
func (w *World) Describe(err error) string {
	return fmt.Sprintf("after %d operations, at %v: %v\n%s%s", w.Operations, w.now, err, w.p.Dump(), strings.Join(w.history, "\n"))
}
