package blit

// Format is the layout of a pixel. Pixels are little-endian, named from the top bit.
type Format uint8

const (
	Indexed8 Format = iota + 1 // index into the surface's palette
	RGB565
	XRGB1555
	ARGB4444
	XRGB8888
	ARGB8888
)

// Bytes is the size of a pixel, 0 for an unknown format.
func (f Format) Bytes() int {
	switch f {
	case Indexed8:
		return 1
	case RGB565, XRGB1555, ARGB4444:
		return 2
	case XRGB8888, ARGB8888:
		return 4
	}
	return 0
}

// HasAlpha says whether pixels carry alpha.
func (f Format) HasAlpha() bool { return f == ARGB4444 || f == ARGB8888 }

func (f Format) String() string {
	switch f {
	case Indexed8:
		return "P8"
	case RGB565:
		return "RGB565"
	case XRGB1555:
		return "XRGB1555"
	case ARGB4444:
		return "ARGB4444"
	case XRGB8888:
		return "XRGB8888"
	case ARGB8888:
		return "ARGB8888"
	}
	return "unknown"
}

// used are the bits of a pixel that carry something.
func (f Format) used() uint32 {
	switch f {
	case Indexed8:
		return 0xff
	case XRGB1555:
		return 0x7fff
	case RGB565, ARGB4444:
		return 0xffff
	case XRGB8888:
		return 0xffffff
	}
	return 0xffffffff
}

// Palette is the colours of an indexed surface as 0x00RRGGBB; the top byte is ignored.
type Palette [256]uint32

// nearest is the index of the entry closest to a colour.
func (p *Palette) nearest(c uint32) uint8 {
	best, at := int32(1<<30), 0
	r, g, b := int32(c>>16&255), int32(c>>8&255), int32(c&255)
	for i, e := range p {
		dr, dg, db := int32(e>>16&255)-r, int32(e>>8&255)-g, int32(e&255)-b
		if d := dr*dr + dg*dg + db*db; d < best {
			best, at = d, i
			if d == 0 {
				break
			}
		}
	}
	return uint8(at)
}

// Expand is the colour of a pixel as ARGB8888. The palette is needed for
// Indexed8 only; without one an index is a grey.
func Expand(f Format, v uint32, p *Palette) uint32 {
	switch f {
	case Indexed8:
		if p == nil {
			return 0xff000000 | v&255*0x010101
		}
		return p[v&255] | 0xff000000
	case RGB565:
		return expand565(v)
	case XRGB1555:
		return expand1555(v)
	case ARGB4444:
		return expand4444(v)
	case XRGB8888:
		return v | 0xff000000
	}
	return v
}

// Reduce is the pixel of a format for a colour in ARGB8888.
func Reduce(f Format, c uint32, p *Palette) uint32 {
	switch f {
	case Indexed8:
		if p == nil {
			return c >> 8 & 255
		}
		return uint32(p.nearest(c))
	case RGB565:
		return reduce565(c)
	case XRGB1555:
		return reduce1555(c)
	case ARGB4444:
		return reduce4444(c)
	case XRGB8888:
		return c & 0xffffff
	}
	return c
}

func expand565(v uint32) uint32 {
	r, g, b := v>>11&31, v>>5&63, v&31
	return 0xff000000 | (r<<3|r>>2)<<16 | (g<<2|g>>4)<<8 | b<<3 | b>>2
}

func expand1555(v uint32) uint32 {
	r, g, b := v>>10&31, v>>5&31, v&31
	return 0xff000000 | (r<<3|r>>2)<<16 | (g<<3|g>>2)<<8 | b<<3 | b>>2
}

func expand4444(v uint32) uint32 {
	x := v&0xf000<<12 | v&0xf00<<8 | v&0xf0<<4 | v&0xf
	return x | x<<4
}

func reduce565(c uint32) uint32  { return c>>8&0xf800 | c>>5&0x7e0 | c>>3&0x1f }
func reduce1555(c uint32) uint32 { return c>>9&0x7c00 | c>>6&0x3e0 | c>>3&0x1f }
func reduce4444(c uint32) uint32 {
	return c>>16&0xf000 | c>>12&0xf00 | c>>8&0xf0 | c>>4&0xf
}
