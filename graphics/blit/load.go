package blit

import "encoding/binary"

// Load writes the colours of pixels of row y, from x on, as ARGB8888 to dst, whose
// length says how many. They must lie inside the surface, which Check has found
// sound.
func (s *Surface) Load(dst []byte, x, y int) {
	n := len(dst) / 4
	loadFast(s.Format, dst[:4*n], s.span(x, x+n, y), s.Palette, 0xffffffff)
}

// LoadRect writes the colours of a rectangle that lies inside the surface, which
// Check has found sound, as ARGB8888 to dst, whose rows are pitch bytes apart.
func (s *Surface) LoadRect(dst []byte, pitch int, r Rect) {
	a := area{dst: dst, src: s.Pix[r.Y0*s.Pitch+r.X0*s.Format.Bytes():], dstPitch: pitch, srcPitch: s.Pitch, width: 4 * r.Dx(), rows: r.Dy()}
	if loadArea(s.Format, a, s.Palette, 0xffffffff) {
		return
	}
	for y := range r.Dy() {
		loadRow(s.Format, dst[y*pitch:][:4*r.Dx()], s.span(r.X0, r.X1, r.Y0+y), s.Palette, 0xffffffff)
	}
}

// LoadEach writes the colours of every step-th pixel of row y, from x on, as ARGB8888
// to dst, whose length says how many. They must lie inside the surface, which Check
// has found sound.
func (s *Surface) LoadEach(dst []byte, x, y, step int) {
	size := s.Format.Bytes()
	src := s.Pix[y*s.Pitch+x*size:]
	if size == 4 {
		alpha := Expand(s.Format, 0, nil)
		for i, at := 0, 0; i+4 <= len(dst); i, at = i+4, at+4*step {
			binary.LittleEndian.PutUint32(dst[i:], binary.LittleEndian.Uint32(src[at:])|alpha)
		}
		return
	}
	for i := 0; i+4 <= len(dst); i += 4 {
		v := uint32(0)
		switch at := i / 4 * step * size; size {
		case 1:
			v = uint32(src[at])
		default:
			v = uint32(binary.LittleEndian.Uint16(src[at:]))
		}
		binary.LittleEndian.PutUint32(dst[i:], Expand(s.Format, v, s.Palette))
	}
}
