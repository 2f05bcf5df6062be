package dsound

import (
	"context"
	"testing"
	"time"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/sim"
	"github.com/mmlite/mmlite/firmware/namespace"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/mmd"
)

// stalled is a card's buffer that does not answer what changes it.
type stalled struct {
	com.Object
	audio.Buffer
	called, answer chan struct{}
}

func (s *stalled) wait() error {
	s.called <- struct{}{}
	<-s.answer
	return nil
}

func (s *stalled) AddRef() uint32                                                   { return s.Object.AddRef() }
func (s *stalled) Release() uint32                                                  { return s.Object.Release() }
func (s *stalled) Query(id com.IID) (com.Unknown, error)                            { return s.Object.Query(id) }
func (s *stalled) SetLevels(context.Context, float32, float32, time.Duration) error { return s.wait() }
func (s *stalled) SetRate(context.Context, uint32) error                            { return s.wait() }
func (s *stalled) SetNotify(context.Context, []uint32, audio.Listener) error        { return s.wait() }
func (s *stalled) Info(context.Context) (audio.BufferInfo, error) {
	return audio.BufferInfo{Play: 10}, nil
}

// memory is what the buffer's sound is in.
type memory struct {
	com.Object
	system.Memory
}

func (m *memory) AddRef() uint32                              { return m.Object.AddRef() }
func (m *memory) Release() uint32                             { return m.Object.Release() }
func (m *memory) Query(id com.IID) (com.Unknown, error)       { return m.Object.Query(id) }
func (m *memory) Grant(context.Context) (system.Grant, error) { return system.Grant{Length: 4096}, nil }
func (m *memory) Put(uint32, []byte) error                    { return nil }

// bare is a card with nothing on it.
func bare(t *testing.T) *hostdriver.Card {
	m := sim.New(1)
	p := thread.NewProcessor(thread.Config{Machine: m})
	root := namespace.NewDir(0)
	s := mmd.New(mmd.Config{
		Processor: p, Root: root, Stubs: system.Stubs, Logf: t.Logf,
		Info:     func() system.Info { return system.Info{Name: "bare"} },
		Activity: func(name string) *sched.Activity { return &sched.Activity{Name: name} },
	})
	card, err := hostdriver.Open(context.Background(), "", hostdriver.Inside(func(context.Context, string) (hostdriver.Transport, error) {
		cfg := link.Config{Slots: 64, Small: 64 << 10, Large: 1 << 20}
		mem, err := machine.NewGoMemory(cfg.Size())
		if err != nil {
			return hostdriver.Transport{}, err
		}
		ch, err := link.Format(mem.Bytes(), cfg, 1)
		if err != nil {
			return hostdriver.Transport{}, err
		}
		if _, err := s.Connect(ch, "x", "memory", nil, nil); err != nil {
			return hostdriver.Transport{}, err
		}
		return hostdriver.Transport{Channel: ch, Machine: m, Pump: func(ready func() bool) error { return p.RunUntil(ready, machine.Forever) }}, nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := card.Close(); err != nil {
			t.Error(err)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		root.Release()
	})
	return card
}

// While the card does not answer a control, sound can be written and positions read.
func TestAStalledCardHoldsUpNoWriter(t *testing.T) {
	ctx := context.Background()
	card := bare(t)
	mem := &memory{}
	mem.Init(mem, nil)
	span, err := hostdriver.Map(ctx, card, mem)
	if err != nil {
		t.Fatal(err)
	}
	mem.Release()
	remote := &stalled{called: make(chan struct{}), answer: make(chan struct{})}
	ended := false
	remote.Init(remote, func() { ended = true })
	b := &Buffer{
		device: &Device{}, card: card, remote: remote, span: span, frequency: 22050,
		desc: BufferDesc{Bytes: 4096, Format: Format{Rate: 22050, Channels: 1, Sample: audio.S16}, Flags: CtrlVolume | CtrlPan | CtrlFrequency | CtrlPositionNotify},
	}
	for name, change := range map[string]func() error{
		"volume":    func() error { return b.SetVolume(ctx, -600) },
		"pan":       func() error { return b.SetPan(ctx, 600) },
		"frequency": func() error { return b.SetFrequency(ctx, 11025) },
		"notify":    func() error { return b.SetNotificationPositions(ctx, PositionNotify{C: make(chan struct{}, 1)}) },
		"no notify": func() error { return b.SetNotificationPositions(ctx) },
	} {
		done := make(chan error, 1)
		go func() { done <- change() }()
		<-remote.called
		if !b.mu.TryLock() {
			t.Fatalf("%s: the lock is held while the card is told", name)
		}
		b.mu.Unlock()
		first, second, err := b.Lock(0, 100, 0)
		if err != nil || len(first) != 100 {
			t.Fatal(name, len(first), err)
		}
		if err := b.Unlock(first, second); err != nil {
			t.Fatal(name, err)
		}
		if play, _, err := b.CurrentPosition(); play != 20 || err != nil {
			t.Fatal(name, play, err)
		}
		remote.answer <- struct{}{}
		if err := <-done; err != nil {
			t.Fatal(name, err)
		}
	}
	// One that is released meanwhile keeps no listener.
	done := make(chan error, 1)
	go func() { done <- b.SetNotificationPositions(ctx, PositionNotify{C: make(chan struct{}, 1)}) }()
	<-remote.called
	b.Release()
	remote.answer <- struct{}{}
	if err := <-done; err == nil || b.listener != nil {
		t.Errorf("%v, and there is a listener: %v", err, b.listener != nil)
	}
	if !ended {
		t.Error("the card's buffer is still held")
	}
}
