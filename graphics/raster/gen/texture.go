package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// axis is what a position on one axis of the texture needs.
type axis struct {
	scale, low, high, mask, wrap int // slots
	size                         int
}

var axes = [2]axis{
	{texScaleU, texLowU, texHighU, texMaskU, texWrapU, texWidth},
	{texScaleV, texLowV, texHighV, texMaskV, texWrapV, texHeight},
}

// Byte offsets in an entry of the list of what to sample: where, by which
// weights, and what for.
const (
	entryMask    = 0
	entryDepth   = 32
	entryDiffuse = 64
	entryGloss   = 96
	entryPix     = 128
	entryW       = 160
	entryTex     = 192 // of the first texture, then of the second or the second level
	entryTex2    = 416
	entrySize    = 640
)

// Byte offsets from entryTex.
const (
	texTop   = 0
	texBelow = 32
	texWU    = 64
	texWV    = 96
	texU     = 128 // coordinates
	texV     = 160
	texLevel = 192 // and after sampling began, the weight of the second level
)

// listed is how many groups of pixels are listed before they are sampled.
const listed = 8

// second is where the second texture's, or level's, part of an entry lies.
const second = entryTex2 - entryTex

// tex is a constant of the texture, in all lanes.
func (k *k) tex(i int) Mem {
	return Mem{Base: k.texBase, Disp: 32 * i}
}

// useTexture points at the constants of a texture.
func (k *k) useTexture(i int) {
	k.block, k.texBase = i, GP64()
	k.constantsOf(i, k.texBase)
}

func (k *k) constantsOf(i int, to Register) {
	Load(Param("operands"), to)
	MOVQ(Mem{Base: to, Disp: [2]int{operandTex, operandTex2}[i]}, to)
	m, err := Param("k").Resolve()
	if err != nil {
		panic(err)
	}
	ADDQ(m.Addr, to)
}

// texelsOf points at the texels of a texture, or of a level.
func (k *k) texelsOf(i int) Register {
	to := Load(Param("operands"), GP64())
	MOVQ(Mem{Base: to, Disp: [2]int{operandTexels, operandTexels2}[i]}, to)
	return to
}

// blocks draws groups of pixels in passes, a few groups at a time: it finds what
// to sample, and then it samples. In one pass each step would wait for the one
// before it: no processor sees far enough ahead to overlap the chain of one group
// with that of the next.
func (k *k) blocks() {
	s := k.sweep
	var kept []Mem
	for range s.registers() {
		kept = append(kept, AllocLocal(8))
	}
	c, consts, entry, full := k.c, k.consts, GP64(), AllocLocal(8)
	LEAQ(Mem{Base: c, Disp: offList + listed*entrySize}, entry)
	MOVQ(entry, full)
	LEAQ(Mem{Base: c, Disp: offList}, entry)
	k.useTexture(0)
	tex := k.texBase
	k.entry = entry
	list := func() {
		k.texBase = tex
		k.list()
		CMPQ(entry, full)
		JEQ(LabelRef("full"))
	}
	k.wholes("first", list)
	k.walk(true, list)
	k.block, k.texBase = 0, tex
	Label("first")
	first := GP64()
	LEAQ(Mem{Base: c, Disp: offList}, first)
	CMPQ(first, entry)
	JEQ(LabelRef("done"))
	Label("full")
	for i, r := range s.registers() {
		MOVQ(r, kept[i])
	}
	k.passes(entry)
	for i, r := range s.registers() {
		MOVQ(kept[i], r)
	}
	Load(Param("c"), c)
	Load(Param("k"), consts)
	k.constantsOf(0, tex)
	LEAQ(Mem{Base: c, Disp: offList}, entry)
	TESTQ(s.rows, s.rows) // not zero in the middle of a sweep
	JZ(LabelRef("done"))
	CMPL(Mem{Base: c, Disp: spanFull}, U8(0))
	JNE(LabelRef("wholeSkip"))
	JMP(LabelRef("skip"))
	Label("done")
	VZEROUPPER()
	RET()
}

