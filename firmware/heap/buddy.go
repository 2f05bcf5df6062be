package heap

import "math/bits"

// buddy places power-of-two blocks. Node 1 of tree stands for the whole, nodes
// 2n and 2n+1 for the halves of node n, and each holds one more than the order
// of the largest free block within (0: none), so a block is found, taken and
// given back on one path between root and leaf. A block's order is the
// logarithm of its size in granules.
type buddy struct {
	tree   []uint8
	leaves uint32
	lead   uint32 // leaves before the region, there to make addresses align
	idle   uint32 // granules in free blocks
}

func newBuddy(base uint64, granules uint32) *buddy {
	n := uint64(1)
	for n < uint64(granules) {
		n <<= 1
	}
	// Leaf 0 stands at a multiple of n, or blocks would be aligned in the
	// region but not in memory. A region that straddles such a multiple needs
	// twice the leaves; its root is never one free block.
	lead := base & (n - 1)
	if lead != 0 {
		n <<= 1
	}
	b := &buddy{tree: make([]uint8, 2*n), leaves: uint32(n), lead: uint32(lead), idle: granules}
	for i := uint64(0); i < uint64(granules); i++ {
		b.tree[n+lead+i] = 1
	}
	for i := n - 1; i > 0; i-- {
		b.join(uint32(i), b.order(uint32(i)))
	}
	return b
}

// order returns the order of the blocks that node stands for.
func (b *buddy) order(node uint32) uint8 {
	return uint8(bits.Len32(b.leaves) - bits.Len32(node))
}

// join sets node, of the given order, from its halves and reports whether it
// changed.
func (b *buddy) join(node uint32, order uint8) bool {
	l, r := b.tree[2*node], b.tree[2*node+1]
	most := max(l, r)
	if l == order && r == order {
		most = order + 1
	}
	if b.tree[node] == most {
		return false
	}
	b.tree[node] = most
	return true
}

func (b *buddy) round(size, align uint32) uint32 {
	return uint32(1) << bits.Len32(max(size, align)-1)
}

func (b *buddy) take(size, align uint32) (place, bool) {
	if max(size, align) > b.leaves {
		return place{}, false
	}
	size = b.round(size, align)
	want := uint8(bits.Len32(size))
	if b.tree[1] < want {
		return place{}, false
	}
	node, order := uint32(1), b.order(1)
	for ; order >= want; order-- {
		// The half with the smaller sufficient block keeps large ones whole.
		l, r := b.tree[2*node], b.tree[2*node+1]
		node *= 2
		if l < want || r >= want && r < l {
			node++
		}
	}
	b.tree[node] = 0
	off := node<<order - b.leaves
	b.climb(node, order)
	b.idle -= size
	return place{off: off - b.lead, size: size}, true
}

func (b *buddy) give(p place) {
	order := uint8(bits.Len32(p.size) - 1)
	node := (b.leaves + b.lead + p.off) >> order
	b.tree[node] = order + 1
	b.climb(node, order)
	b.idle += p.size
}

func (b *buddy) climb(node uint32, order uint8) {
	for node > 1 {
		node, order = node/2, order+1
		if !b.join(node, order) {
			return
		}
	}
}

func (b *buddy) unused() uint32 { return b.idle }

func (b *buddy) largest() uint32 {
	if b.tree[1] == 0 {
		return 0
	}
	return 1 << (b.tree[1] - 1)
}

func (b *buddy) free(yield func(off, size uint32) bool) { b.walk(1, b.order(1), yield) }

func (b *buddy) walk(node uint32, order uint8, yield func(off, size uint32) bool) bool {
	switch b.tree[node] {
	case 0:
		return true
	case order + 1:
		return yield(node<<order-b.leaves-b.lead, 1<<order)
	}
	return b.walk(2*node, order-1, yield) && b.walk(2*node+1, order-1, yield)
}
