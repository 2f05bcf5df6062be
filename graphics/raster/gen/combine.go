package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Byte offsets in an entry of what arguments of texture stages select, once
// its texels have been read.
const (
	entryCurrent = entryW
	entryTexel   = entryTex // of the second stage second bytes on
	entryFactor  = entryTex + 32
	entryNext    = entryTex + 64
)

// Byte offsets in a unit: what one operation does, to all channels or to some.
const (
	unitOp     = 0
	unitArg1   = 4 // where arguments lie in an entry
	unitArg2   = 8
	unitWeight = 12 // and what blends weigh by
	unitLast   = 16 // not 0: the stage's last
	unitEnd    = 20 // not 0: the last of all

	unitShuffle1 = 32
	unitShuffle2 = 64
	unitFlip1    = 96
	unitFlip2    = 128
	unitMask     = 160 // channels
	unitSize     = 192
)

// Operations, as in package raster.
const (
	opSelect1 = 2 + iota
	opSelect2
	opModulate
	opModulate2X
	opModulate4X
	opAdd
	opAddSigned
	opAddSigned2X
	opSubtract
	opAddSmooth
	opBlend   // and the next ones, by another alpha
	opBlendPM = 15
)

// combine does all operations of the texture stages, on the colours in the
// entry. What to do is read, since it is the same for each pixel: branches on
// it are foreseen.
func (k *k) combine() VecVirtual {
	k.put(k.constant(slotFactor), entryFactor)
	diffuse := k.get(entryDiffuse)
	k.put(diffuse, entryCurrent)
	k.put(diffuse, entryNext)
	unit := GP64()
	LEAQ(k.slot(slotUnits), unit)
	Label("unit")
	arg := func(off, shuffle, flip int) VecVirtual {
		at, v := GP64(), YMM()
		MOVL(Mem{Base: unit, Disp: off}, at.As32())
		VMOVDQU(Mem{Base: k.entry, Index: at, Scale: 1}, v)
		VPSHUFB(Mem{Base: unit, Disp: shuffle}, v, v)
		VPXOR(Mem{Base: unit, Disp: flip}, v, v)
		return v
	}
	a, b := arg(unitArg1, unitShuffle1, unitFlip1), arg(unitArg2, unitShuffle2, unitFlip2)
	op := GP32()
	MOVL(Mem{Base: unit, Disp: unitOp}, op)
	is := func(v int, name string) {
		CMPL(op, U8(v))
		JEQ(LabelRef(name))
	}
	is(opModulate, "modulate")
	is(opSelect1, "select1")
	is(opSelect2, "select2")
	is(opAdd, "add")
	is(opModulate2X, "modulate2X")
	is(opModulate4X, "modulate4X")
	is(opAddSigned, "addSigned")
	is(opAddSigned2X, "addSigned2X")
	is(opSubtract, "subtract")
	is(opAddSmooth, "addSmooth")
	by, at := YMM(), GP64()
	MOVL(Mem{Base: unit, Disp: unitWeight}, at.As32())
	VMOVDQU(Mem{Base: k.entry, Index: at, Scale: 1}, by)
	CMPL(op, U8(opBlendPM))
	JEQ(LabelRef("premodulated"))
	k.over(a, b, by)
	JMP(LabelRef("operated"))
	done := func(v VecVirtual) {
		if v != a {
			VMOVDQA(v, a)
		}
		JMP(LabelRef("operated"))
	}
	Label("premodulated")
	VPSHUFB(alphas, by, by)
	VPXOR(minusOne, by, by)
	VPADDUSB(k.product(b, by), a, a)
	done(a)
	Label("modulate")
	done(k.product(a, b))
	Label("modulate2X")
	done(k.times(a, b, 1))
	Label("modulate4X")
	done(k.times(a, b, 2))
	Label("add")
	VPADDUSB(b, a, a)
	done(a)
	Label("addSigned")
	VPXOR(signs, a, a)
	VPXOR(signs, b, b)
	VPADDSB(b, a, a)
	VPXOR(signs, a, a)
	done(a)
	Label("addSigned2X")
	done(k.twiceSum(a, b))
	Label("subtract")
	VPSUBUSB(b, a, a)
	done(a)
	Label("addSmooth")
	p := k.product(a, b)
	VPADDB(b, a, a)
	VPSUBB(p, a, a)
	done(a)
	Label("select2")
	VMOVDQA(b, a)
	Label("select1")
	Label("operated")
	old := k.get(entryNext)
	mask := YMM()
	VMOVDQU(Mem{Base: unit, Disp: unitMask}, mask)
	VPBLENDVB(mask, a, old, old)
	k.put(old, entryNext)
	CMPL(Mem{Base: unit, Disp: unitLast}, U8(0))
	JEQ(LabelRef("nextUnit"))
	k.put(old, entryCurrent)
	Label("nextUnit")
	CMPL(Mem{Base: unit, Disp: unitEnd}, U8(0))
	LEAQ(Mem{Base: unit, Disp: unitSize}, unit)
	JEQ(LabelRef("unit"))
	return k.get(entryCurrent)
}

// times is a*b/255 shifted left by n, with saturation.
func (k *k) times(a, b VecVirtual, n uint8) VecVirtual {
	unpack := [2]func(...Op){VPUNPCKLBW, VPUNPCKHBW}
	zero := YMM()
	VPXOR(zero, zero, zero)
	var out [2]VecVirtual
	for i := range out {
		x, y := YMM(), YMM()
		unpack[i](zero, a, x)
		unpack[i](zero, b, y)
		VPMULLW(y, x, x)
		// More would come to more than 255.
		VPMINUW([...]Mem{most2, most4}[n-1], x, x)
		VPSLLW(U8(n), x, x)
		k.divide(x)
		out[i] = x
	}
	VPACKUSWB(out[1], out[0], out[0])
	return out[0]
}

// twiceSum is twice the sum of a and b, less 255, with saturation.
func (k *k) twiceSum(a, b VecVirtual) VecVirtual {
	unpack := [2]func(...Op){VPUNPCKLBW, VPUNPCKHBW}
	zero, full := YMM(), YMM()
	VPXOR(zero, zero, zero)
	VMOVDQU(words255, full)
	var out [2]VecVirtual
	for i := range out {
		x, y := YMM(), YMM()
		unpack[i](zero, a, x)
		unpack[i](zero, b, y)
		VPADDW(y, x, x)
		VPADDW(x, x, x)
		VPSUBW(full, x, x)
		out[i] = x
	}
	VPACKUSWB(out[1], out[0], out[0])
	return out[0]
}
