//go:build !purego

package compose

import "golang.org/x/sys/cpu"

//go:generate sh -c "cd gen && go run . -out ../rows_amd64.s -stubs ../rows_amd64.go -pkg compose"

// vector says that the processor has AVX2.
var vector = cpu.X86.HasAVX2

func warp(dst []byte, w *warping) {
	if n := len(dst) &^ 31; vector && n > 0 && w.du == 1<<16 && w.dv == 0 {
		src := &w.src[4*(int(w.v>>16)*w.pitch+int(w.u>>16))]
		f, g := uint32(w.u>>9&127), uint32(w.v>>9&127)
		across, down := (128-f|f<<8)*0x10001, g<<8*0x10001
		if w.opaque {
			slideAVX2(dst[:n], src, w.pitch, across, down)
		} else {
			slideOverAVX2(dst[:n], src, w.pitch, across, down)
		}
		if n == len(dst) {
			return
		}
		rest := *w
		rest.u += int32(n/4) << 16
		dst, w = dst[n:], &rest
	}
	switch {
	case !vector:
		warpRow(dst, w)
	case w.opaque:
		warpAVX2(dst, &w.src[0], w.pitch, uint32(w.u), uint32(w.v), uint32(w.du), uint32(w.dv))
	default:
		warpOverAVX2(dst, &w.src[0], w.pitch, uint32(w.u), uint32(w.v), uint32(w.du), uint32(w.dv))
	}
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

func tint(pix []byte, factor uint32) {
	if n := len(pix) &^ 31; vector && n > 0 {
		tintAVX2(pix[:n], factor)
		pix = pix[n:]
	}
	tintRow(pix, factor)
}
