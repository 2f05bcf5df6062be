package mixer

import (
	"math"
	"math/rand/v2"
	"testing"
)

// A producer by another clock writes blocks of 10 ms, each late by some milliseconds. With twice the jitter, a block and a
// period waiting, as Genode's record and play sessions buffer, nothing is ever missing, and the pitch that is heard stays
// within about a cent of the producer's, which nobody hears.
func TestPitchOfAnotherClock(t *testing.T) {
	const block, hz, seconds = 480, 997.0, 60
	for _, ppm := range []float64{500, -500} {
		for _, jitter := range []float64{0.001, 0.010} {
			m := mustMix(t, Config{})
			prefill := block + int(2*jitter*48000) + 2*280
			in := mustInput(t, m, InputConfig{Rate: 48000, Channels: 1, Drift: true, Prefill: prefill, Buffer: 8 * prefill})
			random := rand.New(rand.NewPCG(uint64(ppm+1000), uint64(jitter*1e6)))
			samples, out := make([]float32, block), make([]float32, 512)
			due, written, lost := 0.0, 0, 0
			var phases []float64 // of the tone, each tenth of a second
			var re, im float64
			lowest, highest := math.Inf(1), 0.0
			for frame := 0; frame < 44100*seconds; frame += 256 {
				for due <= float64(frame)/44100 {
					for i := range samples {
						samples[i] = float32(0.5 * math.Sin(2*math.Pi*hz*float64(written+i)/48000))
					}
					lost += block - in.WriteFloat(samples)
					written += block
					due = float64(written)/(48000*(1+ppm*1e-6)) + random.Float64()*jitter
				}
				if frame > 44100*30 {
					waits := float64(in.Stats().Buffered)
					lowest, highest = min(lowest, waits), max(highest, waits)
				}
				m.Render(out, 256)
				for i := range 256 {
					s, c := math.Sincos(2 * math.Pi * hz * float64(frame+i) / 44100)
					re, im = re+float64(out[2*i])*c, im+float64(out[2*i])*s
				}
				if frame/256%17 == 16 { // about a tenth of a second
					phases = append(phases, math.Atan2(re, im))
					re, im = 0, 0
				}
			}
			st := in.Stats()
			if st.Dry != 0 || st.Late != 0 || lost != 0 {
				t.Errorf("%v ppm, %v ms: %d lost, %+v", ppm, jitter*1e3, lost, st)
			}
			// What the phase gains from one tenth to the next is how far the pitch is off.
			worst, sum, n := 0.0, 0.0, 0
			for k := 300; k < len(phases); k++ { // it has half a minute to settle
				d := math.Remainder(phases[k]-phases[k-1], 2*math.Pi)
				off := d / (2 * math.Pi * hz * 17 * 256 / 44100) * 1e6 // ppm
				worst = max(worst, math.Abs(off-ppm))
				sum, n = sum+off, n+1
			}
			t.Logf("%v ppm, %v ms: pitch off by %.2f ppm on the average, %.1f ppm (%.2f cents) at worst; %v to %v of %d frames wait",
				ppm, jitter*1e3, sum/float64(n)-ppm, worst, worst*1200/math.Ln2*1e-6, lowest, highest, prefill)
			if worst > 700 || math.Abs(sum/float64(n)-ppm) > 15 {
				t.Errorf("%v ppm, %v ms: pitch off by %.1f ppm on the average, %.1f at worst", ppm, jitter*1e3, sum/float64(n)-ppm, worst)
			}
		}
	}
}
