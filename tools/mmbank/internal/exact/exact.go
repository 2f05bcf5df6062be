// Package exact is arithmetic that gives the same bits on every processor.
//
// The bank is generated once, checked in, and compared byte for byte with what a later build
// generates, on whatever machine that build runs. Two things would break that: the math package,
// whose functions are assembly on some architectures, and fused multiply-add, which compilers may
// use where a product feeds a sum. So sine, exponential and logarithm are polynomials here, and
// every product that is added to something is wrapped in an explicit float64 conversion, which the
// language defines as a rounding point. All packages of the generator follow the second rule; a
// test reads their source and holds them to it.
package exact

import "math"

const (
	twoPi = 6.283185307179586476925286766559
	ln2   = 0.693147180559945309417232121458
)

// sinCoef are the Taylor coefficients of sin(x)/x in powers of x squared, highest first. On a
// quarter turn the first omitted term is below 2e-17.
var sinCoef = [...]float64{
	-1.0 / 121645100408832000, 1.0 / 355687428096000, -1.0 / 1307674368000, 1.0 / 6227020800,
	-1.0 / 39916800, 1.0 / 362880, -1.0 / 5040, 1.0 / 120, -1.0 / 6, 1,
}

// expCoef are the Taylor coefficients of exp(x), highest first, for |x| <= ln(2)/2.
var expCoef = [...]float64{
	1.0 / 1307674368000, 1.0 / 87178291200, 1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800,
	1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24,
	1.0 / 6, 1.0 / 2, 1, 1,
}

// Sin returns the sine of an angle in turns (1 is a whole circle).
func Sin(turns float64) float64 {
	r := turns - math.Floor(turns+0.5)
	if r > 0.25 {
		r = 0.5 - r
	} else if r < -0.25 {
		r = -0.5 - r
	}
	x := r * twoPi
	x2 := float64(x * x)
	s := sinCoef[0]
	for _, c := range sinCoef[1:] {
		s = float64(s*x2) + c
	}
	return float64(s * x)
}

// Cos returns the cosine of an angle in turns.
func Cos(turns float64) float64 { return Sin(turns + 0.25) }

// Exp2 returns two to the power of x, 0 below 2^-1000 and 2^1000 above it.
func Exp2(x float64) float64 {
	switch {
	case x < -1000:
		return 0
	case x > 1000:
		x = 1000
	}
	n := math.Floor(x + 0.5)
	f := float64((x - n) * ln2)
	s := expCoef[0]
	for _, c := range expCoef[1:] {
		s = float64(s*f) + c
	}
	return float64(s * math.Float64frombits(uint64(int64(n)+1023)<<52))
}

// Exp returns e to the power of x.
func Exp(x float64) float64 { return Exp2(float64(x * (1 / ln2))) }

// Log2 returns the logarithm of x to base two. x must be a positive normal number; anything else
// gives -1000, so that silence has a level.
func Log2(x float64) float64 {
	if !(x >= 1e-300) || x > 1e300 {
		return -1000
	}
	m, e := math.Frexp(x)
	if m < 0.70710678118654752440 {
		m *= 2
		e--
	}
	s := (m - 1) / (m + 1)
	s2 := float64(s * s)
	sum := 0.0
	for k := 25; k >= 1; k -= 2 {
		sum = float64(sum*s2) + 1/float64(k)
	}
	return float64(2*s*sum*(1/ln2)) + float64(e)
}

// Pow returns base to the power of e, for positive bases.
func Pow(base, e float64) float64 { return Exp2(float64(e * Log2(base))) }

// Gain turns decibels of amplitude into a factor.
func Gain(db float64) float64 { return Exp2(float64(db * 0.16609640474436811739)) }

// Decibels turns an amplitude factor into decibels.
func Decibels(gain float64) float64 { return float64(Log2(gain) * 6.0205999132796239043) }

// Hertz returns the frequency of a MIDI key in equal temperament, A4 = 440 Hz.
func Hertz(key float64) float64 { return float64(440 * Exp2((key-69)/12)) }

// Cents returns the interval from b up to a.
func Cents(a, b float64) float64 { return float64(1200 * Log2(a/b)) }

// Round returns x to the nearest integer, halves upward.
func Round(x float64) int { return int(math.Floor(x + 0.5)) }

// Rand is a pseudo-random sequence (Steele's SplitMix64): the same seed, the same numbers, for ever.
type Rand struct{ state uint64 }

// NewRand starts a sequence from a seed.
func NewRand(seed uint64) *Rand { return &Rand{seed * 0x9e3779b97f4a7c15} }

// Uint64 returns the next 64 bits.
func (r *Rand) Uint64() uint64 {
	r.state += 0x9e3779b97f4a7c15
	z := r.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Unit returns a number in [0, 1).
func (r *Rand) Unit() float64 { return float64(float64(r.Uint64()>>11) * (1.0 / (1 << 53))) }

// Bipolar returns a number in [-1, 1).
func (r *Rand) Bipolar() float64 { return float64(2*r.Unit()) - 1 }

// Gauss returns a number with mean 0 and variance 1, the sum of twelve uniform ones.
func (r *Rand) Gauss() float64 {
	s := -6.0
	for range 12 {
		s += r.Unit()
	}
	return s
}
