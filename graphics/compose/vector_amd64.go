//go:build !purego

package compose

import "golang.org/x/sys/cpu"

//go:generate sh -c "cd gen && go run . -out ../rows_amd64.s -stubs ../rows_amd64.go -pkg compose"

// vector says that the processor has AVX2.
var vector = cpu.X86.HasAVX2

func warp(dst []byte, w *warping) {
	if n := len(dst) &^ 31; vector && n > 0 && w.dv == 0 && w.du > 0 && w.du <= 1<<16 && w.along(n/4) {
		src := &w.src[4*int(w.v>>16)*w.pitch]
		f, g := uint32(w.u>>9&127), uint32(w.v>>9&127)
		down := g << 8 * 0x10001
		if w.du == 1<<16 {
			src = &w.src[4*(int(w.v>>16)*w.pitch+int(w.u>>16))]
			across := (128 - f | f<<8) * 0x10001
			if w.opaque {
				slideAVX2(dst[:n], src, w.pitch, across, down, w.mask)
			} else {
				slideOverAVX2(dst[:n], src, w.pitch, across, down, w.mask)
			}
		} else if w.opaque {
			spreadAVX2(dst[:n], src, w.pitch, uint32(w.u), uint32(w.du), down, w.mask)
		} else {
			spreadOverAVX2(dst[:n], src, w.pitch, uint32(w.u), uint32(w.du), down, w.mask)
		}
		if n == len(dst) {
			return
		}
		rest := *w
		rest.u += int32(n/4) * w.du
		dst, w = dst[n:], &rest
	}
	switch {
	case !vector:
		warpRow(dst, w)
	case w.opaque:
		warpAVX2(dst, &w.src[0], w.pitch, uint32(w.u), uint32(w.v), uint32(w.du), uint32(w.dv), w.mask)
	default:
		warpOverAVX2(dst, &w.src[0], w.pitch, uint32(w.u), uint32(w.v), uint32(w.du), uint32(w.dv), w.mask)
	}
}

// along says whether so many pixels, whole vectors of them, of an upright line
// find all texels that are loaded for them: nine from that of each eighth one on.
func (w *warping) along(pixels int) bool {
	last := int(w.u+int32(pixels-8)*w.du) >> 16
	return 4*((int(w.v>>16)+1)*w.pitch+last+9) <= len(w.src)
}

func over(dst, src []byte) {
	if n := len(dst) &^ 31; vector && n > 0 {
		overAVX2(dst[:n], src[:n])
		dst, src = dst[n:], src[n:]
	}
	overRow(dst, src)
}

// lay puts colours with straight alpha over those of dst.
func lay(dst, src []byte) {
	if n := len(dst) &^ 31; vector && n > 0 {
		layAVX2(dst[:n], src[:n])
		dst, src = dst[n:], src[n:]
	}
	layRow(dst, src)
}

func mask(dst, src []byte) {
	if n := len(dst) &^ 31; vector && n > 0 {
		maskAVX2(dst[:n], src[:n])
		dst, src = dst[n:], src[n:]
	}
	maskRow(dst, src)
}

func premultiply(pix []byte) {
	if n := len(pix) &^ 31; vector && n > 0 {
		premultiplyAVX2(pix[:n])
		pix = pix[n:]
	}
	premultiplyRow(pix)
}

// halve takes the mean of two pixels of each of two lines.
func halve(dst, above, below []byte) {
	if n := len(dst) &^ 31; vector && n > 0 {
		halveAVX2(dst[:n], above[:2*n], below[:2*n])
		dst, above, below = dst[n:], above[2*n:], below[2*n:]
	}
	halveRow(dst, above, below)
}

// average takes the mean of two lines.
func average(dst, other []byte) {
	if n := len(dst) &^ 31; vector && n > 0 {
		averageAVX2(dst[:n], other[:n])
		dst, other = dst[n:], other[n:]
	}
	averageRow(dst, other)
}

func tint(pix []byte, factor uint32) {
	if n := len(pix) &^ 31; vector && n > 0 {
		tintAVX2(pix[:n], factor)
		pix = pix[n:]
	}
	tintRow(pix, factor)
}
