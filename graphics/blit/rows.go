package blit

import "encoding/binary"

// The row functions below are the portable reference; each of vector_amd64.go
// does whole vectors and leaves the rest of a row to them. Lengths are bytes of
// the destination.

var le = binary.LittleEndian

// fillRow repeats a 32-bit value.
func fillRow(dst []byte, v uint32) {
	vv := uint64(v)<<32 | uint64(v)
	for len(dst) >= 8 {
		le.PutUint64(dst, vv)
		dst = dst[8:]
	}
	for i := range dst {
		dst[i] = byte(vv >> (8 * uint(i)))
	}
}

// keyRow keeps dst where raw is in the key, and takes pix elsewhere; with
// invert the other way round.
func keyRow(size int, dst, pix, raw []byte, k key) {
	switch size {
	case 1:
		for i := range dst {
			if k.skips(uint32(raw[i])) {
				continue
			}
			dst[i] = pix[i]
		}
	case 2:
		for i := 0; i+2 <= len(dst); i += 2 {
			if k.skips(uint32(le.Uint16(raw[i:]))) {
				continue
			}
			le.PutUint16(dst[i:], le.Uint16(pix[i:]))
		}
	case 4:
		for i := 0; i+4 <= len(dst); i += 4 {
			if k.skips(le.Uint32(raw[i:])) {
				continue
			}
			le.PutUint32(dst[i:], le.Uint32(pix[i:]))
		}
	}
}

// key is a Key made ready for comparing.
type key struct {
	mask, low, span uint32
	invert          uint32 // all ones: skip what is outside
}

func (f Format) key(k Key, invert bool) key {
	u := f.used()
	r := key{mask: u, low: k.Low & u, span: k.High&u - k.Low&u}
	if invert {
		r.invert = ^uint32(0)
	}
	return r
}

func (k *key) skips(v uint32) bool {
	in := (v&k.mask)-k.low <= k.span
	return in != (k.invert != 0)
}

// maskRow copies 32-bit pixels, and-ing and or-ing each.
func maskRow(dst, src []byte, and, or uint32) {
	for i := 0; i+4 <= len(dst); i += 4 {
		le.PutUint32(dst[i:], le.Uint32(src[i:])&and|or)
	}
}

// loadRow turns pixels of any format into ARGB8888, and-ed.
func loadRow(f Format, dst, src []byte, p *Palette, and uint32) {
	switch f {
	case Indexed8:
		src = src[:len(dst)/4]
		if p == nil {
			for i, v := range src {
				le.PutUint32(dst[4*i:], Expand(Indexed8, uint32(v), nil)&and)
			}
			return
		}
		for i, v := range src {
			le.PutUint32(dst[4*i:], (p[v]|0xff000000)&and)
		}
	case RGB565:
		for i := 0; i+4 <= len(dst); i += 4 {
			le.PutUint32(dst[i:], expand565(uint32(le.Uint16(src[i>>1:])))&and)
		}
	case XRGB1555:
		for i := 0; i+4 <= len(dst); i += 4 {
			le.PutUint32(dst[i:], expand1555(uint32(le.Uint16(src[i>>1:])))&and)
		}
	case ARGB4444:
		for i := 0; i+4 <= len(dst); i += 4 {
			le.PutUint32(dst[i:], expand4444(uint32(le.Uint16(src[i>>1:])))&and)
		}
	case XRGB8888:
		maskRow(dst, src, and&0xffffff, and&0xff000000)
	default:
		maskRow(dst, src, and, 0)
	}
}

// storeRow turns ARGB8888 into pixels of any format.
func storeRow(f Format, dst, src []byte, p *Palette) {
	switch f {
	case Indexed8:
		storeIndexed(dst, src, p)
	case RGB565:
		for i := 0; i+2 <= len(dst); i += 2 {
			le.PutUint16(dst[i:], uint16(reduce565(le.Uint32(src[2*i:]))))
		}
	case XRGB1555:
		for i := 0; i+2 <= len(dst); i += 2 {
			le.PutUint16(dst[i:], uint16(reduce1555(le.Uint32(src[2*i:]))))
		}
	case ARGB4444:
		for i := 0; i+2 <= len(dst); i += 2 {
			le.PutUint16(dst[i:], uint16(reduce4444(le.Uint32(src[2*i:]))))
		}
	case XRGB8888:
		maskRow(dst, src, 0xffffff, 0)
	default:
		copy(dst, src)
	}
}

// storeIndexed remembers the last colours it has looked up, since pictures
// have few and a search of the palette is long.
func storeIndexed(dst, src []byte, p *Palette) {
	if p == nil {
		for i := range dst {
			dst[i] = src[4*i+1]
		}
		return
	}
	var seen [256]uint32 // colour of the slot with the top byte set, or 0
	var index [256]uint8
	for i := range dst {
		c := le.Uint32(src[4*i:]) | 0xff000000
		h := c * 0x9e3779b1 >> 24
		if seen[h] != c {
			seen[h], index[h] = c, p.nearest(c)
		}
		dst[i] = index[h]
	}
}

