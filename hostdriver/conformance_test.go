package hostdriver_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/ipc"
	"github.com/mmlite/mmlite/firmware/ipc/ipctest"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/host"
	"github.com/mmlite/mmlite/firmware/machine/sim"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/mmd"
)

// everywhere is a namespace that has one object under every name.
type everywhere struct {
	com.Object
	obj com.Unknown
}

func (r *everywhere) Bind(_ context.Context, path string) (com.Unknown, error) {
	r.obj.AddRef()
	return r.obj, nil
}

func (r *everywhere) List(context.Context, string) ([]system.Entry, error) { return nil, nil }

// waitOnThread waits as a thread of a card may.
func waitOnThread(ctx context.Context) error {
	var e thread.Event
	stop := context.AfterFunc(ctx, e.Signal)
	defer stop()
	d := machine.Forever
	for ctx.Err() == nil {
		if t, ok := ctx.Deadline(); ok {
			d = thread.Now().Add(machine.FromStd(time.Until(t)))
		}
		_ = e.Wait(d)
	}
	return ctx.Err()
}

// serve puts a card with one object of ipctest together.
func serve(t *testing.T, m machine.Machine) (*thread.Processor, *mmd.Server) {
	p := thread.NewProcessor(thread.Config{Machine: m})
	o := ipctest.New(waitOnThread)
	root := &everywhere{obj: o}
	root.Init(root, nil, system.NamespaceType.For(root))
	s := mmd.New(mmd.Config{
		Processor: p, Root: root, Stubs: append(append([]*ipc.Stub{}, system.Stubs...), ipctest.Stubs...),
		Info:     func() system.Info { return system.Info{Name: "x"} },
		Log:      func(uint64) ([]string, uint64) { return nil, 0 },
		Logf:     t.Logf,
		Activity: func(name string) *sched.Activity { return &sched.Activity{Name: name} },
	})
	return p, s
}

// conform runs the suite on the card's object.
func conform(t *testing.T, card *hostdriver.Card, alone bool) {
	u, err := card.Bind(context.Background(), "/x")
	if err != nil {
		t.Fatal(err)
	}
	s, err := ipctest.Open(u)
	if err != nil {
		t.Fatal(err)
	}
	s.Remote, s.Alone = true, alone
	ipctest.Conformance(t, s)
	s.Release()
	u.Release()
}

func TestConformanceInVirtualTime(t *testing.T) {
	m := sim.New(1)
	p, s := serve(t, m)
	ch := window(t)
	if _, err := s.Connect(ch, "test", "Go memory", nil, nil); err != nil {
		t.Fatal(err)
	}
	card, err := hostdriver.New(context.Background(), hostdriver.Transport{
		Channel: ch, Machine: m,
		Pump: func(ready func() bool) error { return p.RunUntil(ready, machine.Forever) },
	}, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer card.Close()
	conform(t, card, true)
}

func TestConformanceOnThreads(t *testing.T) {
	m := host.New()
	p, s := serve(t, m)
	ch := window(t)
	if _, err := s.Connect(ch, "test", "Go memory", nil, nil); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- p.Run(ctx) }()
	card, err := hostdriver.New(context.Background(), hostdriver.Transport{Channel: ch, Machine: m}, 0)
	if err != nil {
		t.Fatal(err)
	}
	conform(t, card, false)
	card.Close()
	cancel()
	if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}
