package display

import (
	"math"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/graphics/blit"
)

// Blits is a Composer of layers that are neither turned nor skewed nor coloured, which
// are those of primaries: they are stretched. Others it leaves out.
type Blits struct {
	options blit.Options
	clips   [1]blit.Rect
}

// bandRows is how many rows are composed between two checkpoints.
const bandRows = TileSize

// Compose implements Composer.
func (c *Blits) Compose(frame *blit.Surface, rects []machine.Rect, items []Item) error {
	var first error
	for _, r := range rects {
		for y := r.Y0; y < r.Y1; y += bandRows {
			band := machine.Rect{X0: r.X0, Y0: y, X1: r.X1, Y1: min(y+bandRows, r.Y1)}
			if err := c.band(frame, band, items); err != nil && first == nil {
				first = err
			}
			thread.Checkpoint()
		}
	}
	return first
}

func (c *Blits) band(frame *blit.Surface, r machine.Rect, items []Item) (first error) {
	from := 0
	covered := false
	for i := len(items) - 1; i >= 0 && !covered; i-- {
		if items[i].hides(r) {
			from, covered = i, true
		}
	}
	if !covered {
		if err := blit.Fill(frame, blit.Rect(r), 0, nil); err != nil {
			return err
		}
	}
	for i := from; i < len(items); i++ {
		if err := c.draw(frame, r, &items[i]); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// hides reports whether nothing behind the item can be seen in r.
func (i *Item) hides(r machine.Rect) bool {
	at, ok := i.place()
	return ok && !i.Pixels.Format.HasAlpha() && i.Color>>24 == 255 && clip(r, clip(i.Clip, at)) == r
}

// place is where an item is on the screen that is neither turned nor skewed nor
// mirrored.
func (i *Item) place() (machine.Rect, bool) {
	m := i.Matrix
	if m.XY != 0 || m.YX != 0 || !(m.XX > 0) || !(m.YY > 0) || i.Color<<8 != 0xffffff00 {
		return machine.Rect{}, false
	}
	edge := func(scale, off float32, at int) int {
		v := float64(scale)*(float64(at)-0.5) + float64(off) + 0.5
		if !(math.Abs(v) < 1<<15) {
			return math.MinInt
		}
		return int(math.Floor(v + 0.5))
	}
	r := machine.Rect{X0: edge(m.XX, m.X0, 0), Y0: edge(m.YY, m.Y0, 0), X1: edge(m.XX, m.X0, i.Pixels.Width), Y1: edge(m.YY, m.Y0, i.Pixels.Height)}
	return r, !r.Empty() && min(r.X0, r.X1, r.Y0, r.Y1) != math.MinInt
}

func (c *Blits) draw(frame *blit.Surface, r machine.Rect, i *Item) error {
	at, ok := i.place()
	r = clip(clip(r, i.Clip), at)
	if !ok || r.Empty() {
		return nil
	}
	c.clips[0] = blit.Rect(r)
	c.options = blit.Options{Clip: c.clips[:], Filter: blit.Bilinear}
	switch alpha := uint8(i.Color >> 24); {
	case i.Pixels.Format.HasAlpha():
		c.options.Blend, c.options.Alpha = blit.PerPixel, alpha
	case alpha != 255:
		c.options.Blend, c.options.Alpha = blit.Constant, alpha
	}
	return blit.Blit(frame, blit.Rect(at), &i.Pixels, i.Pixels.Bounds(), &c.options)
}
