package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// axis is what a position on one axis of the texture needs.
type axis struct {
	plane                        int
	scale, low, high, mask, wrap int // slots
	size                         int
}

var axes = [2]axis{
	{planeU, slotScaleU, slotLowU, slotHighU, slotMaskU, slotWrapU, slotWidth},
	{planeV, slotScaleV, slotLowV, slotHighV, slotMaskV, slotWrapV, slotHeight},
}

// Byte offsets in an entry of the list of what to sample: where, by which
// weights, and what for. A second level has places and weights of its own.
const (
	entryMask  = 0
	entryDepth = 32
	entryW     = 64
	entryTop   = 96
	entryBelow = 128
	entryWU    = 160
	entryWV    = 192
	entryNext  = 224 // as entryTop, for the second level
	entryBlend = 352 // weight of the second level
	entryRow   = 384
	entryPix   = 392
	entryU     = 416
	entryV     = 448
	entryLevel = 480
	entryPair  = 96 // from the first texture's coordinates and level to the second's
	entrySize  = 640
)

// listRows is how many rows are listed before they are sampled.
const listRows = 8

// blocks draws the rows of a column in passes, a few rows at a time: it finds
// coordinates, then levels of detail, then places and weights, and then it
// samples. In one pass each step would wait for the one before it: no processor
// sees far enough ahead to overlap the chain of one row with that of the next.
func (k *k) blocks(y, column Register) {
	Label("block")
	end, last := GP64(), Load(Param("y1"), GP64())
	LEAQ(Mem{Base: y, Disp: listRows}, end)
	CMPQ(end, last)
	CMOVQGT(last, end)
	k.entry = GP64()
	LEAQ(Mem{Base: k.c, Disp: offList}, k.entry)
	k.walk(y, column, end, k.list)
	stop := k.entry
	first := GP64()
	LEAQ(Mem{Base: k.c, Disp: offList}, first)
	CMPQ(first, stop)
	JEQ(LabelRef("blockDone"))
	if k.filter >= mipmapped {
		k.entries("level", stop, k.detail)
	}
	k.entries("locate", stop, k.locate)
	if k.filter == dual {
		k.second(func() {
			k.entries("level2", stop, k.detail)
			k.entries("locate2", stop, k.locate)
		})
	}
	k.entries("sample", stop, func() {
		k.row, k.pix, k.mask = GP64(), GP64(), k.get(entryMask)
		MOVQ(Mem{Base: k.entry, Disp: entryRow}, k.row)
		MOVQ(Mem{Base: k.entry, Disp: entryPix}, k.pix)
		k.sample()
	})
	Label("blockDone")
	CMPQ(y, Load(Param("y1"), GP64()))
	JLT(LabelRef("block"))
}

// entries does a pass over the list.
func (k *k) entries(name string, stop Register, visit func()) {
	k.entry, k.skip = GP64(), name+"Done"
	LEAQ(Mem{Base: k.c, Disp: offList}, k.entry)
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

// list is the first pass: it tests depth, and lists texture coordinates.
func (k *k) list() {
	k.put(k.test(), entryDepth)
	k.put(k.mask, entryMask)
	MOVQ(k.row, Mem{Base: k.entry, Disp: entryRow})
	MOVQ(k.pix, Mem{Base: k.entry, Disp: entryPix})
	r := k.reciprocal()
	k.put(r, entryW)
	coordinates := func() {
		for i, at := range [2]int{entryU, entryV} {
			v := k.plane(axes[i].plane + 2*k.block)
			VMULPS(r, v, v)
			k.put(v, at+entryPair*k.block)
		}
	}
	coordinates()
	if k.filter == dual {
		k.second(coordinates)
	}
	ADDQ(U32(entrySize), k.entry)
}

// second does something for the second texture.
func (k *k) second(f func()) {
	k.block = 1
	f()
	k.block = 0
}

func (k *k) coords() [2]VecVirtual {
	return [2]VecVirtual{k.get(entryU + entryPair*k.block), k.get(entryV + entryPair*k.block)}
}

// detail lists levels.
func (k *k) detail() {
	rho, far := k.stretch(k.coords(), k.get(entryW))
	if k.filter == trilinear {
		k.put(k.levels(rho, far), entryLevel)
	} else {
		k.put(k.level(rho, far), entryLevel+entryPair*k.block)
	}
}

// locate lists places and weights of texels.
func (k *k) locate() {
	switch k.filter {
	case nearest:
		k.nearest(k.coords())
	case bilinear:
		k.bilinear(k.coords(), nil, 0)
	case mipmapped, dual:
		k.bilinear(k.coords(), k.get(entryLevel+entryPair*k.block), (entryNext-entryTop)*k.block)
	case trilinear:
		k.bilinear(k.coords(), k.get(entryLevel), 0)
		next := k.get(entryLevel)
		VPADDD(one, next, next)
		VPMINSD(k.slot(slotLast), next, next)
		k.bilinear(k.coords(), next, entryNext-entryTop)
	}
}

// sample is the last pass: it reads texels, multiplies by the diffuse colour
// if there is one, and draws.
func (k *k) sample() {
	var texel VecVirtual
	if k.filter == nearest {
		m, v := YMM(), YMM()
		texel = YMM()
		VMOVDQU(Mem{Base: k.entry, Disp: entryTop}, v)
		VPCMPEQD(m, m, m)
		VPXOR(texel, texel, texel)
		VPGATHERDD(m, Mem{Base: k.texels, Index: v, Scale: 4}, texel)
	} else {
		a := k.weigh(0)
		if k.filter == trilinear {
			b, f := k.weigh(entryNext-entryTop), YMM()
			for i, pattern := range [2]Mem{low, high} {
				VMOVDQU(Mem{Base: k.entry, Disp: entryBlend}, f)
				VPSHUFB(pattern, f, f)
				VPSUBW(a[i], b[i], b[i])
				VPMULHRSW(f, b[i], b[i])
				VPADDW(b[i], a[i], a[i])
			}
		}
		VPACKUSWB(a[1], a[0], a[0])
		texel = a[0]
	}
	r := YMM()
	if k.source >= gouraudPersp {
		VMOVUPS(Mem{Base: k.entry, Disp: entryW}, r)
	}
	if k.source != noColour {
		d := YMM()
		if k.source == flat {
			VMOVDQU(k.flat, d)
		} else {
			d = k.interpolated(planeDiffuse, r)
		}
		VPOR(k.slot(slotOrTex), texel, texel)
		VPOR(k.slot(slotOrDiffuse), d, d)
		texel = product(texel, d)
	}
	if k.filter == dual {
		k.second(func() {
			b := k.weigh(entryNext - entryTop)
			VPACKUSWB(b[1], b[0], b[0])
			VPOR(k.slot(slotOrTex), b[0], b[0])
			VPOR(k.slot(slotOrDiffuse), texel, texel)
			texel = product(b[0], texel)
		})
	}
	depth := func() VecVirtual {
		z := YMM()
		VMOVUPS(Mem{Base: k.entry, Disp: entryDepth}, z)
		return z
	}
	if k.source == lit {
		k.light(texel, r, depth())
	}
	k.finish(texel, depth)
}
