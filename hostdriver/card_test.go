package hostdriver_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/sim"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/mmd"
)

// rootNS is a namespace of one object, /echo.
type rootNS struct {
	com.Object
	echo system.Echo
}

func (r *rootNS) Bind(_ context.Context, path string) (com.Unknown, error) {
	if path != "echo" && path != "/echo" {
		return nil, com.Errorf(com.ErrNotFound, "%s", path)
	}
	r.echo.AddRef()
	return r.echo, nil
}

func (r *rootNS) List(context.Context, string) ([]system.Entry, error) {
	return []system.Entry{{Name: "echo", Contracts: []string{"system.Echo"}, Note: "measures the link"}}, nil
}

// bench is a card in this process, in virtual time.
type simCard struct {
	m    *sim.Machine
	p    *thread.Processor
	s    *mmd.Server
	echo system.Echo
	gone atomic.Int32
}

func newSimCard(t testing.TB) *simCard {
	m := sim.New(1)
	c := &simCard{m: m, p: thread.NewProcessor(thread.Config{Machine: m})}
	c.echo = mmd.NewEcho()
	root := &rootNS{echo: c.echo}
	root.Init(root, nil, system.NamespaceType.For(root))
	c.s = mmd.New(mmd.Config{
		Processor: c.p, Root: root, Stubs: system.Stubs,
		Info:     func() system.Info { return system.Info{Name: "sim", Board: "test"} },
		Log:      func(uint64) ([]string, uint64) { return []string{"booted"}, 1 },
		Logf:     t.Logf,
		Activity: func(name string) *sched.Activity { return &sched.Activity{Name: name} },
	})
	return c
}

func window(t testing.TB) *link.Channel {
	cfg := link.Config{Slots: 256, Small: 64 << 10, Large: 4 << 20}
	raw := make([]byte, cfg.Size()+128)
	at := -int(uintptr(unsafe.Pointer(&raw[0]))) & 127
	ch, err := link.Format(raw[at:at+cfg.Size()], cfg, 7)
	if err != nil {
		t.Fatal(err)
	}
	return ch
}

func (c *simCard) open(t testing.TB) *hostdriver.Card {
	t.Helper()
	ch := window(t)
	if _, err := c.s.Connect(ch, "test", "Go memory", nil, func(error) { c.gone.Add(1) }); err != nil {
		t.Fatal(err)
	}
	card, err := hostdriver.New(context.Background(), hostdriver.Transport{
		Channel: ch, Machine: c.m,
		Pump: func(ready func() bool) error { return c.p.RunUntil(ready, machine.Forever) },
	}, 0)
	if err != nil {
		t.Fatal(err)
	}
	return card
}

func TestCallsObjectsAndErrors(t *testing.T) {
	ctx := context.Background()
	sc := newSimCard(t)
	card := sc.open(t)
	defer card.Close()
	if card.Info().Name != "sim" || card.Info().Generation != 7 || card.Info().Link != "Go memory" {
		t.Fatalf("%+v", card.Info())
	}
	echo, err := hostdriver.Bind(ctx, card, "/echo", system.EchoType)
	if err != nil {
		t.Fatal(err)
	}
	if sum, err := echo.Add(40, 2); sum != 42 || err != nil {
		t.Fatal(sum, err)
	}
	buf := make([]byte, 300000)
	if n, err := echo.Fill(9, buf); int(n) != len(buf) || err != nil {
		t.Fatal(n, err)
	}
	for i, b := range buf {
		if b != byte(9+i%251) {
			t.Fatalf("byte %d is %d", i, b)
		}
	}
	for i := range uint64(1000) {
		if err := echo.Post(i); err != nil {
			t.Fatal(err)
		}
		if err := echo.PostBytes(byte(i), buf[:0]); err != nil {
			t.Fatal(err)
		}
	}
	calls, sum, _, _, err := echo.Totals()
	if calls != 2000 || sum != 999*1000/2 || err != nil {
		t.Fatal(calls, sum, err)
	}
	mmd.FillPattern(3, buf)
	if err := echo.PostBytes(3, buf); err != nil {
		t.Fatal(err)
	}
	if _, _, n, wrong, err := echo.Totals(); n != uint64(len(buf)) || wrong != 0 || err != nil {
		t.Fatal(n, wrong, err)
	}
	if _, err := card.Bind(ctx, "/nothing"); !errors.Is(err, com.ErrNotFound) {
		t.Fatal(err)
	}
	if _, err := com.Query(echo, system.FileType); !errors.Is(err, com.ErrNoInterface) {
		t.Fatal(err)
	}
	again, err := hostdriver.Bind(ctx, card, "/echo", system.EchoType)
	if err != nil || again != echo {
		t.Fatal("two proxies for one object", err)
	}
	again.Release()
	echo.Release()
	if _, err := echo.Add(1, 1); !errors.Is(err, com.ErrGone) {
		t.Fatalf("after the last release: %v", err)
	}
	lines, next, err := card.System().Log(ctx, 0)
	if len(lines) != 1 || next != 1 || err != nil {
		t.Fatal(lines, next, err)
	}
}

// backEcho counts what the card calls on the host.
type backEcho struct {
	system.Echo
	com.Object
	nulls int
	sc    *simCard
}

