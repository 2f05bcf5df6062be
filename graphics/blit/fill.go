package blit

// Fill sets the pixels of r inside the surface, and inside clip if that is not
// nil, to one pixel value as it stands in memory.
func Fill(dst *Surface, r Rect, pixel uint32, clip []Rect) error {
	if err := dst.Check(); err != nil {
		return err
	}
	if err := r.check(); err != nil {
		return err
	}
	r = r.Intersect(dst.Bounds())
	v := repeat(dst.Format.Bytes(), pixel)
	if clip == nil {
		fill(dst, r, v)
	}
	for _, c := range clip {
		fill(dst, r.Intersect(c), v)
	}
	return nil
}

// FillMask is Fill for the bits that are set in mask only, such as those of depth
// where the rest of a pixel is stencil.
func FillMask(dst *Surface, r Rect, pixel, mask uint32, clip []Rect) error {
	if err := dst.Check(); err != nil {
		return err
	}
	if err := r.check(); err != nil {
		return err
	}
	r = r.Intersect(dst.Bounds())
	b := dst.Format.Bytes()
	set, keep := repeat(b, pixel&mask), repeat(b, ^mask)
	t := bits{both: set | keep, source: set, destination: set | keep, none: set}
	one := [1]Rect{r}
	if clip == nil {
		clip = one[:]
	}
	for _, c := range clip {
		c = c.Intersect(r)
		if c.Empty() {
			continue
		}
		for y := c.Y0; y < c.Y1; y++ {
			row := dst.span(c.X0, c.X1, y)
			ropFast(row, row, row, t)
		}
	}
	return nil
}

// piece bounds the bytes one assembly call covers.
const piece = 512 << 10

func fill(dst *Surface, r Rect, v uint32) {
	if r.Empty() {
		return
	}
	if r.Dx()*dst.Format.Bytes() == dst.Pitch {
		all := dst.Pix[r.Y0*dst.Pitch : r.Y1*dst.Pitch]
		for len(all) > piece {
			fillFast(all[:piece], v)
			all = all[piece:]
		}
		fillFast(all, v)
		return
	}
	for y := r.Y0; y < r.Y1; y++ {
		row := dst.span(r.X0, r.X1, y)
		for len(row) > piece {
			fillFast(row[:piece], v)
			row = row[piece:]
		}
		fillFast(row, v)
	}
}
