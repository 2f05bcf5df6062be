package exact

import (
	"math"
	"testing"
)

func TestAgainstMath(t *testing.T) {
	for x := -30.0; x < 30; x += 0.0137 {
		if got, want := Exp2(x), math.Exp2(x); math.Abs(got/want-1) > 1e-15 {
			t.Fatalf("2^%g is %g, want %g", x, got, want)
		}
		if got, want := Log2(math.Exp2(x)), x; math.Abs(got-want) > 2e-15*max(1, math.Abs(x)) {
			t.Fatalf("log2 is %g, want %g", got, want)
		}
		if x := x / 5; math.Abs(Sine(x)-math.Sin(x)) > 1e-12 {
			t.Fatalf("sin %g is %g, want %g", x, Sine(x), math.Sin(x))
		}
	}
}
