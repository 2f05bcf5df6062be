package raster

// Touches says whether a triangle may cover pixels of the chunk whose corner
// is pixel x, y: false only if it does not. For binning.
func (t *Triangle) Touches(x, y int) bool {
	if int(t.minX) >= x+Size || int(t.maxX) < x || int(t.minY) >= y+Size || int(t.maxY) < y {
		return false
	}
	switch t.kind {
	case kindLine:
		return t.line.touches(int32(x), int32(y))
	case kindPoint:
		return true
	}
	for i := range t.edges {
		e := &t.edges[i]
		if e.at(x, y)+e.most() < 0 {
			return false
		}
	}
	return true
}

func (e *edge) at(x, y int) int64 { return int64(e.a)*int64(x) + int64(e.b)*int64(y) + e.c }

// most and least are how far an edge's value rises and falls inside a chunk.
func (e *edge) most() int64  { return (int64(max(e.a, 0)) + int64(max(e.b, 0))) * (Size - 1) }
func (e *edge) least() int64 { return (int64(min(e.a, 0)) + int64(min(e.b, 0))) * (Size - 1) }

// cover finds the pixels of a chunk inside a triangle, or on a line, into the
// chunk's span and masks. It is false if there are none.
func (c *Chunk) cover(t *Triangle) bool {
	s := &c.span
	*s = span{}
	x0, x1 := max(c.x0, t.minX-c.x), min(c.x1, t.maxX+1-c.x)
	y0, y1 := max(c.y0, t.minY-c.y), min(c.y1, t.maxY+1-c.y)
	if x0 >= x1 || y0 >= y1 {
		return false
	}
	s.y0, s.y1 = int(y0), int(y1)
	masks := c.masks[y0:y1]
	if t.kind == kindLine {
		s.any = t.line.cover(masks, c, x0, x1, y0, y1)
		return s.any != 0
	}
	var cut [3]cutting
	cuts := 0
	within := t.minX >= c.x && t.maxX < c.x+Size && t.minY >= c.y && t.maxY < c.y+Size
	for i := range t.edges {
		if t.kind == kindPoint {
			break
		}
		e := &t.edges[i]
		v := e.at(int(c.x), int(c.y))
		if !within {
			if v+e.most() < 0 {
				return false
			}
			if v+e.least() >= 0 {
				continue
			}
		}
		// The edge crosses the chunk, so its values there fit 32 bits.
		cut[cuts] = cutting{e.a, e.b, int32(v) + e.b*y0}
		cuts++
	}
	columns := uint32(1<<uint(x1-x0) - 1)
	switch {
	case cuts == 0:
		columns <<= uint(x0)
		fillWords(masks, columns)
		if s.any = columns; columns == ^uint32(0) {
			s.full = columns
		}
	case vector:
		// Groups of eight pixels, from the first one if they fit.
		s.start = min(int(x0), Size-(int(x1-x0)+7)/8*8)
		s.any = coverFast(masks, &cut, s.start, columns<<uint(int(x0)-s.start))
	default:
		s.any = coverRows(masks, &cut, columns<<uint(x0))
	}
	return s.any != 0
}

// cutting is an edge that crosses a chunk: its value at the start of a row.
type cutting struct{ a, b, v int32 }

// coverRows is the portable reference: for each row, where each edge lets in.
func coverRows(masks []uint32, cut *[3]cutting, columns uint32) (any uint32) {
	for i := range masks {
		m := columns
		for k := range cut {
			e := &cut[k]
			m &= e.row()
			e.v += e.b
		}
		masks[i] = m
		any |= m
	}
	return any
}

// row is the pixels of a row with v + a*x >= 0.
func (e *cutting) row() uint32 {
	switch {
	case e.a > 0:
		if e.v >= 0 {
			return ^uint32(0)
		}
		first := uint32(-e.v+e.a-1) / uint32(e.a)
		return ^uint32(0) << first // none from 32 on
	case e.a < 0:
		if e.v < 0 {
			return 0
		}
		last := uint32(e.v) / uint32(-e.a)
		if last >= Size-1 {
			return ^uint32(0)
		}
		return 1<<(last+1) - 1
	}
	if e.v < 0 {
		return 0
	}
	return ^uint32(0)
}
