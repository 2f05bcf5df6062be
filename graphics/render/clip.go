package render

import (
	"math"

	"github.com/mmlite/mmlite/graphics/raster"
)

// maxCorners is what a triangle has after cutting at every plane.
const maxCorners = 3 + 2 + 1 + 4 + ClipPlanes

// corner is a vertex while it is cut: everything a plane may cut between.
type corner struct {
	at     [4]float32 // clip coordinates
	model  [4]float32 // for planes in the world
	colors [8]float32 // blue first
	tex    [Stages][2]float32
}

// cutter is the memory of cutting.
type cutter struct {
	a, b [maxCorners]corner
	dist [maxCorners]float32
}

// leastW is how near the plane of the viewer's eye anything may come.
const leastW = 1e-6

// load makes a corner of a vertex of the draw.
func (f *front) load(c *corner, i uint32) {
	g := &f.r.geometry
	v := &g.vertices[g.base+int(i)]
	for k := range 4 {
		c.colors[k], c.colors[4+k] = float32(v.Diffuse>>(8*k)&255), float32(v.Specular>>(8*k)&255)
	}
	c.tex = v.Tex
	if g.plan.transformed {
		// Back to what the viewport would have made it of.
		w := float32(1)
		if v.RHW > 0 {
			w = 1 / v.RHW
		}
		c.at = [4]float32{v.X * w, v.Y * w, v.Z * w, w}
		return
	}
	src := g.source[(g.first+int(i))*g.layout.stride:]
	l := &f.l
	fetch(&l.model, src, 0, 1)
	toClip(&l.clip, &l.model, &g.place.clip, 1)
	c.at = [4]float32{l.clip[0][0], l.clip[1][0], l.clip[2][0], l.clip[3][0]}
	c.model = [4]float32{l.model[0][0], l.model[1][0], l.model[2][0], 1}
}

// planes of cutting, after which come those of ClipPlaneEnable.
const (
	cutNear = iota
	cutFar
	cutEye
	cutLeft
	cutRight
	cutTop
	cutBottom
	cutPlane
)

// inside is how far a corner is in front of a plane; not negative is inside.
func (p *placing) inside(c *corner, plane int, transformed bool) float32 {
	x, y, z, w := c.at[0], c.at[1], c.at[2], c.at[3]
	if plane >= cutPlane {
		return dot4(&p.plane[plane-cutPlane], &c.model)
	}
	gx, gy := float32(w*p.gx), float32(w*p.gy)
	if transformed {
		gx = float32(w * guard)
		gy = gx
	}
	switch plane {
	case cutNear:
		return z
	case cutFar:
		return w - z
	case cutEye:
		return w - leastW
	case cutLeft:
		return x + gx
	case cutRight:
		return gx - x
	case cutTop:
		return gy - y
	}
	return y + gy
}

// cutBy cuts a polygon, or a line of two corners, by a plane.
func (f *front) cutBy(in, out []corner, n, plane int) int {
	g, d := &f.r.geometry, &f.cut.dist
	all := true
	for i := range n {
		d[i] = g.place.inside(&in[i], plane, g.plan.transformed)
		all = all && d[i] >= 0
	}
	if all {
		copy(out[:n], in[:n])
		return n
	}
	k := 0
	put := func(c *corner) {
		if k < len(out) {
			out[k] = *c
			k++
		}
	}
	for i := range n {
		j := i + 1
		if j == n {
			j = 0
		}
		here, there := d[i] >= 0, d[j] >= 0
		if here {
			put(&in[i])
		}
		if here != there && (n > 2 || j == 1) {
			var c corner
			// From the inside out, so that triangles on both sides of an edge
			// get one corner.
			if here {
				c.between(&in[i], &in[j], d[i], d[j])
			} else {
				c.between(&in[j], &in[i], d[j], d[i])
			}
			put(&c)
		}
	}
	return k
}

// between is where the way from a, d >= 0 in front of a plane, to b, behind it,
// meets the plane.
func (c *corner) between(a, b *corner, da, db float32) {
	t := float32(da / (da - db))
	if !(t >= 0) {
		t = 0
	}
	if !(t <= 1) {
		t = 1
	}
	mix := func(x, y float32) float32 { return x + float32(t*(y-x)) }
	for i := range c.at {
		c.at[i], c.model[i] = mix(a.at[i], b.at[i]), mix(a.model[i], b.model[i])
	}
	for i := range c.colors {
		c.colors[i] = mix(a.colors[i], b.colors[i])
	}
	for i := range c.tex {
		c.tex[i] = [2]float32{mix(a.tex[i][0], b.tex[i][0]), mix(a.tex[i][1], b.tex[i][1])}
	}
}

