package patch

import (
	"math"

	"github.com/mmlite/mmlite/tools/mmbank/internal/exact"
	"github.com/mmlite/mmlite/tools/mmbank/internal/sound"
)

// piano is a struck string of a grand: felt hammer at an eighth of the length, stiff steel,
// soundboard that radiates little below 90 Hz, two-stage decay.
func piano(lead float64, loop int, bright, slope float64, players []float64, seed uint64, roots ...int) []Zone {
	home := middle(roots)
	return spread(func(root int) *sound.Wave {
		t := tone{lead: lead, loop: loop, seed: seed, players: players, tail: 0.35,
			stiff: 0.00025 * exact.Exp2(float64(root-48)/14), home: home}
		t.amp = func(h int, f float64) float64 {
			comb := math.Abs(exact.Sin(float64(h) / 16))
			x := 75 / f
			return (0.55 + float64(0.45*comb)) * rolloff(f, bright, slope) *
				shape(f, peak{180, 2, 0.7}, peak{1100, 1.5, 0.5}, peak{3000, 2, 0.6}) / (1 + float64(x*x))
		}
		t.fall = func(h int, f float64) float64 { return 0.3 + float64(2.4*exact.Pow(f/1000, 0.9)) }
		t.knock = thump(320, 0.6, 0.018, 0.55*math.Min(1.6, exact.Exp2(float64(root-60)/24)))
		return t.at(root)
	}, roots...)
}

// pianos are programs 1 to 8.
func pianos() []Program {
	env := Envelope{Decay: 12, Sustain: -96, Release: 1.1}
	grand := Program{Name: "Grand Piano", Env: env, KeyDecay: -3400,
		Zones:  piano(0.4, 1900, 400, 9.5, nil, 1, 34, 46, 58, 70, 84),
		Filter: Filter{Hertz: 560, Velocity: 2900, Key: 55, Strike: 3600, Fall: 2.6}}
	bright := Program{Name: "Bright Piano", Env: env, KeyDecay: -3400, Zones: grand.Zones, Filter: dying(1300, 5)}
	electric := Program{Name: "Electric Grand", Env: Envelope{Decay: 12, Sustain: -96, Release: 0.9}, KeyDecay: -3000,
		Zones: piano(0.18, 1800, 900, 8, []float64{-4, 4}, 3, 42, 62), Filter: dying(650, 3)}
	honky := Program{Name: "Honky-tonk", Env: Envelope{Decay: 12, Sustain: -96, Release: 0.9}, KeyDecay: -3000,
		Zones: piano(0.12, 3600, 700, 7.5, []float64{-13, 13}, 4, 44, 64), Filter: dying(650, 3)}

	tines := Program{Name: "Electric Piano 1", Trim: -1, Env: Envelope{Decay: 13, Sustain: -96, Release: 1}, KeyDecay: -2400,
		Zones: fm(sound.Rate, 0.22, 400, []sound.Operator{
			{Carrier: 1, Modulator: 1, Amp: 0.8, Index: 0.35, Strike: 0.9, StrikeTime: 0.2},
			{Carrier: 1, Modulator: 2, Amp: 0.25, Index: 0.3, Strike: 0.5, StrikeTime: 0.25},
			{Carrier: 7, Modulator: 1, Amp: 0.012, Boost: 12, BoostTime: 0.06, Index: 0.2},
		}, 42, 58, 74),
		Tremolo: 0.6, Hertz: 4.5, Filter: Filter{Hertz: 1400, Velocity: 4600, Key: 50}}
	digital := Program{Name: "Electric Piano 2", Trim: -1, Env: Envelope{Decay: 12, Sustain: -96, Release: 1.1}, KeyDecay: -2400,
		Zones: fm(sound.Rate, 0.2, 1400, []sound.Operator{
			{Carrier: 1, Modulator: 1, Amp: 0.5, Index: 0.5, Strike: 0.8, StrikeTime: 0.3},
			{Carrier: 1.004, Modulator: 1, Amp: 0.35, Index: 0.4, Strike: 0.6, StrikeTime: 0.3},
			{Carrier: 1, Modulator: 14, Amp: 0.3, Index: 0.1, Strike: 0.9, StrikeTime: 0.16},
		}, 48, 66),
		Filter: Filter{Hertz: 1800, Velocity: 4400, Key: 50}}

	quill := pluck{lead: 0.18, loop: 800, position: 0.13, bright: 2600, slope: 6, damp: 0.6, loss: 1.2, stiff: 0.00003,
		body: []peak{{400, 3, 0.6}, {2200, 4, 0.8}}, click: 0.16, clickHz: 3500, tail: 0.3, seed: 7, low: 120}
	harpsichord := Program{Name: "Harpsichord", Env: Envelope{Decay: 9, Sustain: -96, Release: 0.5}, KeyDecay: -2600,
		Zones: quill.zones(44, 62), Filter: Filter{Hertz: 2000, Velocity: 900, Key: 55, Strike: 3200, Fall: 2.2}}
	tangent := pluck{lead: 0.17, loop: 600, position: 0.22, bright: 1600, slope: 7, damp: 0.8, loss: 2,
		body: []peak{{800, 4, 0.7}, {2600, 5, 0.6}}, click: 0.14, clickHz: 1800, tail: 0.3, seed: 8, low: 90}
	clavinet := Program{Name: "Clavinet", Env: Envelope{Decay: 7, Sustain: -96, Release: 0.25}, KeyDecay: -2000,
		Zones: tangent.zones(42, 60), Filter: dying(700, 1.6)}
	return []Program{grand, bright, electric, honky, tines, digital, harpsichord, clavinet}
}

