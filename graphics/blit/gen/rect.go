package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// keyRect writes a function that does whole rectangles, since rows of sprites
// are short. The last vector of a row ends where the row does and may do pixels
// again, which changes nothing.
func keyRect(size string, sub, least, same func(...Op)) {
	name := "keyRect" + size + "AVX2"
	TEXT(name, NOSPLIT, "func(dst, src []byte, dstPitch, srcPitch, width, rows int, mask, low, span uint32)")
	Pragma("noescape")
	Doc(name + " copies rows of width bytes, at least 32, but for pixels inside the key.")
	dst, src := ptr("dst"), ptr("src")
	dstPitch, srcPitch := Load(Param("dstPitch"), GP64()), Load(Param("srcPitch"), GP64())
	last, rows := Load(Param("width"), GP64()), Load(Param("rows"), GP64())
	mask, low, span := value("mask"), value("low"), value("span")
	SUBQ(U8(32), last)
	off := GP64()
	one := func(at func(base Register) Mem) {
		r, m, v := YMM(), YMM(), YMM()
		VMOVDQU(at(src), v)
		VPAND(v, mask, r)
		sub(low, r, r)
		least(span, r, m)
		same(m, r, m)
		VPBLENDVB(m, at(dst), v, v)
		VMOVDQU(v, at(dst))
	}
	Label("row")
	XORQ(off, off)
	JMP(LabelRef("test"))
	Label("next")
	one(func(base Register) Mem { return Mem{Base: base, Index: off, Scale: 1} })
	ADDQ(U8(32), off)
	Label("test")
	CMPQ(off, last)
	JLT(LabelRef("next"))
	one(func(base Register) Mem { return Mem{Base: base, Index: last, Scale: 1} })
	ADDQ(dstPitch, dst)
	ADDQ(srcPitch, src)
	DECQ(rows)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
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
