package raster

// Reach bounds the screen coordinates of vertices, in pixels. Triangles
// beyond are for a clipper to cut.
const Reach = 32768

// Vertex is a transformed and lit vertex.
type Vertex struct {
	X, Y, Z, RHW float32 // pixels, pixels, 0..1, 1/w
	Diffuse      uint32  // ARGB
	Specular     uint32  // RGB, with the fog factor as alpha
	Tex          [2][2]float32
}

// What planes a triangle has: those of most triangles come first, for vectors.
// Colours are in the order of memory: blue first.
const (
	planeZ        = 0
	planeW        = 1
	planeTex      = 2
	planeDiffuse  = 4
	planeTex2     = 8
	planeSpecular = 12
	planeSlots    = 16 // whole vectors
)

// planeOfTex is where a stage's texture coordinates are.
func planeOfTex(i int) int { return planeTex + i*(planeTex2-planeTex) }

// gradients are planes by their value at the first vertex and their change a pixel.
type gradients struct {
	c, dx, dy [planeSlots]float32
}

// edge is a*x + b*y + c at the centre of pixel x, y: not negative inside. A
// pixel that only just fails by the fill rule is negative.
type edge struct {
	a, b int32
	c    int64
}

// Triangle is a triangle set up for drawing, or a line or a point.
type Triangle struct {
	edges          [3]edge
	minX, minY     int32 // pixels inside
	maxX, maxY     int32
	x, y           float64 // the first vertex
	affine         bool    // one w
	diffuse, gloss uint32  // colours of the first vertex
	g              gradients
	kind           kind
	line           line
}

const (
	subBits = 8 // of sub-pixel positions
	sub     = 1 << subBits
)

// snap rounds a coordinate to the nearest sub-pixel, halves to the even one;
// false if it is no number or out of reach.
func snap(x float32) (int32, bool) {
	if !(x > -Reach && x < Reach) {
		return 0, false
	}
	return nearestInt(x * sub), true
}

// Cull says which triangles not to draw.
type Cull uint8

const (
	CullNone Cull = iota + 1
	CullClockwise
	CullCounterclockwise
)

// Setup prepares a triangle for a pipeline's states. It is false if nothing is
// to be drawn: the triangle has no area, covers no pixel centre, is culled, or
// has coordinates that are no numbers or out of Reach.
func (t *Triangle) Setup(p *Pipeline, cull Cull, v0, v1, v2 *Vertex) bool {
	x0, ok0 := snap(v0.X)
	y0, ok1 := snap(v0.Y)
	x1, ok2 := snap(v1.X)
	y1, ok3 := snap(v1.Y)
	x2, ok4 := snap(v2.X)
	y2, ok5 := snap(v2.Y)
	if !(ok0 && ok1 && ok2 && ok3 && ok4 && ok5) {
		return false
	}
	area := int64(x1-x0)*int64(y2-y0) - int64(x2-x0)*int64(y1-y0)
	if area == 0 || area > 0 && cull == CullClockwise || area < 0 && cull == CullCounterclockwise {
		return false
	}
	t.minX, t.maxX = (min(x0, x1, x2)+sub-1)>>subBits, max(x0, x1, x2)>>subBits
	t.minY, t.maxY = (min(y0, y1, y2)+sub-1)>>subBits, max(y0, y1, y2)>>subBits
	if t.minX > t.maxX || t.minY > t.maxY {
		return false
	}
	if area > 0 {
		t.edges[0].between(x0, y0, x1, y1)
		t.edges[1].between(x1, y1, x2, y2)
		t.edges[2].between(x2, y2, x0, y0)
	} else {
		t.edges[0].between(x0, y0, x2, y2)
		t.edges[1].between(x2, y2, x1, y1)
		t.edges[2].between(x1, y1, x0, y0)
	}
	t.kind = kindTriangle
	t.x, t.y = float64(x0)/sub, float64(y0)/sub
	t.diffuse, t.gloss = v0.Diffuse, v0.Specular
	inv := float32(sub / float64(area))
	s := &slopes{float32(x1-x0) * inv, float32(y1-y0) * inv, float32(x2-x0) * inv, float32(y2-y0) * inv}
	return t.setPlanes(p, s, v0, v1, v2)
}

