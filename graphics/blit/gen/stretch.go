package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// walk gives the fractions of eight positions, relative to the whole part of
// the first, which it keeps in a register.
type walk struct {
	pos, step, base Register
	fraction, inc   VecVirtual
}

func newWalk() *walk {
	w := &walk{pos: Load(Param("pos"), GP64()), step: Load(Param("step"), GP64()), base: GP64(), inc: YMM()}
	VMOVD(w.step.(GPVirtual).As32(), w.inc.AsX())
	VPBROADCASTD(w.inc.AsX(), w.inc)
	VPMULLD(iota8, w.inc, w.inc)
	SHLQ(U8(3), w.step)
	return w
}

// next is the vector of positions relative to base.
func (w *walk) next() VecVirtual {
	r, v := GP32(), YMM()
	MOVL(w.pos.(GPVirtual).As32(), r)
	ANDL(U32(0xffff), r)
	VMOVD(r, v.AsX())
	VPBROADCASTD(v.AsX(), v)
	VPADDD(w.inc, v, v)
	MOVQ(w.pos, w.base)
	SARQ(U8(16), w.base)
	ADDQ(w.step, w.pos)
	return v
}

func nearest(size string) {
	TEXT("nearest"+size+"AVX2", NOSPLIT, "func(dst, src []byte, pos, step int)")
	Pragma("noescape")
	Doc("nearest" + size + "AVX2 stretches a row by at least one: eight source pixels from the first one's place on must exist.")
	dst, src, n := ptr("dst"), ptr("src"), length("dst")
	w := newWalk()
	bytes := uint64(32)
	if size == "16" {
		bytes = 16
	}
	loop(n, bytes, func(off Register) {
		p := w.next()
		VPSRLD(U8(16), p, p)
		if size == "32" {
			VPERMD(Mem{Base: src, Index: w.base, Scale: 4}, p, p)
			VMOVDQU(p, at(dst, off, 0))
			return
		}
		v := YMM()
		VPMOVZXWD(Mem{Base: src, Index: w.base, Scale: 2}, v)
		VPERMD(v, p, v)
		VPACKUSDW(v, v, v)
		VPERMQ(U8(0x08), v, v)
		VMOVDQU(v.AsX(), at(dst, off, 0))
	})
}

// reverse writes a function that mirrors a row.
func reverse(size string) {
	TEXT("reverse"+size+"AVX2", NOSPLIT, "func(dst, src []byte)")
	Pragma("noescape")
	Doc("reverse" + size + "AVX2 writes the pixels of src from the last to the first, a multiple of 32 bytes.")
	dst, src, n := ptr("dst"), ptr("src"), length("dst")
	order := YMM()
	if size == "32" {
		VMOVDQU(backwards, order)
	} else {
		VMOVDQU(backwards16, order)
	}
	from := GP64()
	LEAQ(Mem{Base: src, Index: n, Scale: 1, Disp: -32}, from)
	loop(n, 32, func(off Register) {
		v := YMM()
		if size == "32" {
			VPERMD(Mem{Base: from}, order, v)
		} else {
			VMOVDQU(Mem{Base: from}, v)
			VPSHUFB(order, v, v)
			VPERMQ(U8(0x4e), v, v)
		}
		VMOVDQU(v, at(dst, off, 0))
		SUBQ(U8(32), from)
	})
}

// weigh is a + (b-a)*f/256 for eight pixels, f in each dword.
func weigh(a, b, f VecVirtual, none, half VecVirtual, shuffles [2]VecVirtual) VecVirtual {
	unpack := [2]func(...Op){VPUNPCKLBW, VPUNPCKHBW}
	var out [2]VecVirtual
	for i := range out {
		g, x, y := YMM(), YMM(), YMM()
		VPSHUFB(shuffles[i], f, g)
		unpack[i](none, b, x)
		unpack[i](none, a, y)
		VPSUBW(y, x, x)
		VPMULLW(g, x, x)
		VPADDW(half, x, x)
		VPSLLW(U8(8), y, y)
		VPADDW(y, x, x)
		VPSRLW(U8(8), x, x)
		out[i] = x
	}
	VPACKUSWB(out[1], out[0], out[0])
	return out[0]
}

