package patch

import (
	"github.com/mmlite/mmlite/tools/mmbank/internal/exact"
	"github.com/mmlite/mmlite/tools/mmbank/internal/sound"
)

// overdrive sends a tone through a soft limiter. Power chords and single notes alike get the odd
// harmonics and the even level of a driven amplifier; a speaker cabinet ends at 5 kHz. The tone's
// loop stays closed: the limiter has no memory, and the cabinet's filters are run over the loop
// until they repeat. All of it runs at four times the rate, so that what the limiter adds does not
// fold back.
func overdrive(t tone, amount, speaker float64, roots ...int) []Zone {
	t.home = middle(roots)
	return spread(func(root int) *sound.Wave {
		t.over = 4
		w := t.at(root)
		sound.Drive(w.Data, amount)
		w.Through(sound.NewFilter(sound.LowPass, speaker, 0.8, w.Rate), sound.NewFilter(sound.HighPass, 90, 0.7, w.Rate))
		return w.Decimate(4).Center().Normalize()
	}, roots...)
}

// guitars are programs 25 to 32.
func guitars() []Program {
	env := func(decay, release float64) Envelope { return Envelope{Decay: decay, Sustain: -96, Release: release} }
	nylon := pluck{lead: 0.17, loop: 600, position: 0.2, bright: 650, slope: 7, damp: 0.4, loss: 3.5,
		body: []peak{{105, 3, 0.3}, {210, 4, 0.4}, {420, 2, 0.4}, {1900, 3, 0.7}}, click: 0.24, clickHz: 700, tail: 0.25, seed: 25, low: 70}
	steel := pluck{lead: 0.17, loop: 600, position: 0.14, bright: 1500, slope: 6.5, damp: 0.4, loss: 1.8, stiff: 0.00003,
		body: []peak{{110, 3, 0.3}, {230, 3, 0.4}, {2600, 5, 0.8}}, click: 0.2, clickHz: 2600, tail: 0.3, seed: 26, low: 80}
	jazz := pluck{lead: 0.17, loop: 500, position: 0.3, bright: 1000, slope: 8, damp: 0.3, loss: 3,
		body: []peak{{300, 3, 0.7}}, click: 0.12, clickHz: 500, tail: 0.3, seed: 27, low: 60}
	clean := pluck{lead: 0.15, loop: 1100, position: 0.18, bright: 2400, slope: 6.5, damp: 0.3, loss: 1.4, stiff: 0.00002,
		body: []peak{{2200, 4, 0.6}, {500, -2, 0.5}}, click: 0.12, clickHz: 2200, players: []float64{-2, 2}, tail: 0.3, seed: 28, low: 70}
	muted := pluck{lead: 0.14, loop: 400, position: 0.12, bright: 900, slope: 8, damp: 6, loss: 10,
		body: []peak{{350, 4, 0.6}, {1800, 3, 0.6}}, click: 0.3, clickHz: 900, seed: 29, low: 70}

	driven := func(seed uint64, even float64) tone {
		return tone{lead: 0.12, loop: 500, seed: seed, amp: func(h int, f float64) float64 {
			a := rolloff(f, 2000, 7) / exact.Pow(float64(h), 0.35) * shape(f, peak{2600, 5, 0.8})
			if h%2 == 0 {
				a *= even
			}
			return a
		}, fall: func(h int, f float64) float64 { return 0.6 + f/2500 }, knock: thump(1500, 0.7, 0.006, 0.3)}
	}
	harmonics := pluck{lead: 0.16, loop: 600, position: 0.5, bright: 2400, slope: 9, damp: 0.2, loss: 1.5,
		body: []peak{{2200, 3, 0.7}}, click: 0.12, clickHz: 2500, tail: 0.3, seed: 32, low: 100}

	return []Program{
		{Name: "Nylon Guitar", Env: env(7, 0.7), KeyDecay: -2400, Zones: nylon.zones(43, 56, 70),
			Filter: dying(480, 1.6)},
		{Name: "Steel Guitar", Env: env(9, 0.7), KeyDecay: -2400, Zones: steel.zones(43, 56, 70),
			Filter: dying(750, 2.4)},
		{Name: "Jazz Guitar", Env: env(9, 0.5), KeyDecay: -2000, Zones: jazz.zones(44, 62), Filter: dying(800, 2)},
		{Name: "Clean Guitar", Env: env(12, 0.5), KeyDecay: -2000, Zones: clean.zones(44, 62),
			Filter: dying(1500, 3)},
		{Name: "Muted Guitar", Env: env(2.4, 0.5), KeyDecay: -1200, Zones: muted.zones(44, 62)},
		{Name: "Overdriven Guitar", Trim: 1.5, Env: env(22, 0.35), Zones: overdrive(driven(30, 0.8), 5, 5200, 43, 58), Wheel: 45},
		{Name: "Distortion Guitar", Trim: 2.5, Env: Envelope{Decay: 30, Sustain: -10, Release: 0.35},
			Zones: overdrive(driven(31, 0.5), 14, 5600, 43, 58), Wheel: 45},
		{Name: "Guitar Harmonics", Trim: 2, Env: env(9, 0.8), KeyDecay: -1500, Zones: harmonics.zones(62), Test: 67},
	}
}

