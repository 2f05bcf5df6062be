package engine

import (
	"math"

	"github.com/mmlite/mmlite/synth/internal/exact"
)

// The tables that turn logarithmic units into factors.

const (
	centibels   = 2048 // cB the gain table reaches; below that is silence
	panSteps    = 1000 // permille of the pan tables
	cutoffLow   = 1500 // cents abs, about 19 Hz
	cutoffHigh  = 13500
	cutoffStep  = 8 // cents between entries of the filter table
	cutoffCount = (cutoffHigh-cutoffLow)/cutoffStep + 1
)

// curves are tables that do not depend on the sample rate.
type curves struct {
	gain    [centibels + 2]float32 // 10^(-i/200)
	cent    [1201]float64          // 2^(i/1200)
	concave [129]float32           // see bank.Concave; the last entry repeats
	panSine [panSteps + 2]float32  // sin of a quarter circle
	panRoot [panSteps + 2]float32  // square root
}

func newCurves() *curves {
	c := new(curves)
	for i := range c.gain {
		c.gain[i] = float32(exact.Exp2(float64(-float64(i)) / 200 * exact.Log2Of10))
	}
	c.gain[centibels], c.gain[centibels+1] = 0, 0
	for i := range c.cent {
		c.cent[i] = exact.Exp2(float64(i) / 1200)
	}
	for i := 1; i < 127; i++ {
		c.concave[i] = float32(400.0 / 960 / exact.Log2Of10 * exact.Log2(127/float64(127-i)))
	}
	c.concave[127], c.concave[128] = 1, 1
	for i := range panSteps + 1 {
		c.panSine[i] = float32(exact.Sine(float64(i) / panSteps * (math.Pi / 2)))
		c.panRoot[i] = float32(math.Sqrt(float64(i) / panSteps))
	}
	c.panSine[panSteps+1], c.panRoot[panSteps+1] = 1, 1
	return c
}

// attenuate is the factor of an attenuation in cB; negative ones are none.
func (c *curves) attenuate(cb float32) float32 {
	if !(cb > 0) {
		return 1
	}
	if cb >= centibels {
		return 0
	}
	i := int(cb)
	f := cb - float32(i)
	a := c.gain[i]
	return a + float32(f*(c.gain[i+1]-a))
}

// ratio is 2^(cents/1200) for cents within ±24000; it holds beyond that.
func (c *curves) ratio(cents float64) float64 {
	cents = min(max(cents, -24000), 24000) + 24000
	i := int(cents)
	f := cents - float64(i)
	octave := i / 1200
	i -= octave * 1200
	a := c.cent[i]
	a += float64(f * (c.cent[i+1] - a))
	return a * math.Float64frombits(uint64(1023+octave-20)<<52)
}

// bend maps x in 0..1 by the concave curve.
func (c *curves) bend(x float32) float32 {
	x = float32(min(max(x, 0), 1) * 127)
	i := int(x)
	a := c.concave[i]
	return a + float32((x-float32(i))*(c.concave[i+1]-a))
}

// seconds is the time of a value in time cents.
func (c *curves) seconds(tc float32) float64 {
	if tc <= -32768 {
		return 0
	}
	return c.ratio(float64(tc))
}

// hertz is the frequency of a value in absolute cents.
func (c *curves) hertz(cents float32) float64 {
	return 8.175798915643707 * c.ratio(float64(cents))
}
