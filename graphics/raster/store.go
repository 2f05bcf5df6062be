package raster

import (
	"errors"

	"github.com/mmlite/mmlite/graphics/blit"
)

// Store writes the chunk's colours to its place in a surface.
func (c *Chunk) Store(dst *blit.Surface) error {
	s, r := c.surface(), c.inside()
	if r.Empty() {
		return nil
	}
	if at, ok, err := c.rowsOf(dst, r); err != nil {
		return err
	} else if ok && storeFast(dst.Format, dst.Pix[at:], dst.Pitch, c.Color[r.Y0*Size:r.Y1*Size]) {
		return nil
	}
	return blit.Copy(dst, int(c.x)+r.X0, int(c.y)+r.Y0, &s, r)
}

// Load reads the chunk's colours from its place in a surface, which must hold
// all of the chunk's bounds.
func (c *Chunk) Load(src *blit.Surface) error {
	s, r := c.surface(), c.inside()
	if r.Empty() {
		return nil
	}
	if at, ok, err := c.rowsOf(src, r); err != nil {
		return err
	} else if ok && loadFast(src.Format, c.Color[r.Y0*Size:r.Y1*Size], src.Pix[at:], src.Pitch) {
		return nil
	}
	from := blit.Rect{X0: r.X0 + int(c.x), Y0: r.Y0 + int(c.y), X1: r.X1 + int(c.x), Y1: r.Y1 + int(c.y)}
	return blit.Copy(&s, r.X0, r.Y0, src, from)
}

// rowsOf says where whole rows of the chunk begin in a surface, if it has them.
func (c *Chunk) rowsOf(s *blit.Surface, r blit.Rect) (at int, ok bool, err error) {
	if err := s.Check(); err != nil {
		return 0, false, err
	}
	x, y := int(c.x), int(c.y)
	if r.Dx() != Size || x < 0 || y+r.Y0 < 0 || x+Size > s.Width || y+r.Y1 > s.Height {
		return 0, false, nil
	}
	return (y+r.Y0)*s.Pitch + x*s.Format.Bytes(), true, nil
}

// ErrDepth: a depth buffer too small for the chunk's place.
var ErrDepth = errors.New("raster: depth buffer too small")

// StoreDepth writes the depth of the chunk's pixels to its place in a depth
// buffer, which has width values a row.
func (c *Chunk) StoreDepth(buffer []float32, width int) error {
	return c.moveDepth(buffer, width, true)
}

// LoadDepth reads them from there.
func (c *Chunk) LoadDepth(buffer []float32, width int) error {
	return c.moveDepth(buffer, width, false)
}

func (c *Chunk) moveDepth(buffer []float32, width int, out bool) error {
	r := c.inside()
	if r.Empty() {
		return nil
	}
	x, y := int(c.x), int(c.y)
	if x+r.X0 < 0 || x+r.X1 > width || y+r.Y0 < 0 || y+r.Y1 > len(buffer)/width {
		return ErrDepth
	}
	mine, its := c.Depth[r.Y0*Size:r.Y1*Size], buffer[(y+r.Y0)*width+x:]
	if r.Dx() == Size && copyDepth(mine, its, width, out) {
		return nil
	}
	for row := range r.Dy() {
		a, b := mine[row*Size+r.X0:row*Size+r.X1], its[row*width+r.X0:]
		if out {
			copy(b, a)
		} else {
			copy(a, b)
		}
	}
	return nil
}
