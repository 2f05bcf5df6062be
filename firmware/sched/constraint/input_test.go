package constraint

import (
	"errors"
	"math"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

func TestBadReservations(t *testing.T) {
	s := newScene(t, Config{})
	a := &sched.Activity{Name: "a"}
	s.thread("a", a)
	s.reserve(a, ms, 10*ms)
	for _, bad := range []struct {
		a              *sched.Activity
		amount, period machine.Duration
	}{
		{nil, ms, 10 * ms}, {a, -1, 10 * ms}, {a, ms, 0}, {a, ms, -10 * ms}, {a, 11 * ms, 10 * ms},
		{a, 500, 1000}, {a, math.MaxInt64, math.MaxInt64 - 1}, {a, math.MinInt64, math.MinInt64},
	} {
		if _, err := s.p.Reserve(bad.a, bad.amount, bad.period, s.now); !errors.Is(err, com.ErrInvalid) {
			t.Errorf("%v of %v: %v", bad.amount, bad.period, err)
		}
		s.check()
	}
	for _, much := range []struct{ amount, period machine.Duration }{
		{10 * ms, 10 * ms}, {math.MaxInt64, math.MaxInt64}, {9 * ms, 10 * ms},
	} {
		g, err := s.p.Reserve(a, much.amount, much.period, s.now)
		if !errors.Is(err, com.ErrQuota) || g.Amount <= 0 || g.Amount >= much.amount {
			t.Errorf("%v of %v: %v, %v", much.amount, much.period, g, err)
		}
		s.check()
	}
	if g := s.p.Reserved(a); g != (sched.Grant{Amount: ms, Period: 10 * ms}) {
		t.Errorf("refusals have changed the reservation to %v", g)
	}
	if g := s.reserve(a, math.MaxInt64/10, math.MaxInt64); g.Period > machine.Second || float64(g.Amount)/float64(g.Period) < 0.1 {
		t.Errorf("a tenth of for ever: %v", g)
	}
}

func TestBadConstraints(t *testing.T) {
	s := newScene(t, exact)
	s.now = machine.Time(machine.Second)
	e := s.thread("e", nil)
	if _, err := s.p.End(e, s.now); !errors.Is(err, com.ErrInvalid) {
		t.Errorf("end without begin: %v", err)
	}
	if _, _, err := s.p.EndBegin(e, sched.Constraint{Estimate: 1, Deadline: machine.Forever}, s.now); !errors.Is(err, com.ErrInvalid) {
		t.Errorf("end without begin: %v", err)
	}
	for _, c := range []sched.Constraint{
		{}, {Estimate: -1, Deadline: 5}, {Estimate: 1, Start: -1, Deadline: 5}, {Estimate: 1, Deadline: -1}, {Estimate: math.MinInt64},
	} {
		if _, err := s.p.Begin(e, c, s.now); !errors.Is(err, com.ErrInvalid) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if _, err := s.p.Begin(new(sched.Entity), sched.Constraint{Estimate: 1, Deadline: machine.Forever}, s.now); !errors.Is(err, com.ErrInvalid) {
		t.Errorf("an entity nobody knows: %v", err)
	}
	for name, c := range map[string]sched.Constraint{
		"estimate longer than its window": {Estimate: 2 * ms, Deadline: s.now.Add(ms)},
		"deadline in the past":            {Estimate: ms, Deadline: s.now - 1},
		"deadline now":                    {Estimate: 1, Deadline: s.now},
		"start after the deadline":        {Estimate: 1, Start: s.now.Add(20), Deadline: s.now.Add(10)},
		"all the time there is":           {Estimate: math.MaxInt64, Deadline: machine.Forever},
		"a delay beyond the end of time":  {Estimate: 1, Start: machine.Forever - 5, Deadline: machine.Forever, Delayed: true},
	} {
		ok, err := s.p.Begin(e, c, s.now)
		if ok || err != nil {
			t.Errorf("%s: %v, %v", name, ok, err)
		}
		s.check()
		if _, err := s.p.End(e, s.now); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !s.begin(e, ms, machine.Duration(machine.Forever-s.now)) {
		t.Error("a constraint without a deadline is refused")
	}
	for range maxDepth - 1 {
		s.begin(e, 10, ms)
	}
	if _, err := s.p.Begin(e, sched.Constraint{Estimate: 1, Deadline: machine.Forever}, s.now); !errors.Is(err, com.ErrQuota) {
		t.Errorf("no bound on nesting: %v", err)
	}
	s.p.Remove(e, s.now)
	s.check()
	if s.p.Promises() != 0 || s.p.pool.used != 0 {
		t.Errorf("%d promises, %d bookings of an entity that is gone", s.p.Promises(), s.p.pool.used)
	}
	s.p.Remove(e, s.now)
	s.p.Ready(e, s.now)
	s.p.Block(e, s.now)
	s.p.Charge(e, 5, s.now)
	s.check()
}

func TestActivityThatIsGone(t *testing.T) {
	s := newScene(t, exact)
	a := &sched.Activity{Name: "a"}
	e, waits := s.thread("e", a), s.thread("waits", nil)
	s.reserve(a, 3*ms, 10*ms)
	s.begin(e, 2*ms, 20*ms)
	s.begin(e, ms, 20*ms)
	waits.Waits = e
	s.p.Block(waits, s.now)
	s.p.Remove(e, s.now)
	s.check()
	if s.p.Promises() != 1 {
		t.Errorf("%d promises, and the reservation stays", s.p.Promises())
	}
	s.run(20 * ms)
	s.expect("idle", 20*ms)
	s.reserve(a, 0, 0)
	if s.p.Promises() != 0 || len(s.p.acts) != 0 {
		t.Errorf("%d promises, %d activities are kept", s.p.Promises(), len(s.p.acts))
	}
}

// TestThreadThatNeverChecksTakesNoMoreThanThat has one run over everybody's slices
// for 50 ms. What was promised for that time is void, and all else holds.
func TestThreadThatNeverChecksTakesNoMoreThanThat(t *testing.T) {
	s := newScene(t, exact)
	a := &sched.Activity{Name: "a"}
	s.thread("a", a)
	s.reserve(a, 3*ms, 10*ms)
	e, other, hangs := s.thread("e", nil), s.thread("other", nil), s.thread("hangs", nil)
	if !s.begin(hangs, ms, 5*ms) || !s.begin(e, 2*ms, 20*ms) {
		t.Fatal("refused")
	}
	if ok, err := s.p.Begin(other, sched.Constraint{Start: 70e6, Estimate: 6 * ms, Deadline: 80e6}, s.now); !ok || err != nil {
		t.Fatal(ok, err)
	}
	for got, _ := s.p.Pick(s.now); got != hangs; got, _ = s.p.Pick(s.now) {
		s.run(ms)
	}
	from := s.now
	s.now = s.now.Add(50 * ms)
	s.p.Charge(hangs, machine.Duration(s.now-from), s.now)
	s.check()
	if s.p.Promised(hangs, s.now) || s.p.Promised(e, s.now) {
		t.Error("what was promised for the time that is gone still is")
	}
	if taken, err := s.p.End(hangs, s.now); taken < 50*ms || err != nil {
		t.Errorf("it took %v, %v", taken, err)
	}
	for range 30 {
		if s.run(ms); s.now < 60e6 && s.ran["hangs"] == ms {
			t.Error("it goes on in spite of others")
		}
	}
	if s.now < 80e6 {
		s.run(machine.Duration(80e6 - s.now))
	}
	if taken, err := s.p.End(other, s.now); taken < 6*ms || err != nil {
		t.Errorf("a constraint after it got %v, %v", taken, err)
	}
	if s.run(10 * ms); s.ran["a"] < 3*ms {
		t.Errorf("a window after it holds %v", s.ran["a"])
	}
}

// TestReservationsTakeNothingFromConstraints has others reserve while constraints
// are in force, and the activity itself, whose thread has one.
func TestReservationsTakeNothingFromConstraints(t *testing.T) {
	s := newScene(t, exact)
	mine, theirs := &sched.Activity{Name: "mine"}, &sched.Activity{Name: "theirs"}
	e := s.thread("e", mine)
	for range 3 {
		s.thread("hog", theirs)
	}
	if !s.begin(e, 7*ms, 10*ms) {
		t.Fatal("refused")
	}
	before := s.p.Dump()
	g, err := s.p.Reserve(theirs, 5*ms, 10*ms, s.now)
	if code := com.CodeOf(err); code != com.ErrBusy && code != com.ErrQuota || g.Amount >= 5*ms {
		t.Errorf("5 of 10 ms beside 7 of 10 that are promised: %v, %v", g, err)
	}
	if after := s.p.Dump(); after != before {
		t.Errorf("a refusal changed\n%s\ninto\n%s", before, after)
	}
	s.check()
	s.reserve(theirs, 2*ms, 10*ms)
	s.reserve(mine, 3*ms, 10*ms)
	s.reserve(mine, 1*ms, 10*ms)
	s.reserve(mine, 0, 0)
	if s.run(10 * ms); s.ran["e"] < 7*ms || s.ran["hog"] < 2*ms {
		t.Errorf("%v", s.ran)
	}
}

// TestOwnerIsDestroyed removes a thread that holds a mutex, with a constraint and
// the last of an activity with a reservation, while others wait for it.
func TestOwnerIsDestroyed(t *testing.T) {
	s := newScene(t, exact)
	a := &sched.Activity{Name: "a"}
	owner, waits := s.thread("owner", a), s.thread("waits", nil)
	s.thread("hog", nil)
	s.reserve(a, 2*ms, 10*ms)
	if !s.begin(owner, ms, 10*ms) || !s.begin(waits, 4*ms, 20*ms) {
		t.Fatal("refused")
	}
	waits.Waits = owner
	s.p.Block(waits, s.now)
	s.run(ms)
	s.p.Remove(owner, s.now)
	s.check()
	if order := s.run(2 * ms); order != "hog" {
		t.Errorf("%s ran, and the mutex is nobody's", order)
	}
	waits.Waits = nil
	s.p.Ready(waits, s.now)
	if s.run(5 * ms); s.ran["waits"] == 0 {
		t.Error("it does not go on")
	}
	if n := s.p.Promises(); n != 1 { // the reservation stays until it is given up
		t.Errorf("%d promises", n)
	}
	s.reserve(a, 0, 0)
	s.p.Remove(waits, s.now)
	s.check()
	if n := s.p.Promises(); n != 0 {
		t.Errorf("%d promises in the end", n)
	}
}
