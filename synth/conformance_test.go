package synth

import (
	"context"
	"testing"
	"unsafe"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/contracts/audio/audiotest"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/ipc"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/mmd"
	"github.com/mmlite/mmlite/synth/gm"
)

// TestConformance runs the test of the contracts on the objects, through cells,
// and from the other end of a link; each in real time and offline.
func TestConformance(t *testing.T) {
	devices := map[string]func() *device{
		"realtime": func() *device { return &device{queue: 3} },
		"offline":  func() *device { return &device{queue: 1, offline: true} },
	}
	places := map[string]func(*rig) audiotest.Place{"local": local, "cell": cells, "link": linked}
	for d, dev := range devices {
		for p, place := range places {
			t.Run(p+"/"+d, func(t *testing.T) {
				audiotest.Run(t, func(t *testing.T) audiotest.Place { return place(newRig(t, dev())) })
			})
		}
	}
}

func local(r *rig) audiotest.Place {
	return audiotest.Place{Synth: r.f, Output: r.out, Bank: gm.Bank(), Do: r.call}
}

func cells(r *rig) audiotest.Place {
	r.f.AddRef()
	s, err := audio.NewSynthCell(r.f)
	must(r.t, err)
	r.out.AddRef()
	o, err := audio.NewOutputCell(r.out)
	must(r.t, err)
	r.t.Cleanup(func() { com.Release(s, o) })
	return audiotest.Place{Synth: s, Output: o, Bank: gm.Bank(), Do: r.call}
}

// root is a namespace of /synth and /audio.
type root struct {
	com.Object
	r *rig
}

func (n *root) Bind(_ context.Context, path string) (com.Unknown, error) {
	var o com.Unknown
	switch path {
	case "/synth", "synth":
		o = n.r.f
	case "/audio", "audio":
		o = n.r.out
	default:
		return nil, com.Errorf(com.ErrNotFound, "%s", path)
	}
	o.AddRef()
	return o, nil
}

func (n *root) List(context.Context, string) ([]system.Entry, error) { return nil, nil }

func linked(r *rig) audiotest.Place {
	names := &root{r: r}
	names.Init(names, nil, system.NamespaceType.For(names))
	server := mmd.New(mmd.Config{
		Processor: r.p, Root: names, Stubs: append(append([]*ipc.Stub(nil), system.Stubs...), audio.Stubs...),
		Info:     func() system.Info { return system.Info{Name: "sim"} },
		Log:      func(uint64) ([]string, uint64) { return nil, 0 },
		Logf:     r.t.Logf,
		Activity: func(name string) *sched.Activity { return &sched.Activity{Name: name} },
	})
	cfg := link.Config{Slots: 256, Small: 64 << 10, Large: 4 << 20}
	raw := make([]byte, cfg.Size()+128)
	at := -int(uintptr(unsafe.Pointer(&raw[0]))) & 127
	ch, err := link.Format(raw[at:at+cfg.Size()], cfg, 1)
	must(r.t, err)
	gone := false
	_, err = server.Connect(ch, "test", "Go memory", nil, func(error) { gone = true })
	must(r.t, err)
	card, err := hostdriver.New(background, hostdriver.Transport{
		Channel: ch, Machine: r.m,
		Pump: func(ready func() bool) error { return r.p.RunUntil(ready, machine.Forever) },
	}, 0)
	must(r.t, err)
	s, err := hostdriver.Bind(background, card, "/synth", audio.SynthType)
	must(r.t, err)
	o, err := hostdriver.Bind(background, card, "/audio", audio.OutputType)
	must(r.t, err)
	r.t.Cleanup(func() {
		com.Release(s, o)
		if err := card.Close(); err != nil {
			r.t.Error(err)
		}
		if err := r.p.RunUntil(func() bool { return gone }, r.m.Now().Add(machine.Second)); err != nil {
			r.t.Errorf("the card did not notice that its client went: %v", err)
		}
	})
	return audiotest.Place{Synth: s, Output: o, Bank: gm.Bank(), Do: func(fn func()) { fn() }}
}
