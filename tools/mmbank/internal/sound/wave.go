// Package sound makes the waves of the bank: additive and frequency-modulation synthesis into
// loops that close exactly, filtered noise, and the measures (loudness, peak) that balance them.
//
// A looped wave is a lead-in followed by one loop. Every partial makes a whole number of cycles in
// the loop and has settled when the loop starts, so the last sample leads into the first without
// a step, and the fundamental is known exactly.
package sound

import (
	"math"

	"github.com/mmlite/mmlite/tools/mmbank/internal/exact"
)

// Rate is the sample rate of most waves, in hertz; Bright is that of cymbals and the like.
const (
	Rate   = 22050
	Bright = 32000
)

// guard is how many samples follow the end of a loop, repeating its start, for interpolators that
// read ahead.
const guard = 8

// A Wave is one mono sample.
type Wave struct {
	Name string
	Rate int
	Data []float64
	// Loop is where the loop starts and Len how long it is, in samples; Len 0 means one-shot.
	Loop, Len int
	// Hertz is the fundamental at Rate; 0 for sounds without pitch.
	Hertz float64
}

// Fit finds a loop of about length samples and a number of cycles in it, such that the loop's
// fundamental is as near to hertz as a correction in whole cents can make up for.
func Fit(rate int, hertz float64, length int) (samples, cycles int) {
	period := float64(rate) / hertz
	best := 1e9
	lo := exact.Round(period)
	if lo < length {
		lo = length
	}
	hi := lo + exact.Round(2*period) + lo/8
	for n := lo; n <= hi; n++ {
		c := exact.Round(float64(n) / period)
		if c < 1 {
			continue
		}
		off := exact.Cents(float64(c)*float64(rate)/float64(n), hertz)
		if math.Abs(off) > 45 {
			continue
		}
		frac := math.Abs(off - float64(exact.Round(off)))
		cost := frac + float64(0.004*math.Abs(off)) + float64(0.05*float64(n-lo)/float64(hi-lo+1))
		if cost < best {
			best, samples, cycles = cost, n, c
		}
	}
	return samples, cycles
}

// Peak returns the largest magnitude.
func (w *Wave) Peak() float64 {
	p := 0.0
	for _, v := range w.Data {
		p = math.Max(p, math.Abs(v))
	}
	return p
}

// Scale multiplies the wave.
func (w *Wave) Scale(g float64) {
	for i := range w.Data {
		w.Data[i] *= g
	}
}

// Normalize scales the wave to a peak of 0.97 of full scale.
func (w *Wave) Normalize() *Wave {
	if p := w.Peak(); p > 0 {
		w.Scale(0.97 / p)
	}
	return w
}

// Mix adds other, which must have the same rate, times gain, from sample at on; what lies beyond
// the lead-in of a looped wave is left out, so the loop stays closed.
func (w *Wave) Mix(other []float64, gain float64, at int) *Wave {
	end := len(w.Data)
	if w.Len > 0 {
		end = w.Loop
	}
	for i, v := range other {
		if at+i >= end {
			break
		}
		w.Data[at+i] += float64(v * gain)
	}
	return w
}

// FadeIn removes the step at the start of a wave over n samples.
func (w *Wave) FadeIn(n int) *Wave {
	for i := range min(n, len(w.Data)) {
		w.Data[i] *= float64(0.5 - float64(0.5*exact.Cos(float64(0.5*float64(i)/float64(n)))))
	}
	return w
}

// FadeOut brings the end of a one-shot to zero over n samples.
func (w *Wave) FadeOut(n int) *Wave {
	n = min(n, len(w.Data))
	for i := range n {
		w.Data[len(w.Data)-1-i] *= float64(0.5 - float64(0.5*exact.Cos(float64(0.5*float64(i)/float64(n)))))
	}
	return w
}

// Center removes the mean, of the loop where there is one, and starts the lead-in at zero.
func (w *Wave) Center() *Wave {
	span := w.Data
	if w.Len > 0 {
		span = w.Data[w.Loop : w.Loop+w.Len]
	}
	sum := 0.0
	for _, v := range span {
		sum += v
	}
	mean := sum / float64(len(span))
	for i := range w.Data {
		w.Data[i] -= mean
	}
	return w
}
