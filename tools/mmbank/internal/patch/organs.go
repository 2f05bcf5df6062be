package patch

import (
	"github.com/mmlite/mmlite/tools/mmbank/internal/exact"
	"github.com/mmlite/mmlite/tools/mmbank/internal/sound"
)

// drawbars is a tonewheel organ: levels of the nine drawbars, 0 to 8, and how many cents the rotor
// spreads them.
func drawbars(levels string, click, spreadCents float64, loop int, seed uint64) tone {
	ratios := [...]int{1, 3, 2, 4, 6, 8, 10, 12, 16}
	// The 16' bar sounds an octave below the key, so its cycles count in halves; the wave is built
	// an octave down and the zones' roots put it back.
	amps := map[int]float64{}
	for i, c := range levels {
		if c > '0' {
			amps[ratios[i]] += exact.Gain(3 * float64(c-'8'))
		}
	}
	t := tone{loop: loop, lead: 0.06, most: 16, seed: seed,
		amp: func(h int, f float64) float64 { return amps[h] * rolloff(f, 5000, 6) }}
	if spreadCents > 0 {
		t.players = []float64{-spreadCents, 0, spreadCents}
	}
	if click > 0 {
		t.knock = thump(2500, 0.5, 0.004, click)
	}
	return t
}

// octaveDown renders a tone an octave below its key, for sounds with a sub-octave.
func octaveDown(t tone, roots ...int) []Zone {
	t.home = middle(roots) / 2
	zones := spread(func(root int) *sound.Wave { return t.at(root - 12) }, roots...)
	for i := range zones {
		zones[i].Wave.Hertz *= 2
	}
	return zones
}

// organs are programs 17 to 24.
func organs() []Program {
	env := Envelope{Attack: 0.004, Release: 0.12}
	drawbar := Program{Name: "Drawbar Organ", Env: env, Hertz: 6.3, Wheel: 25, Tremolo: 0.5, Vibrato: 2,
		Zones: octaveDown(drawbars("888300004", 0.2, 0, 400, 17), 48, 62, 77)}
	percussive := drawbars("008600000", 0.35, 0, 400, 18)
	percussive.lead = 0.14
	percussive.boost = func(h int, f float64) float64 {
		if h == 6 || h == 4 {
			return 2.2
		}
		return 0
	}
	percussive.swell = func(int, float64) float64 { return 0.09 }
	base := percussive.amp
	percussive.amp = func(h int, f float64) float64 {
		if h == 6 {
			return 0.25
		}
		return base(h, f)
	}
	percussion := Program{Name: "Percussive Organ", Env: env, Hertz: 6.3, Wheel: 25, Vibrato: 2,
		Zones: octaveDown(percussive, 48, 66)}
	rock := Program{Name: "Rock Organ", Env: env, Hertz: 6.6, Wheel: 30, Tremolo: 1, Vibrato: 5,
		Zones: octaveDown(drawbars("888655445", 0.25, 5, 3000, 19), 48, 67)}

	// Principals at 8', 4', 2 2/3', 2' and a mixture; each rank slightly off the next.
	pipes := tone{lead: 0.08, loop: 3600, players: []float64{-2.5, 0, 2.5}, seed: 20, most: 24,
		amp: func(h int, f float64) float64 {
			a := 0.0
			for rank, level := range ranks {
				if level > 0 && h%(rank+1) == 0 {
					n := float64(h / (rank + 1))
					a += level / exact.Pow(n, 1.3)
				}
			}
			return a * rolloff(f, 5200, 8)
		},
		rise:   func(h int, f float64) float64 { return 0.02 + 0.05/float64(h) },
		breath: func(f float64) float64 { return 0.006 * shape(f, peak{2500, 8, 1}) },
		knock:  thump(1800, 0.7, 0.02, 0.08)}
	church := Program{Name: "Church Organ", Env: Envelope{Attack: 0.03, Release: 1.4}, Zones: octaveDown(pipes, 44, 62), Wheel: 15}

	reedAmp := func(bright float64) of {
		return func(h int, f float64) float64 {
			return 1 / float64(h) * rolloff(f, bright, 8) * shape(f, peak{520, 4, 0.5}, peak{1500, 4, 0.5}, peak{3000, 3, 0.5})
		}
	}
	reed := tone{lead: 0.06, loop: 500, amp: reedAmp(1700), seed: 21, rise: func(h int, f float64) float64 { return 0.015 + float64(0.002*float64(h)) }}
	harmonium := Program{Name: "Reed Organ", Env: Envelope{Attack: 0.06, Release: 0.35}, Zones: reed.zones(44, 62), Wheel: 15}
	musette := reed
	musette.amp, musette.players, musette.loop, musette.seed = reedAmp(3000), []float64{-8, 8}, 3000, 22
	accordion := Program{Name: "Accordion", Env: Envelope{Attack: 0.05, Release: 0.25}, Zones: musette.zones(50, 68), Wheel: 20}
	tango := musette
	tango.amp, tango.players, tango.seed = reedAmp(2300), []float64{-3, 3}, 24
	bandoneon := Program{Name: "Tango Accordion", Env: Envelope{Attack: 0.04, Release: 0.22}, Zones: tango.zones(52), Wheel: 20}

	// A free reed behind cupped hands: odd harmonics lead, a little breath, a bend into the note.
	mouth := tone{lead: 0.1, loop: 1100, seed: 23, scoop: -35, scoopTime: 0.04,
		amp: func(h int, f float64) float64 {
			a := rolloff(f, 2400, 9) * shape(f, peak{900, 5, 0.5}, peak{2400, 6, 0.4}, peak{4200, 4, 0.4})
			if h%2 == 0 {
				a *= 0.55
			}
			return a / exact.Pow(float64(h), 0.7)
		},
		rise:   func(h int, f float64) float64 { return 0.02 + float64(0.003*float64(h)) },
		breath: func(f float64) float64 { return 0.012 * shape(f, peak{2600, 10, 1}) }}
	harmonica := Program{Name: "Harmonica", Env: Envelope{Attack: 0.03, Release: 0.2}, Zones: mouth.zones(58, 72),
		Vibrato: 8, Onset: 0.35, Tremolo: 0.8, Wheel: 35}
	return []Program{drawbar, percussion, rock, church, harmonium, accordion, harmonica, bandoneon}
}

// ranks are the levels of the ranks of a principal chorus, by their harmonic of the 16' pitch.
var ranks = [...]float64{0.25, 1, 0, 0.7, 0, 0.4, 0, 0.5, 0, 0, 0, 0.3, 0, 0, 0, 0.32}
