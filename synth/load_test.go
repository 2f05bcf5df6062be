package synth

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/synth/gm"
)

// load loads a bank from src.
func (r *rig) load(src *file) *Bank {
	r.t.Helper()
	var k audio.Bank
	r.call(func() {
		var err error
		if k, err = r.f.Load(background, src, "mine"); err != nil {
			r.t.Fatal(err)
		}
	})
	return k.(*Bank)
}

// TestOfflineNotesWaitForTheirSamples plays from a file that takes its time, and from one
// that takes none.
func TestOfflineNotesWaitForTheirSamples(t *testing.T) {
	var want []float32
	for _, delay := range []machine.Duration{0, machine.Millisecond, 70 * machine.Millisecond} {
		t.Run(fmt.Sprint(delay), func(t *testing.T) {
			r := newRig(t, &device{queue: 1, offline: true})
			src := newFile(gm.Bank())
			k := r.load(src)
			src.delay = delay
			p := r.open(audio.PortOptions{Bank: k})
			before := src.bytes
			got := r.play(p, tune(1))
			if n := p.(*Port).notLoaded.Load(); n != 0 {
				t.Errorf("%d notes were without samples", n)
			}
			if i, _ := k.Info(background); i.Failed != 0 || uint64(src.bytes-before) > 2*(i.Bytes-uint64(k.loader.tables)) {
				t.Errorf("%d bytes were read of the file; %+v", src.bytes-before, i)
			}
			k.Release()
			if delay == 0 {
				want = got
			} else if n := last(want); last(got) != n || !slices.Equal(got[:2*n], want[:2*n]) {
				t.Error("it sounds different")
			}
		})
	}
}

// TestOnlyWhatIsPlayedIsReadOffline is about one note of a bank of two megabytes.
func TestOnlyWhatIsPlayedIsReadOffline(t *testing.T) {
	r := newRig(t, &device{queue: 1, offline: true})
	src := newFile(gm.Bank())
	k := r.load(src)
	before := src.bytes
	if got := r.play(r.open(audio.PortOptions{Bank: k}), []audio.Event{program(0, 0, 16), on(0, 0, 60, 100), off(9000, 0, 60)}); first(got) < 0 {
		t.Error("silence")
	}
	i, err := k.Info(background)
	must(t, err)
	if n := src.bytes - before; i.Samples != 1 || n > 100_000 {
		t.Errorf("%d bytes were read for %d samples", n, i.Samples)
	}
	k.Release()
}

// TestALiveNoteBeforeItsSamplesIsDropped plays a program as soon as it is selected, and again later.
func TestALiveNoteBeforeItsSamplesIsDropped(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	src := newFile(gm.Bank())
	k := r.load(src)
	p := r.open(audio.PortOptions{Bank: k})
	r.run(machine.Second)
	must(t, p.Start(background))
	src.delay = machine.Second / 10
	rec := r.capture(p)
	must(t, p.Short(0xC0|16<<8))
	must(t, p.Short(0x90|60<<8|100<<16))
	r.run(machine.Second / 20)
	if i, _ := p.Info(nil); i.NotLoaded == 0 || i.Voices != 0 {
		t.Errorf("%+v", i)
	}
	r.run(4 * machine.Second)
	if first(rec.samples) >= 0 {
		t.Error("a late note")
	}
	early, _ := p.Info(nil)
	must(t, p.Short(0x90|60<<8|100<<16))
	r.run(machine.Second / 10)
	if i, _ := p.Info(nil); i.NotLoaded != early.NotLoaded || i.Voices == 0 || first(rec.samples) < 0 {
		t.Errorf("%+v, then %+v", early, i)
	}
	com.Release(p, k)
	r.run(machine.Second)
	rec.c.Release()
}

// TestStartWaitsForSamples queues a tune, starts it in real time, and holds that no note is
// missing.
func TestStartWaitsForSamples(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	src := newFile(gm.Bank())
	k := r.load(src)
	src.delay = machine.Millisecond
	p := r.open(audio.PortOptions{Bank: k})
	began := r.m.Now()
	done := r.start(func() {
		must(t, p.Queue(background, tune(1), 0))
		must(t, p.Start(background))
	})
	for !done() {
		r.run(machine.Millisecond)
	}
	took := r.m.Now().Sub(began)
	if took < 20*machine.Millisecond || took > startWait {
		t.Errorf("it took %v", took)
	}
	r.run(3 * machine.Second)
	if i, _ := p.Info(nil); i.NotLoaded != 0 || i.PeakVoices < 4 {
		t.Errorf("%+v", i)
	}
	com.Release(p, k)
	r.run(machine.Second)
}

// caller is a context as a link has it: it tells at once, and on the caller's goroutine, so that virtual
// time waits for it.
type caller struct {
	context.Context
	err   error
	waits interface{ Signal() }
}

func (c *caller) Err() error { return c.err }

func (c *caller) WakeAtEnd(e interface{ Signal() }) int {
	c.waits = e
	return 0
}

