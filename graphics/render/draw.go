package render

import (
	"fmt"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/graphics/raster"
)

// Primitive is what vertices make up.
type Primitive = graphics.Primitive

// The primitives.
const (
	PointList     = graphics.PointList
	LineList      = graphics.LineList
	LineStrip     = graphics.LineStrip
	TriangleList  = graphics.TriangleList
	TriangleStrip = graphics.TriangleStrip
	TriangleFan   = graphics.TriangleFan
)

// Draw draws all vertices, which are of a format and packed. They are not kept.
// Vertices that do not make up a whole primitive are left out. The error is
// ErrVertices if they are not whole, or a fan of more than MaxVertices;
// ErrUnsupported for a format there is not; ErrTarget without a target;
// ErrFeedback for a texture that is the target: it was drawn without.
func (r *Renderer) Draw(p Primitive, f Format, vertices []byte) error {
	n, err := r.begin(p, f, vertices)
	if err != nil || n == 0 {
		return err
	}
	feedback := r.record()
	if feedback != nil && feedback != ErrFeedback {
		return feedback
	}
	if n > MaxVertices {
		if p == TriangleFan {
			return fmt.Errorf("%w: a fan of %d", ErrVertices, n)
		}
		return r.pieces(p, n, feedback)
	}
	if err := r.take(0, n); err != nil {
		return err
	}
	r.assemble(p, n)
	return feedback
}

// pieces draws what has more vertices than go at once.
func (r *Renderer) pieces(p Primitive, n int, feedback error) error {
	// A multiple of what any list needs, and of the two windings of strips.
	const piece = 65532
	again := 0
	switch p {
	case LineStrip:
		again = 1
	case TriangleStrip:
		again = 2
	}
	for first := 0; first+again < n; first += piece {
		k := min(piece+again, n-first)
		if err := r.take(first, k); err != nil {
			return err
		}
		r.assemble(p, k)
	}
	return feedback
}

// DrawIndexed draws those of the vertices that indices name, each transformed
// once, whether named or not. The error is as Draw's; ErrIndex if an index is
// too large, in which case what names it is left out; ErrVertices for more than
// MaxVertices.
func (r *Renderer) DrawIndexed(p Primitive, f Format, vertices []byte, indices []uint16) error {
	n, err := r.begin(p, f, vertices)
	if err != nil || n == 0 || len(indices) == 0 {
		if err == nil && len(indices) > 0 {
			err = ErrIndex
		}
		return err
	}
	if n > MaxVertices {
		return fmt.Errorf("%w: %d with indices", ErrVertices, n)
	}
	feedback := r.record()
	if feedback != nil && feedback != ErrFeedback {
		return feedback
	}
	if err := r.take(0, n); err != nil {
		return err
	}
	if !r.assembleIndexed(p, indices, n) {
		return ErrIndex
	}
	return feedback
}

// begin checks a draw and says how many vertices it has.
func (r *Renderer) begin(p Primitive, f Format, vertices []byte) (int, error) {
	if r.target.Pix == nil {
		return 0, fmt.Errorf("%w: none", ErrTarget)
	}
	if p < PointList || p > TriangleFan {
		return 0, fmt.Errorf("%w: primitive %d", ErrUnsupported, p)
	}
	g := &r.geometry
	if g.format != f || g.layout.stride == 0 {
		if err := g.layout.parse(f); err != nil {
			g.layout.stride = 0
			return 0, err
		}
		g.format = f
	}
	n := len(vertices) / g.layout.stride
	if n*g.layout.stride != len(vertices) {
		return 0, fmt.Errorf("%w: %d bytes of %d each", ErrVertices, len(vertices), g.layout.stride)
	}
	g.source = vertices
	r.counts.Batches++
	return n, nil
}

// take transforms vertices of the source into the arena.
func (r *Renderer) take(first, n int) error {
	g := &r.geometry
	if g.used+n+spare > len(g.vertices) {
		if err := r.spill(); err != nil {
			return err
		}
		g.used = 0
	}
	g.base, g.first = g.used, first
	g.used += n
	g.end = g.used
	r.prepare()
	r.transform(first, n)
	r.counts.Vertices += uint64(n)
	return nil
}

