package synth

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/heap"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/sim"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/sched/constraint"
	"github.com/mmlite/mmlite/firmware/sched/edf"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/mixer/output"
)

// slow has rendering take virtual time: so many nanoseconds for each unit of an
// engine's work.
func (r *rig) slow(perUnit float64) {
	done := map[*Port]uint64{}
	r.f.passing = func(p *Port) {
		w := p.engine.Work()
		d := machine.Duration(float64(w-done[p]) * perUnit)
		done[p] = w
		r.m.Advance(d)
	}
}

// hogs are threads that never rest.
func (r *rig) hogs(n int) (stop func()) {
	over := false
	for i := range n {
		if _, err := r.p.Spawn(fmt.Sprint("hog ", i), thread.Attributes{Activity: &sched.Activity{Name: "hog"}}, func(th *thread.Thread) {
			for !over {
				r.m.Advance(40 * machine.Microsecond)
				th.Checkpoint()
			}
		}); err != nil {
			r.t.Fatal(err)
		}
	}
	return func() { over = true }
}

// chord is a port that is asked for so many voices from a frame on: twenty more
// in each window, and then ever again.
func (r *rig) chord(voices uint32, at uint64) *Port {
	r.t.Helper()
	p := r.open(audio.PortOptions{Name: "heavy", Voices: 1024}).(*Port)
	var events []audio.Event
	for c := range uint32(8) {
		events = append(events, program(0, c, 16+c))
	}
	for v := range 4 * voices {
		events = append(events, on(at+uint64(v)*period/20, v&7, 24+v>>3%96, 100))
	}
	r.call(func() {
		for len(events) > 0 {
			n := min(len(events), maxEvents)
			must(r.t, p.Queue(background, events[:n], events[n-1].Frame))
			events = events[n:]
		}
		must(r.t, p.Start(background))
	})
	return p
}

// light is a port that plays a tune, and what it renders.
func (r *rig) light(seed uint32) (*Port, *recorder) {
	r.t.Helper()
	p := r.open(audio.PortOptions{Name: fmt.Sprint("light ", seed)}).(*Port)
	rec := r.capture(p)
	r.call(func() {
		must(r.t, p.Queue(background, tune(seed), 0))
		must(r.t, p.Start(background))
	})
	return p, rec
}

var policies = map[string]func() sched.Policy{
	"constraint": func() sched.Policy { return constraint.New(constraint.Config{}) },
	"edf":        func() sched.Policy { return edf.New(edf.Config{}) },
	"roundrobin": func() sched.Policy { return sched.NewRoundRobin(0) },
}

// TestAnOverloadedPortThinsOut has one port asked for many times the voices that
// there is time for, beside others. These sound to the bit as they would alone, no
// window of anybody's is missed but the few in which the port learns what voices
// cost, and the device never runs dry.
func TestAnOverloadedPortThinsOut(t *testing.T) {
	want := map[uint32][]float32{}
	for seed := range uint32(3) {
		r := newRig(t, &device{queue: 1, offline: true})
		want[seed] = r.play(r.open(audio.PortOptions{}), tune(seed))
	}
	for name, policy := range policies {
		for _, hogs := range []int{0, 3} {
			if raced && (hogs == 0 || name != "constraint") {
				continue // one will do
			}
			if hogs > 0 && name != "constraint" {
				continue // only there is what a constraint has left its activity's
			}
			t.Run(fmt.Sprintf("%s/hogs=%d", name, hogs), func(t *testing.T) {
				r := newRigUnder(t, &device{queue: 2}, policy())
				r.slow(20) // about 35 us a voice and window: 100 fit
				stop := r.hogs(hogs)
				heavy := r.chord(800, rate/2)
				var ports []*Port
				var recs []*recorder
				var drained []func() bool
				for seed := range uint32(3) {
					p, rec := r.light(seed)
					ports, recs = append(ports, p), append(recs, rec)
					drained = append(drained, r.start(func() { must(r.t, p.Drain(background)) }))
				}
				r.run(3 * machine.Second)
				first, _ := heavy.Info(background)
				r.run(5 * machine.Second)
				i, _ := heavy.Info(background)
				info, _ := r.out.Info(background)
				st := r.out.Status()
				t.Logf("heavy: %d voices, missed %d then %d, cut %d, stolen %d; late %d, underruns %d", i.Voices, first.Missed, i.Missed, heavy.cut.Load(), i.Stolen, info.Late, info.Underruns)
				for _, s := range st.Threads {
					t.Logf("%+v", s)
				}
				for k, p := range ports {
					t.Logf("light %d: cut %d, stolen %d, limit %d", k, p.cut.Load(), p.stolen.Load(), p.limit.Load())
					if m := p.in.Missed(); m != 0 {
						t.Errorf("light port %d missed %d windows", k, m)
					}
				}
				if info.Underruns != 0 {
					t.Errorf("%d underruns", info.Underruns)
				}
				if i.Missed != first.Missed || i.Missed > 8 {
					t.Errorf("the heavy port missed %d windows, then %d", first.Missed, i.Missed)
				}
				if heavy.cut.Load() == 0 && i.Stolen == 0 || i.Voices == 0 || i.Voices > 600 {
					t.Errorf("the heavy port has %d voices, and cut %d", i.Voices, heavy.cut.Load())
				}
				for k, p := range ports {
					for !drained[k]() {
						r.run(machine.Second / 10)
					}
					p.Release()
				}
				heavy.Release()
				r.run(machine.Second)
				stop()
				for k, rec := range recs {
					w := want[uint32(k)]
					n := last(w)
					if len(rec.samples) < 2*n || !slices.Equal(rec.samples[:2*n], w[:2*n]) {
						at := 0
						for at < min(len(w), len(rec.samples)) && w[at] == rec.samples[at] {
							at++
						}
						t.Errorf("light port %d sounds otherwise than alone from frame %d of %d on", k, at/2, n)
					}
					rec.c.Release()
				}
			})
		}
	}
}

