package edf

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

func (w *world) reserveOr(a *sched.Activity, amount, period machine.Duration) {
	w.t.Helper()
	if _, err := w.p.Reserve(a, amount, period, w.now); err != nil {
		w.t.Fatalf("Reserve: %v", err)
	}
}

func (w *world) begin(a *actor, c sched.Constraint) bool {
	w.t.Helper()
	ok, err := w.p.Begin(&a.ent, c, w.now)
	if err != nil {
		w.t.Fatalf("Begin: %v", err)
	}
	w.check()
	return ok
}

func (w *world) end(a *actor) machine.Duration {
	w.t.Helper()
	taken, err := w.p.End(&a.ent, w.now)
	if err != nil {
		w.t.Fatalf("End: %v", err)
	}
	w.check()
	return taken
}

// due is a constraint from now on.
func (w *world) due(estimate, window machine.Duration) sched.Constraint {
	return sched.Constraint{Start: w.now, Estimate: estimate, Deadline: w.now.Add(window)}
}

// TestSpareTimeIsSharedEvenly has threads without promises share what reservations leave.
func TestSpareTimeIsSharedEvenly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, Config{}, rapid.Uint64().Draw(t, "seed"))
		w.stretch = machine.Duration(rapid.IntRange(0, 50).Draw(t, "stretch")) * us
		w.reserve(t)
		var hogs []*actor
		for range rapid.IntRange(2, 10).Draw(t, "hogs") {
			hogs = append(hogs, w.hog("hog", nil))
		}
		for range 20 {
			w.run(w.now.Add(31 * ms))
			lo, hi := hogs[0].used, hogs[0].used
			for _, h := range hogs {
				lo, hi = min(lo, h.used), max(hi, h.used)
			}
			if hi-lo > sched.Quantum+2*w.stretch {
				t.Fatalf("shares differ by %v", hi-lo)
			}
		}
	})
}

// TestOthersDoNotMatter runs a reserved and a constrained thread alone, and again beside a crowd,
// and finds that both get what they were promised.
func TestOthersDoNotMatter(t *testing.T) {
	for _, crowd := range []int{0, 1, 10, 100} {
		w := newWorld(t, Config{}, 1)
		a := &sched.Activity{Name: "synth"}
		w.reserveOr(a, 3*ms, 10*ms)
		hog := w.hog("synth", a)
		promised, late := 0, 0
		state := 0
		w.actor("audio", nil, us, func(a *actor) {
			if state++; state%2 == 0 {
				if w.now > machine.Time(a.wake) {
					late++
				}
				w.end(a)
				a.work = us
				w.sleep(a, machine.Time(state/2)*machine.Time(5*ms))
				return
			}
			if w.begin(a, w.due(2*ms, 4*ms)) {
				promised++
			}
			a.work = 2 * ms
		})
		for range crowd {
			w.hog("crowd", nil)
		}
		w.run(machine.Time(machine.Second))
		if promised < 199 || late > 0 {
			t.Errorf("beside %d: %d constraints promised, %d late", crowd, promised, late)
		}
		if crowd > 0 && hog.used < 300*ms {
			t.Errorf("beside %d the reservation got %v", crowd, hog.used)
		}
	}
}

func TestNestedConstraints(t *testing.T) {
	w := newWorld(t, Config{}, 1)
	a := w.hog("a", nil)
	w.hog("other", nil)
	if !w.begin(a, w.due(5*ms, 10*ms)) {
		t.Fatal("the outer does not fit")
	}
	if !w.begin(a, w.due(4*ms, 20*ms)) {
		t.Fatal("the inner does not fit in the outer")
	}
	tk := a.ent.Policy.(*task)
	if tk.stack[0].rest != 1*ms || tk.stack[1].deadline != machine.Time(10*ms) {
		t.Fatalf("it was not taken from the outer:\n%s", w.p.Dump())
	}
	w.run(machine.Time(1 * ms))
	if got := w.end(a); got != 1*ms || tk.stack[0].rest != 4*ms {
		t.Fatalf("taken %v:\n%s", got, w.p.Dump())
	}
	if w.begin(a, w.due(10*ms, 9*ms)) {
		t.Fatal("an estimate longer than the window is promised")
	}
	w.run(machine.Time(3 * ms))
	if a.used != 3*ms {
		t.Fatalf("within a refused one the outer promise does not stand: %v", a.used)
	}
	if got := w.end(a); got != 2*ms {
		t.Fatalf("taken %v", got)
	}
	w.run(machine.Time(20 * ms))
	if got := w.end(a); got != a.used {
		t.Fatalf("taken %v, used %v", got, a.used)
	}
	if w.p.Promises() != 0 {
		t.Fatal("a promise is left")
	}
}

