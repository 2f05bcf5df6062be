package bankfile

import (
	"math"
	"sync"
	"testing"

	"github.com/mmlite/mmlite/synth/dls"
)

var built = sync.OnceValue(func() *dls.FileSpec {
	f, _ := Build()
	return f
})

func TestNoWaveClipsOrLeans(t *testing.T) {
	for _, w := range built().Waves {
		peak, sum := 0, 0.0
		for _, v := range w.PCM {
			peak = max(peak, int(v), -int(v))
		}
		// What dies away need not be even above and below; what is held must.
		steady, allowed := w.PCM, 0.005
		if n := w.Sample.LoopLength; n > 0 {
			steady, allowed = w.PCM[w.Sample.LoopStart:][:n], 0.001
		}
		for _, v := range steady {
			sum += float64(v)
		}
		if peak > 32000 || peak < 20000 {
			t.Errorf("%s: peak %d of 32767", w.Name, peak)
		}
		if mean := sum / float64(len(steady)) / 32768; math.Abs(mean) > allowed {
			t.Errorf("%s: mean %.4f of full scale", w.Name, mean)
		}
		if start := math.Abs(float64(w.PCM[0])) / 32768; start > 0.02 && w.Sample.LoopStart > 0 {
			t.Errorf("%s: starts with a step of %.3f", w.Name, start)
		}
		if w.Sample.LoopLength == 0 {
			if end := math.Abs(float64(w.PCM[len(w.PCM)-1])) / 32768; end > 0.005 {
				t.Errorf("%s: ends with a step of %.4f", w.Name, end)
			}
		}
	}
}

// At the seam of a loop the second difference, which a click would raise, is no larger than it is
// within the loop.
func TestLoopsAreSeamless(t *testing.T) {
	loops := 0
	for _, w := range built().Waves {
		start, n := int(w.Sample.LoopStart), int(w.Sample.LoopLength)
		if n == 0 {
			continue
		}
		loops++
		at := func(i int) float64 { return float64(w.PCM[start+(i+n)%n]) }
		bend := func(i int) float64 { return math.Abs(at(i-1) - 2*at(i) + at(i+1)) }
		largest := 0.0
		for i := 2; i < n-2; i++ {
			largest = max(largest, bend(i))
		}
		for i := -2; i < 2; i++ {
			if bend(i) > largest*1.3+4 {
				t.Errorf("%s: bend of %.0f at sample %d of the seam, %.0f at most elsewhere", w.Name, bend(i), i, largest)
			}
		}
		// The lead-in arrives where the loop does.
		if start > 1 {
			before := float64(w.PCM[start-1])
			if step := math.Abs(before - at(-1)); step > 0.06*32768 {
				t.Errorf("%s: the sample before the loop is %.0f off its last one", w.Name, step)
			}
		}
		for i := start + n; i < len(w.PCM); i++ {
			if w.PCM[i] != w.PCM[i-n] {
				t.Errorf("%s: what follows the loop is not its start", w.Name)
				break
			}
		}
	}
	if loops < 150 {
		t.Errorf("only %d loops", loops)
	}
}
