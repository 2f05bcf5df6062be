package device

import (
	"context"
	"testing"
	"unsafe"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/contracts/graphics/graphicstest"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/ipc"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/link/share"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/namespace"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/graphics/display"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/mmd"
)

// TestConformance runs the test of the contracts on the objects, through cells, and
// from the other end of a link, with and without shared memory.
func TestConformance(t *testing.T) {
	places := map[string]func(*rig) graphicstest.Place{
		"local": local, "cell": cells,
		"link":   func(r *rig) graphicstest.Place { return linked(r, 32<<20) },
		"stream": func(r *rig) graphicstest.Place { return linked(r, 0) },
	}
	for name, place := range places {
		t.Run(name, func(t *testing.T) {
			graphicstest.Run(t, func(t *testing.T) graphicstest.Place { return place(newRig(t)) })
		})
	}
}

func local(r *rig) graphicstest.Place {
	return graphicstest.Place{Graphics: r.f, Screen: r.screen, Do: r.call}
}

func cells(r *rig) graphicstest.Place {
	r.f.AddRef()
	g, err := graphics.NewGraphicsCell(r.f)
	must(r.t, err)
	r.screen.AddRef()
	s, err := graphics.NewScreenCell(r.screen)
	must(r.t, err)
	r.t.Cleanup(func() { com.Release(g, s) })
	return graphicstest.Place{Graphics: g, Screen: s, Do: r.call}
}

// connect returns a host's end of a link to the card, with so much memory to share.
func connect(r *rig, grants int) (card *hostdriver.Card, kill func()) {
	names := namespace.NewDir(0)
	server := mmd.New(mmd.Config{
		Processor: r.p, Root: names, Stubs: append(append([]*ipc.Stub(nil), system.Stubs...), graphics.Stubs...),
		Info:     func() system.Info { return system.Info{Name: "sim"} },
		Log:      func(uint64) ([]string, uint64) { return nil, 0 },
		Logf:     r.t.Logf,
		Activity: func(name string) *sched.Activity { return &sched.Activity{Name: name} },
		Welcome: func(own *namespace.Dir, area *share.Area) error {
			g := r.f.View(Limits{Bytes: 40 << 20, Share: area})
			defer g.Release()
			s := r.screen.View(display.Limits{Views: 4, Share: area})
			defer s.Release()
			if err := own.Put("graphics", g); err != nil {
				return err
			}
			return own.Put("screen", s)
		},
	})
	cfg := link.Config{Slots: 256, Small: 64 << 10, Large: 4 << 20, Grants: grants}
	raw := make([]byte, cfg.Size()+4096)
	at := -int(uintptr(unsafe.Pointer(&raw[0]))) & 4095
	ch, err := link.Format(raw[at:at+cfg.Size()], cfg, 1)
	must(r.t, err)
	gone := false
	client, err := server.Connect(ch, "test", "Go memory", nil, func(error) { gone = true })
	must(r.t, err)
	card, err = hostdriver.New(background, hostdriver.Transport{
		Channel: ch, Machine: r.m,
		Pump: func(ready func() bool) error { return r.p.RunUntil(ready, machine.Forever) },
	}, 0)
	must(r.t, err)
	r.t.Cleanup(func() {
		if err := card.Close(); err != nil {
			r.t.Error(err)
		}
		if err := r.p.RunUntil(func() bool { return gone }, r.m.Now().Add(machine.Second)); err != nil {
			r.t.Errorf("the card did not notice that its client went: %v", err)
		}
		names.Release()
	})
	return card, client.Disconnect
}

func linked(r *rig, grants int) graphicstest.Place {
	card, _ := connect(r, grants)
	g, err := hostdriver.Bind(background, card, "/graphics", graphics.GraphicsType)
	must(r.t, err)
	s, err := hostdriver.Bind(background, card, "/screen", graphics.ScreenType)
	must(r.t, err)
	r.t.Cleanup(func() { com.Release(g, s) })
	return graphicstest.Place{
		Graphics: g, Screen: s, Do: func(fn func()) { fn() },
		Flush: func() error { return card.Flush(context.Background()) },
	}
}
