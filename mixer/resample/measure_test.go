package resample

import (
	"math"
	"testing"
)

// tone converts a sine of frequency hz and amplitude 0.9 and returns n output frames of one channel from the middle of it.
func tone(t testing.TB, f *Filter, hz float64, n int) []float32 {
	t.Helper()
	c, err := New(f, 1)
	if err != nil {
		t.Fatal(err)
	}
	skip := f.Taps()*max(1, f.Out()/f.In()+1) + 64
	out := make([]float32, n+skip)
	src := make([]float32, c.Need(len(out)))
	for i := range src {
		src[i] = float32(0.9 * math.Sin(2*math.Pi*hz*float64(i)/float64(f.In())+0.3))
	}
	if made, took := c.Process(out, src); made != len(out) || took != len(src) {
		t.Fatalf("made %d of %d frames, took %d of %d", made, len(out), took, len(src))
	}
	return out[skip:]
}

// fit removes the best-fitting sine of hz (and the mean) from x by least squares and returns its amplitude and the power of
// what is left: the notch filter of a distortion analyser, exact for any number of frames.
func fit(x []float32, hz, rate float64) (amplitude, residue float64) {
	var m [3][4]float64
	basis := func(i int) [3]float64 {
		s, c := math.Sincos(2 * math.Pi * hz * float64(i) / rate)
		return [3]float64{s, c, 1}
	}
	for i, v := range x {
		b := basis(i)
		for r := range 3 {
			for c := range 3 {
				m[r][c] += b[r] * b[c]
			}
			m[r][3] += b[r] * float64(v)
		}
	}
	for p := range 3 {
		for r := range 3 {
			if r == p {
				continue
			}
			k := m[r][p] / m[p][p]
			for c := range 4 {
				m[r][c] -= k * m[p][c]
			}
		}
	}
	var a [3]float64
	for r := range 3 {
		a[r] = m[r][3] / m[r][r]
	}
	for i, v := range x {
		b := basis(i)
		e := float64(v) - a[0]*b[0] - a[1]*b[1] - a[2]
		residue += e * e
	}
	return math.Hypot(a[0], a[1]), residue / float64(len(x))
}

func decibel(power float64) float64 { return 10 * math.Log10(power) }

// distortion is total harmonic distortion plus noise of a tone, in dB relative to it.
func distortion(t testing.TB, f *Filter, hz float64) float64 {
	amplitude, residue := fit(tone(t, f, hz, 1<<15), hz, float64(f.Out()))
	return decibel(residue / (amplitude * amplitude / 2))
}

// gain at hz in dB.
func gain(t testing.TB, f *Filter, hz float64) float64 {
	amplitude, _ := fit(tone(t, f, hz, 1<<13), hz, float64(f.Out()))
	return 20 * math.Log10(amplitude/0.9)
}

// edge finds where the gain falls through -1 dB, as a part of the lower Nyquist frequency.
func edge(t testing.TB, f *Filter) float64 {
	nyquist := float64(min(f.In(), f.Out())) / 2
	low, high := 0.5, 1.0
	for range 12 {
		mid := (low + high) / 2
		if gain(t, f, mid*nyquist) < -1 {
			high = mid
		} else {
			low = mid
		}
	}
	return low
}

// alias is the loudest of what comes out where nothing should, in dB relative to the input: tones between the beginning of
// the stop band and the input's Nyquist frequency, if there is room between, and mirror images of tones in the pass band.
func alias(t testing.TB, f *Filter) float64 {
	in, out := float64(f.In()), float64(f.Out())
	stop := designs[f.Quality()].stop * out / 2
	worst := math.Inf(-1)
	for k := range 40 {
		part := (float64(k) + 0.37) / 40
		_, power := fit(tone(t, f, part*min(in, out)/2*0.9, 1<<12), part*min(in, out)/2*0.9, out)
		if width := in/2*0.99 - stop; width > 0 {
			var sum float64
			for _, v := range tone(t, f, stop+part*width, 1<<12) {
				sum += float64(v) * float64(v)
			}
			power = max(power, sum/(1<<12))
		}
		worst = max(worst, decibel(power/(0.9*0.9/2)))
	}
	return worst
}

