package bankfile

import (
	"math"
	"testing"
)

// unpitched are the programs that have no pitch to measure.
var unpitched = map[int]bool{55: true, 115: true, 116: true, 117: true, 118: true, 119: true, 120: true, 121: true, 122: true, 123: true, 124: true, 125: true, 126: true, 127: true}

// partials are the programs whose other partials are not harmonic (stiff strings, bars, bells) or lie
// under noise (flutes): their pitch is that of the partial at the key's frequency.
var partials = map[int]bool{0: true, 1: true, 2: true, 3: true, 6: true, 15: true, 25: true, 27: true, 75: true, 76: true, 77: true, 82: true, 8: true, 9: true, 10: true, 11: true, 12: true, 13: true, 14: true, 47: true, 96: true, 98: true, 108: true, 112: true, 113: true}

// below are the programs that sound octaves below their key as well, and how many.
var below = map[int]int{16: 1, 17: 1, 18: 1, 19: 1, 86: 1, 109: 2}

// Every tonal program plays its root within two cents of equal temperament.
func TestTuning(t *testing.T) {
	f := built()
	for _, ins := range f.Instruments {
		if ins.Drum || unpitched[int(ins.Program)] {
			continue
		}
		for i := range ins.Regions {
			r := &ins.Regions[i]
			w := &f.Waves[r.Wave]
			s := &w.Sample
			if r.Sample != nil {
				s = r.Sample
			}
			nominal := 440 * math.Exp2((float64(s.Unity)-69)/12)
			loop := make([]float64, s.LoopLength)
			for i := range loop {
				loop[i] = float64(w.PCM[int(s.LoopStart)+i])
			}
			if partials[int(ins.Program)] {
				// Tubular bells and agogos sound the octave of the key first of all.
				if ins.Program == 14 || ins.Program == 113 {
					nominal *= 2
				}
				loop = only(loop, nominal/float64(w.Rate))
			}
			hz := float64(w.Rate) / period(loop, float64(w.Rate)/nominal, math.Exp2(float64(below[int(ins.Program)])))
			off := 1200*math.Log2(hz/nominal) + float64(s.FineTune)
			if math.Abs(off) > 2 || math.IsNaN(off) {
				t.Errorf("program %d %s, key %d: %.2f cents off", ins.Program+1, ins.Name, s.Unity, off)
			}
		}
	}
}

// only keeps the frequencies of a loop within a third of a semitone of one (in cycles per sample).
func only(loop []float64, frequency float64) []float64 {
	n := float64(len(loop))
	out := make([]float64, len(loop))
	for k := math.Ceil(n * frequency / 1.02); k <= n*frequency*1.02; k++ {
		re, im := 0.0, 0.0
		for i, v := range loop {
			sin, cos := math.Sincos(2 * math.Pi * k * float64(i) / n)
			re, im = re+v*cos, im+v*sin
		}
		for i := range out {
			sin, cos := math.Sincos(2 * math.Pi * k * float64(i) / n)
			out[i] += re*cos + im*sin
		}
	}
	return out
}

// period measures the period of a loop, in samples, near a nominal one by autocorrelation. A loop
// repeats for ever, so its autocorrelation at whole lags is exact; between them it is interpolated
// by a windowed sinc. The lag is so many periods: the fewer, the less do players who are out of tune
// with each other draw the maximum to shorter lags.
func period(loop []float64, nominal, periods float64) float64 {
	const taps = 24
	center := periods * nominal
	reach := math.Max(2, periods*nominal*0.03)
	first := int(center-reach) - taps
	corr := make([]float64, int(2*reach)+2*taps+4)
	n := len(loop)
	for j := range corr {
		lag := ((first+j)%n + n) % n
		for i, v := range loop {
			corr[j] += v * loop[(i+lag)%n]
		}
	}
	at := func(lag float64) float64 {
		sum := 0.0
		for j, c := range corr {
			d := lag - float64(first+j)
			if math.Abs(d) >= taps {
				continue
			}
			w := 1.0
			if d != 0 {
				w = math.Sin(math.Pi*d) / (math.Pi * d) * (0.5 + 0.5*math.Cos(math.Pi*d/taps))
			}
			sum += c * w
		}
		return sum
	}
	best, lag := math.Inf(-1), center
	for x := center - reach; x <= center+reach; x += 0.02 {
		if v := at(x); v > best {
			best, lag = v, x
		}
	}
	l, r := at(lag-0.02), at(lag+0.02)
	return (lag + 0.01*(l-r)/(l-2*best+r)) / periods
}
