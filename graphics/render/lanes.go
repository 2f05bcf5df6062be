package render

import (
	"math"

	"github.com/mmlite/mmlite/graphics/raster"
)

// fetch takes three numbers of each of n vertices.
func fetch(to *[3]lane, src []byte, stride, n int) {
	for i := fetchFast(to, src, stride, n); i < n; i++ {
		v := src[i*stride:]
		to[0][i], to[1][i], to[2][i] = loadFloat(v), loadFloat(v[4:]), loadFloat(v[8:])
	}
}

// turn multiplies directions by a matrix, in place or elsewhere.
func turn(to, from *[3]lane, m *matrix, n int) {
	for i := turnFast(to, from, m, n); i < n; i++ {
		x, y, z := from[0][i], from[1][i], from[2][i]
		for j := range to {
			to[j][i] = float32(x*m[0][j]) + float32(y*m[1][j]) + float32(z*m[2][j])
		}
	}
}

// unitLanes makes vectors of length 1, turned around if sign is the sign bit.
func unitLanes(to, from *[3]lane, sign uint32, n int) {
	for i := unitFast(to, from, sign, n); i < n; i++ {
		x, y, z := from[0][i], from[1][i], from[2][i]
		s := inverseRoot(float32(x*x) + float32(y*y) + float32(z*z))
		s = math.Float32frombits(math.Float32bits(s) ^ sign)
		to[0][i], to[1][i], to[2][i] = x*s, y*s, z*s
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
func toClip(to *[4]lane, from *[3]lane, m *matrix, n int) {
	for i := clipFast(to, from, m, n); i < n; i++ {
		x, y, z := from[0][i], from[1][i], from[2][i]
		for j := range to {
			to[j][i] = float32(x*m[0][j]) + float32(y*m[1][j]) + float32(z*m[2][j]) + m[3][j]
		}
	}
}

func toEye(to, from *[3]lane, m *matrix, n int) {
	for i := eyeFast(to, from, m, n); i < n; i++ {
		x, y, z := from[0][i], from[1][i], from[2][i]
		for j := range to {
			to[j][i] = float32(x*m[0][j]) + float32(y*m[1][j]) + float32(z*m[2][j]) + m[3][j]
		}
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
func (g *geometry) project(c *[4]lane, out []raster.Vertex, spots []spot) {
	p := &g.place
	for i := projectFast(out, spots, c, &p.view); i < len(out); i++ {
		x, y, z, w := c[0][i], c[1][i], c[2][i], c[3][i]
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
func (g *geometry) testPlanes(model *[3]lane, spots []spot) {
	for i := range spots {
		v := [4]float32{model[0][i], model[1][i], model[2][i], 1}
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

// scatter puts colours into vertices.
func scatter(out []raster.Vertex, front, back *[block]uint32) {
	for i := scatterFast(out, front, back); i < len(out); i++ {
		out[i].Diffuse, out[i].Specular = front[i], back[i]
	}
}
