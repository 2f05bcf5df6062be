package hosted

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mmlite/mmlite/boards/media"
	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/host"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/firmware/trace"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/mixer/output"
	"github.com/mmlite/mmlite/mmd"
)

// addHog registers two objects: a call of /status/hog computes without a checkpoint
// until somebody has called /status/go, or for a minute.
func addHog(c *firmware.Card) {
	var gone atomic.Uint64
	hog := func() any {
		before := gone.Load()
		for end := time.Now().Add(time.Minute); gone.Load() == before; runtime.Gosched() {
			if time.Now().After(end) {
				return "nobody else was served"
			}
		}
		return "others were served"
	}
	if err := errors.Join(c.AddStatus("hog", hog), c.AddStatus("go", func() any { return gone.Add(1) })); err != nil {
		fmt.Println(err)
	}
}

// text calls an object of the card.
func text(ctx context.Context, card *hostdriver.Card, path string) (string, error) {
	s, err := hostdriver.Bind(ctx, card, path, system.StatusType)
	if err != nil {
		return "", err
	}
	defer s.Release()
	return s.Text(ctx)
}

// A call that never comes to a checkpoint ends because another one is served: other
// programs are not held up by it, nor are other calls of the same one.
func TestCallsAreServedBesideOneThatHogs(t *testing.T) {
	name := named(t)
	start(t, "ready", "run", "--name", name, "--device", "null", "--hog", "yes")
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	open := func() *hostdriver.Card {
		card, err := hostdriver.Open(ctx, "hosted:"+name)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { card.Close() })
		return card
	}
	one, two := open(), open()
	for _, other := range []*hostdriver.Card{two, one} {
		type result struct {
			text string
			err  error
		}
		done := make(chan result, 1)
		go func() {
			s, err := text(ctx, one, "/status/hog")
			done <- result{s, err}
		}()
		// It is under way once a call sees its thread beside the others.
		for {
			s, err := text(ctx, other, "/status/threads")
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(s, "left behind") {
				break
			}
		}
		if len(done) > 0 {
			t.Error("it ended before its time")
		}
		if _, err := text(ctx, other, "/status/go"); err != nil {
			t.Fatal(err)
		}
		if r := <-done; r.err != nil || !strings.Contains(r.text, "others were served") {
			t.Errorf("%q, %v", r.text, r.err)
		}
	}
}

// hasty is a card in this process that goes on very soon without a thread.
type hasty struct {
	card   *firmware.Card
	server *mmd.Server
	gone   sync.WaitGroup
}

