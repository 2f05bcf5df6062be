package output

import (
	"context"
	"encoding/binary"
	"math"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/heap"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
)

var background = context.Background()

// firstSound is the first frame that is not silent.
func firstSound(samples []float32) int {
	for i := range len(samples) / 2 {
		if samples[2*i] != 0 {
			return i
		}
	}
	return -1
}

func TestPeriodsReachTheDeviceInOrder(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	c := r.counter("a")
	c.in.Start()
	r.run(machine.Second)
	got := r.mixed()
	at := firstSound(got)
	if at%testPeriod != 0 {
		t.Fatalf("frame 0 is at frame %d of the device, which is not the beginning of a period", at)
	}
	frames := len(got)/2 - at
	if frames < testRate*9/10 {
		t.Fatalf("%d frames after a second", frames)
	}
	for i := range frames {
		if l, rr := got[2*(at+i)], got[2*(at+i)+1]; l != float32(i+1)*unit || rr != -l {
			t.Fatalf("frame %d is %g, %g; want %g", i, l, rr, float32(i+1)*unit)
		}
	}
	if r.dev.under != 0 {
		t.Errorf("%d underruns", r.dev.under)
	}
	info, err := r.out.Info(background)
	if err != nil || info.Inputs != 1 || info.Late != 0 || info.Frame != uint64(len(r.dev.taken)/2) {
		t.Errorf("info %+v, %v", info, err)
	}
	c.stop = true
}

func TestALateInputIsSilentAndKeepsItsPlace(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	a, b := r.counter("a"), r.counter("b")
	held := uint64(0)
	b.late = func(th *thread.Thread, frame uint64) {
		if held == 0 && frame >= 40*testPeriod {
			held = frame
			th.SleepUntil(th.Processor().Now().Add(3 * span))
		}
	}
	a.in.Start()
	b.in.Start()
	r.run(machine.Second)
	a.stop, b.stop = true, true
	missed := b.in.Missed()
	if missed == 0 || missed > 4 || a.in.Missed() != 0 {
		t.Fatalf("%d and %d periods missed", a.in.Missed(), missed)
	}
	if r.dev.under != 0 {
		t.Errorf("%d underruns: MIXER waited too long", r.dev.under)
	}
	base, _ := a.in.Base()
	silent := uint64(0)
	got := r.mixed()
	for f := base; f < uint64(len(got)/2); f++ {
		one := float32(f-base+1) * unit
		switch got[2*f] {
		case 2 * one:
		case one:
			silent++
		default:
			t.Fatalf("frame %d is %g; want %g or, without the late input, %g", f, got[2*f], 2*one, one)
		}
	}
	if silent != missed*testPeriod {
		t.Errorf("%d frames without the late input, want %d periods", silent, missed)
	}
	if i, _ := r.out.Info(background); i.Late != missed {
		t.Errorf("%d late periods counted, want %d", i.Late, missed)
	}
}

func TestAnOfflineClockWaitsForPromises(t *testing.T) {
	r := newRig(t, &device{queue: 1, offline: true})
	a, b := r.counter("a"), r.counter("b")
	idle := r.counter("idle") // never started: it does not hold the others
	r.run(machine.Second)
	if r.out.opened.Load() != 0 {
		t.Fatal("the clock moved with nothing started")
	}
	a.in.Start()
	a.in.Promise(1000)
	r.run(machine.Second)
	if got := r.out.opened.Load(); got != 3*testPeriod {
		t.Fatalf("the clock is at %d, want %d", got, 3*testPeriod)
	}
	b.in.Start()
	a.in.Promise(math.MaxUint64)
	r.run(machine.Second)
	if got := r.out.opened.Load(); got != 3*testPeriod {
		t.Fatalf("the clock is at %d: it did not wait for the second input", got)
	}
	b.in.Promise(512)
	r.run(machine.Second)
	if got := r.out.opened.Load(); got != 5*testPeriod {
		t.Fatalf("the clock is at %d, want %d", got, 5*testPeriod)
	}
	if base, _ := b.in.Base(); base != 3*testPeriod {
		t.Errorf("the second input began at %d", base)
	}
	a.in.Rest(a.in.Epoch())
	b.in.Rest(b.in.Epoch())
	r.run(machine.Second)
	if got := r.out.opened.Load(); got != 5*testPeriod {
		t.Fatalf("the clock is at %d: it moved with nobody wanting it", got)
	}
	a.stop, b.stop, idle.stop = true, true, true
	for _, c := range []*counter{a, b, idle} {
		c.in.Wake()
	}
}

func readAll(t *testing.T, c *Capture, frames int) (samples []float32, first uint64) {
	buf := make([]byte, 1<<16)
	for len(samples) < 2*frames {
		n, frame, err := c.Read(background, buf[:min(len(buf), 8*(frames-len(samples)/2))])
		if err != nil {
			t.Error(err)
			return
		}
		if n == 0 {
			return
		}
		if len(samples) == 0 {
			first = frame
		} else if frame != first+uint64(len(samples)/2) {
			t.Errorf("frame %d follows %d", frame, first+uint64(len(samples)/2))
		}
		for i := 0; i < int(n); i += 4 {
			samples = append(samples, math.Float32frombits(binary.LittleEndian.Uint32(buf[i:])))
		}
	}
	return samples, first
}