func (c *caller) ForgetEnd(int) { c.waits = nil }

func (c *caller) giveUp() {
	c.err = context.Canceled
	if c.waits != nil {
		c.waits.Signal()
	}
}

// TestStartWaitsWithinReason is about a host that does not answer.
func TestStartWaitsWithinReason(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	src := newFile(gm.Bank())
	k := r.load(src)
	src.delay = machine.Second
	p := r.open(audio.PortOptions{Bank: k})
	began := r.m.Now()
	done := r.start(func() { must(t, p.Start(background)) })
	r.run(startWait + machine.Second/10)
	if !done() {
		t.Error("it still waits")
	}
	// A caller that gives up is not started.
	ctx := &caller{Context: background}
	q := r.open(audio.PortOptions{Bank: k})
	var err error
	done = r.start(func() { err = q.Start(ctx) })
	r.run(machine.Second / 10)
	ctx.giveUp()
	r.run(machine.Second / 10)
	if !done() || com.CodeOf(err) != com.ErrCanceled {
		t.Errorf("%v after %v", err, r.m.Now().Sub(began))
	}
	src.delay = 0
	com.Release(p, q, k)
	r.run(20 * machine.Second)
}

// TestAFileThatFailsCostsItsSamples cuts the file short while it is in use: what was read plays on, what was not
// is silent, and the log says which.
func TestAFileThatFailsCostsItsSamples(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*file)
		says  string
	}{
		"shrinks": {func(f *file) { f.data = f.data[:1000] }, "ends at byte"},
		"fails":   {func(f *file) { f.fail = com.Errorf(com.ErrInvalid, "a bad sector") }, "bad sector"},
		"lies":    {func(f *file) { f.more = 3 }, "asked for"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, &device{queue: 1, offline: true})
			var log []string
			r.f.log = func(format string, args ...any) { log = append(log, fmt.Sprintf(format, args...)) }
			src := newFile(gm.Bank())
			k := r.load(src)
			organ := []audio.Event{program(0, 0, 16), on(0, 0, 60, 100), off(9000, 0, 60)}
			want := r.play(r.open(audio.PortOptions{Bank: k}), organ)
			c.spoil(src)
			both := slices.Concat(organ[:2], []audio.Event{program(0, 1, 40), on(0, 1, 64, 100), on(0, 1, 64, 101)}, organ[2:])
			got := r.play(r.open(audio.PortOptions{Bank: k}), both)
			if n := last(want); last(got) != n || !slices.Equal(got[:2*n], want[:2*n]) {
				t.Error("what was read before sounds different")
			}
			i, err := k.Info(background)
			must(t, err)
			if i.Failed == 0 || len(log) != int(i.Failed) || !strings.Contains(log[0], c.says) || !strings.Contains(log[0], "sample") {
				t.Errorf("%+v; log: %q", i, log)
			}
			k.Release()
		})
	}
}

// TestSamplesThatDoNotFit are silent until there is room.
func TestSamplesThatDoNotFit(t *testing.T) {
	r := newRig(t, &device{queue: 1, offline: true})
	var log []string
	r.f.log = func(format string, args ...any) { log = append(log, fmt.Sprintf(format, args...)) }
	src := newFile(gm.Bank())
	k := r.load(src)
	k.quota.limits.Bytes = k.quota.bytes.Load() + 1000
	organ := []audio.Event{program(0, 0, 16), on(0, 0, 60, 100), off(9000, 0, 60)}
	if got := r.play(r.open(audio.PortOptions{Bank: k}), organ); first(got) >= 0 {
		t.Error("it sounds without memory")
	}
	if len(log) != 1 || !strings.Contains(log[0], "taken by others") {
		t.Errorf("%q", log)
	}
	k.quota.limits.Bytes = 0
	if got := r.play(r.open(audio.PortOptions{Bank: k}), organ); first(got) < 0 {
		t.Error("it stays silent")
	}
	k.Release()
	r.run(machine.Second)
	if n := r.f.all.bytes.Load(); n != 0 {
		t.Errorf("%d bytes are counted", n)
	}
}

// TestWishes is the queue of a loader: full, empty, and around its end.
func TestWishes(t *testing.T) {
	var q wishes
	for n := range uint64(3 * maxWishes) {
		if got := q.add(wish{velocity: uint8(n)}); got != n+1 {
			t.Fatalf("wish %d has number %d", n, got)
		}
		if n < maxWishes/2 {
			continue // so that it goes round with some in it
		}
		if w, ok := q.take(); !ok || w.velocity != uint8(n-maxWishes/2) {
			t.Fatalf("%+v, %v", w, ok)
		}
	}
	for q.add(wish{}) != 0 {
	}
	if n := q.put.Load() - q.taken.Load(); n != maxWishes {
		t.Errorf("%d wishes are in it", n)
	}
	for n := 0; ; n++ {
		if _, ok := q.take(); !ok {
			if n != maxWishes {
				t.Errorf("%d wishes came out", n)
			}
			return
		}
	}
}
