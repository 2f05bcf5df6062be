package exact

import (
	"math"
	"testing"
)

func TestAgreesWithMath(t *testing.T) {
	for i := range 20001 {
		x := (float64(i) - 10000) / 997
		check := func(name string, got, want, tol float64) {
			if d := math.Abs(got - want); d > tol*math.Max(1, math.Abs(want)) {
				t.Fatalf("%s(%g) = %.17g, want %.17g", name, x, got, want)
			}
		}
		check("Sin", Sin(x), math.Sin(2*math.Pi*x), 2e-14)
		check("Cos", Cos(x), math.Cos(2*math.Pi*x), 2e-14)
		check("Exp2", Exp2(x), math.Exp2(x), 4e-15)
		check("Exp", Exp(x), math.Exp(x), 1e-14)
		if x > 0 {
			check("Log2", Log2(x), math.Log2(x), 4e-15)
			check("Pow", Pow(x, 1.7), math.Pow(x, 1.7), 2e-14)
		}
	}
}

func TestEdges(t *testing.T) {
	if Exp2(-5000) != 0 || math.IsInf(Exp2(5000), 0) {
		t.Error("Exp2 leaves its range")
	}
	for _, x := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		if Log2(x) != -1000 {
			t.Errorf("Log2(%g) = %g", x, Log2(x))
		}
	}
	if Exp2(3) != 8 || Exp2(-2) != 0.25 || Log2(1024) != 10 {
		t.Error("powers of two are not exact")
	}
	if Round(2.5) != 3 || Round(-2.5) != -2 || Round(-0.2) != 0 {
		t.Error("Round")
	}
}

// The values are the published sequence of SplitMix64 from state 0, after its first.
func TestRandIsFixed(t *testing.T) {
	r := NewRand(1)
	for i, want := range []uint64{0x6e789e6aa1b965f4, 0x06c45d188009454f, 0xf88bb8a8724c81ec} {
		if got := r.Uint64(); got != want {
			t.Errorf("value %d = %#x, want %#x", i, got, want)
		}
	}
	var sum, square float64
	const n = 20000
	for range n {
		g := r.Gauss()
		sum += g
		square += g * g
	}
	if m, v := sum/n, square/n; math.Abs(m) > 0.03 || math.Abs(v-1) > 0.05 {
		t.Errorf("Gauss: mean %g, variance %g", m, v)
	}
}
