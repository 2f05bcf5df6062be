package compose

import "github.com/mmlite/mmlite/graphics/blit"

// MaxCoarse is the greatest Layer.Coarse.
const MaxCoarse = 5

// Pixels of a coarse picture lie in its memory one further right and down than on the
// screen, so that those around it have a place, too.
const coarseEdge = 1

// coarsen is a matrix that leads to coarse pixels: the first lies where the middle of
// so many of the screen's is.
func coarsen(at float64, coarse uint8) float64 {
	n := float64(int(1) << coarse)
	return (at-(n-1)/2)/n + coarseEdge
}

// roughly draws layers that are composed coarse and follow each other onto a part of a
// band: together, onto pixels of their own size, which are then put over the band.
// Those that are sharp are left out. Cells say what is hidden.
func (c *Compositor) roughly(dst *blit.Surface, plans []plan, r blit.Rect) {
	k := plans[0].coarse
	var area blit.Rect
	for i := range plans {
		if part := r.Intersect(plans[i].area); plans[i].coarse == k && !part.Empty() {
			if area.Empty() {
				area = part
			}
			area = blit.Rect{X0: min(area.X0, part.X0), Y0: min(area.Y0, part.Y0), X1: max(area.X1, part.X1), Y1: max(area.Y1, part.Y1)}
		}
	}
	if area.Empty() {
		return
	}
	c.low.Width, c.low.Height = dst.Width>>k+1+2*coarseEdge, dst.Height>>k+1+2*coarseEdge
	c.low.Pitch, c.low.Format = 4*c.low.Width, blit.XRGB8888
	if n := c.low.Pitch * c.low.Height; cap(c.low.Pix) < n {
		c.low.Pix = make([]byte, n)
	} else {
		c.low.Pix = c.low.Pix[:n]
	}
	// What lies under the area, and the pixels beside those.
	under := blit.Rect{X0: area.X0 >> k, Y0: area.Y0 >> k, X1: (area.X1-1)>>k + 1 + 2*coarseEdge, Y1: (area.Y1-1)>>k + 1 + 2*coarseEdge}
	first := len(plans) - 1
	for first >= 0 && !(plans[first].coarse == k && plans[first].opaque && plans[first].covers(under)) {
		first--
	}
	if first < 0 {
		first = 0
		for y := under.Y0; y < under.Y1; y++ {
			clear(row(&c.low, under.X0, under.X1, y))
		}
	}
	c.mask = 0xffffffff
	for i := first; i < len(plans); i++ {
		p := &plans[i]
		if part := under.Intersect(p.bounds); p.coarse == k && !part.Empty() {
			c.cover(p, part)
			c.draw(&c.low, p, part.Y0, part)
		}
	}
	c.mask = 0xffffff
	// Steps of a whole coarse pixel are 1<<16; half of 1/128 rounds.
	at := func(x int) int32 { return int32((2*x-(1<<k-1))<<15>>k + coarseEdge<<16 + 1<<8) }
	w := warping{src: c.low.Pix, pitch: c.low.Width, du: 1 << 16 >> k, mask: c.mask}
	for y := area.Y0; y < area.Y1; y++ {
		w.u, w.v = at(area.X0), at(y)
		warp(row(dst, area.X0, area.X1, y), &w)
	}
	c.done(area.Dx() * area.Dy())
}

// coarseRun is behind the last of the layers from i on that are drawn together: what is
// sharp between them, and not in r, does not count.
func (c *Compositor) coarseRun(i int, r blit.Rect) (end int) {
	k := c.plans[i].coarse
	end = i + 1
	for j := i + 1; j < len(c.plans); j++ {
		p := &c.plans[j]
		switch {
		case p.coarse == k:
			end = j + 1
		case !r.Intersect(p.area).Empty():
			return end
		}
	}
	return end
}
