package engine

import (
	"math"

	"github.com/mmlite/mmlite/synth/internal/exact"
)

// fraction turns the low fracBits of a position into 0..1 without a conversion
// instruction, which would be the slowest of the loop.
func fraction(pos uint32) float32 {
	return math.Float32frombits(0x3f800000|pos<<(32-fracBits)>>9) - 1
}

func linear(dst *row, n int, w *window, pos, inc uint32) {
	for i := range dst[:n] {
		k := uint(pos >> fracBits)
		a := w[k]
		dst[i] = a + float32(fraction(pos)*(w[k+1]-a))
		pos += inc
	}
}

// cubic is the Catmull-Rom spline through four frames.
func cubic(dst *row, n int, w *window, pos, inc uint32) {
	for i := range dst[:n] {
		k := uint(pos >> fracBits)
		t := fraction(pos)
		p0, p1, p2, p3 := w[k], w[k+1], w[k+2], w[k+3]
		c1 := float32(0.5 * (p2 - p0))
		c3 := float32(1.5*(p1-p2)) + float32(0.5*(p3-p0))
		c2 := p0 - p1 + c1 - c3
		c := float32(c3*t) + c2
		c = float32(c*t) + c1
		dst[i] = float32(c*t) + p1
		pos += inc
	}
}

const (
	sincBits   = 9 // phases of the table
	sincPhases = 1 << sincBits
	sincTaps   = 8 // seven and a zero, for whole vectors
)

// sinc has the taps of a seven-point windowed sinc at sincPhases fractions;
// between two of them taps are interpolated, which keeps the table's error
// below that of 16-bit samples.
type sinc [sincPhases + 1][sincTaps]float32

func newSinc() *sinc {
	t := new(sinc)
	for p := range t {
		x := float64(p) / sincPhases
		var c, at, hann [sincTaps]float64
		for k := range 8 {
			// Tap k lies at frame k-3; the support of the window is 3.5 frames
			// to either side, so one of the eight is always zero.
			d := float64(k-3) - x
			if d <= -3.5 || d >= 3.5 {
				continue
			}
			s := 1.0
			if d != 0 {
				s = exact.Sine(reduce(float64(math.Pi*d))) / float64(math.Pi*d)
			}
			at[k], hann[k] = d, 0.5*(1+exact.Sine(reduce(float64(math.Pi*d/3.5)+math.Pi/2)))
			c[k] = float64(s * hann[k])
		}
		correct(&c, &at, &hann)
		for k := range c {
			t[p][k] = float32(c[k])
		}
	}
	return t
}

// correct changes the taps c at distances d a little so that constants, slopes and
// parabolas pass exactly, which so short a sinc does not see to by itself:
// c += (x + y d + z d*d) weight, where the weights are not negative, so that the
// equations always have a solution.
func correct(c, d, weight *[sincTaps]float64) {
	var m [5]float64 // moments of the weights
	var have [3]float64
	for k := range c {
		u, v := weight[k], c[k]
		for j := range m {
			m[j] += u
			u = float64(u * d[k])
		}
		for j := range have {
			have[j] += v
			v = float64(v * d[k])
		}
	}
	a := [3][4]float64{{m[0], m[1], m[2], 1 - have[0]}, {m[1], m[2], m[3], -have[1]}, {m[2], m[3], m[4], -have[2]}}
	for i := range 3 {
		for j := i + 1; j < 3; j++ {
			f := a[j][i] / a[i][i]
			for k := i; k < 4; k++ {
				a[j][k] -= float64(f * a[i][k])
			}
		}
	}
	var x [3]float64
	for i := 2; i >= 0; i-- {
		s := a[i][3]
		for k := i + 1; k < 3; k++ {
			s -= float64(a[i][k] * x[k])
		}
		x[i] = s / a[i][i]
	}
	for k := range c {
		c[k] += float64(weight[k] * (x[0] + float64(d[k]*(x[1]+float64(d[k]*x[2])))))
	}
}

// reduce brings an angle within ±pi.
func reduce(x float64) float64 {
	return x - float64(2*math.Pi*math.Floor(float64(x/(2*math.Pi))+0.5))
}

func (s *sinc) interpolate(dst *row, n int, w *window, pos, inc uint32) {
	for i := range dst[:n] {
		k := uint(pos >> fracBits)
		p := pos >> (fracBits - sincBits) & (sincPhases - 1)
		t := fraction(pos << sincBits)
		a, b := &s[p], &s[p+1]
		x := w[k : k+sincTaps]
		var y [sincTaps]float32
		for j := range y {
			y[j] = float32(x[j] * (a[j] + float32(t*(b[j]-a[j]))))
		}
		dst[i] = ((y[0] + y[4]) + (y[2] + y[6])) + ((y[1] + y[5]) + (y[3] + y[7]))
		pos += inc
	}
}
