package sound

import (
	"math"

	"github.com/mmlite/mmlite/tools/mmbank/internal/exact"
)

// A Partial is one sine wave of an additive sound.
type Partial struct {
	// Cycles is the whole number of cycles the partial makes in a loop.
	Cycles int
	// Amp is its amplitude at the start (before Rise), Phase where it starts, in turns.
	Amp, Phase float64
	// Rise is the time constant, in seconds, of its approach to Amp; 0 starts at full level.
	Rise float64
	// Delay holds the partial back, in seconds.
	Delay float64
	// Fall is how fast it decays at the start, in nepers a second, on top of what the volume
	// envelope does; the rate eases to zero at the loop.
	Fall float64
	// Boost adds Boost*Amp at the start, gone by the loop; BoostTime is its time constant.
	// A negative boost makes a partial that grows into the sound.
	Boost, BoostTime float64
}

// Additive is a sum of partials.
type Additive struct {
	Rate int
	// Lead is the length of the lead-in in seconds; Loop that of the loop in samples, Cycles the
	// cycles of the fundamental in it (from Fit).
	Lead         float64
	Loop, Cycles int
	// Scoop starts the sound that many cents off pitch, gliding in with a time constant of
	// ScoopTime seconds.
	Scoop, ScoopTime float64
	Partials         []Partial
}

// step is the number of samples between two evaluations of an envelope.
const step = 16

// level is a partial's amplitude at sample n of a lead-in of lead samples.
func (p *Partial) level(n, lead, rate float64) float64 {
	t := n / rate
	end := lead / rate
	a := p.Amp
	g := math.Min(t, end)
	if p.Fall != 0 {
		a *= exact.Exp(-float64(p.Fall * (g - float64(g*g)/(2*math.Max(end, 1e-9)))))
	}
	if p.Boost != 0 && t < end {
		last := exact.Exp(-end / p.BoostTime)
		a *= 1 + float64(p.Boost*((exact.Exp(-t/p.BoostTime)-last)/(1-last)))
	}
	if p.Rise > 0 {
		t -= p.Delay
		end -= p.Delay
		switch {
		case t <= 0:
			return 0
		case t < end:
			a *= (1 - exact.Exp(-t/p.Rise)) / (1 - exact.Exp(-end/p.Rise))
		}
	}
	return a
}

// Render sums the partials.
func (a *Additive) Render() *Wave {
	// A whole number of envelope steps, so that the loop holds nothing but the settled sound.
	lead := (exact.Round(a.Lead*float64(a.Rate)) + step - 1) / step * step
	total := lead + a.Loop + guard
	w := &Wave{Rate: a.Rate, Data: make([]float64, total), Loop: lead, Len: a.Loop,
		Hertz: float64(a.Cycles) * float64(a.Rate) / float64(a.Loop)}
	table := make([]float64, a.Loop)
	for i := range table {
		table[i] = exact.Sin(float64(i) / float64(a.Loop))
	}
	shift := a.scoop(lead)
	for i := range a.Partials {
		p := &a.Partials[i]
		if p.Cycles <= 0 || 2*p.Cycles >= a.Loop || p.Amp == 0 {
			continue
		}
		if shift != nil {
			p.warped(w, shift, lead)
			continue
		}
		at := exact.Round((p.Phase-math.Floor(p.Phase))*float64(a.Loop)) % a.Loop
		amp := p.level(0, float64(lead), float64(a.Rate))
		for n := 0; n < total; n += step {
			next := amp
			if n < lead {
				next = p.level(math.Min(float64(n+step), float64(lead)), float64(lead), float64(a.Rate))
			}
			slope := (next - amp) / step
			for j := n; j < min(n+step, total); j++ {
				w.Data[j] += float64(amp * table[at])
				amp += slope
				if at += p.Cycles; at >= a.Loop {
					at -= a.Loop
				}
			}
			amp = next
		}
	}
	copy(w.Data[lead+a.Loop:], w.Data[lead:lead+guard])
	return w
}

// scoop returns how far each sample of the lead-in is displaced in time, in samples, or nil.
func (a *Additive) scoop(lead int) []float64 {
	if a.Scoop == 0 || lead == 0 {
		return nil
	}
	s := make([]float64, lead+1)
	tau := a.ScoopTime * float64(a.Rate)
	sum := 0.0
	for n := lead - 1; n >= 0; n-- {
		fade := 1 - float64(n)/float64(lead)
		c := float64(a.Scoop*exact.Exp(-float64(n)/tau)) * fade
		sum += exact.Exp2(c/1200) - 1
		s[n] = -sum
	}
	return s
}

// warped adds the partial with the lead-in displaced in time.
func (p *Partial) warped(w *Wave, shift []float64, lead int) {
	freq := float64(p.Cycles) / float64(w.Len)
	amp := p.level(0, float64(lead), float64(w.Rate))
	for n := 0; n < len(w.Data); n += step {
		next := amp
		if n < lead {
			next = p.level(math.Min(float64(n+step), float64(lead)), float64(lead), float64(w.Rate))
		}
		slope := (next - amp) / step
		for j := n; j < min(n+step, len(w.Data)); j++ {
			at := float64(j - lead)
			if j < lead {
				at += shift[j]
			}
			w.Data[j] += float64(amp * exact.Sin(float64(freq*at)+p.Phase))
			amp += slope
		}
		amp = next
	}
}
