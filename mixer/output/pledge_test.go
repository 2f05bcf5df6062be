package output

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/sim"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/sched/constraint"
	"github.com/mmlite/mmlite/firmware/thread"
)

// spy counts what a policy is asked for.
type spy struct {
	sched.Policy
	constraints, reservations int
}

func (s *spy) Begin(e *sched.Entity, c sched.Constraint, now machine.Time) (bool, error) {
	s.constraints++
	return s.Policy.Begin(e, c, now)
}

func (s *spy) EndBegin(e *sched.Entity, c sched.Constraint, now machine.Time) (machine.Duration, bool, error) {
	s.constraints++
	return s.Policy.EndBegin(e, c, now)
}

func (s *spy) Reserve(a *sched.Activity, amount, period machine.Duration, now machine.Time) (sched.Grant, error) {
	s.reservations++
	return s.Policy.Reserve(a, amount, period, now)
}

func (s *spy) Promised(e *sched.Entity, now machine.Time) bool {
	p, ok := s.Policy.(sched.Promiser)
	return ok && p.Promised(e, now)
}

// charged is a rig with an input that sounds, on behalf of an activity.
func charged(t testing.TB, offline bool, policy sched.Policy) (*rig, *counter) {
	d := &device{queue: 2, offline: offline, m: sim.New(1)}
	r := newRigUnder(t, d.m, d, policy)
	if err := r.out.Charge(r.p, &sched.Activity{Name: "SYNTH"}); err != nil {
		t.Fatal(err)
	}
	c := r.counter("a")
	c.in.Start()
	c.in.Promise(1 << 40)
	return r, c
}

func TestPoliciesWithoutPromisesAreAskedOnce(t *testing.T) {
	s := &spy{Policy: sched.NewRoundRobin(0)}
	r, c := charged(t, false, s)
	r.run(machine.Second)
	if s.constraints == 0 || s.constraints > 3 || s.reservations == 0 || s.reservations > 3 {
		t.Errorf("asked for %d constraints and %d reservations", s.constraints, s.reservations)
	}
	before := *s
	r.run(3 * machine.Second)
	if s.constraints != before.constraints || s.reservations != before.reservations {
		t.Errorf("asked again: %d constraints and %d reservations", s.constraints, s.reservations)
	}
	c.stop = true
}

func TestAnOfflineDeviceAsksForNothing(t *testing.T) {
	s := &spy{Policy: constraint.New(constraint.Config{})}
	r, c := charged(t, true, s)
	until := uint64(300 * testPeriod)
	if err := r.p.RunUntil(func() bool { return r.dev.played >= until }, machine.Forever); err != nil {
		t.Fatal(err)
	}
	if s.constraints+s.reservations != 0 {
		t.Errorf("asked for %d constraints and %d reservations", s.constraints, s.reservations)
	}
	for _, th := range r.p.Threads(nil) {
		if th.Name == "audio reservations" || th.Name == "synth windows" {
			t.Errorf("there is a thread %s", th.Name)
		}
	}
	if _, limited := c.in.Budget(); limited {
		t.Error("its input has a budget")
	}
	c.stop = true
	c.in.Promise(0)
	c.in.Wake()
}

// TestPromisesComeAndGo has sound, then none, then another policy, and then the
// first again while it sounds.
func TestPromisesComeAndGo(t *testing.T) {
	first := constraint.New(constraint.Config{})
	r, c := charged(t, false, first)
	play := func(policy *constraint.Policy) {
		t.Helper()
		r.run(machine.Second)
		before := r.out.Status()
		r.run(machine.Second)
		for i, s := range r.out.Status().Threads {
			got := s.Promised - before.Threads[i].Promised
			if policy == nil && (got != 0 || s.Constraint || s.ReservedUs != 0) || policy != nil && (got < 150 || s.ReservedUs < 100) {
				t.Errorf("%+v, of which %d in a second", s, got)
			}
		}
		if r.dev.under != 0 {
			t.Errorf("%d underruns", r.dev.under)
		}
	}
	play(first)
	if err := first.Check(); err != nil {
		t.Error(err)
	}
	c.stop = true
	c.in.Wake()
	r.run(3 * machine.Second)
	if n := first.Promises(); n != 0 {
		t.Errorf("%d promises while there is nothing to play\n%s", n, first.Dump())
	}
	if err := r.p.SetPolicy(sched.NewRoundRobin(0)); err != nil {
		t.Fatal(err)
	}
	c = r.counter("b")
	c.in.Start()
	r.dev.under = 0 // it ran dry at rest
	play(nil)
	second := constraint.New(constraint.Config{})
	if err := r.p.SetPolicy(second); err != nil {
		t.Fatal(err)
	}
	play(second)
	c.stop = true
}

