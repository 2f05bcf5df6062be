package patch

import (
	"math"

	"github.com/mmlite/mmlite/tools/mmbank/internal/exact"
	"github.com/mmlite/mmlite/tools/mmbank/internal/sound"
)

// A plate is a cymbal: hundreds of modes without order, the high ones loud at first and dying soon,
// energy creeping upward just after the stroke. The loop holds what rings on.
type plate struct {
	rate       int
	lead       float64
	loop       int
	low, high  float64 // hertz between which it sounds
	tilt       float64 // decibels per octave within
	modes      int
	bloom      float64 // seconds that the highest modes take to speak
	fall       float64 // nepers per second at 5 kHz beyond the envelope's
	stick      float64 // level of the stroke
	ping       []mode  // modes that stand out: hertz, level, fall
	seed       uint64
	tailLength float64 // seconds; above 0 makes a one-shot that decays with this time constant
}

func (p plate) wave() *sound.Wave {
	r := exact.NewRand(p.seed)
	a := sound.Additive{Rate: p.rate, Lead: p.lead, Loop: p.loop, Cycles: 1}
	span := exact.Log2(p.high / p.low)
	for range p.modes {
		f := p.low * exact.Exp2(span*math.Sqrt(r.Unit()))
		g := exact.Gain(float64(p.tilt*exact.Log2(f/p.low))) * (0.3 + math.Abs(r.Gauss()))
		a.Partials = append(a.Partials, sound.Partial{
			Cycles: exact.Round(f * float64(p.loop) / float64(p.rate)), Amp: g, Phase: r.Unit(),
			Rise: 0.0005 + float64(p.bloom*f/p.high*r.Unit()), Fall: p.fall * f / 5000 * (0.5 + r.Unit())})
	}
	total := math.Sqrt(float64(p.modes)) * exact.Gain(p.tilt*span*0.6)
	for _, m := range p.ping {
		a.Partials = append(a.Partials, sound.Partial{Cycles: exact.Round(m.ratio * float64(p.loop) / float64(p.rate)),
			Amp: m.amp * total, Fall: m.fall, Phase: r.Unit()})
	}
	w := a.Render()
	w.Hertz = 0
	if p.stick > 0 {
		n := p.rate / 25
		w.Mix(burst(n, p.rate, 6000, 0.4, 0.0003, 0.006, r), p.stick*total, 0)
	}
	if p.tailLength > 0 {
		w.Data = sound.Shape(w.Data[:w.Loop+w.Len], p.rate, 0, p.tailLength)
		w.Loop, w.Len = 0, 0
		w.FadeOut(len(w.Data) / 4)
	}
	return w.Center().FadeIn(4).Normalize()
}

func crash() *sound.Wave {
	return plate{rate: sound.Bright, lead: 0.2, loop: 6400, low: 350, high: 13500, tilt: 1.2, modes: 700, bloom: 0.02, fall: 1.6, stick: 0.7, seed: 49}.wave()
}

func china() *sound.Wave {
	return plate{rate: sound.Rate, lead: 0.1, loop: 3600, low: 300, high: 9500, tilt: 0.5, modes: 300, bloom: 0.03, fall: 2.5, stick: 0.8, seed: 52,
		ping: []mode{{540, 0.12, 1}, {815, 0.12, 1}, {1270, 0.1, 1}}}.wave()
}

func ride() *sound.Wave {
	return plate{rate: sound.Bright, lead: 0.1, loop: 4400, low: 500, high: 13500, tilt: 1.5, modes: 420, bloom: 0.006, fall: 2.2, stick: 1.1, seed: 51,
		ping: []mode{{3150, 0.2, 5}, {4620, 0.3, 6}, {6210, 0.35, 7}, {7900, 0.3, 8}}}.wave()
}

func rideBell() *sound.Wave {
	return plate{rate: sound.Rate, lead: 0.08, loop: 2200, low: 500, high: 9500, tilt: 0, modes: 120, bloom: 0.004, fall: 4, stick: 0.8, seed: 53,
		ping: []mode{{980, 0.9, 1}, {1545, 0.6, 2}, {2710, 0.9, 3}, {4120, 0.7, 5}, {5630, 0.5, 8}, {7350, 0.3, 12}}}.wave()
}

func hatOpen() *sound.Wave {
	return plate{rate: sound.Bright, lead: 0.06, loop: 3800, low: 2400, high: 13800, tilt: 1.8, modes: 420, bloom: 0.003, fall: 1.5, stick: 0.8, seed: 46}.wave()
}

