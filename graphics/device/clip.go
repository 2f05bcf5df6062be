package device

import (
	"context"
	"slices"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/graphics/blit"
)

const (
	maxClip = 1024 // rectangles that a client may give
	// maxPieces is how many rectangles they may be made of, none of which overlap.
	maxPieces = 4096
)

// SetClip implements graphics.Surface.
func (s *Surface) SetClip(_ context.Context, rects []graphics.Rect) error {
	if len(rects) > maxClip {
		return com.Errorf(com.ErrInvalid, "a clip list of %d rectangles, and %d are possible", len(rects), maxClip)
	}
	list, err := disjoint(rects, s.shape.width, s.shape.height)
	if err != nil {
		return err
	}
	t, err := s.enter()
	if err != nil {
		return err
	}
	defer s.d.unlock(t)
	s.clip = list
	return nil
}

// disjoint returns rectangles that cover the same pixels of a surface and do not
// overlap, from top to bottom; nil for none, and not nil for those that cover nothing.
func disjoint(rects []graphics.Rect, width, height int) ([]blit.Rect, error) {
	if len(rects) == 0 {
		return nil, nil
	}
	all := blit.Rect{X1: width, Y1: height}
	in := make([]blit.Rect, 0, len(rects))
	edges := make([]int, 0, 2*len(rects))
	for _, r := range rects {
		if c := (blit.Rect(rect(r))).Intersect(all); !c.Empty() {
			in = append(in, c)
			edges = append(edges, c.Y0, c.Y1)
		}
	}
	slices.Sort(edges)
	edges = slices.Compact(edges)
	slices.SortFunc(in, func(a, b blit.Rect) int { return a.X0 - b.X0 })
	out := make([]blit.Rect, 0, len(in))
	last := 0 // where the band before begins
	for i := 0; i+1 < len(edges); i++ {
		y0, y1, here := edges[i], edges[i+1], len(out)
		if i%16 == 15 {
			thread.Checkpoint()
		}
		for _, r := range in {
			if r.Y0 > y0 || r.Y1 < y1 {
				continue
			}
			if n := len(out); n > here && r.X0 <= out[n-1].X1 {
				out[n-1].X1 = max(out[n-1].X1, r.X1)
				continue
			}
			if len(out) == maxPieces {
				return nil, com.Errorf(com.ErrInvalid, "a clip list that overlaps in more than %d pieces", maxPieces)
			}
			out = append(out, blit.Rect{X0: r.X0, Y0: y0, X1: r.X1, Y1: y1})
		}
		if above, below := out[last:here], out[here:]; slices.EqualFunc(above, below, func(a, b blit.Rect) bool {
			return a.X0 == b.X0 && a.X1 == b.X1 && a.Y1 == b.Y0
		}) {
			for j := range above {
				above[j].Y1 = y1
			}
			out = out[:here]
		} else {
			last = here
		}
	}
	return out, nil
}
