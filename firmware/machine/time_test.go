package machine_test

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
)

func TestTimeSaturates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := machine.Time(rapid.Int64().Draw(t, "a"))
		d := machine.Duration(rapid.Int64().Draw(t, "d"))
		s := a.Add(d)
		switch exact := float64(a) + float64(d); {
		case a == machine.Forever && s != machine.Forever:
			t.Fatal("there is an end to forever")
		case a != machine.Forever && math.Abs(exact) < 9e18 && s != a+machine.Time(d):
			t.Fatalf("%d + %d = %d", a, d, s)
		case d > 0 && s < a, d < 0 && s > a:
			t.Fatalf("%d + %d = %d goes the wrong way", a, d, s)
		}
		b := machine.Time(rapid.Int64().Draw(t, "b"))
		switch diff := a.Sub(b); {
		case a > b && diff <= 0, a < b && diff >= 0, a == b && diff != 0:
			t.Fatalf("%d - %d = %d", a, b, diff)
		}
	})
}

func TestStrings(t *testing.T) {
	for want, got := range map[string]string{
		"forever":  machine.Forever.String(),
		"1.5s":     machine.Time(1500 * machine.Millisecond).String(),
		"20µs":     (20 * machine.Microsecond).String(),
		"realtime": machine.RealTime.String(),
		"spare":    machine.Spare.String(),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestGoMemory(t *testing.T) {
	for _, size := range []int{0, -1, math.MinInt} {
		if _, err := machine.NewGoMemory(size); !errors.Is(err, com.ErrInvalid) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
	m, err := machine.NewGoMemory(10000)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Bytes()) != 10000 {
		t.Fatalf("%d bytes", len(m.Bytes()))
	}
	if err := m.Release(); err != nil {
		t.Fatal(err)
	}
	if err := m.Release(); !errors.Is(err, com.ErrInvalid) {
		t.Fatalf("released twice: %v", err)
	}
}
