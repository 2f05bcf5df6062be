package raster

// kind is what a Triangle was set up as.
type kind uint8

const (
	kindTriangle kind = iota
	kindLine
	kindPoint
)

// line is how a line runs through pixels, in sub-pixels. Its longer way is the
// major axis.
type line struct {
	start, end [2]int32 // major, minor
	steep      bool     // the major axis is y
	from, to   int32    // pixels of the major axis, both included, that are drawn
}

// SetupLine prepares a line for a pipeline's states. It is one pixel wide, and
// drawn by the diamond-exit rule: a pixel whose centre is c is drawn if the
// line leaves the diamond of all points p with |p-c| < 1/2, summed over both
// axes. With last, the pixel in whose diamond the line ends is drawn too.
// Attributes change along the major axis only. It is false if nothing is to be
// drawn. The triangle's other methods, and Chunk.Draw, then take it as a line.
func (t *Triangle) SetupLine(p *Pipeline, v0, v1 *Vertex, last bool) bool {
	x0, ok0 := snap(v0.X)
	y0, ok1 := snap(v0.Y)
	x1, ok2 := snap(v1.X)
	y1, ok3 := snap(v1.Y)
	if !(ok0 && ok1 && ok2 && ok3) {
		return false
	}
	dx, dy := x1-x0, y1-y0
	l := line{start: [2]int32{x0, y0}, end: [2]int32{x1, y1}}
	if l.steep = max(dy, -dy) > max(dx, -dx); l.steep {
		l.start, l.end = [2]int32{y0, x0}, [2]int32{y1, x1}
	}
	if dx == 0 && dy == 0 {
		return last && t.setupPoint(p, v0, x0, y0)
	}
	l.ends(last)
	if l.from > l.to {
		return false
	}
	t.kind, t.line = kindLine, l
	a, b := l.minor(l.from), l.minor(l.to)
	t.minX, t.maxX, t.minY, t.maxY = l.from, l.to, min(a, b), max(a, b)
	if l.steep {
		t.minX, t.maxX, t.minY, t.maxY = t.minY, t.maxY, t.minX, t.maxX
	}
	t.x, t.y = float64(x0)/sub, float64(y0)/sub
	t.diffuse, t.gloss = v0.Diffuse, v0.Specular
	// As a triangle whose third corner makes nothing change across.
	inv := float32(sub / float64(l.end[0]-l.start[0]))
	s := &slopes{x1: 1, y2: inv}
	if l.steep {
		s = &slopes{y1: 1, x2: -inv}
	}
	return t.setPlanes(p, s, v0, v1, v0)
}

// ends finds the first and last pixels of the major axis.
func (l *line) ends(last bool) {
	ahead := l.end[0] > l.start[0]
	first := nearestPixel(l.start[0])
	// The pixel beside the start is drawn if the start is not yet past its
	// centre, or still inside its diamond; then the line leaves the diamond.
	if past := l.start[0] - first<<subBits; !(past == 0 || ahead == (past < 0) || l.inside(l.start, first)) {
		first += step(ahead)
	}
	final := nearestPixel(l.end[0])
	switch past := l.end[0] - final<<subBits; {
	case l.inside(l.end, final):
		if !last {
			final -= step(ahead)
		}
	case past == 0 || ahead == (past < 0): // it does not reach the diamond
		final -= step(ahead)
	}
	if l.from, l.to = first, final; !ahead {
		l.from, l.to = final, first
	}
}

func step(ahead bool) int32 {
	if ahead {
		return 1
	}
	return -1
}

// nearestPixel is the pixel whose centre is nearest, the upper one of two.
func nearestPixel(at int32) int32 { return (at + sub/2) >> subBits }

// minor is the pixel of the minor axis at a pixel of the major one.
func (l *line) minor(major int32) int32 {
	d := int64(l.end[0] - l.start[0])
	n := int64(l.start[1])*d + (int64(major)<<subBits-int64(l.start[0]))*int64(l.end[1]-l.start[1])
	if d < 0 {
		n, d = -n, -d
	}
	return int32(floorDiv(n+d*(sub/2), d<<subBits))
}

// floorDiv is n/d rounded down, for d above zero.
func floorDiv(n, d int64) int64 {
	q := n / d
	if n%d < 0 {
		q--
	}
	return q
}

// inside says whether a point is in the diamond that the line meets at a pixel
// of the major axis.
func (l *line) inside(p [2]int32, major int32) bool {
	a, b := p[0]-major<<subBits, p[1]-l.minor(major)<<subBits
	return max(a, -a)+max(b, -b) < sub/2
}

// cover finds a line's pixels in a chunk.
func (l *line) cover(masks []uint32, c *Chunk, x0, x1, y0, y1 int32) (any uint32) {
	for i := range masks {
		masks[i] = 0
	}
	if l.steep {
		for y := max(y0, l.from-c.y); y < min(y1, l.to+1-c.y); y++ {
			if x := l.minor(y+c.y) - c.x; x >= x0 && x < x1 {
				masks[y-y0] |= 1 << uint(x)
				any |= 1 << uint(x)
			}
		}
		return any
	}
	for x := max(x0, l.from-c.x); x < min(x1, l.to+1-c.x); x++ {
		if y := l.minor(x+c.x) - c.y; y >= y0 && y < y1 {
			masks[y-y0] |= 1 << uint(x)
			any |= 1 << uint(x)
		}
	}
	return any
}

// touches says whether the line runs through a chunk.
func (l *line) touches(x, y int32) bool {
	major, minor := x, y
	if l.steep {
		major, minor = y, x
	}
	from, to := max(l.from, major), min(l.to, major+Size-1)
	if from > to {
		return false
	}
	a, b := l.minor(from), l.minor(to)
	return min(a, b) < minor+Size && max(a, b) >= minor
}

// SetupPoint prepares a point: the one pixel whose centre is nearest, the
// upper one of two. It is false if its place is no number or out of Reach. The
// triangle's other methods, and Chunk.Draw, then take it as a point.
func (t *Triangle) SetupPoint(p *Pipeline, v *Vertex) bool {
	x, okX := snap(v.X)
	y, okY := snap(v.Y)
	return okX && okY && t.setupPoint(p, v, x, y)
}

func (t *Triangle) setupPoint(p *Pipeline, v *Vertex, x, y int32) bool {
	t.kind = kindPoint
	t.minX, t.minY = nearestPixel(x), nearestPixel(y)
	t.maxX, t.maxY = t.minX, t.minY
	t.x, t.y = float64(x)/sub, float64(y)/sub
	t.diffuse, t.gloss = v.Diffuse, v.Specular
	return t.setPlanes(p, &slopes{}, v, v, v)
}
