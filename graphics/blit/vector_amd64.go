//go:build !purego

package blit

import "golang.org/x/sys/cpu"

//go:generate sh -c "cd gen && go run . -out ../rows_amd64.s -stubs ../rows_amd64.go -pkg blit"

// vector says that the processor has AVX2.
var vector = cpu.X86.HasAVX2

// long is from how many bytes on string instructions are quicker than vectors.
const long = 8 << 10

func fillFast(dst []byte, v uint32) {
	if n := len(dst) &^ 7; vector && n >= long {
		fillString(dst[:n], uint64(v)<<32|uint64(v))
		dst = dst[n:]
	} else if n := len(dst) &^ 31; vector && n > 0 {
		fillAVX2(dst[:n], v)
		dst = dst[n:]
	}
	fillRow(dst, v)
}

func keyFast(size int, dst, pix, raw []byte, k key) {
	if n := len(dst) &^ 31; vector && n > 0 {
		mask, low, span := repeat(size, k.mask), repeat(size, k.low), repeat(size, k.span)
		switch size {
		case 1:
			key8AVX2(dst[:n], pix[:n], raw[:n], mask, low, span, k.invert)
		case 2:
			key16AVX2(dst[:n], pix[:n], raw[:n], mask, low, span, k.invert)
		case 4:
			key32AVX2(dst[:n], pix[:n], raw[:n], mask, low, span, k.invert)
		}
		dst, pix, raw = dst[n:], pix[n:], raw[n:]
	}
	keyRow(size, dst, pix, raw, k)
}

func loadFast(f Format, dst, src []byte, p *Palette, and uint32) {
	if !loadArea(f, row(dst, src[:len(dst)/4*f.Bytes()]), p, and) {
		loadRow(f, dst, src, p, and)
	}
}

func storeFast(f Format, dst, src []byte, p *Palette) {
	if !storeArea(f, row(dst, src[:len(dst)/f.Bytes()*4])) {
		storeRow(f, dst, src, p)
	}
}

func blendFast(dst, src []byte, and uint32) {
	if n := len(dst) &^ 31; vector && n > 0 {
		blendAVX2(dst[:n], src[:n], 0, 0, n, 1, and)
		dst, src = dst[n:], src[n:]
	}
	blendRow(dst, src, and)
}

// whole is how many groups of eight positions fit, each of which reads ahead
// source pixels from the place of its first.
func whole(n, pixels, pos, step, ahead int) int {
	if step <= 0 || step > 1<<16 || pos < 0 {
		return 0
	}
	room := (pixels-ahead+1)<<16 - 1 - pos
	if room < 0 {
		return 0
	}
	return min(n/8, room/(8*step)+1)
}

func nearestFast(size int, dst, src []byte, pos, step int) {
	if vector && size > 1 && step == -1<<16 {
		last := pos >> 16
		if n := len(dst) &^ 31; n > 0 {
			end := (last + 1) * size
			if size == 4 {
				reverse32AVX2(dst[:n], src[end-n:end])
			} else {
				reverse16AVX2(dst[:n], src[end-n:end])
			}
			dst, pos = dst[n:], pos-n/size<<16
		}
	} else if vector && size > 1 {
		if g := whole(len(dst)/size, len(src)/size, pos, step, 8); g > 0 {
			n := 8 * g * size
			if size == 4 {
				nearest32AVX2(dst[:n], src, pos, step)
			} else {
				nearest16AVX2(dst[:n], src, pos, step)
			}
			dst, pos = dst[n:], pos+8*g*step
		}
	}
	nearestRow(size, dst, src, pos, step)
}

// acrossFast is acrossRow for a window that begins at source pixel from.
func acrossFast(dst, src []byte, pos, from, step, last int) {
	pos -= from << 16
	if vector {
		for pos < 0 && step > 0 && len(dst) >= 4 {
			acrossRow(dst[:4], src, pos, step, last)
			dst, pos = dst[4:], pos+step
		}
		if g := whole(len(dst)/4, len(src)/4, pos, step, 9); g > 0 {
			acrossUpAVX2(dst[:32*g], src, pos, step)
			dst, pos = dst[32*g:], pos+8*g*step
		} else if step < 0 || step > 1<<16 {
			dst, pos = acrossGather(dst, src, pos, step, last)
		}
	}
	acrossRow(dst, src, pos, step, last)
}

