package compose

import (
	"math"

	"github.com/mmlite/mmlite/graphics/blit"
)

// edge is one side of a layer on the screen. Going round with the hands of a clock,
// left edges go up and right ones down.
type edge struct {
	dx, dy int64 // 1/256 pixel
	// at is dy*x0 - dx*y0: at + 256*dx*y - 256*dy*x is how far inside the centre of a
	// pixel lies, in 1/256 pixel, times length.
	at     int64
	length int64 // 1/256 pixel, at least 1
}

// whole is the coverage of a pixel that lies inside of a layer with all of its area.
const whole = 256

// cover finds edges and bounds of a quadrangle that goes round with the clock.
func (p *plan) cover(at *[4]corner) {
	low, high := at[0], at[0]
	p.upright = true
	for i, c := range at {
		low = corner{min(low.x, c.x), min(low.y, c.y)}
		high = corner{max(high.x, c.x), max(high.y, c.y)}
		d := at[(i+1)&3]
		e := edge{dx: d.x - c.x, dy: d.y - c.y}
		e.at = e.dy*c.x - e.dx*c.y
		x, y := float64(e.dx), float64(e.dy)
		e.length = max(int64(math.Sqrt(float64(x*x)+float64(y*y))+0.5), 1)
		p.edges[i] = e
		p.upright = p.upright && (e.dx == 0 || e.dy == 0)
	}
	// A pixel reaches half a pixel around its centre: some of it is in bounds, and all
	// of it in inner.
	const half = 128
	p.bounds = blit.Rect{X0: int((low.x + half) >> 8), Y0: int((low.y + half) >> 8), X1: int((high.x + half + 255) >> 8), Y1: int((high.y + half + 255) >> 8)}
	p.inner = blit.Rect{X0: int((low.x + half + 255) >> 8), Y0: int((low.y + half + 255) >> 8), X1: int((high.x + half) >> 8), Y1: int((high.y + half) >> 8)}
}

// span is the pixels of a line that a layer covers in part, from a to b, and as a
// whole, from c to d within.
type span struct{ a, c, d, b int }

// line is the pixels of line y, between x0 and x1, that a layer covers.
func (p *plan) line(y, x0, x1 int) span {
	if p.upright {
		s := span{a: x0, c: x1, d: x1, b: x1}
		if y >= p.inner.Y0 && y < p.inner.Y1 {
			s.c = min(max(p.inner.X0, x0), x1)
			s.d = min(max(p.inner.X1, s.c), x1)
		}
		return s
	}
	a, b := p.inside(y, x0, x1, -(whole / 2), -1)
	c, d := p.inside(y, a, b, whole/2, 0)
	return span{a, c, d, b}
}

// inside is the pixels of line y, between x0 and x1, whose centres are further inside
// than far of all edges, in 1/256 pixel, and than more in what edges count in.
func (p *plan) inside(y, x0, x1 int, far, more int64) (int, int) {
	a, b := int64(x0), int64(x1)
	for i := range p.edges {
		e := &p.edges[i]
		k := e.at + 256*e.dx*int64(y) - far*e.length + more
		switch {
		case e.dy < 0:
			a = max(a, -floorDiv(k, -256*e.dy))
		case e.dy > 0:
			b = min(b, floorDiv(k, 256*e.dy)+1)
		case k < 0:
			return x1, x1
		}
	}
	if a >= b {
		return x1, x1
	}
	return int(a), int(b)
}

// covers says whether a layer covers all of a rectangle.
func (p *plan) covers(r blit.Rect) bool {
	if r.Intersect(p.bounds) != r {
		return false // it may be clipped
	}
	if p.upright {
		return r.Intersect(p.inner) == r
	}
	for i := range p.edges {
		e := &p.edges[i]
		// The corner that is furthest out.
		x, y := int64(r.X0), int64(r.Y0)
		if e.dy > 0 {
			x = int64(r.X1 - 1)
		}
		if e.dx < 0 {
			y = int64(r.Y1 - 1)
		}
		if e.at+256*e.dx*y-256*e.dy*x < whole/2*e.length {
			return false
		}
	}
	return true
}

// coverage is how much of a pixel's area, of 256, is inside of a layer: as much as lies
// between each two opposite edges, one of the other.
func (p *plan) coverage(x, y int) uint32 {
	var c [4]int64
	for i := range p.edges {
		e := &p.edges[i]
		switch k := e.at + 256*e.dx*int64(y) - 256*e.dy*int64(x); {
		case k >= whole/2*e.length:
			c[i] = whole
		case k > -(whole/2)*e.length:
			c[i] = (k + whole/2*e.length) / e.length
		}
	}
	return uint32(max(c[0]+c[2]-whole, 0) * max(c[1]+c[3]-whole, 0) >> 8)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
