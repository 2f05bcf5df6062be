package engine

import (
	"math"

	"github.com/mmlite/mmlite/synth/internal/exact"
)

// biquad is a two-pole low-pass (SoundFont 2.04, section 9.1.3) in direct form
// one and double precision: y = b(w + w') - a1 y' - a2 y" with w = x + x'. The
// form keeps its state in signals, not in terms of coefficients, so coefficients
// can move under it; b carries the gain of half the resonance that the
// specification takes back.
type biquad struct {
	b, a1, a2      float64
	x1, w1, y1, y2 float64
}

// follow keeps the state where the signal is while the filter is not used, so
// that it can be switched in without a step.
func (f *biquad) follow(r *row) {
	f.y2, f.y1 = float64(r[blockFrames-2]), float64(r[blockFrames-1])
	f.x1, f.w1 = f.y1, f.y1+f.y2
}

// coefficients of a biquad.
type coefficients struct{ b, a1, a2 float64 }

// filterTable has sine and cosine of the cutoff's angle, every cutoffStep cents.
type filterTable [cutoffCount + 1]struct{ sin, cos float64 }

func newFilterTable(c *curves, rate float64) *filterTable {
	t := new(filterTable)
	for i := range t {
		f := c.hertz(float32(cutoffLow + min(i, cutoffCount-1)*cutoffStep))
		f = min(max(f, 5), float64(0.45*rate))
		angle := float64(2 * math.Pi * f / rate)
		t[i].sin, t[i].cos = exact.Sine(angle), exact.Sine(angle+math.Pi/2)
	}
	return t
}

// resonance holds what a Q in cB contributes: 1/(2q) and the gain.
type resonance struct{ halfInverse, gain float64 }

// sharpest is the most resonance in cB. Files may ask for 960, which would turn
// any sound into a blast; instruments stay below 300.
const sharpest = 400

// newResonance takes Q in cB above no resonance, where 0 is a Butterworth.
func newResonance(c *curves, cb float32) resonance {
	cb = min(max(cb, 0), sharpest)
	return resonance{
		halfInverse: float64(0.5 * math.Sqrt2 * float64(c.attenuate(cb))),
		gain:        float64(c.attenuate(cb / 2)),
	}
}

// lowpass computes the coefficients for a cutoff in absolute cents.
func (t *filterTable) lowpass(cutoff float32, q resonance) coefficients {
	x := (min(max(cutoff, cutoffLow), cutoffHigh) - cutoffLow) / cutoffStep
	i := int(x)
	f := float64(x - float32(i))
	sin := t[i].sin + float64(f*(t[i+1].sin-t[i].sin))
	cos := t[i].cos + float64(f*(t[i+1].cos-t[i].cos))
	alpha := float64(sin * q.halfInverse)
	inv := 1 / (1 + alpha)
	return coefficients{
		b:  float64(float64((1-cos)*0.5)*inv) * q.gain,
		a1: float64(-2*cos) * inv,
		a2: (1 - alpha) * inv,
	}
}