func newHasty(t *testing.T, log *trace.Log) *hasty {
	m := host.New()
	h := &hasty{}
	image := media.New(func() (output.Device, error) { return output.NewPaced(m, 44100, 256, 3) })
	var err error
	h.card, err = firmware.New(firmware.Config{
		Name: "hasty", Board: "hosted", Machine: m, Image: image.Image(), Memory: 64 << 20, RealTime: true,
		HandOver: 2 * machine.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ready, done := make(chan error, 1), make(chan error, 1)
	go func() {
		done <- h.card.Run(ctx, func() error {
			err := errors.Join(h.card.Boot(nil), h.card.Spare.SetTrace(log))
			if err == nil {
				h.server, err = image.Serve(h.card)
			}
			ready <- err
			return err
		})
	}()
	if err := <-ready; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return h
}

// open returns a client, and what ends it without its doing.
func (h *hasty) open() (*hostdriver.Card, func(), error) {
	cfg := link.Config{Slots: 256, Small: 64 << 10, Large: 4 << 20}
	mem, err := machine.NewGoMemory(cfg.Size())
	if err != nil {
		return nil, nil, err
	}
	ch, err := link.Format(mem.Bytes(), cfg, h.card.Generation())
	if err != nil {
		return nil, nil, err
	}
	h.gone.Add(1)
	client, err := h.server.Connect(ch, "test", "Go memory", nil, func(error) { h.gone.Done() })
	if err != nil {
		h.gone.Done()
		return nil, nil, err
	}
	card, err := hostdriver.New(context.Background(), hostdriver.Transport{Channel: ch, Machine: h.card.Machine}, 0, audio.Stubs...)
	return card, client.Disconnect, err
}

// backEcho is an object of a client that the card calls.
type backEcho struct {
	system.Echo
	calls atomic.Int64
}

func (b *backEcho) Null() error {
	b.calls.Add(1)
	return nil
}

// Clients come, go, call, export, bind and are called back while objects of the card
// compute for longer than the processor waits for a thread.
func TestHandOverUnderLoad(t *testing.T) {
	log := trace.NewLog(1 << 16)
	h := newHasty(t, log)
	var number atomic.Uint64
	err := h.card.AddStatus("long", func() any {
		n := number.Add(1)
		end := time.Now().Add(time.Duration(n%5) * 2 * time.Millisecond)
		for time.Now().Before(end) {
			runtime.Gosched()
		}
		return n
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	jobs := []func(card *hostdriver.Card, rnd *rand.Rand) error{
		func(card *hostdriver.Card, _ *rand.Rand) error {
			_, err := text(ctx, card, "/status/long")
			return err
		},
		func(card *hostdriver.Card, _ *rand.Rand) error {
			s, err := text(ctx, card, "/status/link")
			if err == nil && !strings.Contains(s, "test#") {
				err = fmt.Errorf("status of links: %s", s)
			}
			return err
		},
		func(card *hostdriver.Card, rnd *rand.Rand) error {
			e, err := hostdriver.Bind(ctx, card, "/echo", system.EchoType)
			if err != nil {
				return err
			}
			defer e.Release()
			for range 20 {
				a, b := int32(rnd.Uint32()), int32(rnd.Uint32())
				if sum, err := e.Add(a, b); err != nil || sum != a+b {
					return fmt.Errorf("%d + %d is %d, %w", a, b, sum, err)
				}
				if err := e.PostBytes(uint8(a), []byte{uint8(a), uint8(a) + 1}); err != nil {
					return err
				}
			}
			back := &backEcho{Echo: mmd.NewEcho()}
			if err := e.Call(ctx, back, 10); err != nil || back.calls.Load() != 10 {
				return fmt.Errorf("called back %d times of 10: %w", back.calls.Load(), err)
			}
			return nil
		},
		func(card *hostdriver.Card, _ *rand.Rand) error {
			x := hostdriver.NewExports()
			defer x.Close()
			if err := x.AddFile("song", "handover_test.go"); err != nil {
				return err
			}
			if err := card.Export(ctx, x); err != nil {
				return err
			}
			f, err := hostdriver.Bind(ctx, card, "/host/song", system.FileType)
			if com.CodeOf(err) == com.ErrGone || com.CodeOf(err) == com.ErrNotFound {
				return nil // another goroutine of this client has exported another file since
			}
			if err != nil {
				return err
			}
			defer f.Release()
			_, err = f.Size(ctx)
			return err
		},
		func(card *hostdriver.Card, _ *rand.Rand) error {
			s, err := hostdriver.Bind(ctx, card, "/synth", audio.SynthType)
			if err != nil {
				return err
			}
			defer s.Release()
			p, err := s.Open(ctx, audio.PortOptions{Voices: 16})
			if err != nil {
				return err
			}
			defer p.Release()
			if err := p.Start(ctx); err != nil {
				return err
			}
			return p.Queue(ctx, []audio.Event{{Message: 0x90 | 60<<8 | 100<<16}}, 1)
		},
		func(card *hostdriver.Card, _ *rand.Rand) error {
			names, err := com.Query(card.System(), system.NamespaceType)
			if err != nil {
				return err
			}
			defer names.Release()
			_, err = names.List(ctx, "/status")
			return err
		},
	}
	rounds := 12
	if testing.Short() {
		rounds = 4
	}
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(i), 1))
			for range rounds {
				card, disconnect, err := h.open()
				if err != nil {
					t.Error(err)
					return
				}
				var busy sync.WaitGroup
				for range 3 {
					own := rand.New(rand.NewPCG(rnd.Uint64(), 2))
					busy.Go(func() {
						for range 6 {
							if err := jobs[own.IntN(len(jobs))](card, own); err != nil {
								t.Error(err)
							}
						}
					})
				}
				busy.Wait()
				if rnd.IntN(3) == 0 { // while a call is under way
					busy.Go(func() {
						if _, err := text(ctx, card, "/status/long"); err != nil && com.CodeOf(err) != com.ErrGone {
							t.Error(err)
						}
					})
					disconnect()
					busy.Wait()
				}
				card.Close()
			}
		})
	}
	all.Wait()
	h.gone.Wait()
	if err := h.card.Spare.Call("judge", thread.Attributes{}, func(*thread.Thread) {
		if list := h.server.Status(); len(list) != 0 {
			t.Errorf("these clients are left: %+v", list)
		}
	}); err != nil {
		t.Error(err)
	}
	counts := map[trace.Kind]int{}
	for at, buf := uint64(0), make([]trace.Record, 4096); ; {
		n, next, _ := log.Read(at, buf)
		if n == 0 && next == at {
			break
		}
		for _, r := range buf[:n] {
			counts[r.Kind]++
		}
		at = next
	}
	t.Logf("left behind %d times, back %d times", counts[trace.LeftBehind], counts[trace.Rejoined])
	if counts[trace.LeftBehind] == 0 {
		t.Error("nothing was left behind")
	}
}
