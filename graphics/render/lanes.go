package render

import (
	"math"

	"github.com/mmlite/mmlite/graphics/raster"
)

// fetch takes positions, number by number.
func (g *geometry) fetch(src []byte, n int) {
	l, stride := g.l, g.layout.stride
	for i := range n {
		v := src[i*stride:]
		l.x[i], l.y[i], l.z[i] = loadFloat(v), loadFloat(v[4:]), loadFloat(v[8:])
	}
}

// fetchNormals takes normals into view coordinates.
func (g *geometry) fetchNormals(src []byte, n int) {
	l, stride, at := g.l, g.layout.stride, g.layout.normal
	for i := range n {
		v := src[i*stride+at:]
		l.nx[i], l.ny[i], l.nz[i] = loadFloat(v), loadFloat(v[4:]), loadFloat(v[8:])
	}
	l.turnNormals(&g.place.normal, g.plan.unit, n)
}

func (l *lanes) turnNormals(m *matrix, makeUnit bool, n int) {
	for i := range n {
		x, y, z := l.nx[i], l.ny[i], l.nz[i]
		a := float32(x*m[0][0]) + float32(y*m[1][0]) + float32(z*m[2][0])
		b := float32(x*m[0][1]) + float32(y*m[1][1]) + float32(z*m[2][1])
		c := float32(x*m[0][2]) + float32(y*m[1][2]) + float32(z*m[2][2])
		if makeUnit {
			s := inverseRoot(float32(a*a) + float32(b*b) + float32(c*c))
			a, b, c = a*s, b*s, c*s
		}
		l.nx[i], l.ny[i], l.nz[i] = a, b, c
	}
}

// inverseRoot is 1/sqrt(x), and nothing for what has none.
func inverseRoot(x float32) float32 {
	if !(x > tiny) {
		return 0
	}
	return 1 / float32(math.Sqrt(float64(x)))
}

// tiny is below any square of a length that matters.
const tiny = 1e-30

// toClip is the transformation that everything goes through.
func (l *lanes) toClip(m *matrix, n int) {
	for i := range n {
		x, y, z := l.x[i], l.y[i], l.z[i]
		l.cx[i] = float32(x*m[0][0]) + float32(y*m[1][0]) + float32(z*m[2][0]) + m[3][0]
		l.cy[i] = float32(x*m[0][1]) + float32(y*m[1][1]) + float32(z*m[2][1]) + m[3][1]
		l.cz[i] = float32(x*m[0][2]) + float32(y*m[1][2]) + float32(z*m[2][2]) + m[3][2]
		l.cw[i] = float32(x*m[0][3]) + float32(y*m[1][3]) + float32(z*m[2][3]) + m[3][3]
	}
}

func (l *lanes) toEye(m *matrix, n int) {
	for i := range n {
		x, y, z := l.x[i], l.y[i], l.z[i]
		l.ex[i] = float32(x*m[0][0]) + float32(y*m[1][0]) + float32(z*m[2][0]) + m[3][0]
		l.ey[i] = float32(x*m[0][1]) + float32(y*m[1][1]) + float32(z*m[2][1]) + m[3][1]
		l.ez[i] = float32(x*m[0][2]) + float32(y*m[1][2]) + float32(z*m[2][2]) + m[3][2]
	}
}

// toViewer is the direction towards the viewer.
func (l *lanes) toViewer(n int) {
	for i := range n {
		x, y, z := l.ex[i], l.ey[i], l.ez[i]
		s := -inverseRoot(float32(x*x) + float32(y*y) + float32(z*z))
		l.vx[i], l.vy[i], l.vz[i] = x*s, y*s, z*s
	}
}

// code says what a place in clip coordinates is behind, but for the guard.
func code(x, y, z, w float32) (c uint32) {
	if !(x >= -w) {
		c |= beyondLeft
	}
	if !(x <= w) {
		c |= beyondRight
	}
	if !(y >= -w) {
		c |= beyondBottom
	}
	if !(y <= w) {
		c |= beyondTop
	}
	if !(z >= 0) {
		c |= beyondNear
	}
	if !(z <= w) {
		c |= beyondFar
	}
	// What is infinite or no number is not equal to itself minus itself.
	if s := x + y + z + w; s-s != 0 {
		c |= noNumber
	}
	return c
}

// toScreen is the place of clip coordinates on the target.
func (p *placing) toScreen(x, y, z, w float32) (sx, sy, sz, rhw float32) {
	rhw = 1 / w
	sx = float32(float32(x*rhw)*p.sx) + p.ox
	sy = float32(float32(y*rhw)*p.sy) + p.oy
	sz = float32(float32(z*rhw)*p.sz) + p.oz
	return
}

// snap is a coordinate in sub-pixels, as raster rounds it, and whether it is in
// reach of it.
func snap(x float32) (int32, bool) {
	if !(x > -guard-1 && x < guard+1) {
		return 0, false
	}
	return int32(math.RoundToEven(float64(x) * 256)), true
}

func (s *spot) set(x, y float32) {
	var a, b bool
	s.x, a = snap(x)
	s.y, b = snap(y)
	if !a || !b {
		s.code |= beyondGuard
	}
}

// project puts vertices onto the target.
func (g *geometry) project(out []raster.Vertex, spots []spot) {
	l, p := g.l, &g.place
	for i := range out {
		x, y, z, w := l.cx[i], l.cy[i], l.cz[i], l.cw[i]
		v, s := &out[i], &spots[i]
		v.X, v.Y, v.Z, v.RHW = p.toScreen(x, y, z, w)
		s.code = code(x, y, z, w)
		if !(w > 0) {
			s.code |= beyondGuard
		}
		s.set(v.X, v.Y)
	}
}

// testPlanes finds the planes of ClipPlaneEnable.
func (g *geometry) testPlanes(spots []spot) {
	for i := range spots {
		v := [4]float32{g.l.x[i], g.l.y[i], g.l.z[i], 1}
		for k := range ClipPlanes {
			if g.place.planes>>k&1 != 0 && !(dot4(&g.place.plane[k], &v) >= 0) {
				spots[i].code |= beyondPlane << k
			}
		}
	}
}

func dot4(a, b *[4]float32) float32 {
	s := float32(a[0]*b[0]) + float32(a[1]*b[1])
	return s + (float32(a[2]*b[2]) + float32(a[3]*b[3]))
}

// takeTransformed takes vertices that are on the target already.
func (g *geometry) takeTransformed(src []byte, out []raster.Vertex, spots []spot) {
	at, bias := 0, g.place.bias
	for i := range out {
		v, s := &out[i], &spots[i]
		b := src[at : at+16]
		v.X, v.Y, v.Z, v.RHW = loadFloat(b), loadFloat(b[4:]), loadFloat(b[8:])+bias, loadFloat(b[12:])
		s.code = 0
		s.set(v.X, v.Y)
		if t := v.X + v.Y + v.Z + v.RHW; t-t != 0 {
			s.code |= noNumber
		}
		at += g.layout.stride
	}
}
