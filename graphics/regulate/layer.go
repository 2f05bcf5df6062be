package regulate

import (
	"math"

	"github.com/mmlite/mmlite/firmware/machine"
)

// Scales are the shares of width and height that layers are drawn at.
var Scales = [...]float32{0.25, 0.5, 0.75, 1}

const (
	// leastCost is the least that drawing is taken to cost.
	leastCost = machine.Microsecond
	// firstPixel is what drawing a pixel is taken to cost as long as nothing is known, in
	// nanoseconds.
	firstPixel = 20
)

// Layer is what is known of a layer from frame to frame.
type Layer struct {
	// Rate is after how many frames it should be drawn whatever its error; 0 means that
	// only the error counts.
	Rate uint32

	cost   cost
	pixels float64
	age    uint32 // frames since it was chosen
	drawn  bool
}

// NewLayer is a layer of that many pixels that was never drawn.
func NewLayer(pixels int) *Layer {
	return &Layer{pixels: float64(max(pixels, 1))}
}

// Took says what drawing the layer has cost at a scale.
func (l *Layer) Took(d machine.Duration, scale float32) {
	s := float64(min(max(scale, Scales[0]), 1))
	if !(s <= 1) {
		s = 1
	}
	l.cost.add(float64(s*s), float64(d))
}

// Cost is what drawing at full resolution is expected to take.
func (l *Layer) Cost() machine.Duration { return l.at(1) }

// at is what drawing at a scale is expected to take.
func (l *Layer) at(s float32) machine.Duration { return l.cost.expect(float64(s) * float64(s)) }

// Wish is how far off a layer is.
type Wish struct {
	// Error is how far it would be off if it were warped, in pixels. What is no number,
	// or below 0, means that it has to be drawn.
	Error float32
	// Weight is how much that matters; 0 and what is no number mean 1.
	Weight float32
	// Least is the smallest scale that it can be drawn at; 0 means 1.
	Least float32
}

// Choice is what to do with a layer.
type Choice struct {
	Draw  bool
	Scale float32 // 1 where it is not drawn
}

// must is the error of a layer that has to be drawn: beyond any screen.
const must = 1 << 20

// blur is how far off a picture is, in pixels, that was drawn at a scale: half of
// one of its own pixels, less half of one of the screen's.
func blur(s float32) float64 { return 0.5*float64(1/s) - 0.5 }

// urgency is the error of a wish as it counts in this frame: weighed, and more with
// each frame that passed.
func (l *Layer) urgency(w *Wish) (value, weight float64) {
	weight = float64(w.Weight)
	if !(weight > 0) || math.IsInf(weight, 0) {
		weight = 1
	}
	e := float64(w.Error)
	if !l.drawn || !(e >= 0) || e > must {
		return must * weight, weight
	}
	waited := float64(l.age) / ages
	e *= 1 + float64(waited*waited)
	if l.Rate > 0 && l.age+1 >= l.Rate {
		e += overdue * float64(l.age+1-l.Rate+1)
	}
	return e * weight, weight
}

const (
	// ages is in how many frames without being drawn an error counts double; in twice as
	// many it counts five times.
	ages = 8
	// overdue is the error, in pixels, of each frame that a layer is behind its rate.
	overdue = 0.25
)

// Want is what it would cost to draw all layers that are off, in full.
func Want(layers []*Layer, wishes []Wish) (sum machine.Duration) {
	for i, l := range layers[:min(len(layers), len(wishes))] {
		if value, _ := l.urgency(&wishes[i]); value > 0 {
			sum += l.Cost()
		}
	}
	return sum
}
