package heap

import "math/bits"

// Two-level lists: sizes are in granules. The first level is the power of two,
// the second divides each into 32 steps, so a list's sizes differ by 3 %.
const (
	secondBits  = 5
	secondLists = 1 << secondBits
	firstLists  = 32 - secondBits + 1
	// looks is how many blocks of lists that may or may not fit are tried
	// before a search gives up, which bounds its time.
	looks = 32
	none  = 0 // index of no block; blocks[0] is never used
)

// tblock is one block of the region, free or taken. Blocks form a list in the
// order of their addresses, and the free ones a list per size.
type tblock struct {
	off, size          uint32 // granules
	before, after      uint32 // neighbours in memory
	prevFree, nextFree uint32
	free               bool
}

// tlsf places blocks by two-level segregated fit.
type tlsf struct {
	base   uint64 // address of granule 0, in granules
	blocks []tblock
	spare  uint32 // unused entries of blocks, chained by nextFree
	first  uint32 // bit per first level that has a block
	second [firstLists]uint32
	heads  [firstLists][secondLists]uint32
	idle   uint32 // granules in free blocks
}

func newTLSF(base uint64, granules uint32, reserve int) *tlsf {
	t := &tlsf{base: base, blocks: make([]tblock, 1, 2*reserve+3)}
	b := t.entry()
	t.blocks[b] = tblock{size: granules}
	t.insert(b)
	return t
}

// list returns the list a free block of size granules is kept on.
func list(size uint32) (first, second int) {
	n := bits.Len32(size)
	if n <= secondBits {
		return 0, int(size)
	}
	first = n - secondBits
	return first, int(size>>(first-1)) & (secondLists - 1)
}

// roundUp returns the least size all blocks on whose list are as large as size.
func roundUp(size uint32) uint32 {
	n := bits.Len32(size)
	if n <= secondBits+1 {
		return size
	}
	step := uint32(1)<<(n-secondBits-1) - 1
	if size > ^uint32(0)-step {
		return size
	}
	return size + step
}

func (t *tlsf) entry() uint32 {
	if i := t.spare; i != none {
		t.spare = t.blocks[i].nextFree
		return i
	}
	t.blocks = append(t.blocks, tblock{})
	return uint32(len(t.blocks) - 1)
}

func (t *tlsf) discard(i uint32) {
	t.blocks[i] = tblock{nextFree: t.spare}
	t.spare = i
}

func (t *tlsf) insert(i uint32) {
	b := &t.blocks[i]
	f, s := list(b.size)
	head := t.heads[f][s]
	b.free, b.prevFree, b.nextFree = true, none, head
	if head != none {
		t.blocks[head].prevFree = i
	}
	t.heads[f][s] = i
	t.second[f] |= 1 << s
	t.first |= 1 << f
	t.idle += b.size
}

func (t *tlsf) remove(i uint32) {
	b := &t.blocks[i]
	if b.nextFree != none {
		t.blocks[b.nextFree].prevFree = b.prevFree
	}
	if b.prevFree != none {
		t.blocks[b.prevFree].nextFree = b.nextFree
	} else {
		f, s := list(b.size)
		t.heads[f][s] = b.nextFree
		if b.nextFree == none {
			if t.second[f] &^= 1 << s; t.second[f] == 0 {
				t.first &^= 1 << f
			}
		}
	}
	b.free = false
	t.idle -= b.size
}

// next returns the first list at or after (f, s) that has a block.
func (t *tlsf) next(f, s int) (int, int, bool) {
	if f >= firstLists {
		return 0, 0, false
	}
	if m := t.second[f] &^ (1<<s - 1); m != 0 {
		return f, bits.TrailingZeros32(m), true
	}
	m := t.first &^ (1<<(f+1) - 1)
	if m == 0 {
		return 0, 0, false
	}
	f = bits.TrailingZeros32(m)
	return f, bits.TrailingZeros32(t.second[f]), true
}

// gap returns how many granules lie between the start of block i and the first
// multiple of align in it.
func (t *tlsf) gap(i, align uint32) uint32 {
	return uint32(-(t.base + uint64(t.blocks[i].off)) & uint64(align-1))
}

func (t *tlsf) fits(i, size, align uint32) bool {
	return uint64(t.gap(i, align))+uint64(size) <= uint64(t.blocks[i].size)
}

// find returns a free block that holds size granules at a multiple of align.
// The head of the size's own list comes first, for a size freed a moment ago;
// then the lists on which any block fits; then a bounded look at those between.
func (t *tlsf) find(size, align uint32) uint32 {
	f0, s0 := list(size)
	if i := t.heads[f0][s0]; i != none && t.fits(i, size, align) {
		return i
	}
	if sure := uint64(size) + uint64(align) - 1; sure <= uint64(^uint32(0)) {
		f, s := list(roundUp(uint32(sure)))
		if f, s, ok := t.next(f, s); ok {
			if i := t.heads[f][s]; t.fits(i, size, align) {
				return i
			}
		}
	}
	left := looks
	for f, s, ok := t.next(f0, s0); ok; f, s, ok = t.next(f, s+1) {
		for i := t.heads[f][s]; i != none; i = t.blocks[i].nextFree {
			if t.fits(i, size, align) {
				return i
			}
			if left--; left == 0 {
				return none
			}
		}
	}
	return none
}

// cut makes the part of block i from at granules on a block of its own.
func (t *tlsf) cut(i, at uint32) uint32 {
	n := t.entry()
	b := &t.blocks[i]
	t.blocks[n] = tblock{off: b.off + at, size: b.size - at, before: i, after: b.after}
	if b.after != none {
		t.blocks[b.after].before = n
	}
	b.after, b.size = n, at
	return n
}

func (t *tlsf) take(size, align uint32) (place, bool) {
	i := t.find(size, align)
	if i == none {
		return place{}, false
	}
	t.remove(i)
	if g := t.gap(i, align); g > 0 {
		n := t.cut(i, g)
		t.insert(i)
		i = n
	}
	if t.blocks[i].size > size {
		t.insert(t.cut(i, size))
	}
	return place{off: t.blocks[i].off, size: size, ref: i}, true
}

func (t *tlsf) give(p place) {
	i := p.ref
	if a := t.blocks[i].after; a != none && t.blocks[a].free {
		t.remove(a)
		t.swallow(i, a)
	}
	if b := t.blocks[i].before; b != none && t.blocks[b].free {
		t.remove(b)
		t.swallow(b, i)
		i = b
	}
	t.insert(i)
}

// swallow adds block b, which follows a, to a.
func (t *tlsf) swallow(a, b uint32) {
	after := t.blocks[b].after
	t.blocks[a].size += t.blocks[b].size
	t.blocks[a].after = after
	if after != none {
		t.blocks[after].before = a
	}
	t.discard(b)
}

func (t *tlsf) round(size, _ uint32) uint32 { return size }

func (t *tlsf) unused() uint32 { return t.idle }

func (t *tlsf) largest() uint32 {
	if t.first == 0 {
		return 0
	}
	f := bits.Len32(t.first) - 1
	s := bits.Len32(t.second[f]) - 1
	var most uint32
	for i := t.heads[f][s]; i != none; i = t.blocks[i].nextFree {
		most = max(most, t.blocks[i].size)
	}
	return most
}

func (t *tlsf) free(yield func(off, size uint32) bool) {
	// The entry of the lowest block is 1 from the start and stays it: a block
	// is only ever swallowed by the one before it.
	for i := uint32(1); i != none; i = t.blocks[i].after {
		if b := &t.blocks[i]; b.free && !yield(b.off, b.size) {
			return
		}
	}
}