// paced is a rig in virtual time whose real-time device allocates nothing, with
// inputs that each take so long to render.
func paced(t testing.TB, inputs int, takes machine.Duration, policy sched.Policy) (*rig, []*counter) {
	m := sim.New(1)
	d, err := NewPaced(m, testRate, testPeriod, 2)
	if err != nil {
		t.Fatal(err)
	}
	r := newRigUnder(t, m, d, policy)
	a := &sched.Activity{Name: "SYNTH"}
	if err := r.out.Charge(r.p, a); err != nil {
		t.Fatal(err)
	}
	var all []*counter
	for i := range inputs {
		in, err := r.out.Connect(fmt.Sprint(i))
		if err != nil {
			t.Fatal(err)
		}
		c := &counter{in: in, late: func(*thread.Thread, uint64) {
			m.Advance(takes)
			in.Used(takes)
			in.Need(takes)
		}}
		if _, err := r.p.Spawn("input", thread.Attributes{Activity: a}, c.run); err != nil {
			t.Fatal(err)
		}
		in.Start()
		all = append(all, c)
	}
	r.run(machine.Second)
	return r, all
}

func stop(all []*counter) {
	for _, c := range all {
		c.stop = true
	}
}

func TestPromisesAllocateNothing(t *testing.T) {
	r, all := paced(t, 4, 100*machine.Microsecond, constraint.New(constraint.Config{}))
	if n := testing.AllocsPerRun(300, func() { r.run(span) }); n != 0 {
		t.Errorf("%g allocations a period", n)
	}
	if r.out.dev.Underruns() != 0 {
		t.Errorf("%d underruns", r.out.dev.Underruns())
	}
	stop(all)
}

// TestManyInputsFitIntoOnePromise has sixteen inputs that need 120 microseconds
// each: 1.9 ms together, which fit into a window, while with an allowance for each
// input it would be 4.2 ms. A thread that never rests runs beside.
func TestManyInputsFitIntoOnePromise(t *testing.T) {
	policy := constraint.New(constraint.Config{})
	r, all := paced(t, 16, 120*machine.Microsecond, policy)
	over := false
	r.spawn("hog", func(th *thread.Thread) {
		for !over {
			r.m.Advance(50 * machine.Microsecond)
			th.Checkpoint()
		}
	})
	r.run(machine.Second) // reservations follow
	before := r.out.Status()
	late := r.out.late.Load()
	r.run(5 * machine.Second)
	after := r.out.Status()
	if r.out.dev.Underruns() != 0 || r.out.late.Load() != late {
		t.Errorf("%d underruns, %d late", r.out.dev.Underruns(), r.out.late.Load()-late)
	}
	s, b := after.Threads[2], before.Threads[2]
	if s.Promised-b.Promised < 800 || s.Refused != b.Refused {
		t.Errorf("of windows were promised %d, and refused %d", s.Promised-b.Promised, s.Refused-b.Refused)
	}
	if after.Share.Short != before.Share.Short {
		t.Errorf("%d windows were short", after.Share.Short-before.Share.Short)
	}
	if err := policy.Check(); err != nil {
		t.Error(err)
	}
	over = true
	stop(all)
}

