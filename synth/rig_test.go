package synth

import (
	"cmp"
	"context"
	"encoding/binary"
	"flag"
	"math"
	"slices"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/heap"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/sim"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/mixer/output"
)

func TestMain(m *testing.M) {
	if raced {
		// A command line may ask for more.
		if err := flag.Set("rapid.checks", "20"); err != nil {
			panic(err)
		}
	}
	goleak.VerifyTestMain(m)
}

const (
	rate   = 44100
	period = 256
	span   = machine.Second * period / rate
)

var background = context.Background()

// device is sound hardware in virtual time: see that of package output's tests.
type device struct {
	m       *sim.Machine
	queue   int
	offline bool
	ev      *thread.Event
	taken   []float32
	held    int
	running bool
	played  atomic.Uint64
	at      machine.Time
	under   uint64
	err     error
}

func (d *device) Name() string                   { return "test" }
func (d *device) Rate() int                      { return rate }
func (d *device) Period() int                    { return period }
func (d *device) Queue() int                     { return d.queue }
func (d *device) Offline() bool                  { return d.offline }
func (d *device) Attach(ev *thread.Event)        { d.ev = ev }
func (d *device) Underruns() uint64              { return d.under }
func (d *device) Err() error                     { return d.err }
func (d *device) Pause()                         {}
func (d *device) Free() int                      { return d.queue - d.held }
func (d *device) Played() (uint64, machine.Time) { return d.played.Load(), d.at }

func (d *device) Submit(samples []float32) bool {
	if d.err != nil || d.Free() == 0 {
		return false
	}
	d.taken = append(d.taken, samples...)
	if d.offline {
		d.played.Add(period)
		return true
	}
	if d.held++; d.held == d.queue && !d.running {
		d.running, d.at = true, d.m.Now()
		d.m.After(span, d.tick)
	}
	return true
}

func (d *device) tick() {
	d.held--
	d.played.Add(period)
	d.at = d.m.Now()
	if d.held == 0 {
		d.under++
		d.running = false
	} else {
		d.m.After(span, d.tick)
	}
	d.ev.Signal()
}

// tester is what the tests and benchmarks of testing and of rapid have in common.
type tester interface {
	Helper()
	Cleanup(func())
	Logf(string, ...any)
	Error(...any)
	Errorf(string, ...any)
	Fatal(...any)
	Fatalf(string, ...any)
}

// rig is a synthesizer on a machine in virtual time.
type rig struct {
	t   tester
	m   *sim.Machine
	p   *thread.Processor
	h   *heap.Arena
	dev *device
	out *output.Output
	f   *Factory
}

func newRig(t tester, dev *device) *rig {
	t.Helper()
	return newRigUnder(t, dev, nil)
}

