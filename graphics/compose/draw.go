package compose

import "github.com/mmlite/mmlite/graphics/blit"

// stagePixels is how many texels can be made ready at once: those under a cell
// that shrinks a layer by 2.5 and turns it by 45 degrees.
const stagePixels = 32 << 10

// draw draws what a layer covers of run, which is a part of a band whose first line
// is top: c.lines has them.
func (c *Compositor) draw(dst *blit.Surface, p *plan, top int, run blit.Rect) {
	if p.moved {
		c.copy(dst, p, top, run)
		return
	}
	for x := run.X0; x < run.X1; {
		end := min(run.X1, x&^(cellPixels-1)+cellPixels)
		c.warp(dst, p, top, blit.Rect{X0: x, Y0: run.Y0, X1: end, Y1: run.Y1})
		x = end
	}
}

// copy draws a layer that is no more than moved by whole pixels.
func (c *Compositor) copy(dst *blit.Surface, p *plan, top int, run blit.Rect) {
	s := &p.l.Surface
	dx, dy := int(p.u>>32), int(p.v>>32)
	straight := p.white && (s.Format == blit.XRGB8888 || s.Format == blit.ARGB8888)
	for y := run.Y0; y < run.Y1; y++ {
		a, b := c.span(top, y, run)
		if straight && a < b {
			at := (y+dy)*s.Pitch + 4*(a+dx)
			if p.opaque {
				mask(row(dst, a, b, y), s.Pix[at:at+4*(b-a)])
			} else {
				lay(row(dst, a, b, y), s.Pix[at:at+4*(b-a)])
			}
		} else {
			for x := a; x < b; {
				n := min(b-x, 8*cellPixels)
				pix := c.stage[:4*n]
				p.load(pix, x+dx, y+dy)
				if p.opaque {
					mask(row(dst, x, x+n, y), pix)
				} else {
					over(row(dst, x, x+n, y), pix)
				}
				x += n
			}
		}
		c.done(b - a)
	}
}

// span is what a layer covers of a line of run.
func (c *Compositor) span(top, y int, run blit.Rect) (int, int) {
	l := &c.lines[y-top]
	a, b := max(l.a, run.X0), min(l.b, run.X1)
	return a, max(a, b)
}

// load gets texels of a line, and makes them ready.
func (p *plan) load(pix []byte, x, y int) {
	p.l.Surface.Load(pix, x, y)
	p.ready(pix)
}

// ready makes texels ready: for filtering and for going over others.
func (p *plan) ready(pix []byte) {
	if p.l.Surface.Format.HasAlpha() {
		premultiply(pix)
	}
	if !p.white {
		tint(pix, p.factor)
	}
}

// position is the place in a layer, in 16.16 texels, of a pixel: exact at every
// 64th pixel, in equal steps from there.
func (p *plan) position(x, y int) (u, v int64) {
	from := int64(x &^ (cellPixels - 1))
	k := int64(x) - from
	du, dv := p.step()
	return (p.u+p.ux*from+p.uy*int64(y))>>16 + k*du, (p.v+p.vx*from+p.vy*int64(y))>>16 + k*dv
}

// step is how far a pixel is from the one left of it, in 16.16 texels.
func (p *plan) step() (du, dv int64) { return (p.ux + 1<<15) >> 16, (p.vx + 1<<15) >> 16 }

// warp draws what a layer covers of one cell.
func (c *Compositor) warp(dst *blit.Surface, p *plan, top int, cell blit.Rect) {
	// The texels under it.
	const far = 1 << 62
	u0, v0, u1, v1, pixels := int64(far), int64(far), int64(-far), int64(-far), 0
	for y := cell.Y0; y < cell.Y1; y++ {
		a, b := c.span(top, y, cell)
		if a == b {
			continue
		}
		pixels += b - a
		for _, x := range [2]int{a, b - 1} {
			u, v := p.position(x, y)
			u0, u1, v0, v1 = min(u0, u), max(u1, u), min(v0, v), max(v1, v)
		}
	}
	if pixels == 0 {
		return
	}
	u0, v0, u1, v1 = u0>>16, v0>>16, u1>>16+1, v1>>16+1
	if (u1-u0+1)*(v1-v0+1) > stagePixels || u1-u0 > 1<<14 || v1-v0 > 1<<14 {
		c.split(dst, p, top, cell)
		return
	}
	pitch := c.prepareTexels(p, int(u0), int(v0), int(u1), int(v1))
	du, dv := p.step()
	w := warping{src: c.stage[:], pitch: pitch, du: int32(du), dv: int32(dv), opaque: p.opaque, mask: c.mask}
	for y := cell.Y0; y < cell.Y1; y++ {
		if a, b := c.span(top, y, cell); a < b {
			u, v := p.position(a, y)
			w.u, w.v = int32(u-u0<<16), int32(v-v0<<16)
			c.across(dst, p, &w, top, span{a: a, b: b}, y)
		}
	}
	c.done(pixels)
}

