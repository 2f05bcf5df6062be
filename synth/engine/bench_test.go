package engine

import (
	"fmt"
	"testing"

	"github.com/mmlite/mmlite/synth/bank"
)

// BenchmarkVoices reports voice-seconds rendered per second for voices that all
// loop, resample, and (but for open) run their filter.
func BenchmarkVoices(b *testing.B) {
	for _, kind := range []struct {
		name string
		i    Interpolation
	}{{"linear", Linear}, {"cubic", Cubic}, {"sinc", Sinc}} {
		for _, cutoff := range []float32{9000, 13500} {
			for _, voices := range []int{64, 256} {
				name := fmt.Sprintf("%s/filter/%d", kind.name, voices)
				if cutoff >= 13500 {
					name = fmt.Sprintf("%s/open/%d", kind.name, voices)
				}
				b.Run(name, func(b *testing.B) {
					r := looped(sineSample(100, 200, 20000))
					r.Gen[bank.FilterCutoff] = cutoff
					r.Modulators = defaults()
					e := testEngine(b, Config{Interpolation: kind.i, Voices: 256}, r)
					for i := range voices {
						e.must(b, 0, 0x90|byte(i&7), byte(40+i/8), 100)
					}
					l, rr := make([]float32, 256), make([]float32, 256)
					e.Render(l, rr)
					for b.Loop() {
						e.Render(l, rr)
					}
					if e.ActiveVoices() != voices {
						b.Fatalf("%d voices sound, want %d", e.ActiveVoices(), voices)
					}
					b.ReportMetric(float64(b.N)*256/testRate*float64(voices)/b.Elapsed().Seconds(), "voice-s/s")
				})
			}
		}
	}
}
