package edf

import (
	"math/rand/v2"
	"slices"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

// tester is what rapid's and the package's T have in common.
type tester interface {
	Helper()
	Fatalf(format string, args ...any)
}

const (
	us = machine.Microsecond
	ms = machine.Millisecond
)

// world drives a policy in virtual time with actors in the place of threads.
type world struct {
	t      tester
	p      *Policy
	now    machine.Time
	actors []*actor
	chance *rand.Rand
	// stretch, if not 0, is the longest time for which an actor does not notice
	// that its slice is over.
	stretch machine.Duration
	// ran is told who ran, and for whom: himself, or one who waits for a mutex of his.
	ran func(a, whom *actor, from, to machine.Time)
}

// actor is a thread: it works for a while, then takes its next step.
type actor struct {
	name string
	ent  sched.Entity
	work machine.Duration // before the next step; below 0 without end
	step func()
	wake machine.Time // if it sleeps
	used machine.Duration
}

func newWorld(t tester, cfg Config, seed uint64) *world {
	return &world{t: t, p: New(cfg), chance: rand.New(rand.NewPCG(seed, 1))}
}

// actor adds one that takes its first step at once.
func (w *world) actor(name string, activity *sched.Activity, work machine.Duration, step func(a *actor)) *actor {
	a := &actor{name: name, work: work, wake: machine.Forever}
	a.step = func() { step(a) }
	a.ent.Owner, a.ent.Activity = a, activity
	w.actors = append(w.actors, a)
	if err := w.p.Add(&a.ent, w.now); err != nil {
		w.t.Fatalf("Add: %v", err)
	}
	w.p.Ready(&a.ent, w.now)
	return a
}

// hog adds one that works without end.
func (w *world) hog(name string, activity *sched.Activity) *actor {
	return w.actor(name, activity, -1, nil)
}

func (w *world) sleep(a *actor, until machine.Time) {
	a.wake = until
	w.p.Block(&a.ent, w.now)
}

func (w *world) between(lo, hi machine.Duration) machine.Duration {
	return lo + machine.Duration(w.chance.Int64N(int64(hi-lo)+1))
}

func (w *world) check() {
	w.t.Helper()
	if err := w.p.Check(); err != nil {
		w.t.Fatalf("at %v: %v\n%s", w.now, err, w.p.Dump())
	}
}

func (w *world) run(until machine.Time) {
	w.t.Helper()
	for w.now < until {
		alarm := machine.Forever
		for _, a := range w.actors {
			if a.wake <= w.now {
				a.wake = machine.Forever
				w.p.Ready(&a.ent, w.now)
				w.check()
			}
			alarm = min(alarm, a.wake)
		}
		e, slice := w.p.Pick(w.now)
		w.check()
		if e == nil {
			w.now = min(slice, alarm, until)
			continue
		}
		if slice <= w.now {
			w.t.Fatalf("at %v: a slice until %v\n%s", w.now, slice, w.p.Dump())
		}
		a := e.Owner.(*actor)
		whom := w.p.running.on.ent.Owner.(*actor)
		to := min(slice, alarm)
		if w.stretch > 0 {
			to = to.Add(w.between(0, w.stretch))
		}
		to = min(to, until)
		if a.work >= 0 {
			to = min(to, w.now.Add(a.work))
		}
		d, from := to.Sub(w.now), w.now
		w.now = to
		a.used += d
		w.p.Charge(e, d, w.now)
		w.check()
		if w.ran != nil {
			w.ran(a, whom, from, to)
		}
		if a.work >= 0 {
			if a.work -= d; a.work == 0 {
				a.step()
				w.check()
			}
		}
	}
}

// mutex passes from one to the next, as that of package thread does.
type mutex struct {
	owner *actor
	queue []*actor
}

// lock has then be the step of a when it owns m.
func (w *world) lock(m *mutex, a *actor, then func()) {
	if m.owner == nil {
		m.owner = a
		then()
		return
	}
	m.queue = append(m.queue, a)
	a.ent.Waits = &m.owner.ent
	before := a.step
	a.work = 0
	a.step = func() { a.step = before; then() }
	w.p.Block(&a.ent, w.now)
}

func (w *world) unlock(m *mutex) {
	if len(m.queue) == 0 {
		m.owner = nil
		return
	}
	next := m.queue[0]
	m.queue = slices.Delete(m.queue, 0, 1)
	m.owner = next
	for _, a := range m.queue {
		a.ent.Waits = &next.ent
		w.p.Inherit(&a.ent, w.now)
		w.check()
	}
	w.p.Ready(&next.ent, w.now)
	next.ent.Waits = nil
}
