package blit

// sixteen says whether a format has 16 bits and no alpha: such pixels are
// blended where they are, without a span of colours in between.
func (f Format) sixteen() bool { return f == RGB565 || f == XRGB1555 }

// fade16Row puts pixels over pixels of the same format with one alpha.
func fade16Row(f Format, dst, src []byte, alpha uint32) {
	for i := 0; i+2 <= len(dst); i += 2 {
		s := Expand(f, uint32(le.Uint16(src[i:])), nil)&0xffffff | alpha<<24
		d := Expand(f, uint32(le.Uint16(dst[i:])), nil)
		le.PutUint16(dst[i:], uint16(Reduce(f, blend(d, s), nil)))
	}
}

// over16Row puts ARGB8888 over pixels.
func over16Row(f Format, dst, src []byte) {
	for i := 0; i+2 <= len(dst); i += 2 {
		d := Expand(f, uint32(le.Uint16(dst[i:])), nil)
		le.PutUint16(dst[i:], uint16(Reduce(f, blend(d, le.Uint32(src[2*i:])), nil)))
	}
}
