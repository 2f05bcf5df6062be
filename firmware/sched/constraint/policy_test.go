package constraint

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

func TestGrantsServeWhatWasAskedFor(t *testing.T) {
	s := newScene(t, exact)
	a, b, c := &sched.Activity{Name: "a"}, &sched.Activity{Name: "b"}, &sched.Activity{Name: "c"}
	if g := s.reserve(a, 2*ms, 10*ms); g != (sched.Grant{Amount: 2 * ms, Period: 10 * ms}) {
		t.Errorf("%v", g)
	}
	// Three of every fifteen need three of every ten: two would leave windows of
	// fifteen with two.
	if g := s.reserve(b, 3*ms, 15*ms); g != (sched.Grant{Amount: 3 * ms, Period: 10 * ms}) {
		t.Errorf("%v", g)
	}
	// A period four times the base stays.
	if g := s.reserve(c, 4*ms, 40*ms); g != (sched.Grant{Amount: 4 * ms, Period: 40 * ms}) {
		t.Errorf("%v", g)
	}
	g, err := s.p.Reserve(&sched.Activity{Name: "d"}, 5*ms, 10*ms, 0)
	if !errors.Is(err, com.ErrQuota) || g.Amount < 2900*us || g.Amount > 3000*us || g.Period != 10*ms {
		t.Errorf("%v, %v: 3 ms would fit", g, err)
	}
	if n := s.p.Promises(); n != 3 {
		t.Errorf("%d promises", n)
	}
	for _, act := range []*sched.Activity{a, b, c} {
		s.reserve(act, 0, 0)
	}
	if n := s.p.Promises(); n != 0 {
		t.Errorf("%d promises", n)
	}
	if d := s.p.Dump(); !strings.Contains(d, "base 1s") {
		t.Errorf("the timetable of nobody:\n%s", d)
	}
}

func TestShareServesEveryWindow(t *testing.T) {
	for _, long := range []machine.Duration{10, 13, 19, 20, 27, 39, 40, 100} {
		for amount := machine.Duration(1); amount <= long; amount++ {
			const short = 10
			x := share(amount, long, short)
			if x > short || float64(x)/short < float64(amount)/float64(long)-1e-9 {
				t.Fatalf("%d of %d became %d of %d", amount, long, x, short)
			}
			for from := range machine.Duration(short) { // slices are the first x of each period
				got := machine.Duration(0)
				for i := from; i < from+long; i++ {
					if i%short < x {
						got++
					}
				}
				if got < amount {
					t.Fatalf("%d of %d as %d of %d: %d from %d on", amount, long, x, short, got, from)
				}
			}
		}
	}
}

func TestReservedThreadsRunInTheirSlices(t *testing.T) {
	s := newScene(t, exact)
	a := &sched.Activity{Name: "a"}
	s.thread("a", a)
	s.thread("hog", nil)
	s.reserve(a, 3*ms, 10*ms)
	// In the 7 ms that are free they take turns of 10 ms.
	s.run(20 * 7 * 10 * ms)
	s.expect("a", (3+3)*140*ms+70*ms)
}

func TestConstraintIsMetFromFreeTime(t *testing.T) {
	s := newScene(t, exact)
	a := &sched.Activity{Name: "a"}
	s.thread("a", a)
	s.reserve(a, 3*ms, 10*ms)
	for range 5 {
		s.thread("hog", nil)
	}
	e := s.thread("e", nil)
	if s.begin(e, 8*ms, 10*ms) {
		t.Fatal("8 of 10 ms are promised, and 3 are somebody's")
	}
	s.p.End(e, s.now)
	if !s.begin(e, 7*ms, 10*ms) {
		t.Fatal("7 of 10 ms are refused")
	}
	if order := s.run(10 * ms); order != "a e" {
		t.Errorf("%s ran", order)
	}
	s.expect("e", 7*ms)
	if taken, err := s.p.End(e, s.now); taken != 7*ms || err != nil {
		t.Errorf("it took %v, %v", taken, err)
	}
}

