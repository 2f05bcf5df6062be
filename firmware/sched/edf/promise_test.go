package edf

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

// reserve gives random reservations to activities with a thread that always works and
// perhaps one that comes and goes, and returns them.
func (w *world) reserve(t *rapid.T) (acts []*sched.Activity, grants []sched.Grant) {
	for i := range rapid.IntRange(0, 6).Draw(t, "reservations") {
		a := &sched.Activity{Name: fmt.Sprint("reserved ", i)}
		period := machine.Duration(rapid.IntRange(1, 40).Draw(t, "period")) * 500 * us
		amount := period * machine.Duration(rapid.IntRange(5, 60).Draw(t, "percent")) / 100
		g, err := w.p.Reserve(a, amount, period, w.now)
		w.check()
		if err != nil {
			continue
		}
		if int64(g.Amount)*int64(period) < int64(amount)*int64(g.Period) || g.Period > period {
			t.Fatalf("asked for %v of %v, got %v of %v", amount, period, g.Amount, g.Period)
		}
		if rapid.IntRange(0, 2).Draw(t, "always") == 0 {
			w.visitor(a)
			continue
		}
		acts, grants = append(acts, a), append(grants, g)
		w.hog(a.Name, a)
		if rapid.Bool().Draw(t, "another") {
			w.visitor(a)
		}
	}
	return acts, grants
}

// visitor adds one that works and sleeps by turns.
func (w *world) visitor(a *sched.Activity) {
	w.actor("visitor", a, 10*us, func(a *actor) {
		a.work = w.between(us, 3*ms)
		if w.chance.IntN(2) == 0 {
			w.sleep(a, w.now.Add(w.between(us, 10*ms)))
		}
	})
}

// constrained adds one that has one constraint after the other, and asserts that those
// that are promised are kept.
func (w *world) constrained(name string, activity *sched.Activity, mus []*mutex, sections int, kept *int) {
	var deadlines [3]machine.Time // of promises; 0 for none
	depth := 0
	const section = 200 * us
	begin := func(a *actor, within machine.Duration) {
		window := w.between(100*us, 12*ms)
		est := w.between(10*us, window/machine.Duration(1+w.chance.IntN(4)))
		if within > 0 {
			est = min(est, within)
		}
		locks := depth == 0 && len(mus) > 0 && w.chance.IntN(2) == 0
		if locks {
			est += section * machine.Duration(sections)
			window += est
		}
		start := w.now.Add(machine.Duration(w.chance.IntN(2)) * w.between(0, 8*ms))
		if depth > 0 {
			start = w.now // waiting for a start would break the outer one
		}
		c := sched.Constraint{Start: start, Estimate: est, Deadline: start.Add(window)}
		ok, err := w.p.Begin(&a.ent, c, w.now)
		if err != nil {
			w.t.Fatalf("Begin: %v", err)
		}
		deadlines[depth] = 0
		if ok {
			deadlines[depth] = c.Deadline
		}
		depth++
		a.work = est
		if w.chance.IntN(3) == 0 {
			a.work = w.between(us, est)
		}
		if locks {
			m := mus[w.chance.IntN(len(mus))]
			a.work = est - section*machine.Duration(sections)
			step := a.step
			rest := a.work / 2
			a.work -= rest
			a.step = func() {
				a.step = step
				w.lock(m, a, func() {
					a.work = section
					a.step = func() {
						a.step = step
						a.work = rest
						w.unlock(m)
					}
				})
			}
		}
	}
	end := func(a *actor) {
		depth--
		if d := deadlines[depth]; d > 0 {
			*kept++
			if w.now > d {
				w.t.Fatalf("%s ends at %v what was promised for %v\n%s", a.name, w.now, d, w.p.Dump())
			}
		}
		if _, err := w.p.End(&a.ent, w.now); err != nil {
			w.t.Fatalf("End: %v", err)
		}
	}
	var outerLeft machine.Duration
	w.actor(name, activity, 10*us, func(a *actor) {
		switch {
		case depth == 0:
			begin(a, 0)
			if !a.ent.Policy.(*task).able || w.chance.IntN(3) > 0 || a.work < 100*us || len(mus) > 0 {
				return
			}
			// Some of the work is done in an inner constraint.
			work := a.work
			begin(a, work/2)
			outerLeft = work - a.work
		case depth == 2:
			end(a)
			a.work = outerLeft
		default:
			end(a)
			a.work = w.between(us, 500*us)
			if w.chance.IntN(3) > 0 {
				w.sleep(a, w.now.Add(w.between(us, 15*ms)))
			}
		}
	})
}

