package render

import "github.com/mmlite/mmlite/graphics/raster"

// listsAtOnce is how many lists a front takes at a time.
const listsAtOnce = 16

// front is what one worker needs between vertices and bins: to transform, light, cut
// and bin.
//
// The front of the caller puts primitives into the chunks' bins directly, one after
// the other. Where several are at work, each fills bins of its own with the
// primitives of a piece of the draw; these parts are put behind each other in the
// order of the pieces when all are done: sort-middle, with the order restored
// (Molnar, Cox, Ellsworth and Fuchs 1994).
type front struct {
	r      *Renderer
	l      lanes
	cut    cutter
	set    raster.Triangle // being set up, to be kept if it is seen
	own    []head          // bins of its own
	heads  []head          // those that are filled
	direct bool            // these are the chunks', and rendered where there is no more room
	failed bool            // something did not find room
	parts  int32           // the first lists of its own bins, linked
	// Lists that it has at hand: those given back, linked, and some never used.
	free, next, end int32

	work      int    // that was gathered since the last checkpoint; see took
	triangles uint64 // put into bins since settle
	entries   uint64 // bins they were put into
}

func newFront(r *Renderer, chunks int, alone bool) *front {
	f := &front{r: r, parts: -1}
	f.l.tints = r.geometry.tints
	if !alone {
		f.own = make([]head, chunks)
		for i := range f.own {
			f.own[i] = head{-1, -1}
		}
	}
	f.drop()
	return f
}

// fill says which bins are filled.
func (f *front) fill(heads []head, direct bool) { f.heads, f.direct, f.failed = heads, direct, false }

// drop has the lists at hand no longer be there.
func (f *front) drop() { f.free, f.next, f.end = -1, 0, 0 }

// settle takes over what the caller's front has counted.
func (r *Renderer) settle() {
	f := r.bins.fronts[0]
	r.counts.Triangles += f.triangles
	r.counts.Entries += f.entries
	r.bins.entries += int(f.entries)
	f.triangles, f.entries = 0, 0
}

// take takes a list; -1 if there is none.
func (f *front) take() int32 {
	b := &f.r.bins
	if at := f.free; at >= 0 {
		f.free = b.lists[at].next
		return at
	}
	if f.next == f.end {
		end := b.taken.Add(listsAtOnce)
		if int(end) > len(b.lists) {
			b.taken.Add(-listsAtOnce)
			return -1
		}
		f.next, f.end = end-listsAtOnce, end
		if end&63 == 0 {
			f.r.checkpoint()
		}
	}
	f.next++
	return f.next - 1
}

// grow adds a list to a bin; nil if there is none.
func (f *front) grow(h *head, k int) *list {
	b := &f.r.bins
	at := f.take()
	if at < 0 {
		f.failed = true
		return nil
	}
	l := &b.lists[at]
	l.next, l.count = -1, 0
	switch {
	case h.last >= 0:
		b.lists[h.last].next = at
	case f.direct:
		h.first = at
		b.active = append(b.active, int32(k))
	default:
		h.first = at
		l.chunk, l.part = uint16(k), f.parts
		f.parts = at
	}
	h.last = at
	return l
}

// put adds an entry to a chunk's bin.
func (f *front) put(k int, e entry) {
	b := &f.r.bins
	h := &f.heads[k]
	var l *list
	if h.last >= 0 {
		l = &b.lists[h.last]
	}
	if l == nil || l.count == perList {
		if l = f.grow(h, k); l == nil {
			return
		}
	}
	l.entries[l.count] = e
	l.count++
}

// room makes room for n more entries of different chunks, and a triangle that
// is kept set up. It is false if the room is not to be had. Where several are at
// work, it is seen afterwards whether there was; see gather.
func (f *front) room(n int) bool {
	b := &f.r.bins
	if !f.direct {
		return !f.failed
	}
	if b.entries+int(f.entries)+n <= b.most && int(b.bigCount.Load()) < len(b.big) {
		return true
	}
	return f.r.spill() == nil
}

// few is in how many chunks a triangle may lie without being kept set up.
const few = 4

// bin puts a triangle of arena vertices, which lie between the given sub-pixels,
// into the bins of chunks it touches.
func (f *front) bin(v0, v1, v2 uint32, x0, y0, x1, y1 int32) {
	r := f.r
	b := &r.bins
	w := &b.snapshots[b.state].window
	left, right := max(int(x0+255)>>8, w.X0), min(int(x1)>>8, w.X1-1)
	top, bottom := max(int(y0+255)>>8, w.Y0), min(int(y1)>>8, w.Y1-1)
	if left > right || top > bottom {
		return
	}
	cx0, cx1, cy0, cy1 := left>>chunkBits, right>>chunkBits, top>>chunkBits, bottom>>chunkBits
	n := (cx1 - cx0 + 1) * (cy1 - cy0 + 1)
	if !f.room(n) {
		return
	}
	f.triangles++
	e := entry{v0, v1, v2, uint16(b.state), smallTriangle}
	if n <= few {
		// Drawing a triangle in one go costs less than keeping it set up, even where
		// a chunk at a corner has none of it.
		f.entries += uint64(n)
		for y := cy0; y <= cy1; y++ {
			for x := cx0; x <= cx1; x++ {
				f.put(y*b.columns+x, e)
			}
		}
		return
	}
	vs := r.geometry.vertices
	if f.set.Setup(&b.snapshots[b.state].slot.linked.p, raster.CullNone, &vs[v0], &vs[v1], &vs[v2]) {
		f.spread(cx0, cy0, cx1, cy1)
	}
}

// spread keeps the primitive that was set up, and puts it into bins.
func (f *front) spread(cx0, cy0, cx1, cy1 int) {
	b := &f.r.bins
	at := int(b.bigCount.Add(1)) - 1
	if at >= len(b.big) {
		f.failed = true
		return
	}
	b.big[at] = f.set
	e := entry{a: uint32(at), state: uint16(b.state), kind: bigTriangle}
	for y := cy0; y <= cy1; y++ {
		for x := cx0; x <= cx1; x++ {
			if f.set.Touches(x<<chunkBits, y<<chunkBits) {
				f.put(y*b.columns+x, e)
				f.entries++
			}
		}
	}
}
