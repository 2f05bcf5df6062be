package effect

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

var hall = Room{Time: 1.8, High: 0.4, Size: 1, Width: 1, Level: 1}

func TestVectorEqualsPortable(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	a, b := NewReverb(44100, hall, false), NewReverb(44100, hall, true)
	v := Voices{Level: 1, Feedback: 0.3, Delay: 0.008, Rate: 1, Depth: 0.006, ToReverb: 0.2}
	c, d := NewChorus(44100, v, false), NewChorus(44100, v, true)
	for i := range 4000 {
		var in, la, ra, lb, rb, sa, sb Block
		x := &in
		if i%50 > 25 {
			x = nil
		} else {
			for k := range in {
				in[k] = rng.Float32()*2 - 1
			}
		}
		if i%97 == 5 {
			room := Room{Time: 4 * rng.Float64(), High: rng.Float64(), Size: 0.5 + float64(i/1000)*0.2, Width: rng.Float64(), Level: rng.Float64(), Delay: 0.01 * float64(i/2000)}
			a.Set(room)
			b.Set(room)
			v := Voices{Level: 1, Feedback: rng.Float64() - 0.5, Delay: 0.02 * rng.Float64(), Rate: 3 * rng.Float64(), Depth: 0.01 * rng.Float64(), ToReverb: 0.3}
			c.Set(v)
			d.Set(v)
		}
		c.Process(x, &la, &ra, &sa)
		d.Process(x, &lb, &rb, &sb)
		a.Process(x, &la, &ra)
		b.Process(x, &lb, &rb)
		if la != lb || ra != rb || sa != sb {
			t.Fatalf("block %d differs", i)
		}
		if i%500 == 499 {
			a.Stop()
			b.Stop()
		}
	}
}

// response is what a reverberation makes of one impulse.
func response(r *Reverb, seconds float64) (left, right []float64) {
	n := int(seconds*r.rate) / Frames
	for i := range n {
		var in *Block
		if i == 0 && !r.Active() {
			in = &Block{1}
		}
		var l, rr Block
		r.Process(in, &l, &rr)
		for k := range l {
			left, right = append(left, float64(l[k])), append(right, float64(rr[k]))
		}
	}
	return left, right
}

// third keeps a third of an octave around a frequency: four biquad band-passes in
// turn.
func third(x []float64, hertz, rate float64) []float64 {
	w := 2 * math.Pi * hertz / rate
	alpha := math.Sin(w) * math.Sinh(math.Ln2/2/3*2*w/math.Sin(w))
	b, a1, a2 := alpha/(1+alpha), -2*math.Cos(w)/(1+alpha), (1-alpha)/(1+alpha)
	for range 4 {
		y := make([]float64, len(x))
		var x1, x2, y1, y2 float64
		for i, v := range x {
			y[i] = b*(v-x2) - a1*y1 - a2*y2
			x2, x1, y2, y1 = x1, v, y1, y[i]
		}
		x = y
	}
	return x
}

// decayOf is the time to fall by 60 dB by Schroeder's integral, from its slope
// between -5 and -35 dB, of the energy of several responses together.
func decayOf(responses [][]float64, hertz, rate float64) float64 {
	sum := make([]float64, len(responses[0])+1)
	for _, x := range responses {
		x = third(x, hertz, rate)
		tail := 0.0
		for i := len(x) - 1; i >= 0; i-- {
			tail += x[i] * x[i]
			sum[i] += tail
		}
	}
	find := func(db float64) float64 {
		for i, v := range sum {
			if v <= sum[0]*math.Pow(10, db/10) {
				return float64(i) / rate
			}
		}
		return math.NaN()
	}
	return 2 * (find(-35) - find(-5))
}

// TestDecay: in each octave the sound falls as fast as the room's settings say, on
// the average over both sides and a few moments at which the impulse comes, as one
// averages over places in a hall.
func TestDecay(t *testing.T) {
	for _, room := range []Room{
		hall,
		{Time: 1.1, High: 0.3, Size: 0.4, Width: 1, Level: 1},
		{Time: 1.3, High: 0.8, Size: 0.6, Width: 1, Level: 1},
		{Time: 5, High: 0.2, Size: 1, Width: 1, Level: 1, Delay: 0.05},
		{Time: 0.5, High: 1, Size: 0.3, Width: 1, Level: 1},
	} {
		for _, rate := range []int{44100, 48000} {
			r := NewReverb(rate, room, false)
			var all [][]float64
			for range 5 {
				l, s := response(r, room.Time*1.5)
				all = append(all, l, s)
				for r.Active() {
					response(r, 0.1)
				}
			}
			worst := 0.0
			line := ""
			for f := 125.0; f <= 8000; f *= 2 {
				got, want := decayOf(all, f, r.rate), r.DecayAt(f)
				worst = max(worst, math.Abs(got/want-1))
				line += fmt.Sprintf(" %.0f Hz %.2f (%.2f)", f, got, want)
				if !(math.Abs(got/want-1) < 0.1) {
					t.Errorf("%+v, %d Hz: %.0f Hz falls in %.3f s, set are %.3f", room, rate, f, got, want)
				}
			}
			t.Logf("time %.1f high %.1f size %.1f at %d Hz, measured (set):%s; worst %.1f %%", room.Time, room.High, room.Size, rate, line, worst*100)
			if got := r.DecayAt(8000) / r.DecayAt(50); math.Abs(got/room.High-1) > 0.03 {
				t.Errorf("8 kHz falls in %.3f of the time, set are %.3f", got, room.High)
			}
		}
	}
}

func BenchmarkEffects(b *testing.B) {
	for _, path := range []string{"", "-portable"} {
		run := func(name string, f func(in, l, r, s *Block)) {
			b.Run(name+path, func(b *testing.B) {
				rng := rand.New(rand.NewPCG(1, 2))
				var in, l, r, s Block
				for i := range in {
					in[i] = rng.Float32()*2 - 1
				}
				for b.Loop() {
					f(&in, &l, &r, &s)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)*44100/Frames/1e9*100, "%core")
			})
		}
		r := NewReverb(44100, hall, path != "")
		run("reverb", func(in, left, right, _ *Block) { r.Process(in, left, right) })
		c := NewChorus(44100, Voices{Level: 1, Feedback: 0.06, Delay: 0.01, Rate: 0.4, Depth: 0.0063}, path != "")
		run("chorus", func(in, l, r, s *Block) { c.Process(in, l, r, s) })
	}
}
