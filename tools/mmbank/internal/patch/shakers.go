package patch

import (
	"math"

	"github.com/mmlite/mmlite/tools/mmbank/internal/exact"
	"github.com/mmlite/mmlite/tools/mmbank/internal/sound"
)

// shake is a rattle of many small grains: their band, how long it lasts, how fast it starts.
func shake(seconds, hz, q, attack, decay float64, seed uint64) *sound.Wave {
	const rate = sound.Bright
	n := exact.Round(seconds * rate)
	return oneShot(rate, burst(n, rate, hz, q, attack, decay, exact.NewRand(seed)))
}

// scrape is a row of teeth run over with a stick: so many a second, speeding up by half.
func scrape(seconds, teeth, hz, q float64, seed uint64) *sound.Wave {
	const rate = sound.Rate
	n := exact.Round(seconds * rate)
	x := make([]float64, n)
	r := exact.NewRand(seed)
	for at := 0.0; at < seconds-0.01; {
		swell := exact.Sin(0.5 * (0.15 + 0.85*at/seconds))
		sound.Add(x, burst(rate/40, rate, hz*(1+float64(0.15*r.Bipolar())), q, 0.0003, 0.0035, r), swell*(0.7+float64(0.3*r.Unit())), exact.Round(at*rate))
		at += (1 + float64(0.1*r.Bipolar())) / (teeth * (1 + 0.5*at/seconds))
	}
	return oneShot(rate, x)
}

// vibraslap is a box of teeth that rattle ever faster and softer.
func vibraslap() *sound.Wave {
	const rate = sound.Rate
	n := rate * 40 / 100
	x := make([]float64, n)
	r := exact.NewRand(58)
	gap := 0.030
	for at := 0.0; at < 0.38; at += gap {
		g := exact.Exp(-at * 4.5)
		sound.Add(x, struck(rate/30, rate, 2350, 2300, 0.01, 0.004), g, exact.Round(at*rate))
		sound.Add(x, burst(rate/30, rate, 3400, 1.5, 0.0003, 0.005, r), 1.6*g, exact.Round(at*rate))
		gap = math.Max(0.016, gap*0.985)
	}
	return oneShot(rate, x)
}

// whistle is a pea whistle: two close tones chopped by the pea, and wind.
func whistle() *sound.Wave {
	const rate = sound.Rate
	const loop = 1764 // two turns of the pea at 25 Hz
	a := sound.Additive{Rate: rate, Lead: 0.04, Loop: loop, Cycles: 1}
	r := exact.NewRand(71)
	for _, m := range []mode{{2300, 1, 0}, {2500, 0.6, 0}, {4600, 0.12, 0}} {
		c := exact.Round(m.ratio * loop / rate)
		a.Partials = append(a.Partials, sound.Partial{Cycles: c, Amp: m.amp, Rise: 0.012},
			sound.Partial{Cycles: c + 2, Amp: 0.35 * m.amp, Rise: 0.03}, sound.Partial{Cycles: c - 2, Amp: 0.35 * m.amp, Rise: 0.03})
	}
	a.Partials = append(a.Partials, hiss(loop, rate, func(f float64) float64 { return 0.02 * shape(f, peak{2600, 10, 0.6}) }, r)...)
	w := a.Render()
	w.Hertz = 0
	return w.Center().Normalize()
}

// noiseLoop is coloured noise that loops: seconds of it, its spectrum, a slow pattern of its level
// given as swells in the loop.
func noiseLoop(rate int, seconds float64, seed uint64, level func(f float64) float64) *sound.Wave {
	loop := exact.Round(seconds * float64(rate))
	a := sound.Additive{Rate: rate, Loop: loop, Cycles: 1}
	a.Partials = hiss(loop, rate, level, exact.NewRand(seed))
	for i := range a.Partials {
		a.Partials[i].Rise = 0
	}
	w := a.Render()
	w.Hertz = 0
	return w
}

func surf() *sound.Wave {
	return noiseLoop(sound.Rate, 0.36, 123, func(f float64) float64 {
		return rolloff(f, 500, 5) * f / (f + 200)
	}).Center().Normalize()
}

func breathNoise() *sound.Wave {
	return noiseLoop(sound.Rate, 0.2, 122, func(f float64) float64 {
		return shape(f, peak{1300, 14, 0.6}, peak{3800, 10, 0.7}) * rolloff(f, 5000, 9)
	}).Center().Normalize()
}

