package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// rows are the parameters of functions that do whole rectangles, since rows of
// sprites and chunks are short. Rows have width bytes of the destination, at
// least 32. The last vector of a row ends where the row does and may do pixels
// again: width must be a multiple of 32 where that would change something.
const rows = "dst, src []byte, dstPitch, srcPitch, width, rows int"

// vector is the place of the vector that is worked on, and of those after it.
type vector func(disp int) Mem

// rectangle writes the loops. Pixels of the destination and the source have
// sizes as dstScale and srcScale, one of which is 1.
func rectangle(dstScale, srcScale uint8, body func(dst, src vector)) {
	dst, src := ptr("dst"), ptr("src")
	dstPitch, srcPitch := Load(Param("dstPitch"), GP64()), Load(Param("srcPitch"), GP64())
	last, rows := Load(Param("width"), GP64()), Load(Param("rows"), GP64())
	step := uint64(32 / dstScale)
	if dstScale > 1 {
		SHRQ(U8(map[uint8]uint64{2: 1, 4: 2}[dstScale]), last)
	}
	SUBQ(U8(step), last)
	off := GP64()
	do := func(off Register) {
		body(func(disp int) Mem { return Mem{Base: dst, Index: off, Scale: dstScale, Disp: disp} },
			func(disp int) Mem { return Mem{Base: src, Index: off, Scale: srcScale, Disp: disp} })
	}
	Label("row")
	XORQ(off, off)
	JMP(LabelRef("test"))
	Label("next")
	do(off)
	ADDQ(U8(step), off)
	Label("test")
	CMPQ(off, last)
	JLT(LabelRef("next"))
	do(last)
	ADDQ(dstPitch, dst)
	ADDQ(srcPitch, src)
	DECQ(rows)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}

func copyRows() {
	TEXT("copyAVX2", NOSPLIT, "func("+rows+")")
	Pragma("noescape")
	Doc("copyAVX2 copies.")
	rectangle(1, 1, func(dst, src vector) {
		v := YMM()
		VMOVDQU(src(0), v)
		VMOVDQU(v, dst(0))
	})
}

// keyRows writes a function that copies but for pixels inside a key.
func keyRows(size string, sub, least, same func(...Op)) {
	TEXT("keyRows"+size+"AVX2", NOSPLIT, "func("+rows+", mask, low, span uint32)")
	Pragma("noescape")
	Doc("keyRows" + size + "AVX2 copies but for pixels inside the key.")
	mask, low, span := value("mask"), value("low"), value("span")
	rectangle(1, 1, func(dst, src vector) {
		r, m, v := YMM(), YMM(), YMM()
		VMOVDQU(src(0), v)
		VPAND(v, mask, r)
		sub(low, r, r)
		least(span, r, m)
		same(m, r, m)
		VPBLENDVB(m, dst(0), v, v)
		VMOVDQU(v, dst(0))
	})
}

// blend writes blendAVX2, and with constant fadeAVX2, whose alpha is a parameter.
func blend(constant bool) {
	var alpha VecVirtual
	if constant {
		TEXT("fadeAVX2", NOSPLIT, "func("+rows+", alpha, and uint32)")
		Pragma("noescape")
		Doc("fadeAVX2 puts colours over colours with one alpha, which stands in both halves, and and-s them; width is a multiple of 32.")
		alpha = value("alpha")
	} else {
		TEXT("blendAVX2", NOSPLIT, "func("+rows+", and uint32)")
		Pragma("noescape")
		Doc("blendAVX2 puts colours over colours and and-s them; width is a multiple of 32.")
	}
	and := value("and")
	none, half, opaque := zero(), spread16(128), spread(0xff000000)
	var shuffles [2]VecVirtual
	if !constant {
		shuffles = [2]VecVirtual{YMM(), YMM()}
		VMOVDQU(alphaLow, shuffles[0])
		VMOVDQU(alphaHigh, shuffles[1])
	}
	unpack := [2]func(...Op){VPUNPCKLBW, VPUNPCKHBW}
	rectangle(1, 1, func(dst, src vector) {
		s, f, d := YMM(), YMM(), YMM()
		VMOVDQU(src(0), s)
		VMOVDQU(dst(0), d)
		VPOR(opaque, s, f)
		var out [2]VecVirtual
		for i := range out {
			a, x, y := alpha, YMM(), YMM()
			if !constant {
				a = YMM()
				VPSHUFB(shuffles[i], s, a)
			}
			unpack[i](none, f, x)
			unpack[i](none, d, y)
			VPSUBW(y, x, x)
			VPMULLW(a, x, x)
			VPADDW(half, x, x)
			VPSUBW(y, x, x)
			VPSLLW(U8(8), y, y)
			VPADDW(y, x, x)
			VPSRLW(U8(8), x, y)
			VPADDW(y, x, x)
			VPSRLW(U8(8), x, x)
			out[i] = x
		}
		VPACKUSWB(out[1], out[0], out[0])
		VPAND(and, out[0], out[0])
		VMOVDQU(out[0], dst(0))
	})
}

// thin writes the function that multiplies alpha.
func thin() {
	TEXT("thinAVX2", NOSPLIT, "func(pix []byte, alpha uint32)")
	Pragma("noescape")
	Doc("thinAVX2 multiplies the alpha of colours by that, in 255ths, a multiple of 32 bytes.")
	pix, n, alpha := ptr("pix"), length("pix"), value("alpha")
	half, ths, colour := spread(128), spread(257), spread(0xffffff)
	loop(n, 32, func(off Register) {
		v, a := YMM(), YMM()
		VMOVDQU(at(pix, off, 0), v)
		VPSRLD(U8(24), v, a)
		VPMULLW(alpha, a, a)
		VPADDW(half, a, a)
		VPMULHUW(ths, a, a)
		VPSLLD(U8(24), a, a)
		VPAND(colour, v, v)
		VPOR(a, v, v)
		VMOVDQU(v, at(pix, off, 0))
	})
}

// widen writes a function that extends pixels with zeros.
func widen(name string, extend func(...Op), part uint64) {
	TEXT("widen"+name+"AVX2", NOSPLIT, "func(dst, src []byte)")
	Pragma("noescape")
	Doc("widen" + name + "AVX2 extends pixels with zeros, a multiple of 32 bytes of the larger ones.")
	dst, src, n, from := ptr("dst"), ptr("src"), length("dst"), GP64()
	loop(n, 32, func(off Register) {
		v := YMM()
		MOVQ(off, from)
		SHRQ(U8(part), from)
		extend(at(src, from, 0), v)
		VMOVDQU(v, at(dst, off, 0))
	})
}

// flag writes the function that finds out which pixels are in a key.
func flag() {
	TEXT("flag32To16AVX2", NOSPLIT, "func(dst, raw []byte, mask, low, span uint32)")
	Pragma("noescape")
	Doc("flag32To16AVX2 writes ones in 16 bits for pixels inside the key, a multiple of 32 bytes.")
	dst, raw, n := ptr("dst"), ptr("raw"), length("dst")
	mask, low, span := value("mask"), value("low"), value("span")
	loop(n, 32, func(off Register) {
		var in [2]VecVirtual
		for i := range in {
			r, m := YMM(), YMM()
			VPAND(Mem{Base: raw, Index: off, Scale: 2, Disp: 32 * i}, mask, r)
			VPSUBD(low, r, r)
			VPMINUD(span, r, m)
			VPCMPEQD(m, r, m)
			in[i] = m
		}
		VPACKSSDW(in[1], in[0], in[0])
		VPERMQ(U8(0xd8), in[0], in[0])
		VMOVDQU(in[0], at(dst, off, 0))
	})
}
