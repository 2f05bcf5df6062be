package display

import (
	"math"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/graphics/compose"
)

// Share is the part of the compositor's time that what one client shows may take.
//
// Where there is too little time for all of a frame it is divided evenly: who needs no
// more than an equal part gets what he needs, and the others equal parts of the rest.
// What does not fit into its part is composed coarse, in as few halvings as it takes,
// and where the coarsest is too much, its layers furthest behind are left out, but for
// the few in front that anyone may show. So a frame is on time whatever is shown, and
// those pay for it who show too much, with how their own pictures look; and a computer
// that is slow shows what it can.
//
// The zero value is ready. Any goroutine may ask for what it counts.
type Share struct {
	coarse     atomic.Uint32
	shed, left atomic.Uint64

	load
}

// load is what composing a client's layers in one frame takes. It is the compositor's.
type load struct {
	want  [compose.MaxCoarse + 1]float64 // ns at each resolution
	most  int                            // tiles of its largest layer
	count int                            // layers, and in apply those that come yet
	level uint8
	over  float64 // ns that the coarsest takes too much
}

// Coarse is in how many halvings of the screen's resolution the client's layers were
// composed last.
func (s *Share) Coarse() uint32 { return s.coarse.Load() }

// Shed is how many frames were composed with the client's layers coarse, and how many
// layers were left out of them, altogether.
func (s *Share) Shed() (frames, layers uint64) { return s.shed.Load(), s.left.Load() }

// kept is how many layers of a client are never left out.
const kept = 16

// What composing is taken to cost as long as nothing was measured, in ns: pixels that
// are copied, blended and warped; more for those that are coloured, and for each texel
// they are the mean of; coarse ones, and their part of what comes of them; and a layer
// in a row of tiles.
const (
	copied, blended, warped = 0.3, 1.2, 4
	coloured, mean          = 1, 1
	rough, spread           = 30, 2
	visit                   = 2000
)

const tilePixels = TileSize * TileSize

// costs finds what an item costs in tiles of some rows, at each resolution.
func (it *Item) costs(n, rows int) (c [compose.MaxCoarse + 1]float64) {
	m, white := &it.Matrix, it.Color == 0xffffffff
	per := float64(warped)
	switch {
	case m.XX == 1 && m.YY == 1 && m.XY == 0 && m.YX == 0 && m.X0 == float32(int32(m.X0)) && m.Y0 == float32(int32(m.Y0)):
		per = copied
		if it.Pixels.Format.HasAlpha() || !white {
			per = blended
		}
	default:
		if det := math.Abs(float64(m.XX)*float64(m.YY) - float64(m.XY)*float64(m.YX)); det < 0.25 {
			per += mean * min(1/max(det, 1e-9), 256)
		}
	}
	if !white {
		per += coloured
	}
	pixels := float64(n) * tilePixels
	c[0] = pixels*per + float64(rows)*visit
	for k := 1; k <= compose.MaxCoarse; k++ {
		c[k] = min(pixels*rough/float64(int(1)<<(2*k))+float64(rows)*visit, c[k-1])
	}
	return c
}

// hides is the part of the screen of which the item shows nothing behind it.
func (it *Item) hides() (r machine.Rect, ok bool) {
	m := &it.Matrix
	if it.Pixels.Format.HasAlpha() || it.Color>>24 != 255 || m.XY != 0 || m.YX != 0 || !(m.XX > 0 && m.YY > 0) {
		return r, false
	}
	const far = 1 << 20
	at := func(v float64) int { return int(min(max(v, -far), far)) }
	x, y := float64(m.X0)-float64(m.XX)/2, float64(m.Y0)-float64(m.YY)/2
	// A pixel reaches half a pixel around its centre.
	r = machine.Rect{X0: at(math.Ceil(x + 0.5)), Y0: at(math.Ceil(y + 0.5)), X1: at(math.Floor(x + float64(m.XX)*float64(it.Pixels.Width) + 0.5)), Y1: at(math.Floor(y + float64(m.YY)*float64(it.Pixels.Height) + 0.5))}
	return clip(r, it.Clip), true
}

// estimate adds up what the layers of each client cost in the tiles of the frame that
// are not hidden, and returns the sum if all are sharp, in ns.
func (g *regulator) estimate(items []Item, now *tiles) (want float64) {
	for _, o := range g.shares {
		o.load = load{}
	}
	g.shares = g.shares[:0]
	g.covered.clear()
	for i := len(items) - 1; i >= 0; i-- { // from front to back
		it := &items[i]
		it.tiles, it.rows = now.due(it.Clip, &g.covered)
		if it.tiles == 0 {
			continue
		}
		o := it.share
		if o.most == 0 {
			g.shares = append(g.shares, o)
		}
		o.most = max(o.most, it.tiles)
		o.count++
		c := it.costs(it.tiles, it.rows)
		for k := range c {
			o.want[k] += c[k]
		}
		want += c[0]
		if r, ok := it.hides(); ok {
			g.covered.fill(r)
		}
	}
	for _, o := range g.shares {
		for k := 1; k <= compose.MaxCoarse; k++ {
			o.want[k] = min(o.want[k]+float64(o.most)*tilePixels*spread, o.want[0])
		}
	}
	return want
}

// divide gives each client its part of the time there is, in ns, and chooses the
// resolution its layers are composed at. It returns what all of that takes.
func (g *regulator) divide(budget float64) (planned float64) {
	left, n := budget, 0
	for _, o := range g.shares {
		if o.level = compose.MaxCoarse; o.want[0] > 0 {
			n++
		}
	}
	// Who needs no more than an equal part of what is left is served.
	for again := true; again; {
		again = false
		for _, o := range g.shares {
			if o.level > 0 && o.want[0]*float64(n) <= left {
				o.level, again = 0, true
				left -= o.want[0]
				n--
			}
		}
	}
	part := max(left, 0) / float64(max(n, 1))
	for _, o := range g.shares {
		if o.level > 0 {
			o.level = 1
			for o.level < compose.MaxCoarse && o.want[o.level] > part {
				o.level++
			}
			o.over = max(o.want[o.level]-part, 0)
		}
		planned += o.want[o.level] - o.over
	}
	return planned
}

// apply has items be composed as it was chosen, and left out from the furthest behind
// on where that is too much.
func (g *regulator) apply(items []Item, now *tiles) {
	for i := range items {
		it := &items[i]
		o := it.share
		if it.tiles == 0 {
			continue
		}
		if it.Coarse = o.level; o.level == 0 {
			continue
		}
		around := 2 << o.level // the filter spreads a coarse pixel
		g.coarse.common(now, machine.Rect{X0: it.Clip.X0 - around, Y0: it.Clip.Y0 - around, X1: it.Clip.X1 + around, Y1: it.Clip.Y1 + around})
		if o.count--; o.over > 0 && o.count >= kept {
			o.over -= it.costs(it.tiles, it.rows)[o.level]
			it.Color = 0
			o.left.Add(1)
		}
	}
	for _, o := range g.shares {
		o.coarse.Store(uint32(o.level))
		if o.level > 0 {
			o.shed.Add(1)
		}
	}
}