// acrossGather does what steps allow of a row that shrinks or runs backwards.
func acrossGather(dst, src []byte, pos, step, last int) ([]byte, int) {
	for len(dst) >= 4 && pos>>16 >= last {
		acrossRow(dst[:4], src, pos, step, last)
		dst, pos = dst[4:], pos+step
	}
	room := last<<16 - 1 - pos
	if step < 0 {
		room = pos
	}
	if room < 0 || len(dst) < 32 {
		return dst, pos
	}
	n := min(len(dst)/4, room/max(step, -step)+1) &^ 7
	if n > 0 {
		acrossAnyAVX2(dst[:4*n], src, pos, step)
	}
	return dst[4*n:], pos + n*step
}

func downFast(dst, a, b []byte, f, and, or uint32) {
	if n := len(dst) &^ 31; vector && n > 0 {
		downAVX2(dst[:n], a[:n], b[:n], f*0x10001, and, or)
		dst, a, b = dst[n:], a[n:], b[n:]
	}
	downRow(dst, a, b, f, and, or)
}

func fadeOverFast(dst, src []byte, alpha, and uint32) {
	if n := len(dst) &^ 31; vector && n > 0 {
		fadeAVX2(dst[:n], src[:n], 0, 0, n, 1, alpha*0x10001, and)
		dst, src = dst[n:], src[n:]
	}
	fadeOverRow(dst, src, alpha, and)
}

func widenFast(size int, dst []byte, rawSize int, raw []byte) {
	if n := len(dst) &^ 31; vector && n > 0 {
		switch {
		case size == 2:
			widen8To16AVX2(dst[:n], raw[:n/2])
		case rawSize == 1:
			widen8To32AVX2(dst[:n], raw[:n/4])
		default:
			widen16To32AVX2(dst[:n], raw[:n/2])
		}
		dst, raw = dst[n:], raw[n/size*rawSize:]
	}
	widenRow(size, dst, rawSize, raw)
}

func flagFast(size int, dst []byte, rawSize int, raw []byte, k key) {
	if n := len(dst) &^ 31; vector && n > 0 && size == 2 {
		flag32To16AVX2(dst[:n], raw[:2*n], k.mask, k.low, k.span)
		dst, raw = dst[n:], raw[2*n:]
	}
	flagRow(size, dst, rawSize, raw, k)
}

func fadeFast(pix []byte, a uint8) {
	if n := len(pix) &^ 31; vector && n > 0 {
		thinAVX2(pix[:n], uint32(a))
		pix = pix[n:]
	}
	fadeRow(pix, a)
}

func ropFast(out, src, dst []byte, t bits) {
	if n := len(out) &^ 31; vector && n > 0 {
		ropAVX2(out[:n], src[:n], dst[:n], t.both, t.source, t.destination, t.none)
		out, src, dst = out[n:], src[n:], dst[n:]
	}
	ropRow(out, src, dst, t)
}

func fade16Fast(f Format, dst, src []byte, alpha uint32) {
	n := len(dst) &^ 31
	if n > 0 && fadeArea(f, row(dst[:n], src[:n]), alpha) {
		dst, src = dst[n:], src[n:]
	}
	fade16Row(f, dst, src, alpha)
}

func over16Fast(f Format, dst, src []byte) {
	n := len(dst) &^ 31
	if n > 0 && overArea(f, row(dst[:n], src[:2*n])) {
		dst, src = dst[n:], src[2*n:]
	}
	over16Row(f, dst, src)
}

// copyFast copies a piece that may be as long as a picture. Source and
// destination do not overlap.
func copyFast(dst, src []byte) {
	if vector && len(dst) >= long {
		copyString(dst, src[:len(dst)])
		return
	}
	copy(dst, src)
}
