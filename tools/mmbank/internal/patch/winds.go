package patch

import (
	"math"

	"github.com/mmlite/mmlite/tools/mmbank/internal/exact"
)

// blown is a brass instrument: bright in proportion to how hard it is blown, so the high harmonics
// come late, overshoot and settle.
func blown(seed uint64, bright, slope float64, body []peak, speak float64) tone {
	return tone{lead: 0.105, loop: 500, seed: seed, scoop: -30, scoopTime: 0.025,
		amp: func(h int, f float64) float64 {
			return rolloff(f, bright*1.1, slope+2) / exact.Pow(float64(h), 0.25) * shape(f, body...)
		},
		rise:   func(h int, f float64) float64 { return speak * (0.5 + float64(0.22*float64(h))) },
		boost:  func(h int, f float64) float64 { return math.Min(0.9, 0.1*float64(h)) },
		swell:  func(h int, f float64) float64 { return 0.09 },
		breath: func(f float64) float64 { return 0.012 * shape(f, peak{1800, 8, 1.2}) }}
}

// brass are programs 57 to 64.
func brass() []Program {
	part := func(name string, zones []Zone, test int) Program {
		return Program{Name: name, Zones: zones, Test: test, Env: Envelope{Attack: 0.02, Release: 0.25},
			Vibrato: 4, Onset: 0.4, Wheel: 30, Filter: Filter{Hertz: 1100, Velocity: 4300, Key: 55}}
	}
	trumpet := blown(57, 1900, 11, []peak{{1250, 5, 0.5}, {2600, 3, 0.5}}, 0.012)
	trombone := blown(58, 850, 10, []peak{{550, 5, 0.5}, {1500, 3, 0.5}}, 0.016)
	tuba := blown(59, 200, 12, []peak{{200, 4, 0.6}}, 0.02)
	mute := blown(60, 2000, 10, []peak{{500, -4, 0.6}, {1700, 8, 0.35}, {3100, 5, 0.4}}, 0.01)
	horn := blown(61, 480, 11, []peak{{380, 4, 0.5}, {900, 1, 0.4}}, 0.022)
	all := blown(62, 2400, 10, []peak{{900, 3, 0.6}, {2000, 3, 0.6}}, 0.014)
	all.players, all.loop, all.random = []float64{-8.5, 0, 8.5}, 2600, true
	saws := func(seed uint64, bright, overshoot float64) tone {
		return tone{lead: 0.13, loop: 2800, seed: seed, players: []float64{-7.5, 0, 7.5},
			amp:   func(h int, f float64) float64 { return rolloff(f, bright, 9) / exact.Pow(float64(h), 0.7) },
			rise:  func(h int, f float64) float64 { return 0.004 + float64(0.0022*float64(h)) },
			boost: func(h int, f float64) float64 { return math.Min(overshoot, 0.12*float64(h)) },
			swell: func(int, float64) float64 { return 0.1 }}
	}
	low := part("Tuba", tuba.zones(34), 41)
	low.Trim = -3.5
	low.Filter = Filter{Hertz: 450, Velocity: 2900, Key: 55}
	section := part("Brass Section", all.zones(46, 62), 62)
	section.Vibrato = 0
	return []Program{
		part("Trumpet", trumpet.zones(55, 65, 76), 67),
		part("Trombone", trombone.zones(42, 56), 55),
		low,
		part("Muted Trumpet", mute.zones(57, 72), 67),
		part("French Horn", horn.zones(43, 58), 55),
		section,
		{Name: "Synth Brass 1", Env: Envelope{Attack: 0.01, Release: 0.3}, Zones: saws(63, 950, 2.2).zones(48), Wheel: 25},
		{Name: "Synth Brass 2", Env: Envelope{Attack: 0.04, Release: 0.5}, Zones: saws(64, 560, 1).zones(50), Wheel: 25},
	}
}

