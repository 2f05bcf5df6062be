package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// opaque writes a loop for what is most common without a texture: no blending,
// no alpha test, and no depth or less-or-equal with writing. Columns all of
// whose pixels are covered are drawn without masks.
func opaque(s source, depth string) {
	k := &k{source: s, depth: depth}
	k.begin(func(column Register) {
		x, g := columnX(column), Load(Param("planes"), GP64())
		k.step = map[int]VecVirtual{}
		for _, i := range k.planes() {
			v := YMM()
			VBROADCASTSS(Mem{Base: g, Disp: offDX + 4*i}, v)
			VMULPS(x, v, v)
			k.step[i] = v
		}
		zero, one := YMM(), YMM()
		VXORPS(zero, zero, zero)
		VMOVUPS(floatOne, one)
		y, end, mask := Load(Param("y0"), GP64()), Load(Param("y1"), GP64()), GP64()
		k.place(y, column, mask)
		SUBQ(y, end)
		full := GP32()
		Load(Param("full"), full)
		TESTL(full, full)
		JZ(LabelRef("masked"))
		Label("full")
		k.mask = nil
		k.solid(zero, one)
		k.next(end, "full")
		JMP(LabelRef("nextColumn"))
		Label("masked")
		k.mask = k.spread(Mem{Base: mask, Disp: offMasks})
		k.solid(zero, one)
		ADDQ(U8(4), mask)
		k.next(end, "masked")
	})
}

func (k *k) next(left Register, label string) {
	ADDQ(U8(64), k.row)
	SUBQ(I8(-128), k.pix)
	DECQ(left)
	JNZ(LabelRef(label))
}

// solid draws eight pixels.
func (k *k) solid(zero, one VecVirtual) {
	m := k.mask
	if k.depth != "" {
		z, old := k.plane(planeZ), YMM()
		VMAXPS(zero, z, z)
		VMINPS(one, z, z)
		VMOVUPS(Mem{Base: k.pix, Disp: offDepth}, old)
		c := YMM()
		VCMPPS(U8(18), old, z, c)
		if m != nil {
			VPAND(m, c, c)
		}
		m = c
		VBLENDVPS(m, z, old, old)
		VMOVUPS(old, Mem{Base: k.pix, Disp: offDepth})
	}
	var colour VecVirtual
	switch k.source {
	case flat:
		colour = k.flat
	case gouraud:
		colour = k.interpolated(planeDiffuse, nil)
	case gouraudPersp:
		r := YMM()
		VDIVPS(k.plane(planeW), one, r)
		colour = k.interpolated(planeDiffuse, r)
	}
	if m == nil {
		VMOVDQU(colour, Mem{Base: k.pix})
		return
	}
	d := YMM()
	VMOVDQU(Mem{Base: k.pix}, d)
	VPBLENDVB(m, colour, d, d)
	VMOVDQU(d, Mem{Base: k.pix})
}
