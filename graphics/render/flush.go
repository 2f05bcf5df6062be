package render

import (
	"unsafe"

	"github.com/mmlite/mmlite/graphics/blit"
	"github.com/mmlite/mmlite/graphics/raster"
)

// Waits says whether something gathered is still to be drawn on or read from
// memory: the target's or its depth's. Who is about to read or write there, or
// to free it, calls Flush first. Textures are copies: their memory may be
// written at any time, with Texture.Changed after.
func (r *Renderer) Waits(pix []byte) bool {
	return r.bins.waiting() && overlap(pix, r.target.Pix)
}

// WaitsDepth says the same of a depth buffer.
func (r *Renderer) WaitsDepth(d *Depth) bool { return r.bins.waiting() && d == r.depth }

// Waiting says whether anything gathered is still to be drawn.
func (r *Renderer) Waiting() bool { return r.bins.waiting() }

// Flush draws everything that was gathered. Then the target's pixels are as
// they should be.
func (r *Renderer) Flush() error {
	b := &r.bins
	if b.waiting() {
		if b.whole.what != 0 {
			b.all()
		}
		b.errs[0] = b.specialize()
		b.team.Do(len(b.active), b.work)
		if err := b.recompile(); b.errs[0] == nil {
			b.errs[0] = err
		}
		r.counts.Flushes++
		for _, k := range b.active {
			b.heads[k] = head{-1, -1}
		}
		b.empty()
	}
	b.flushes++
	b.states = 0
	r.geometry.used.Store(0)
	r.geometry.end = 0
	for i, err := range b.errs {
		if err != nil {
			b.errs[i] = nil
			return err
		}
	}
	return nil
}

// all makes every chunk an active one.
func (b *bins) all() {
	for k := range b.heads[:b.columns*b.rows] {
		if b.heads[k].first < 0 {
			b.active = append(b.active, int32(k))
		}
	}
}

// render draws the bin of one chunk.
func (b *bins) render(worker, i int) {
	k := int(b.active[i])
	c := b.chunks[worker]
	x, y := k%b.columns<<chunkBits, k/b.columns<<chunkBits
	target, depth := &b.r.target, b.r.depth
	c.At(x, y, target.Bounds())
	err := b.open(c, k)
	if err == nil {
		b.draw(c, x, y, b.heads[k].first)
		c.At(x, y, target.Bounds())
		err = c.Store(target)
	}
	if err == nil && depth != nil {
		z, stencil := depth.chunk(k)
		if b.depthWritten || b.cleared(ClearDepth) {
			copy(z, c.Depth[:])
		}
		if stencil != nil && (b.stencilUsed || b.cleared(ClearStencil)) {
			copy(stencil, c.Stencil[:])
		}
	}
	if err != nil && b.errs[worker] == nil {
		b.errs[worker] = err
	}
}

// cleared says whether anything clears a plane.
func (b *bins) cleared(what ClearFlags) bool {
	f := b.whole.what
	for i := range b.clears[:b.clearCount] {
		f |= b.clears[i].what
	}
	return f&what != 0
}

// open fills a chunk with what is there, or what it was cleared to.
func (b *bins) open(c *raster.Chunk, k int) error {
	w, depth := &b.whole, b.r.depth
	if w.what&ClearTarget != 0 {
		c.Clear(w.color)
	} else if err := c.Load(&b.r.target); err != nil {
		return err
	}
	if depth == nil {
		return nil
	}
	z, stencil := depth.chunk(k)
	if w.what&ClearDepth != 0 {
		c.ClearDepth(w.z)
	} else if b.depthUsed || b.cleared(ClearDepth) {
		copy(c.Depth[:], z)
	}
	if stencil == nil {
		return nil
	}
	if w.what&ClearStencil != 0 {
		c.ClearStencil(w.stencil)
	} else if b.stencilUsed || b.cleared(ClearStencil) {
		copy(c.Stencil[:], stencil)
	}
	return nil
}

// draw draws a chunk's bin.
func (b *bins) draw(c *raster.Chunk, x, y int, at int32) {
	bounds := b.r.target.Bounds()
	vertices := b.r.geometry.vertices
	last, slow := ^uint16(0), false
	var loop Loop
	for at >= 0 {
		l := &b.lists[at]
		// However many there are in one chunk, none of them small: who waits for the
		// processor waits for a few.
		b.r.checkpoint()
		for i := range l.entries[:l.count] {
			e := &l.entries[i]
			if e.kind == clearRect {
				c.At(x, y, bounds)
				b.clears[e.a].apply(c, x, y)
				last = ^uint16(0)
				continue
			}
			if e.state != last {
				last = e.state
				s := &b.snapshots[last]
				loop, _ = s.slot.loop.Load()
				slow = s.slot.slow
				c.At(x, y, s.window)
			} else if slow {
				b.r.checkpoint()
			}
			if e.kind == smallTriangle {
				loop.Small(c, &vertices[e.a], &vertices[e.b], &vertices[e.c])
			} else {
				loop.Triangle(c, &b.big[e.a])
			}
		}
		at = l.next
	}
}

// apply clears the part of the rectangle that lies in the chunk at x, y.
func (w *clearing) apply(c *raster.Chunk, x, y int) {
	r := w.rect.Intersect(blit.Rect{X0: x, Y0: y, X1: x + chunkSize, Y1: y + chunkSize})
	if r.Empty() {
		return
	}
	for row := r.Y0 - y; row < r.Y1-y; row++ {
		from, to := row*chunkSize+r.X0-x, row*chunkSize+r.X1-x
		if w.what&ClearTarget != 0 {
			fill(c.Color[from:to], w.color)
		}
		if w.what&ClearDepth != 0 {
			fill(c.Depth[from:to], w.z)
		}
		if w.what&ClearStencil != 0 {
			fill(c.Stencil[from:to], w.stencil)
		}
	}
}

func fill[T any](s []T, v T) {
	for i := range s {
		s[i] = v
	}
}

const _ = -(unsafe.Sizeof(list{}) ^ 256)
