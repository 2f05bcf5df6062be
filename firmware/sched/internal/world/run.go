package world

import (
	"fmt"

	"github.com/mmlite/mmlite/firmware/machine"
)

// pass lets time go by as threads compute.
func (w *World) pass(d machine.Duration) error {
	to := w.now.Add(d)
	for w.now < to {
		w.judge()
		was := w.p.Steps()
		e, until := w.p.Pick(w.now)
		steps := w.p.Steps() - was
		w.Decisions++
		if w.MostSteps = max(w.MostSteps, steps); steps > w.p.MaxSteps {
			return fmt.Errorf("a decision of %d steps", steps)
		}
		if until <= w.now {
			return fmt.Errorf("a turn until %v, and it is %v", until, w.now)
		}
		if e == nil {
			w.now = min(to, until, w.deadline())
			continue
		}
		ran, right, behalf := e.Owner.(*body), w.p.Right(e), w.p.Behalf()
		if !ran.ready || !w.canRun(ran) {
			return fmt.Errorf("%v runs and cannot", ran)
		}
		if !right.Valid() || right == 0 {
			return fmt.Errorf("%v runs, and by what right?", ran)
		}
		stop := min(until, to, w.deadline())
		if stop == until && w.p.Late > 0 {
			stop = until.Add(machine.Duration(w.chance(int(w.p.Late))))
		}
		used := machine.Duration(stop - w.now)
		from := w.now
		w.credit(ran, used)
		for _, a := range w.acts {
			if ran.act == a || behalf == a.a {
				a.add(from, stop)
			}
		}
		w.now = stop
		if w.Verbose {
			w.note("%v to %v: %v runs, %v", from, stop, ran, right)
		}
		w.p.Charge(e, used, w.now)
		if err := w.look(); err != nil {
			return err
		}
	}
	return nil
}

// credit gives time to all constraints that it serves.
func (w *World) credit(ran *body, used machine.Duration) {
	for _, b := range w.threads {
		for _, g := range b.stack {
			if !g.c.Delayed && g.c.Start <= w.now && w.canRun(b) && w.end(b) == ran {
				g.got += used
			}
		}
	}
}

// hang has whoever runs go on without a checkpoint. Nothing is promised for that
// time.
func (w *World) hang(d machine.Duration) {
	e, _ := w.p.Pick(w.now)
	w.now = w.now.Add(d)
	if e != nil {
		w.p.Charge(e, d, w.now)
	}
	for _, b := range w.threads {
		for _, g := range b.stack {
			g.broken = true
		}
	}
	for _, a := range w.acts {
		a.runs, a.since = a.runs[:0], w.now.Add(w.p.Recovery)
	}
}

// deadline returns the next one that has not been looked at.
func (w *World) deadline() machine.Time {
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
func (w *World) judge() {
	for _, b := range w.threads {
		for _, g := range b.stack {
			if !g.c.Delayed && g.c.Start <= w.now && !w.canRun(b) {
				g.broken = true
			}
		}
	}
}

// look compares what has happened with what was promised.
func (w *World) look() error {
	for _, b := range w.threads {
		for _, g := range b.stack {
			if !g.yes || g.done || g.c.Deadline > w.now {
				continue
			}
			g.done = true
			w.Checked++
			if g.broken {
				continue
			}
			w.Held++
			if g.got+machine.Duration(w.now-g.c.Deadline) < g.c.Estimate {
				return fmt.Errorf("%v: a constraint of %v from %v to %v got %v", b, g.c.Estimate, g.c.Start, g.c.Deadline, g.got)
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
func (w *World) window(a *actor) error {
	if a.amount == 0 {
		a.runs = a.runs[:0]
		return nil
	}
	if err := w.test(a, w.now.Add(-a.window)); err != nil {
		return err
	}
	for len(a.runs) > 1 && a.runs[0].to.Add(a.window) <= w.now {
		if err := w.test(a, a.runs[0].to); err != nil {
			return err
		}
		a.runs = a.runs[1:]
	}
	return nil
}

// test looks at one window, which has ended.
func (w *World) test(a *actor, from machine.Time) error {
	if from < a.since {
		return nil
	}
	w.Windows++
	to := from.Add(a.window)
	if got := a.upTo(to) - a.upTo(from); got < a.amount-w.p.Slack {
		return fmt.Errorf("%s was promised %v in %v, and got %v from %v to %v", a.a.Name, a.amount, a.window, got, from, to)
	}
	return nil
}