// basses are programs 33 to 40.
func basses() []Program {
	env := func(decay, release float64) Envelope { return Envelope{Decay: decay, Sustain: -96, Release: release} }
	upright := pluck{lead: 0.2, loop: 700, position: 0.24, bright: 280, slope: 8.5, damp: 0.9, loss: 6,
		body: []peak{{100, 3, 0.5}, {240, 3, 0.4}, {700, 3, 0.5}}, click: 0.24, clickHz: 420, tail: 0.2, seed: 33}
	finger := pluck{lead: 0.18, loop: 700, position: 0.2, bright: 420, slope: 9, damp: 0.5, loss: 4,
		body: []peak{{900, 4, 0.6}}, click: 0.12, clickHz: 700, tail: 0.25, seed: 34}
	pick := pluck{lead: 0.18, loop: 700, position: 0.1, bright: 700, slope: 8, damp: 0.5, loss: 3,
		body: []peak{{1500, 5, 0.6}}, click: 0.24, clickHz: 1900, tail: 0.25, seed: 35}
	fretless := tone{lead: 0.18, loop: 600, seed: 36, scoop: -45, scoopTime: 0.05,
		amp:  func(h int, f float64) float64 { return rolloff(f, 190, 11) * shape(f, peak{600, 4, 0.5}) },
		rise: func(h int, f float64) float64 { return 0.006 + float64(0.003*float64(h)) },
		fall: func(h int, f float64) float64 { return f / 600 }}
	slap := pluck{lead: 0.15, loop: 700, position: 0.07, bright: 700, slope: 8, damp: 0.6, loss: 3,
		body: []peak{{600, -3, 0.5}, {2600, 5, 0.7}}, click: 0.6, clickHz: 2600, tail: 0.35, seed: 37}

	saw := func(seed uint64, corner, sweep, time float64, players []float64) tone {
		return tone{lead: 0.16, loop: 700, seed: seed, players: players,
			amp: func(h int, f float64) float64 { return rolloff(f, corner, 14) / float64(h) },
			boost: func(h int, f float64) float64 {
				return rolloff(f, corner*sweep, 14)/rolloff(f, corner, 14) - 1
			},
			swell: func(int, float64) float64 { return time }}
	}
	square := tone{lead: 0.14, loop: 600, seed: 40,
		amp: func(h int, f float64) float64 {
			if h%2 == 0 {
				return 0.25 / float64(h) * rolloff(f, 500, 12)
			}
			return rolloff(f, 500, 12) / float64(h)
		},
		boost: func(h int, f float64) float64 { return rolloff(f, 2600, 12)/rolloff(f, 500, 12) - 1 },
		swell: func(int, float64) float64 { return 0.05 }}
	programs := []Program{
		{Name: "Acoustic Bass", Env: env(10, 0.5), KeyDecay: -1200, Zones: upright.zones(30, 43)},
		{Name: "Finger Bass", Env: env(17, 0.35), KeyDecay: -1200, Zones: finger.zones(30, 43)},
		{Name: "Pick Bass", Env: env(16, 0.35), KeyDecay: -1200, Zones: pick.zones(30, 43)},
		{Name: "Fretless Bass", Trim: -2, Env: env(22, 0.4), KeyDecay: -1200, Zones: fretless.zones(31, 46), Vibrato: 6, Onset: 0.4},
		{Name: "Slap Bass 1", Trim: -1.5, Env: env(11, 0.3), KeyDecay: -1200, Zones: slap.zones(30, 43)},
		{Name: "Slap Bass 2", Env: env(11, 0.3), KeyDecay: -1200, Filter: Filter{Hertz: 300, Velocity: 3400, Key: 40, Strike: 2400, Fall: 0.9}},
		{Name: "Synth Bass 1", Env: env(24, 0.25), Zones: saw(39, 520, 6, 0.08, nil).zones(32, 46)},
		{Name: "Synth Bass 2", Env: env(26, 0.25), Zones: square.zones(36)},
	}
	programs[5].Zones = programs[4].Zones
	for i := range programs {
		programs[i].Test = 40
		if i < 5 {
			programs[i].Filter = Filter{Hertz: 420, Velocity: 2900, Key: 40, Strike: 3000, Fall: 1.6}
		}
	}
	return programs
}
