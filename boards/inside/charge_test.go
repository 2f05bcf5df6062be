package inside_test

import (
	"context"
	"math"
	"testing"

	"github.com/mmlite/mmlite/boards/inside"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/sim"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/hostdriver"
)

// worker takes the processor's time when it is called, counted in milliseconds:
// itself, by a thread of its own, and by an object that it calls.
type worker struct {
	system.Echo
	com.Object
	m    *sim.Machine
	next system.Echo
}

func newWorker(m *sim.Machine, next system.Echo) *worker {
	w := &worker{m: m, next: next}
	w.Init(w, nil, system.EchoType.For(w))
	return w
}

func (w *worker) Query(iid com.IID) (com.Unknown, error) { return w.Object.Query(iid) }
func (w *worker) AddRef() uint32                         { return w.Object.AddRef() }
func (w *worker) Release() uint32                        { return w.Object.Release() }

func (w *worker) Null() error {
	w.m.Advance(machine.Millisecond)
	if w.next != nil {
		return w.next.Null()
	}
	return nil
}

// Add has a thread work for a and waits b for it, in milliseconds.
func (w *worker) Add(a, b int32) (int32, error) {
	t := thread.Current()
	child, err := t.Processor().Spawn("child", thread.Attributes{}, func(*thread.Thread) {
		w.m.Advance(machine.Duration(a) * machine.Millisecond)
	})
	if err != nil {
		return 0, err
	}
	thread.Sleep(machine.Duration(b) * machine.Millisecond)
	return a + b, child.Join(machine.Forever)
}

// Call works, calls back, and works again.
func (w *worker) Call(_ context.Context, back system.Echo, n uint32) error {
	for range n {
		w.m.Advance(machine.Millisecond)
		if err := back.Null(); err != nil {
			return err
		}
	}
	return nil
}

// quiet is an object of a client.
type quiet struct {
	system.Echo
	com.Object
}

func (q *quiet) Query(iid com.IID) (com.Unknown, error) { return q.Object.Query(iid) }
func (q *quiet) AddRef() uint32                         { return q.Object.AddRef() }
func (q *quiet) Release() uint32                        { return q.Object.Release() }
func (q *quiet) Null() error                            { return nil }

// All that is done for a client is charged to it: its calls, what they call, the
// threads they make; but not what they wait for, nor what is done for others.
func TestCallsAreChargedToTheirClient(t *testing.T) {
	ctx := context.Background()
	card, err := inside.New(3)
	if err != nil {
		t.Fatal(err)
	}
	fw := card.Firmware()
	m := fw.Machine.(*sim.Machine)
	w := newWorker(m, newWorker(m, nil))
	if err := fw.Root.Register("worker", w); err != nil {
		t.Fatal(err)
	}
	w.Release()
	used := func(client string) float64 {
		for _, u := range fw.Activities.Usage() {
			if u.Activity == client {
				return u.Seconds * 1000
			}
		}
		return -1
	}
	want := func(when, client string, ms float64) {
		t.Helper()
		if got := used(client); math.Abs(got-ms) > 1e-6 {
			t.Errorf("%s: %s used %v ms, not %v", when, client, got, ms)
		}
	}
	var drivers []*hostdriver.Card
	var echoes []system.Echo
	for _, name := range []string{"one", "two"} {
		d, err := hostdriver.Open(ctx, "", card.Option(), hostdriver.Client(name))
		if err != nil {
			t.Fatal(err)
		}
		e, err := hostdriver.Bind(ctx, d, "/worker", system.EchoType)
		if err != nil {
			t.Fatal(err)
		}
		drivers, echoes = append(drivers, d), append(echoes, e)
	}
	for range 5 {
		if err := echoes[0].Null(); err != nil {
			t.Fatal(err)
		}
	}
	want("5 calls through two objects", "client/one#1", 10)
	want("which are not its own", "client/two#2", 0)
	if _, err := echoes[1].Add(7, 50); err != nil {
		t.Fatal(err)
	}
	want("a thread made for it", "client/two#2", 7)
	q := &quiet{}
	q.Init(q, nil, system.EchoType.For(q))
	if err := echoes[1].Call(ctx, q, 3); err != nil {
		t.Fatal(err)
	}
	q.Release()
	want("calls back", "client/two#2", 10)
	want("all that is another's", "client/one#1", 10)
	past := used("(ended)")
	com.Release(echoes[0], echoes[1])
	for _, d := range drivers {
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := card.Run(machine.Second); err != nil {
		t.Fatal(err)
	}
	want("gone", "client/one#1", -1)
	want("of both that are gone", "(ended)", past+20)
	if err := card.Close(); err != nil {
		t.Fatal(err)
	}
}