// assemble makes primitives of vertices that were taken.
func (r *Renderer) assemble(p Primitive, n int) {
	k := uint32(n)
	switch p {
	case PointList:
		for i := range k {
			r.took(1)
			r.point(i, i)
		}
	case LineList:
		for i := uint32(0); i+1 < k; i += 2 {
			r.line(i, i+1, r.on(LastPixel))
		}
	case LineStrip:
		for i := uint32(0); i+1 < k; i++ {
			r.line(i, i+1, i+2 == k && r.on(LastPixel))
		}
	case TriangleList:
		for i := uint32(0); i+2 < k; i += 3 {
			r.triangle(i, i+1, i+2)
		}
	case TriangleStrip:
		for i := uint32(0); i+2 < k; i++ {
			r.triangle(i, i+1+i&1, i+2-i&1)
		}
	case TriangleFan:
		for i := uint32(1); i+1 < k; i++ {
			r.triangle(i, i+1, 0)
		}
	}
}

// assembleIndexed makes primitives of indices. It is false if some were too large.
func (r *Renderer) assembleIndexed(p Primitive, x []uint16, n int) bool {
	k, ok := uint32(n), true
	at := func(i int) uint32 { return uint32(x[i]) }
	three := func(a, b, c uint32) {
		if a < k && b < k && c < k {
			r.triangle(a, b, c)
		} else {
			ok = false
		}
	}
	two := func(a, b uint32, last bool) {
		if a < k && b < k {
			r.line(a, b, last && r.on(LastPixel))
		} else {
			ok = false
		}
	}
	switch p {
	case PointList:
		for i := range x {
			r.took(1)
			if at(i) < k {
				r.point(at(i), at(i))
			} else {
				ok = false
			}
		}
	case LineList:
		for i := 0; i+1 < len(x); i += 2 {
			two(at(i), at(i+1), true)
		}
	case LineStrip:
		for i := 0; i+1 < len(x); i++ {
			two(at(i), at(i+1), i+2 == len(x))
		}
	case TriangleList:
		const piece = 3 * 1024
		for len(x) > piece {
			ok = r.triangles(x[:piece], k) && ok
			x = x[piece:]
			r.checkpoint()
		}
		return r.triangles(x, k) && ok
	case TriangleStrip:
		for i := 0; i+2 < len(x); i++ {
			three(at(i), at(i+1+i&1), at(i+2-i&1))
		}
	case TriangleFan:
		for i := 1; i+1 < len(x); i++ {
			three(at(i), at(i+1), at(0))
		}
	}
	return ok
}

// What puts primitives into bins takes, in about ten nanoseconds, and how much of it
// is done between checkpoints.
const (
	cutWork     = 128
	strokeWork  = 64
	betweenWork = 4096
)

// took counts work that may leave nothing in bins: what is cut away, or culled.
func (r *Renderer) took(work int) {
	if r.work += work; r.work >= betweenWork {
		r.work = 0
		r.checkpoint()
	}
}

// triangles does a list with indices: what programs draw most. Those that are seen
// whole, or face away, are told here, with all that is the same for all of them
// looked up before.
func (r *Renderer) triangles(x []uint16, n uint32) bool {
	g, ok := &r.geometry, true
	spots, turn := g.spots[:n], int64(0)
	switch r.states[CullMode] {
	case CullCW:
		turn = -1
	case CullCCW:
		turn = 1
	}
	solid := r.states[FillMode] == FillSolid
	for ; len(x) >= 3; x = x[3:] {
		a, b, c := uint32(x[0]), uint32(x[1]), uint32(x[2])
		if max(a, b, c) >= uint32(len(spots)) {
			ok = false
			continue
		}
		s0, s1, s2 := &spots[a], &spots[b], &spots[c]
		if s0.code|s1.code|s2.code != 0 || !solid {
			r.triangle(a, b, c)
			continue
		}
		area := int64(s1.x-s0.x)*int64(s2.y-s0.y) - int64(s2.x-s0.x)*int64(s1.y-s0.y)
		if area == 0 || area*turn < 0 {
			continue
		}
		v := uint32(g.base) // a flush moves it
		r.bin(v+a, v+b, v+c, min(s0.x, s1.x, s2.x), min(s0.y, s1.y, s2.y), max(s0.x, s1.x, s2.x), max(s0.y, s1.y, s2.y))
	}
	return ok
}

