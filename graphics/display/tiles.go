package display

import (
	"math/bits"

	"github.com/mmlite/mmlite/firmware/machine"
)

const (
	// TileSize is the width and height of what is composed and copied as a whole.
	TileSize = 32
	// MaxRects is how many rectangles a change is told by.
	MaxRects = 64
)

// tiles is a set of tiles of the screen.
type tiles struct {
	width, height int // pixels
	cols, rows    int
	stride        int // words a row
	bits          []uint64
	count         int // words that are not zero, or more
}

func newTiles(width, height int) tiles {
	t := tiles{width: width, height: height, cols: (width + TileSize - 1) / TileSize, rows: (height + TileSize - 1) / TileSize}
	t.stride = (t.cols + 63) / 64
	t.bits = make([]uint64, t.stride*t.rows)
	return t
}

// add adds the tiles that a rectangle, which may reach beyond the screen, touches.
func (t *tiles) add(r machine.Rect) {
	r = clip(r, t.bounds())
	if r.Empty() {
		return
	}
	x0, x1 := r.X0/TileSize, (r.X1-1)/TileSize+1
	for y := r.Y0 / TileSize; y <= (r.Y1-1)/TileSize; y++ {
		row := t.bits[y*t.stride : (y+1)*t.stride]
		for w := x0 / 64; w <= (x1-1)/64; w++ {
			lo, hi := max(x0-64*w, 0), min(x1-64*w, 64)
			row[w] |= ^uint64(0) >> (64 - (hi - lo)) << lo
		}
	}
	t.count = 1
}

func (t *tiles) bounds() machine.Rect { return machine.Rect{X1: t.width, Y1: t.height} }

func (t *tiles) any() bool { return t.count > 0 }

// take adds the tiles of another set, which has none afterwards.
func (t *tiles) take(from *tiles) {
	t.merge(from)
	from.clear()
}

// merge adds the tiles of another set of the same screen.
func (t *tiles) merge(from *tiles) {
	if from.count == 0 {
		return
	}
	for i, w := range from.bits {
		t.bits[i] |= w
	}
	t.count = 1
}

func (t *tiles) clear() {
	clear(t.bits)
	t.count = 0
}

// run finds the next tiles beside each other in a row of words, from column x on. It
// reports false if there are none.
func run(row []uint64, x int) (from, to int, ok bool) {
	w := x / 64
	if w >= len(row) {
		return 0, 0, false
	}
	for v := row[w] >> (x % 64) << (x % 64); ; v = row[w] {
		if v != 0 {
			from = 64*w + bits.TrailingZeros64(v)
			break
		}
		if w++; w == len(row) {
			return 0, 0, false
		}
	}
	for to = from; to < 64*len(row) && row[to/64]>>(to%64)&1 != 0; to++ {
	}
	return from, to, true
}

// rects appends rectangles that cover all tiles, at most MaxRects, none of which
// overlap: runs of tiles, those of neighbouring rows as one where they are as wide.
// If that makes too many, rows are covered from the first tile to the last; and if
// that does, the whole by one.
func (t *tiles) rects(into []machine.Rect) []machine.Rect {
	if !t.any() {
		return into
	}
	start := len(into)
	for _, whole := range [2]bool{false, true} {
		var ok bool
		if into, ok = t.cover(into[:start], whole); ok {
			return into
		}
	}
	all := into[start]
	for _, r := range into[start+1:] {
		all = join(all, r)
	}
	// What did not fit is below.
	return append(into[:start], machine.Rect{X0: 0, Y0: all.Y0, X1: t.width, Y1: t.height})
}

// cover is rects by runs, or by whole rows. It reports false if they are too many.
func (t *tiles) cover(into []machine.Rect, whole bool) ([]machine.Rect, bool) {
	start, last := len(into), len(into) // last: where those of the row before begin
	for y := range t.rows {
		row := t.bits[y*t.stride : (y+1)*t.stride]
		here := len(into)
		top, bottom := y*TileSize, min((y+1)*TileSize, t.height)
		for x := 0; ; {
			from, to, ok := run(row, x)
			if !ok {
				break
			}
			for whole {
				_, end, more := run(row, to)
				if !more {
					break
				}
				to = end
			}
			x = to
			if len(into)-start == MaxRects {
				return into, false
			}
			into = append(into, machine.Rect{X0: from * TileSize, Y0: top, X1: min(to*TileSize, t.width), Y1: bottom})
		}
		if same(into[last:here], into[here:], top) {
			for i := last; i < here; i++ {
				into[i].Y1 = bottom
			}
			into = into[:here]
		} else {
			last = here
		}
	}
	return into, true
}

// same reports whether two rows' rectangles are as wide, and meet at a line.
func same(above, below []machine.Rect, line int) bool {
	if len(above) != len(below) || len(above) == 0 {
		return false
	}
	for i, a := range above {
		if a.X0 != below[i].X0 || a.X1 != below[i].X1 || a.Y1 != line {
			return false
		}
	}
	return true
}

func clip(r, to machine.Rect) machine.Rect {
	return machine.Rect{X0: max(r.X0, to.X0), Y0: max(r.Y0, to.Y0), X1: min(r.X1, to.X1), Y1: min(r.Y1, to.Y1)}
}

func join(a, b machine.Rect) machine.Rect {
	return machine.Rect{X0: min(a.X0, b.X0), Y0: min(a.Y0, b.Y0), X1: max(a.X1, b.X1), Y1: max(a.Y1, b.Y1)}
}