// cutAll cuts a polygon by every plane that some corner of codes is behind. The
// result is in the returned slice.
func (f *front) cutAll(n int, codes uint32) []corner {
	in, out := f.cut.a[:], f.cut.b[:]
	by := func(plane int) {
		if n > 0 {
			n = f.cutBy(in, out, n, plane)
			in, out = out, in
		}
	}
	if codes&beyondNear != 0 {
		by(cutNear)
	}
	if codes&beyondFar != 0 {
		by(cutFar)
	}
	for i := range ClipPlanes {
		if codes&(beyondPlane<<i) != 0 {
			by(cutPlane + i)
		}
	}
	if !f.r.geometry.plan.transformed {
		by(cutEye)
	}
	// Cutting elsewhere may bring corners out of reach that were hidden behind it.
	for plane := cutLeft; plane <= cutBottom; plane++ {
		by(plane)
	}
	return in[:n]
}

// store makes a corner a vertex of the arena. It is false if there is no place
// on the target for it.
func (g *geometry) store(c *corner, v *raster.Vertex, s *spot) bool {
	p := &g.place
	if g.plan.transformed {
		w := c.at[3]
		v.RHW = 1 / w
		v.X, v.Y, v.Z = c.at[0]/w, c.at[1]/w, c.at[2]/w
	} else {
		v.X, v.Y, v.Z, v.RHW = p.toScreen(c.at[0], c.at[1], c.at[2], c.at[3])
	}
	v.Diffuse, v.Specular = 0, 0
	for k := range 4 {
		v.Diffuse |= toChannel(c.colors[k]) << (8 * k)
		v.Specular |= toChannel(c.colors[4+k]) << (8 * k)
	}
	v.Tex = c.tex
	if v.X != v.X || v.Y != v.Y {
		return false
	}
	// Where far corners were cut, places are only nearly within the guard.
	v.X, v.Y = min(max(v.X, -most), most), min(max(v.Y, -most), most)
	s.x, s.y = int32(math.RoundToEven(float64(v.X)*256)), int32(math.RoundToEven(float64(v.Y)*256))
	return true
}

const most = raster.Reach - 64

// toChannel rounds a channel that lies between two of 0 to 255.
func toChannel(c float32) uint32 {
	return uint32(min(max(c, 0), 255) + 0.5)
}

// slowTriangle does what is to be cut or not to be filled.
func (f *front) slowTriangle(a, b, c, codes uint32) {
	f.took(cutWork)
	r := f.r
	g := &r.geometry
	if r.states[FillMode] != FillSolid {
		f.outline(a, b, c, codes)
		return
	}
	for i, v := range [3]uint32{a, b, c} {
		f.load(&f.cut.a[i], v)
	}
	poly := f.cutAll(3, codes)
	if len(poly) < 3 {
		return
	}
	first := f.corners(len(poly))
	if first < 0 {
		return
	}
	var spots [maxCorners]spot
	flat := &g.vertices[g.base+int(a)]
	for i := range poly {
		v := &g.vertices[first+i]
		if !g.store(&poly[i], v, &spots[i]) {
			return
		}
		if r.states[ShadeMode] == ShadeFlat {
			v.Diffuse, v.Specular = flat.Diffuse, v.Specular&0xff000000|flat.Specular&0xffffff
		}
	}
	for i := 1; i+1 < len(poly); i++ {
		s0, s1, s2 := &spots[0], &spots[i], &spots[i+1]
		area := int64(s1.x-s0.x)*int64(s2.y-s0.y) - int64(s2.x-s0.x)*int64(s1.y-s0.y)
		if r.culled(area) {
			continue
		}
		f.bin(uint32(first), uint32(first+i), uint32(first+i+1),
			min(s0.x, s1.x, s2.x), min(s0.y, s1.y, s2.y), max(s0.x, s1.x, s2.x), max(s0.y, s1.y, s2.y))
	}
}

// corners makes room in the arena for vertices that clipping adds, and says where;
// -1 if there is none.
func (f *front) corners(n int) int {
	g := &f.r.geometry
	first := int(g.used.Add(int32(n))) - n
	if first+n <= len(g.vertices) {
		return first
	}
	if !f.direct {
		f.failed = true
		return -1
	}
	g.used.Add(int32(-n))
	if f.r.spill() != nil {
		return -1
	}
	g.used.Store(int32(g.end + n))
	return g.end
}