// triangle puts a triangle into bins, or has it cut first.
func (r *Renderer) triangle(a, b, c uint32) {
	g := &r.geometry
	r.took(1)
	s0, s1, s2 := &g.spots[a], &g.spots[b], &g.spots[c]
	if s0.code&s1.code&s2.code&outside != 0 {
		return
	}
	any := s0.code | s1.code | s2.code
	if any&noNumber != 0 {
		return
	}
	if any&needsClip != 0 || r.states[FillMode] != FillSolid {
		r.slowTriangle(a, b, c, any)
		return
	}
	area := int64(s1.x-s0.x)*int64(s2.y-s0.y) - int64(s2.x-s0.x)*int64(s1.y-s0.y)
	if r.culled(area) {
		return
	}
	v := uint32(g.base)
	r.bin(v+a, v+b, v+c, min(s0.x, s1.x, s2.x), min(s0.y, s1.y, s2.y), max(s0.x, s1.x, s2.x), max(s0.y, s1.y, s2.y))
}

// culled says whether a triangle of twice that area, positive if clockwise, is
// not to be drawn.
func (r *Renderer) culled(area int64) bool {
	switch r.states[CullMode] {
	case CullCW:
		return area >= 0
	case CullCCW:
		return area <= 0
	}
	return area == 0
}

// few is in how many chunks a triangle may lie without being kept set up.
const few = 4

// bin puts a triangle of arena vertices, which lie between the given sub-pixels,
// into the bins of chunks it touches.
func (r *Renderer) bin(v0, v1, v2 uint32, x0, y0, x1, y1 int32) {
	b := &r.bins
	w := &b.snapshots[b.state].window
	left, right := max(int(x0+255)>>8, w.X0), min(int(x1)>>8, w.X1-1)
	top, bottom := max(int(y0+255)>>8, w.Y0), min(int(y1)>>8, w.Y1-1)
	if left > right || top > bottom {
		return
	}
	cx0, cx1, cy0, cy1 := left>>chunkBits, right>>chunkBits, top>>chunkBits, bottom>>chunkBits
	n := (cx1 - cx0 + 1) * (cy1 - cy0 + 1)
	if !r.room(n) {
		return
	}
	r.counts.Triangles++
	e := entry{v0, v1, v2, uint16(b.state), smallTriangle}
	if n <= few {
		// Drawing a triangle in one go costs less than keeping it set up, even where
		// a chunk at a corner has none of it.
		r.counts.Entries += uint64(n)
		for y := cy0; y <= cy1; y++ {
			for x := cx0; x <= cx1; x++ {
				b.put(y*b.columns+x, e)
			}
		}
		return
	}
	t := &b.big[b.bigCount]
	vs := r.geometry.vertices
	if t.Setup(&b.snapshots[b.state].slot.linked.p, raster.CullNone, &vs[v0], &vs[v1], &vs[v2]) {
		r.spread(t, cx0, cy0, cx1, cy1)
	}
}

// spread puts a set-up primitive, the next of those that are kept, into bins.
func (r *Renderer) spread(t *raster.Triangle, cx0, cy0, cx1, cy1 int) {
	b := &r.bins
	e := entry{a: uint32(b.bigCount), state: uint16(b.state), kind: bigTriangle}
	b.bigCount++
	for y := cy0; y <= cy1; y++ {
		for x := cx0; x <= cx1; x++ {
			if t.Touches(x<<chunkBits, y<<chunkBits) {
				b.put(y*b.columns+x, e)
				r.counts.Entries++
			}
		}
	}
}
