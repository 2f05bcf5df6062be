package sound

import (
	"math"

	"github.com/mmlite/mmlite/tools/mmbank/internal/exact"
)

// An Operator pair of frequency modulation: a carrier whose phase a modulator bends.
type Operator struct {
	// Carrier and Modulator are frequencies in multiples of the fundamental; they are rounded so
	// that they close the loop.
	Carrier, Modulator float64
	// Amp is the carrier's level in the loop; Boost and BoostTime add to it at the start.
	Amp, Boost, BoostTime float64
	// Index is the modulation in the loop, in radians; Strike and StrikeTime add to it at the start.
	Index, Strike, StrikeTime float64
}

// FM renders operator pairs with a lead-in and a loop (from Fit).
func FM(rate int, lead float64, loop, cycles int, ops []Operator) *Wave {
	start := exact.Round(lead * float64(rate))
	w := &Wave{Rate: rate, Data: make([]float64, start+loop+guard), Loop: start, Len: loop,
		Hertz: float64(cycles) * float64(rate) / float64(loop)}
	ease := func(extra, tau float64, n int) float64 {
		if extra == 0 || n >= start {
			return 0
		}
		last := exact.Exp(-lead / tau)
		return extra * ((exact.Exp(-float64(n)/(tau*float64(rate))) - last) / (1 - last))
	}
	for _, op := range ops {
		c := exact.Round(op.Carrier * float64(cycles))
		m := exact.Round(op.Modulator * float64(cycles))
		for n := range w.Data {
			index := op.Index + ease(op.Strike, op.StrikeTime, n)
			amp := op.Amp * (1 + ease(op.Boost, op.BoostTime, n))
			mod := exact.Sin(float64((n-start)*m%loop) / float64(loop))
			phase := float64((n-start)*c%loop)/float64(loop) + float64(index*mod)/(2*math.Pi)
			w.Data[n] += float64(amp * exact.Sin(phase))
		}
	}
	return w
}
