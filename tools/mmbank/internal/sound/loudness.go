package sound

import (
	"math"

	"github.com/mmlite/mmlite/tools/mmbank/internal/exact"
)

// AWeight filters x by the A curve of IEC 61672: poles at 20.6 (twice), 107.7, 737.9 and 12,194 Hz
// (twice), through the bilinear transform; gain 1 at 1 kHz.
func AWeight(x []float64, rate int) []float64 {
	y := append([]float64(nil), x...)
	for _, p := range []float64{20.598997, 20.598997, 107.65265, 737.86223} {
		firstOrder(y, p, rate, true)
	}
	// The pole pair at 12.2 kHz lies beyond Nyquist at the lower rate; there it is left out.
	if rate > 26000 {
		firstOrder(y, 12194.217, rate, false)
		firstOrder(y, 12194.217, rate, false)
	}
	for i := range y {
		y[i] *= 1.2589
	}
	return y
}

// firstOrder filters in place through a one-pole high-pass or low-pass.
func firstOrder(x []float64, hz float64, rate int, high bool) {
	turns := hz / float64(rate) / 2
	k := exact.Sin(turns) / exact.Cos(turns)
	a := (1 - k) / (1 + k)
	x1, y1 := 0.0, 0.0
	for i, v := range x {
		var y float64
		if high {
			y = float64((v-x1)/(1+k)) + float64(a*y1)
		} else {
			y = float64((v+x1)*(k/(1+k))) + float64(a*y1)
		}
		x1, y1 = v, y
		x[i] = y
	}
}

// Loudest returns the largest A-weighted root mean square over windows of the given length, in
// decibels relative to full scale.
func Loudest(x []float64, rate int, seconds float64) float64 {
	y := AWeight(x, rate)
	n := exact.Round(seconds * float64(rate))
	if n > len(y) {
		y = append(y, make([]float64, n-len(y))...)
	}
	best := 0.0
	for at := 0; at+n <= len(y); at += max(1, n/4) {
		sum := 0.0
		for _, v := range y[at : at+n] {
			sum += float64(v * v)
		}
		best = math.Max(best, sum/float64(n))
	}
	return exact.Decibels(math.Sqrt(best))
}

// Play unrolls the wave to the given length, as a synthesizer would, at its own pitch, under an
// envelope of linear attack and a fall of 96 dB in decay seconds down to sustain decibels.
func (w *Wave) Play(seconds, attack, decay, sustain float64) []float64 {
	x := make([]float64, exact.Round(seconds*float64(w.Rate)))
	at := 0
	for i := range x {
		if at >= len(w.Data) {
			break
		}
		t := float64(i) / float64(w.Rate)
		g := 1.0
		if t < attack {
			g = t / attack
		} else if decay > 0 {
			g = exact.Gain(math.Max(-96*(t-attack)/decay, sustain))
		}
		x[i] = w.Data[at] * g
		if at++; w.Len > 0 && at >= w.Loop+w.Len {
			at -= w.Len
		}
	}
	return x
}
