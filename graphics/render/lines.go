package render

// outline draws a triangle's edges or corners, if it is not culled.
func (f *front) outline(a, b, c, codes uint32) {
	r := f.r
	g := &r.geometry
	if r.states[CullMode] != CullNone {
		var p [3]corner
		for i, v := range [3]uint32{a, b, c} {
			f.load(&p[i], v)
		}
		// The sign of x, y and w is that of the area, cut or not.
		d := det3(&p[0].at, &p[1].at, &p[2].at)
		if !g.plan.transformed {
			d = -d // y goes up
		}
		if r.states[CullMode] == CullCW && d >= 0 || r.states[CullMode] == CullCCW && d <= 0 {
			return
		}
	}
	if r.states[FillMode] == FillPoint {
		f.point(a, a)
		f.point(b, a)
		f.point(c, a)
		return
	}
	f.stroke(a, b, a, true)
	f.stroke(b, c, a, true)
	f.stroke(c, a, a, true)
}

// det3 is the determinant of the x, y and w of three places.
func det3(a, b, c *[4]float32) float64 {
	m := func(p, q float32, r, s float32) float64 {
		return float64(float64(p)*float64(q)) - float64(float64(r)*float64(s))
	}
	d := float64(float64(a[3]) * m(b[0], c[1], c[0], b[1]))
	d += float64(float64(b[3]) * m(c[0], a[1], a[0], c[1]))
	return d + float64(float64(c[3])*m(a[0], b[1], b[0], a[1]))
}

// line puts a line of two vertices into bins.
func (f *front) line(a, b uint32, last bool) { f.stroke(a, b, a, last) }

// stroke is a line with the flat colour of a third vertex.
func (f *front) stroke(a, b, flat uint32, last bool) {
	r := f.r
	g, bs := &r.geometry, &r.bins
	s0, s1 := &g.spots[a], &g.spots[b]
	any := s0.code | s1.code
	f.took(strokeWork)
	if s0.code&s1.code&outside != 0 || any&noNumber != 0 {
		return
	}
	v0, v1 := g.vertices[g.base+int(a)], g.vertices[g.base+int(b)]
	if any&needsClip != 0 {
		f.load(&f.cut.a[0], a)
		f.load(&f.cut.a[1], b)
		ends := f.cutAll(2, any)
		var s [2]spot
		if len(ends) != 2 || !g.store(&ends[0], &v0, &s[0]) || !g.store(&ends[1], &v1, &s[1]) {
			return
		}
		last = last || s1.code&needsClip != 0
	}
	if r.states[ShadeMode] == ShadeFlat {
		p := &g.vertices[g.base+int(flat)]
		v0.Diffuse, v0.Specular = p.Diffuse, v0.Specular&0xff000000|p.Specular&0xffffff
	}
	if !f.room(bs.columns * bs.rows) {
		return
	}
	if f.set.SetupLine(&bs.snapshots[bs.state].slot.linked.p, &v0, &v1, last) {
		f.binBounds()
	}
}

// point puts a vertex into the bin of its pixel's chunk, with the flat colour of
// another one.
func (f *front) point(a, flat uint32) {
	r := f.r
	g, bs := &r.geometry, &r.bins
	if g.spots[a].code&(outside|needsClip|noNumber) != 0 || !f.room(1) {
		return
	}
	v := g.vertices[g.base+int(a)]
	if r.states[ShadeMode] == ShadeFlat {
		p := &g.vertices[g.base+int(flat)]
		v.Diffuse, v.Specular = p.Diffuse, v.Specular&0xff000000|p.Specular&0xffffff
	}
	if f.set.SetupPoint(&bs.snapshots[bs.state].slot.linked.p, &v) {
		f.binBounds()
	}
}

// binBounds bins the line or point that was set up.
func (f *front) binBounds() {
	b := &f.r.bins
	w := &b.snapshots[b.state].window
	x0, y0, x1, y1 := f.set.Bounds()
	x0, y0, x1, y1 = max(x0, w.X0), max(y0, w.Y0), min(x1, w.X1-1), min(y1, w.Y1-1)
	if x0 > x1 || y0 > y1 {
		return
	}
	f.spread(x0>>chunkBits, y0>>chunkBits, x1>>chunkBits, y1>>chunkBits)
}
