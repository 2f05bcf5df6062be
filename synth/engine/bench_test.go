package engine

import (
	"fmt"
	"testing"

	"github.com/mmlite/mmlite/synth/bank"
)

// BenchmarkVoices reports voice-seconds rendered per second of processor time for
// voices that all loop, resample, and (but for open) run their filter.
func BenchmarkVoices(b *testing.B) {
	for _, kind := range []struct {
		name string
		i    Interpolation
	}{{"linear", Linear}, {"cubic", Cubic}, {"sinc", Sinc}} {
		for _, path := range []string{"", "-portable"} {
			for _, c := range []struct {
				filter string
				cutoff float32
				voices int
			}{{"filter", 9000, 64}, {"filter", 9000, 256}, {"open", 13500, 64}} {
				voices := c.voices
				b.Run(fmt.Sprintf("%s%s/%s/%d", kind.name, path, c.filter, voices), func(b *testing.B) {
					r := looped(sineSample(100, 200, 20000))
					r.Gen[bank.FilterCutoff] = c.cutoff
					r.Modulators = defaults()
					e := testEngine(b, Config{Interpolation: kind.i, Portable: path != "", Voices: 256}, r)
					for i := range voices {
						e.must(b, 0, 0x90|byte(i&7), byte(40+i/8), 100)
					}
					l, rr := make([]float32, 256), make([]float32, 256)
					e.Render(l, rr)
					start := cpuTime()
					for b.Loop() {
						e.Render(l, rr)
					}
					used := cpuTime() - start
					if e.ActiveVoices() != voices {
						b.Fatalf("%d voices sound, want %d", e.ActiveVoices(), voices)
					}
					b.ReportMetric(float64(b.N)*256/testRate*float64(voices)/used.Seconds(), "voice-s/cpu-s")
				})
			}
		}
	}
}
