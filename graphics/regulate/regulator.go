package regulate

import (
	"slices"

	"github.com/mmlite/mmlite/firmware/machine"
)

// MaxLayers is how many layers one plan may have.
const MaxLayers = 256

// Regulator chooses. The zero value is ready; it is for one thread at a time.
type Regulator struct {
	steps []step
	place [MaxLayers]int8 // the scale each layer is at so far; -1 is none
	debt  machine.Duration
}

// step is going from one of a layer's efficient choices to the next.
type step struct {
	layer    int16
	from, to int8 // places in Scales; -1 is not to draw
	cost     machine.Duration
	worth    float64 // error taken away for a nanosecond
}

// Choose decides for one frame what is drawn, and returns what that is expected to
// cost: no more than the budget, but for a layer which alone costs more than all of
// it, and then nothing else. What that was too much is kept back in the frames after.
// The slices are of one length, at most MaxLayers; layers count the frame.
func (r *Regulator) Choose(budget machine.Duration, layers []*Layer, wishes []Wish, choices []Choice) machine.Duration {
	n := min(len(layers), len(wishes), len(choices), MaxLayers)
	r.guess(layers[:n])
	r.steps = slices.Grow(r.steps[:0], n*len(Scales))
	budget = max(budget, 0)
	left := budget - r.debt
	r.debt = max(r.debt-budget, 0)
	whole := left
	for i := range n {
		r.place[i] = -1
		choices[i] = Choice{Scale: 1}
		r.climb(int16(i), layers[i], &wishes[i])
	}
	slices.SortFunc(r.steps, func(a, b step) int {
		switch {
		case a.worth > b.worth:
			return -1
		case a.worth < b.worth:
			return 1
		case a.layer != b.layer:
			return int(a.layer) - int(b.layer)
		}
		return int(a.to) - int(b.to)
	})
	planned, trials := machine.Duration(0), trials
	for i := range r.steps {
		s := &r.steps[i]
		if r.place[s.layer] != s.from {
			continue // the step before did not fit
		}
		if unknown := s.from < 0 && layers[s.layer].cost.n == 0; unknown {
			if trials == 0 {
				continue
			}
			trials--
		}
		if s.cost <= left {
			r.place[s.layer] = s.to
			left -= s.cost
			planned += s.cost
		} else if planned == 0 && s.from < 0 && s.cost > budget && left == whole && r.debt == 0 && left >= 0 && r.starves(s, layers[s.layer], &wishes[s.layer]) {
			r.place[s.layer] = s.to
			planned, r.debt = s.cost, s.cost-left
			break
		}
	}
	for i := range n {
		l := layers[i]
		if p := r.place[i]; p >= 0 {
			choices[i] = Choice{Draw: true, Scale: Scales[p]}
			l.age, l.drawn = 0, true
		} else if l.age < 1<<20 {
			l.age++
		}
	}
	return planned
}

// trials is how many layers of unknown cost one frame takes.
const trials = 2

// guess has layers that were not drawn yet cost as much for a pixel as the others, in
// the mean.
func (r *Regulator) guess(layers []*Layer) {
	ns, pixels := 0.0, 0.0
	for _, l := range layers {
		if l.cost.n > 0 {
			ns += l.cost.mean(1)
			pixels += l.pixels
		}
	}
	per := float64(firstPixel)
	if pixels > 0 {
		per = ns / pixels
	}
	for _, l := range layers {
		if l.cost.n == 0 {
			l.cost.first = l.pixels * per
		}
	}
}

// patience is how many frames a layer which costs more than a whole budget waits at
// least.
const patience = 8

// starves says whether a step that cannot fit any budget like this one should be
// made all the same.
func (r *Regulator) starves(s *step, l *Layer, w *Wish) bool {
	value, weight := l.urgency(w)
	return value >= must*weight || l.age >= patience
}

// climb lists the steps of a layer, each of which is worth less than the one before.
func (r *Regulator) climb(i int16, l *Layer, w *Wish) {
	value, weight := l.urgency(w)
	if value <= 0 {
		return
	}
	from, cost, gain := int8(-1), machine.Duration(0), 0.0
	for {
		// Of all better choices the one that is worth most for its cost.
		next := step{layer: i, from: from}
		best := 0.0
		for k := int(from) + 1; k < len(Scales); k++ {
			s := Scales[k]
			if s < 1 && (w.Least <= 0 || s < w.Least || !(w.Least < 1)) {
				continue
			}
			g, c := value-blur(s)*weight, l.at(s)
			if g <= gain || c <= cost && from >= 0 {
				continue
			}
			if worth := (g - gain) / float64(c-cost); worth > next.worth {
				next.worth, next.cost, next.to = worth, c-cost, int8(k)
				best = g
			}
		}
		if next.worth <= 0 {
			return
		}
		r.steps = append(r.steps, next)
		from, cost, gain = next.to, cost+next.cost, best
	}
}