func shuffles() [2]VecVirtual {
	s := [2]VecVirtual{YMM(), YMM()}
	VMOVDQU(low, s[0])
	VMOVDQU(high, s[1])
	return s
}

func acrossUp() {
	TEXT("acrossUpAVX2", NOSPLIT, "func(dst, src []byte, pos, step int)")
	Pragma("noescape")
	Doc("acrossUpAVX2 stretches a row by at least one, bilinearly: nine source pixels from the first one's place on must exist.")
	dst, src, n := ptr("dst"), ptr("src"), length("dst")
	w := newWalk()
	none, half, sh := zero(), spread16(128), shuffles()
	loop(n, 32, func(off Register) {
		p := w.next()
		f, a, b := YMM(), YMM(), YMM()
		VPSRLD(U8(8), p, f)
		VPSRLD(U8(16), p, p)
		VPERMD(Mem{Base: src, Index: w.base, Scale: 4}, p, a)
		VPERMD(Mem{Base: src, Index: w.base, Scale: 4, Disp: 4}, p, b)
		VMOVDQU(weigh(a, b, f, none, half, sh), at(dst, off, 0))
	})
}

func acrossAny() {
	TEXT("acrossAnyAVX2", NOSPLIT, "func(dst, src []byte, pos, step int)")
	Pragma("noescape")
	Doc("acrossAnyAVX2 stretches or mirrors a row bilinearly; every position and the pixel after it must exist.")
	dst, src, n := ptr("dst"), ptr("src"), length("dst")
	w := newWalk()
	none, half, sh := zero(), spread16(128), shuffles()
	p := YMM()
	loop(n, 32, func(off Register) {
		r := GP32()
		MOVL(w.pos.(GPVirtual).As32(), r)
		VMOVD(r, p.AsX())
		VPBROADCASTD(p.AsX(), p)
		VPADDD(w.inc, p, p)
		ADDQ(w.step, w.pos)
		f, i, a, b, m := YMM(), YMM(), YMM(), YMM(), YMM()
		VPSRLD(U8(8), p, f)
		VPSRAD(U8(16), p, i)
		VPCMPEQD(m, m, m)
		VPXOR(a, a, a)
		VPGATHERDD(m, Mem{Base: src, Index: i, Scale: 4}, a)
		VPCMPEQD(m, m, m)
		VPXOR(b, b, b)
		VPGATHERDD(m, Mem{Base: src, Index: i, Scale: 4, Disp: 4}, b)
		VMOVDQU(weigh(a, b, f, none, half, sh), at(dst, off, 0))
	})
}

func down() {
	TEXT("downAVX2", NOSPLIT, "func(dst, a, b []byte, f, and, or uint32)")
	Pragma("noescape")
	Doc("downAVX2 weighs two rows by f, which stands in both halves, and-s and or-s, a multiple of 32 bytes.")
	dst, a, b, n := ptr("dst"), ptr("a"), ptr("b"), length("dst")
	f, and, or := value("f"), value("and"), value("or")
	none, half := zero(), spread16(128)
	unpack := [2]func(...Op){VPUNPCKLBW, VPUNPCKHBW}
	loop(n, 32, func(off Register) {
		va, vb := YMM(), YMM()
		VMOVDQU(at(a, off, 0), va)
		VMOVDQU(at(b, off, 0), vb)
		var out [2]VecVirtual
		for i := range out {
			x, y := YMM(), YMM()
			unpack[i](none, vb, x)
			unpack[i](none, va, y)
			VPSUBW(y, x, x)
			VPMULLW(f, x, x)
			VPADDW(half, x, x)
			VPSLLW(U8(8), y, y)
			VPADDW(y, x, x)
			VPSRLW(U8(8), x, x)
			out[i] = x
		}
		VPACKUSWB(out[1], out[0], out[0])
		VPAND(and, out[0], out[0])
		VPOR(or, out[0], out[0])
		VMOVDQU(out[0], at(dst, off, 0))
	})
}