// TestNothingIsBorrowedFromTheFuture: what was given back to a constraint that has yet to begin
// could have been promised to others meanwhile.
func TestNothingIsBorrowedFromTheFuture(t *testing.T) {
	w := newWorld(t, Config{}, 1)
	a := w.hog("a", nil)
	later := w.due(2*ms, 3*ms)
	later.Start = machine.Time(ms)
	if !w.begin(a, later) || !w.begin(a, w.due(ms, ms)) {
		t.Fatal("they do not fit")
	}
	if rest := a.ent.Policy.(*task).stack[0].rest; rest != 2*ms {
		t.Fatalf("%v are left of the outer one", rest)
	}
	w.end(a)
	w.run(machine.Time(3 * ms))
	if a.used != 2*ms {
		t.Fatalf("it got %v", a.used)
	}
}

func TestCriticalOnesDisplaceTheirOwn(t *testing.T) {
	w := newWorld(t, Config{}, 1)
	mine, others := &sched.Activity{Name: "mine"}, &sched.Activity{Name: "others"}
	a, b, c := w.hog("a", mine), w.hog("b", mine), w.hog("c", others)
	for _, x := range []*actor{a, c} {
		if !w.begin(x, w.due(4*ms, 10*ms)) {
			t.Fatal("it does not fit")
		}
	}
	critical := w.due(5*ms, 10*ms)
	if w.begin(b, critical) {
		t.Fatal("too much is promised")
	}
	w.end(b)
	critical.Critical = true
	if !w.begin(b, critical) {
		t.Fatal("a critical one does not displace")
	}
	more := critical
	more.Estimate = 7 * ms
	if w.begin(a, more) {
		t.Fatal("another activity is displaced")
	}
	w.run(machine.Time(9 * ms))
	if b.used != 5*ms || c.used != 4*ms || a.used != 0 {
		t.Fatalf("used %v, %v, %v", a.used, b.used, c.used)
	}
}

func TestDelayedConstraintsBeginAtTheWakeUp(t *testing.T) {
	w := newWorld(t, Config{}, 1)
	a := w.hog("driver", nil)
	w.hog("other", nil)
	if w.begin(a, sched.Constraint{Start: 0, Estimate: 2 * ms, Deadline: machine.Time(3 * ms), Delayed: true}) {
		t.Fatal("it is promised before anybody knows when")
	}
	w.sleep(a, machine.Time(25*ms))
	w.run(machine.Time(27 * ms))
	if a.used != 2*ms {
		t.Fatalf("it got %v\n%s", a.used, w.p.Dump())
	}
	if got := w.end(a); got != 2*ms {
		t.Fatalf("taken %v", got)
	}
}

// TestTakenIsWithoutOthers counts what a thread ran and waited for, not what others ran.
func TestTakenIsWithoutOthers(t *testing.T) {
	w := newWorld(t, Config{}, 1)
	a := w.hog("a", nil)
	w.hog("other", nil)
	if w.begin(a, sched.Constraint{Start: machine.Time(5 * ms), Estimate: ms, Deadline: machine.Time(100 * ms)}) != true {
		t.Fatal("it does not fit")
	}
	w.run(machine.Time(5*ms + 500*us))
	if a.used != 500*us {
		t.Fatalf("it ran %v; it began too early or too late", a.used)
	}
	w.sleep(a, machine.Time(8*ms))
	w.run(machine.Time(50 * ms))
	if got := w.end(a); got != a.used+2500*us {
		t.Fatalf("taken %v, used %v", got, a.used)
	}
	w.begin(a, w.due(ms, 2*ms))
	w.run(machine.Time(51 * ms))
	if taken, ok, err := w.p.EndBegin(&a.ent, w.due(ms, 2*ms), w.now); taken != ms || !ok || err != nil {
		t.Fatalf("%v, %v, %v", taken, ok, err)
	}
	w.check()
}

// TestInheritance has a thread without promises own a mutex that one with a constraint waits for,
// by way of a third, while others compute.
func TestInheritance(t *testing.T) {
	w := newWorld(t, Config{}, 1)
	var outer, inner mutex
	low, middle, high := w.hog("low", nil), w.hog("middle", nil), w.hog("high", nil)
	for range 5 {
		w.hog("other", nil)
	}
	w.lock(&inner, low, func() {})
	w.lock(&outer, middle, func() {})
	middle.step = func() {}
	w.lock(&inner, middle, func() { t.Error("it owns it already") })
	if !w.begin(high, w.due(5*ms, 6*ms)) {
		t.Fatal("it does not fit")
	}
	high.step = func() {}
	w.lock(&outer, high, func() {})
	w.check()
	w.run(machine.Time(2 * ms))
	if low.used != 2*ms {
		t.Fatalf("the end of the chain got %v\n%s", low.used, w.p.Dump())
	}
	low.work, middle.work, high.work = -1, -1, -1
	middle.step, high.step = nil, nil
	w.unlock(&inner)
	w.check()
	w.run(machine.Time(3 * ms))
	if middle.used != ms {
		t.Fatalf("the middle of the chain got %v\n%s", middle.used, w.p.Dump())
	}
	w.unlock(&outer)
	w.check()
	w.run(machine.Time(5 * ms))
	if high.used != 2*ms {
		t.Fatalf("the one who waited got %v\n%s", high.used, w.p.Dump())
	}
}

