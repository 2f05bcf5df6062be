package patch

import (
	"math"

	"github.com/mmlite/mmlite/tools/mmbank/internal/exact"
	"github.com/mmlite/mmlite/tools/mmbank/internal/sound"
)

// A pluck is a string set going by finger, pick, quill or hammer: an ideal string's partials,
// combed by where it is struck, dulled by how softly, damped as Karplus and Strong's loop damps
// them (losses grow with the square of frequency), coloured by a body.
type pluck struct {
	rate     int
	lead     float64
	loop     int
	position float64 // of the string's length
	bright   float64 // hertz at which the excitation starts to fall
	slope    float64 // decibels per octave above that
	damp     float64 // nepers per second, all partials
	loss     float64 // further nepers per second at 1 kHz; grows with f^1.3
	stiff    float64
	body     []peak
	click    float64 // level of the attack's noise
	clickHz  float64
	players  []float64
	tail     float64
	seed     uint64
	low      float64 // hertz below which the body radiates little
}

func (p pluck) tone() tone {
	t := tone{rate: p.rate, lead: p.lead, loop: p.loop, stiff: p.stiff, players: p.players,
		tail: p.tail, seed: p.seed}
	t.amp = func(h int, f float64) float64 {
		comb := math.Abs(exact.Sin(0.5 * float64(h) * p.position))
		a := (0.12 + comb) / math.Sqrt(float64(h)) * rolloff(f, p.bright, p.slope) * shape(f, p.body...)
		if p.low > 0 {
			x := p.low / f
			a /= 1 + float64(x*x)
		}
		return a
	}
	t.fall = func(h int, f float64) float64 {
		return p.damp + float64(p.loss*exact.Pow(f/1000, 1.3))
	}
	if p.click > 0 {
		t.knock, t.reach = thump(p.clickHz, 0.8, 0.006, p.click*4), 1.7*p.clickHz
	}
	return t
}

// zones renders the pluck for a set of roots.
func (p pluck) zones(roots ...int) []Zone { return p.tone().zones(roots...) }

// fm makes zones of an FM voice.
func fm(rate int, lead float64, loop int, ops []sound.Operator, roots ...int) []Zone {
	return spread(func(root int) *sound.Wave {
		n, cycles := sound.Fit(rate, exact.Hertz(float64(root)), loop)
		return sound.FM(rate, lead, n, cycles, ops).Center().FadeIn(8).Normalize()
	}, roots...)
}

// ringing makes zones of free modes with a knock in front.
func ringing(rate int, lead float64, loop int, seed uint64, knock func(int, float64, *exact.Rand) []float64,
	modes []mode, roots ...int) []Zone {
	return spread(func(root int) *sound.Wave {
		w := ring(root, rate, lead, loop, seed, modes...)
		if knock != nil {
			w.Mix(knock(rate, w.Hertz, exact.NewRand(seed+uint64(root))), 1, 0)
		}
		return w.Center().FadeIn(6).Normalize()
	}, roots...)
}