// passes samples what was listed.
func (k *k) passes(stop Register) {
	switch k.filter {
	case mipmapped, trilinear, dual, blended:
		k.useTexture(0)
		k.entries("level", stop, k.detail)
	}
	if k.filter == dual {
		k.useTexture(1)
		k.entries("level2", stop, k.detail)
		k.block = 0
	}
	if k.filter < blended {
		k.texels = k.texelsOf(0)
	}
	if k.filter == bilinear {
		k.useTexture(0)
		k.below = k.stride(k.texels)
	}
	k.entries("sample", stop, func() {
		k.pix, k.mask = GP64(), k.get(entryMask)
		MOVQ(Mem{Base: k.entry, Disp: entryPix}, k.pix)
		k.sample()
	})
}

// stride is where the row below texels lies.
func (k *k) stride(texels Register) Register {
	below := GP64()
	MOVL(k.tex(texStride), below.As32())
	LEAQ(Mem{Base: texels, Index: below, Scale: 4}, below)
	return below
}

// entries does a pass over the list.
func (k *k) entries(name string, stop Register, visit func()) {
	switch {
	case name == "level" && k.filter == blended:
		k.hold(minus64, ones127, whole128)
		k.holdSlopes()
	case name != "sample" || k.filter == nearest:
		k.hold()
	case k.source == noColour || k.source == any || k.filter >= trilinear:
		k.hold(pairs, low, high, lift)
	default:
		k.hold(pairs, low, high, lift, halfWords)
	}
	defer k.drop()
	k.entry, k.skip = Load(Param("c"), GP64()), name+"Done"
	ADDQ(U32(offList), k.entry)
	k.consts = Load(Param("k"), GP64())
	Label(name)
	visit()
	Label(name + "Done")
	ADDQ(U32(entrySize), k.entry)
	CMPQ(k.entry, stop)
	JLT(LabelRef(name))
	k.skip = "skip"
}

// get reads a vector of an entry.
func (k *k) get(at int) VecVirtual {
	v := YMM()
	VMOVDQU(Mem{Base: k.entry, Disp: at}, v)
	return v
}

func (k *k) put(v VecVirtual, at int) { VMOVDQU(v, Mem{Base: k.entry, Disp: at}) }

// part is where the texture's part of an entry lies.
func (k *k) part() int { return entryTex + second*k.block }

// list is the first pass: it tests depth, interpolates, and lists what to
// sample, or texture coordinates where the level of detail is each pixel's.
func (k *k) list() {
	k.put(k.test(), entryDepth)
	k.put(k.mask, entryMask)
	MOVQ(k.pix, Mem{Base: k.entry, Disp: entryPix})
	r := k.reciprocal()
	if k.source >= gouraud {
		k.put(k.interpolated(planeDiffuse, r), entryDiffuse)
	}
	if k.source == any {
		// Unless it is flat.
		CMPL(k.slot(slotFlat), U8(0))
		JEQ(k.label("smooth"))
		r, v := GP32(), YMM()
		Load(Param("flat"), r)
		VMOVD(r, v.AsX())
		VPBROADCASTD(v.AsX(), v)
		k.put(v, entryDiffuse)
		Label(string(k.label("smooth")))
	}
	if k.source >= lit {
		k.put(k.interpolated(planeGloss, r), entryGloss)
	}
	if !k.filter.single() || k.filter == blended {
		k.put(r, entryW)
	}
	textures := 1
	if k.filter.two() {
		textures = 2
	}
	for i := range textures {
		if k.filter.two() {
			k.useTexture(i)
		}
		var v [2]VecVirtual
		for i := range v {
			v[i] = k.plane([2]int{planeU, planeU2}[k.block] + i)
			VMULPS(r, v[i], v[i])
			if !k.filter.single() || k.filter == blended {
				k.put(v[i], k.part()+texU+32*i)
			}
		}
		switch k.filter {
		case nearest:
			k.nearest(v)
		case bilinear, duo:
			k.bilinear(v, nil, k.part())
		}
	}
	k.block = 0
	ADDQ(U32(entrySize), k.entry)
}

