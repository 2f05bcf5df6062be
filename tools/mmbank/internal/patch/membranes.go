package patch

import (
	"github.com/mmlite/mmlite/tools/mmbank/internal/exact"
	"github.com/mmlite/mmlite/tools/mmbank/internal/sound"
)

// oneShot finishes a wave that is played as it is.
func oneShot(rate int, x []float64) *sound.Wave {
	w := &sound.Wave{Rate: rate, Data: x}
	return w.FadeOut(len(x) / 5).Normalize()
}

// burst is shaped, band-passed noise: centre, quality, attack and decay in seconds.
func burst(n, rate int, hz, q, attack, decay float64, r *exact.Rand) []float64 {
	x := sound.NewFilter(sound.BandPass, hz, q, rate).Apply(sound.Noise(n, r))
	return sound.Shape(x, rate, attack, decay)
}

// struck is a decaying sine whose pitch falls as the head relaxes.
func struck(n, rate int, hz0, hz1, fall, decay float64) []float64 {
	return sound.Shape(sound.Sweep(n, rate, hz0, hz1, fall), rate, 0.0008, decay)
}

// kick is a bass drum: a head that falls in pitch, the beater's knock, a little air.
func kick(hz, drop, decay, click float64, seed uint64) *sound.Wave {
	const rate = sound.Rate
	n := exact.Round(float64(rate) * (float64(decay*1.8) + 0.02))
	r := exact.NewRand(seed)
	x := struck(n, rate, hz*drop, hz, 0.022, decay)
	sound.Add(x, struck(n, rate, hz*drop*1.6, hz*1.6, 0.018, decay*0.4), 0.35, 0)
	sound.Drive(x, 1.6)
	sound.Add(x, burst(n/3, rate, 3600, 0.7, 0.0003, 0.006, r), 2.6*click, 0)
	sound.Add(x, burst(n/2, rate, 900, 0.6, 0.0006, 0.014, r), click*1.4, 0)
	return oneShot(rate, x)
}

// snare is two heads, and wires that the lower one sets rattling.
func snare(hz, body, wires, wireHz, decay float64, seed uint64) *sound.Wave {
	const rate = sound.Rate
	n := rate * 20 / 100
	r := exact.NewRand(seed)
	x := struck(n, rate, hz*1.5, hz, 0.012, 0.075)
	sound.Add(x, struck(n, rate, hz*2.4, hz*1.78, 0.012, 0.05), 0.6, 0)
	sound.Add(x, struck(n, rate, hz*3.1, hz*2.56, 0.01, 0.03), 0.35, 0)
	for i := range x {
		x[i] *= body
	}
	noise := sound.Noise(n, r)
	sound.NewFilter(sound.HighPass, 900, 0.6, rate).Apply(noise)
	hiss := append([]float64(nil), noise...)
	sound.NewFilter(sound.BandPass, wireHz, 0.5, rate).Apply(hiss)
	sound.Add(x, sound.Shape(hiss, rate, 0.0015, decay), wires*2, 0)
	sound.Add(x, sound.Shape(noise, rate, 0.0003, 0.008), wires*0.9, 0)
	return oneShot(rate, sound.Drive(x, 0.9))
}

// sideStick is the rim struck with the stick lying on the head.
func sideStick() *sound.Wave {
	const rate = sound.Rate
	n := rate * 14 / 100
	r := exact.NewRand(37)
	x := struck(n, rate, 1750, 1680, 0.01, 0.022)
	sound.Add(x, struck(n, rate, 560, 520, 0.01, 0.018), 0.45, 0)
	sound.Add(x, struck(n, rate, 2900, 2850, 0.01, 0.016), 0.7, 0)
	sound.Add(x, struck(n, rate, 4350, 4300, 0.01, 0.012), 0.4, 0)
	sound.Add(x, burst(n, rate, 4000, 0.6, 0.0003, 0.026, r), 0.35, 0) // the snares answer
	return oneShot(rate, sound.Add(x, burst(n, rate, 3500, 0.8, 0.0003, 0.005, r), 1.6, 0))
}

// clap is a few people clapping almost together, and the room.
func clap() *sound.Wave {
	const rate = sound.Rate
	n := rate * 17 / 100
	r := exact.NewRand(39)
	x := make([]float64, n)
	for i, at := range []float64{0, 0.009, 0.019, 0.028} {
		decay := 0.005
		if i == 3 {
			decay = 0.055
		}
		sound.Add(x, burst(n, rate, 1250+float64(90*float64(i)), 1.3, 0.0005, decay, r), 1, exact.Round(at*float64(rate)))
	}
	return oneShot(rate, x)
}

