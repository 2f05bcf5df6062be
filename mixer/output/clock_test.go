package output

import (
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/mmlite/mmlite/firmware/machine"
)

// TestClockFollowsADevice feeds the pairs of a device whose rate is a little off
// and whose thread wakes up late, and compares with the truth.
func TestClockFollowsADevice(t *testing.T) {
	const jitter = 2 * machine.Millisecond
	for _, ppm := range []float64{0, 300, -300} {
		var c mediaClock
		c.init(testRate)
		chance := rand.New(rand.NewPCG(1, 2))
		truth := func(at machine.Time) float64 { return float64(at) * 1e-9 * testRate * (1 + ppm*1e-6) }
		worst, step, before := 0.0, 0.0, math.NaN()
		for at := machine.Time(0); at < 20*machine.Time(machine.Second); at = at.Add(span) {
			c.tell(uint64(truth(at)), at.Add(machine.Duration(chance.Int64N(int64(jitter)))))
			if at < 5*machine.Time(machine.Second) {
				continue
			}
			heard, ok := c.heard(at)
			if !ok {
				t.Fatal("nothing known")
			}
			off := (heard - truth(at)) / testRate * 1000 // ms; the mean of the jitter is late by half
			worst = max(worst, math.Abs(off+1))
			if !math.IsNaN(before) {
				step = max(step, math.Abs(off-before))
			}
			before = off
		}
		if worst > 0.3 || step > 0.05 {
			t.Errorf("%+.0f ppm: up to %.3f ms off, and %.3f ms from one period to the next", ppm, worst, step)
		}
	}
}

func TestClockStartsAnewAfterAJump(t *testing.T) {
	var c mediaClock
	c.init(testRate)
	if _, ok := c.heard(0); ok {
		t.Error("a clock that was told nothing knows")
	}
	at := machine.Time(machine.Second)
	c.tell(1000, at)
	c.tell(1000+testRate, at.Add(machine.Second))
	c.tell(1000+2*testRate, at.Add(5*machine.Second)) // it stood still meanwhile
	if heard, ok := c.heard(at.Add(5 * machine.Second)); !ok || heard != 1000+2*testRate {
		t.Errorf("%g, %v", heard, ok)
	}
	c.tell(5, at.Add(6*machine.Second)) // backwards: not believed
	if heard, _ := c.heard(at.Add(6 * machine.Second)); math.Abs(heard-1000-3*testRate) > 1 {
		t.Errorf("%g", heard)
	}
	if heard, _ := c.heard(0); heard != 0 {
		t.Errorf("before the beginning: %g", heard)
	}
	c.forget()
	if _, ok := c.heard(at); ok {
		t.Error("it remembers what it was to forget")
	}
}

// TestClockIsReadWhole has readers see only pairs that were told.
func TestClockIsReadWhole(t *testing.T) {
	var c mediaClock
	c.init(1000) // a frame is a million ns
	var readers sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				frame, at, _, ok := c.read()
				if ok && machine.Time(frame)*1_000_000 != at {
					t.Errorf("frame %d at %d", frame, at)
					return
				}
			}
		})
	}
	for i := range uint64(50_000) {
		c.tell(i*10, machine.Time(i*10)*1_000_000)
		if i%1000 == 999 {
			c.forget()
		}
	}
	close(stop)
	readers.Wait()
}
