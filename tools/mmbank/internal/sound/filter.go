package sound

import "github.com/mmlite/mmlite/tools/mmbank/internal/exact"

// Filter is a second-order section in transposed direct form II; coefficients after Bristow-Johnson's
// cookbook.
type Filter struct {
	b0, b1, b2, a1, a2 float64
	z1, z2             float64
}

// Kinds of filter.
const (
	LowPass = iota
	HighPass
	BandPass // 0 dB at the centre
)

// NewFilter designs a section: corner or centre hz, quality q, at rate.
func NewFilter(kind int, hz, q float64, rate int) *Filter {
	turns := hz / float64(rate)
	if turns > 0.49 {
		turns = 0.49
	}
	c, s := exact.Cos(turns), exact.Sin(turns)
	alpha := s / (2 * q)
	a0 := 1 + alpha
	f := &Filter{a1: -2 * c / a0, a2: (1 - alpha) / a0}
	switch kind {
	case LowPass:
		f.b1 = (1 - c) / a0
		f.b0, f.b2 = f.b1/2, f.b1/2
	case HighPass:
		f.b1 = -(1 + c) / a0
		f.b0, f.b2 = -f.b1/2, -f.b1/2
	default:
		f.b0, f.b2 = alpha/a0, -alpha/a0
	}
	return f
}

// Next filters one sample.
func (f *Filter) Next(x float64) float64 {
	y := float64(f.b0*x) + f.z1
	f.z1 = float64(f.b1*x) - float64(f.a1*y) + f.z2
	f.z2 = float64(f.b2*x) - float64(f.a2*y)
	return y
}

// Apply filters a buffer in place and returns it.
func (f *Filter) Apply(x []float64) []float64 {
	for i, v := range x {
		x[i] = f.Next(v)
	}
	return x
}

// Noise returns n samples of white noise in [-1, 1).
func Noise(n int, r *exact.Rand) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = r.Bipolar()
	}
	return x
}

// Shape multiplies x by a decay: attack seconds of linear rise, then a fall by a factor e every
// decay seconds.
func Shape(x []float64, rate int, attack, decay float64) []float64 {
	k := exact.Exp(-1 / (decay * float64(rate)))
	rise := attack * float64(rate)
	g := 1.0
	for i := range x {
		if n := float64(i); n < rise {
			x[i] *= n / rise
			continue
		}
		x[i] *= g
		g *= k
	}
	return x
}

// Add adds y times gain to x from sample at on, as far as x goes.
func Add(x, y []float64, gain float64, at int) []float64 {
	for i, v := range y {
		if at+i >= len(x) {
			break
		}
		x[at+i] += float64(v * gain)
	}
	return x
}

// Sweep returns a sine of n samples whose frequency falls from hz0 to hz1 with a time constant of
// fall seconds, starting at phase 0.
func Sweep(n, rate int, hz0, hz1, fall float64) []float64 {
	x := make([]float64, n)
	k := exact.Exp(-1 / (fall * float64(rate)))
	d := hz0 - hz1
	phase := 0.0
	for i := range x {
		x[i] = exact.Sin(phase)
		phase += (hz1 + d) / float64(rate)
		d *= k
	}
	return x
}

// Drive bends x through a soft limiter; amount 1 is mild, 5 strong. The result stays within one.
func Drive(x []float64, amount float64) []float64 {
	for i, v := range x {
		v *= amount
		d := v
		if d < 0 {
			d = -d
		}
		x[i] = v / (1 + d) * float64(float64(1+amount)/amount)
	}
	return x
}

// Through filters a wave so that its loop stays closed: the filters go over the loop until what
// they remember repeats, and that pass is kept.
func (w *Wave) Through(filters ...*Filter) *Wave {
	apply := func(x []float64) {
		for _, f := range filters {
			f.Apply(x)
		}
	}
	if w.Len == 0 {
		apply(w.Data)
		return w
	}
	body := append([]float64(nil), w.Data[w.Loop:w.Loop+w.Len]...)
	apply(w.Data[:w.Loop])
	for n := 0; n < w.Rate || n < 3*w.Len; n += w.Len {
		copy(w.Data[w.Loop:], body)
		if n == 0 {
			continue
		}
		apply(w.Data[w.Loop : w.Loop+w.Len])
	}
	copy(w.Data[w.Loop+w.Len:], w.Data[w.Loop:w.Loop+guard])
	return w
}

// Decimate keeps every nth sample of a wave that holds nothing above the new Nyquist frequency and
// whose lead-in and loop are multiples of n.
func (w *Wave) Decimate(n int) *Wave {
	w.Loop, w.Len, w.Rate = w.Loop/n, w.Len/n, w.Rate/n
	out := make([]float64, w.Loop+w.Len+guard)
	for i := range w.Loop + w.Len {
		out[i] = w.Data[i*n]
	}
	copy(out[w.Loop+w.Len:], out[w.Loop:])
	w.Data = out
	return w
}