func TestOfflineCapturesLoseNothing(t *testing.T) {
	r := newRig(t, &device{queue: 1, offline: true})
	a := r.counter("a")
	mix, err := r.out.Capture(background)
	if err != nil {
		t.Fatal(err)
	}
	port, err := a.in.Capture()
	if err != nil {
		t.Fatal(err)
	}
	const frames = 6 * testRate // more than fits
	a.in.Start()
	a.in.Promise(frames)
	want := frames / testPeriod * testPeriod
	for _, c := range []*Capture{mix.(*Capture), port} {
		r.spawn("reader", func(*thread.Thread) {
			samples, first := readAll(t, c, want)
			if first != 0 || len(samples) != 2*want {
				t.Errorf("%d samples from %d, want %d", len(samples), first, 2*want)
				return
			}
			if c != port {
				samples = samples[2*r.out.limiter.Latency():]
			}
			for i := range len(samples) / 2 {
				if samples[2*i] != float32(i+1)*unit {
					t.Errorf("frame %d is %g", i, samples[2*i])
					return
				}
			}
		})
	}
	r.run(machine.Second)
	mix.Release()
	port.Release()
	a.stop = true
	a.in.Wake()
}

func TestASlowReaderMissesFramesAndCanTell(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	a := r.counter("a")
	c, err := a.in.Capture()
	if err != nil {
		t.Fatal(err)
	}
	a.in.Start()
	r.run(6 * machine.Second)
	buf := make([]byte, 1<<20)
	r.call(func(*thread.Thread) {
		total := uint64(0)
		for {
			n, frame, err := c.Read(background, buf)
			if err != nil {
				t.Error(err)
				return
			}
			if frame != total {
				if total < captureSeconds*testRate || frame < 5*testRate {
					t.Errorf("after %d frames comes frame %d", total, frame)
				}
				return
			}
			total += uint64(n / 8)
		}
	})
	if r.dev.under != 0 || a.in.Missed() != 0 {
		t.Error("a reader that was slow held up the sound")
	}
	a.stop = true
	r.run(machine.Second / 10)
	r.call(func(*thread.Thread) {
		for {
			n, _, err := c.Read(background, buf)
			if err != nil {
				t.Error(err)
			}
			if n == 0 {
				return // the source has ended
			}
		}
	})
	c.Release()
}

func TestReadHonoursItsContext(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	c, err := r.out.Capture(background)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(background)
	var got error
	r.spawn("reader", func(*thread.Thread) { _, _, got = c.Read(ctx, make([]byte, 64)) })
	r.run(machine.Second)
	if got != nil {
		t.Fatalf("Read returned %v with nothing to read", got)
	}
	cancel()
	for got == nil { // the context tells from a goroutine of its own
		r.run(machine.Millisecond)
	}
	if com.CodeOf(got) != com.ErrCanceled {
		t.Errorf("%v", got)
	}
	if _, _, err := c.Read(background, make([]byte, 7)); com.CodeOf(err) != com.ErrInvalid {
		t.Errorf("a buffer without room: %v", err)
	}
	c.Release()
}

func TestTheDeviceRestsWithoutInputs(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	r.run(machine.Second)
	if len(r.dev.taken) != 0 {
		t.Fatal("the device was started with nothing to play")
	}
	a := r.counter("a")
	r.run(machine.Second)
	a.stop = true
	r.run(10 * machine.Second)
	if r.dev.pauses != 1 {
		t.Errorf("%d pauses", r.dev.pauses)
	}
	if s := float64(len(r.dev.taken)) / 2 / testRate; s < 2.9 || s > 3.2 {
		t.Errorf("the device got %.2f s", s)
	}
	b := r.counter("b")
	b.in.Start()
	r.run(machine.Second)
	if b.n < testRate*9/10 {
		t.Errorf("after a rest it played %d frames in a second", b.n)
	}
	b.stop = true
}

func TestVolumeMovesWithinAPeriod(t *testing.T) {
	r := newRig(t, &device{queue: 1, offline: true})
	a := r.counter("a")
	for _, bad := range []float32{-1, 4.1, float32(math.NaN()), float32(math.Inf(1))} {
		if err := r.out.SetVolume(background, bad); com.CodeOf(err) != com.ErrInvalid {
			t.Errorf("volume %g: %v", bad, err)
		}
	}
	if err := r.out.SetVolume(background, 0.5); err != nil {
		t.Fatal(err)
	}
	a.in.Start()
	a.in.Promise(2 * testPeriod)
	r.run(machine.Second)
	got := r.mixed()
	for i := range len(got) / 2 {
		g := float32(0.5)
		if i < testPeriod {
			g = 1 - float32(i+1)*(0.5/testPeriod)
		}
		if want := float32(i+1) * unit * g; math.Abs(float64(got[2*i]-want)) > 1e-6 {
			t.Fatalf("frame %d is %g, want %g", i, got[2*i], want)
		}
	}
	a.stop = true
	a.in.Wake()
}

