package engine

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/mmlite/mmlite/synth/bank"
)

// TestAgainstDoublePrecision renders one voice of noise, which has all
// frequencies, and compares with the same interpolation and envelope computed in
// double precision with exact positions.
func TestAgainstDoublePrecision(t *testing.T) {
	s := &bank.Sample{Name: "noise", Rate: testRate, Data: make([]int16, 20000)}
	rng := rand.New(rand.NewPCG(21, 22))
	for i := range s.Data {
		s.Data[i] = int16(rng.IntN(40000) - 20000)
	}
	table := newSinc()
	sample := func(i int) float64 {
		for i >= len(s.Data) {
			i -= len(s.Data) - 5000
		}
		if i < 0 {
			return 0
		}
		return float64(s.Data[i])
	}
	kinds := map[Interpolation]func(k int, f float64) float64{
		Linear: func(k int, f float64) float64 { return sample(k) + f*(sample(k+1)-sample(k)) },
		Cubic: func(k int, f float64) float64 {
			a, b, c, d := sample(k-1), sample(k), sample(k+1), sample(k+2)
			return b + f/2*(c-a+f*(2*a-5*b+4*c-d+f*(3*(b-c)+d-a)))
		},
		Sinc: func(k int, f float64) float64 {
			p := int(f * sincPhases)
			x, sum := f*sincPhases-float64(p), 0.0
			for j := range sincTaps {
				lo, hi := float64(table[p][j]), float64(table[p+1][j])
				sum += sample(k-3+j) * (lo + x*(hi-lo))
			}
			return sum
		},
	}
	for kind, at := range kinds {
		for _, portable := range []bool{false, true} {
			for _, key := range []byte{45, 62, 70, 76, 100} {
				r := looped(s)
				r.LoopStart = 5000
				e := testEngine(t, Config{Interpolation: kind, Portable: portable}, r)
				e.must(t, 0, 0x90, key, 127)
				l, _ := e.renderFrames(40000)
				step := math.Exp2(float64(int(key)-69) / 12)
				gain := DefaultGain * fullScale * math.Sqrt(0.5)
				var signal, off float64
				// The loop joins noise to noise: the frames before its start are
				// those before its end, which this reference does not know, so
				// it stops one loop in.
				for i := 64; i < len(l); i++ {
					pos := float64(i) * step
					if pos > 19990 {
						break
					}
					k := int(pos)
					want := gain * at(k, pos-float64(k))
					signal += want * want
					off += (float64(l[i]) - want) * (float64(l[i]) - want)
				}
				db := 10 * math.Log10(off/signal)
				if db > -100 {
					t.Errorf("interpolation %d, key %d: error %.1f dB", kind, key, db)
				} else {
					t.Logf("interpolation %d, key %d: error %.1f dB", kind, key, db)
				}
			}
		}
	}
}
