package input_test

import (
	"context"
	"testing"
	"unsafe"

	"go.uber.org/goleak"

	contract "github.com/mmlite/mmlite/contracts/input"
	"github.com/mmlite/mmlite/contracts/input/inputtest"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/link/share"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/sim"
	"github.com/mmlite/mmlite/firmware/namespace"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/graphics/input"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/mmd"
	"slices"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var background = context.Background()

// rig is the object on a machine in virtual time.
type rig struct {
	*testing.T
	m  *sim.Machine
	p  *thread.Processor
	in *input.Input
}

func newRig(t *testing.T) *rig {
	r := &rig{T: t, m: sim.New(1)}
	r.p = thread.NewProcessor(thread.Config{Machine: r.m, Exit: func(_ *thread.Thread, f *thread.Failure) {
		t.Errorf("%v\n%s", f, f.Stack)
	}})
	r.in = input.New(r.p)
	t.Cleanup(func() {
		r.in.Release()
		if err := r.p.RunFor(machine.Second); err != nil {
			t.Error(err)
		}
		if n := r.in.Refs(); n != 0 {
			t.Errorf("%d references are left", n)
		}
		if err := r.p.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// do runs fn on a thread.
func (r *rig) do(fn func()) {
	r.Helper()
	done := false
	_, err := r.p.Spawn("test", thread.Attributes{}, func(*thread.Thread) {
		defer func() { done = true }()
		fn()
	})
	if err != nil {
		r.Fatal(err)
	}
	if err := r.p.RunUntil(func() bool { return done }, machine.Forever); err != nil {
		r.Fatal(err)
	}
}

// connect returns a host's end of a link to the object.
func (r *rig) connect() *hostdriver.Card {
	r.Helper()
	names := namespace.NewDir(0)
	server := mmd.New(mmd.Config{
		Processor: r.p, Root: names, Stubs: slices.Concat(system.Stubs, contract.Stubs),
		Info:     func() system.Info { return system.Info{Name: "sim"} },
		Log:      func(uint64) ([]string, uint64) { return nil, 0 },
		Logf:     r.Logf,
		Activity: func(name string) *sched.Activity { return &sched.Activity{Name: name} },
		Welcome: func(own *namespace.Dir, _ *share.Area) error {
			v := r.in.View(input.Limits{Queues: 2})
			defer v.Release()
			return own.Put("input", v)
		},
	})
	cfg := link.Config{Slots: 256, Small: 64 << 10, Large: 1 << 20}
	raw := make([]byte, cfg.Size()+4096)
	at := -int(uintptr(unsafe.Pointer(&raw[0]))) & 4095
	ch, err := link.Format(raw[at:at+cfg.Size()], cfg, 1)
	if err != nil {
		r.Fatal(err)
	}
	gone := false
	if _, err := server.Connect(ch, "test", "Go memory", nil, func(error) { gone = true }); err != nil {
		r.Fatal(err)
	}
	card, err := hostdriver.New(background, hostdriver.Transport{
		Channel: ch, Machine: r.m,
		Pump: func(ready func() bool) error { return r.p.RunUntil(ready, machine.Forever) },
	}, 0)
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() {
		if err := card.Close(); err != nil {
			r.Error(err)
		}
		if err := r.p.RunUntil(func() bool { return gone }, r.m.Now().Add(machine.Second)); err != nil {
			r.Errorf("the card did not notice that its client went: %v", err)
		}
		names.Release()
	})
	return card
}

func (r *rig) bind(card *hostdriver.Card) contract.Input {
	r.Helper()
	i, err := hostdriver.Bind(background, card, "/input", contract.InputType)
	if err != nil {
		r.Fatal(err)
	}
	return i
}

// TestConformance runs the test of the contracts on the object, a client's view of
// it, through a cell, and from the other end of a link.
func TestConformance(t *testing.T) {
	for name, place := range map[string]func(*rig) inputtest.Place{
		"local": func(r *rig) inputtest.Place { return inputtest.Place{Input: r.in, Do: r.do} },
		"view": func(r *rig) inputtest.Place {
			v := r.in.View(input.Limits{})
			r.Cleanup(func() { v.Release() })
			return inputtest.Place{Input: v, Do: r.do}
		},
		"cell": func(r *rig) inputtest.Place {
			r.in.AddRef()
			c, err := contract.NewInputCell(r.in)
			if err != nil {
				r.Fatal(err)
			}
			r.Cleanup(func() { c.Release() })
			return inputtest.Place{Input: c, Do: r.do}
		},
		"link": func(r *rig) inputtest.Place {
			card := r.connect()
			i := r.bind(card)
			r.Cleanup(func() { i.Release() })
			return inputtest.Place{Input: i, Do: func(fn func()) { fn() }, Flush: func() error { return card.Flush(background) }}
		},
	} {
		t.Run(name, func(t *testing.T) {
			inputtest.Run(t, func(t *testing.T) inputtest.Place { return place(newRig(t)) })
		})
	}
}

func key(code uint32, down bool) contract.Event {
	return contract.Event{Kind: contract.Key, Code: code, Down: down}
}

// A key is down as long as anybody holds it, and what a client holds is let go when
// it goes.
func TestClientsHoldKeysForThemselves(t *testing.T) {
	r := newRig(t)
	a, b := r.in.View(input.Limits{}), r.in.View(input.Limits{})
	q, err := r.in.Open(background, contract.QueueOptions{})
	if err != nil {
		t.Fatal(err)
	}
	button := contract.Event{Kind: contract.Button, Code: 2, Down: true, X: 7, Y: 8}
	post := func(i contract.Input, events ...contract.Event) {
		t.Helper()
		if err := i.Post(events); err != nil {
			t.Error(err)
		}
	}
	post(a, key(4, true), key(5, true), button)
	post(b, key(4, true), key(5, false))
	a.Release()
	post(b, key(4, false))
	b.Release()
	events, _, err := q.Poll(background)
	if err != nil {
		t.Fatal(err)
	}
	for i := range events {
		events[i].At = 0
	}
	again := key(4, true)
	again.Repeat = true
	up := button
	up.Down = false
	if want := []contract.Event{key(4, true), key(5, true), button, again, key(5, false), up, key(4, false)}; !slices.Equal(events, want) {
		t.Errorf("got  %+v\nwant %+v", events, want)
	}
	q.Release()
}

// A client that is killed lets go of its keys.
func TestClientThatGoesLetsGo(t *testing.T) {
	r := newRig(t)
	card := r.connect()
	i := r.bind(card)
	if err := i.Post([]contract.Event{key(4, true)}); err != nil {
		t.Fatal(err)
	}
	if err := card.Flush(background); err != nil {
		t.Fatal(err)
	}
	if s, err := r.in.State(background); err != nil || len(s.Keys) != 1 {
		t.Fatalf("%+v, %v", s, err)
	}
	if err := card.Close(); err != nil {
		t.Fatal(err)
	}
	if err := r.p.RunFor(machine.Second); err != nil {
		t.Fatal(err)
	}
	if s, err := r.in.State(background); err != nil || len(s.Keys) != 0 {
		t.Errorf("after the end of the client: %+v, %v", s, err)
	}
}

func TestQuotas(t *testing.T) {
	r := newRig(t)
	v := r.in.View(input.Limits{Queues: 2})
	open := func(i contract.Input, n int) (list []com.Unknown) {
		t.Helper()
		for range n {
			q, err := i.Open(background, contract.QueueOptions{})
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, q)
		}
		if _, err := i.Open(background, contract.QueueOptions{}); com.CodeOf(err) != com.ErrQuota {
			t.Errorf("one too many: %v", err)
		}
		return list
	}
	mine := open(v, 2)
	all := open(r.in, 62)
	com.Release(mine[0])
	com.Release(open(r.in, 1)...)
	com.Release(mine[1])
	com.Release(all...)
	open = nil
	q, err := v.Open(background, contract.QueueOptions{})
	if err != nil {
		t.Fatal(err)
	}
	q.Release()
	v.Release()
}

func TestPostDoesNotAllocate(t *testing.T) {
	r := newRig(t)
	q, err := r.in.Open(background, contract.QueueOptions{})
	if err != nil {
		t.Fatal(err)
	}
	events := []contract.Event{{Kind: contract.Pointer, X: 1}, {Kind: contract.Pointer, X: 2}}
	if n := testing.AllocsPerRun(100, func() {
		if err := r.in.Post(events); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("a movement allocates %v times", n)
	}
	q.Release()
}