// TestLiveLatencyIsToTheFirstSampleHeard compares what a port says of its live
// messages with what leaves the device, and when.
func TestLiveLatencyIsToTheFirstSampleHeard(t *testing.T) {
	r := newRig(t, &device{queue: 2})
	p := r.open(audio.PortOptions{}).(*Port)
	r.run(machine.Second)
	r.call(func() { must(t, p.Short(0xC0|115<<8)) }) // begins at once
	r.run(machine.Second/3 + 1234*machine.Microsecond)
	began := r.m.Now()
	sent := len(r.dev.taken) / 2
	must(t, p.Short(0x90|60<<8|127<<16))
	r.run(machine.Second)
	at := sent + first(r.dev.taken[2*sent:])
	// The device told when a period had left.
	heard := r.dev.at.Add(machine.Duration(at-int(r.dev.played.Load())) * machine.Second / rate)
	s := p.delays.status()
	want := heard.Sub(began).Seconds() * 1000
	if s.Count != 2 || math.Abs(s.Last-want) > 0.5 || s.Max < s.Last {
		t.Errorf("%+v; the first sample was heard after %.3f ms", s, want)
	}
	if want > 3.5*1000*period/rate+3 {
		t.Errorf("it took %.1f ms", want)
	}
	p.Release()
}

func TestStatusTellsOfTime(t *testing.T) {
	r := newRigUnder(t, &device{queue: 2}, constraint.New(constraint.Config{}))
	r.slow(10)
	heavy := r.chord(400, 0)
	r.run(2 * machine.Second)
	var s Status
	mine := &sched.Activity{Name: "client 1"}
	var port audio.Port
	if err := r.p.Call("caller", thread.Attributes{Activity: mine}, func(*thread.Thread) {
		var err error
		port, err = r.f.Open(background, audio.PortOptions{Name: "mine"})
		must(t, err)
		s = r.f.Status()
	}); err != nil {
		t.Fatal(err)
	}
	p := s.Ports[0]
	if p.NeedUs < 100 || p.BudgetUs < p.NeedUs/2 || p.Thread.MeanUs < 100 || p.Thread.P99Us < p.Thread.MeanUs/2 || p.Thread.MaxUs < p.Thread.P99Us || p.Limit == 0 {
		t.Errorf("%+v", p)
	}
	if len(s.Clients) != 2 || s.Clients[1].Client != "client 1" || s.Clients[0].BusySeconds <= 0 || s.Clients[0].Voices == 0 {
		t.Errorf("%+v", s.Clients)
	}
	o := r.out.Status()
	if len(o.Threads) != 3 || o.Threads[2].ReservedUs < 100 || o.Threads[2].Promised < 300 || o.Share.GivenUs < 1000 || len(o.Buffering) < 3 {
		t.Errorf("%+v", o)
	}
	port.Release()
	heavy.Release()
}

