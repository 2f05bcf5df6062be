package patch

import (
	"math"

	"github.com/mmlite/mmlite/tools/mmbank/internal/exact"
	"github.com/mmlite/mmlite/tools/mmbank/internal/sound"
)

// bell modes for synthetic effects: bright, not quite harmonic, slow to die.
var glassModes = []mode{{1, 1, 0}, {2.004, 0.4, 0.3}, {2.99, 0.35, 0.8}, {4.21, 0.45, 1.4}, {5.43, 0.3, 2.5}, {6.8, 0.3, 4}, {9.2, 0.2, 8}}

// fx are programs 97 to 104.
func fx() []Program {
	rain := ringing(sound.Rate, 0.18, 2200, 97, func(rate int, f0 float64, r *exact.Rand) []float64 {
		x := make([]float64, rate*3/10)
		for range 14 {
			f := f0 * [...]float64{2, 3, 4, 5, 6, 8}[int(r.Unit()*6)]
			if f < 9000 {
				s := sound.Sweep(rate/8, rate, f, f, 1)
				sound.Add(x, sound.Shape(s, rate, 0.001, 0.02), 0.4, int(r.Unit()*r.Unit()*float64(len(x))))
			}
		}
		return x
	}, []mode{{1, 0.7, 0}, {1.003, 0.5, 0}, {2.004, 0.5, 0}, {3.01, 0.4, 0.5}, {5.02, 0.35, 1}, {8.1, 0.2, 3}}, 60)
	track := sawtooth(98, 700, 8, 6400, -7.5, 0, 7.5)
	track.random = true
	base := track.amp
	track.amp = func(h int, f float64) float64 {
		if h%3 == 0 {
			return 1.6 * base(h, f)
		}
		return base(h, f)
	}
	crystal := ringing(sound.Rate, 0.15, 2200, 99, thump(6000, 0.8, 0.004, 0.3),
		append([]mode{{1.003, 0.5, 0.2}}, glassModes...), 67)
	nylon := pluck{lead: 0.12, loop: 2800, position: 0.2, bright: 600, slope: 8, damp: 0.4, loss: 2.5,
		click: 0.15, clickHz: 900, players: []float64{-5, 5}, tail: 0.6, seed: 100, low: 60}
	bright := opening(sawtooth(101, 2600, 6, 3600, -6.5, 6.5), 2600, 6, 2, 0.07)
	goblin := sawtooth(102, 900, 6, 4400, -15, 0, 15)
	goblin.random, goblin.lead = true, 0.24
	goblin.amp = func(h int, f float64) float64 {
		return rolloff(f, 160, 10) * shape(f, peak{420, 6, 0.4}, peak{2200, 6, 0.4})
	}
	goblin.rise = func(h int, f float64) float64 { return 0.03 + float64(0.04*float64(h%7)) }
	goblin.scoop, goblin.scoopTime = -120, 0.2
	scifi := tone{lead: 0.14, loop: 2800, seed: 104, players: []float64{-9, 9}, random: true,
		amp: func(h int, f float64) float64 {
			return rolloff(f, 420, 8) * [...]float64{0.1, 1, 0.1, 0.7, 0.1, 0.6, 0.1, 0.5, 0.1}[h%9]
		},
		rise: func(h int, f float64) float64 { return 0.01 + float64(0.02*float64(h)) }}
	return []Program{
		{Name: "Rain", Env: Envelope{Decay: 16, Sustain: -96, Release: 3}, Zones: rain, Wheel: 20},
		{Name: "Soundtrack", Env: Envelope{Attack: 0.5, Release: 2}, Zones: track.zones(54), Wheel: 20},
		{Name: "Crystal", Env: Envelope{Decay: 9, Sustain: -96, Release: 4}, KeyDecay: -1000, Zones: crystal},
		{Name: "Atmosphere", Env: Envelope{Decay: 18, Sustain: -30, Release: 2.5}, Zones: nylon.zones(48, 66)},
		{Name: "Brightness", Env: Envelope{Attack: 0.01, Decay: 40, Sustain: -30, Release: 1.6}, Zones: bright.zones(55)},
		{Name: "Goblins", Env: Envelope{Attack: 0.2, Release: 2.5}, Zones: goblin.zones(50), Hertz: 3, Vibrato: 12},
		{Name: "Echoes", Env: Envelope{Attack: 0.01, Decay: 16, Sustain: -96, Release: 3}, Hertz: 3.4, Tremolo: 11},
		{Name: "Sci-fi", Env: Envelope{Attack: 0.02, Decay: 30, Sustain: -20, Release: 2}, Zones: scifi.zones(56), Hertz: 6, Vibrato: 14},
	}
}

