package engine

import "math"

// The tables that turn logarithmic units into factors. They are computed by the
// few functions below, which round after every multiplication, so that every
// build has the same tables to the last bit; package math promises that on no
// two processors.

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
		c.gain[i] = float32(exp2(float64(-float64(i)) / 200 * log2of10))
	}
	c.gain[centibels], c.gain[centibels+1] = 0, 0
	for i := range c.cent {
		c.cent[i] = exp2(float64(i) / 1200)
	}
	for i := 1; i < 127; i++ {
		c.concave[i] = float32(400.0 / 960 / log2of10 * log2(127/float64(127-i)))
	}
	c.concave[127], c.concave[128] = 1, 1
	for i := range panSteps + 1 {
		c.panSine[i] = float32(sine(float64(i) / panSteps * (math.Pi / 2)))
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

const log2of10 = 3.321928094887362347870319429489390

// exp2 is 2^x for x within ±1000, within two units of the last place.
func exp2(x float64) float64 {
	n := math.Floor(x + 0.5)
	y := (x - n) * math.Ln2
	term, sum := 1.0, 1.0
	for i := 1; i < 16; i++ {
		term = float64(term*y) / float64(i)
		sum += term
	}
	return math.Ldexp(sum, int(n))
}

// log2 is the binary logarithm of x > 0.
func log2(x float64) float64 {
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

// sine is sin x for x within ±2 pi.
func sine(x float64) float64 {
	term, sum := x, x
	x2 := float64(x * x)
	for i := 2; i < 40; i += 2 {
		term = -float64(term*x2) / float64(i*(i+1))
		sum += term
	}
	return sum
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