func TestOwnTimeComesFirst(t *testing.T) {
	s := newScene(t, exact)
	a := &sched.Activity{Name: "a"}
	e := s.thread("e", a)
	s.thread("hog", nil)
	s.reserve(a, 3*ms, 10*ms)
	s.begin(e, 3*ms, 10*ms)
	other := s.thread("other", nil)
	if !s.begin(other, 7*ms, 10*ms) {
		t.Fatal("the first constraint has taken time that is free to all")
	}
	s.run(10 * ms)
	s.expect("e", 3*ms)
	s.expect("other", 7*ms)
}

func TestStartInTheFuture(t *testing.T) {
	s := newScene(t, exact)
	e := s.thread("e", nil)
	s.thread("hog", nil)
	ok, err := s.p.Begin(e, sched.Constraint{Start: 5e6, Estimate: 2 * ms, Deadline: 8e6}, s.now)
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	if order := s.run(7 * ms); order != "hog e" {
		t.Errorf("%s", order)
	}
	s.expect("e", 2*ms)
	if taken, _ := s.p.End(e, s.now); taken != 2*ms {
		t.Errorf("it took %v", taken)
	}
}

func TestNestedConstraintsBorrow(t *testing.T) {
	s := newScene(t, exact)
	e := s.thread("e", nil)
	other := s.thread("other", nil)
	if !s.begin(e, 8*ms, 10*ms) || s.begin(other, 2500*us, 10*ms) {
		t.Fatal("9 of 10 ms are there, one of them kept from reservations only")
	}
	s.p.End(other, s.now)
	if !s.begin(e, 5*ms, 6*ms) {
		t.Fatal("the inner constraint is refused what the outer one has")
	}
	if !s.begin(other, 2*ms, 10*ms) {
		t.Fatal("the inner constraint has taken time from others")
	}
	s.run(3 * ms)
	s.expect("e", 3*ms)
	taken, _ := s.p.End(e, s.now) // with 2 ms left, which go back
	if taken != 3*ms {
		t.Errorf("it took %v", taken)
	}
	s.run(7 * ms)
	s.expect("e", 5*ms)
	s.expect("other", 2*ms)
	if taken, _ := s.p.End(e, s.now); taken != 8*ms {
		t.Errorf("the outer one took %v", taken)
	}
}

func TestCriticalDisplacesItsOwnOnly(t *testing.T) {
	s := newScene(t, exact)
	a, b := &sched.Activity{Name: "a"}, &sched.Activity{Name: "b"}
	a1, a2, b1 := s.thread("a1", a), s.thread("a2", a), s.thread("b1", b)
	if !s.begin(a1, 4*ms, 10*ms) || !s.begin(b1, 4*ms, 10*ms) {
		t.Fatal("refused")
	}
	critical := sched.Constraint{Estimate: 7 * ms, Deadline: 10e6, Critical: true}
	if ok, _ := s.p.Begin(a2, critical, s.now); ok {
		t.Fatal("it got time of another activity")
	}
	s.check()
	if !s.p.Promised(a1, s.now) {
		t.Fatal("a refusal has displaced somebody")
	}
	s.p.End(a2, s.now)
	critical.Estimate = 5 * ms
	if ok, _ := s.p.Begin(a2, critical, s.now); !ok {
		t.Fatal("it did not displace one that is not critical")
	}
	s.check()
	s.run(10 * ms)
	s.expect("b1", 4*ms)
	s.expect("a2", 5*ms)
	s.expect("a1", ms)
}

func TestDelayedConstraintCountsFromWaking(t *testing.T) {
	s := newScene(t, exact)
	e := s.thread("e", nil)
	s.thread("hog", nil)
	if ok, err := s.p.Begin(e, sched.Constraint{Estimate: 2 * ms, Deadline: 3e6, Delayed: true}, s.now); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if s.p.Promises() != 1 || s.p.of(e).top.promised() {
		t.Error("prepared is not promised")
	}
	s.p.Block(e, s.now)
	if order := s.run(7 * ms); order != "hog" {
		t.Errorf("%s", order)
	}
	if !s.p.Ready(e, s.now) || !s.p.Promised(e, s.now) {
		t.Error("it is not urgent when it wakes")
	}
	if order := s.run(2 * ms); order != "e" {
		t.Errorf("%s", order)
	}
	if taken, _ := s.p.End(e, s.now); taken != 2*ms {
		t.Errorf("it took %v", taken)
	}
}

