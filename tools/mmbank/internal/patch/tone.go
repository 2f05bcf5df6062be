package patch

import (
	"math"

	"github.com/mmlite/mmlite/tools/mmbank/internal/exact"
	"github.com/mmlite/mmlite/tools/mmbank/internal/sound"
)

// of is a value that depends on the number of a harmonic and its frequency.
type of func(h int, f float64) float64

// A tone is a recipe for an additive wave at any pitch.
type tone struct {
	// rate is that of the samples; 0 is the lowest of rates that loses nothing audible.
	rate int
	// over renders at a multiple of the rate, for tones that will be distorted; 0 is 1.
	over int
	// lead is the lead-in in seconds, loop the least length of the loop in samples at sound.Rate.
	lead float64
	loop int
	// amp gives a harmonic's level; most is how many there are at most (0: up to the limit).
	amp  of
	most int
	// stiff is the inharmonicity of a stiff string: partial h lies at h*sqrt(1+stiff*h*h).
	stiff float64
	// rise, fall and boost give sound.Partial's fields; nil is 0. swell is the boost's time.
	rise, fall, boost, swell of
	// players are detunings in cents, in pairs about zero: every harmonic sounds once for each.
	players []float64
	// tail splits each partial in two: this part of it does not have the fall.
	tail float64
	// random phases for everything but the lowest harmonics of one player; else harmonics start
	// together and phases spread so as to keep the crest low.
	random bool
	seed   uint64
	// home is the middle of the zones' roots, in hertz. A wave carries its formants along when it
	// is played off its root; so that neighbouring zones meet half way, formants follow the root
	// with half the distance from home. 0 leaves them where they are.
	home float64
	// breath is noise in lead-in and loop, as a function of frequency.
	breath func(f float64) float64
	// scoop is the cents off pitch of the start, scoopTime its time constant.
	scoop, scoopTime float64
	// knock is mixed into the lead-in: the sound of the hammer, finger, bow or tongue.
	knock func(rate int, f0 float64, r *exact.Rand) []float64
	// reach is the highest frequency the knock needs, in hertz.
	reach float64
}

// at renders the tone at a key.
func (t tone) at(key int) *sound.Wave {
	hz := exact.Hertz(float64(key))
	if t.rate == 0 {
		t.rate = t.enough(hz)
	}
	loop, cycles := sound.Fit(t.rate, hz, t.loop*t.rate/sound.Rate)
	over := max(1, t.over)
	a := sound.Additive{Rate: t.rate * over, Lead: t.lead, Loop: loop * over, Cycles: cycles,
		Scoop: t.scoop, ScoopTime: t.scoopTime}
	r := exact.NewRand(t.seed*131 + uint64(key))
	players := t.players
	if players == nil {
		players = []float64{0}
	}
	limit := 0.44 * float64(t.rate)
	f0 := float64(cycles) * float64(t.rate) / float64(loop)
	for h := 1; t.most == 0 || h <= t.most; h++ {
		stretch := float64(h) * math.Sqrt(1+float64(t.stiff*float64(h)*float64(h)))
		f := f0 * stretch
		if f > limit {
			break
		}
		color := f * t.follow(hz)
		amp := t.amp(h, color)
		if f > 0.36*float64(t.rate) {
			amp *= (limit - f) / float64(0.08*float64(t.rate))
		}
		uneven := 1 + float64(0.25*r.Bipolar())
		center, spreads := r.Unit(), make([]float64, len(players))
		for i := range spreads {
			spreads[i] = r.Unit()
		}
		for i, cents := range players {
			off := detuned(float64(cycles)*stretch, cents)
			p := sound.Partial{Amp: amp,
				Cycles: exact.Round(float64(cycles)*stretch) + off,
				Phase:  -0.5 * float64(h) * float64(h-1) / 24,
				Rise:   value(t.rise, h, f), Fall: value(t.fall, h, f),
				Boost: value(t.boost, h, color), BoostTime: value(t.swell, h, f)}
			if p.BoostTime == 0 {
				p.BoostTime = 0.05
			}
			if t.random || len(players) > 1 {
				// Two players as far above the pitch as below make it waver, not swell, if the
				// sum of their phases is half a turn past twice the pitch's own.
				p.Phase = center
				if theta := spreads[min(i, len(players)-1-i)]; off < 0 {
					p.Phase += 0.5 - theta
				} else if off > 0 {
					p.Phase += theta
				}
				p.Amp *= uneven
			}
			if t.tail > 0 && p.Fall > 0 {
				q := p
				q.Amp *= t.tail
				q.Fall = 0.15 * p.Fall
				p.Amp *= 1 - t.tail
				a.Partials = append(a.Partials, q)
			}
			a.Partials = append(a.Partials, p)
		}
	}
	if t.breath != nil {
		a.Partials = append(a.Partials, hiss(loop, t.rate, func(f float64) float64 {
			// Noise close to the low harmonics would make the pitch waver; at the top it would
			// hiss.
			x := f / (float64(4*f0) + 600)
			return t.breath(f) * rolloff(f, 3600, 9) * x * x / (1 + float64(x*x))
		}, r)...)
	}
	w := a.Render()
	if t.knock != nil {
		w.Mix(t.knock(a.Rate, f0, r), 1, 0)
	}
	return w.Center().FadeIn(12).Normalize()
}

