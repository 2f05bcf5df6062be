package effect

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"
)

// density is the normalized echo density of Abel and Huang ("A simple, robust
// measure of reverberation echo density", 2006) of the window around frame at: 1
// for Gaussian noise, 0 for single echoes.
func density(x []float64, at, window int) float64 {
	lo, hi := max(at-window/2, 0), min(at+window/2, len(x))
	power := 0.0
	for _, v := range x[lo:hi] {
		power += v * v
	}
	deviation := math.Sqrt(power / float64(hi-lo))
	out := 0
	for _, v := range x[lo:hi] {
		if math.Abs(v) > deviation {
			out++
		}
	}
	return float64(out) / float64(hi-lo) / 0.3173
}

// spectrum of x by definition, at count frequencies from lo to hi Hz, dB.
func spectrum(x []float64, lo, hi, rate float64, count int) []float64 {
	out := make([]float64, count)
	for i := range out {
		w := 2 * math.Pi * (lo + (hi-lo)*float64(i)/float64(count)) / rate
		turn, at, sum := cmplx.Rect(1, -w), complex(1, 0), complex(0, 0)
		for _, v := range x {
			sum += complex(v, 0) * at
			at *= turn
		}
		out[i] = 20 * math.Log10(cmplx.Abs(sum)+1e-30)
	}
	return out
}

// TestNoMetal: echoes are dense soon, and no line of the spectrum stands out of a
// late piece of the tail: ringing would be lines 20 dB and more above the mean,
// where noise that falls as fast has 8 to 11.
func TestNoMetal(t *testing.T) {
	for _, c := range []struct {
		name  string
		room  Room
		dense float64 // seconds
	}{
		{"hall", hall, 0.13},
		{"room", Room{Time: 1.1, High: 0.35, Size: 0.5, Width: 1, Level: 1}, 0.08},
		{"plate", Room{Time: 1.3, High: 0.8, Size: 0.6, Width: 1, Level: 1}, 0.1},
	} {
		r := NewReverb(44100, c.room, false)
		l, _ := response(r, 2)
		from := 0
		for density(l, from, 1024) < 0.9 {
			from += 64
		}
		seconds := float64(from) / 44100
		t.Logf("%s: echo density of 0.9 after %.0f ms", c.name, seconds*1000)
		if seconds > c.dense {
			t.Errorf("%s: echoes are dense only after %.3f s", c.name, seconds)
		}
		piece := l[44100*6/10 : 44100*11/10]
		// The fall and the tilt of the spectrum aside, by thirds of an octave.
		for _, band := range [][2]float64{{300, 400}, {600, 760}, {1200, 1500}, {2400, 3000}} {
			s := spectrum(piece, band[0], band[1], 44100, 150)
			top, mean := math.Inf(-1), 0.0
			for _, v := range s {
				top = max(top, v)
				mean += math.Pow(10, v/10) / float64(len(s))
			}
			over := top - 10*math.Log10(mean)
			t.Logf("%s, %4.0f to %4.0f Hz: highest line %.1f dB above the mean power", c.name, band[0], band[1], over)
			if over > 14 {
				t.Errorf("%s rings between %g and %g Hz: %.1f dB", c.name, band[0], band[1], over)
			}
		}
	}
}