func TestDelayedConstraintWithNothingToWaitFor(t *testing.T) {
	s := newScene(t, exact)
	e := s.thread("e", nil)
	s.thread("hog", nil)
	s.run(5 * ms)
	s.p.Begin(e, sched.Constraint{Estimate: 2 * ms, Deadline: 3e6, Delayed: true}, s.now)
	if !s.p.Promised(e, s.now) {
		t.Error("it is not resolved")
	}
	s.check()
	if order := s.run(2 * ms); order != "e" {
		t.Errorf("%s", order)
	}
}

func TestEndBeginLeavesNoGap(t *testing.T) {
	s := newScene(t, exact)
	a := &sched.Activity{Name: "a"}
	e := s.thread("e", a)
	s.reserve(a, 3*ms, 10*ms)
	for range 3 {
		s.thread("hog", nil)
	}
	period := func(k int) sched.Constraint {
		return sched.Constraint{Start: machine.Time(k) * 10e6, Estimate: 3 * ms, Deadline: machine.Time(k+1) * 10e6}
	}
	if ok, _ := s.p.Begin(e, period(0), s.now); !ok {
		t.Fatal("refused")
	}
	for k := range 50 {
		s.run(machine.Duration(period(k).Deadline - s.now))
		if s.ran["e"] < 3*ms {
			t.Fatalf("period %d: %v", k, s.ran["e"])
		}
		taken, ok, err := s.p.EndBegin(e, period(k+1), s.now)
		if err != nil || !ok || taken < 3*ms {
			t.Fatalf("period %d: took %v, %v, %v", k, taken, ok, err)
		}
		s.check()
	}
}

func TestWhatIsLeftGoesToTheActivity(t *testing.T) {
	s := newScene(t, exact)
	a := &sched.Activity{Name: "a"}
	e := s.thread("e", a)
	s.thread("mate", a)
	for range 3 {
		s.thread("hog", nil)
	}
	if !s.begin(e, 8*ms, 10*ms) {
		t.Fatal("refused")
	}
	s.run(3 * ms)
	s.p.End(e, s.now)
	s.p.Block(e, s.now)
	s.check()
	if s.run(5 * ms); s.ran["mate"] != 5*ms {
		t.Errorf("its mate got %v of what it left", s.ran["mate"])
	}
}

func TestUnfinishedRunBeforeTheirMates(t *testing.T) {
	s := newScene(t, exact)
	a := &sched.Activity{Name: "a"}
	s.thread("mate", a)
	e := s.thread("e", a)
	s.reserve(a, 3*ms, 10*ms)
	if s.begin(e, 30*ms, 10*ms) {
		t.Fatal("that cannot be promised")
	}
	s.thread("hog", nil)
	if s.run(30 * ms); s.ran["mate"] != 0 || s.ran["e"] < 9*ms {
		t.Errorf("%v", s.ran)
	}
	s.p.End(e, s.now)
	if s.run(30 * ms); s.ran["mate"] == 0 {
		t.Errorf("%v", s.ran)
	}
}

func TestShortBlockIsMadeUpFor(t *testing.T) {
	s := newScene(t, exact)
	a := &sched.Activity{Name: "a"}
	e := s.thread("e", a)
	s.reserve(a, 3*ms, 10*ms)
	s.thread("hog", nil)
	s.run(ms)
	s.p.Block(e, s.now)
	if s.run(3 * ms); s.ran["hog"] != 3*ms {
		t.Fatalf("%v", s.ran)
	}
	if !s.p.Ready(e, s.now) {
		t.Error("it does not ask for what it missed")
	}
	if s.run(2 * ms); s.ran["e"] != 2*ms {
		t.Errorf("%v", s.ran)
	}
	s.run(machine.Duration(20e6 - s.now))
	s.p.Block(e, s.now)
	s.run(35 * ms) // into the middle of a free part, long after
	s.p.Ready(e, s.now)
	if d := s.p.of(e).act.missed; d != 3*ms {
		t.Errorf("it is to make up for %v, and not for one slice", d)
	}
}

