package patch

import (
	"math"

	"github.com/mmlite/mmlite/tools/mmbank/internal/exact"
	"github.com/mmlite/mmlite/tools/mmbank/internal/sound"
)

func odd(h int) float64 { return float64(h % 2) }

// sawtooth is the falling spectrum of an analogue oscillator behind a low-pass.
func sawtooth(seed uint64, corner, slope float64, loop int, players ...float64) tone {
	return tone{loop: loop, lead: 0.02, seed: seed, players: players,
		amp: func(h int, f float64) float64 { return rolloff(f, corner, slope) / float64(h) }}
}

// opening adds a filter sweep to a tone: bright by a factor of sweep at the start, settling in time.
func opening(t tone, corner, slope, sweep, time float64) tone {
	t.lead = math.Max(t.lead, 2.6*time)
	t.boost = func(h int, f float64) float64 {
		return math.Min(30, rolloff(f, corner*sweep, slope)/rolloff(f, corner, slope)-1)
	}
	t.swell = func(int, float64) float64 { return time }
	return t
}

// leads are programs 81 to 88.
func leads() []Program {
	env := Envelope{Attack: 0.004, Release: 0.18}
	square := sawtooth(81, 3500, 8, 500)
	base := square.amp
	square.amp = func(h int, f float64) float64 { return base(h, f) * odd(h) }
	saw := sawtooth(82, 9000, 4, 2400, -6, 6)
	calliope := tone{lead: 0.08, loop: 1600, seed: 83, most: 8,
		amp:    func(h int, f float64) float64 { return exact.Pow(0.38, float64(h-1)) },
		rise:   func(h int, f float64) float64 { return 0.012 },
		breath: func(f float64) float64 { return 0.035 * shape(f, peak{2600, 9, 1}) },
		knock:  thump(2600, 0.8, 0.03, 0.4)}
	chiff := opening(sawtooth(84, 1300, 9, 900), 1300, 9, 5, 0.05)
	chiff.knock = thump(3000, 0.6, 0.03, 0.6)
	charang := sawtooth(85, 7000, 4, 600)
	charang.lead = 0.05
	fifths := sawtooth(87, 3000, 8, 3600, -5, 5)
	fifths.amp = func(h int, f float64) float64 {
		a := 0.0
		if h%2 == 0 {
			a += 1 / float64(h/2)
		}
		if h%3 == 0 {
			a += 0.8 / float64(h/3)
		}
		return a * rolloff(f, 3000, 8)
	}
	bassLead := opening(sawtooth(88, 1100, 10, 1500, -4, 4), 1100, 10, 4, 0.05)
	solo := func(name string, zones []Zone) Program {
		return Program{Name: name, Env: env, Zones: zones, Wheel: 35}
	}
	return []Program{
		solo("Square Lead", square.zones(40, 54, 68, 82)),
		solo("Saw Lead", saw.zones(46, 66)),
		solo("Calliope Lead", calliope.zones(62)),
		solo("Chiff Lead", chiff.zones(58)),
		solo("Charang", overdrive(charang, 6, 5200, 45, 62)),
		solo("Voice Lead", nil),
		solo("Fifths Lead", octaveDown(fifths, 56)),
		solo("Bass and Lead", bassLead.zones(38, 58)),
	}
}

// pads are programs 89 to 96.
func pads() []Program {
	slow := func(name string, attack, release float64, zones []Zone) Program {
		return Program{Name: name, Env: Envelope{Attack: attack, Release: release}, Zones: zones, Wheel: 20}
	}
	cloud := func(seed uint64, corner, slope float64, loop int, lead float64, players ...float64) tone {
		t := sawtooth(seed, corner, slope, loop, players...)
		t.random, t.lead = true, lead
		return t
	}
	newAge := cloud(89, 850, 8, 4400, 0.18, -6.5, 0, 6.5)
	newAge.knock = func(rate int, f0 float64, r *exact.Rand) []float64 {
		x := make([]float64, rate/3)
		for _, m := range []mode{{4, 0.8, 9}, {6.8, 0.4, 16}, {9.1, 0.2, 26}} {
			if f0*m.ratio < 9000 {
				s := sound.Sweep(len(x), rate, f0*m.ratio, f0*m.ratio, 1)
				sound.Add(x, sound.Shape(s, rate, 0.001, 1/m.fall), m.amp, 0)
			}
		}
		return x
	}
	warm := cloud(90, 300, 10, 7000, 0.03, -11, -4, 4, 11)
	poly := cloud(91, 1000, 9, 4200, 0.03, -8.5, 0, 8.5)
	space := tone{lead: 0.03, loop: 5400, seed: 92, players: []float64{-8.5, 0, 8.5}, random: true,
		amp: func(h int, f float64) float64 { return rolloff(f, 250, 9) * shape(f, vowel(400, 1100, 2800)...) },
		breath: func(f float64) float64 {
			return 0.006 * shape(f, vowel(400, 1100, 2800)...)
		}}
	bowedGlass := cloud(93, 900, 6, 5400, 0.03, -6.5, 0, 6.5)
	bowedGlass.amp = func(h int, f float64) float64 {
		return [...]float64{0.15, 1, 0.2, 0.5, 0.1, 0.35, 0.1}[h%7] * rolloff(f, 420, 10)
	}
	metal := cloud(94, 1900, 6, 5400, 0.03, -11.5, 0, 11.5)
	metal.amp = func(h int, f float64) float64 {
		return [...]float64{0.3, 1, 0.25, 0.15, 0.6, 0.1, 0.2, 0.7, 0.15, 0.1, 0.5}[h%11] * rolloff(f, 560, 9)
	}
	halo := space
	halo.seed, halo.loop = 95, 5400
	halo.amp = func(h int, f float64) float64 {
		return rolloff(f, 330, 9) * (shape(f, vowel(450, 850, 2600)...) + float64(0.6*odd(h)))
	}
	// A resonance rises through the harmonics in the lead-in: each comes later than the one below
	// and stands out for a moment.
	sweep := cloud(96, 1000, 8, 4400, 0.36, -7.5, 7.5)
	sweep.rise = func(h int, f float64) float64 { return 0.03 + float64(0.05*math.Sqrt(float64(h))) }
	sweep.boost = func(h int, f float64) float64 { return 2.2 }
	sweep.swell = func(h int, f float64) float64 { return 0.08 + float64(0.05*math.Sqrt(float64(h))) }
	return []Program{
		{Name: "New Age Pad", Env: Envelope{Attack: 0.005, Release: 1.6}, Zones: newAge.zones(57), Wheel: 20},
		slow("Warm Pad", 0.35, 1.8, warm.zones(46, 65)),
		slow("Polysynth Pad", 0.02, 0.8, poly.zones(46, 65)),
		slow("Space Voice Pad", 0.35, 1.6, space.zones(54)),
		slow("Bowed Glass Pad", 0.5, 1.8, bowedGlass.zones(57)),
		slow("Metal Pad", 0.2, 1.8, metal.zones(55)),
		slow("Halo Pad", 0.5, 2, halo.zones(54)),
		{Name: "Sweep Pad", Env: Envelope{Attack: 0.25, Release: 2}, Zones: sweep.zones(48), Wheel: 20},
	}
}