// liar adds one that breaks the rules: it overruns its constraints, and sleeps in them.
func (w *world) liar(activity *sched.Activity) {
	in := false
	w.actor("liar", activity, 10*us, func(a *actor) {
		var err error
		switch {
		case !in:
			window := w.between(100*us, 12*ms)
			_, err = w.p.Begin(&a.ent, sched.Constraint{Start: w.now, Estimate: w.between(0, window), Deadline: w.now.Add(window)}, w.now)
			in = true
		case w.chance.IntN(2) == 0:
			_, err = w.p.End(&a.ent, w.now)
			in = false
		}
		if err != nil {
			w.t.Fatalf("%v", err)
		}
		a.work = w.between(us, 4*ms)
		if w.chance.IntN(2) == 0 {
			w.sleep(a, w.now.Add(w.between(us, 5*ms)))
		}
	})
}

// TestPromisesAreKept has reserved activities that always work, honest threads with constraints,
// some with mutexes, and others that do what they like. Each reservation gets its amount in each
// of its periods and each promised constraint ends by its deadline.
func TestPromisesAreKept(t *testing.T) {
	total := 0
	rapid.Check(t, func(t *rapid.T) {
		// At times nobody notices the end of a slice at once. Then a period's amount may come that
		// much later, and the time before that much as well.
		stretch := machine.Duration(rapid.IntRange(0, 1).Draw(t, "late")) * 50 * us
		w := newWorld(t, Config{Blocking: stretch}, rapid.Uint64().Draw(t, "seed"))
		w.stretch = stretch
		acts, grants := w.reserve(t)
		got := make([]machine.Duration, len(acts))
		ends := make([]machine.Time, len(acts))
		for i := range ends {
			ends[i] = machine.Time(grants[i].Period)
		}
		w.ran = func(_, a *actor, from, to machine.Time) {
			for i := range acts {
				for ends[i] <= to {
					if a.ent.Activity == acts[i] && from < ends[i] {
						got[i] += ends[i].Sub(from)
						from = ends[i]
					}
					if got[i] < grants[i].Amount-2*stretch {
						t.Fatalf("%s got %v instead of %v until %v\n%s", acts[i].Name, got[i], grants[i].Amount, ends[i], w.p.Dump())
					}
					got[i] = 0
					ends[i] = ends[i].Add(grants[i].Period)
				}
				if a.ent.Activity == acts[i] {
					got[i] += to.Sub(from)
				}
			}
		}
		kept := 0
		mus := []*mutex{{}, {}}[:rapid.IntRange(0, 2).Draw(t, "mutexes")]
		n := rapid.IntRange(0, 6).Draw(t, "constrained")
		for i := range n {
			var activity *sched.Activity
			if len(acts) > 0 && i%2 == 0 {
				activity = acts[i%len(acts)]
			}
			w.constrained(fmt.Sprint("constrained ", i), activity, mus, n+1, &kept)
		}
		for range rapid.IntRange(0, 3).Draw(t, "liars") {
			w.liar(nil)
		}
		for range rapid.IntRange(0, 3).Draw(t, "hogs") {
			w.hog("hog", nil)
		}
		w.run(machine.Time(300 * ms))
		total += kept
	})
	if total == 0 {
		t.Error("nothing was promised")
	}
	t.Logf("%d promises kept", total)
}