// div255 is x/255 rounded to nearest, for x up to 65025.
func div255(x uint32) uint32 {
	x += 128
	return (x + x>>8) >> 8
}

// blend puts a colour with straight alpha over another.
func blend(d, s uint32) uint32 {
	a := s >> 24
	n := 255 - a
	return div255((d>>24)*n+255*a)<<24 | div255((d>>16&255)*n+(s>>16&255)*a)<<16 |
		div255((d>>8&255)*n+(s>>8&255)*a)<<8 | div255((d&255)*n+(s&255)*a)
}

// blendRow puts src over dst, both ARGB8888, and and-s the result.
func blendRow(dst, src []byte, and uint32) {
	for i := 0; i+4 <= len(dst); i += 4 {
		le.PutUint32(dst[i:], blend(le.Uint32(dst[i:]), le.Uint32(src[i:]))&and)
	}
}

// fadeRow multiplies alpha by a/255.
func fadeRow(pix []byte, a uint8) {
	for i := 3; i < len(pix); i += 4 {
		pix[i] = byte(div255(uint32(pix[i]) * uint32(a)))
	}
}

// nearestRow samples a row at positions pos, pos+step and so on, 16.16.
func nearestRow(size int, dst, src []byte, pos, step int) {
	switch size {
	case 1:
		for i := range dst {
			dst[i] = src[pos>>16]
			pos += step
		}
	case 2:
		for i := 0; i+2 <= len(dst); i += 2 {
			le.PutUint16(dst[i:], le.Uint16(src[pos>>16<<1:]))
			pos += step
		}
	case 4:
		for i := 0; i+4 <= len(dst); i += 4 {
			le.PutUint32(dst[i:], le.Uint32(src[pos>>16<<2:]))
			pos += step
		}
	}
}

// lerp weighs the four channels of two colours, f of 256 the second, rounded.
func lerp(a, b, f uint32) uint32 {
	const odd, half = 0xff00ff, 0x800080
	lo := (a&odd*(256-f) + b&odd*f + half) >> 8 & odd
	hi := (a>>8&odd*(256-f) + b>>8&odd*f + half) & (odd << 8)
	return lo | hi
}

// acrossRow samples a row of 32-bit pixels bilinearly. Positions below 0 are
// the first pixel, those beyond last the last one.
func acrossRow(dst, src []byte, pos, step, last int) {
	for i := 0; i+4 <= len(dst); i += 4 {
		q := max(pos, 0)
		j := q >> 16
		k := min(j+1, last)
		le.PutUint32(dst[i:], lerp(le.Uint32(src[4*j:]), le.Uint32(src[4*k:]), uint32(q>>8&255)))
		pos += step
	}
}

// downRow weighs two rows, f of 256 the second, and-s and or-s the result.
func downRow(dst, a, b []byte, f, and, or uint32) {
	for i := 0; i+4 <= len(dst); i += 4 {
		le.PutUint32(dst[i:], lerp(le.Uint32(a[i:]), le.Uint32(b[i:]), f)&and|or)
	}
}

// fadeOverRow puts src over dst with one alpha, and and-s the result.
func fadeOverRow(dst, src []byte, alpha, and uint32) {
	for i := 0; i+4 <= len(dst); i += 4 {
		s := le.Uint32(src[i:])&0xffffff | alpha<<24
		le.PutUint32(dst[i:], blend(le.Uint32(dst[i:]), s)&and)
	}
}

// bits are what remains of a truth table for a fixed pattern: the result, bit
// for bit, where both source and destination, one, or neither is set.
type bits struct{ both, source, destination, none uint32 }

func tableBits(table uint8, p uint32) bits {
	var t [8]uint32
	for i := range t {
		t[i] = -uint32(table >> i & 1)
	}
	return bits{t[7]&p | t[3]&^p, t[6]&p | t[2]&^p, t[5]&p | t[1]&^p, t[4]&p | t[0]&^p}
}

// ropRow combines source and destination bits into out.
func ropRow(out, src, dst []byte, t bits) {
	for i := range out {
		sh := 8 * uint(i&3)
		x, y := src[i], dst[i]
		out[i] = (byte(t.both>>sh)&y|byte(t.source>>sh)&^y)&x | (byte(t.destination>>sh)&y|byte(t.none>>sh)&^y)&^x
	}
}

// repeat fills 32 bits with copies of a pixel.
func repeat(size int, v uint32) uint32 {
	switch size {
	case 1:
		return v & 0xff * 0x01010101
	case 2:
		return v & 0xffff * 0x00010001
	}
	return v
}
