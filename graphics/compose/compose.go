package compose

import (
	"errors"
	"fmt"
	"slices"

	"github.com/mmlite/mmlite/graphics/blit"
)

const (
	// bandLines is how many lines of the screen are composed together.
	bandLines = 32
	// cellPixels is how many pixels of a line share one exact position.
	cellPixels = 64
	// MaxLayers is how many layers a picture may have.
	MaxLayers = 4096
	// pausePixels is about how many pixels are composed from one Pause to the next.
	pausePixels = 8192
)

var (
	// ErrTarget: a target that is no sound XRGB8888 surface.
	ErrTarget = errors.New("compose: bad target")
	// ErrLayer: a layer whose surface is not sound, or too many layers.
	ErrLayer = errors.New("compose: bad layer")
)

// Compositor composes pictures. The zero value is ready; it is for one goroutine
// at a time.
type Compositor struct {
	// Background is the colour where no layer is, 0x00RRGGBB.
	Background uint32
	// Pause, if not nil, is called after every few thousand pixels, so that a thread
	// can give way.
	Pause func()
	// Pixels counts what was computed: layers' pixels, and the background's.
	Pixels uint64
	// Hidden counts layers' pixels that were not computed, as others hid them.
	Hidden uint64

	plans []plan  // of layers that can be seen, from back to front
	order []int32 // of plans
	since int     // pixels since the last Pause
	// The frontmost layer of a band that hides all others, per cell: one more than its
	// place in plans, and 0 for none.
	front [blit.MaxSize/cellPixels + 1]int16
	low   blit.Surface                     // where layers are composed coarse
	mask  uint32                           // the channels that are written
	lines [bandLines]span                  // the pixels of each line of a band that a layer covers
	stage [4 * stagePixels]byte            // texels that are ready to be filtered
	rows  [boxLevel][2][4 * boxTexels]byte // texels whose mean is taken, level by level
}

// Compose draws what layers show onto the parts of dst that lie inside of the
// damage rectangles, each of which may lie anywhere; nil means all of dst. Nothing
// is kept. With an error nothing has been drawn.
func (c *Compositor) Compose(dst *blit.Surface, layers []Layer, damage []blit.Rect) error {
	if err := dst.Check(); err != nil {
		return fmt.Errorf("%w: %w", ErrTarget, err)
	}
	if dst.Format != blit.XRGB8888 {
		return fmt.Errorf("%w: format %v", ErrTarget, dst.Format)
	}
	if err := c.prepare(layers); err != nil {
		return err
	}
	whole := dst.Bounds()
	c.mask = 0xffffff
	if damage == nil {
		c.rectangle(dst, whole)
	}
	for _, r := range damage {
		c.rectangle(dst, whole.Intersect(r))
	}
	for i := range c.plans {
		c.plans[i].l = nil
	}
	return nil
}

// prepare finds out which layers can be seen, and sorts them.
func (c *Compositor) prepare(layers []Layer) error {
	if len(layers) > MaxLayers {
		return fmt.Errorf("%w: %d of %d", ErrLayer, len(layers), MaxLayers)
	}
	c.plans = slices.Grow(c.plans[:0], len(layers))
	for i := range layers {
		l := &layers[i]
		if err := l.Surface.Check(); err != nil {
			return fmt.Errorf("%w %d: %w", ErrLayer, i, err)
		}
		n := len(c.plans)
		c.plans = c.plans[:n+1]
		p := &c.plans[n]
		if p.set(l) {
			p.index = int32(i)
		} else {
			c.plans = c.plans[:n]
		}
	}
	slices.SortFunc(c.plans, func(a, b plan) int {
		if a.l.Depth != b.l.Depth {
			if a.l.Depth > b.l.Depth {
				return -1
			}
			return 1
		}
		return int(a.index - b.index)
	})
	return nil
}

