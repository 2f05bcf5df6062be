package world

import (
	"errors"
	"fmt"
	"math"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

// Step does one thing, and returns what is wrong afterwards.
func (w *World) Step() error {
	w.Operations++
	b := w.threads[w.chance(len(w.threads))]
	running := b.ready && w.canRun(b)
	if err := w.act(b, running); err != nil {
		return err
	}
	if w.Verbose {
		w.note("%v: operation %d of %v: ready %v, waits for %d, %d constraints", w.now, w.Operations, b, b.ready, b.wants, len(b.stack))
		for _, g := range b.stack {
			w.note("    %v from %v to %v, critical %v, delayed %v: promised %v, got %v", g.c.Estimate, g.c.Start, g.c.Deadline, g.c.Critical, g.c.Delayed, g.yes, g.got)
		}
	}
	w.judge()
	return w.p.Check()
}

func (w *World) act(b *body, running bool) error {
	switch op := w.chance(20); {
	case op < 3 && running:
		return w.begin(b)
	case op < 7 && running:
		return w.pop(b)
	case op == 7 && running && len(b.stack) > 0 && !b.hog:
		return w.next(b)
	case op < 10 && !b.hog:
		switch {
		case !b.ready && b.wants < 0:
			w.ready(b)
		case running:
			b.ready = false
			w.p.Block(&b.e, w.now)
		}
	case op == 10 && running && !b.hog:
		w.lock(b)
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
	case op == 15 && w.chance(8) == 0 && !b.hog && b.ready:
		return w.destroy(b)
	case op == 16 && w.chance(80) == 0:
		w.hang(machine.Duration(1+w.chance(50_000)) * us)
	case op == 17 && w.chance(8) == 0:
		return w.nonsense(b)
	default:
		return w.pass(machine.Duration(1+w.chance(3000)) * us)
	}
	return nil
}

// snapshot notes what activities other than but are promised.
func (w *World) snapshot(to []held, but *sched.Activity) []held {
	to = to[:0]
	w.p.State(func(a *sched.Activity, what any, amount machine.Duration) {
		if a != but {
			to = append(to, held{a, what, amount})
		}
	})
	return to
}

// unchanged does something and reports what it changed of what activities other
// than but are promised. If more is allowed, it may be more.
func (w *World) unchanged(but *sched.Activity, more bool, do func()) error {
	w.p.Settle(w.now)
	w.before = w.snapshot(w.before, but)
	do()
	w.after = w.snapshot(w.after, but)
	for _, x := range w.before {
		found := false
		for _, y := range w.after {
			if x.what == y.what {
				found = x.a == y.a && (x.amount == y.amount || more && y.amount > x.amount)
			}
		}
		if !found {
			return fmt.Errorf("a constraint of %s had %v, and has that no more after an answer to others", x.a.Name, x.amount)
		}
	}
	return nil
}

func (w *World) begin(b *body) error {
	g := &pledge{c: w.draw()}
	if b.hog && !g.c.Delayed && g.c.Start > w.now {
		g.c.Start = 0 // it is to compute all the time
	}
	var yes bool
	var err error
	if e := w.unchanged(b.act.a, false, func() { yes, err = w.p.Begin(&b.e, g.c, w.now) }); e != nil {
		return e
	}
	if err != nil {
		if len(b.stack) == w.p.Depth && (errors.Is(err, com.ErrQuota) || errors.Is(err, com.ErrInvalid)) {
			return nil
		}
		return err
	}
	w.push(b, g, yes)
	return nil
}

func (w *World) push(b *body, g *pledge, yes bool) {
	b.stack = append(b.stack, g)
	if !g.c.Delayed {
		g.c.Start = max(g.c.Start, w.now)
		w.begun(b, g, yes)
	}
}

// next is end and begin in one.
func (w *World) next(b *body) error {
	g := &pledge{c: w.draw()}
	var yes bool
	var err error
	if e := w.unchanged(b.act.a, false, func() { _, yes, err = w.p.EndBegin(&b.e, g.c, w.now) }); e != nil {
		return e
	}
	if err != nil {
		return err
	}
	b.stack = b.stack[:len(b.stack)-1]
	w.push(b, g, yes)
	return nil
}

func (w *World) pop(b *body) error {
	var taken machine.Duration
	var err error
	if e := w.unchanged(b.act.a, false, func() { taken, err = w.p.End(&b.e, w.now) }); e != nil {
		return e
	}
	if len(b.stack) == 0 {
		if !errors.Is(err, com.ErrInvalid) {
			return fmt.Errorf("end without begin: %v", err)
		}
		return nil
	}
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

func (w *World) lock(b *body) {
	k := w.chance(len(w.mutexes))
	if n := len(b.held); n > 0 && b.held[n-1] >= k {
		return
	}
	m := &w.mutexes[k]
	if m.owner == nil {
		m.owner = b
		b.held = append(b.held, k)
		return
	}
	m.queue = append(m.queue, b)
	b.ready, b.wants = false, k
	b.e.Waits = &m.owner.e
	w.p.Block(&b.e, w.now)
}

func (w *World) unlock(b *body) {
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

// destroy removes a thread with all it has: its constraints are void, and its
// mutexes are passed on. Another takes its place.
func (w *World) destroy(b *body) error {
	if err := w.unchanged(b.act.a, false, func() { w.p.Remove(&b.e, w.now) }); err != nil {
		return err
	}
	if err := w.p.Check(); err != nil {
		return err
	}
	for len(b.held) > 0 {
		k := b.held[len(b.held)-1]
		for _, o := range w.mutexes[k].queue {
			for _, g := range o.stack {
				g.broken = true // it waited for one that is gone
			}
		}
		w.unlock(b)
	}
	return w.spawn(b, w.acts[w.chance(len(w.acts))])
}

func (w *World) draw() sched.Constraint {
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

// nonsense asks for what cannot be had, and looks that it is refused.
func (w *World) nonsense(b *body) error {
	durations := [...]machine.Duration{0, 1, -1, math.MinInt64, math.MaxInt64, math.MaxInt64 - 1, ms, -ms}
	times := [...]machine.Time{0, -1, math.MinInt64, machine.Forever, machine.Forever - 1, w.now, w.now - 1}
	if w.chance(2) == 0 {
		amount, period := durations[w.chance(len(durations))], durations[w.chance(len(durations))]
		if amount == 0 || amount <= period/2 {
			amount = max(period-period/64, 1) // more than there is, if it is anything
		}
		_, err := w.p.Reserve(w.acts[0].a, amount, period, w.now)
		if !errors.Is(err, com.ErrInvalid) && !errors.Is(err, com.ErrQuota) && !errors.Is(err, com.ErrBusy) {
			return fmt.Errorf("%v of %v: %v", amount, period, err)
		}
		return nil
	}
	c := sched.Constraint{
		Estimate: durations[w.chance(len(durations))],
		Start:    times[w.chance(len(times))],
		Deadline: times[w.chance(len(times))],
		Critical: w.chance(2) == 0,
		Delayed:  w.chance(2) == 0,
	}
	if b.hog {
		c.Start = min(c.Start, w.now)
	}
	start, deadline := c.Start, c.Deadline
	if c.Delayed {
		start, deadline = w.now.Add(machine.Duration(start)), w.now.Add(machine.Duration(deadline))
	}
	sense := deadline.Sub(max(start, w.now)) >= c.Estimate
	c.Critical = c.Critical && !sense
	yes, err := w.p.Begin(&b.e, c, w.now)
	switch {
	case err == nil && yes && !sense:
		return fmt.Errorf("%+v is promised", c)
	case err == nil:
		_, err = w.p.End(&b.e, w.now)
		return err
	case !errors.Is(err, com.ErrInvalid) && !errors.Is(err, com.ErrQuota):
		return fmt.Errorf("%+v: %w", c, err)
	}
	return nil
}

func (w *World) reserve() error {
	a := w.acts[w.chance(len(w.acts))]
	if w.chance(3) == 0 {
		var err error
		if e := w.unchanged(nil, true, func() { _, err = w.p.Reserve(a.a, 0, 0, w.now) }); e != nil || err != nil {
			return errors.Join(e, err)
		}
		a.amount = 0
		return nil
	}
	period := machine.Duration(2+w.chance(30)) * ms
	if w.chance(3) == 0 {
		period += machine.Duration(w.chance(1000)) * us
	}
	amount := period * machine.Duration(1+w.chance(30)) / 100
	var g sched.Grant
	var err error
	if e := w.unchanged(nil, true, func() { g, err = w.p.Reserve(a.a, amount, period, w.now) }); e != nil {
		return e
	}
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
	w.Reserved++
	a.amount, a.window = amount, 0
	a.since, a.runs = max(a.since, w.now, w.p.Since(a.a)), a.runs[:0]
	w.p.Accounts(w.now, func(x *sched.Account) bool {
		if x.Activity == a.a {
			a.window = x.Window
		}
		return true
	})
	if w.Verbose {
		w.note("%v: %s is promised %v in %v, from %v on\n%s", w.now, a.a.Name, amount, a.window, a.since, w.p.Dump())
	}
	if a.window < period {
		return fmt.Errorf("%v of %v is promised in windows of %v", amount, period, a.window)
	}
	return nil
}
