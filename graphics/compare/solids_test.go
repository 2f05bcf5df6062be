package compare

import (
	"math"

	"github.com/mmlite/mmlite/graphics/render"
)

// mesh is vertices and the triangles they make up.
type mesh struct {
	v     []corner
	index []uint16
}

// sheet is a mesh of n by n squares, clockwise as seen from outside, with points
// by two parameters of 0 to 1. Normals are the caller's.
func (d *device) sheet(n int, at func(u, v float64) (p, normal [3]float32)) mesh {
	var m mesh
	for j := range n + 1 {
		for i := range n + 1 {
			u, v := float64(i)/float64(n), float64(j)/float64(n)
			var c corner
			c.at, c.normal = at(u, v)
			c.diffuse, c.specular = d.r.Uint32(), d.r.Uint32()
			c.tex = [2][2]float32{{float32(u) * 3, float32(v) * 3}, {float32(u)*2 + 0.3, float32(v)*2 + 0.1}}
			m.v = append(m.v, c)
		}
	}
	for j := range n {
		for i := range n {
			a := uint16(j*(n+1) + i)
			b, c := a+1, a+uint16(n)+1
			m.index = append(m.index, a, b, c+1, a, c+1, c)
		}
	}
	return m
}

func (d *device) sphere(n int, radius float64) mesh {
	return d.sheet(n, func(u, v float64) (p, normal [3]float32) {
		s, c := math.Sincos(2 * math.Pi * u)
		t, k := math.Sincos(math.Pi * v)
		x := [3]float64{-t * c, k, -t * s}
		for i := range x {
			p[i], normal[i] = float32(radius*x[i]), float32(x[i])
		}
		return
	})
}

func (d *device) torus(n int, radius, thick float64) mesh {
	return d.sheet(n, func(u, v float64) (p, normal [3]float32) {
		s, c := math.Sincos(2 * math.Pi * u)
		t, k := math.Sincos(2 * math.Pi * v)
		x := [3]float64{c * k, s * k, t}
		p = [3]float32{float32(c*radius + x[0]*thick), float32(s*radius + x[1]*thick), float32(x[2] * thick)}
		return p, [3]float32{float32(x[0]), float32(x[1]), float32(x[2])}
	})
}

// wall is a square that faces the viewer, with waves of a height.
func (d *device) wall(n int, size, wave float64) mesh {
	return d.sheet(n, func(u, v float64) (p, normal [3]float32) {
		x, y := size*(u-0.5), size*(0.5-v)
		sx, cx := math.Sincos(9 * u)
		sy, cy := math.Sincos(7 * v)
		p = [3]float32{float32(x), float32(y), float32(wave * sx * cy)}
		slopeX, slopeY := 9*wave*cx*cy/size, 7*wave*sx*sy/size
		k := -1 / math.Sqrt(1+slopeX*slopeX+slopeY*slopeY)
		return p, [3]float32{float32(-slopeX * k), float32(-slopeY * k), float32(k)}
	})
}

// solid draws a mesh's triangles.
func (d *device) solid(m mesh) {
	d.Helper()
	d.draw(render.TriangleList, m.v, m.index)
}

// look sets the usual camera, and turns what is drawn.
func (d *device) look(distance float32, x, y float64) {
	d.Helper()
	d.matrix(render.Projection, perspective(1, 0.5, 50))
	d.matrix(render.View, move(0, 0, distance))
	d.matrix(render.World, turn(x, y))
	d.set(uint32(render.Lighting), 0)
}