// TestNoClicks: nothing jumps when parameters change, lengths of lines included,
// nor when the sound is stopped. The input is a low sine, in whose neighbours a
// step would stand out.
func TestNoClicks(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	r := NewReverb(44100, hall, false)
	c := NewChorus(44100, Voices{Level: 1, Delay: 0.01, Rate: 0.4, Depth: 0.006}, false)
	phase := 0.0
	var last [2]float32
	worst := float32(0)
	for i := range 20000 {
		var in, l, s Block
		if i%1000 == 0 {
			phase = 0
		}
		for k := range in {
			in[k] = float32(math.Sin(phase))
			phase += 2 * math.Pi * 100 / 44100
		}
		switch {
		case i%200 == 100:
			r.Set(Room{
				Time: 0.2 + 3*rng.Float64(), High: rng.Float64(), Size: 0.3 + 0.2*float64(rng.IntN(4)),
				Delay: 0.02 * float64(rng.IntN(3)), Width: rng.Float64(), Level: 0.5 * rng.Float64(),
			})
			c.Set(Voices{
				Level: rng.Float64(), Feedback: 1.4*rng.Float64() - 0.7, Delay: 0.03 * rng.Float64(), Rate: 2 * rng.Float64(),
				Depth: 0.01 * rng.Float64(),
			})
		case i%1000 == 950:
			r.Stop()
			c.Stop()
		}
		var send Block
		x := &in
		if i%1000 >= 940 { // what stops is not fed any more
			x = nil
			if i%1000 == 940 {
				for k := range in {
					in[k] *= 1 - float32(k)/Frames
				}
				x = &in
			}
		}
		c.Process(x, &l, &s, &send)
		r.Process(x, &l, &s)
		for k := range l {
			dl, ds := l[k]-last[0], s[k]-last[1]
			worst = max(worst, dl, -dl, ds, -ds)
			last = [2]float32{l[k], s[k]}
		}
	}
	// A sine of 100 Hz as loud as reverberation and chorus get, about 4, moves by
	// 0.06 from frame to frame.
	t.Logf("largest step %.4f", worst)
	if worst > 0.1 {
		t.Errorf("a step of %.3f", worst)
	}
}

// TestHours runs both for long stretches of their time with parameters at random, all of
// them and all extremes: what comes out stays bounded, and ends.
func TestHours(t *testing.T) {
	hours := 0.3
	if testing.Short() {
		hours = 0.05
	}
	rng := rand.New(rand.NewPCG(7, 8))
	r, c := NewReverb(44100, hall, false), NewChorus(44100, Voices{}, false)
	extreme := func(low, high float64) float64 {
		switch rng.IntN(5) {
		case 0:
			return low
		case 1:
			return high
		case 2:
			return math.NaN()
		}
		return low + (high-low)*rng.Float64()
	}
	var in, l, s, send Block
	for i := range int(hours * 3600 * 44100 / Frames) {
		if i%64 == 0 {
			if rng.IntN(20) == 0 {
				r.Set(Room{Time: extreme(0, 30), High: extreme(0, 1), Size: extreme(0, 2), Delay: extreme(0, 1), Width: extreme(-1, 2), Level: extreme(0, 1)})
			}
			if rng.IntN(20) == 0 {
				c.Set(Voices{Level: extreme(0, 1), Feedback: extreme(-2, 2), Delay: extreme(0, 1), Rate: extreme(0, 30), Depth: extreme(0, 0.1), ToReverb: extreme(0, 1)})
			}
		}
		for k := range in {
			in[k] = rng.Float32()*2 - 1
		}
		x := &in
		if i>>12&3 == 3 {
			x = nil
		}
		l, s, send = Block{}, Block{}, Block{}
		c.Process(x, &l, &s, &send)
		r.Process(x, &l, &s)
		if a, b := l.loudest(), s.loudest(); !(a < 100 && b < 100) {
			t.Fatalf("block %d: %g, %g", i, a, b)
		}
	}
	n := 0
	for ; r.Active() || c.Active(); n++ {
		c.Process(nil, &l, &s, &send)
		r.Process(nil, &l, &s)
		if n > 44100*120/Frames {
			t.Fatal("a tail of two minutes")
		}
	}
}

func TestNothingAllocates(t *testing.T) {
	r, c := NewReverb(44100, hall, false), NewChorus(44100, Voices{Level: 1}, false)
	in := &Block{1}
	var l, s, send Block
	k := 0
	if n := testing.AllocsPerRun(100, func() {
		c.Process(in, &l, &s, &send)
		r.Process(in, &l, &s)
		k++
		room := hall
		room.Size = 0.5 + 0.1*float64(k%3)
		r.Set(room)
		c.Set(Voices{Level: 1, Depth: 0.001 * float64(k%4)})
	}); n != 0 {
		t.Errorf("%g allocations a block", n)
	}
}
