package edf

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

func TestBadInput(t *testing.T) {
	w := newWorld(t, Config{}, 1)
	a := &sched.Activity{Name: "a"}
	x := w.hog("x", a)
	far := machine.Duration(math.MaxInt64)
	for _, r := range []struct{ amount, period machine.Duration }{
		{-1, ms}, {2 * ms, ms}, {1, 1}, {1, -1}, {math.MinInt64, math.MinInt64}, {far, far - 1}, {us, 50 * us},
	} {
		if _, err := w.p.Reserve(a, r.amount, r.period, w.now); !errors.Is(err, com.ErrInvalid) {
			t.Errorf("Reserve %v of %v: %v", r.amount, r.period, err)
		}
		w.check()
	}
	if _, err := w.p.Reserve(nil, 1*ms, 2*ms, w.now); !errors.Is(err, com.ErrInvalid) {
		t.Errorf("Reserve for nobody: %v", err)
	}
	g, err := w.p.Reserve(a, 9*ms, 10*ms, w.now)
	if !errors.Is(err, com.ErrQuota) || g.Amount < 8490*us || g.Amount > 8500*us || w.p.Promises() != 0 {
		t.Errorf("90 %%: %v, would fit %+v", err, g)
	}
	if g, err = w.p.Reserve(a, g.Amount, g.Period, w.now); err != nil {
		t.Errorf("what would fit does not: %v", err)
	}
	b := &sched.Activity{Name: "b"}
	if g, err := w.p.Reserve(b, far/2, far, w.now); !errors.Is(err, com.ErrQuota) || g.Amount > 100*us {
		t.Errorf("half of for ever: %v, %+v", err, g)
	}
	if g, err := w.p.Reserve(a, far/2, far, w.now); err != nil || g.Period != MaxPeriod || g.Amount != 500*ms {
		t.Errorf("half of for ever instead: %v, %+v", err, g)
	}
	w.check()
	for _, c := range []sched.Constraint{
		{Estimate: -1, Deadline: 10},
		{Start: 20, Deadline: 10},
		{Start: machine.Forever, Deadline: machine.Forever},
		{Start: machine.Forever - 1, Estimate: far, Deadline: machine.Forever},
		{Start: -1, Deadline: 10, Delayed: true},
		{Start: machine.Forever, Deadline: machine.Forever, Delayed: true},
	} {
		if _, err := w.p.Begin(&x.ent, c, w.now); !errors.Is(err, com.ErrInvalid) {
			t.Errorf("Begin %+v: %v", c, err)
		}
		if _, err := w.p.End(&x.ent, w.now); !errors.Is(err, com.ErrInvalid) {
			t.Errorf("End without Begin: %v", err)
		}
		if _, _, err := w.p.EndBegin(&x.ent, c, w.now); !errors.Is(err, com.ErrInvalid) {
			t.Errorf("EndBegin without Begin: %v", err)
		}
		w.check()
	}
	for _, c := range []sched.Constraint{
		{Estimate: far, Deadline: machine.Forever},
		{Estimate: ms, Deadline: machine.Forever},
		{Start: math.MinInt64, Estimate: far, Deadline: machine.Forever},
		{Start: math.MinInt64, Estimate: 1, Deadline: math.MinInt64},
		{Estimate: 11 * ms, Deadline: machine.Time(10 * ms)},
		{Estimate: 1, Deadline: -1, Start: -2},
	} {
		if w.begin(x, c) {
			t.Errorf("%+v is promised", c)
		}
		w.end(x)
	}
	full := newWorld(t, Config{Constraints: 2}, 1)
	for i := range 3 {
		if ok := full.begin(full.hog("x", nil), full.due(us, ms)); ok != (i < 2) {
			t.Errorf("constraint %d of at most 2: promised %v", i, ok)
		}
	}
	for range MaxNested {
		w.begin(x, w.due(0, ms))
	}
	if _, err := w.p.Begin(&x.ent, w.due(0, ms), w.now); !errors.Is(err, com.ErrInvalid) {
		t.Errorf("too deep: %v", err)
	}
	if _, _, err := w.p.EndBegin(&x.ent, sched.Constraint{Estimate: -1}, w.now); !errors.Is(err, com.ErrInvalid) || w.p.begun != MaxNested {
		t.Errorf("EndBegin of a bad one: %v, and %d are left", err, w.p.begun)
	}
	var stranger sched.Entity
	if _, err := w.p.Begin(&stranger, w.due(1, 1), w.now); !errors.Is(err, com.ErrInvalid) {
		t.Errorf("a stranger begins: %v", err)
	}
	if err := w.p.Add(&x.ent, w.now); !errors.Is(err, com.ErrInvalid) {
		t.Errorf("added twice: %v", err)
	}
	w.p.Remove(&stranger, w.now)
	w.p.Remove(&x.ent, w.now)
	w.check()
	if w.p.begun != 0 || w.p.Promises() != 1 {
		t.Errorf("%d promises of a thread that is gone", w.p.Promises())
	}
	w.reserveOr(a, 0, 0)
	w.check()
	if e, until := w.p.Pick(w.now); e != nil || until != machine.Forever || w.p.Promises() != 0 {
		t.Errorf("%v until %v, %d promises", e, until, w.p.Promises())
	}
	if !strings.HasPrefix(w.p.Dump(), "edf: 0.0 % of 85.0 % reserved, 0 constraints") {
		t.Error(w.p.Dump())
	}
}

