package compose

import (
	"math"

	"github.com/mmlite/mmlite/graphics/blit"
)

// Affine takes a point of a layer's plane to the screen: x' = XX*x + XY*y + X0,
// y' = YX*x + YY*y + Y0, in pixels.
type Affine struct{ XX, XY, X0, YX, YY, Y0 float32 }

// Identity leaves points where they are.
var Identity = Affine{XX: 1, YY: 1}

// Translate moves by whole or broken pixels.
func Translate(x, y float32) Affine { return Affine{XX: 1, X0: x, YY: 1, Y0: y} }

// MaxPlace is how far from the screen's origin, in pixels, a corner of a layer may
// lie. Layers beyond show nothing.
const MaxPlace = 1 << 16

// MaxShrink is how many texels a step of one pixel may pass. Layers that shrink
// more show nothing.
const MaxShrink = 1 << 13

// Layer is a picture and how it is shown.
type Layer struct {
	// Surface is the picture. A format with alpha blends; others are opaque unless
	// Color is not.
	Surface blit.Surface
	Matrix  Affine
	Color   uint32    // ARGB8888 factor of every pixel: 0xffffffff changes nothing
	Depth   int32     // greater is behind; of equals, the later in the list is in front
	Clip    blit.Rect // of the screen; the zero Rect means everywhere
	Hidden  bool
	// Coarse is in how many halvings of the screen's resolution the layer is composed, up
	// to MaxCoarse, and its texels are then looked at one for each pixel: for a picture of
	// which there is no time to make more.
	Coarse uint8
}

// Opaque says whether the layer covers what is behind it.
func (l *Layer) Opaque() bool { return !l.Surface.Format.HasAlpha() && l.Color>>24 == 255 }

// Bounds is the smallest rectangle that has all pixels of the screen which the
// layer may change: what is damaged where it comes or goes. A layer that shows
// nothing has an empty one.
func (l *Layer) Bounds() blit.Rect {
	var p plan
	if !p.set(l) {
		return blit.Rect{}
	}
	return p.area
}

// corner is a point of the screen in 1/256 pixel.
type corner struct{ x, y int64 }

// plan is a layer made ready for drawing.
type plan struct {
	l       *Layer
	index   int32     // in the caller's list
	area    blit.Rect // the part of the screen it is seen on
	bounds  blit.Rect // the same where it is drawn, which is the screen, or coarser
	coarse  uint8
	edges   [4]edge
	inner   blit.Rect // of an upright layer: the pixels that it covers as a whole
	upright bool      // the layer's edges are the screen's
	moved   bool      // no more than moved, by whole pixels
	opaque  bool
	plain   bool   // texels need no alpha and no factor
	white   bool   // no factor
	factor  uint32 // multiplied by its own alpha
	// Positions in the layer, in 32.32 texels: at the screen's origin, and per pixel to
	// the right and down. Half of 1/128 is in them already.
	u, ux, uy int64
	v, vx, vy int64
	// The layer is reduced by so many halvings in each of its directions, of which some
	// are means and the others leave out what lies between.
	ku, kv, ju, jv uint8
	width, height  int // of it, then
}

// half is half of the last place that the filter looks at, in 32.32.
const half = 1 << 24

// set prepares a layer and says whether it can be seen at all.
func (p *plan) set(l *Layer) bool {
	m := &l.Matrix
	if l.Hidden || l.Color>>24 == 0 {
		return false
	}
	xx, xy, x0 := float64(m.XX), float64(m.XY), float64(m.X0)
	yx, yy, y0 := float64(m.YX), float64(m.YY), float64(m.Y0)
	coarse := min(l.Coarse, MaxCoarse)
	if coarse > 0 {
		n := float64(int(1) << coarse)
		xx, xy, x0 = xx/n, xy/n, coarsen(x0, coarse)
		yx, yy, y0 = yx/n, yy/n, coarsen(y0, coarse)
	}
	// Products of two float32 are exact in float64, so no compiler's fusing changes a
	// bit of what has one rounding only.
	det := float64(xx*yy) - float64(xy*yx)
	if !(math.Abs(det) > 0) || math.IsInf(det, 0) {
		return false
	}
	*p = plan{l: l, coarse: coarse}
	w, h := float64(l.Surface.Width), float64(l.Surface.Height)
	var at [4]corner
	for i, c := range [4][2]float64{{-0.5, -0.5}, {w - 0.5, -0.5}, {w - 0.5, h - 0.5}, {-0.5, h - 0.5}} {
		x := float64(float64(xx*c[0])+float64(xy*c[1])) + x0
		y := float64(float64(yx*c[0])+float64(yy*c[1])) + y0
		if !(math.Abs(x) <= MaxPlace) || !(math.Abs(y) <= MaxPlace) {
			return false
		}
		at[i] = corner{int64(math.Floor(x*256 + 0.5)), int64(math.Floor(y*256 + 0.5))}
	}
	if det < 0 {
		at[1], at[3] = at[3], at[1]
	}
	p.cover(&at)
	if l.Clip != (blit.Rect{}) {
		p.bounds = p.bounds.Intersect(p.within(l.Clip))
	}
	if p.bounds.Empty() {
		return false
	}
	p.area = p.bounds
	if coarse > 0 { // the filter spreads by one pixel
		b := p.bounds
		p.area = blit.Rect{X0: (b.X0 - 1 - coarseEdge) << coarse, Y0: (b.Y0 - 1 - coarseEdge) << coarse, X1: (b.X1 + 1 - coarseEdge) << coarse, Y1: (b.Y1 + 1 - coarseEdge) << coarse}
	}
	for i, c := range [4]float64{yy / det, -xy / det, -yx / det, xx / det} {
		if !(math.Abs(c) <= MaxShrink) {
			return false
		}
		*[4]*int64{&p.ux, &p.uy, &p.vx, &p.vy}[i] = fixed(c)
	}
	p.u = fixed((float64(xy*y0)-float64(yy*x0))/det) + half
	p.v = fixed((float64(yx*x0)-float64(xx*y0))/det) + half
	p.moved = coarse == 0 && xx == 1 && yy == 1 && xy == 0 && yx == 0 && x0 == math.Floor(x0) && y0 == math.Floor(y0)
	p.opaque = l.Opaque()
	a := l.Color >> 24
	p.factor = a<<24 | div255(l.Color>>16&255*a)<<16 | div255(l.Color>>8&255*a)<<8 | div255(l.Color&255*a)
	p.white = p.factor == 0xffffffff
	p.plain = p.white && !l.Surface.Format.HasAlpha()
	p.reduce(coarse > 0)
	return true
}

// within is a rectangle of the screen where the layer is drawn, or a little more.
func (p *plan) within(r blit.Rect) blit.Rect {
	if p.coarse == 0 {
		return r
	}
	return blit.Rect{X0: r.X0>>p.coarse + coarseEdge, Y0: r.Y0>>p.coarse + coarseEdge, X1: (r.X1-1)>>p.coarse + 1 + coarseEdge, Y1: (r.Y1-1)>>p.coarse + 1 + coarseEdge}
}

// fixed is 32.32 fixed point, rounded down. Its argument is less than 2^31.
func fixed(x float64) int64 { return int64(math.Floor(x * (1 << 32))) }
