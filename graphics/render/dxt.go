package render

import "encoding/binary"

// The block codings of S3 (US patent 5,956,431), as DirectX 6 names them.

func (c Coding) blockBytes() int {
	switch c {
	case DXT1:
		return 8
	case DXT3, DXT5:
		return 16
	}
	return 0
}

// decode unpacks a checked level into its Width*Height texels of ARGB8888.
func (l *Level) decode(to []uint32, between func()) {
	var texels [16]uint32
	b := l.Coding.blockBytes()
	for y := 0; y < l.Height; y += 4 {
		row := l.Pix[y/4*l.Pitch:]
		between()
		for x := 0; x < l.Width; x += 4 {
			decodeBlock(l.Coding, row[x/4*b:x/4*b+b], &texels)
			for dy := range min(4, l.Height-y) {
				copy(to[(y+dy)*l.Width+x:], texels[4*dy:4*dy+min(4, l.Width-x)])
			}
		}
	}
}

func decodeBlock(c Coding, b []byte, to *[16]uint32) {
	if c == DXT1 {
		decodeColors(b, to, true)
		return
	}
	decodeColors(b[8:16], to, false)
	if c == DXT3 {
		a := binary.LittleEndian.Uint64(b)
		for i := range to {
			to[i] |= uint32(a>>(4*i)&15*17) << 24
		}
		return
	}
	alphas := alphas(b[0], b[1])
	codes := binary.LittleEndian.Uint64(b) >> 16
	for i := range to {
		to[i] |= uint32(alphas[codes>>(3*i)&7]) << 24
	}
}

// decodeColors gives texels without alpha, but for DXT1, whose are full or none.
func decodeColors(b []byte, to *[16]uint32, one bool) {
	c0, c1 := uint32(binary.LittleEndian.Uint16(b)), uint32(binary.LittleEndian.Uint16(b[2:]))
	var colors [4]uint32
	colors[0], colors[1] = widen(c0), widen(c1)
	var full uint32
	if one {
		full = 0xff000000
	}
	if c0 > c1 || !one {
		colors[2], colors[3] = thirds(colors[0], colors[1])|full, thirds(colors[1], colors[0])|full
	} else {
		colors[2], colors[3] = middle(colors[0], colors[1])|full, 0
	}
	colors[0] |= full
	colors[1] |= full
	codes := binary.LittleEndian.Uint32(b[4:])
	for i := range to {
		to[i] = colors[codes>>(2*i)&3]
	}
}

func widen(c uint32) uint32 {
	r, g, b := c>>11, c>>5&63, c&31
	return (r<<3|r>>2)<<16 | (g<<2|g>>4)<<8 | b<<3 | b>>2
}

// thirds is two parts of a and one of b, cut to whole numbers; middle is their mean.
func thirds(a, b uint32) (c uint32) {
	for sh := 0; sh < 24; sh += 8 {
		c |= (2*(a>>sh&255) + b>>sh&255) / 3 << sh
	}
	return c
}

func middle(a, b uint32) (c uint32) {
	for sh := 0; sh < 24; sh += 8 {
		c |= (a>>sh&255 + b>>sh&255) / 2 << sh
	}
	return c
}

// alphas are the eight that a block of DXT5 chooses from.
func alphas(a0, a1 byte) (t [8]uint8) {
	x, y := int(a0), int(a1)
	t[0], t[1] = a0, a1
	if x > y {
		for i := 1; i < 7; i++ {
			t[i+1] = uint8(((7-i)*x + i*y) / 7)
		}
		return t
	}
	for i := 1; i < 5; i++ {
		t[i+1] = uint8(((5-i)*x + i*y) / 5)
	}
	t[6], t[7] = 0, 255
	return t
}