// TestOwnerIsDestroyed removes a thread that holds a mutex, within a constraint and the
// last of an activity with a reservation, while another waits for it.
func TestOwnerIsDestroyed(t *testing.T) {
	w := newWorld(t, Config{}, 1)
	a := &sched.Activity{Name: "a"}
	owner, waits := w.hog("owner", a), w.hog("waits", nil)
	hog := w.hog("hog", nil)
	w.reserveOr(a, 2*ms, 10*ms)
	if !w.begin(owner, w.due(ms, 10*ms)) || !w.begin(waits, w.due(4*ms, 20*ms)) {
		t.Fatal("refused")
	}
	waits.ent.Waits = &owner.ent
	w.p.Block(&waits.ent, w.now)
	w.run(w.now.Add(ms))
	w.p.Remove(&owner.ent, w.now)
	w.actors = w.actors[1:]
	w.check()
	if was := hog.used; true {
		if w.run(w.now.Add(2 * ms)); hog.used-was != 2*ms || waits.used > 0 {
			t.Errorf("the hog ran %v, and the mutex is nobody's", hog.used-was)
		}
	}
	waits.ent.Waits = nil
	w.p.Ready(&waits.ent, w.now)
	if w.run(w.now.Add(5 * ms)); waits.used < 4*ms {
		t.Errorf("it goes on for %v", waits.used)
	}
	if n := w.p.Promises(); n != 2 { // a reservation, and a constraint that is not ended
		t.Errorf("%d promises", n)
	}
	w.reserveOr(a, 0, 0)
	w.p.Remove(&waits.ent, w.now)
	w.check()
	if n := w.p.Promises(); n != 0 || len(w.p.known) != 0 || len(w.p.groups) != 0 {
		t.Errorf("%d promises in the end, %d accounts", n, len(w.p.known))
	}
}

// TestReservationsTakeNothingFromConstraints has others reserve while a constraint is in
// force, and the activity itself.
func TestReservationsTakeNothingFromConstraints(t *testing.T) {
	w := newWorld(t, Config{}, 1)
	mine, theirs := &sched.Activity{Name: "mine"}, &sched.Activity{Name: "theirs"}
	x := w.hog("x", mine)
	other := w.hog("other", theirs)
	if !w.begin(x, w.due(7*ms, 10*ms)) {
		t.Fatal("refused")
	}
	before := w.p.Dump()
	g, err := w.p.Reserve(theirs, 5*ms, 10*ms, w.now)
	if errors.Is(err, com.ErrQuota) {
		if after := w.p.Dump(); after != before || g.Amount >= 5*ms {
			t.Errorf("a refusal, with %v, changed\n%s\ninto\n%s", g, before, after)
		}
	} else if err != nil {
		t.Error(err)
	}
	for _, amount := range []machine.Duration{2 * ms, ms, 3 * ms, 0} {
		w.reserveOr(mine, amount, 20*ms)
		w.check()
	}
	w.run(machine.Time(10 * ms))
	if x.used < 7*ms {
		t.Errorf("it got %v of 7 ms, and the other %v", x.used, other.used)
	}
}