// follow is the factor from a frequency in the wave to the one at which formants are read.
func (t tone) follow(hz float64) float64 {
	if t.home == 0 {
		return 1
	}
	return math.Sqrt(t.home / hz)
}

// zones renders the tone for a set of roots.
func (t tone) zones(roots ...int) []Zone {
	t.home = middle(roots)
	return spread(t.at, roots...)
}

// middle is the geometric mean of the pitches of some keys, in hertz.
func middle(roots []int) float64 {
	sum := 0
	for _, r := range roots {
		sum += r
	}
	return exact.Hertz(float64(sum) / float64(len(roots)))
}

// enough returns the lowest rate that holds every harmonic within 41 dB of the strongest, and the
// knock; breath is content with 16 kHz.
func (t tone) enough(hz float64) int {
	strongest, level := 0.0, [64]float64{}
	const band = 200 // hertz
	for h := 1; float64(h)*hz < 64*band && (t.most == 0 || h <= t.most); h++ {
		f := float64(h) * hz
		color := f * t.follow(hz)
		a := t.amp(h, color) * (1 + math.Max(0, value(t.boost, h, color)))
		strongest = math.Max(strongest, a)
		level[int(f/band)] = math.Max(level[int(f/band)], a)
	}
	highest := t.reach
	for i, a := range level {
		if a > strongest*0.009 {
			highest = math.Max(highest, float64(i+1)*band)
		}
	}
	switch {
	case highest < 0.4*11025 && t.breath == nil:
		return 11025
	case highest < 0.4*16000:
		return 16000
	}
	return sound.Rate
}

// detuned returns by how many cycles in a loop a number of cents moves a partial: as far up as down,
// so that players detuned in pairs leave the pitch where it is.
func detuned(cycles, cents float64) int {
	if cents < 0 {
		return -detuned(cycles, -cents)
	}
	return exact.Round(cycles * (exact.Exp2(cents/1200) - 1))
}

func value(g of, h int, f float64) float64 {
	if g == nil {
		return 0
	}
	return g(h, f)
}

// hiss is noise as partials at every frequency the loop can hold; level is the amplitude of a sine of
// the power that 100 Hz of the noise have.
func hiss(loop, rate int, level func(f float64) float64, r *exact.Rand) []sound.Partial {
	var ps []sound.Partial
	for c := 1; 2*c < loop; c++ {
		f := float64(c) * float64(rate) / float64(loop)
		if f > 0.44*float64(rate) {
			break
		}
		g := level(f) * r.Gauss() * math.Sqrt(float64(rate)/float64(loop)/100)
		if math.Abs(g) < 1e-5 {
			continue
		}
		ps = append(ps, sound.Partial{Cycles: c, Amp: g, Phase: r.Unit(), Rise: 0.02})
	}
	return ps
}

// modes is a tone of free modes: ratio to the fundamental, level, decay in nepers a second beyond
// the envelope's.
type mode struct{ ratio, amp, fall float64 }

// ring renders modes at a key. They snap to the loop's grid, which must be fine enough.
func ring(key int, rate int, lead float64, loop int, seed uint64, modes ...mode) *sound.Wave {
	hz := exact.Hertz(float64(key))
	n, cycles := sound.Fit(rate, hz, loop)
	a := sound.Additive{Rate: rate, Lead: lead, Loop: n, Cycles: cycles}
	r := exact.NewRand(seed*977 + uint64(key))
	for _, m := range modes {
		a.Partials = append(a.Partials, sound.Partial{Cycles: exact.Round(m.ratio * float64(cycles)),
			Amp: m.amp, Fall: m.fall, Phase: 0.25 * r.Unit()})
	}
	return a.Render()
}

// thump is a knock of filtered noise: band centre, quality, decay in seconds, level.
func thump(hz, q, decay, level float64) func(int, float64, *exact.Rand) []float64 {
	return func(rate int, _ float64, r *exact.Rand) []float64 {
		x := sound.Noise(exact.Round(decay*6*float64(rate)), r)
		sound.NewFilter(sound.BandPass, hz, q, rate).Apply(x)
		sound.Shape(x, rate, 0.001, decay)
		for i := range x {
			x[i] *= level
		}
		return x
	}
}