// ethnic are programs 105 to 112.
func ethnic() []Program {
	env := func(decay, release float64) Envelope { return Envelope{Decay: decay, Sustain: -96, Release: release} }
	// The curved bridge of a sitar feeds the high partials for as long as the string sounds: they
	// grow after the pluck and die slowly.
	sitar := tone{lead: 0.19, loop: 1100, seed: 105, scoop: 30, scoopTime: 0.06,
		amp: func(h int, f float64) float64 {
			return (0.3 + math.Abs(exact.Sin(0.07*float64(h)))) / exact.Pow(float64(h), 0.15) * rolloff(f, 4500, 8) *
				shape(f, peak{350, 3, 0.5}, peak{1900, 5, 0.6})
		},
		boost: func(h int, f float64) float64 { return math.Max(-0.8, 0.8-float64(0.16*float64(h))) },
		swell: func(h int, f float64) float64 { return 0.12 },
		fall:  func(h int, f float64) float64 { return 0.3 + f/2500 },
		knock: thump(2200, 0.8, 0.008, 0.6)}
	banjo := pluck{lead: 0.12, loop: 600, position: 0.08, bright: 1800, slope: 6, damp: 3, loss: 3,
		body: []peak{{320, 4, 0.4}, {900, 4, 0.5}, {2800, 4, 0.5}}, click: 0.4, clickHz: 1500, seed: 106, low: 160}
	shamisen := pluck{lead: 0.15, loop: 600, position: 0.06, bright: 1700, slope: 7, damp: 4, loss: 3,
		body: []peak{{650, 6, 0.4}, {2000, 3, 0.5}}, click: 0.8, clickHz: 800, seed: 107, low: 180}
	koto := pluck{lead: 0.17, loop: 600, position: 0.09, bright: 1500, slope: 7, damp: 0.7, loss: 2.2,
		body: []peak{{300, 3, 0.5}, {1700, 4, 0.6}}, click: 0.3, clickHz: 2000, tail: 0.25, seed: 108, low: 90}
	kalimba := ringing(sound.Rate, 0.12, 600, 109, thump(900, 0.8, 0.008, 0.4),
		[]mode{{1, 1, 0}, {2, 0.1, 3}, {5.9, 0.5, 14}, {10.4, 0.3, 30}}, 62)
	chanter := tone{lead: 0.04, loop: 1600, seed: 110, random: true,
		amp: func(h int, f float64) float64 {
			return rolloff(f, 3200, 9) / exact.Pow(float64(h), 0.3) * shape(f, peak{1100, 6, 0.5}, peak{2500, 5, 0.4})
		}}
	// Chanter and, two octaves below it, drone: both in one loop.
	drone := spread(func(root int) *sound.Wave {
		low := chanter
		low.seed = 1100
		low.amp = func(h int, f float64) float64 {
			if h%4 == 0 {
				return chanter.amp(h/4, f)
			}
			return 0.35 * rolloff(f, 900, 8)
		}
		w := low.at(root - 24)
		w.Hertz *= 4
		return w
	}, 62)
	shanai := tone{lead: 0.1, loop: 800, seed: 112, scoop: -60, scoopTime: 0.05,
		amp: func(h int, f float64) float64 {
			return rolloff(f, 3000, 8) / exact.Pow(float64(h), 0.2) * shape(f, peak{1300, 9, 0.4}, peak{3200, 6, 0.4}, peak{450, -5, 0.5})
		},
		rise:   func(h int, f float64) float64 { return 0.008 + float64(0.002*float64(h)) },
		breath: func(f float64) float64 { return 0.005 * shape(f, peak{2600, 9, 1}) }}
	return []Program{
		{Name: "Sitar", Env: env(11, 1.2), KeyDecay: -1500, Zones: sitar.zones(48, 64), Filter: dying(1100, 4)},
		{Name: "Banjo", Env: env(5, 0.6), KeyDecay: -1500, Zones: banjo.zones(52, 67), Filter: dying(900, 1)},
		{Name: "Shamisen", Env: env(4.5, 0.6), KeyDecay: -1500, Zones: shamisen.zones(57), Filter: dying(800, 1)},
		{Name: "Koto", Env: env(8, 1.6), KeyDecay: -1800, Zones: koto.zones(50, 66), Filter: dying(650, 1.8)},
		{Name: "Kalimba", Trim: -1.5, Env: env(4, 2), KeyDecay: -1500, Zones: kalimba},
		{Name: "Bagpipe", Trim: 2.5, Env: Envelope{Attack: 0.03, Release: 0.2}, Zones: drone, Wheel: 10},
		{Name: "Fiddle", Env: Envelope{Attack: 0.012, Release: 0.2}, Test: 69,
			Vibrato: 10, Onset: 0.25, Wheel: 30},
		{Name: "Shanai", Env: Envelope{Attack: 0.02, Release: 0.15}, Zones: shanai.zones(64), Test: 69,
			Vibrato: 8, Onset: 0.25, Wheel: 30},
	}
}

