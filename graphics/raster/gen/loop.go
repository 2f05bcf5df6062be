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
	step            map[int]VecVirtual // steps of planes that are in registers
	held            map[Mem]VecVirtual // and constants
	base            map[int]VecVirtual // planes at the left edge of the row, for columns whose steps lie in memory
	column          int
	slopes          map[int]VecVirtual
}

const signature = "func(c *uint32, planes *float32, k, tex, tex2, texels, texels2 *uint32, x, y0, y1 int, any, full, flat uint32)"

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

func (k *k) drop() { k.held, k.step, k.slopes = nil, nil, nil }

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

// holdSteps keeps the steps of planes in registers until drop.
func (k *k) holdSteps(planes ...int) {
	k.step = map[int]VecVirtual{}
	for _, i := range planes {
		v := YMM()
		VMOVUPS(Mem{Base: k.c, Disp: offSteps + 32*i}, v)
		k.step[i] = v
	}
}

// plane is a plane's value at the eight pixels.
func (k *k) plane(i int) VecVirtual {
	v := YMM()
	if b, ok := k.base[i]; ok {
		VADDPS(k.stepAt(k.column, slices.Index(k.planes(), i)), b, v)
		return v
	}
	VBROADCASTSS(Mem{Base: k.row, Disp: 4 * i}, v)
	if s, ok := k.step[i]; ok {
		VADDPS(s, v, v)
	} else {
		VADDPS(Mem{Base: k.c, Disp: offSteps + 32*i}, v, v)
	}
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

// start begins a function, and evaluates planes at the rows' left edges.
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
	k.rows()
}

// columns visits each column that has pixels, with its first pixel's place in
// bytes, and ends the function.
func (k *k) columns(visit func(column Register)) {
	any := GP32()
	Load(Param("any"), any)
	column := Load(Param("x"), GP64())
	SHLQ(U8(2), column)
	Label("column")
	TESTL(U32(0xff), any)
	JZ(LabelRef("nextColumn"))
	visit(column)
	Label("nextColumn")
	SHRL(U8(8), any)
	ADDQ(U8(32), column)
	TESTL(any, any)
	JNZ(LabelRef("column"))
	VZEROUPPER()
	RET()
}

func loop(s source, f filter, depth string) {
	k := &k{source: s, filter: f, depth: depth, skip: "skip"}
	k.start()
	k.columns(func(column Register) {
		k.steps(column)
		y := Load(Param("y0"), GP64())
		if f == noTexture {
			k.walk(y, column, Load(Param("y1"), GP64()), k.pixels)
		} else {
			k.blocks(y, column)
		}
	})
}

// place points at a row's planes, pixels and mask.
func (k *k) place(y, column, mask Register) {
	k.row, k.pix = GP64(), GP64()
	MOVQ(y, k.row)
	SHLQ(U8(6), k.row)
	LEAQ(Mem{Base: k.c, Index: k.row, Scale: 1, Disp: offRows}, k.row)
	MOVQ(y, k.pix)
	SHLQ(U8(7), k.pix)
	ADDQ(k.c, k.pix)
	ADDQ(column, k.pix)
	// The mask's byte is that of the column from x.
	x := Load(Param("x"), GP64())
	MOVQ(column, mask)
	SHRQ(U8(2), mask)
	SUBQ(x, mask)
	SHRQ(U8(3), mask)
	LEAQ(Mem{Base: mask, Index: y, Scale: 4}, mask)
	ADDQ(k.c, mask)
}

// walk visits the rows from y to before end that have pixels in a column.
func (k *k) walk(y, column, end Register, visit func()) {
	mask := GP64()
	k.place(y, column, mask)
	Label("row")
	CMPB(Mem{Base: mask, Disp: offMasks}, U8(0))
	JEQ(LabelRef("skip"))
	k.mask = k.spread(Mem{Base: mask, Disp: offMasks})
	visit()
	Label("skip")
	ADDQ(U8(64), k.row)
	SUBQ(I8(-128), k.pix)
	ADDQ(U8(4), mask)
	INCQ(y)
	CMPQ(y, end)
	JLT(LabelRef("row"))
}

// spread makes a byte of bits eight masks.
func (k *k) spread(from Mem) VecVirtual {
	m := YMM()
	bits, ok := k.held[laneBits]
	if !ok {
		bits = YMM()
		VMOVDQU(laneBits, bits)
	}
	VPBROADCASTB(from, m)
	VPAND(bits, m, m)
	VPCMPEQD(bits, m, m)
	return m
}

// rows evaluates all planes at the left edge of each row.
func (k *k) rows() {
	if len(k.planes()) == 0 {
		return
	}
	to, g, numbers := GP64(), Load(Param("planes"), GP64()), GP64()
	y, y1 := Load(Param("y0"), GP64()), Load(Param("y1"), GP64())
	LEAQ(lanes, numbers)
	MOVQ(y, to)
	SHLQ(U8(6), to)
	ADDQ(k.c, to)
	vectors := 1
	if k.filter.two() || k.source >= lit {
		vectors = 2
	}
	var dy, c [2]VecVirtual
	for i := range vectors {
		dy[i], c[i] = YMM(), YMM()
		VMOVUPS(Mem{Base: g, Disp: offDY + 32*i}, dy[i])
		VMOVUPS(Mem{Base: k.c, Disp: offCorner + 32*i}, c[i])
	}
	Label("rows")
	fy := YMM()
	VBROADCASTSS(Mem{Base: numbers, Index: y, Scale: 4}, fy)
	for i := range vectors {
		v := YMM()
		VMULPS(dy[i], fy, v)
		VADDPS(c[i], v, v)
		VMOVUPS(v, Mem{Base: to, Disp: offRows + 32*i})
	}
	ADDQ(U8(64), to)
	INCQ(y)
	CMPQ(y, y1)
	JLT(LabelRef("rows"))
}

// columnX is the eight places of a column, as floats.
func columnX(column Register) VecVirtual {
	x, base := YMM(), GP64()
	LEAQ(lanes, base)
	VMOVUPS(Mem{Base: base, Index: column, Scale: 1}, x)
	return x
}

// steps multiplies the planes' slopes by the eight places of a column.
func (k *k) steps(column Register) {
	x, g := columnX(column), Load(Param("planes"), GP64())
	for _, i := range k.planes() {
		v := YMM()
		VBROADCASTSS(Mem{Base: g, Disp: offDX + 4*i}, v)
		VMULPS(x, v, v)
		VMOVUPS(v, Mem{Base: k.c, Disp: offSteps + 32*i})
	}
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
	JEQ(LabelRef("otherwise"))
	VCMPPS(U8(18), old, z, c)
	VPAND(c, k.mask, k.mask)
	JMP(LabelRef("compared"))
	Label("otherwise")
	VCMPPS(U8(17), old, z, c)
	VCMPPS(U8(0), old, z, e)
	k.choose(c, e, slotDepth0)
	Label("compared")
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
	JEQ(LabelRef("passed"))
	a, ref, less := YMM(), k.constant(slotAlphaRef), YMM()
	VPSRLD(U8(24), colour, a)
	VPCMPGTD(a, ref, less)
	VPCMPEQD(a, ref, ref)
	k.choose(less, ref, slotAlpha0)
	VPTEST(k.mask, k.mask)
	JZ(LabelRef(k.skip))
	Label("passed")
}
