package patch

import (
	"math"

	"github.com/mmlite/mmlite/tools/mmbank/internal/exact"
	"github.com/mmlite/mmlite/tools/mmbank/internal/sound"
)

// bowed is a solo string instrument: the sawtooth of a bowed string through the resonances of a
// body, high harmonics speaking later than low ones, rosin in the noise.
func bowed(seed uint64, body []peak, bright, speak float64) tone {
	return tone{lead: 0.09, loop: 1100, seed: seed, scoop: -18, scoopTime: 0.035,
		amp: func(h int, f float64) float64 {
			// Two coprime ripples stand for the dense modes above a kilohertz, so that
			// neighbouring harmonics differ as they do in wood.
			ripple := 1 + float64(0.35*exact.Sin(f/410)) + float64(0.3*exact.Sin(f/173))
			return rolloff(f, bright*1.1, 10) / exact.Pow(float64(h), 0.85) * shape(f, body...) * math.Max(0.2, ripple)
		},
		rise:   func(h int, f float64) float64 { return speak + float64(0.0045*float64(h)) },
		breath: func(f float64) float64 { return 0.02 * bright / 3000 * shape(f, peak{3200, 8, 1.2}) },
		random: true}
}

// section is an ensemble: several players, each a little off the others.
func section(seed uint64, loop int, players []float64, bright, slope float64, body []peak) tone {
	return tone{lead: 0.03, loop: loop, seed: seed, players: players, random: true,
		amp: func(h int, f float64) float64 {
			return rolloff(f, bright, slope) / exact.Pow(float64(h), 0.8) * shape(f, body...)
		},
		breath: func(f float64) float64 { return 0.03 * shape(f, peak{3000, 8, 1.2}) }}
}

// solostrings are programs 41 to 48.
func solostrings() []Program {
	solo := func(name string, zones []Zone, test int) Program {
		return Program{Name: name, Zones: zones, Test: test, Env: Envelope{Attack: 0.045, Release: 0.35},
			Vibrato: 9, Hertz: 5.6, Onset: 0.25, Tremolo: 0.5, Wheel: 30, Filter: Filter{Hertz: 2200, Velocity: 3600, Key: 60}}
	}
	violin := bowed(41, []peak{{280, 4, 0.3}, {480, 5, 0.3}, {1000, 2, 0.4}, {2600, 6, 0.5}, {1500, -4, 0.3}}, 3000, 0.025)
	viola := bowed(42, []peak{{220, 4, 0.3}, {380, 5, 0.3}, {800, 2, 0.4}, {1800, 4, 0.5}}, 1700, 0.03)
	cello := bowed(43, []peak{{110, 3, 0.3}, {200, 5, 0.3}, {420, 3, 0.4}, {1400, 4, 0.5}}, 950, 0.035)
	bass := bowed(44, []peak{{65, 3, 0.4}, {110, 5, 0.3}, {300, 3, 0.4}, {900, 3, 0.5}}, 520, 0.04)
	pizz := pluck{lead: 0.12, loop: 600, position: 0.25, bright: 450, slope: 8, damp: 4, loss: 6,
		body: []peak{{250, 4, 0.4}, {500, 4, 0.4}, {1200, 3, 0.5}}, click: 0.3, clickHz: 600, players: []float64{-6, 0, 6}, seed: 46}
	harp := pluck{lead: 0.17, loop: 600, position: 0.36, bright: 400, slope: 9, damp: 0.3, loss: 3,
		body: []peak{{220, 3, 0.5}, {900, 2, 0.6}}, click: 0.14, clickHz: 600, tail: 0.25, seed: 47, low: 50}
	// The modes that a kettle's air loading pulls toward a harmonic series: 1, 1.5, 2, 2.44, 2.9.
	timpani := ringing(sound.Rate, 0.22, 1200, 48, func(rate int, f0 float64, r *exact.Rand) []float64 {
		return sound.Add(thump(180, 0.6, 0.02, 1.2)(rate, f0, r), thump(900, 0.6, 0.012, 1.2)(rate, f0, r), 1, 0)
	}, []mode{
		{1, 1, 0}, {1.5, 0.75, 0.6}, {1.99, 0.4, 1.2}, {2.44, 0.25, 2.5}, {2.9, 0.16, 4}, {0.85, 0.3, 12},
		{3.6, 0.25, 6}, {4.5, 0.2, 9}, {6.1, 0.14, 14}}, 43)
	programs := []Program{
		solo("Violin", violin.zones(57, 68, 80), 69),
		solo("Viola", viola.zones(50, 64), 62),
		solo("Cello", cello.zones(38, 52), 50),
		solo("Contrabass", bass.zones(35), 40),
		{Name: "Tremolo Strings", Env: Envelope{Attack: 0.08, Release: 0.5}, Tremolo: 9, Hertz: 7.5, Vibrato: 6, Wheel: 20},
		{Name: "Pizzicato", Env: Envelope{Decay: 2.6, Sustain: -96, Release: 1.6}, KeyDecay: -1500, Zones: pizz.zones(40, 56, 72)},
		{Name: "Harp", Env: Envelope{Decay: 10, Sustain: -96, Release: 3}, KeyDecay: -2400, Zones: harp.zones(40, 56, 73),
			Filter: dying(420, 2)},
		{Name: "Timpani", Env: Envelope{Decay: 7, Sustain: -96, Release: 3}, Zones: timpani, Test: 45},
	}
	programs[3].Trim = -2
	return programs
}

