package device

import (
	"context"
	"testing"

	"go.uber.org/goleak"

	"github.com/mmlite/mmlite/firmware/heap"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/sim"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/graphics/display"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var background = context.Background()

// tester is what the tests and benchmarks of testing and of rapid have in common.
type tester interface {
	Helper()
	Cleanup(func())
	Logf(string, ...any)
	Error(...any)
	Errorf(string, ...any)
	Fatal(...any)
}

// rig is a factory on a machine in virtual time.
type rig struct {
	t      tester
	m      *sim.Machine
	p      *thread.Processor
	h      *heap.Arena
	pixels *machine.Pixels
	screen *display.Screen
	f      *Factory
}

const (
	width  = 320
	height = 200
)

func must(t tester, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newRig(t tester) *rig {
	t.Helper()
	return newRigWith(t, nil)
}

// newRigWith is newRig with another composer.
func newRigWith(t tester, c display.Composer) *rig {
	t.Helper()
	r := &rig{t: t, m: sim.New(1)}
	r.p = thread.NewProcessor(thread.Config{Machine: r.m, Exit: func(_ *thread.Thread, f *thread.Failure) {
		t.Errorf("%v\n%s", f, f.Stack)
	}})
	var err error
	r.h, err = heap.New(make([]byte, 48<<20), heap.Options{Zeroed: true})
	must(t, err)
	r.pixels, _ = machine.NewPixels("test", width, height, 60000, nil)
	r.screen, err = display.New(display.Config{Processor: r.p, Display: r.pixels, Composer: c, Heap: r.h, Log: t.Errorf})
	must(t, err)
	r.f, err = New(Config{Processor: r.p, Screen: r.screen, Heap: r.h, Log: t.Errorf})
	must(t, err)
	t.Cleanup(func() {
		r.f.Release()
		r.screen.Release()
		if err := r.p.RunFor(machine.Second); err != nil {
			t.Error(err)
		}
		if u := r.h.Usage(); u.Blocks != 0 {
			t.Errorf("%d spans of card memory are still held after the end", u.Blocks)
		}
		if n := r.screen.Refs() + r.f.Refs(); n != 0 {
			t.Errorf("%d references to factory and screen are left", n)
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

// call runs fn on a thread and returns when it has returned.
func (r *rig) call(fn func()) {
	r.t.Helper()
	if err := r.p.Call("caller", thread.Attributes{}, func(*thread.Thread) { fn() }); err != nil {
		r.t.Error(err)
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
	must(r.t, err)
	return func() bool { return over }
}
