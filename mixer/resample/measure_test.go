package resample_test

import (
	"math"
	"testing"

	"github.com/mmlite/mmlite/mixer/resample"
	"github.com/mmlite/mmlite/mixer/resample/measure"
)

type goal struct{ thdn, edge, alias float64 }

var goals = map[resample.Quality]goal{
	resample.Fast:   {-70, 0.84, -66},
	resample.Normal: {-100, 0.90, -96},
	resample.High:   {-120, 0.91, -118},
}

func TestQuality(t *testing.T) {
	pairs := [][2]int{{48000, 44100}, {44100, 48000}, {22050, 44100}, {11025, 44100}, {96000, 44100}, {192000, 44100}, {8000, 48000}}
	for _, pair := range pairs {
		if testing.Short() && pair[0] > 48000 {
			continue
		}
		for q := resample.Fast; q <= resample.High; q++ {
			for _, variable := range []bool{false, true} {
				r, err := measure.Measure(pair[0], pair[1], q, variable, nil)
				if err != nil {
					t.Fatal(err)
				}
				t.Log(r)
				g := goals[q]
				if r.THDN > g.thdn {
					t.Errorf("THD+N above %v dB", g.thdn)
				}
				if r.Edge < g.edge {
					t.Errorf("-1 dB edge below %v of Nyquist", g.edge)
				}
				if r.Alias > g.alias {
					t.Errorf("alias above %v dB", g.alias)
				}
			}
		}
	}
}

// A converter that runs slower than its filter was designed for keeps most of the pass band.
func TestSlowerThanDesigned(t *testing.T) {
	f, err := resample.NewVariableFilter(192000, 44100, resample.Normal)
	if err != nil {
		t.Fatal(err)
	}
	for _, rate := range []int{8000, 22050, 44100, 48000, 96000, 150000} {
		c, err := resample.New(f, 1)
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
		level, residue := measure.Fit(dst[1000:], hz, 44100)
		if db := 20 * math.Log10(level/0.9); math.Abs(db) > 0.1 {
			t.Errorf("%d Hz: a tone of %.0f Hz is at %.2f dB", rate, hz, db)
		}
		if db := measure.Decibel(residue / (level * level / 2)); db > -95 {
			t.Errorf("%d Hz: a tone of %.0f Hz has %.1f dB of noise", rate, hz, db)
		}
	}
	c, _ := resample.New(f, 1)
	for _, bad := range []int{0, -1, 99, 192001} {
		if c.SetRate(bad) == nil {
			t.Errorf("%d Hz accepted", bad)
		}
	}
}

func TestPassBandIsFlat(t *testing.T) {
	for q := resample.Fast; q <= resample.High; q++ {
		f, err := resample.NewFilter(48000, 44100, q)
		if err != nil {
			t.Fatal(err)
		}
		for hz := 20.0; hz < 0.6*22050; hz *= 1.6 {
			if g, err := measure.Gain(f, hz); err != nil || math.Abs(g) > 0.01 {
				t.Errorf("%v: %.0f Hz at %.4f dB, %v", q, hz, g, err)
			}
		}
	}
}