// reeds are programs 65 to 72.
func reeds() []Program {
	part := func(name string, zones []Zone, test int) Program {
		return Program{Name: name, Zones: zones, Test: test, Env: Envelope{Attack: 0.025, Release: 0.2},
			Vibrato: 6, Onset: 0.3, Hertz: 5.2, Tremolo: 0.4, Wheel: 30, Filter: Filter{Hertz: 1400, Velocity: 4000, Key: 50}}
	}
	sax := func(seed uint64, bright float64, body ...peak) tone {
		return tone{lead: 0.085, loop: 900, seed: seed, scoop: -40, scoopTime: 0.03,
			amp: func(h int, f float64) float64 {
				return rolloff(f, bright*1.15, 11) / exact.Pow(float64(h), 0.45) * shape(f, body...)
			},
			rise:   func(h int, f float64) float64 { return 0.01 + float64(0.003*float64(h)) },
			boost:  func(h int, f float64) float64 { return 0.5 },
			swell:  func(int, float64) float64 { return 0.06 },
			breath: func(f float64) float64 { return 0.03 * shape(f, peak{2400, 9, 1}) }}
	}
	soprano := sax(65, 1900, peak{1100, 5, 0.4}, peak{2700, 4, 0.4}, peak{1700, -4, 0.3})
	alto := sax(66, 1350, peak{750, 5, 0.4}, peak{1900, 5, 0.4}, peak{1250, -4, 0.3}, peak{3500, 3, 0.4})
	tenor := sax(67, 950, peak{500, 5, 0.4}, peak{1450, 5, 0.4}, peak{900, -3, 0.3}, peak{3000, 3, 0.4})
	baritone := sax(68, 700, peak{330, 4, 0.4}, peak{1100, 5, 0.4}, peak{2500, 3, 0.4})
	double := func(seed uint64, bright float64, body ...peak) tone {
		t := sax(seed, bright, body...)
		t.scoop, t.boost, t.loop = -15, nil, 800
		t.breath = func(f float64) float64 { return 0.015 * shape(f, peak{2400, 9, 1}) }
		return t
	}
	oboe := double(69, 1900, peak{1100, 8, 0.4}, peak{2800, 6, 0.35}, peak{400, -5, 0.6})
	english := double(70, 1300, peak{850, 7, 0.4}, peak{2100, 6, 0.35}, peak{330, -4, 0.6})
	bassoon := double(71, 430, peak{450, 9, 0.4}, peak{1150, 5, 0.35}, peak{150, -4, 0.6})
	// A cylinder closed at one end: hardly any even harmonics below the cut-off of its holes.
	clarinet := double(72, 1900, peak{1500, 3, 0.5}, peak{3000, 3, 0.5})
	base := clarinet.amp
	clarinet.amp = func(h int, f float64) float64 {
		a := base(h, f)
		if h%2 == 0 {
			a *= math.Min(0.7, 0.05+f/5000)
		}
		return a
	}
	programs := []Program{
		part("Soprano Sax", soprano.zones(58, 72), 69),
		part("Alto Sax", alto.zones(49, 59, 70), 62),
		part("Tenor Sax", tenor.zones(44, 54, 65), 57),
		part("Baritone Sax", baritone.zones(40, 54), 50),
		part("Oboe", oboe.zones(60, 74), 71),
		part("English Horn", english.zones(54, 68), 64),
		part("Bassoon", bassoon.zones(38, 54), 48),
		part("Clarinet", clarinet.zones(52, 65, 78), 65),
	}
	programs[6].Filter = Filter{Hertz: 700, Velocity: 2800, Key: 50}
	programs[7].Vibrato = 0
	return programs
}

// pipes are programs 73 to 80: flutes, a bottle, whistles.
func pipes() []Program {
	flute := func(seed uint64, second, third, air, airHz float64, chiff float64) tone {
		t := tone{lead: 0.075, loop: 1800, seed: seed, scoop: -20, scoopTime: 0.03,
			amp: func(h int, f float64) float64 {
				switch h {
				case 1:
					return 1
				case 2:
					return second
				case 3:
					return third
				}
				return third * exact.Pow(0.42, float64(h-3))
			},
			most:   9,
			rise:   func(h int, f float64) float64 { return 0.016 + float64(0.006*float64(h)) },
			breath: func(f float64) float64 { return air * shape(f, peak{airHz, 9, 1}) * rolloff(f, 6000, 8) }}
		if chiff > 0 {
			t.knock = thump(airHz, 0.9, 0.03, chiff)
		}
		return t
	}
	part := func(name string, zones []Zone, vibrato, tremolo float64) Program {
		return Program{Name: name, Zones: zones, Test: 72, Env: Envelope{Attack: 0.035, Release: 0.2},
			Vibrato: vibrato, Tremolo: tremolo, Onset: 0.25, Hertz: 5, Wheel: 30}
	}
	piccolo := flute(73, 0.35, 0.12, 0.012, 3500, 0.15)
	concert := flute(74, 0.45, 0.22, 0.018, 2400, 0.2)
	recorder := flute(75, 0.1, 0.28, 0.012, 2600, 0.3)
	pan := flute(76, 0.08, 0.16, 0.05, 1800, 0.7)
	bottle := flute(77, 0.05, 0.03, 0.06, 900, 0.35)
	shakuhachi := flute(78, 0.5, 0.3, 0.03, 2200, 0.6)
	shakuhachi.scoop, shakuhachi.scoopTime = -90, 0.06
	whistle := flute(79, 0.03, 0.01, 0.02, 2400, 0.05)
	ocarina := flute(80, 0.06, 0.05, 0.012, 1800, 0.12)
	programs := []Program{
		part("Piccolo", piccolo.zones(77), 6, 1),
		part("Flute", concert.zones(62, 78), 7, 1.4),
		part("Recorder", recorder.zones(67), 3, 0.6),
		part("Pan Flute", pan.zones(66), 5, 1),
		part("Blown Bottle", bottle.zones(65), 4, 0.8),
		part("Shakuhachi", shakuhachi.zones(65), 14, 1.5),
		part("Whistle", whistle.zones(74), 10, 0.5),
		part("Ocarina", ocarina.zones(68), 6, 0.5),
	}
	for i, trim := range []float64{0.5, 1, 1, 2, 2, 1.5, 1, 1} {
		programs[i].Trim = trim
	}
	return programs
}