// chromatic are programs 9 to 16: bars, bells and strings that are struck. The tube of a tubular bell
// has modes near 2, 3 and 4 times the pitch that is heard, which itself is hardly there.
func chromatic() []Program {
	bar := func(decay, release float64) Envelope { return Envelope{Decay: decay, Sustain: -96, Release: release} }
	celesta := Program{Name: "Celesta", Env: bar(6, 1.2), KeyDecay: -1800, Test: 72,
		Zones: ringing(sound.Rate, 0.09, 600, 9, thump(2400, 0.7, 0.008, 0.25), []mode{
			{1, 1, 0}, {2, 0.12, 4}, {3, 0.1, 6}, {4, 0.32, 5}, {6.8, 0.16, 20}, {9.1, 0.08, 40}}, 62, 82)}
	glockenspiel := Program{Name: "Glockenspiel", Env: bar(5, 2.5), KeyDecay: -1800, Test: 84,
		Zones: ringing(sound.Bright, 0.08, 900, 10, thump(5200, 0.7, 0.004, 0.3), []mode{
			{1, 0.5, 0}, {2.76, 0.4, 3}, {5.4, 1, 4}, {8.93, 0.6, 9}, {11.2, 0.2, 16}}, 78)}
	box := Program{Name: "Music Box", Env: bar(7, 3), KeyDecay: -1800, Test: 76,
		Zones: ringing(sound.Rate, 0.13, 900, 11, thump(3800, 0.8, 0.006, 0.22), []mode{
			{1, 1, 0.5}, {2, 0.3, 2}, {3, 0.1, 4}, {6.27, 0.35, 14}, {11.2, 0.12, 40}}, 70)}
	vibes := Program{Name: "Vibraphone", Env: bar(14, 1.4), KeyDecay: -1800, Test: 65, Tremolo: 2.2, Hertz: 5.4,
		Zones: ringing(sound.Rate, 0.12, 600, 12, thump(900, 0.7, 0.006, 0.14), []mode{
			{1, 1, 0}, {4, 0.22, 7}, {10, 0.1, 30}, {2, 0.03, 1}}, 55, 72)}
	marimba := Program{Name: "Marimba", Env: bar(2.6, 2.2), KeyDecay: -1500, Test: 60,
		Zones: ringing(sound.Rate, 0.09, 400, 13, thump(420, 0.7, 0.012, 0.45), []mode{
			{1, 1, 0}, {4, 0.4, 16}, {9.9, 0.25, 40}, {16.5, 0.1, 70}}, 46, 64)}
	xylophone := Program{Name: "Xylophone", Trim: -3, Env: bar(1.3, 1.3), KeyDecay: -900, Test: 72,
		Zones: ringing(sound.Rate, 0.08, 400, 14, thump(2200, 0.7, 0.005, 0.6), []mode{
			{1, 0.8, 5}, {3, 0.6, 5}, {5.8, 0.8, 8}, {8.5, 0.5, 12}, {11.6, 0.4, 18}}, 64, 82)}
	tubular := Program{Name: "Tubular Bells", Trim: 3, Env: bar(12, 5), KeyDecay: -1200, Test: 65,
		Zones: ringing(sound.Rate, 0.2, 3600, 15, thump(1800, 0.6, 0.01, 0.3), []mode{
			{0.62, 0.08, 0}, {1, 0.1, 0}, {1.23, 0.16, 0}, {2, 0.7, 0}, {2.95, 0.75, 0.4}, {4.03, 1, 0.8}, {4.05, 0.4, 1},
			{5.2, 0.6, 1.6}, {6.45, 0.35, 3}, {7.8, 0.25, 5}, {9.2, 0.15, 9}, {10.8, 0.1, 16}}, 60)}
	dulcimer := pluck{lead: 0.13, loop: 1500, position: 0.1, bright: 1200, slope: 7.5, damp: 0.6, loss: 1.6, stiff: 0.00004,
		body: []peak{{300, 3, 0.6}, {1400, 3, 0.6}}, click: 0.3, clickHz: 1600, players: []float64{-5, 5}, tail: 0.3, seed: 16, low: 130}
	return []Program{celesta, glockenspiel, box, vibes, marimba, xylophone, tubular,
		{Name: "Dulcimer", Env: bar(8, 2.5), KeyDecay: -2000, Zones: dulcimer.zones(52, 70), Filter: dying(700, 2)}}
}
