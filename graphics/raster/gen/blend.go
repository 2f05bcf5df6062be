package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// blend mixes the colour with what is there, if that is asked for.
func (k *k) blend(colour VecVirtual) VecVirtual {
	out, d := YMM(), YMM()
	VMOVDQU(colour, out)
	kind := GP32()
	MOVL(k.slot(slotBlend), kind)
	TESTL(kind, kind)
	JEQ(k.label("blended"))
	VMOVDQU(Mem{Base: k.pix}, d)
	CMPL(kind, U8(1))
	JNE(k.label("any"))
	k.over(out, d, out)
	JMP(k.label("blended"))
	Label(string(k.label("any")))
	k.factors(out, d)
	Label(string(k.label("blended")))
	return out
}

// over weighs two colours by the alpha of a third.
func (k *k) over(s, d, by VecVirtual) {
	unpack := [2]func(...Op){VPUNPCKLBW, VPUNPCKHBW}
	zero := YMM()
	VPXOR(zero, zero, zero)
	var out [2]VecVirtual
	for i, alpha := range [2]Mem{alphaLow, alphaHigh} {
		a, x, y, t := YMM(), YMM(), YMM(), YMM()
		VPSHUFB(alpha, by, a)
		unpack[i](zero, s, x)
		unpack[i](zero, d, y)
		VPSUBW(y, x, x)
		VPMULLW(a, x, x)
		VPSLLW(U8(8), y, t)
		VPSUBW(y, t, t)
		VPADDW(t, x, x)
		k.divide(x)
		out[i] = x
	}
	VPACKUSWB(out[1], out[0], s)
}

// factors blends by any factors: each is a choice of colours, by masks, and
// what to flip in it.
func (k *k) factors(s, d VecVirtual) {
	sa, da := YMM(), YMM()
	VPSHUFB(alphas, s, sa)
	VPSHUFB(alphas, d, da)
	var f [2]VecVirtual
	for i, slot := range [2]int{slotSrc, slotDst} {
		f[i] = YMM()
		VPAND(k.slot(slot), s, f[i])
		for j, from := range []VecVirtual{d, sa, da} {
			t := YMM()
			VPAND(k.slot(slot+1+j), from, t)
			VPOR(t, f[i], f[i])
		}
		VPXOR(k.slot(slot+4), f[i], f[i])
	}
	x := k.product(s, f[0])
	y := k.product(d, f[1])
	VPADDUSB(x, y, s)
}

// light adds the specular colour, and weighs fog in.
func (k *k) light(colour, gloss, z VecVirtual) {
	t := YMM()
	VPAND(k.slot(slotGloss), gloss, t)
	VPADDUSB(t, colour, colour)
	kind := GP32()
	MOVL(k.slot(slotFog), kind)
	TESTL(kind, kind)
	JEQ(k.label("clear"))
	CMPL(kind, U8(1))
	JEQ(k.label("factor"))
	f := k.constant(slotFogEnd)
	zero := YMM()
	VSUBPS(z, f, f)
	VMULPS(k.slot(slotFogScale), f, f)
	VADDPS(floatHalf, f, f)
	VCVTTPS2DQ(f, f)
	VPXOR(zero, zero, zero)
	VPMAXSD(zero, f, f)
	VPMINSD(full, f, f)
	VPSLLD(U8(24), f, gloss)
	Label(string(k.label("factor")))
	kept := YMM()
	VPAND(opaqueBits, colour, kept)
	k.over(colour, k.constant(slotFogColor), gloss)
	VPAND(rgb, colour, colour)
	VPOR(kept, colour, colour)
	Label(string(k.label("clear")))
}
