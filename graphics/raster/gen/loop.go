package main

import (
	"slices"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// k is the state of writing one loop.
type k struct {
	c, consts       Register
	row, pix, entry Register
	skip            string
	mask            VecVirtual
	flat            VecVirtual
	source          source
	filter          filter
	depth           string
	block           int // which texture
	texBase         Register
	texels, below   Register
	sweep           *sweep
	x               VecVirtual         // the pixels' places in the row, or
	steps           Register           // what the planes add for them, offSteps before it
	change          map[int]VecVirtual // changes of planes to the right that are in registers
	way             string             // before labels where chunks are drawn that are covered whole
	held            map[Mem]VecVirtual // and constants
	base            map[int]VecVirtual // planes at the left edge of the row, for columns whose steps lie in memory
	column          int
	slopes          map[int]VecVirtual
}

const signature = "func(c *uint32, planes *float32, k *uint32, operands *byte, flat uint32)"

// slot is a constant of states, in all lanes.
func (k *k) slot(i int) Mem { return Mem{Base: k.consts, Disp: 32 * i} }

// constant reads a constant to a register.
func (k *k) constant(i int) VecVirtual {
	v := YMM()
	VMOVDQU(k.slot(i), v)
	return v
}

// hold keeps constants in registers until drop.
func (k *k) hold(from ...Mem) {
	k.held = map[Mem]VecVirtual{}
	for _, m := range from {
		v := YMM()
		VMOVDQU(m, v)
		k.held[m] = v
	}
}

func (k *k) drop() { k.held, k.change, k.slopes = nil, nil, nil }

// holdSlopes keeps what the footprint is made of in registers until drop.
func (k *k) holdSlopes() {
	k.slopes = map[int]VecVirtual{}
	planes := Load(Param("planes"), GP64())
	for _, off := range []int{offDX, offDY} {
		for _, i := range []int{planeW, planeU, planeV} {
			v := YMM()
			VBROADCASTSS(Mem{Base: planes, Disp: off + 4*i}, v)
			k.slopes[off+4*i] = v
		}
	}
}

// slope is a plane's slope, in all lanes.
func (k *k) slope(planes Register, at int) VecVirtual {
	if v, ok := k.slopes[at]; ok {
		return v
	}
	v := YMM()
	VBROADCASTSS(Mem{Base: planes, Disp: at}, v)
	return v
}

// of is a constant where it is.
func (k *k) of(m Mem) Op {
	if v, ok := k.held[m]; ok {
		return v
	}
	return m
}

// plane is a plane's value at the eight pixels.
func (k *k) plane(i int) VecVirtual {
	v := YMM()
	if b, ok := k.base[i]; ok {
		VADDPS(k.stepAt(k.column, slices.Index(k.planes(), i)), b, v)
		return v
	}
	if k.steps != nil {
		VBROADCASTSS(Mem{Base: k.row, Disp: 4 * i}, v)
		VADDPS(Mem{Base: k.steps, Disp: offSteps + 32*i}, v, v)
		return v
	}
	left := YMM()
	VBROADCASTSS(Mem{Base: k.row, Disp: 4 * i}, left)
	if d, ok := k.change[i]; ok {
		VMULPS(d, k.x, v)
	} else {
		VMULPS(Mem{Base: k.c, Disp: offSteps + 32*i}, k.x, v)
	}
	VADDPS(left, v, v)
	return v
}

func (k *k) planes() []int {
	var p []int
	if k.depth != "" {
		p = append(p, planeZ)
	}
	if k.source >= gouraudPersp || k.filter != noTexture {
		p = append(p, planeW)
	}
	if k.filter != noTexture {
		p = append(p, planeU, planeV)
	}
	if k.source >= gouraud {
		p = append(p, planeDiffuse, planeDiffuse+1, planeDiffuse+2, planeDiffuse+3)
	}
	if k.source >= lit {
		p = append(p, planeGloss, planeGloss+1, planeGloss+2, planeGloss+3)
	}
	if k.filter.two() {
		p = append(p, planeU2, planeU2+1)
	}
	return p
}

// start begins a function.
func (k *k) start() {
	TEXT(name(k.source, k.filter, k.depth), NOSPLIT, signature)
	Pragma("noescape")
	k.c, k.consts = Load(Param("c"), GP64()), Load(Param("k"), GP64())
	if k.source == flat {
		r := GP32()
		Load(Param("flat"), r)
		k.flat = YMM()
		VMOVD(r, k.flat.AsX())
		VPBROADCASTD(k.flat.AsX(), k.flat)
	}
}

func loop(s source, f filter, depth string) {
	k := &k{source: s, filter: f, depth: depth, skip: "skip"}
	k.start()
	k.sweeps()
	if f == noTexture {
		k.wholes("drawn", k.pixels)
		k.walk(true, k.pixels)
		Label("drawn")
		VZEROUPPER()
		RET()
	} else {
		k.blocks()
	}
}

// spread makes a byte of bits eight masks.
func (k *k) spread(from GPVirtual) VecVirtual {
	m := YMM()
	VMOVD(from, m.AsX())
	VPBROADCASTB(m.AsX(), m)
	if bits, ok := k.held[laneBits]; ok {
		VPAND(bits, m, m)
		VPCMPEQD(bits, m, m)
	} else {
		VPAND(laneBits, m, m)
		VPCMPEQD(laneBits, m, m)
	}
	return m
}

// pixels draws eight pixels without a texture, as far as the mask says.
func (k *k) pixels() {
	z := k.test()
	var colour VecVirtual
	switch k.source {
	case flat:
		colour = k.flat
	case gouraud:
		colour = k.interpolated(planeDiffuse, nil)
	case gouraudPersp:
		colour = k.interpolated(planeDiffuse, k.reciprocal())
	case lit:
		r := k.reciprocal()
		colour = k.interpolated(planeDiffuse, r)
		k.light(colour, k.interpolated(planeGloss, r), z)
	}
	k.finish(colour, func() VecVirtual { return z })
}

// reciprocal is w of the eight pixels.
func (k *k) reciprocal() VecVirtual {
	r := YMM()
	if one, ok := k.held[floatOne]; ok {
		VDIVPS(k.plane(planeW), one, r)
		return r
	}
	VMOVUPS(floatOne, r)
	VDIVPS(k.plane(planeW), r, r)
	return r
}

// finish tests alpha, blends and writes.
func (k *k) finish(colour VecVirtual, depth func() VecVirtual) {
	k.alphaTest(colour)
	colour = k.blend(colour)
	w, old := YMM(), YMM()
	VPAND(k.slot(slotWrite), k.mask, w)
	VMOVUPS(Mem{Base: k.pix, Disp: offDepth}, old)
	VBLENDVPS(w, depth(), old, old)
	VMOVUPS(old, Mem{Base: k.pix, Disp: offDepth})
	d := YMM()
	VMOVDQU(Mem{Base: k.pix}, d)
	VPBLENDVB(k.mask, colour, d, d)
	VMOVDQU(d, Mem{Base: k.pix})
}

// test does the depth test, and gives the new depth.
func (k *k) test() VecVirtual {
	z, old := k.plane(planeZ), YMM()
	zero, c, e := YMM(), YMM(), YMM()
	VXORPS(zero, zero, zero)
	VMAXPS(zero, z, z)
	VMINPS(k.of(floatOne), z, z)
	VMOVUPS(Mem{Base: k.pix, Disp: offDepth}, old)
	// Most compare by less-or-equal.
	CMPL(k.slot(slotLessEqual), U8(0))
	JEQ(k.label("otherwise"))
	VCMPPS(U8(18), old, z, c)
	VPAND(c, k.mask, k.mask)
	JMP(k.label("compared"))
	Label(string(k.label("otherwise")))
	VCMPPS(U8(17), old, z, c)
	VCMPPS(U8(0), old, z, e)
	k.choose(c, e, slotDepth0)
	Label(string(k.label("compared")))
	VPTEST(k.mask, k.mask)
	JZ(LabelRef(k.skip))
	return z
}

// choose puts what is less and what is equal together, as three masks say, and
// narrows the mask by it.
func (k *k) choose(less, equal VecVirtual, slot int) {
	VPAND(k.slot(slot+1), less, less)
	VPAND(k.slot(slot+2), equal, equal)
	VPXOR(less, equal, equal)
	VPXOR(k.slot(slot), equal, equal)
	VPAND(equal, k.mask, k.mask)
}

// interpolated is four planes as a colour, packed.
func (k *k) interpolated(first int, r VecVirtual) VecVirtual {
	var v [4]VecVirtual
	for i := range v {
		v[i] = k.plane(first + i)
		if r != nil {
			VMULPS(r, v[i], v[i])
		}
		VCVTPS2DQ(v[i], v[i])
		if i&1 == 1 {
			VPACKSSDW(v[i], v[i-1], v[i-1])
		}
	}
	VPACKUSWB(v[2], v[0], v[0])
	VPSHUFB(k.of(spreadOut), v[0], v[0])
	return v[0]
}

// alphaTest narrows the mask by the colour's alpha, if that is asked for.
func (k *k) alphaTest(colour VecVirtual) {
	CMPL(k.slot(slotAlphaTest), U8(0))
	JEQ(k.label("passed"))
	a, ref, less := YMM(), k.constant(slotAlphaRef), YMM()
	VPSRLD(U8(24), colour, a)
	VPCMPGTD(a, ref, less)
	VPCMPEQD(a, ref, ref)
	k.choose(less, ref, slotAlpha0)
	VPTEST(k.mask, k.mask)
	JZ(LabelRef(k.skip))
	Label(string(k.label("passed")))
}
