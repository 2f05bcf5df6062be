package output

import (
	"sync"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/heap"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/sim"
	"github.com/mmlite/mmlite/firmware/thread"
)

func TestPacedDriftsNowhere(t *testing.T) {
	m := sim.New(1)
	for _, rate := range []int{8000, 11025, 44100, 96000} {
		d, err := NewPaced(m, rate, 256, 3)
		if err != nil {
			t.Fatal(err)
		}
		period := make([]float32, 512)
		begin := m.Now()
		for d.Submit(period) {
		}
		for m.Now().Sub(begin) < 300*machine.Second {
			at := d.FreeAt()
			m.Advance(at.Sub(m.Now()) - 1)
			if d.Free() != 0 {
				t.Fatalf("%d Hz: room before its time", rate)
			}
			m.Advance(1 + 1000*machine.Duration(rate%7)) // somebody wakes up late
			if d.Free() != 1 || !d.Submit(period) {
				t.Fatalf("%d Hz: room for %d at the time there should be for 1", rate, d.Free())
			}
		}
		played, at := d.Played()
		if want := uint64(at.Sub(begin).Seconds()*float64(rate) + 1e-6); played != want || d.Underruns() != 0 {
			t.Errorf("%d Hz: %d frames in %v, want %d; %d underruns", rate, played, at.Sub(begin), want, d.Underruns())
		}
	}
}

// TestPacedHasRoomAfterAStall: whoever was told that there is no room, and was then
// held up for so long that everything left, is not to wait for ever.
func TestPacedHasRoomAfterAStall(t *testing.T) {
	m := sim.New(1)
	d, err := NewPaced(m, 44100, 256, 2)
	if err != nil {
		t.Fatal(err)
	}
	period := make([]float32, 512)
	for d.Submit(period) {
	}
	for _, late := range []machine.Duration{6, 12, 100} {
		if d.Free() != 0 {
			t.Fatal("there is room")
		}
		m.Advance(late * machine.Millisecond)
		if at := d.FreeAt(); at > m.Now() {
			t.Errorf("after %d ms there is room, and it says at %v, which is %v from now", late, at, at.Sub(m.Now()))
		}
		for d.Submit(period) {
		}
	}
}

func TestPacedUnderrunsAndPauses(t *testing.T) {
	m := sim.New(1)
	d, err := NewPaced(m, 1000, 100, 2)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewPaced(m, 44100, 256, 0); com.CodeOf(err) != com.ErrInvalid {
		t.Error(err)
	}
	period := make([]float32, 200)
	expect := func(free int, played, underruns uint64) {
		t.Helper()
		f := d.Free()
		p, _ := d.Played()
		if f != free || p != played || d.Underruns() != underruns {
			t.Fatalf("room for %d, %d played, %d underruns; want %d, %d, %d", f, p, d.Underruns(), free, played, underruns)
		}
	}
	d.Submit(period)
	m.Advance(machine.Second)
	expect(1, 0, 0) // not full: it has not begun
	d.Submit(period)
	if d.Submit(period) || d.Submit(period[:5]) {
		t.Error("it took more than it holds, or part of a period")
	}
	m.Advance(150 * machine.Millisecond)
	expect(1, 150, 0)
	m.Advance(machine.Second)
	expect(2, 200, 1)
	if at := d.FreeAt(); at != m.Now() {
		t.Errorf("after an underrun it will have room at %v", at)
	}
	d.Submit(period)
	d.Pause() // plays what it has
	m.Advance(50 * machine.Millisecond)
	expect(1, 250, 1)
	m.Advance(machine.Second)
	expect(2, 300, 1)
	if at := d.FreeAt(); at != machine.Forever {
		t.Errorf("at rest it will have room at %v", at)
	}
	d.Pause() // of nothing
	expect(2, 300, 1)
}

func TestOutputOnAPacedDevice(t *testing.T) {
	m := sim.New(1, sim.Jitter(300*machine.Microsecond))
	p := thread.NewProcessor(thread.Config{Machine: m})
	d, err := NewPaced(m, testRate, testPeriod, 3)
	if err != nil {
		t.Fatal(err)
	}
	h, err := heap.New(make([]byte, 1<<20), heap.Options{Zeroed: true})
	if err != nil {
		t.Fatal(err)
	}
	o, err := New(Config{Processor: p, Device: d, Heap: h, Log: t.Logf})
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, m: m, p: p, h: h, out: o}
	c := r.counter("a")
	c.in.Start()
	r.run(100 * machine.Second)
	if s := float64(c.n) / testRate; s < 99.9 || s > 100.1 || d.Underruns() != 0 || c.in.Missed() != 0 {
		t.Errorf("%.2f s, %d underruns, %d missed", s, d.Underruns(), c.in.Missed())
	}
	c.stop = true
	r.run(10 * machine.Second)
	before, _ := d.Played()
	r.run(10 * machine.Second)
	if after, _ := d.Played(); after != before || d.Underruns() != 0 {
		t.Errorf("at rest it played from %d to %d; %d underruns", before, after, d.Underruns())
	}
	o.Release()
	r.run(machine.Second)
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

// TestPacedIsReadWhole has other goroutines look while it plays.
func TestPacedIsReadWhole(t *testing.T) {
	m := sim.New(1)
	d, err := NewPaced(m, testRate, testPeriod, 3)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		all.Go(func() {
			before := uint64(0)
			for {
				select {
				case <-stop:
					return
				default:
				}
				frame, _ := d.Played()
				if frame < before {
					t.Errorf("from %d back to %d", before, frame)
					return
				}
				before = frame
			}
		})
	}
	period := make([]float32, 2*testPeriod)
	for i := range 20000 {
		for d.Submit(period) {
		}
		m.Advance(span * machine.Duration(1+i%5))
	}
	close(stop)
	all.Wait()
	if d.Underruns() == 0 {
		t.Error("the test has no underruns")
	}
}