// percussive are programs 113 to 120. Two of them play drums of the kit.
func percussive(kit []Drum) []Program {
	env := func(decay, release float64) Envelope { return Envelope{Decay: decay, Sustain: -96, Release: release} }
	tinkle := ringing(sound.Bright, 0.08, 1500, 113, thump(7000, 0.8, 0.003, 0.3), []mode{
		{1, 1, 0}, {2.32, 0.5, 2}, {4.25, 0.4, 8}, {6.63, 0.3, 16}, {9.38, 0.15, 30}}, 72)
	agogo := ringing(sound.Rate, 0.14, 1200, 114, thump(2500, 0.7, 0.005, 0.4), []mode{
		{2, 0.8, 2}, {4.5, 0.5, 3}, {7.7, 1, 4}, {8.9, 0.6, 6}, {12.9, 0.3, 10}}, 60)
	// A note of a steel pan: octave and twelfth are tuned, and swell as the fundamental feeds them.
	pan := tone{lead: 0.18, loop: 900, seed: 115, most: 9,
		amp: func(h int, f float64) float64 {
			return [...]float64{0, 1, 0.8, 0.12, 0.3, 0.1, 0.1, 0.06, 0.08, 0.03}[h]
		},
		boost: func(h int, f float64) float64 { return [...]float64{0, 0.2, -0.7, -0.3, 1, 2, 3, 4, 4, 4}[h] },
		swell: func(h int, f float64) float64 { return 0.03 + 0.04/float64(h) },
		fall:  func(h int, f float64) float64 { return float64(h) },
		knock: thump(1600, 0.7, 0.006, 0.4)}
	oneShot := func(name string, w *sound.Wave, root int) Program {
		return Program{Name: name, Env: Envelope{Release: 8}, Zones: []Zone{{Low: 0, High: 127, Root: root, Wave: w}}}
	}
	return []Program{
		{Name: "Tinkle Bell", Env: env(4, 3), KeyDecay: -800, Zones: tinkle, Test: 76},
		{Name: "Agogo", Env: env(2.6, 2), KeyDecay: -800, Zones: agogo, Test: 67},
		{Name: "Steel Drums", Env: env(6, 2), KeyDecay: -1200, Zones: pan.zones(55, 70), Test: 65},
		oneShot("Woodblock", kit[76-35].Wave, 60),
		oneShot("Taiko Drum", taiko(), 48),
		{Name: "Melodic Tom", Env: Envelope{Decay: 2.8, Sustain: -96, Release: 2.8},
			Zones: []Zone{{Low: 0, High: 127, Root: 53, Wave: kit[45-35].Wave}}},
		oneShot("Synth Drum", synthDrum(), 55),
		oneShot("Reverse Cymbal", reverseCymbal(), 60),
	}
}

// effects are programs 121 to 128.
func effects() []Program {
	unpitched := func(name string, env Envelope, w *sound.Wave) Program {
		return Program{Name: name, Env: env, Zones: []Zone{{Low: 0, High: 127, Root: 60, Wave: w}}}
	}
	once := Envelope{Release: 8}
	sea := unpitched("Seashore", Envelope{Attack: 1.6, Release: 5}, surf())
	sea.Tremolo, sea.Hertz = 9, 0.14
	rotor := unpitched("Helicopter", Envelope{Attack: 0.3, Release: 1.6}, helicopter())
	rotor.Trim = -4
	sea.Trim = 2
	return []Program{
		unpitched("Fret Noise", once, fretNoise()),
		unpitched("Breath Noise", Envelope{Attack: 0.05, Decay: 3, Sustain: -96, Release: 1}, breathNoise()),
		sea,
		unpitched("Bird Tweet", Envelope{Release: 1}, bird()),
		unpitched("Telephone", Envelope{Release: 0.6}, telephone()),
		rotor,
		unpitched("Applause", Envelope{Attack: 0.3, Release: 2.4}, applause()),
		unpitched("Gunshot", once, gunshot()),
	}
}