// rectangle composes one, which lies on the target.
func (c *Compositor) rectangle(dst *blit.Surface, r blit.Rect) {
	if r.Empty() {
		return
	}
	for y := r.Y0; y < r.Y1; {
		end := min(r.Y1, y&^(bandLines-1)+bandLines)
		c.band(dst, blit.Rect{X0: r.X0, Y0: y, X1: r.X1, Y1: end})
		y = end
	}
}

// band composes lines of one band of the screen.
func (c *Compositor) band(dst *blit.Surface, r blit.Rect) {
	cells := c.occlude(r)
	for first := 0; first < len(cells); {
		last := first + 1
		for last < len(cells) && (cells[last] == 0) == (cells[first] == 0) {
			last++
		}
		if cells[first] == 0 {
			c.background(dst, r.Intersect(columns(r, first, last)))
		}
		first = last
	}
	for i := 0; i < len(c.plans); i++ {
		p := &c.plans[i]
		part := r.Intersect(p.area)
		if part.Empty() {
			continue
		}
		end := i + 1
		if p.coarse > 0 {
			end = c.coarseRun(i, r)
		} else {
			c.cover(p, part)
		}
		from, to := (part.X0-r.X0&^(cellPixels-1))/cellPixels, (part.X1-1-r.X0&^(cellPixels-1))/cellPixels+1
		if p.coarse > 0 {
			from, to = 0, len(cells)
		}
		for first := from; first < to; {
			hidden, last := int(cells[first]) > end, first+1
			for last < to && (int(cells[last]) > end) == hidden {
				last++
			}
			run := part.Intersect(columns(r, first, last))
			switch {
			case p.coarse > 0 && !hidden:
				c.roughly(dst, c.plans[i:end], r.Intersect(columns(r, first, last)))
			case hidden && !run.Empty():
				c.Hidden += uint64(run.Dx() * run.Dy())
			case !hidden:
				c.draw(dst, p, part.Y0, run)
			}
			first = last
		}
		i = end - 1
	}
}

// columns is where some of the cells of a band lie.
func columns(r blit.Rect, first, last int) blit.Rect {
	x := r.X0 &^ (cellPixels - 1)
	return blit.Rect{X0: x + first*cellPixels, Y0: r.Y0, X1: x + last*cellPixels, Y1: r.Y1}
}

// occlude finds the frontmost layer that hides all others in each cell.
func (c *Compositor) occlude(r blit.Rect) []int16 {
	n := (r.X1-1)/cellPixels - r.X0/cellPixels + 1
	cells := c.front[:n]
	clear(cells)
	left := n
	for i := len(c.plans) - 1; i >= 0 && left > 0; i-- {
		p := &c.plans[i]
		if !p.opaque || p.coarse > 0 {
			continue
		}
		part := r.Intersect(p.bounds)
		if part.Empty() || part.Y0 != r.Y0 || part.Y1 != r.Y1 {
			continue
		}
		for k := range cells {
			if cell := r.Intersect(columns(r, k, k+1)); cells[k] == 0 && p.covers(cell) {
				cells[k] = int16(i + 1)
				left--
			}
		}
	}
	return cells
}

// cover finds the pixels of each line of a band's part that a layer covers.
func (c *Compositor) cover(p *plan, part blit.Rect) {
	for y := part.Y0; y < part.Y1; y++ {
		c.lines[y-part.Y0] = p.line(y, part.X0, part.X1)
	}
}

func (c *Compositor) background(dst *blit.Surface, r blit.Rect) {
	for y := r.Y0; y < r.Y1; y++ {
		fill(row(dst, r.X0, r.X1, y), c.Background&0xffffff)
	}
	c.done(r.Dx() * r.Dy())
}

// row is pixels of a line of the target.
func row(s *blit.Surface, x0, x1, y int) []byte {
	return s.Pix[y*s.Pitch+4*x0 : y*s.Pitch+4*x1]
}

// done counts pixels, and pauses where there were many.
func (c *Compositor) done(n int) {
	c.Pixels += uint64(n)
	if c.since += n; c.since >= pausePixels {
		c.since = 0
		if c.Pause != nil {
			c.Pause()
		}
	}
}