// newRigUnder is newRig whose processor has the policy.
func newRigUnder(t tester, dev *device, policy sched.Policy) *rig {
	t.Helper()
	m := sim.New(1)
	r := &rig{t: t, m: m, dev: dev}
	dev.m = m
	r.p = thread.NewProcessor(thread.Config{Machine: m, Policy: policy, Exit: func(_ *thread.Thread, f *thread.Failure) {
		t.Errorf("%v\n%s", f, f.Stack)
	}})
	var err error
	if r.h, err = heap.New(make([]byte, 24<<20), heap.Options{Zeroed: true}); err != nil {
		t.Fatal(err)
	}
	if r.out, err = output.New(output.Config{Processor: r.p, Device: dev, Heap: r.h, Log: t.Logf}); err != nil {
		t.Fatal(err)
	}
	if r.f, err = New(Config{Processor: r.p, Output: r.out, Heap: r.h, Log: t.Errorf}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.f.Release()
		r.out.Release()
		if err := r.p.RunFor(machine.Second); err != nil {
			t.Error(err)
		}
		if u := r.h.Usage(); u.Blocks != 0 {
			t.Errorf("%d spans of card memory are still held after the end", u.Blocks)
		}
		if n := r.out.Refs() + r.f.Refs(); n != 0 {
			t.Errorf("%d references to factory and output are left", n)
		}
		for _, th := range r.p.Threads(nil) {
			t.Errorf("thread %s still runs", th.Name)
		}
		if err := r.p.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *rig) run(d machine.Duration) {
	r.t.Helper()
	if err := r.p.RunFor(d); err != nil {
		r.t.Fatal(err)
	}
}

// call runs fn on a thread and returns when it has returned.
func (r *rig) call(fn func()) {
	r.t.Helper()
	if err := r.p.Call("caller", thread.Attributes{}, func(*thread.Thread) { fn() }); err != nil {
		r.t.Fatal(err)
	}
}

// start runs fn on a thread, meanwhile. done reports whether it has returned.
func (r *rig) start(fn func()) (done func() bool) {
	r.t.Helper()
	var over bool
	_, err := r.p.Spawn("caller", thread.Attributes{}, func(*thread.Thread) {
		fn()
		over = true
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return func() bool { return over }
}

func (r *rig) open(o audio.PortOptions) audio.Port {
	r.t.Helper()
	var p audio.Port
	r.call(func() {
		var err error
		if p, err = r.f.Open(background, o); err != nil {
			r.t.Fatal(err)
		}
	})
	return p
}

func must(t tester, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// recorder reads a capture on a thread of its own, until the source ends.
type recorder struct {
	c       audio.Capture
	samples []float32
	ended   bool
}

func (r *rig) record(c audio.Capture) *recorder {
	r.t.Helper()
	rec := &recorder{c: c}
	r.start(func() {
		buf := make([]byte, 1<<16)
		for {
			n, frame, err := c.Read(background, buf)
			if err != nil {
				r.t.Errorf("Read: %v", err)
				return
			}
			if n == 0 {
				rec.ended = true
				return
			}
			if frame != uint64(len(rec.samples)/2) {
				r.t.Errorf("frame %d follows %d frames", frame, len(rec.samples)/2)
			}
			for i := 0; i < int(n); i += 4 {
				rec.samples = append(rec.samples, math.Float32frombits(binary.LittleEndian.Uint32(buf[i:])))
			}
		}
	})
	return rec
}

// capture records what a port renders.
func (r *rig) capture(p audio.Port) *recorder {
	r.t.Helper()
	c, err := p.Capture(background)
	must(r.t, err)
	return r.record(c)
}

// first is the first frame that is not silent, or -1.
func first(samples []float32) int {
	for i, s := range samples {
		if s != 0 {
			return i / 2
		}
	}
	return -1
}

// last is the last one.
func last(samples []float32) int {
	for i := len(samples) - 1; i >= 0; i-- {
		if samples[i] != 0 {
			return i / 2
		}
	}
	return -1
}

func on(frame uint64, channel, key, velocity uint32) audio.Event {
	return audio.Event{Frame: frame, Message: 0x90 | channel | key<<8 | velocity<<16}
}

func off(frame uint64, channel, key uint32) audio.Event {
	return audio.Event{Frame: frame, Message: 0x80 | channel | key<<8}
}

func program(frame uint64, channel, number uint32) audio.Event {
	return audio.Event{Frame: frame, Message: 0xC0 | channel | number<<8}
}

// tune is a few seconds of music on several channels, different for each seed.
func tune(seed uint32) []audio.Event {
	var events []audio.Event
	for c := range uint32(8) {
		events = append(events, program(0, c, (seed*7+c*11)%128))
	}
	x := seed*2654435761 + 1
	for beat := range uint64(16) {
		for range 3 {
			x = x*1664525 + 1013904223
			events = append(events, on(beat*9371+uint64(x>>24&63), x>>8&7, 40+x>>16%40, 60+x>>4%60))
		}
		x = x*1664525 + 1013904223
		events = append(events, on(beat*9371+64, 9, 35+x>>16%12, 100))
	}
	slices.SortStableFunc(events, func(a, b audio.Event) int { return cmp.Compare(a.Frame, b.Frame) })
	return events
}

// play queues a tune, drains it and returns what the port rendered.
func (r *rig) play(p audio.Port, events []audio.Event) []float32 {
	r.t.Helper()
	rec := r.capture(p)
	done := r.start(func() {
		if err := p.Start(background); err != nil && com.CodeOf(err) != com.ErrBusy {
			r.t.Errorf("Start: %v", err)
		}
		for len(events) > 0 {
			n := min(len(events), 7)
			if err := p.Queue(background, events[:n], events[n-1].Frame); err != nil {
				r.t.Errorf("Queue: %v", err)
			}
			events = events[n:]
		}
		if err := p.Drain(background); err != nil {
			r.t.Errorf("Drain: %v", err)
		}
		p.Release()
	})
	for i := 0; !done() || !rec.ended; i++ {
		if i == 600 {
			r.t.Fatal("it takes more than a minute")
		}
		r.run(machine.Second / 10)
	}
	rec.c.Release()
	return rec.samples
}
