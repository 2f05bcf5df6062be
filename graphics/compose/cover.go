package compose

import "github.com/mmlite/mmlite/graphics/blit"

// edge is one side of a layer on the screen. Going round with the hands of a clock,
// left edges go up and right ones down.
type edge struct {
	dx, dy int64 // 1/256 pixel
	// at is dy*x0 - dx*y0: a pixel is on the inner side where
	// at + 256*dx*y - 256*dy*x is above 0, or 0 on a top or left edge.
	at int64
}

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
		if e.dy >= 0 && (e.dy > 0 || e.dx <= 0) {
			e.at-- // neither top nor left
		}
		p.edges[i] = e
		p.upright = p.upright && (e.dx == 0 || e.dy == 0)
	}
	// A pixel on the left or top edge belongs to it, one on the right or bottom does not.
	p.bounds = blit.Rect{X0: int((low.x + 255) >> 8), Y0: int((low.y + 255) >> 8), X1: int((high.x + 255) >> 8), Y1: int((high.y + 255) >> 8)}
}

// line is the pixels of line y, between x0 and x1, that a layer covers.
func (p *plan) line(y, x0, x1 int) (int, int) {
	if p.upright {
		return x0, x1
	}
	a, b := int64(x0), int64(x1)
	for i := range p.edges {
		e := &p.edges[i]
		k := e.at + 256*e.dx*int64(y)
		switch {
		case e.dy < 0:
			a = max(a, -floorDiv(k, -256*e.dy))
		case e.dy > 0:
			b = min(b, floorDiv(k, 256*e.dy)+1)
		case k < 0:
			return x0, x0
		}
	}
	if a >= b {
		return x0, x0
	}
	return int(a), int(b)
}

// covers says whether a layer covers all of a rectangle.
func (p *plan) covers(r blit.Rect) bool {
	if r.Intersect(p.bounds) != r {
		return false
	}
	if p.upright {
		return true
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
		if e.at+256*e.dx*y-256*e.dy*x < 0 {
			return false
		}
	}
	return true
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