// vowel makes the formants of a sung vowel.
func vowel(f1, f2, f3 float64) []peak {
	return []peak{{f1, 17, 0.32}, {f2, 15, 0.24}, {f3, 11, 0.22}, {3500, 7, 0.3}, {190, 4, 0.8}}
}

// ensembles are programs 49 to 56.
func ensembles() []Program {
	wood := []peak{{300, 3, 0.5}, {600, 2, 0.5}, {2500, 4, 0.7}}
	players := []float64{-12, -7, -2.5, 2.5, 7, 12}
	strings := section(49, 5200, players, 3300, 9, wood).zones(42, 57, 72)
	warm := section(50, 5600, []float64{-9, -4.5, 0, 4.5, 9}, 2200, 8.5, wood)
	slow := warm.zones(45, 62)
	machine := section(51, 4400, []float64{-13.5, 0, 13.5}, 3000, 8, []peak{{2000, 3, 1}}).zones(42, 60)

	choir := func(seed uint64, bright float64, formants []peak, players []float64, air float64) tone {
		return tone{lead: 0.03, loop: 5200, seed: seed, players: players, random: true,
			amp:    func(h int, f float64) float64 { return rolloff(f, bright, 9) * shape(f, formants...) },
			breath: func(f float64) float64 { return air * shape(f, formants...) * rolloff(f, 3500, 6) }}
	}
	aah := choir(53, 330, vowel(750, 1180, 2700), []float64{-12, -6, 0, 6, 12}, 0.012).zones(45, 57, 69)
	ooh := choir(54, 200, vowel(330, 640, 2500), []float64{-11, -4, 4, 11}, 0.01).zones(47, 63)
	synth := choir(55, 260, vowel(360, 700, 2500), []float64{-7.5, 7.5}, 0.01).zones(54)

	return []Program{
		{Name: "Strings", Env: Envelope{Attack: 0.09, Release: 1}, Zones: strings, Wheel: 20,
			Filter: Filter{Hertz: 1800, Velocity: 3600, Key: 50}},
		{Name: "Slow Strings", Env: Envelope{Attack: 0.3, Release: 1.6}, Zones: slow, Wheel: 20,
			Filter: Filter{Hertz: 1800, Velocity: 3600, Key: 50}},
		{Name: "Synth Strings 1", Env: Envelope{Attack: 0.06, Release: 0.8}, Zones: machine, Wheel: 20},
		{Name: "Synth Strings 2", Env: Envelope{Attack: 0.18, Release: 1.2}, Zones: slow, Wheel: 20},
		{Name: "Choir Aahs", Env: Envelope{Attack: 0.1, Release: 0.7}, Zones: aah, Vibrato: 6, Onset: 0.3, Hertz: 5},
		{Name: "Voice Oohs", Env: Envelope{Attack: 0.1, Release: 0.6}, Zones: ooh, Vibrato: 6, Onset: 0.3, Hertz: 5},
		{Name: "Synth Voice", Env: Envelope{Attack: 0.05, Release: 0.5}, Zones: synth, Vibrato: 8, Onset: 0.2},
		{Name: "Orchestra Hit", Env: Envelope{Decay: 3.2, Sustain: -96, Release: 2}, Zones: spread(orchestraHit, 53)},
	}
}

// orchestraHit is everybody at once: octaves and fifths of strings and brass, drum, cymbal.
func orchestraHit(root int) *sound.Wave {
	t := section(56, 2000, []float64{-8.5, 0, 8.5}, 1700, 6, nil)
	t.lead, t.breath = 0.24, nil
	base := t.amp
	t.amp = func(h int, f float64) float64 { return base(h, f) * [...]float64{1, 1, 0.9}[h%3] }
	t.fall = func(h int, f float64) float64 { return 1 + f/800 }
	t.knock = func(rate int, f0 float64, r *exact.Rand) []float64 {
		x := make([]float64, rate/2)
		sound.Add(x, sound.Shape(sound.Sweep(rate/3, rate, 140, 60, 0.05), rate, 0.002, 0.09), 5, 0)
		n := sound.NewFilter(sound.BandPass, 3500, 0.5, rate).Apply(sound.Noise(rate/3, r))
		return sound.Add(x, sound.Shape(n, rate, 0.001, 0.06), 4, 0)
	}
	return t.at(root)
}