type goal struct{ thdn, edge, alias float64 }

var goals = map[Quality]goal{
	Fast:   {-70, 0.84, -66},
	Normal: {-100, 0.90, -96},
	High:   {-120, 0.91, -118},
}

func TestQuality(t *testing.T) {
	pairs := [][2]int{{48000, 44100}, {44100, 48000}, {22050, 44100}, {11025, 44100}, {96000, 44100}, {192000, 44100}, {8000, 48000}}
	for _, pair := range pairs {
		if testing.Short() && pair[0] > 48000 {
			continue
		}
		for q := Fast; q <= High; q++ {
			for _, variable := range []bool{false, true} {
				make, name := NewFilter, "fixed"
				if variable {
					make, name = NewVariableFilter, "variable"
				}
				f, err := make(pair[0], pair[1], q)
				if err != nil {
					t.Fatal(err)
				}
				low, high := distortion(t, f, 997), distortion(t, f, min(10007, float64(pair[0])*0.4))
				e, a := edge(t, f), alias(t, f)
				t.Logf("%6d to %6d %-6v %-8s %4d taps %5d KB: THD+N %.1f and %.1f dB, edge %.4f, alias %.1f dB",
					pair[0], pair[1], q, name, f.Taps(), f.Bytes()/1024, low, high, e, a)
				g := goals[q]
				if low > g.thdn || high > g.thdn {
					t.Errorf("THD+N above %v dB", g.thdn)
				}
				if e < g.edge {
					t.Errorf("-1 dB edge below %v of Nyquist", g.edge)
				}
				if a > g.alias {
					t.Errorf("alias above %v dB", g.alias)
				}
			}
		}
	}
}

// A converter that runs slower than its filter was designed for keeps most of the pass band.
func TestSlowerThanDesigned(t *testing.T) {
	f, err := NewVariableFilter(192000, 44100, Normal)
	if err != nil {
		t.Fatal(err)
	}
	for _, rate := range []int{8000, 22050, 44100, 48000, 96000, 150000} {
		c, err := New(f, 1)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.SetRate(rate); err != nil {
			t.Fatal(err)
		}
		hz := 0.64 * float64(min(rate, 44100)) / 2
		dst := make([]float32, 9000)
		src := make([]float32, c.Need(len(dst)))
		for i := range src {
			src[i] = float32(0.9 * math.Sin(2*math.Pi*hz*float64(i)/float64(rate)))
		}
		c.Process(dst, src)
		amplitude, residue := fit(dst[1000:], hz, 44100)
		if level := 20 * math.Log10(amplitude/0.9); math.Abs(level) > 0.1 {
			t.Errorf("%d Hz: a tone of %.0f Hz is at %.2f dB", rate, hz, level)
		}
		if db := decibel(residue / (amplitude * amplitude / 2)); db > -95 {
			t.Errorf("%d Hz: a tone of %.0f Hz has %.1f dB of noise", rate, hz, db)
		}
	}
	c, _ := New(f, 1)
	for _, bad := range []int{0, -1, 99, 192001} {
		if c.SetRate(bad) == nil {
			t.Errorf("%d Hz accepted", bad)
		}
	}
}

func TestPassBandIsFlat(t *testing.T) {
	for q := Fast; q <= High; q++ {
		f, err := NewFilter(48000, 44100, q)
		if err != nil {
			t.Fatal(err)
		}
		for hz := 20.0; hz < 0.6*22050; hz *= 1.6 {
			if g := gain(t, f, hz); math.Abs(g) > 0.01 {
				t.Errorf("%v: %.0f Hz at %.4f dB", q, hz, g)
			}
		}
	}
}