func TestChainsOfMutexesInherit(t *testing.T) {
	s := newScene(t, exact)
	threads := make([]*sched.Entity, 5)
	for i := range threads {
		threads[i] = s.thread(fmt.Sprint(i), nil)
	}
	for range 5 {
		s.thread("hog", nil)
	}
	for i := 4; i > 0; i-- {
		threads[i].Waits = threads[i-1]
		s.p.Block(threads[i], s.now)
	}
	s.p.Ready(threads[4], s.now)
	if !s.begin(threads[4], 5*ms, 20*ms) {
		t.Fatal("refused")
	}
	s.p.Block(threads[4], s.now)
	if order := s.run(5 * ms); order != "0" {
		t.Errorf("%s ran, and not the owner at the end of the chain", order)
	}
	threads[1].Waits = nil
	s.p.Inherit(threads[1], s.now)
	threads[0].Waits = threads[1]
	s.p.Block(threads[0], s.now)
	threads[1].Waits = threads[0] // a ring, which is to end nobody
	s.p.Inherit(threads[1], s.now)
	s.p.Ready(threads[4], s.now)
	s.begin(threads[4], ms, 10*ms)
	s.p.Block(threads[4], s.now)
	if order := s.run(ms); order != "hog" {
		t.Errorf("%s", order)
	}
}

// TestOwnersGiveWayAfterUnlocking has the one who waited go on at once on its
// booking, when the mutex is passed on.
func TestOwnersGiveWayAfterUnlocking(t *testing.T) {
	s := newScene(t, exact)
	owner, e := s.thread("owner", nil), s.thread("e", nil)
	s.thread("hog", nil)
	if !s.begin(e, 5*ms, 20*ms) {
		t.Fatal("refused")
	}
	e.Waits = owner
	s.p.Block(e, s.now)
	if s.run(ms); s.ran["owner"] != ms {
		t.Fatalf("%v", s.ran)
	}
	if got, _ := s.p.Pick(s.now); got != owner || s.p.Right(owner) != sched.RightBooked || s.p.Right(e) != sched.RightNone {
		t.Errorf("%v runs, the owner by right %v", got.Owner, s.p.Right(owner))
	}
	e.Waits = nil
	if !s.p.Ready(e, s.now) {
		t.Error("the owner does not give way")
	}
	if s.run(4 * ms); s.ran["e"] != 4*ms {
		t.Errorf("%v", s.ran)
	}
	if bystander := s.thread("bystander", nil); s.p.Ready(bystander, s.now) {
		t.Error("somebody without a booking is before one with it")
	}
}

func TestReservationOfWhoWaitsRunsTheOwner(t *testing.T) {
	s := newScene(t, exact)
	a := &sched.Activity{Name: "a"}
	e, owner := s.thread("e", a), s.thread("owner", nil)
	s.reserve(a, 5*ms, 10*ms)
	for range 10 {
		s.thread("hog", nil)
	}
	e.Waits = owner
	s.p.Block(e, s.now)
	if s.run(5 * ms); s.ran["owner"] != 5*ms {
		t.Errorf("%v", s.ran)
	}
}

func TestBlockedConstraintCostsOthersNothing(t *testing.T) {
	s := newScene(t, exact)
	one, two := s.thread("one", nil), s.thread("two", nil)
	if !s.begin(one, 4*ms, 8*ms) || !s.begin(two, 4*ms, 9*ms) {
		t.Fatal("refused")
	}
	s.p.Block(one, s.now)
	s.run(3 * ms)
	s.p.Ready(one, s.now)
	s.run(6 * ms)
	if s.ran["two"] < ms { // with the 3 ms before
		t.Errorf("%v", s.ran)
	}
}

func TestSpareTimeIsEven(t *testing.T) {
	s := newScene(t, exact)
	a := &sched.Activity{Name: "a"}
	s.thread("a", a)
	s.reserve(a, 4*ms, 13*ms)
	e := s.thread("e", nil)
	for i := range 7 {
		act := &sched.Activity{}
		for range 1 + i%3 {
			s.thread(fmt.Sprint(i), act)
		}
	}
	total := map[string]machine.Duration{}
	for k := range 300 {
		s.begin(e, machine.Duration(1+k%5)*ms, 20*ms)
		s.run(machine.Duration(1+k%17) * ms)
		s.p.End(e, s.now)
		lo, hi := machine.Duration(math.MaxInt64), machine.Duration(0)
		for i := range 7 {
			name := fmt.Sprint(i)
			total[name] += s.ran[name]
			lo, hi = min(lo, total[name]), max(hi, total[name])
		}
		if hi-lo > sched.Quantum {
			t.Fatalf("shares of spare time differ by %v", hi-lo)
		}
	}
}

