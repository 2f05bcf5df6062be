package constraint

import (
	"errors"
	"fmt"
	"strings"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

const (
	us = machine.Microsecond
	ms = machine.Millisecond
)

// world is a policy with threads that do what chance says, and an account of what
// it promised that is kept apart from it.
type world struct {
	p       *Policy
	now     machine.Time
	chance  func(n int) int // from 0 to n-1
	late    machine.Duration
	acts    []*actor
	threads []*body
	mutexes []lock
	ops     int
	checked int // promises that came to their deadline
	held    int // of those: which the thread did not break itself
	windows int
	refused int
	granted int
	walk    bool // Check after every operation
	verbose bool
	history []string
}

// actor is an activity with a thread that always computes.
type actor struct {
	a      *sched.Activity
	amount machine.Duration // promised, 0 if nothing is
	period machine.Duration
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

func newWorld(cfg Config, late machine.Duration, activities int, chance func(n int) int) *world {
	w := &world{p: New(cfg), now: machine.Time(1000 * ms), chance: chance, late: late, walk: true, mutexes: make([]lock, 4)}
	for i := range activities {
		a := &actor{a: &sched.Activity{Name: fmt.Sprint("activity ", i)}}
		w.acts = append(w.acts, a)
		for k := range 4 {
			w.spawn(a, k == 0)
		}
	}
	return w
}

func (w *world) spawn(a *actor, hog bool) {
	b := &body{act: a, hog: hog, wants: -1}
	b.e.Owner = fmt.Sprint("thread ", len(w.threads))
	b.e.Activity = a.a
	if err := w.p.Add(&b.e, w.now); err != nil {
		panic(err)
	}
	w.threads = append(w.threads, b)
	w.ready(b)
}

func (w *world) ready(b *body) {
	b.ready = true
	delayed := len(b.stack) > 0 && b.stack[len(b.stack)-1].c.Delayed
	w.p.Ready(&b.e, w.now)
	if delayed {
		g := b.stack[len(b.stack)-1]
		g.c.Delayed = false
		g.c.Start, g.c.Deadline = w.now+g.c.Start, w.now+g.c.Deadline
		w.begun(b, g, w.p.Promised(&b.e, w.now))
	}
}

// begun notes an answer.
func (w *world) begun(b *body, g *pledge, yes bool) {
	g.yes = yes
	if yes {
		w.granted++
	} else {
		w.refused++
	}
	if yes { // the deadline may be that of a promise around it
		known := w.p.of(&b.e).top.deadline
		for _, o := range b.stack {
			if o != g && o.yes && o.c.Deadline == known && known < g.c.Deadline {
				g.c.Deadline = known
				break
			}
		}
	}
	if yes && g.c.Critical {
		for _, o := range w.threads {
			if o != b && o.act == b.act {
				for _, v := range o.stack {
					v.broken = v.broken || !v.c.Critical
				}
			}
		}
	}
}

// runs reports whether a thread, or whoever it waits for, can run.
func (w *world) canRun(b *body) bool {
	for range 10 {
		if b.ready {
			for _, g := range b.stack {
				if !g.c.Delayed && g.c.Start > w.now {
					return false
				}
			}
			return true
		}
		if b.wants < 0 {
			return false
		}
		b = w.mutexes[b.wants].owner
	}
	return false
}

func (w *world) end(b *body) *body {
	for !b.ready && b.wants >= 0 {
		b = w.mutexes[b.wants].owner
	}
	return b
}

// pass lets time go by as threads compute.
func (w *world) pass(d machine.Duration) error {
	to := w.now.Add(d)
	for w.now < to {
		w.judge()
		e, until := w.p.Pick(w.now)
		if until <= w.now {
			return fmt.Errorf("a turn until %v, and it is %v", until, w.now)
		}
		if e == nil {
			w.now = min(to, until, w.deadline())
			continue
		}
		cur := w.p.cur
		stop := min(until, to, w.deadline())
		if stop == until && w.late > 0 {
			stop = until.Add(machine.Duration(w.chance(int(w.late))))
		}
		used := machine.Duration(stop - w.now)
		from := w.now
		var ran *body
		for _, b := range w.threads {
			if &b.e == e {
				ran = b
			}
		}
		if ran == nil || !w.canRun(ran) || !ran.ready {
			return fmt.Errorf("%v runs and cannot", e.Owner)
		}
		for _, b := range w.threads {
			for _, g := range b.stack {
				if !g.c.Delayed && g.c.Start <= from && w.canRun(b) && w.end(b) == ran {
					g.got += used
				}
			}
		}
		for _, a := range w.acts {
			if ran.act == a || cur.kind <= own && cur.act != nil && cur.act.a == a.a {
				a.add(from, stop)
			}
		}
		w.now = stop
		if w.verbose {
			w.note("%v to %v: %v runs, kind %d", from, stop, e.Owner, cur.kind)
		}
		w.p.Charge(e, used, w.now)
		if err := w.look(); err != nil {
			return err
		}
	}
	return nil
}

// deadline returns the next one that has not been looked at.
func (w *world) deadline() machine.Time {
	next := machine.Forever
	for _, b := range w.threads {
		for _, g := range b.stack {
			if g.yes && !g.done {
				next = min(next, g.c.Deadline)
			}
			if g.c.Start > w.now && !g.c.Delayed {
				next = min(next, g.c.Start)
			}
		}
	}
	return max(next, w.now+1)
}

// judge marks the constraints of threads that cannot run at this moment.
func (w *world) judge() {
	for _, b := range w.threads {
		for _, g := range b.stack {
			if !g.c.Delayed && g.c.Start <= w.now && !w.canRun(b) {
				g.broken = true
			}
		}
	}
}

// look compares what has happened with what was promised.
func (w *world) look() error {
	for _, b := range w.threads {
		for _, g := range b.stack {
			if g.yes && !g.done && g.c.Deadline <= w.now {
				g.done = true
				w.checked++
				if !g.broken {
					w.held++
				}
				if !g.broken && g.got+machine.Duration(w.now-g.c.Deadline) < g.c.Estimate {
					return fmt.Errorf("%v: a constraint of %v from %v to %v got %v", b.e.Owner, g.c.Estimate, g.c.Start, g.c.Deadline, g.got)
				}
			}
		}
	}
	for _, a := range w.acts {
		if err := w.window(a); err != nil {
			return err
		}
	}
	return nil
}

func (a *actor) add(from, to machine.Time) {
	if n := len(a.runs); n > 0 && a.runs[n-1].to == from {
		a.runs[n-1].to = to
	} else {
		a.runs = append(a.runs, run{from, to, a.sum})
	}
	a.sum += machine.Duration(to - from)
}

// upTo returns how much a has run up to t.
func (a *actor) upTo(t machine.Time) machine.Duration {
	sum := a.sum
	for i := len(a.runs) - 1; i >= 0; i-- {
		r := a.runs[i]
		if t >= r.to {
			return r.before + machine.Duration(r.to-r.from)
		}
		sum = r.before
		if t >= r.from {
			return r.before + machine.Duration(t-r.from)
		}
	}
	return sum
}

// window looks at the windows that end now, and at those that begin where a run
// ended and have ended now: the shortest are among them.
func (w *world) window(a *actor) error {
	if a.amount == 0 {
		a.runs = a.runs[:0]
		return nil
	}
	test := func(from machine.Time) error {
		if from < a.since {
			return nil
		}
		w.windows++
		to := from.Add(a.period)
		if got := a.upTo(to) - a.upTo(from); got < a.amount {
			return fmt.Errorf("%s was promised %v of every %v, and got %v from %v to %v", a.a.Name, a.amount, a.period, got, from, to)
		}
		return nil
	}
	if err := test(w.now.Add(-a.period)); err != nil {
		return err
	}
	for len(a.runs) > 1 && a.runs[0].to.Add(a.period) <= w.now {
		if err := test(a.runs[0].to); err != nil {
			return err
		}
		a.runs = a.runs[1:]
	}
	return nil
}

// note keeps the last things that happened, for whoever looks for a fault.
func (w *world) note(format string, args ...any) {
	if len(w.history) == 600 {
		w.history = append(w.history[:0], w.history[200:]...)
	}
	w.history = append(w.history, fmt.Sprintf(format, args...))
}

// step does one thing.
func (w *world) step() error {
	w.ops++
	b := w.threads[w.chance(len(w.threads))]
	top := func() *pledge { return b.stack[len(b.stack)-1] }
	running := b.ready && w.canRun(b)
	switch op := w.chance(20); {
	case op < 4 && running: // begin
		g := &pledge{c: w.draw()}
		yes, err := w.p.Begin(&b.e, g.c, w.now)
		if errors.Is(err, com.ErrQuota) && len(b.stack) == maxDepth {
			break
		}
		if err != nil {
			return err
		}
		b.stack = append(b.stack, g)
		if !g.c.Delayed {
			g.c.Start = max(g.c.Start, w.now)
			w.begun(b, g, yes)
		}
		if b.hog && g.c.Start > w.now {
			return w.pop(b) // it is to compute all the time
		}
	case op < 7 && running && len(b.stack) > 0: // end
		return w.pop(b)
	case op == 7 && running && len(b.stack) > 0 && !b.hog: // end and begin
		g := &pledge{c: w.draw()}
		_, yes, err := w.p.EndBegin(&b.e, g.c, w.now)
		if err != nil {
			return err
		}
		b.stack = b.stack[:len(b.stack)-1]
		b.stack = append(b.stack, g)
		if top(); !g.c.Delayed {
			g.c.Start = max(g.c.Start, w.now)
			w.begun(b, g, yes)
		}
	case op < 10 && !b.hog: // block or wake
		switch {
		case !b.ready && b.wants < 0:
			w.ready(b)
		case running:
			b.ready = false
			w.p.Block(&b.e, w.now)
		}
	case op == 10 && running && !b.hog: // lock
		k := w.chance(len(w.mutexes))
		if n := len(b.held); n > 0 && b.held[n-1] >= k {
			break
		}
		if m := &w.mutexes[k]; m.owner == nil {
			m.owner = b
			b.held = append(b.held, k)
		} else {
			m.queue = append(m.queue, b)
			b.ready, b.wants = false, k
			b.e.Waits = &m.owner.e
			w.p.Block(&b.e, w.now)
		}
	case op == 11 && running && len(b.held) > 0:
		w.unlock(b)
	case op == 12:
		return w.reserve()
	case op == 13 && running:
		w.p.Yield(&b.e, w.now)
	case op == 14 && running && !b.hog && w.chance(4) == 0:
		from := b.act
		b.act = w.acts[w.chance(len(w.acts))]
		b.e.Activity = b.act.a
		w.p.Moved(&b.e, from.a, w.now)
		for _, g := range b.stack {
			g.broken = true
		}
	case op == 15 && w.chance(8) == 0 && !b.hog && len(b.held) == 0 && b.ready:
		w.p.Remove(&b.e, w.now)
		*b = body{act: b.act, wants: -1, e: sched.Entity{Owner: b.e.Owner, Activity: b.e.Activity}}
		if err := w.p.Add(&b.e, w.now); err != nil {
			return err
		}
		w.ready(b)
	default:
		if err := w.pass(machine.Duration(1+w.chance(3000)) * us); err != nil {
			return err
		}
	}
	if w.verbose {
		if w.verbose {
			var d strings.Builder
			for _, x := range w.p.deadlines.heap {
				fmt.Fprintf(&d, " [%v, deadline %v needs %v has %v]", name(x.rec), x.rec.deadline, x.rec.need, x.rec.total)
			}
			w.note("%s", d.String())
		}
		w.note("%v: operation %d of %v: ready %v, waits for %d, %d constraints", w.now, w.ops, b.e.Owner, b.ready, b.wants, len(b.stack))
		for _, g := range b.stack {
			w.note("    %v from %v to %v, critical %v, delayed %v: promised %v, got %v", g.c.Estimate, g.c.Start, g.c.Deadline, g.c.Critical, g.c.Delayed, g.yes, g.got)
		}
	}
	w.judge()
	if w.walk {
		return w.p.Check()
	}
	return nil
}

func (w *world) pop(b *body) error {
	taken, err := w.p.End(&b.e, w.now)
	if err != nil {
		return err
	}
	g := b.stack[len(b.stack)-1]
	b.stack = b.stack[:len(b.stack)-1]
	if taken < 0 || !g.c.Delayed && taken > machine.Duration(max(w.now-g.c.Start, 0)) {
		return fmt.Errorf("a constraint begun at %v took %v at %v", g.c.Start, taken, w.now)
	}
	return nil
}

func (w *world) unlock(b *body) {
	k := b.held[len(b.held)-1]
	b.held = b.held[:len(b.held)-1]
	m := &w.mutexes[k]
	m.owner = nil
	if len(m.queue) == 0 {
		return
	}
	next := m.queue[0]
	m.queue = m.queue[1:]
	m.owner = next
	next.held = append(next.held, k)
	next.wants = -1
	next.e.Waits = nil
	for _, o := range m.queue {
		o.e.Waits = &next.e
		w.p.Inherit(&o.e, w.now)
	}
	w.ready(next)
}

func (w *world) draw() sched.Constraint {
	c := sched.Constraint{
		Estimate: machine.Duration(1+w.chance(4000)) * us,
		Critical: w.chance(6) == 0,
	}
	if w.chance(4) == 0 {
		c.Start = machine.Time(w.chance(20)) * machine.Time(ms)
	}
	c.Deadline = c.Start + machine.Time(c.Estimate)*machine.Time(1+w.chance(8)) + machine.Time(w.chance(5))*machine.Time(ms)
	if w.chance(5) == 0 {
		c.Delayed = true
		return c
	}
	if c.Start > 0 {
		c.Start += w.now
	}
	c.Deadline += w.now
	return c
}

func (w *world) reserve() error {
	a := w.acts[w.chance(len(w.acts))]
	if w.chance(3) == 0 {
		if _, err := w.p.Reserve(a.a, 0, 0, w.now); err != nil {
			return err
		}
		a.amount = 0
		return nil
	}
	period := machine.Duration(2+w.chance(30)) * ms
	if w.chance(3) == 0 {
		period += machine.Duration(w.chance(1000)) * us
	}
	amount := period * machine.Duration(1+w.chance(30)) / 100
	g, err := w.p.Reserve(a.a, amount, period, w.now)
	switch {
	case errors.Is(err, com.ErrQuota), errors.Is(err, com.ErrBusy):
		if g.Amount < 0 || g.Amount >= amount {
			return fmt.Errorf("%v of %v were refused, and %v would fit", amount, period, g.Amount)
		}
		if g.Amount == 0 {
			return nil
		}
		amount = g.Amount
		if g, err = w.p.Reserve(a.a, amount, period, w.now); err != nil {
			return fmt.Errorf("what would fit does not: %w", err)
		}
	case err != nil:
		return err
	}
	if g.Period > period || float64(g.Amount)/float64(g.Period) < float64(amount)/float64(period)-1e-9 {
		return fmt.Errorf("%v of %v became %v of %v", amount, period, g.Amount, g.Period)
	}
	a.amount, a.period, a.since = amount, period, w.now
	a.runs = a.runs[:0]
	return nil
}

func (w *world) describe(err error) string {
	return fmt.Sprintf("after %d operations, at %v: %v\n%s%s", w.ops, w.now, err, w.p.Dump(), strings.Join(w.history, "\n"))
}

func name(r *record) any {
	if r.thread == nil {
		return "left"
	}
	return r.thread.e.Owner
}
