// Package exact has the few functions that the synthesizer's tables need. They
// round after every multiplication, so that every build gets the same values to
// the last bit; package math promises that on no two processors.
package exact

import "math"

// Log2Of10 is the binary logarithm of 10.
const Log2Of10 = 3.321928094887362347870319429489390

// Exp2 is 2^x for x within ±1000, within two units of the last place.
func Exp2(x float64) float64 {
	n := math.Floor(x + 0.5)
	y := (x - n) * math.Ln2
	term, sum := 1.0, 1.0
	for i := 1; i < 16; i++ {
		term = float64(term*y) / float64(i)
		sum += term
	}
	return math.Ldexp(sum, int(n))
}

// Log2 is the binary logarithm of x > 0.
func Log2(x float64) float64 {
	f, n := math.Frexp(x)
	if f < math.Sqrt2/2 {
		f, n = f*2, n-1
	}
	z := (f - 1) / (f + 1)
	z2 := float64(z * z)
	power, sum := z, 0.0
	for i := 1; i < 44; i += 2 {
		sum += power / float64(i)
		power = float64(power * z2)
	}
	return float64(n) + float64(sum*(2/math.Ln2))
}

// Sine is sin x for x within ±2 pi.
func Sine(x float64) float64 {
	term, sum := x, x
	x2 := float64(x * x)
	for i := 2; i < 40; i += 2 {
		term = -float64(term*x2) / float64(i*(i+1))
		sum += term
	}
	return sum
}