// TestReadySaysWhoIsToGiveWay has threads wake up beside one that runs.
func TestReadySaysWhoIsToGiveWay(t *testing.T) {
	w := newWorld(t, Config{}, 1)
	a := &sched.Activity{Name: "a"}
	w.reserveOr(a, 2*ms, 10*ms)
	reserved, plain, busy := w.hog("reserved", a), w.hog("plain", nil), w.hog("busy", nil)
	for _, x := range []*actor{reserved, plain} {
		w.p.Block(&x.ent, w.now)
	}
	if e, _ := w.p.Pick(w.now); e != &busy.ent {
		t.Fatal("the only one is not picked")
	}
	if w.p.Ready(&plain.ent, w.now) {
		t.Error("one without promises displaces another")
	}
	if !w.p.Ready(&reserved.ent, w.now) {
		t.Error("a reservation with budget does not make others give way")
	}
	if e, _ := w.p.Pick(w.now); e != &reserved.ent {
		t.Error("it is not picked")
	}
	if w.p.Ready(&reserved.ent, w.now) {
		t.Error("it is to give way to itself")
	}
}

// TestUnkeptConstraintsComeFirstWithinTheirActivity has one of three reserved threads begin what
// cannot be promised.
func TestUnkeptConstraintsComeFirstWithinTheirActivity(t *testing.T) {
	w := newWorld(t, Config{}, 1)
	a := &sched.Activity{Name: "a"}
	w.reserveOr(a, 2*ms, 10*ms)
	w.hog("x", a)
	y := w.hog("y", a)
	w.hog("z", a)
	for range 5 {
		w.hog("other", nil)
	}
	if w.begin(y, w.due(30*ms, 20*ms)) {
		t.Fatal("it is promised")
	}
	w.run(machine.Time(42 * ms))
	if y.used < 10*ms {
		t.Fatalf("it got %v\n%s", y.used, w.p.Dump())
	}
	w.end(y)
	used := y.used
	w.run(machine.Time(52 * ms))
	if y.used > used {
		t.Fatal("it goes on first when it is over")
	}
}

// TestLateConstraintsGiveUp has a promise broken by one who never looks; what is left of it is
// neither kept nor in the way of others.
func TestLateConstraintsGiveUp(t *testing.T) {
	w := newWorld(t, Config{}, 1)
	x, y, z := w.hog("x", nil), w.hog("y", nil), w.hog("z", nil)
	e, _ := w.p.Pick(w.now)
	if e != &x.ent || !w.begin(y, w.due(8*ms, 10*ms)) {
		t.Fatal("it is not promised")
	}
	w.now = machine.Time(12 * ms)
	w.p.Charge(e, 12*ms, w.now)
	w.check()
	if !w.begin(z, w.due(9*ms, 10*ms)) {
		t.Fatal("what is late is in the way")
	}
	w.run(machine.Time(21 * ms))
	if z.used != 9*ms || len(w.p.accepted) != 1 {
		t.Fatalf("the other got %v\n%s", z.used, w.p.Dump())
	}
	w.end(z)
	w.end(y)

	w.p.Yield(&x.ent, w.now)
	e, _ = w.p.Pick(w.now)
	late := y
	if e == &y.ent {
		late = z
	}
	if !w.begin(late, w.due(ms, 2*ms)) {
		t.Fatal("it is not promised")
	}
	w.now = w.now.Add(5 * ms)
	w.p.Charge(e, 5*ms, w.now)
	if _, until := w.p.Pick(w.now); until <= w.now || w.p.running.entry != nil || len(w.p.accepted) != 0 {
		t.Fatalf("what is late is kept\n%s", w.p.Dump())
	}
	w.check()
}

// TestAHogThatNeverLooks runs far beyond its slice. Servers get what was owed within a period and lose
// the rest, and all goes on.
func TestAHogThatNeverLooks(t *testing.T) {
	w := newWorld(t, Config{}, 1)
	a := &sched.Activity{Name: "a"}
	w.reserveOr(a, 5*ms, 10*ms)
	x, y := w.hog("x", a), w.hog("y", nil)
	w.run(machine.Time(7 * ms))
	e, _ := w.p.Pick(w.now)
	w.now = w.now.Add(machine.Second)
	w.p.Charge(e, machine.Second, w.now)
	w.check()
	used := x.used
	from := w.now
	w.run(w.now.Add(200 * ms))
	if got := x.used - used; got < 100*ms || y.used < 50*ms || w.now != from.Add(200*ms) {
		t.Fatalf("reserved %v, other %v\n%s", got, y.used, w.p.Dump())
	}
	if w.p.servers[0].missed == 0 {
		t.Error("no lost period is counted")
	}
}
