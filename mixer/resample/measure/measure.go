// Package measure finds out how good a rate converter is, the way an audio analyser does: by tones that go in, and what comes
// out beside them. The tests of package resample hold its figures, and tools print them.
package measure

import (
	"math"

	"github.com/mmlite/mmlite/mixer/resample"
)

// amplitude of all tones.
const amplitude = 0.9

// Tone converts a sine of hz and returns n output frames of one channel from the middle of it.
func Tone(f *resample.Filter, hz float64, n int) ([]float32, error) {
	c, err := resample.New(f, 1)
	if err != nil {
		return nil, err
	}
	skip := f.Taps()*(f.Out()/f.In()+1) + 64
	out := make([]float32, n+skip)
	for made, given := 0, 0; made < len(out); {
		part := min(len(out)-made, 4096)
		src := make([]float32, c.Need(part))
		for i := range src {
			src[i] = float32(amplitude * math.Sin(2*math.Pi*hz*float64(given+i)/float64(f.In())+0.3))
		}
		k, taken := c.Process(out[made:made+part], src)
		made, given = made+k, given+taken
	}
	return out[skip:], nil
}

// Fit removes the best-fitting sine of hz, and the mean, from x by least squares. It returns the sine's amplitude and the power
// of what is left: the notch filter of an analyser, exact for any number of frames.
func Fit(x []float32, hz, rate float64) (level, residue float64) {
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

// Decibel of a ratio of powers.
func Decibel(power float64) float64 { return 10 * math.Log10(power) }

// Distortion is the total harmonic distortion and noise of a tone, in dB relative to it.
func Distortion(f *resample.Filter, hz float64) (float64, error) {
	x, err := Tone(f, hz, 1<<15)
	if err != nil {
		return 0, err
	}
	level, residue := Fit(x, hz, float64(f.Out()))
	return Decibel(residue / (level * level / 2)), nil
}

// Gain of a tone, in dB.
func Gain(f *resample.Filter, hz float64) (float64, error) {
	x, err := Tone(f, hz, 1<<13)
	if err != nil {
		return 0, err
	}
	level, _ := Fit(x, hz, float64(f.Out()))
	return 20 * math.Log10(level/amplitude), nil
}

// Edge is the frequency in Hz at which the gain falls through -1 dB.
func Edge(f *resample.Filter) (float64, error) {
	nyquist := float64(min(f.In(), f.Out())) / 2
	low, high := 0.5*nyquist, nyquist
	for range 12 {
		mid := (low + high) / 2
		g, err := Gain(f, mid)
		if err != nil {
			return 0, err
		}
		if g < -1 {
			high = mid
		} else {
			low = mid
		}
	}
	return low, nil
}

// Alias is the loudest of what comes out where nothing should, in dB relative to the input: tones between the beginning of the
// stop band and the input's Nyquist frequency, if there is room between, and mirror images of tones in the pass band.
func Alias(f *resample.Filter) (float64, error) {
	in, out := float64(f.In()), float64(f.Out())
	stop := f.StopBand() * out / 2
	worst := math.Inf(-1)
	for k := range 40 {
		part := (float64(k) + 0.37) / 40
		hz := part * min(in, out) / 2 * 0.9
		x, err := Tone(f, hz, 1<<12)
		if err != nil {
			return 0, err
		}
		_, power := Fit(x, hz, out)
		if width := in/2*0.99 - stop; width > 0 {
			if x, err = Tone(f, stop+part*width, 1<<12); err != nil {
				return 0, err
			}
			var sum float64
			for _, v := range x {
				sum += float64(v) * float64(v)
			}
			power = max(power, sum/(1<<12))
		}
		worst = max(worst, Decibel(power/(amplitude*amplitude/2)))
	}
	return worst, nil
}
