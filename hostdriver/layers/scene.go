package layers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/hostdriver"
)

// mostWishes is how many layers the card chooses among for one frame. Of more, those
// that are furthest off take part.
const mostWishes = 256

// Scene is layers on one device, for one goroutine at a time.
type Scene struct {
	// Card is what Write needs to reach pixels, and may be nil without.
	Card *hostdriver.Card

	device  graphics.Device
	width   uint32 // of the screen as the device sees it
	height  uint32
	layers  []*Layer
	wishes  []graphics.Wish
	choices []graphics.Choice
	asked   []*Layer
	totals  Totals
}

// Totals count over the frames of a scene.
type Totals struct {
	Frames  uint64
	Drawn   uint64        // layers, over all frames
	Reduced uint64        // of these, at less than full resolution
	Warped  uint64        // layers that were off, and were not drawn
	Late    uint64        // frames whose drawing ended after the blank it was for
	Drawing time.Duration // that Draw functions took, by the clock
}

// Frame is what became of one frame.
type Frame struct {
	Number uint64 // at whose vertical blank it is to be seen
	Drawn  int
	Warped int
	// Error is the sum of the errors of what is shown, weighed, in pixels.
	Error float64
	Late  bool
}

// New makes a scene without layers.
func New(ctx context.Context, device graphics.Device) (*Scene, error) {
	if device == nil {
		return nil, errors.New("layers: no device")
	}
	info, err := device.Info(ctx)
	if err != nil {
		return nil, err
	}
	return &Scene{device: device, width: info.Mode.Width, height: info.Mode.Height}, nil
}

// Totals counts what the scene did so far.
func (s *Scene) Totals() Totals { return s.totals }

// Layers are those of the scene, in the order in which they came.
func (s *Scene) Layers() []*Layer { return s.layers }

// Close takes all layers off the screen.
func (s *Scene) Close() error {
	for len(s.layers) > 0 {
		s.layers[len(s.layers)-1].Remove()
	}
	return nil
}

// Frame brings all layers into their poses: the card chooses which are drawn, their
// Draw functions are called, and the others are warped. It does not wait for the
// frame to be seen.
func (s *Scene) Frame(ctx context.Context) (Frame, error) {
	s.asked = s.asked[:0]
	for _, l := range s.layers {
		switch b := l.box(); {
		case l.opt.Draw == nil:
		case !l.visible:
			if err := l.show(false); err != nil {
				return Frame{}, err
			}
		case b.meets(s.width, s.height):
			l.judge()
			s.asked = append(s.asked, l)
		case l.shown && len(l.pictured) == len(l.pose):
			// Nobody sees what it looks like, but it has to get out of the way.
			if m, ok := Fit(l.pictured, l.pose); ok {
				if err := l.remote.SetMatrix(m); err != nil {
					return Frame{}, err
				}
			}
		}
	}
	if len(s.asked) > mostWishes {
		slices.SortStableFunc(s.asked, func(a, b *Layer) int { return cmp.Compare(b.urgency(), a.urgency()) })
		for _, l := range s.asked[mostWishes:] {
			if err := l.remote.SetMatrix(l.warp); err != nil {
				return Frame{}, err
			}
			l.missed++
		}
		s.asked = s.asked[:mostWishes]
	}
	s.wishes = s.wishes[:0]
	for _, l := range s.asked {
		s.wishes = append(s.wishes, graphics.Wish{
			Layer: l.number, Warp: l.warp, Error: float32(l.off), Weight: l.opt.Weight, Least: l.opt.Least,
		})
	}
	begin := time.Now()
	s.choices = slices.Grow(s.choices[:0], len(s.wishes))[:len(s.wishes)]
	plan, err := s.device.Plan(ctx, s.wishes, s.choices)
	if err != nil {
		return Frame{}, err
	}
	f := Frame{Number: plan.Frame}
	drawing := time.Now()
	for i, c := range s.choices {
		l := s.asked[i]
		switch {
		case c.Layer != l.number:
			return f, fmt.Errorf("layers: a choice for layer %d in the place of %d", c.Layer, l.number)
		case c.Draw:
			if err := l.draw(ctx, c.Scale); err != nil {
				return f, err
			}
			f.Drawn++
			s.totals.Drawn++
			if c.Scale < 1 {
				s.totals.Reduced++
			}
		case l.off > 0:
			l.missed++
			f.Warped++
			s.totals.Warped++
		}
		if weight := float64(l.opt.Weight); !math.IsNaN(l.off) {
			if weight == 0 {
				weight = 1
			}
			f.Error += l.off * weight
		}
	}
	s.totals.Frames++
	s.totals.Drawing += time.Since(drawing)
	if f.Late = time.Since(begin) > plan.Left; f.Late {
		s.totals.Late++
	}
	return f, nil
}