// tom is a tom-tom: the modes of a drum with two heads, falling in pitch as the stroke's tension
// goes, the stick, the air. What rings on is a loop.
func tom() *sound.Wave {
	const rate = sound.Rate
	loop, cycles := sound.Fit(rate, 98, 1300)
	a := sound.Additive{Rate: rate, Lead: 0.17, Loop: loop, Cycles: cycles, Scoop: 520, ScoopTime: 0.03}
	for _, m := range []mode{{1, 1, 0}, {1.51, 0.5, 9}, {2.12, 0.4, 14}, {2.66, 0.3, 22}, {3.4, 0.2, 30}} {
		a.Partials = append(a.Partials, sound.Partial{Cycles: exact.Round(m.ratio * float64(cycles)), Amp: m.amp, Fall: m.fall})
	}
	w := a.Render()
	w.Hertz = 0
	n := w.Loop
	r := exact.NewRand(41)
	w.Mix(burst(n, rate, 1500, 0.5, 0.0006, 0.011, r), 1.5, 0)
	w.Mix(burst(n, rate, 400, 0.5, 0.002, 0.04, r), 0.8, 0)
	return w.Center().FadeIn(4).Normalize()
}

// taiko is a big barrel drum: low, long, with the crack of the stick on a thick head.
func taiko() *sound.Wave {
	const rate = sound.Rate
	n := rate * 36 / 100
	r := exact.NewRand(117)
	x := struck(n, rate, 105, 66, 0.04, 0.24)
	sound.Add(x, struck(n, rate, 170, 108, 0.04, 0.15), 0.55, 0)
	sound.Add(x, struck(n, rate, 250, 176, 0.03, 0.09), 0.3, 0)
	sound.Add(x, burst(n/2, rate, 900, 0.5, 0.0008, 0.02, r), 1.1, 0)
	sound.Add(x, burst(n, rate, 220, 0.6, 0.002, 0.09, r), 0.8, 0)
	return oneShot(rate, sound.Drive(x, 1.2))
}

// synthDrum falls far, as analogue drum voices do.
func synthDrum() *sound.Wave {
	const rate = sound.Rate
	n := rate * 25 / 100
	r := exact.NewRand(119)
	x := struck(n, rate, 520, 96, 0.07, 0.17)
	sound.Add(x, burst(n/4, rate, 2500, 0.6, 0.0005, 0.012, r), 0.6, 0)
	return oneShot(rate, sound.Drive(x, 1.5))
}

// hand is a drum struck with the hand: bongo, conga, timbale. Ring is how long the head sounds,
// slap how much of the hand is heard, metal how much of a shell.
func hand(hz, ring, slap, slapHz, metal float64, seed uint64) *sound.Wave {
	const rate = sound.Rate
	n := exact.Round(float64(rate) * (float64(ring*2) + 0.02))
	r := exact.NewRand(seed)
	x := struck(n, rate, hz*1.12, hz, 0.012, ring)
	sound.Add(x, struck(n, rate, hz*1.7, hz*1.62, 0.01, ring*0.45), 0.35, 0)
	sound.Add(x, struck(n, rate, hz*2.4, hz*2.3, 0.01, ring*0.3), 0.22, 0)
	sound.Add(x, burst(n, rate, slapHz, 0.6, 0.0004, 0.009, r), 2*slap, 0)
	sound.Add(x, burst(n, rate, slapHz*2.4, 0.6, 0.0003, 0.014, r), 0.7*slap, 0) // skin on skin
	if metal > 0 {
		for _, ratio := range []float64{3.7, 5.3, 7.1, 9.4} {
			sound.Add(x, struck(n, rate, hz*ratio, hz*ratio, 1, ring*0.8), metal/ratio*3, 0)
		}
	}
	return oneShot(rate, x)
}

// cuica is a drum rubbed by a stick on its skin: a glissando of squeaks.
func cuica(from, to, seconds float64, seed uint64) *sound.Wave {
	const rate = sound.Rate
	n := exact.Round(seconds * float64(rate))
	r := exact.NewRand(seed)
	x := make([]float64, n)
	phase := 0.0
	for i := range x {
		at := float64(i) / float64(n)
		hump := exact.Sin(at / 2)
		phase += float64((from + float64((to-from)*hump)) / float64(rate) * (1 + float64(0.01*r.Bipolar())))
		v := exact.Sin(phase) + float64(0.25*exact.Sin(2*phase)) + float64(0.1*exact.Sin(3*phase))
		x[i] = v * hump
	}
	return oneShot(rate, x)
}