// between makes the edge from one corner to the next, with the inside on its right.
func (e *edge) between(x0, y0, x1, y1 int32) {
	a, b := y0-y1, x1-x0
	c := -(int64(a)*int64(x0) + int64(b)*int64(y0))
	if a < 0 || a == 0 && b < 0 {
		c-- // neither left nor top: the edge itself is outside
	}
	// Pixels are whole multiples of sub, so rounding down loses nothing.
	e.a, e.b, e.c = a, b, c>>subBits
}

// slopes turns differences at the corners into changes a pixel.
type slopes struct{ x1, y1, x2, y2 float32 }

func (t *Triangle) plane(i int, s *slopes, q0, q1, q2 float32) {
	d1, d2 := q1-q0, q2-q0
	t.g.c[i] = q0
	t.g.dx[i] = float32(d1*s.y2) - float32(d2*s.y1)
	t.g.dy[i] = float32(d2*s.x1) - float32(d1*s.x2)
}

// setPlanes makes the planes the pipeline needs.
func (t *Triangle) setPlanes(p *Pipeline, s *slopes, v0, v1, v2 *Vertex) bool {
	w0, w1, w2 := v0.RHW, v1.RHW, v2.RHW
	t.affine = w0 == w1 && w1 == w2 || !(w0 > 0 && w1 > 0 && w2 > 0)
	w := &[3]float32{w0, w1, w2}
	if t.affine {
		*w = [3]float32{1, 1, 1}
	}
	if t.planesFast(p, s, v0, v1, v2, w) {
		t.flattenW(p)
		return true
	}
	if p.need&needZ != 0 {
		t.plane(planeZ, s, v0.Z, v1.Z, v2.Z)
	}
	t.plane(planeW, s, w0, w1, w2)
	t.flattenW(p)
	w0, w1, w2 = w[0], w[1], w[2]
	if p.need&needDiffuse != 0 {
		t.colour(planeDiffuse, s, v0.Diffuse, v1.Diffuse, v2.Diffuse, w0, w1, w2)
	}
	if p.need&needSpecular != 0 {
		t.colour(planeSpecular, s, v0.Specular, v1.Specular, v2.Specular, w0, w1, w2)
	}
	for i := range p.State.Stages {
		if p.need&(needTex<<i) == 0 {
			continue
		}
		k := p.State.Stages[i].Coord & 1
		a, b, c := &v0.Tex[k], &v1.Tex[k], &v2.Tex[k]
		t.plane(planeOfTex(i), s, float32(a[0]*w0), float32(b[0]*w1), float32(c[0]*w2))
		t.plane(planeOfTex(i)+1, s, float32(a[1]*w0), float32(b[1]*w1), float32(c[1]*w2))
	}
	return true
}

// flattenW makes 1/w one where pixels need not divide by it.
func (t *Triangle) flattenW(p *Pipeline) {
	if t.affine && p.need&needW == 0 {
		t.g.c[planeW], t.g.dx[planeW], t.g.dy[planeW] = 1, 0, 0
	}
}

func (t *Triangle) colour(i int, s *slopes, a, b, c uint32, w0, w1, w2 float32) {
	for k := range 4 {
		sh := 8 * k
		t.plane(i+k, s, float32(float32(a>>sh&255)*w0), float32(float32(b>>sh&255)*w1), float32(float32(c>>sh&255)*w2))
	}
}

// Bounds are the pixels that may be covered: from min to max, both included.
func (t *Triangle) Bounds() (minX, minY, maxX, maxY int) {
	return int(t.minX), int(t.minY), int(t.maxX), int(t.maxY)
}

// corner evaluates planes at a chunk's corner.
func (t *Triangle) corner(to *[planeSlots]float32, x, y int32) {
	ox, oy := float64(x)-t.x, float64(y)-t.y
	for i := range planeSlots {
		v := float64(t.g.c[i]) + float64(float64(t.g.dx[i])*ox)
		to[i] = float32(v + float64(float64(t.g.dy[i])*oy))
	}
}
