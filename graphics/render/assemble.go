package render

// assembly is the primitives of a draw, as vertices or indices make them up.
type assembly struct {
	p        Primitive
	vertices int
	indices  []uint16 // nil: the vertices in their order
	more     bool     // of a strip that goes on
}

// count is how many primitives it is.
func (a *assembly) count() int {
	k := a.corners()
	switch a.p {
	case PointList:
		return k
	case LineList:
		return k / 2
	case LineStrip:
		return max(k-1, 0)
	case TriangleList:
		return k / 3
	}
	return max(k-2, 0)
}

// corners is how many vertices are named.
func (a *assembly) corners() int {
	if a.indices != nil {
		return len(a.indices)
	}
	return a.vertices
}

// at is a vertex that is named, and whether there is one.
func (a *assembly) at(i int) (uint32, bool) {
	if a.indices == nil {
		return uint32(i), true
	}
	v := uint32(a.indices[i])
	return v, v < uint32(a.vertices)
}

// assemble makes primitives, from one to before another. It is false if some
// indices were too large.
func (f *front) assemble(a *assembly, from, to int) bool {
	ok, last := true, f.r.on(LastPixel)
	three := func(i, j, k int) {
		u, have0 := a.at(i)
		v, have1 := a.at(j)
		w, have2 := a.at(k)
		if have0 && have1 && have2 {
			f.triangle(u, v, w)
		} else {
			ok = false
		}
	}
	two := func(i int, last bool) {
		u, have0 := a.at(i)
		v, have1 := a.at(i + 1)
		if have0 && have1 {
			f.line(u, v, last)
		} else {
			ok = false
		}
	}
	if a.p == TriangleList && a.indices != nil {
		return f.list(a.indices[3*from:3*to], uint32(a.vertices))
	}
	for i := from; i < to; i++ {
		switch a.p {
		case PointList:
			f.took(1)
			if v, have := a.at(i); have {
				f.point(v, v)
			} else {
				ok = false
			}
		case LineList:
			two(2*i, last)
		case LineStrip:
			two(i, last && i+2 == a.corners() && !a.more)
		case TriangleList:
			three(3*i, 3*i+1, 3*i+2)
		case TriangleStrip:
			three(i, i+1+i&1, i+2-i&1)
		case TriangleFan:
			three(i+1, i+2, 0)
		}
	}
	return ok
}
