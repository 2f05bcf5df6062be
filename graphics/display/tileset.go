package display

import (
	"math/bits"

	"github.com/mmlite/mmlite/firmware/machine"
)

// mask is the tiles of word w of a row, of those from x0 to x1.
func mask(w, x0, x1 int) uint64 {
	lo, hi := max(x0-64*w, 0), min(x1-64*w, 64)
	return ^uint64(0) >> (64 - (hi - lo)) << lo
}

// due counts the tiles that a rectangle touches, and the rows that have any of them,
// but for hidden ones.
func (t *tiles) due(r machine.Rect, hidden *tiles) (n, rows int) {
	r = clip(r, t.bounds())
	if r.Empty() {
		return 0, 0
	}
	x0, x1 := r.X0/TileSize, (r.X1-1)/TileSize+1
	for y := r.Y0 / TileSize; y <= (r.Y1-1)/TileSize; y++ {
		before := n
		for w := x0 / 64; w <= (x1-1)/64; w++ {
			n += bits.OnesCount64(t.bits[y*t.stride+w] & mask(w, x0, x1) &^ hidden.bits[y*t.stride+w])
		}
		if n > before {
			rows++
		}
	}
	return n, rows
}

// fill adds the tiles all of which lie in a rectangle of the screen.
func (t *tiles) fill(r machine.Rect) {
	up := func(v, end int) int {
		if v >= end {
			return (end + TileSize - 1) / TileSize
		}
		return v / TileSize
	}
	x0, x1 := (max(r.X0, 0)+TileSize-1)/TileSize, up(r.X1, t.width)
	y0, y1 := (max(r.Y0, 0)+TileSize-1)/TileSize, up(r.Y1, t.height)
	if x0 < x1 && y0 < y1 {
		t.add(machine.Rect{X0: x0 * TileSize, Y0: y0 * TileSize, X1: x1 * TileSize, Y1: y1 * TileSize})
	}
}

// common adds the tiles of another set that a rectangle touches.
func (t *tiles) common(of *tiles, r machine.Rect) {
	r = clip(r, t.bounds())
	if r.Empty() {
		return
	}
	x0, x1 := r.X0/TileSize, (r.X1-1)/TileSize+1
	for y := r.Y0 / TileSize; y <= (r.Y1-1)/TileSize; y++ {
		for w := x0 / 64; w <= (x1-1)/64; w++ {
			t.bits[y*t.stride+w] |= of.bits[y*t.stride+w] & mask(w, x0, x1)
		}
	}
	t.count = 1
}

// remove takes away the tiles of another set.
func (t *tiles) remove(of *tiles) {
	if !t.any() {
		return
	}
	left := uint64(0)
	for i, w := range of.bits {
		t.bits[i] &^= w
		left |= t.bits[i]
	}
	if left == 0 {
		t.count = 0
	}
}

// row moves the tiles of the first row that has any to another set. It reports false
// if there are none.
func (t *tiles) row(to *tiles) bool {
	for i, w := range t.bits {
		if w == 0 {
			continue
		}
		i -= i % t.stride
		for k := range t.stride {
			to.bits[i+k] |= t.bits[i+k]
			t.bits[i+k] = 0
		}
		to.count = 1
		return true
	}
	t.count = 0
	return false
}