// TestSoundBesideOtherPromises has other activities reserve a third of the processor
// and use all they can get, one of them under constraints of its own, while a port
// asks for more voices than fit.
func TestSoundBesideOtherPromises(t *testing.T) {
	want := func() []float32 {
		r := newRig(t, &device{queue: 1, offline: true})
		return r.play(r.open(audio.PortOptions{}), tune(1))
	}()
	policy := constraint.New(constraint.Config{})
	r := newRigUnder(t, &device{queue: 2}, policy)
	r.slow(20)
	stop := r.hogs(2)
	over := false
	movie, game := &sched.Activity{Name: "movie"}, &sched.Activity{Name: "game"}
	for _, a := range []*sched.Activity{movie, game} {
		if _, err := r.p.Reserve(a, 1600*machine.Microsecond, 10*machine.Millisecond); err != nil {
			t.Fatal(err)
		}
		if _, err := r.p.Spawn(a.Name, thread.Attributes{Activity: a}, func(th *thread.Thread) {
			for !over {
				r.m.Advance(45 * machine.Microsecond)
				th.Checkpoint()
			}
		}); err != nil {
			t.Fatal(err)
		}
	}
	kept, asked := 0, 0
	if _, err := r.p.Spawn("frames", thread.Attributes{Activity: game}, func(th *thread.Thread) {
		for next := r.m.Now(); !over; next = next.Add(7 * machine.Millisecond) {
			ok, err := thread.BeginConstraint(sched.Constraint{Start: next, Estimate: 500 * machine.Microsecond, Deadline: next.Add(6 * machine.Millisecond)})
			must(t, err)
			for range 10 {
				r.m.Advance(48 * machine.Microsecond)
				th.Checkpoint()
			}
			if ok {
				asked++
				if r.m.Now() <= next.Add(6*machine.Millisecond) {
					kept++
				}
			}
			_, err = thread.EndConstraint()
			must(t, err)
		}
	}); err != nil {
		t.Fatal(err)
	}
	heavy := r.chord(800, rate/2)
	light, rec := r.light(1)
	drained := r.start(func() { must(t, light.Drain(background)) })
	for !drained() {
		r.run(machine.Second / 10)
	}
	i, _ := heavy.Info(background)
	st := r.out.Status()
	t.Logf("heavy: %d voices, missed %d, cut %d; light missed %d; underruns %d; %d of %d constraints kept", i.Voices, i.Missed, heavy.cut.Load(), light.in.Missed(), r.dev.under, kept, asked)
	t.Logf("%+v", st.Threads)
	if r.dev.under != 0 || light.in.Missed() != 0 {
		t.Errorf("%d underruns, %d windows of the light port missed", r.dev.under, light.in.Missed())
	}
	if i.Missed > 8 || i.Voices < 20 {
		t.Errorf("the heavy port missed %d windows, and has %d voices", i.Missed, i.Voices)
	}
	if asked < 10 || kept != asked {
		t.Errorf("of %d promised constraints of others %d were kept", asked, kept)
	}
	over = true
	stop()
	com.Release(light, heavy)
	r.run(machine.Second)
	if n := last(want); len(rec.samples) < 2*n || !slices.Equal(rec.samples[:2*n], want[:2*n]) {
		t.Error("the light port sounds otherwise than alone")
	}
	rec.c.Release()
	for _, a := range []*sched.Activity{movie, game} {
		if _, err := r.p.Reserve(a, 0, 0); err != nil {
			t.Error(err)
		}
	}
	if err := policy.Check(); err != nil {
		t.Error(err)
	}
}

// TestAPeriodUnderConstraintsAllocatesNothing has voices cut and come back, on a
// device that allocates nothing itself.
func TestAPeriodUnderConstraintsAllocatesNothing(t *testing.T) {
	m := sim.New(1)
	p := thread.NewProcessor(thread.Config{Machine: m, Policy: constraint.New(constraint.Config{})})
	h, err := heap.New(make([]byte, 24<<20), heap.Options{Zeroed: true})
	must(t, err)
	d, err := output.NewPaced(m, rate, period, 2)
	must(t, err)
	out, err := output.New(output.Config{Processor: p, Device: d, Heap: h, Log: t.Logf})
	must(t, err)
	f, err := New(Config{Processor: p, Output: out, Heap: h, Log: t.Logf})
	must(t, err)
	r := &rig{t: t, m: m, p: p, h: h, out: out, f: f}
	r.slow(40)
	port := r.chord(700, 0)
	r.run(machine.Second / 2)
	port.Short(0x90 | 60<<8 | 100<<16)
	cut := port.cut.Load() + port.stolen.Load()
	if n := testing.AllocsPerRun(200, func() { r.run(span) }); n != 0 {
		t.Errorf("%g allocations a period", n)
	}
	if got := port.cut.Load() + port.stolen.Load(); got == cut {
		t.Error("no voice was ended")
	}
	if d.Underruns() != 0 {
		t.Errorf("%d underruns", d.Underruns())
	}
	com.Release(port, f, out)
	r.run(machine.Second)
	must(t, p.Close())
}