func (b *backEcho) Null() error                            { b.nulls++; return nil }
func (b *backEcho) Query(iid com.IID) (com.Unknown, error) { return b.Object.Query(iid) }
func (b *backEcho) AddRef() uint32                         { return b.Object.AddRef() }
func (b *backEcho) Release() uint32                        { return b.Object.Release() }

func TestCallbacksAndHomecoming(t *testing.T) {
	ctx := context.Background()
	sc := newSimCard(t)
	card := sc.open(t)
	echo, err := hostdriver.Bind(ctx, card, "/echo", system.EchoType)
	if err != nil {
		t.Fatal(err)
	}
	ended := 0
	back := &backEcho{}
	back.Init(back, func() { ended++ }, system.EchoType.For(back))
	if err := echo.Call(ctx, back, 100); err != nil || back.nulls != 100 {
		t.Fatal(back.nulls, err)
	}
	if err := card.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	if back.Refs() != 1 {
		t.Fatalf("%d references held on the callback after the call", back.Refs())
	}
	// An object of the card's own comes home as itself: no call crosses back.
	served := card.Stats().Served
	if err := echo.Call(ctx, echo, 10); err != nil {
		t.Fatal(err)
	}
	if card.Stats().Served != served {
		t.Fatal("an object that came home was called across the link")
	}
	if err := echo.Call(ctx, nil, 1); !errors.Is(err, com.ErrInvalid) {
		t.Fatal(err)
	}
	// Attached exports are held by the card until the client goes.
	ns := &rootNS{echo: back}
	ns.Init(ns, func() { ended++ }, system.NamespaceType.For(ns))
	if err := card.System().Attach(ctx, ns); err != nil {
		t.Fatal(err)
	}
	mine, err := hostdriver.Bind(ctx, card, "/host/echo", system.EchoType)
	if err != nil || mine != system.Echo(back) {
		t.Fatal("the client's own object did not come home", mine, err)
	}
	mine.Release()
	ns.Release()
	back.Release()
	echo.Release()
	if ended != 0 {
		t.Fatal("released while the card holds it")
	}
	card.Close()
	sc.p.RunFor(machine.Second)
	if ended != 2 || sc.gone.Load() != 1 || len(sc.s.Status()) != 0 {
		t.Fatalf("ended %d, gone %d, clients %v", ended, sc.gone.Load(), sc.s.Status())
	}
}

// TestLeaseRunsOut connects a client whose host never lives: only the lease tells.
func TestLeaseRunsOut(t *testing.T) {
	sc := newSimCard(t)
	ch := window(t)
	ch.SetLease(3 * time.Second)
	if _, err := sc.s.Connect(ch, "dead", "a window", nil, func(error) { sc.gone.Add(1) }); err != nil {
		t.Fatal(err)
	}
	host := ch.HostEnd(func(*uint32) {})
	for range 5 {
		sc.p.RunFor(2 * machine.Second)
		host.Beat()
	}
	if sc.gone.Load() != 0 {
		t.Fatal("a client that renews its lease was dropped")
	}
	sc.p.RunFor(7 * machine.Second)
	if sc.gone.Load() != 1 || len(sc.s.Status()) != 0 {
		t.Fatal("a client whose lease ran out is still there")
	}
}

func TestDeadlinesInVirtualTime(t *testing.T) {
	sc := newSimCard(t)
	card := sc.open(t)
	defer card.Close()
	echo, err := hostdriver.Bind(context.Background(), card, "/echo", system.EchoType)
	if err != nil {
		t.Fatal(err)
	}
	before := sc.m.Now()
	if err := echo.Sleep(context.Background(), 5*time.Hour); err != nil {
		t.Fatal(err)
	}
	if d := sc.m.Now().Sub(before); d < 5*machine.FromStd(time.Hour) {
		t.Fatalf("slept %v", d)
	}
}

// The status page goes with the window: nobody reads it after Close.
func TestPageAfterClose(t *testing.T) {
	sc := newSimCard(t)
	ch := window(t)
	if _, err := sc.s.Connect(ch, "test", "Go memory", nil, nil); err != nil {
		t.Fatal(err)
	}
	unmapped := false
	card, err := hostdriver.New(context.Background(), hostdriver.Transport{
		Channel: ch, Machine: sc.m,
		Pump:  func(ready func() bool) error { return sc.p.RunUntil(ready, machine.Forever) },
		Close: func() error { unmapped = true; return nil },
	}, 0)
	if err != nil {
		t.Fatal(err)
	}
	cursor := card.Cursor(0)
	there, _ := ch.Cursor(0)
	there.Put([3]uint64{1, 2, 3})
	sc.s.StatusPage([]uint64{1, 2, 3})
	var v [3]uint64
	if n := card.Status(v[:]); n != 3 {
		t.Fatalf("%d values", n)
	}
	if got, ok := cursor.Get(); !ok || got != [3]uint64{1, 2, 3} {
		t.Fatal(got, ok)
	}
	card.Close()
	n := card.Status(v[:])
	if _, ok := cursor.Get(); n != 0 || ok || !unmapped {
		t.Fatalf("%d values of a page that is gone, and a cursor: %v", n, ok)
	}
}
