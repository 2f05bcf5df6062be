package render

// How much of a draw is one piece of work, which is worth telling others of where
// there are two, and how many pieces are gathered before they are put in order.
const (
	verticesPiece   = 512
	primitivesPiece = 1024
	wavesMost       = 32
)

// piece is what has become of a piece of a draw.
type piece struct {
	parts     int32 // its bins
	triangles uint64
	entries   uint64
	ok        bool // indices were not too large
	failed    bool // something did not find room
}

// transform does the n vertices of a draw.
func (r *Renderer) transform(n int) {
	if team := r.bins.team; n > verticesPiece && team.Workers() > 1 {
		team.Do((n+verticesPiece-1)/verticesPiece, r.transformPart)
		return
	}
	r.bins.fronts[0].transform(0, n)
}

func (r *Renderer) transformPiece(worker, i int) {
	g := &r.geometry
	r.bins.fronts[worker].transform(i*verticesPiece, min((i+1)*verticesPiece, g.end-g.base))
}

// gather puts the primitives of a draw into bins. It is false if some indices were
// too large.
//
// Where there are several workers, they gather a wave of pieces at once. Nobody can
// tell then which primitive would have been the one that finds no more room, before
// which everything gathered has to be rendered; and as chunks in between have the
// colours of their target, that one is to be the same however many are at work. So a
// wave counts only if each primitive of it would have found room. Else it is done
// once more, in smaller waves, and in the end one after the other.
func (r *Renderer) gather(a assembly) bool {
	b := &r.bins
	ok, f := true, b.fronts[0]
	n, shared := a.count(), b.team.Workers() > 1
	for at := 0; at < n; {
		pieces := 0
		if shared && n-at > primitivesPiece {
			// Primitives lie in two chunks each, more or less.
			left := (b.most - b.entries - b.columns*b.rows) / (2 * primitivesPiece)
			pieces = min((n-at+primitivesPiece-1)/primitivesPiece, r.wave, left)
		}
		if pieces > 1 {
			if some, fit := r.together(&a, at, pieces); fit {
				at += pieces * primitivesPiece
				ok = ok && some
				r.wave = min(2*r.wave, wavesMost)
			} else {
				r.wave = pieces / 2
			}
			continue
		}
		to := min(at+primitivesPiece, n)
		f.fill(b.heads, true)
		ok = f.assemble(&a, at, to) && ok
		r.settle()
		r.checkpoint()
		at, r.wave = to, max(r.wave, 2)
	}
	return ok
}

// together has a wave gathered. It is false if that did not fit, and nothing has
// changed then.
func (r *Renderer) together(a *assembly, at, pieces int) (ok, fit bool) {
	b, g := &r.bins, &r.geometry
	used, bigs := g.used.Load(), b.bigCount.Load()
	for _, f := range b.fronts {
		f.start()
	}
	r.assembly, r.gatherAt = *a, at
	b.team.Do(pieces, r.gatherPart)
	r.assembly = assembly{}
	ok, fit = true, true
	entries := 0
	for i := range r.done[:pieces] {
		p := &r.done[i]
		ok, fit = ok && p.ok, fit && !p.failed
		entries += int(p.entries)
	}
	f := b.fronts[0]
	f.fill(b.heads, true)
	if b.entries+entries+b.columns*b.rows > b.most || int(b.bigCount.Load()) >= len(b.big) {
		fit = false
	}
	for i := range r.done[:pieces] {
		p := &r.done[i]
		if !fit {
			f.discard(p.parts)
			continue
		}
		f.link(p.parts)
		r.counts.Triangles += p.triangles
		r.counts.Entries += p.entries
	}
	if fit {
		b.entries += entries
	} else {
		g.used.Store(used)
		b.bigCount.Store(bigs)
	}
	return ok, fit
}

// gatherPiece gathers a piece into bins of its own.
func (r *Renderer) gatherPiece(worker, i int) {
	f, a := r.bins.fronts[worker], &r.assembly
	from := r.gatherAt + i*primitivesPiece
	f.fill(f.own, false)
	ok := f.assemble(a, from, min(from+primitivesPiece, a.count()))
	f.r.checkpoint()
	r.done[i] = piece{f.finish(), f.triangles, f.entries, ok, f.failed}
	f.triangles, f.entries = 0, 0
}

// start has the front's own bins be empty. They are, unless a thread was ended while
// it filled them.
func (f *front) start() {
	f.triangles, f.entries = 0, 0
	if f.parts >= 0 {
		for k := range f.own {
			f.own[k] = head{-1, -1}
		}
		f.parts = -1
	}
}

// finish empties the front's own bins and returns what was in them: the first lists,
// linked, each with the last one of its chunk.
func (f *front) finish() int32 {
	b := &f.r.bins
	for at := f.parts; at >= 0; {
		l := &b.lists[at]
		h := &f.own[l.chunk]
		l.last = h.last
		*h = head{-1, -1}
		at = l.part
	}
	parts := f.parts
	f.parts = -1
	return parts
}

// link puts parts behind what is in the chunks' bins. What fits into the last list
// goes there, so that lists are half full at least.
func (f *front) link(at int32) {
	b := &f.r.bins
	for at >= 0 {
		l := &b.lists[at]
		h, next := &b.heads[l.chunk], l.part
		if h.last < 0 {
			h.first = at
			h.last = l.last
			b.active = append(b.active, int32(l.chunk))
			at = next
			continue
		}
		to := &b.lists[h.last]
		if l.last == at && int(to.count)+int(l.count) <= perList {
			copy(to.entries[to.count:], l.entries[:l.count])
			to.count += l.count
			l.next = f.free
			f.free = at
		} else {
			to.next = at
			h.last = l.last
		}
		at = next
	}
}

// discard gives the lists of parts back.
func (f *front) discard(at int32) {
	b := &f.r.bins
	for at >= 0 {
		l := &b.lists[at]
		b.lists[l.last].next = f.free
		f.free = at
		at = l.part
	}
}
