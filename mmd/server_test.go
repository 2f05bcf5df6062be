package mmd

import (
	"errors"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/link/share"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/sim"
	"github.com/mmlite/mmlite/firmware/namespace"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/firmware/thread"
)

// crowded refuses threads beyond a number.
type crowded struct {
	sched.Policy
	room int
}

func (c *crowded) Add(e *sched.Entity, now machine.Time) error {
	if c.room == 0 {
		return com.Errorf(com.ErrQuota, "no room for a thread")
	}
	c.room--
	return c.Policy.Add(e, now)
}

// TestAFailedConnectLeavesNothing: whichever step of a connection fails, what those
// before it made is gone.
func TestAFailedConnectLeavesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		welcome error
		closed  bool // the processor
		room    int  // for threads
		want    com.Code
	}{
		"welcome": {welcome: com.ErrNoMemory, room: 9, want: com.ErrNoMemory},
		"closed":  {closed: true, room: 9, want: com.ErrClosed},
		"no room": {room: 1, want: com.ErrQuota},
	} {
		t.Run(name, func(t *testing.T) {
			crowd := &crowded{sched.NewNull(), c.room}
			p := thread.NewProcessor(thread.Config{Machine: sim.New(1), Policy: crowd})
			root := namespace.NewDir(0)
			defer root.Release()
			var own com.Object
			ended := false
			own.Init(&own, func() { ended = true })
			var area *share.Area
			forgotten, gone := 0, false
			s := New(Config{
				Processor: p, Root: root, Stubs: system.Stubs, MaxClients: 1,
				Info: func() system.Info { return system.Info{} }, Logf: t.Logf,
				Activity: func(name string) *sched.Activity { return &sched.Activity{Name: name} },
				Forget:   func(*sched.Activity) { forgotten++ },
				Welcome: func(dir *namespace.Dir, a *share.Area) error {
					area = a
					return errors.Join(dir.Put("own", &own), c.welcome)
				},
			})
			if c.closed {
				if err := p.Close(); err != nil {
					t.Fatal(err)
				}
			}
			cfg := link.Config{Slots: 64, Small: 64 << 10, Large: 1 << 20, Grants: 1 << 20}
			mem, err := machine.NewGoMemory(cfg.Size())
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // MaxClients is not used up
				ch, err := link.Format(mem.Bytes(), cfg, 1)
				if err != nil {
					t.Fatal(err)
				}
				forgotten = 0
				var client *Client
				connect := func(*thread.Thread) {
					client, err = s.Connect(ch, "x", "memory", nil, func(error) { gone = true })
				}
				if c.room == 1 { // to a thread of the processor the policy says no at once
					if _, err := p.Spawn("caller", thread.Attributes{}, connect); err != nil {
						t.Fatal(err)
					}
					if err := p.RunFor(machine.Millisecond); err != nil {
						t.Fatal(err)
					}
					crowd.room++
				} else {
					connect(nil)
				}
				if client != nil || com.CodeOf(err) != c.want {
					t.Fatalf("%v, %v; want %v", client, err, c.want)
				}
				if _, err := area.Alloc(64, nil); com.CodeOf(err) != com.ErrClosed {
					t.Errorf("memory is still shared with it: %v", err)
				}
				if forgotten != 1 || gone || len(s.clientList()) != 0 {
					t.Errorf("forgotten %d times, gone %v, %d clients", forgotten, gone, len(s.clientList()))
				}
			}
			own.Release()
			if !ended {
				t.Error("its view is still there")
			}
			if !c.closed {
				if err := p.Close(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// TestAClientWithoutAThreadIsGone: to whoever is no thread of the processor a policy
// says no later than Connect returns.
func TestAClientWithoutAThreadIsGone(t *testing.T) {
	p := thread.NewProcessor(thread.Config{Machine: sim.New(1), Policy: &crowded{sched.NewNull(), 0}})
	root := namespace.NewDir(0)
	defer root.Release()
	s := New(Config{
		Processor: p, Root: root, Stubs: system.Stubs, Logf: t.Logf,
		Activity: func(name string) *sched.Activity { return &sched.Activity{Name: name} },
	})
	cfg := link.Config{Slots: 64, Small: 64 << 10, Large: 1 << 20}
	mem, err := machine.NewGoMemory(cfg.Size())
	if err != nil {
		t.Fatal(err)
	}
	ch, err := link.Format(mem.Bytes(), cfg, 1)
	if err != nil {
		t.Fatal(err)
	}
	var why error
	c, err := s.Connect(ch, "x", "memory", nil, func(err error) { why = err })
	if err != nil {
		t.Fatal(err)
	}
	if err := p.RunFor(machine.Millisecond); err != nil {
		t.Fatal(err)
	}
	if why == nil || len(s.clientList()) != 0 || c.view.AddRef() != 0 {
		t.Errorf("it is gone because of %v; %d clients", why, len(s.clientList()))
	}
	c.Wait()
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
}
