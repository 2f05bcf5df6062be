package measure

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/mmlite/mmlite/mixer/resample"
)

// The analyser finds what was put in: a tone, an offset and a disturbance 100 dB below.
func TestFitFindsTheToneAndTheRest(t *testing.T) {
	x := make([]float32, 20_000)
	for i := range x {
		x[i] = float32(0.5*math.Sin(0.3*float64(i)+1) + 0.01 + 0.5e-5*math.Sin(1.7*float64(i)))
	}
	level, residue := Fit(x, 0.3, 2*math.Pi)
	if math.Abs(level-0.5) > 1e-7 {
		t.Errorf("level %v", level)
	}
	if db := Decibel(residue / (level * level / 2)); math.Abs(db+100) > 0.1 {
		t.Errorf("the rest is at %v dB", db)
	}
}

func TestReport(t *testing.T) {
	ticks := time.Duration(0)
	clock := func() time.Duration { ticks += time.Millisecond; return ticks }
	r, err := Measure(32000, 16000, resample.Fast, true, clock)
	if err != nil {
		t.Fatal(err)
	}
	if want := 1e6 / (8 * 256.0); r.NsPerFrame != want || r.MsPerSecond != want*16000*1e-6 {
		t.Errorf("%v ns a frame, want %v", r.NsPerFrame, want)
	}
	if !strings.Contains(r.String(), "variable") || !strings.Contains(r.String(), "ns/frame") || r.Passband < 0.8*8000 {
		t.Error(r)
	}
	if _, err := Measure(1, 1, resample.Fast, false, nil); err == nil {
		t.Error("impossible rates were measured")
	}
}