// TestSpareTimeIsEvenAmongLateThreads has threads that give way late share what
// random reservations and constraints of others leave.
func TestSpareTimeIsEvenAmongLateThreads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		late := machine.Duration(rapid.IntRange(0, 70).Draw(t, "late")) * us
		p, now := New(Config{}), machine.Time(0)
		chance := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		thread := func(a *sched.Activity) *sched.Entity {
			e := &sched.Entity{Activity: a}
			if err := p.Add(e, now); err != nil {
				t.Fatal(err)
			}
			p.Ready(e, now)
			return e
		}
		for i := range rapid.IntRange(0, 3).Draw(t, "reservations") {
			a := &sched.Activity{Name: fmt.Sprint("reserved ", i)}
			thread(a)
			if _, err := p.Reserve(a, machine.Duration(1+chance.IntN(2))*ms, machine.Duration(10+chance.IntN(20))*ms, now); err != nil {
				t.Fatal(err)
			}
		}
		busy := thread(nil)
		used := map[*sched.Entity]machine.Duration{}
		var hogs []*sched.Entity
		for range rapid.IntRange(2, 8).Draw(t, "hogs") {
			hogs = append(hogs, thread(&sched.Activity{}))
		}
		for range 300 {
			e, until := p.Pick(now)
			d := until.Sub(now)
			if late > 0 {
				d += machine.Duration(chance.Int64N(int64(late)))
			}
			now = now.Add(d)
			used[e] += d
			p.Charge(e, d, now)
			if chance.IntN(4) == 0 {
				p.End(busy, now)
				if _, err := p.Begin(busy, sched.Constraint{Estimate: machine.Duration(1+chance.IntN(4)) * ms, Deadline: now.Add(15 * ms)}, now); err != nil {
					t.Fatal(err)
				}
			}
			lo, hi := used[hogs[0]], used[hogs[0]]
			for _, h := range hogs {
				lo, hi = min(lo, used[h]), max(hi, used[h])
			}
			if hi-lo > sched.Quantum+2*late {
				t.Fatalf("at %v shares of spare time differ by %v", now, hi-lo)
			}
		}
	})
}

// TestDecisionsDoNotGrow counts what a decision looks at, with more and more
// threads.
func TestDecisionsDoNotGrow(t *testing.T) {
	var first float64
	for _, n := range []int{1, 10, 100, 1000, 10000} {
		s := newStage(t, 10, 10+n)
		for i, e := range s.threads[:10] {
			if ok, err := s.p.Begin(e, sched.Constraint{Estimate: ms / 4, Deadline: machine.Time(machine.Second) * machine.Time(i+1)}, 0); !ok || err != nil {
				t.Fatal(ok, err)
			}
		}
		const turns = 20000
		before, most := s.p.Steps(), uint64(0)
		for range turns {
			was := s.p.Steps()
			s.turn()
			most = max(most, s.p.Steps()-was)
		}
		mean := float64(s.p.Steps()-before) / turns
		t.Logf("%5d threads: %.2f steps a decision, at most %d", n, mean, most)
		if n == 1 {
			first = mean
		}
		if mean > first+0.5 || most > 40 {
			t.Errorf("%d threads: %.2f steps a decision, at most %d; with one thread it is %.2f", n, mean, most, first)
		}
	}
}

func TestNothingAllocates(t *testing.T) {
	s := newStage(t, 10, 50)
	e, other := s.threads[3], s.threads[40]
	if n := testing.AllocsPerRun(500, func() {
		for _, x := range []*sched.Entity{e, other} {
			c := sched.Constraint{Estimate: ms / 4, Deadline: s.now.Add(50 * ms)}
			for range 3 {
				if _, err := s.p.Begin(x, c, s.now); err != nil {
					t.Fatal(err)
				}
			}
			c.Critical = true
			s.p.EndBegin(x, c, s.now)
			for range 10 {
				s.turn()
			}
			s.p.Block(x, s.now)
			s.turn()
			s.p.Ready(x, s.now)
			s.p.Yield(x, s.now)
			c.Start = s.now.Add(ms)
			s.p.Begin(x, c, s.now)
			for range 4 {
				s.p.End(x, s.now)
			}
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
