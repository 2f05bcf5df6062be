package render

import (
	"fmt"

	"github.com/mmlite/mmlite/contracts/graphics"
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
	r.gather(assembly{p: p, vertices: n})
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
		r.gather(assembly{p: p, vertices: k, more: first+piece+again < n})
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
	if !r.gather(assembly{p: p, vertices: n, indices: indices}) {
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
	used := int(g.used.Load())
	if used+n+spare > len(g.vertices) {
		if err := r.spill(); err != nil {
			return err
		}
		used = 0
	}
	g.base, g.first = used, first
	g.end = used + n
	g.used.Store(int32(g.end))
	r.prepare()
	r.transform(n)
	r.counts.Vertices += uint64(n)
	return nil
}

// What puts primitives into bins takes, in about ten nanoseconds, and how much of it
// is done between checkpoints.
const (
	cutWork     = 128
	strokeWork  = 64
	betweenWork = 4096
)

// took counts work that may leave nothing in bins: what is cut away, or culled.
func (f *front) took(work int) {
	if f.work += work; f.work >= betweenWork {
		f.work = 0
		f.r.checkpoint()
	}
}

// list does a list with indices: what programs draw most. Those that are seen
// whole, or face away, are told here, with all that is the same for all of them
// looked up before.
func (f *front) list(x []uint16, n uint32) bool {
	r := f.r
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
			f.triangle(a, b, c)
			continue
		}
		area := int64(s1.x-s0.x)*int64(s2.y-s0.y) - int64(s2.x-s0.x)*int64(s1.y-s0.y)
		if area == 0 || area*turn < 0 {
			continue
		}
		v := uint32(g.base) // a flush moves it
		f.bin(v+a, v+b, v+c, min(s0.x, s1.x, s2.x), min(s0.y, s1.y, s2.y), max(s0.x, s1.x, s2.x), max(s0.y, s1.y, s2.y))
	}
	return ok
}

// triangle puts a triangle into bins, or has it cut first.
func (f *front) triangle(a, b, c uint32) {
	r := f.r
	g := &r.geometry
	f.took(1)
	s0, s1, s2 := &g.spots[a], &g.spots[b], &g.spots[c]
	if s0.code&s1.code&s2.code&outside != 0 {
		return
	}
	any := s0.code | s1.code | s2.code
	if any&noNumber != 0 {
		return
	}
	if any&needsClip != 0 || r.states[FillMode] != FillSolid {
		f.slowTriangle(a, b, c, any)
		return
	}
	area := int64(s1.x-s0.x)*int64(s2.y-s0.y) - int64(s2.x-s0.x)*int64(s1.y-s0.y)
	if r.culled(area) {
		return
	}
	v := uint32(g.base)
	f.bin(v+a, v+b, v+c, min(s0.x, s1.x, s2.x), min(s0.y, s1.y, s2.y), max(s0.x, s1.x, s2.x), max(s0.y, s1.y, s2.y))
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
