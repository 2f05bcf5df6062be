package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// opaque writes a loop for what is most common without a texture: no blending,
// no alpha test, and no depth or less-or-equal with writing. Chunks that are
// covered whole are drawn row by row, without masks.
func opaque(s source, depth string) {
	k := &k{source: s, depth: depth}
	k.start()
	CMPL(Mem{Base: k.c, Disp: spanFull}, U8(0))
	JEQ(LabelRef("part"))
	k.whole()
	VZEROUPPER()
	RET()
	Label("part")
	g := Load(Param("planes"), GP64())
	k.change = map[int]VecVirtual{}
	for _, i := range k.planes() {
		v := YMM()
		VBROADCASTSS(Mem{Base: g, Disp: offDX + 4*i}, v)
		k.change[i] = v
	}
	zero, one := YMM(), YMM()
	VXORPS(zero, zero, zero)
	VMOVUPS(floatOne, one)
	k.sweeps()
	k.walk(false, func() { k.solid(k.pix, 0, zero, one) })
	VZEROUPPER()
	RET()
}

// whole draws rows of four times eight pixels. The steps of all columns lie in
// memory, where adding them costs no instruction of its own.
func (k *k) whole() {
	g := Load(Param("planes"), GP64())
	for n, i := range k.planes() {
		dx := YMM()
		VBROADCASTSS(Mem{Base: g, Disp: offDX + 4*i}, dx)
		for column := range 4 {
			v := YMM()
			VMULPS(lanes.Offset(32*column), dx, v)
			VMOVUPS(v, k.stepAt(column, n))
		}
	}
	zero, one := YMM(), YMM()
	VXORPS(zero, zero, zero)
	VMOVUPS(floatOne, one)
	y, left := GP64(), GP64()
	MOVQ(Mem{Base: k.c, Disp: spanY0}, y)
	MOVQ(Mem{Base: k.c, Disp: spanY1}, left)
	SUBQ(y, left)
	k.row, k.pix = GP64(), GP64()
	MOVQ(y, k.row)
	SHLQ(U8(6), k.row)
	LEAQ(Mem{Base: k.c, Index: k.row, Scale: 1, Disp: offRows}, k.row)
	MOVQ(y, k.pix)
	SHLQ(U8(7), k.pix)
	ADDQ(k.c, k.pix)
	Label("whole")
	k.base = map[int]VecVirtual{}
	for _, i := range k.planes() {
		v := YMM()
		VBROADCASTSS(Mem{Base: k.row, Disp: 4 * i}, v)
		k.base[i] = v
	}
	k.mask = nil
	for column := range 4 {
		k.column = column
		k.solid(k.pix, 32*column, zero, one)
	}
	k.base = nil
	ADDQ(U8(64), k.row)
	SUBQ(I8(-128), k.pix)
	DECQ(left)
	JNZ(LabelRef("whole"))
}

// stepAt is where the step of the nth plane in a column lies.
func (k *k) stepAt(column, n int) Mem {
	return Mem{Base: k.c, Disp: offList + 32*(8*column+n)}
}

// solid draws eight pixels.
func (k *k) solid(pix Register, at int, zero, one VecVirtual) {
	m := k.mask
	if k.depth != "" {
		z, old := k.plane(planeZ), YMM()
		VMAXPS(zero, z, z)
		VMINPS(one, z, z)
		VMOVUPS(Mem{Base: pix, Disp: offDepth + at}, old)
		c := YMM()
		if m == nil {
			// Where it fails, what is there is taken straight from memory.
			VCMPPS(U8(22), old, z, c)
			VBLENDVPS(c, old, z, z)
			VMOVUPS(z, Mem{Base: pix, Disp: offDepth + at})
			colour := k.colour(one)
			d := YMM()
			VPBLENDVB(c, Mem{Base: pix, Disp: at}, colour, d)
			VMOVDQU(d, Mem{Base: pix, Disp: at})
			return
		}
		VCMPPS(U8(18), old, z, c)
		VPAND(m, c, c)
		m = c
		VBLENDVPS(m, z, old, old)
		VMOVUPS(old, Mem{Base: pix, Disp: offDepth + at})
	}
	colour := k.colour(one)
	if m == nil {
		VMOVDQU(colour, Mem{Base: pix, Disp: at})
		return
	}
	d := YMM()
	VMOVDQU(Mem{Base: pix, Disp: at}, d)
	VPBLENDVB(m, colour, d, d)
	VMOVDQU(d, Mem{Base: pix, Disp: at})
}

// colour is that of eight pixels.
func (k *k) colour(one VecVirtual) VecVirtual {
	switch k.source {
	case gouraud:
		return k.interpolated(planeDiffuse, nil)
	case gouraudPersp:
		r := YMM()
		VDIVPS(k.plane(planeW), one, r)
		return k.interpolated(planeDiffuse, r)
	}
	return k.flat
}
