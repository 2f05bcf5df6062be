package layers

import (
	"math"

	"github.com/mmlite/mmlite/contracts/graphics"
)

// Point is a place on the screen or in a picture, in pixels.
type Point struct{ X, Y float64 }

// Map is where an affine map takes a point.
func Map(m graphics.Affine, p Point) Point {
	return Point{
		float64(m.XX)*p.X + float64(m.XY)*p.Y + float64(m.X0),
		float64(m.YX)*p.X + float64(m.YY)*p.Y + float64(m.Y0),
	}
}

// Concat is first, and then second.
func Concat(first, second graphics.Affine) graphics.Affine {
	dot := func(a, b, c, d, e float32) float32 {
		return float32(float64(a)*float64(b) + float64(c)*float64(d) + float64(e))
	}
	return graphics.Affine{
		XX: dot(second.XX, first.XX, second.XY, first.YX, 0),
		XY: dot(second.XX, first.XY, second.XY, first.YY, 0),
		X0: dot(second.XX, first.X0, second.XY, first.Y0, second.X0),
		YX: dot(second.YX, first.XX, second.YY, first.YX, 0),
		YY: dot(second.YX, first.XY, second.YY, first.YY, 0),
		Y0: dot(second.YX, first.X0, second.YY, first.Y0, second.Y0),
	}
}

// Invert is the way back, and false if there is none.
func Invert(m graphics.Affine) (graphics.Affine, bool) {
	xx, xy, yx, yy := float64(m.XX), float64(m.XY), float64(m.YX), float64(m.YY)
	d := xx*yy - xy*yx
	i := graphics.Affine{
		XX: float32(yy / d), XY: float32(-xy / d), X0: float32((xy*float64(m.Y0) - yy*float64(m.X0)) / d),
		YX: float32(-yx / d), YY: float32(xx / d), Y0: float32((yx*float64(m.X0) - xx*float64(m.Y0)) / d),
	}
	return i, finite(i) && d != 0
}

func finite(m graphics.Affine) bool {
	for _, v := range [...]float32{m.XX, m.XY, m.X0, m.YX, m.YY, m.Y0} {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return false
		}
	}
	return true
}

// Fit finds the affine map that takes points of one list nearest to those of
// another, in the sum of squared distances. Points that lie on a line, or are fewer
// than three, leave a choice: then it is the one that turns and scales alike in all
// directions, or only moves. ok is false if the lists differ in length, are empty, or
// have places that are no numbers.
func Fit(from, to []Point) (m graphics.Affine, ok bool) {
	n := float64(len(from))
	if len(from) != len(to) || len(from) == 0 {
		return graphics.Affine{XX: 1, YY: 1}, false
	}
	var a, b Point // middles
	for i := range from {
		a.X, a.Y, b.X, b.Y = a.X+from[i].X/n, a.Y+from[i].Y/n, b.X+to[i].X/n, b.Y+to[i].Y/n
	}
	var xx, xy, yy, ux, uy, vx, vy float64
	for i := range from {
		p, q := Point{from[i].X - a.X, from[i].Y - a.Y}, Point{to[i].X - b.X, to[i].Y - b.Y}
		xx, xy, yy = xx+p.X*p.X, xy+p.X*p.Y, yy+p.Y*p.Y
		ux, uy, vx, vy = ux+q.X*p.X, uy+q.X*p.Y, vx+q.Y*p.X, vy+q.Y*p.Y
	}
	det, size := xx*yy-xy*xy, xx+yy
	var l [4]float64
	switch {
	case det > 1e-9*size*size:
		l = [4]float64{(ux*yy - uy*xy) / det, (uy*xx - ux*xy) / det, (vx*yy - vy*xy) / det, (vy*xx - vx*xy) / det}
	case size > 1e-9:
		c, s := (ux+vy)/size, (vx-uy)/size
		l = [4]float64{c, -s, s, c}
	default:
		l = [4]float64{1, 0, 0, 1}
	}
	m = graphics.Affine{
		XX: float32(l[0]), XY: float32(l[1]), X0: float32(b.X - l[0]*a.X - l[1]*a.Y),
		YX: float32(l[2]), YY: float32(l[3]), Y0: float32(b.Y - l[2]*a.X - l[3]*a.Y),
	}
	if !finite(m) {
		return graphics.Affine{XX: 1, YY: 1}, false
	}
	return m, true
}

// Off is how far a map leaves the worst of the points from where it should be.
func Off(m graphics.Affine, from, to []Point) float64 {
	worst := 0.0
	for i := range from {
		p := Map(m, from[i])
		worst = max(worst, math.Hypot(p.X-to[i].X, p.Y-to[i].Y))
	}
	return worst
}

// Stretch is how much longer a map makes what it lengthens most, and what it
// lengthens least: the singular values of its matrix.
func Stretch(m graphics.Affine) (most, least float64) {
	a, b, c, d := float64(m.XX), float64(m.XY), float64(m.YX), float64(m.YY)
	// Of the conformal and the anticonformal part (Blinn, "Consider the Lowly 2 x 2
	// Matrix", IEEE CG&A 1996).
	p, q := math.Hypot(a+d, c-b)/2, math.Hypot(a-d, c+b)/2
	return p + q, math.Abs(p - q)
}