func TestDivide(t *testing.T) {
	d := &device{queue: 2, m: sim.New(1)}
	r := newRigUnder(t, d.m, d, nil)
	o := r.out
	var inputs [MaxInputs]*Input
	for i := range inputs {
		inputs[i] = &Input{o: o}
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, MaxInputs).Draw(t, "inputs")
		total := machine.Duration(rapid.Int64Range(1000, int64(10*machine.Millisecond)).Draw(t, "total"))
		o.count, o.share.needs = n, 0
		var needs []machine.Duration
		for i := range n {
			o.part[i] = inputs[i]
			w := machine.Duration(rapid.Int64Range(0, int64(3*machine.Millisecond)).Draw(t, "need"))
			o.share.wanted[i] = w
			o.share.needs += w
			needs = append(needs, w)
		}
		for range 2 { // the second time after a refusal
			o.divide(total)
			equal := total / machine.Duration(n)
			used := machine.Duration(0)
			for i, in := range o.part[:n] {
				b, limited := in.Budget()
				if !limited || b < min(needs[i], equal) {
					t.Fatalf("input %d needs %v and is given %v; an equal part is %v", i, needs[i], b, equal)
				}
				if o.share.needs <= total-total/headroom && b < needs[i] {
					t.Fatalf("input %d needs %v and is given %v, though there is enough", i, needs[i], b)
				}
				used += min(b, needs[i])
			}
			if used > total {
				t.Fatalf("%v used of %v", used, total)
			}
			total = total * 3 / 4
		}
		o.count = 0
	})
}

func TestHistogram(t *testing.T) {
	for d := machine.Duration(1); d < 900*machine.Millisecond; d += d/7 + 1 {
		b := bucketOf(d)
		if d >= upper(b) || b > 0 && d < upper(b-1) {
			t.Fatalf("%v is in bucket %d, which ends at %v", d, b, upper(b))
		}
	}
	var h histogram
	for i := range machine.Duration(1000) {
		h.add(i * machine.Microsecond)
	}
	for _, part := range []float64{0.1, 0.5, 0.9, 0.99} {
		got, want := h.below(part), machine.Duration(part*1000)*machine.Microsecond
		if got < want || got > want*5/4 {
			t.Errorf("%g are below %v, want %v", part, got, want)
		}
	}
	if h.below(1) != 999*machine.Microsecond {
		t.Errorf("all are below %v", h.below(1))
	}
}

// BenchmarkPromises is what a period costs with and without constraints: AUDIO,
// MIXER, and inputs that render next to nothing, to a real-time device.
func BenchmarkPromises(b *testing.B) {
	for _, inputs := range []int{1, 4, 16} {
		for name, policy := range map[string]func() sched.Policy{
			"roundrobin": func() sched.Policy { return sched.NewRoundRobin(0) },
			"constraint": func() sched.Policy { return constraint.New(constraint.Config{}) },
		} {
			b.Run(fmt.Sprintf("%s/inputs=%d", name, inputs), func(b *testing.B) {
				r, all := paced(b, inputs, 10*machine.Microsecond, policy())
				b.ReportAllocs()
				for b.Loop() {
					r.run(span)
				}
				stop(all)
			})
		}
	}
}

// BenchmarkPromiseForInputs is what the policy takes, for a window, to promise time
// to inputs one by one, or to all of them together; and how much each of them can
// be promised of a window of three quarters of a period.
func BenchmarkPromiseForInputs(b *testing.B) {
	const window = span * 3 / 4
	for _, inputs := range []int{1, 4, 16} {
		for _, together := range []bool{false, true} {
			name := map[bool]string{false: "each", true: "together"}[together]
			b.Run(fmt.Sprintf("%s/inputs=%d", name, inputs), func(b *testing.B) {
				p := constraint.New(constraint.Config{})
				a := &sched.Activity{Name: "SYNTH"}
				askers := make([]sched.Entity, inputs)
				if together {
					askers = askers[:1]
				}
				for i := range askers {
					askers[i].Activity = a
					if err := p.Add(&askers[i], 0); err != nil {
						b.Fatal(err)
					}
				}
				now := machine.Time(0)
				turn := func(need machine.Duration) (all bool) {
					if together {
						need *= machine.Duration(inputs)
					}
					all = true
					for i := range askers {
						e := &askers[i]
						p.Ready(e, now)
						ok, err := p.Begin(e, sched.Constraint{Estimate: need, Deadline: now.Add(window)}, now)
						if err != nil {
							b.Fatal(err)
						}
						all = all && ok
					}
					for i := range askers {
						if _, err := p.End(&askers[i], now); err != nil {
							b.Fatal(err)
						}
						p.Block(&askers[i], now)
					}
					now = now.Add(span)
					return all
				}
				most := machine.Duration(0)
				for d := 10 * machine.Microsecond; turn(d); d += 10 * machine.Microsecond {
					most = d
				}
				b.ReportAllocs()
				for b.Loop() {
					turn(20 * machine.Microsecond)
				}
				b.ReportMetric(micros(most), "us-for-each")
			})
		}
	}
}