func TestAFailedDeviceTellsThoseWhoWait(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	a := r.counter("a")
	r.run(machine.Second)
	var got error
	r.spawn("waiter", func(*thread.Thread) { got = r.out.WaitPlayed(background, 1<<40) })
	r.run(machine.Second)
	r.dev.err = com.Errorf(com.ErrFailed, "the disk is full")
	r.run(machine.Second)
	if com.CodeOf(got) != com.ErrFailed || com.TextOf(got) != "the disk is full" {
		t.Errorf("%v", got)
	}
	if _, err := r.out.Connect("b"); err == nil {
		t.Error("a failed device took an input")
	}
	a.stop = true
	a.in.Wake()
}

func TestInputsAreBounded(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	var all []*counter
	for range MaxInputs {
		all = append(all, r.counter("x"))
	}
	if _, err := r.out.Connect("one more"); com.CodeOf(err) != com.ErrQuota {
		t.Errorf("%v", err)
	}
	r.run(machine.Second / 10)
	for _, c := range all {
		c.stop = true
	}
	r.run(machine.Second / 10)
	c := r.counter("again")
	r.run(machine.Second / 10)
	c.stop = true
}

func TestNoOutputWithoutThreadsOrMemory(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	closed := thread.NewProcessor(thread.Config{Machine: r.m})
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	held := r.h.Usage().Held
	if o, err := New(Config{Processor: closed, Spare: r.p, Device: &device{queue: 1}, Heap: r.h}); o != nil || com.CodeOf(err) != com.ErrClosed {
		t.Errorf("%v, %v", o, err)
	}
	small, err := r.h.Sub("small", heap.Limit{Bytes: 1000})
	if err != nil {
		t.Fatal(err)
	}
	if o, err := New(Config{Processor: r.p, Device: &device{queue: 1}, Heap: small}); o != nil || com.CodeOf(err) != com.ErrQuota {
		t.Errorf("%v, %v", o, err)
	}
	if o, err := New(Config{Processor: r.p, Device: &device{}, Heap: r.h}); o != nil || com.CodeOf(err) != com.ErrInvalid {
		t.Errorf("%v, %v", o, err)
	}
	r.run(machine.Second / 10)
	if now := r.h.Usage().Held; now != held {
		t.Errorf("%d bytes are lost", now-held)
	}
	if n := len(r.p.Threads(nil)); n != 4 {
		t.Errorf("%d threads, want those of the one output", n)
	}
}

func TestCapturesAreBounded(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	var all []com.Unknown
	take := func(c interface{ com.Unknown }, err error) error {
		if err == nil {
			all = append(all, c)
		}
		return err
	}
	var a *counter
	for range maxCaptures {
		if err := take(r.out.Capture(background)); err != nil {
			t.Fatal(err)
		}
	}
	if err := take(r.out.Capture(background)); com.CodeOf(err) != com.ErrQuota {
		t.Errorf("%d captures of one source: %v", maxCaptures+1, err)
	}
	var counters []*counter
	for len(all) < 22 { // the test's card memory holds no more
		if len(all)%maxCaptures == 0 {
			a = r.counter("a")
			counters = append(counters, a)
		}
		if err := take(a.in.Capture()); err != nil {
			t.Fatal(err)
		}
	}
	if err := take(a.in.Capture()); com.CodeOf(err) != com.ErrNoMemory {
		t.Errorf("more than card memory holds: %v", err)
	}
	com.Release(all...)
	r.run(machine.Second / 10)
	if n := r.out.captures.Load(); n != 0 {
		t.Errorf("%d captures are counted after the last", n)
	}
	for _, c := range counters {
		c.stop = true
	}
}

func TestAPeriodAllocatesNothing(t *testing.T) {
	r := newRig(t, &device{queue: 1, offline: true})
	r.dev.taken = make([]float32, 0, 1<<22)
	var all []*counter
	for range 8 {
		c := r.counter("x")
		c.in.Start()
		all = append(all, c)
	}
	capture, err := all[0].in.Capture()
	if err != nil {
		t.Fatal(err)
	}
	until := uint64(0)
	played := func() bool { return r.dev.played >= until }
	step := func() {
		until += testPeriod
		for _, c := range all {
			c.in.Promise(until)
		}
		if err := r.p.RunUntil(played, machine.Forever); err != nil {
			t.Fatal(err)
		}
	}
	step()
	if n := testing.AllocsPerRun(500, step); n > 0 {
		t.Errorf("%g allocations a period", n)
	}
	capture.Release()
	for _, c := range all {
		c.stop = true
		c.in.Wake()
	}
}
