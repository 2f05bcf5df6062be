package output

import (
	"testing"

	"github.com/mmlite/mmlite/firmware/heap"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/sim"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/thread"
)

const (
	testRate   = 44100
	testPeriod = 256
)

// device is sound hardware in virtual time. A real-time one starts when its queue
// is full, then takes a period each time one has passed.
type device struct {
	m       *sim.Machine
	queue   int
	offline bool
	ev      *thread.Event
	taken   []float32
	held    int // periods
	running bool
	played  uint64
	at      machine.Time
	under   uint64
	pauses  int
	err     error
}

func (d *device) Name() string                   { return "test" }
func (d *device) Rate() int                      { return testRate }
func (d *device) Period() int                    { return testPeriod }
func (d *device) Queue() int                     { return d.queue }
func (d *device) Offline() bool                  { return d.offline }
func (d *device) Attach(ev *thread.Event)        { d.ev = ev }
func (d *device) Underruns() uint64              { return d.under }
func (d *device) Err() error                     { return d.err }
func (d *device) Pause()                         { d.pauses++ }
func (d *device) Free() int                      { return d.queue - d.held }
func (d *device) Played() (uint64, machine.Time) { return d.played, d.at }

func (d *device) Submit(period []float32) bool {
	if d.err != nil || d.Free() == 0 {
		return false
	}
	d.taken = append(d.taken, period...)
	if d.offline {
		d.played += testPeriod
		return true
	}
	if d.held++; d.held == d.queue && !d.running {
		d.running = true
		d.at = d.m.Now()
		d.m.After(span, d.tick)
	}
	return true
}

const span = machine.Second * testPeriod / testRate

func (d *device) tick() {
	d.held--
	d.played += testPeriod
	d.at = d.m.Now()
	if d.held == 0 {
		d.under++
		d.running = false
	} else {
		d.m.After(span, d.tick)
	}
	d.ev.Signal()
}

// rig is an output on a machine in virtual time.
type rig struct {
	t   testing.TB
	m   *sim.Machine
	p   *thread.Processor
	h   *heap.Arena
	dev *device
	out *Output
}

func newRig(t testing.TB, dev *device) *rig {
	t.Helper()
	dev.m = sim.New(1)
	return newRigUnder(t, dev.m, dev, nil)
}

// newRigUnder is newRig with any device, and a policy.
func newRigUnder(t testing.TB, m *sim.Machine, dev Device, policy sched.Policy) *rig {
	t.Helper()
	r := &rig{t: t, m: m}
	r.dev, _ = dev.(*device)
	r.p = thread.NewProcessor(thread.Config{Machine: m, Policy: policy, Exit: func(_ *thread.Thread, f *thread.Failure) {
		t.Errorf("%v\n%s", f, f.Stack)
	}})
	var err error
	if r.h, err = heap.New(make([]byte, 32<<20), heap.Options{Zeroed: true, Checked: true}); err != nil {
		t.Fatal(err)
	}
	if r.out, err = New(Config{Processor: r.p, Device: dev, Heap: r.h, Log: t.Logf}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.out.Release()
		if err := r.p.RunFor(machine.Second); err != nil {
			t.Error(err)
		}
		if u := r.h.Usage(); u.Blocks != 0 {
			t.Errorf("%d spans of card memory are still held after the end", u.Blocks)
		}
		if err := r.p.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// mixed is what the device got, without the limiter's delay.
func (r *rig) mixed() []float32 { return r.dev.taken[2*r.out.limiter.Latency():] }

// spawn runs fn on a thread.
func (r *rig) spawn(name string, fn func(t *thread.Thread)) *thread.Thread {
	r.t.Helper()
	th, err := r.p.Spawn(name, thread.Attributes{}, fn)
	if err != nil {
		r.t.Fatal(err)
	}
	return th
}

// run lets virtual time pass.
func (r *rig) run(d machine.Duration) {
	r.t.Helper()
	if err := r.p.RunFor(d); err != nil {
		r.t.Fatal(err)
	}
}

// call runs fn on a thread and returns when it has returned.
func (r *rig) call(fn func(t *thread.Thread)) {
	r.t.Helper()
	if err := r.p.Call("caller", thread.Attributes{}, fn); err != nil {
		r.t.Fatal(err)
	}
}

// counter is a renderer whose frame f, from 0, is f on the left and -f on the
// right, in units that sum without rounding. late, if not nil, holds it up.
type counter struct {
	in   *Input
	n    uint64
	stop bool
	late func(t *thread.Thread, frame uint64)
}

const unit = 1.0 / (1 << 20)

func (r *rig) counter(name string) *counter {
	r.t.Helper()
	in, err := r.out.Connect(name)
	if err != nil {
		r.t.Fatal(err)
	}
	c := &counter{in: in}
	r.spawn(name, c.run)
	return c
}

func (c *counter) run(t *thread.Thread) {
	defer c.in.Leave()
	for !c.stop && !c.in.Gone() {
		frame, open := c.in.Window()
		if !open {
			c.in.Sweep()
			c.in.Wait(t)
			continue
		}
		if c.late != nil {
			c.late(t, frame)
		}
		l, r := c.in.Buffers()
		base, ok := c.in.Base()
		if !ok || frame < base {
			c.in.Done(Idle)
			continue
		}
		for i := range l {
			l[i] = float32(c.n+1) * unit
			r[i] = -l[i]
			c.n++
		}
		c.in.Done(Samples)
	}
}