func hatClosed(seconds, stick float64, seed uint64) *sound.Wave {
	return plate{rate: sound.Bright, lead: 0.02, loop: exact.Round(seconds * sound.Bright), low: 2600, high: 13800, tilt: 1.6, modes: 260, bloom: 0.0004,
		fall: 0.5, stick: stick, seed: seed, tailLength: seconds / 3.2}.wave()
}

// reverseCymbal is a crash played backward, at a lower rate.
func reverseCymbal() *sound.Wave {
	p := plate{rate: sound.Rate, lead: 0.04, loop: 10500, low: 350, high: 9600, tilt: 1, modes: 160, bloom: 0.01, fall: 1, seed: 118, tailLength: 0.17}
	w := p.wave()
	for i, j := 0, len(w.Data)-1; i < j; i, j = i+1, j-1 {
		w.Data[i], w.Data[j] = w.Data[j], w.Data[i]
	}
	return w.FadeOut(60)
}

// bar is a piece of metal or wood that rings with a few modes (hertz, level, nepers per second).
func bar(rate int, seconds, click, clickHz float64, seed uint64, modes ...mode) *sound.Wave {
	n := exact.Round(seconds * float64(rate))
	x := make([]float64, n)
	for _, m := range modes {
		sound.Add(x, struck(n, rate, m.ratio, m.ratio, 1, 1/m.fall), m.amp, 0)
	}
	sound.Add(x, burst(n, rate, clickHz, 0.7, 0.0003, 0.003, exact.NewRand(seed)), click, 0)
	return oneShot(rate, x)
}

func cowbell() *sound.Wave {
	return bar(sound.Rate, 0.2, 0.8, 2500, 56, mode{562, 1, 16}, mode{845, 0.9, 18}, mode{1690, 0.35, 30}, mode{2470, 0.3, 35}, mode{3380, 0.2, 40}, mode{4450, 0.22, 34}, mode{6100, 0.12, 45})
}

func agogoBell() *sound.Wave {
	return bar(sound.Rate, 0.24, 0.5, 3000, 67, mode{905, 0.7, 12}, mode{2190, 0.8, 14}, mode{2990, 0.5, 16}, mode{4170, 0.6, 20}, mode{5530, 0.4, 28})
}

func claves() *sound.Wave {
	return bar(sound.Rate, 0.12, 0.5, 4000, 75, mode{2480, 1, 45}, mode{4970, 0.12, 90})
}

// woodblock is a slit block; scale moves its pitch.
func woodblock(scale float64) *sound.Wave {
	return bar(sound.Rate, 0.14, 0.9, 1500, 76, mode{820 * scale, 1, 42}, mode{1310 * scale, 0.5, 60}, mode{2260 * scale, 0.25, 75}, mode{3900 * scale, 0.2, 70})
}

// triangle is a bent steel rod: many modes, high and long.
func triangle() *sound.Wave {
	a := sound.Additive{Rate: sound.Bright, Lead: 0.06, Loop: 3200, Cycles: 1}
	r := exact.NewRand(81)
	for _, m := range []mode{{1630, 0.12, 0}, {2950, 0.2, 0.5}, {4190, 0.7, 0}, {5560, 0.7, 0.5}, {6850, 1, 0.3}, {8240, 0.8, 1}, {9930, 0.9, 1}, {11700, 0.7, 2}, {13100, 0.5, 3}} {
		a.Partials = append(a.Partials, sound.Partial{Cycles: exact.Round(m.ratio / 10), Amp: m.amp, Fall: m.fall, Phase: r.Unit()})
		a.Partials = append(a.Partials, sound.Partial{Cycles: exact.Round(m.ratio/10) + 1, Amp: 0.4 * m.amp, Fall: m.fall, Phase: r.Unit()})
	}
	w := a.Render()
	w.Hertz = 0
	w.Mix(burst(600, sound.Bright, 7000, 0.5, 0.0002, 0.002, r), 3, 0)
	return w.Center().FadeIn(3).Normalize()
}

// jingles is a tambourine: a slap, then pairs of little cymbals shaking out.
func jingles() *sound.Wave {
	const rate = sound.Bright
	n := rate * 16 / 100
	r := exact.NewRand(54)
	x := make([]float64, n)
	for _, at := range []float64{0, 0.022, 0.05} {
		for _, f := range []float64{6100, 7350, 8420, 9650, 11200, 12600} {
			f *= 1 + float64(0.02*r.Bipolar())
			g := exact.Exp(-at*14) * (0.4 + r.Unit())
			sound.Add(x, struck(n, rate, f, f, 1, 0.045), g, exact.Round(at*rate))
		}
	}
	sound.Add(x, burst(n, rate, 8500, 0.5, 0.001, 0.05, r), 2, 0)
	return oneShot(rate, sound.Add(x, burst(n, rate, 900, 0.6, 0.0005, 0.008, r), 1, 0))
}
