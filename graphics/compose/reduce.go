package compose

import "math"

const (
	// boxLevel is the level up to which all texels count; of layers that shrink more it
	// is as many, in equal steps.
	boxLevel = 4
	// boxTexels is how many texels of a row are added up together.
	boxTexels = 1 << 11
)

// level is in how many halvings a step of so many texels from pixel to pixel becomes
// less than two.
func level(x, y float64) (n uint8) {
	const four = 4
	for s := float64(x*x) + float64(y*y); s >= four; s /= four {
		n++
	}
	return n
}

// reduce has the layer's texels be means of several where it shrinks to less than half,
// in each of its directions for itself.
func (p *plan) reduce(coarse bool) {
	p.ku = level(math.Abs(float64(p.ux))/(1<<32), math.Abs(float64(p.uy))/(1<<32))
	p.kv = level(math.Abs(float64(p.vx))/(1<<32), math.Abs(float64(p.vy))/(1<<32))
	if !coarse {
		p.ju, p.jv = min(p.ku, boxLevel), min(p.kv, boxLevel)
	}
	// A texel of n covers from its first one's edge, half a texel before its centre.
	const edge = 1 << 31
	p.u = (p.u-half+edge)>>p.ku - edge + half
	p.v = (p.v-half+edge)>>p.kv - edge + half
	p.ux, p.uy, p.vx, p.vy = p.ux>>p.ku, p.uy>>p.ku, p.vx>>p.kv, p.vy>>p.kv
	s := &p.l.Surface
	p.width, p.height = (s.Width-1)>>p.ku+1, (s.Height-1)>>p.kv+1
}

// texels makes texels of a line ready, from x on, as many as there is room for in pix.
// They lie within the layer as it is reduced.
func (c *Compositor) texels(p *plan, pix []byte, x, y int) {
	if p.ku|p.kv == 0 {
		p.l.Surface.Load(pix, x, y)
		p.ready(pix)
		return
	}
	most := 4 * (boxTexels >> p.ju)
	for rest := pix; len(rest) > 0; {
		n := min(len(rest), most)
		c.mean(p, rest[:n], x, y, p.ju, p.jv)
		x += n / 4
		rest = rest[n:]
	}
	if !p.white {
		tint(pix, p.factor)
	}
}

// mean makes texels that are means of so many halvings of those that count, multiplied
// by their alpha: of four, where it halves both ways, and so on.
func (c *Compositor) mean(p *plan, pix []byte, x, y int, ju, jv uint8) {
	switch {
	case ju > 0 && jv > 0:
		b := &c.rows[max(ju, jv)-1]
		above, below := b[0][:2*len(pix)], b[1][:2*len(pix)]
		c.mean(p, above, 2*x, 2*y, ju-1, jv-1)
		c.mean(p, below, 2*x, 2*y+1, ju-1, jv-1)
		halve(pix, above, below)
	case ju > 0:
		row := c.rows[ju-1][0][:2*len(pix)]
		c.mean(p, row, 2*x, y, ju-1, 0)
		halve(pix, row, row)
	case jv > 0:
		below := c.rows[jv-1][1][:len(pix)]
		c.mean(p, pix, x, 2*y, 0, jv-1)
		c.mean(p, below, x, 2*y+1, 0, jv-1)
		average(pix, below)
	default:
		c.each(p, pix, x, y)
	}
}

// each gets texels of a row, of which one in so many counts, multiplied by their alpha.
// Behind the last it is repeated.
func (c *Compositor) each(p *plan, pix []byte, x, y int) {
	s := &p.l.Surface
	su, sv := p.ku-p.ju, p.kv-p.jv
	line := min(y<<sv+1<<sv>>1, s.Height-1)
	first := x<<su + 1<<su>>1
	n := min(len(pix)/4, max((s.Width-1-first)>>su+1, 0))
	if first >= s.Width {
		n = 0
	}
	if su == 0 {
		s.Load(pix[:4*n], x, line)
	} else if n > 0 {
		s.LoadEach(pix[:4*n], first, line, 1<<su)
	}
	if 4*n < len(pix) {
		var last [4]byte
		s.Load(last[:], s.Width-1, line)
		for i := 4 * n; i < len(pix); i += 4 {
			copy(pix[i:], last[:])
		}
	}
	if s.Format.HasAlpha() {
		premultiply(pix)
	}
}