// detail finds levels, and lists what to sample there.
func (k *k) detail() {
	coords := func() [2]VecVirtual { return [2]VecVirtual{k.get(k.part() + texU), k.get(k.part() + texV)} }
	rho, far := k.stretch(coords(), k.get(entryW))
	if k.filter == blended {
		k.levels(rho, far)
		for i := range 2 {
			k.useTexture(i)
			k.block = 0 // the coordinates are the first texture's
			k.bilinear(coords(), nil, entryTex+second*i)
		}
		return
	}
	if k.filter != trilinear {
		k.bilinear(coords(), k.level(rho, far), k.part())
		return
	}
	k.put(k.levels(rho, far), entryTex+texLevel)
	k.bilinear(coords(), k.get(entryTex+texLevel), entryTex)
	next := k.get(entryTex + texLevel)
	VPADDD(one, next, next)
	VPMINSD(k.tex(texLast), next, next)
	k.bilinear(coords(), next, entryTex2)
}

// sample is the last pass: it reads texels, multiplies by the diffuse colour
// if there is one, and draws.
func (k *k) sample() {
	var texel VecVirtual
	if k.filter == nearest {
		m, v := YMM(), YMM()
		texel = YMM()
		VMOVDQU(Mem{Base: k.entry, Disp: entryTex + texTop}, v)
		VPCMPEQD(m, m, m)
		VPXOR(texel, texel, texel)
		VPGATHERDD(m, Mem{Base: k.texels, Index: v, Scale: 4}, texel)
		VPXOR(signs, texel, texel)
	} else {
		a := k.weigh(entryTex)
		if k.filter == trilinear || k.filter == blended {
			if k.filter == blended {
				k.block = 1
			}
			b, f := k.weigh(entryTex2), YMM()
			k.block = 0
			for i, pattern := range [2]Mem{low, high} {
				VMOVDQU(Mem{Base: k.entry, Disp: entryW}, f)
				VPSHUFB(k.of(pattern), f, f)
				VPSUBW(a[i], b[i], b[i])
				VPMULHRSW(f, b[i], b[i])
				VPADDW(b[i], a[i], a[i])
			}
		}
		VPACKUSWB(a[1], a[0], a[0])
		texel = a[0]
	}
	if k.source == any {
		k.put(texel, entryTexel)
		if k.filter.two() {
			k.block = 1
			b := k.weigh(entryTex2)
			VPACKUSWB(b[1], b[0], b[0])
			k.put(b[0], entryTexel+second)
			k.block = 0
		}
		texel = k.combine()
		k.light(texel, k.get(entryGloss), k.get(entryDepth))
		k.finish(texel, func() VecVirtual { return k.get(entryDepth) })
		return
	}
	if k.source != noColour {
		d := YMM()
		if k.source == flat {
			VMOVDQU(k.flat, d)
		} else {
			d = k.get(entryDiffuse)
		}
		VPOR(k.slot(slotOrTex), texel, texel)
		VPOR(k.slot(slotOrDiffuse), d, d)
		texel = k.product(texel, d)
	}
	if k.filter.two() {
		k.block = 1
		b := k.weigh(entryTex2)
		VPACKUSWB(b[1], b[0], b[0])
		VPOR(k.slot(slotOrTex+1), b[0], b[0])
		VPOR(k.slot(slotOrDiffuse+1), texel, texel)
		texel = k.product(b[0], texel)
		k.block = 0
	}
	depth := func() VecVirtual { return k.get(entryDepth) }
	if k.source == lit {
		k.light(texel, k.get(entryGloss), depth())
	}
	k.finish(texel, depth)
}
