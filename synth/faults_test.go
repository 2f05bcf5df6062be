package synth

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
)

// fill queues events until there is no room, on a thread that then waits for some.
func (r *rig) fill(p audio.Port) (client *thread.Thread, result *error) {
	r.t.Helper()
	result = new(error)
	*result = com.ErrExists
	client, err := r.p.Spawn("client", thread.Attributes{}, func(*thread.Thread) {
		events := make([]audio.Event, maxEvents)
		for frame := uint64(10 * rate); ; frame += maxEvents {
			for i := range events {
				events[i] = audio.Event{Frame: frame + uint64(i), Message: 0xB0 | 7<<8 | 100<<16}
			}
			if err := p.Queue(background, events, 0); err != nil {
				*result = err
				return
			}
		}
	})
	must(r.t, err)
	r.run(machine.Second / 10)
	if i, _ := p.Info(background); i.Queued != queueEvents {
		r.t.Fatalf("%d events fit", i.Queued)
	}
	return client, result
}

func TestAClientThatDiesInACallLosesNothing(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	p := r.open(audio.PortOptions{})
	must(t, p.Start(background))
	client, _ := r.fill(p)
	drainer, err := r.p.Spawn("drainer", thread.Attributes{}, func(*thread.Thread) { p.Drain(background) })
	must(t, err)
	r.run(machine.Second / 10)
	client.Kill()
	drainer.Kill()
	r.run(machine.Second / 10)
	// The port answers others.
	r.call(func() {
		must(t, p.Stop(background))
		must(t, p.Drain(background))
	})
	p.Release()
}

func TestReleaseFreesThoseWhoWait(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	p := r.open(audio.PortOptions{})
	must(t, p.Start(background))
	_, result := r.fill(p)
	p.Release()
	r.run(machine.Second / 10)
	if com.CodeOf(*result) != com.ErrGone {
		t.Errorf("Queue returned %v", *result)
	}
}

func TestAFailedDeviceFreesThoseWhoWait(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	r.f.log = t.Logf
	p := r.open(audio.PortOptions{})
	must(t, p.Start(background))
	_, queue := r.fill(p)
	drain := error(com.ErrExists)
	r.start(func() { drain = p.Drain(background) })
	r.run(machine.Second / 10)
	r.dev.err = com.Errorf(com.ErrFailed, "the server went away")
	r.dev.ev.Signal()
	r.run(machine.Second / 10)
	for _, err := range []error{*queue, drain, p.Short(0x90)} {
		if com.CodeOf(err) != com.ErrFailed || com.TextOf(err) != "the server went away" {
			t.Errorf("%v", err)
		}
	}
	p.Release()
}

func TestAPanicEndsOnlyItsPort(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	var log []string
	r.f.log = func(format string, args ...any) { log = append(log, fmt.Sprintf(format, args...)) }
	good, bad := r.open(audio.PortOptions{}), r.open(audio.PortOptions{Name: "bad"})
	must(t, good.Start(background))
	must(t, bad.Start(background))
	r.run(machine.Second / 10)
	bad.(*Port).engine = nil
	r.run(machine.Second / 10)
	r.call(func() {
		if err := bad.Drain(background); com.CodeOf(err) != com.ErrGone {
			t.Errorf("%v", err)
		}
		must(t, good.Queue(background, []audio.Event{on(rate, 0, 60, 100)}, 0))
		must(t, good.Drain(background))
	})
	if len(log) != 1 || !strings.Contains(log[0], "bad") {
		t.Errorf("log: %q", log)
	}
	if i, _ := r.out.Info(background); i.Late != 0 || r.dev.under != 0 {
		t.Errorf("%+v", i)
	}
	com.Release(good, bad)
}

func TestNoPortWithoutAThread(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	closed := thread.NewProcessor(thread.Config{Machine: r.m})
	must(t, closed.Close())
	open := r.f.processor
	r.f.processor = closed
	r.call(func() {
		if p, err := r.f.Open(background, audio.PortOptions{}); p != nil || com.CodeOf(err) != com.ErrClosed {
			t.Errorf("%v, %v", p, err)
		}
		if s := r.f.Status(); s.Reserved != 0 || len(s.Ports) != 0 || s.Banks[0].Refs != 1 {
			t.Errorf("%+v", s)
		}
		r.f.processor = open
		p, err := r.f.Open(background, audio.PortOptions{})
		must(t, err)
		p.Release()
	})
}

func TestAClosedOutputEndsPorts(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	p := r.open(audio.PortOptions{})
	must(t, p.Start(background))
	r.run(machine.Second / 10)
	r.out.Close()
	r.run(machine.Second / 10)
	if err := p.Start(background); com.CodeOf(err) != com.ErrGone {
		t.Errorf("%v", err)
	}
	r.call(func() {
		if _, err := r.f.Open(background, audio.PortOptions{}); com.CodeOf(err) != com.ErrClosed {
			t.Errorf("%v", err)
		}
	})
	p.Release()
}

// TestOverload has something else take nearly all of the processor. Sound suffers,
// what the port renders does not, and it recovers.
func TestOverload(t *testing.T) {
	want := func() []float32 {
		r := newRig(t, &device{queue: 1, offline: true})
		return r.play(r.open(audio.PortOptions{}), tune(6))
	}()
	r := newRig(t, &device{queue: 3})
	p := r.open(audio.PortOptions{})
	rec := r.capture(p)
	r.call(func() {
		must(t, p.Start(background))
		must(t, p.Queue(background, tune(6), 0))
	})
	r.run(machine.Second / 2)
	for range 10 { // nobody checkpoints for 30 ms
		r.call(func() { r.m.Advance(30 * machine.Millisecond) })
		r.run(20 * machine.Millisecond)
	}
	r.call(func() { must(t, p.Drain(background)) })
	i, _ := p.Info(background)
	if r.dev.under == 0 {
		t.Error("there was no overload")
	}
	if i.Late != 0 {
		t.Errorf("%+v", i)
	}
	p.Release()
	r.run(machine.Second)
	n := last(want)
	if last(rec.samples) != n || !slices.Equal(rec.samples[:2*n], want[:2*n]) {
		t.Error("the port rendered something else")
	}
	rec.c.Release()
}

func TestCapturesBeginWithThePort(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	r.run(machine.Second / 3)
	p, q := r.open(audio.PortOptions{}), r.open(audio.PortOptions{})
	started, live := r.capture(p), r.capture(q)
	r.run(machine.Second / 3)
	if len(started.samples)+len(live.samples) != 0 {
		t.Fatal("silence before the beginning was recorded")
	}
	r.call(func() {
		must(t, p.Queue(background, []audio.Event{program(0, 0, 115), on(300, 0, 60, 100)}, 0))
		must(t, p.Start(background))
	})
	must(t, q.Short(0xC0|115<<8))
	must(t, q.Short(0x90|60<<8|100<<16))
	r.run(machine.Second / 3)
	if at := first(started.samples); at < 300 || at > 310 {
		t.Errorf("the note of frame 300 is at %d", at)
	}
	if at := first(live.samples); at < 0 || at > period+10 {
		t.Errorf("the first live note is at %d", at)
	}
	p.Release()
	q.Release()
	r.run(machine.Second / 3)
	if !started.ended || !live.ended {
		t.Error("captures did not end with their ports")
	}
	started.c.Release()
	live.c.Release()
}
