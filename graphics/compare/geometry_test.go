package compare

import (
	"math/rand/v2"

	"github.com/mmlite/mmlite/graphics/raster"
)

// Vertices lie on whole 1/256ths of a pixel, which both sides round to.
func place(r *rand.Rand, from, to int) float32 {
	return float32(from*256+r.IntN((to-from)*256)) / 256
}

// between is a number at random.
func between(r *rand.Rand, from, to float32) float32 { return from + (to-from)*r.Float32() }

// shape is what vertices are given.
type shape struct {
	near, far float32 // depths
	most      float32 // the largest w; 1 draws without perspective
	texels    float32 // the texture repeats so often over the picture
	color     uint32  // of all vertices; 0 is at random
}

// vertex is one at a place of the picture, and at random otherwise.
func (s *scene) vertex(x, y float32, g *shape) raster.Vertex {
	v := raster.Vertex{X: x, Y: y, Z: between(s.r, g.near, g.far), RHW: 1, Diffuse: s.r.Uint32(), Specular: s.r.Uint32()}
	if g.most > 1 {
		v.RHW = 1 / between(s.r, 1, g.most)
	}
	if g.color != 0 {
		v.Diffuse = g.color
	}
	for i := range v.Tex {
		scale := g.texels * (1 + 0.37*float32(i))
		v.Tex[i] = [2]float32{x/sceneWidth*scale + 0.013 + 0.3*float32(i), y/sceneHeight*scale - 0.171}
	}
	return v
}

// scatter adds triangles anywhere, some beyond the picture's edges.
func (s *scene) scatter(b *batch, n int, g shape) {
	for range 3 * n {
		b.v = append(b.v, s.vertex(place(s.r, -30, sceneWidth+30), place(s.r, -30, sceneHeight+30), &g))
	}
}

// cover adds a mesh over the whole picture, n by n squares of two triangles.
func (s *scene) cover(b *batch, n int, g shape) {
	row := func(j int) []raster.Vertex {
		out := make([]raster.Vertex, n+1)
		for i := range out {
			x, y := float32(i*(sceneWidth+32)/n-16), float32(j*(sceneHeight+32)/n-16)
			if i > 0 && i < n && j > 0 && j < n {
				x, y = x+place(s.r, -4, 4), y+place(s.r, -4, 4)
			}
			out[i] = s.vertex(x, y, &g)
		}
		return out
	}
	above := row(0)
	for j := 1; j <= n; j++ {
		below := row(j)
		for i := range n {
			b.v = append(b.v, above[i], above[i+1], below[i+1], above[i], below[i+1], below[i])
		}
		above = below
	}
}

// plane adds a floor that runs into the distance: w rises from 1 at the bottom,
// the texture is flat on it.
func (s *scene) plane(b *batch, g shape) {
	var q [4]raster.Vertex
	for i := range q {
		x, y := float32(i&1*(sceneWidth+40)-20)+0.25, float32(i>>1*(sceneHeight+40)-20)+0.125
		v := s.vertex(x, y, &g)
		v.Z, v.RHW = g.near, 1
		if i < 2 {
			v.Z, v.RHW = g.far, 1/g.most
		}
		for k := range v.Tex {
			v.Tex[k] = [2]float32{(x/sceneWidth-0.5)*g.texels/v.RHW + 0.013, g.texels * (1/v.RHW - 0.97) * (1 + 0.37*float32(k))}
		}
		q[i] = v
	}
	b.v = append(b.v, q[0], q[1], q[3], q[0], q[3], q[2])
}

// tile adds a rectangle in cell i of a grid, with a turned texture that is drawn
// at a scale: so many texels of the size a pixel.
func (s *scene) tile(b *batch, i, columns, rows int, scale float32, size int, g shape) {
	w, h := float32(sceneWidth/columns), float32(sceneHeight/rows)
	x0, y0 := float32(i%columns)*w+1.25, float32(i/columns)*h+1.125
	var q [4]raster.Vertex
	for k := range q {
		x, y := x0, y0
		if k&1 != 0 {
			x += w - 3
		}
		if k&2 != 0 {
			y += h - 3
		}
		v := s.vertex(x, y, &g)
		for n := range v.Tex {
			a := scale / float32(size)
			u, w := (x-x0)*a, (y-y0)*a
			v.Tex[n] = [2]float32{u*0.96 - w*0.28 - 0.219, u*0.28 + w*0.96 - 0.147}
		}
		q[k] = v
	}
	b.v = append(b.v, q[0], q[1], q[3], q[0], q[3], q[2])
}
