package drift

import (
	"math"
	"math/rand/v2"
	"testing"
)

// simulate lets a writer that is off by ppm write blocks, each late by up to jitter seconds, and a reader read periods of 256
// frames under control. It returns what the trim did in the last minute, and between what bounds the fill moved then.
func simulate(t *testing.T, ppm, jitter float64, block int, seconds float64) (mean, deviation, low, high float64) {
	t.Helper()
	const rate = 48000.0
	target := 2*256 + float64(block) + jitter*rate
	c, err := New(Config{Rate: rate, Target: target})
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(5, 6))
	fill, written, trim := target, 0.0, 0.0
	due := random.Float64() * jitter
	var n, sum, square float64
	low, high = math.Inf(1), math.Inf(-1)
	for now := 0.0; now < seconds; now += 256 / rate {
		for due <= now {
			fill += float64(block)
			written += float64(block)
			due = written/(rate*(1+ppm*1e-6)) + random.Float64()*jitter
		}
		fill -= 256 * (1 + trim*1e-6)
		trim = c.Update(fill, 256/rate)
		if now > seconds-60 {
			n, sum, square = n+1, sum+trim, square+trim*trim
			low, high = min(low, fill), max(high, fill)
		}
	}
	mean = sum / n
	return mean, math.Sqrt(max(0, square/n-mean*mean)), low, high
}

func TestFindsTheDriftAndKeepsTheFill(t *testing.T) {
	for _, ppm := range []float64{0, 50, -200, 500} {
		for _, jitter := range []float64{0, 0.002, 0.010} {
			mean, deviation, low, high := simulate(t, ppm, jitter, 480, 240)
			t.Logf("%v ppm, %v ms late at most: trim %.2f ppm, deviation %.2f, fill %.0f to %.0f frames", ppm, jitter*1000, mean, deviation, low, high)
			if math.Abs(mean-ppm) > 10 {
				t.Errorf("found %v ppm", mean)
			}
			if deviation > 100 {
				t.Errorf("the trim wanders by %v ppm", deviation)
			}
			if low < 0 || high-low > 256+480+jitter*48000*2+20 {
				t.Errorf("the fill moves from %v to %v", low, high)
			}
		}
	}
}

func TestTrimIsBounded(t *testing.T) {
	c, err := New(Config{Rate: 44100, Target: 1000, MaxTrim: 300})
	if err != nil {
		t.Fatal(err)
	}
	for range 100_000 {
		if trim := c.Update(1e6, 0.005); trim > 300 || trim < 0 {
			t.Fatalf("trim %v", trim)
		}
	}
	if c.Trim() != 300 {
		t.Errorf("trim %v", c.Trim())
	}
	// The integral did not wind up: it comes back soon after the fill does.
	for range 1000 {
		c.Update(-1e6, 0.005)
	}
	if c.Trim() != -300 {
		t.Errorf("five seconds after the fill fell the trim is %v", c.Trim())
	}
}

func TestNonsenseDoesNotStick(t *testing.T) {
	c, _ := New(Config{Rate: 44100, Target: 100})
	c.Update(100, 0.005)
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		c.Update(bad, 0.005)
		c.Update(100, bad)
	}
	c.Update(100, -1)
	if math.Abs(c.Trim()) > 1e-9 {
		t.Errorf("trim %v", c.Trim())
	}
	c.Update(5000, 1e9)
	c.Restart()
	if c.Trim() != c.Drift() {
		t.Error("a restart forgot the drift")
	}
	for _, bad := range []Config{{}, {Rate: math.NaN()}, {Rate: 44100, Target: -1}, {Rate: 44100, Bandwidth: 9}, {Rate: 44100, MaxTrim: 1e6}} {
		if _, err := New(bad); err == nil {
			t.Errorf("%+v accepted", bad)
		}
	}
}
