package compare

import (
	"math"
	"math/cmplx"
)

// FFT transforms x in place. Its length is a power of two, at most 16384.
func FFT(x []complex128) {
	n := len(x)
	for i, j := 1, 0; i < n; i++ {
		bit := n >> 1
		for ; j&bit != 0; bit >>= 1 {
			j ^= bit
		}
		j ^= bit
		if i < j {
			x[i], x[j] = x[j], x[i]
		}
	}
	for size := 2; size <= n; size *= 2 {
		step := twiddles[: size/2 : size/2]
		stride := len(twiddles) * 2 / size
		for start := 0; start < n; start += size {
			for k := range step {
				w := twiddles[k*stride]
				a, b := x[start+k], x[start+k+size/2]*w
				x[start+k], x[start+k+size/2] = a+b, a-b
			}
		}
	}
}

const largestFFT = 16384

var twiddles = func() []complex128 {
	t := make([]complex128, largestFFT/2)
	for i := range t {
		t[i] = cmplx.Rect(1, -2*math.Pi*float64(i)/largestFFT)
	}
	return t
}()

// autocorrelation of x for lags below count.
func autocorrelation(x []float64, count int) []float64 {
	buf := make([]complex128, largestFFT)
	for i, v := range x {
		buf[i] = complex(v, 0)
	}
	FFT(buf)
	for i, v := range buf {
		buf[i] = complex(real(v)*real(v)+imag(v)*imag(v), 0)
	}
	FFT(buf)
	out := make([]float64, count)
	for i := range out {
		out[i] = real(buf[i]) / largestFFT
	}
	return out
}

const (
	pitchWindow = Rate / 5
	lowestPitch = 25
	highPitch   = 4500
)

var pitchHann, pitchHannCorrelation = func() ([]float64, []float64) {
	w := make([]float64, pitchWindow)
	for i := range w {
		w[i] = 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/(pitchWindow-1))
	}
	r := autocorrelation(w, pitchWindow/2)
	for i := len(r) - 1; i >= 0; i-- {
		r[i] = max(r[i]/r[0], 1e-3)
	}
	return w, r
}()

// fundamental is the pitch in Hz of the 200 ms from frame at, or 0.
func fundamental(x []Frame, at int) float64 {
	if at+pitchWindow > len(x) {
		return 0
	}
	s := make([]float64, pitchWindow)
	mean, power := 0.0, 0.0
	for i, f := range x[at : at+pitchWindow] {
		s[i] = (float64(f[0]) + float64(f[1])) / 2
		mean += s[i] / pitchWindow
		power += s[i] * s[i] / pitchWindow
	}
	if math.Sqrt(power) < 3e-4 {
		return 0
	}
	for i := range s {
		s[i] = (s[i] - mean) * pitchHann[i]
	}
	r := autocorrelation(s, pitchWindow/2)
	for i := len(r) - 1; i >= 0; i-- {
		r[i] = r[i] / r[0] / pitchHannCorrelation[i]
	}
	a, b := Rate/highPitch, min(Rate/lowestPitch, pitchWindow/2-2)
	isPeak := func(j int) bool { return r[j] >= r[j-1] && r[j] > r[j+1] }
	best := 0.0
	for j := a + 1; j < b-1; j++ {
		if isPeak(j) {
			best = max(best, r[j])
		}
	}
	if best < .6 {
		return 0
	}
	for j := a + 1; j < b-1; j++ {
		if isPeak(j) && r[j] >= .93*best {
			y0, y1, y2 := r[j-1], r[j], r[j+1]
			return Rate / (float64(j) + (y0-y2)/(2*(y0-2*y1+y2)))
		}
	}
	return 0
}

// pitches lists the differences of fundamentals in cents, octaves forgiven, every
// 100 ms where there is sound.
func pitches(x, y []Frame) []float64 {
	var out []float64
	top := highest(levels(x))
	for i := range int(float64(len(x))/Rate/.1) - 2 {
		at := int(float64(i) * .1 * Rate)
		power := 0.0
		end := min(at+pitchWindow, len(x))
		for _, f := range x[at:end] {
			power += float64(f[0])*float64(f[0]) + float64(f[1])*float64(f[1])
		}
		if math.Sqrt(power/float64(2*(end-at))) < top*.02 {
			continue
		}
		p, q := fundamental(x, at), fundamental(y, at)
		if p > 0 && q > 0 {
			c := 1200 * math.Log2(q/p)
			out = append(out, math.Abs(c-1200*math.RoundToEven(c/1200)))
		}
	}
	return out
}

// bandDifference is the mean difference of third-octave levels in dB, the median
// taken out, over bands within 40 dB of the loudest.
func bandDifference(x, y []Frame) float64 {
	bx, by := bands(x), bands(y)
	top := math.Inf(-1)
	for _, v := range bx {
		top = max(top, v)
	}
	var d []float64
	for i := range bx {
		if bx[i] > top-40 {
			d = append(d, by[i]-bx[i])
		}
	}
	mid, sum := percentile(d, 50), 0.0
	for _, v := range d {
		sum += math.Abs(v-mid) / float64(len(d))
	}
	return sum
}

// bands is the power in third-octave bands from 31 Hz to 16 kHz, dB, by Welch's
// method.
func bands(x []Frame) []float64 {
	const n = 8192
	var hann [n]float64
	norm := 0.0
	for i := range hann {
		hann[i] = 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/n)
		norm += hann[i] * hann[i]
	}
	psd := make([]float64, n/2+1)
	buf := make([]complex128, n)
	count := 0
	for at := 0; at+n <= len(x); at += n / 2 {
		count++
		for c := range 2 {
			mean := 0.0
			for _, f := range x[at : at+n] {
				mean += float64(f[c]) / n
			}
			for i, f := range x[at : at+n] {
				buf[i] = complex((float64(f[c])-mean)*hann[i], 0)
			}
			FFT(buf)
			for i := range psd {
				v := buf[i]
				p := (real(v)*real(v) + imag(v)*imag(v)) / (norm * Rate)
				if i > 0 && i < n/2 {
					p *= 2
				}
				psd[i] += p
			}
		}
	}
	var out []float64
	for k := -15; k < 13; k++ {
		centre := 1000 * math.Exp2(float64(k)/3)
		lo, hi := centre/math.Exp2(1.0/6), centre*math.Exp2(1.0/6)
		sum := 0.0
		for i, p := range psd {
			if f := float64(i) * Rate / n; f >= lo && f < hi {
				sum += p / float64(max(count, 1))
			}
		}
		out = append(out, 10*math.Log10(sum+1e-14))
	}
	return out
}