// across draws pixels of a line, w being at the first: those that a layer covers as a
// whole, and on each side of them those that it covers in part.
func (c *Compositor) across(dst *blit.Surface, p *plan, w *warping, top int, s span, y int) {
	l := &c.lines[y-top]
	s.c = min(max(l.c, s.a), s.b)
	s.d = min(max(l.d, s.c), s.b)
	if s.a < s.c {
		c.edge(dst, p, w, s.a, s.c, y)
		w.skip(s.c - s.a)
	}
	if s.c < s.d {
		warp(row(dst, s.c, s.d, y), w)
	}
	if s.d < s.b {
		w.skip(s.d - s.c)
		c.edge(dst, p, w, s.d, s.b, y)
	}
}

// edge draws pixels that a layer covers in part.
func (c *Compositor) edge(dst *blit.Surface, p *plan, w *warping, x0, x1, y int) {
	to, at := row(dst, x0, x1, y), *w
	for x := x0; x < x1; x++ {
		if n := p.coverage(x, y); n > 0 {
			pixel := to[4*(x-x0):]
			le.PutUint32(pixel, overPixel(le.Uint32(pixel), fade(at.sample(), n))&w.mask)
		}
		at.skip(1)
	}
}

// split draws a cell with too many texels under it in parts, or texel by texel.
func (c *Compositor) split(dst *blit.Surface, p *plan, top int, cell blit.Rect) {
	dx, dy := cell.Dx(), cell.Dy()
	switch {
	case dx > 16 && dx >= dy:
		m := cell.X0 + dx/2
		c.warp(dst, p, top, blit.Rect{X0: cell.X0, Y0: cell.Y0, X1: m, Y1: cell.Y1})
		c.warp(dst, p, top, blit.Rect{X0: m, Y0: cell.Y0, X1: cell.X1, Y1: cell.Y1})
	case dy > 16:
		m := cell.Y0 + dy/2
		c.warp(dst, p, top, blit.Rect{X0: cell.X0, Y0: cell.Y0, X1: cell.X1, Y1: m})
		c.warp(dst, p, top, blit.Rect{X0: cell.X0, Y0: m, X1: cell.X1, Y1: cell.Y1})
	default:
		c.sparse(dst, p, top, cell)
	}
}

// prepareTexels makes the texels from u0, v0 to u1, v1 ready, and says how many
// are in a line. Places outside of the layer are those nearest to them.
func (c *Compositor) prepareTexels(p *plan, u0, v0, u1, v1 int) (pitch int) {
	s := &p.l.Surface
	pitch = u1 - u0 + 1
	if u0 >= 0 && v0 >= 0 && u1 < s.Width && v1 < s.Height && p.ku|p.kv == 0 {
		s.LoadRect(c.stage[:], 4*pitch, blit.Rect{X0: u0, Y0: v0, X1: u1 + 1, Y1: v1 + 1})
		p.ready(c.stage[:4*pitch*(v1-v0+1)])
		return pitch
	}
	first, last := max(u0, 0), min(u1, p.width-1)
	at := first
	if first > last {
		at, first, last = min(max(u0, 0), p.width-1), u0, u0
	}
	before := -1
	for v := v0; v <= v1; v++ {
		line := c.stage[4*pitch*(v-v0) : 4*pitch*(v-v0+1)]
		from := min(max(v, 0), p.height-1)
		if from == before {
			copy(line, c.stage[4*pitch*(v-1-v0):])
			continue
		}
		before = from
		c.texels(p, line[4*(first-u0):4*(last-u0+1)], at, from)
		for i := range first - u0 {
			copy(line[4*i:4*i+4], line[4*(first-u0):])
		}
		for i := last - u0 + 1; i < pitch; i++ {
			copy(line[4*i:4*i+4], line[4*(last-u0):])
		}
	}
	return pitch
}

// sparse draws a cell by making ready the four texels of each pixel.
func (c *Compositor) sparse(dst *blit.Surface, p *plan, top int, cell blit.Rect) {
	var pix [16]byte
	w := warping{src: pix[:], pitch: 2, opaque: p.opaque, mask: c.mask}
	for y := cell.Y0; y < cell.Y1; y++ {
		a, b := c.span(top, y, cell)
		for x := a; x < b; x++ {
			u, v := p.position(x, y)
			for i := range 4 {
				at := min(max(u>>16+int64(i&1), 0), int64(p.width-1))
				line := min(max(v>>16+int64(i>>1), 0), int64(p.height-1))
				c.texels(p, pix[4*i:4*i+4], int(at), int(line))
			}
			w.u, w.v = int32(u&0xffff), int32(v&0xffff)
			c.across(dst, p, &w, top, span{a: x, b: x + 1}, y)
		}
		c.done(b - a)
	}
}