func fretNoise() *sound.Wave {
	const rate = sound.Rate
	n := rate * 22 / 100
	r := exact.NewRand(121)
	x := make([]float64, n)
	noise := sound.Noise(n, r)
	phase := 0.0
	for i := range x {
		at := float64(i) / float64(n)
		f := 900 + float64(1500*exact.Sin(at/3))
		phase += f / rate
		env := exact.Sin(at/2) * exact.Sin(math.Sqrt(at)/2)
		x[i] = env * (float64(0.5*noise[i]*exact.Sin(phase)) + float64(0.35*exact.Sin(phase*2)*noise[i]) + float64(0.15*exact.Sin(phase)))
	}
	sound.NewFilter(sound.BandPass, 2200, 0.6, rate).Apply(x)
	return oneShot(rate, x)
}

func bird() *sound.Wave {
	const rate = sound.Rate
	n := rate * 40 / 100
	x := make([]float64, n)
	for _, c := range []struct{ at, length, from, to float64 }{
		{0, 0.07, 3200, 5200}, {0.10, 0.05, 5000, 3600}, {0.17, 0.06, 3400, 5600}, {0.27, 0.12, 5400, 3000}} {
		m := exact.Round(c.length * rate)
		y := make([]float64, m)
		phase := 0.0
		for i := range y {
			t := float64(i) / float64(m)
			phase += (c.from + float64((c.to-c.from)*t) + float64(250*exact.Sin(t*c.length*38))) / rate
			y[i] = exact.Sin(phase) * exact.Sin(t/2)
		}
		sound.Add(x, y, 1, exact.Round(c.at*rate))
	}
	w := &sound.Wave{Rate: rate, Data: append(x, x[:8]...), Len: n}
	return w.Normalize()
}

func telephone() *sound.Wave {
	const rate = sound.Rate
	// Twenty strokes a second on two gongs.
	loop := rate / 10
	a := sound.Additive{Rate: rate, Loop: loop, Cycles: 1}
	for _, m := range []mode{{1210, 0.6, 0}, {1510, 0.6, 0}, {3080, 0.9, 0}, {3840, 0.9, 0}, {5600, 0.7, 0}} {
		c := exact.Round(m.ratio / 10)
		for k, g := range []float64{1, 0.6, 0.4, 0.25} {
			a.Partials = append(a.Partials, sound.Partial{Cycles: c + 2*k, Amp: m.amp * g}, sound.Partial{Cycles: c - 2*k, Amp: m.amp * g})
		}
	}
	w := a.Render()
	w.Hertz = 0
	return w.Center().Normalize()
}

func helicopter() *sound.Wave {
	const rate = sound.Rate
	// Two beats of the rotor; each is a burst of low noise.
	w := noiseLoop(rate, 0.2, 126, func(f float64) float64 { return rolloff(f, 180, 7) })
	for i := range w.Data {
		at := float64(i%(w.Len)) / float64(w.Len) * 2
		w.Data[i] *= 0.12 + exact.Pow(0.5+float64(0.5*exact.Cos(at)), 3)
	}
	return w.Center().Normalize()
}

func applause() *sound.Wave {
	const rate = sound.Rate
	loop := rate * 50 / 100
	r := exact.NewRand(127)
	ring := make([]float64, loop)
	for range 470 {
		clap := burst(rate/50, rate, 900+float64(1500*r.Unit()), 1.4, 0.0004, 0.004, r)
		at := int(r.Unit() * float64(loop))
		g := 0.35 + float64(0.65*r.Unit())
		for i, v := range clap {
			ring[(at+i)%loop] += float64(v * g)
		}
	}
	w := &sound.Wave{Rate: rate, Data: append(ring, ring[:8]...), Len: loop}
	return w.Center().Normalize()
}

func gunshot() *sound.Wave {
	const rate = sound.Rate
	n := rate * 34 / 100
	r := exact.NewRand(128)
	x := burst(n, rate, 1300, 0.3, 0.0002, 0.02, r)
	sound.Add(x, burst(n, rate, 300, 0.4, 0.001, 0.12, r), 2.6, 0)
	sound.Add(x, burst(n, rate, 900, 0.4, 0.03, 0.2, r), 0.25, 0)
	return oneShot(rate, sound.Drive(x, 4))
}
