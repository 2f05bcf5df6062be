package sound

import (
	"math"
	"testing"

	"github.com/mmlite/mmlite/tools/mmbank/internal/exact"
)

func TestFitIsInTune(t *testing.T) {
	for key := 21; key <= 108; key++ {
		for _, length := range []int{300, 1500, 6000} {
			for _, rate := range []int{11025, 16000, Rate, Bright} {
				hz := exact.Hertz(float64(key))
				if hz > 0.4*float64(rate) {
					continue
				}
				n, cycles := Fit(rate, hz, length)
				if n < length {
					t.Fatalf("key %d at %d Hz: loop of %d, asked for %d", key, rate, n, length)
				}
				off := 1200 * math.Log2(float64(cycles)*float64(rate)/float64(n)/hz)
				if rest := math.Abs(off - math.Round(off)); math.Abs(off) > 45 || rest > 0.45 {
					t.Errorf("key %d at %d Hz, %d cycles in %d: %.2f cents", key, rate, cycles, n, off)
				}
			}
		}
	}
}

// closed fails unless the loop's end runs into its start as smoothly as everywhere else.
func closed(t *testing.T, name string, w *Wave) {
	t.Helper()
	loop := w.Data[w.Loop : w.Loop+w.Len]
	largest := 0.0
	for i := 1; i < len(loop); i++ {
		largest = max(largest, math.Abs(loop[i]-loop[i-1]))
	}
	if step := math.Abs(loop[0] - loop[len(loop)-1]); step > largest+1e-9 {
		t.Errorf("%s: a step of %g where the loop closes, %g at most within", name, step, largest)
	}
	for i := range guard {
		if w.Data[w.Loop+w.Len+i] != loop[i] && math.Abs(w.Data[w.Loop+w.Len+i]-loop[i]) > 1e-9 {
			t.Errorf("%s: guard sample %d is not the loop's", name, i)
		}
	}
}

func TestLoopsClose(t *testing.T) {
	n, cycles := Fit(Rate, 311, 700)
	a := Additive{Rate: Rate, Lead: 0.1, Loop: n, Cycles: cycles, Partials: []Partial{
		{Cycles: cycles, Amp: 1, Rise: 0.02}, {Cycles: 2 * cycles, Amp: 0.5, Fall: 9, Phase: 0.3},
		{Cycles: 3 * cycles, Amp: 0.4, Boost: 2, BoostTime: 0.03}, {Cycles: cycles + 1, Amp: 0.2, Rise: 0.01, Delay: 0.02}}}
	closed(t, "additive", a.Render())
	a.Scoop, a.ScoopTime = -80, 0.03
	closed(t, "scooped", a.Render())
	w := a.Render().Through(NewFilter(LowPass, 2000, 0.8, Rate), NewFilter(HighPass, 90, 0.7, Rate))
	closed(t, "filtered", w)
	closed(t, "modulated", FM(Rate, 0.1, n, cycles, []Operator{
		{Carrier: 1, Modulator: 2, Amp: 1, Index: 0.5, Strike: 2, StrikeTime: 0.05},
		{Carrier: 7, Modulator: 1, Amp: 0.2, Boost: 4, BoostTime: 0.02}}))
	a.Rate, a.Loop = 4*Rate, 4*n
	w = a.Render().Decimate(4)
	closed(t, "decimated", w)
	if w.Rate != Rate || w.Len != n {
		t.Errorf("decimated to %d Hz, loop of %d", w.Rate, w.Len)
	}
}

// The A curve at the frequencies of its table (IEC 61672-1, table 3).
func TestAWeighting(t *testing.T) {
	for _, c := range []struct{ hz, db float64 }{{63, -26.2}, {125, -16.1}, {250, -8.6}, {500, -3.2}, {1000, 0}, {2000, 1.2}, {4000, 1}} {
		x := Sweep(Bright*2, Bright, c.hz, c.hz, 1)
		got := Loudest(x, Bright, 0.5) - 20*math.Log10(math.Sqrt(0.5))
		if math.Abs(got-c.db) > 0.7 { // the transform bends the top octaves
			t.Errorf("%g Hz: %.2f dB, the curve says %.1f", c.hz, got, c.db)
		}
	}
}

func TestFilters(t *testing.T) {
	level := func(kind int, hz float64) float64 {
		x := NewFilter(kind, 1000, math.Sqrt(0.5), Rate).Apply(Sweep(Rate, Rate, hz, hz, 1))
		sum := 0.0
		for _, v := range x[Rate/2:] {
			sum += v * v
		}
		return 10 * math.Log10(sum/float64(Rate/2)*2)
	}
	for _, c := range []struct {
		name        string
		kind        int
		hz, db, tol float64
	}{
		{"low-pass corner", LowPass, 1000, -3, 0.1}, {"low-pass pass", LowPass, 100, 0, 0.05}, {"low-pass stop", LowPass, 4000, -26, 0.3},
		{"high-pass corner", HighPass, 1000, -3, 0.1}, {"high-pass stop", HighPass, 100, -40, 0.5},
		{"band-pass centre", BandPass, 1000, 0, 0.1}, {"band-pass skirt", BandPass, 100, -17, 1},
	} {
		if got := level(c.kind, c.hz); math.Abs(got-c.db) > c.tol {
			t.Errorf("%s: %.2f dB, want %.1f", c.name, got, c.db)
		}
	}
}

func TestPlayUnrolls(t *testing.T) {
	w := &Wave{Rate: 10, Data: []float64{9, 1, 2, 3, 1}, Loop: 1, Len: 3}
	x := w.Play(0.9, 0, 0, 0)
	for i, want := range []float64{9, 1, 2, 3, 1, 2, 3, 1, 2} {
		if x[i] != want {
			t.Errorf("sample %d is %g, want %g", i, x[i], want)
		}
	}
	if y := (&Wave{Rate: 10, Data: []float64{1}}).Play(0.3, 0, 0, 0); y[0] != 1 || y[1] != 0 {
		t.Errorf("a one-shot goes on: %v", y)
	}
}
