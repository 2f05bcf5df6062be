package compose

import "encoding/binary"

// The row functions below are the portable reference, which those of
// vector_amd64.go equal bit for bit.

var le = binary.LittleEndian

// warping says where the pixels of a line lie among texels that are ready.
type warping struct {
	src    []byte // texels, line by line
	pitch  int    // texels in a line
	u, v   int32  // 16.16, of the first pixel
	du, dv int32
	opaque bool
	mask   uint32 // the channels that are written
}

// warpRow draws a line of pixels.
func warpRow(dst []byte, w *warping) {
	u, v := w.u, w.v
	for i := 0; i+4 <= len(dst); i += 4 {
		s := sample(w.src, w.pitch, u, v)
		if !w.opaque {
			s = overPixel(le.Uint32(dst[i:]), s)
		}
		le.PutUint32(dst[i:], s&w.mask)
		u += w.du
		v += w.dv
	}
}

// sample is the colour at a place.
func sample(src []byte, pitch int, u, v int32) uint32 {
	at := 4 * (int(v>>16)*pitch + int(u>>16))
	below := at + 4*pitch
	return bilinear(le.Uint32(src[at:]), le.Uint32(src[at+4:]), le.Uint32(src[below:]), le.Uint32(src[below+4:]),
		uint32(u>>9&127), uint32(v>>9&127))
}

// sample is the first pixel.
func (w *warping) sample() uint32 { return sample(w.src, w.pitch, w.u, w.v) }

// skip leaves out so many pixels.
func (w *warping) skip(n int) {
	w.u += int32(n) * w.du
	w.v += int32(n) * w.dv
}

// fade is n 256ths of a colour.
func fade(c, n uint32) uint32 {
	const odd = 0xff00ff
	return (c&odd*n+0x800080)>>8&odd | (c>>8&odd*n+0x800080)&^uint32(odd)
}

// bilinear weighs four texels: a and b of the upper line, c and d of the lower, f
// of 128 for the right ones and g for the lower ones.
func bilinear(a, b, c, d, f, g uint32) uint32 {
	const odd = 0xff00ff
	upEven, upOdd := a&odd*(128-f)+b&odd*f, a>>8&odd*(128-f)+b>>8&odd*f
	downEven, downOdd := c&odd*(128-f)+d&odd*f, c>>8&odd*(128-f)+d>>8&odd*f
	mix := func(t, b uint32) uint32 {
		m := ((int32(b)-int32(t))*int32(g) + 64) >> 7
		return uint32((int32(t) + m + 64) >> 7)
	}
	return mix(upEven&0xffff, downEven&0xffff) | mix(upOdd&0xffff, downOdd&0xffff)<<8 |
		mix(upEven>>16, downEven>>16)<<16 | mix(upOdd>>16, downOdd>>16)<<24
}

// div255 is x/255 rounded to nearest, for x up to 65025.
func div255(x uint32) uint32 {
	x += 128
	return (x + x>>8) >> 8
}

// scale multiplies each channel of a colour by f/255.
func scale(c, f uint32) uint32 {
	return div255(c>>24*f)<<24 | div255(c>>16&255*f)<<16 | div255(c>>8&255*f)<<8 | div255(c&255*f)
}

// overPixel puts a colour that is multiplied by its alpha over another.
func overPixel(d, s uint32) uint32 { return s + scale(d, 255-s>>24) }

// overRow puts colours that are multiplied by their alpha over those of dst.
func overRow(dst, src []byte) {
	for i := 0; i+4 <= len(dst); i += 4 {
		le.PutUint32(dst[i:], overPixel(le.Uint32(dst[i:]), le.Uint32(src[i:]))&0xffffff)
	}
}

// layRow puts colours over those of dst.
func layRow(dst, src []byte) {
	for i := 0; i+4 <= len(dst); i += 4 {
		c := le.Uint32(src[i:])
		le.PutUint32(dst[i:], overPixel(le.Uint32(dst[i:]), scale(c|0xff000000, c>>24))&0xffffff)
	}
}

// maskRow copies colours without alpha.
func maskRow(dst, src []byte) {
	for i := 0; i+4 <= len(dst); i += 4 {
		le.PutUint32(dst[i:], le.Uint32(src[i:])&0xffffff)
	}
}

// premultiplyRow multiplies colours by their alpha.
func premultiplyRow(pix []byte) {
	for i := 0; i+4 <= len(pix); i += 4 {
		c := le.Uint32(pix[i:])
		le.PutUint32(pix[i:], scale(c|0xff000000, c>>24))
	}
}

// halveRow takes the mean of four pixels, two of each line, rounded to nearest.
func halveRow(dst, above, below []byte) {
	const odd = 0xff00ff
	for i := 0; i+4 <= len(dst); i += 4 {
		a, b := le.Uint64(above[2*i:]), le.Uint64(below[2*i:])
		c, d, e, f := uint32(a), uint32(a>>32), uint32(b), uint32(b>>32)
		even := c&odd + d&odd + e&odd + f&odd + 0x20002
		other := c>>8&odd + d>>8&odd + e>>8&odd + f>>8&odd + 0x20002
		le.PutUint32(dst[i:], even>>2&odd|other>>2&odd<<8)
	}
}

// averageRow takes the mean of two lines, rounded to nearest.
func averageRow(dst, other []byte) {
	for i := range dst {
		dst[i] = byte((uint16(dst[i]) + uint16(other[i]) + 1) >> 1)
	}
}

// tintRow multiplies colours by a factor, channel by channel.
func tintRow(pix []byte, f uint32) {
	for i := 0; i+4 <= len(pix); i += 4 {
		c := le.Uint32(pix[i:])
		le.PutUint32(pix[i:], div255(c>>24*(f>>24))<<24|div255(c>>16&255*(f>>16&255))<<16|
			div255(c>>8&255*(f>>8&255))<<8|div255(c&255*(f&255)))
	}
}

// fill writes one colour.
func fill(dst []byte, c uint32) {
	if len(dst) < 4 {
		return
	}
	le.PutUint32(dst, c)
	for n := 4; n < len(dst); n *= 2 {
		copy(dst[n:], dst[:n])
	}
}
