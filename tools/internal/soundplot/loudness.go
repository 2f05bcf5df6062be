package soundplot

import "math"

// Loudness measures how loud a sound is, as ITU-R BS.1770-4 has it: two filters
// that weigh frequencies as the head and the ear do (annex 1, section 2), mean
// squares over blocks of 400 ms that begin every 100 ms, and two gates (section 5).
type Loudness struct {
	rate     int
	shelf    biquad // tables 1 and 2, for this rate
	high     biquad
	channels [2][2]state
	energy   []float64 // of each 100 ms, both sides together
	sum      float64
	count    int
}

type biquad struct{ b0, b1, b2, a1, a2 float64 }

type state struct{ x1, x2, y1, y2 float64 }

func (s *state) next(q *biquad, x float64) float64 {
	y := q.b0*x + q.b1*s.x1 + q.b2*s.x2 - q.a1*s.y1 - q.a2*s.y2
	s.x2, s.x1, s.y2, s.y1 = s.x1, x, s.y1, y
	return y
}

// NewLoudness measures at rate frames a second.
func NewLoudness(rate int) *Loudness {
	// The filters are given for 48 kHz only; these are the analogue ones behind
	// them, brought to other rates by the bilinear transform.
	l := &Loudness{rate: rate}
	gain, q, k := math.Pow(10, 3.999843853973347/20), 0.7071752369554196, math.Tan(math.Pi*1681.974450955533/float64(rate))
	mid := math.Pow(gain, 0.4996667741545416)
	d := 1 + k/q + k*k
	l.shelf = biquad{
		(gain + mid*k/q + k*k) / d, 2 * (k*k - gain) / d, (gain - mid*k/q + k*k) / d,
		2 * (k*k - 1) / d, (1 - k/q + k*k) / d,
	}
	q, k = 0.5003270373238773, math.Tan(math.Pi*38.13547087602444/float64(rate))
	d = 1 + k/q + k*k
	l.high = biquad{1, -2, 1, 2 * (k*k - 1) / d, (1 - k/q + k*k) / d}
	return l
}

// Add takes one frame.
func (l *Loudness) Add(left, right float64) {
	for i, x := range [2]float64{left, right} {
		y := l.channels[i][1].next(&l.high, l.channels[i][0].next(&l.shelf, x))
		l.sum += y * y
	}
	if l.count++; l.count == l.rate/10 {
		l.energy = append(l.energy, l.sum/float64(l.count))
		l.sum, l.count = 0, 0
	}
}

// block is the energy of the 400 ms that begin with the given 100 ms.
func (l *Loudness) block(i int) float64 {
	e := l.energy[i : i+4]
	return (e[0] + e[1] + e[2] + e[3]) / 4
}

func lufs(energy float64) float64 { return -0.691 + 10*math.Log10(energy) }

// Momentary returns the loudness of each 400 ms, in LUFS, one every 100 ms; -Inf is
// silence.
func (l *Loudness) Momentary() []float64 {
	var all []float64
	for i := 0; i+4 <= len(l.energy); i++ {
		all = append(all, lufs(l.block(i)))
	}
	return all
}

// Integrated returns the loudness of the whole in LUFS, without what is silent or
// much softer than the rest; -Inf if nothing is left.
func (l *Loudness) Integrated() float64 {
	mean := func(above float64) float64 {
		sum, n := 0.0, 0
		for i := 0; i+4 <= len(l.energy); i++ {
			if e := l.block(i); lufs(e) > above {
				sum += e
				n++
			}
		}
		if n == 0 {
			return math.Inf(-1)
		}
		return lufs(sum / float64(n))
	}
	return mean(max(-70, mean(-70)-10))
}
