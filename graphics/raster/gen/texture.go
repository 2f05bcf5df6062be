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
	size, sizeF                  int
}

var axes = [2]axis{
	{planeU, slotScaleU, slotLowU, slotHighU, slotMaskU, slotWrapU, slotWidth, slotWidthF},
	{planeV, slotScaleV, slotLowV, slotHighV, slotMaskV, slotWrapV, slotHeight, slotHeightF},
}

// texture samples, and modulates by the diffuse colour if there is one.
func (k *k) texture(r, diffuse VecVirtual) VecVirtual {
	var coords [2]VecVirtual
	for i := range coords {
		coords[i] = k.plane(axes[i].plane)
		VMULPS(r, coords[i], coords[i])
	}
	var texel VecVirtual
	switch k.filter {
	case nearest:
		texel = k.nearest(coords)
	case bilinear:
		texel = k.bilinear(coords, nil)
	case mipmapped:
		texel = k.bilinear(coords, k.level(coords, r))
	}
	if diffuse == nil {
		return texel
	}
	VPOR(k.spread(slotOrTex), texel, texel)
	d := YMM()
	VPBROADCASTD(k.slot(slotOrDiffuse), d)
	VPOR(d, diffuse, d)
	return product(texel, d)
}

// whole turns a coordinate times a scale into whole 128ths of a texel, and
// keeps it inside limits.
func (k *k) whole(p, scale VecVirtual) {
	VMULPS(scale, p, p)
	VMAXPS(floatNear, p, p)
	VMINPS(floatFar, p, p)
	VROUNDPS(U8(9), p, p)
	VCVTTPS2DQ(p, p)
}

func (k *k) nearest(coords [2]VecVirtual) VecVirtual {
	for i, a := range axes {
		p := coords[i]
		k.whole(p, k.spread(a.scale))
		VPMAXSD(k.spread(a.low), p, p)
		VPMINSD(k.spread(a.high), p, p)
		VPSRAD(U8(7), p, p)
		VPAND(k.spread(a.mask), p, p)
	}
	u, v := coords[0], coords[1]
	VPMADDWD(k.spread(slotStride), v, v)
	VPADDD(u, v, v)
	m, t := YMM(), YMM()
	VPCMPEQD(m, m, m)
	VPXOR(t, t, t)
	VPGATHERDD(m, Mem{Base: k.texels, Index: v, Scale: 4}, t)
	return t
}

// level is the level of detail of each pixel.
func (k *k) level(coords [2]VecVirtual, r VecVirtual) VecVirtual {
	var square [2]VecVirtual
	for d, off := range [2]int{offDX, offDY} {
		w := YMM()
		VBROADCASTSS(Mem{Base: k.g, Disp: off + 4*planeW}, w)
		for i, a := range axes {
			g, t := YMM(), YMM()
			VBROADCASTSS(Mem{Base: k.g, Disp: off + 4*a.plane}, g)
			VMULPS(w, coords[i], t)
			VSUBPS(t, g, t)
			VMULPS(r, t, t)
			VMULPS(k.spread(a.sizeF), t, t)
			VMULPS(t, t, t)
			if i == 0 {
				square[d] = t
			} else {
				VADDPS(t, square[d], square[d])
			}
		}
	}
	rho, far := square[0], YMM()
	VMAXPS(square[1], rho, rho)
	VMULPS(k.spread(slotBias), rho, rho)
	VCMPPS(U8(30), floatOne, rho, far)
	VPSRLD(U8(23), rho, rho)
	bias := YMM()
	VMOVDQU(exponentBias, bias)
	VPSUBD(bias, rho, rho)
	VPSRAD(U8(1), rho, rho)
	VPMINSD(k.spread(slotLast), rho, rho)
	VPAND(far, rho, rho)
	return rho
}

// bilinear weighs four texels. Without a level it is the first one.
func (k *k) bilinear(coords [2]VecVirtual, level VecVirtual) VecVirtual {
	var index, stride VecVirtual
	var weight [2]VecVirtual
	for i := range axes {
		i = 1 - i
		a, p := axes[i], coords[i]
		size := YMM()
		if level == nil {
			k.whole(p, k.spread(a.scale))
		} else {
			VPBROADCASTD(k.slot(a.size), size)
			VPSRLVD(level, size, size)
			VPMAXSD(one, size, size)
			scale := YMM()
			VPSLLD(U8(7), size, scale)
			VCVTDQ2PS(scale, scale)
			k.whole(p, scale)
			if i == 0 {
				stride = YMM()
				VPADDD(one, size, stride)
			}
		}
		VPSUBD(half64, p, p)
		VPMAXSD(k.spread(a.low), p, p)
		if level == nil {
			VPMINSD(k.spread(a.high), p, p)
		} else {
			high := YMM()
			VPSUBD(one, size, size)
			VPSLLD(U8(7), size, high)
			VPOR(k.spread(a.wrap), high, high)
			VPMINSD(high, p, p)
		}
		f := YMM()
		VPAND(ones127, p, f)
		VPSRAD(U8(7), p, p)
		if level == nil {
			VPAND(k.spread(a.mask), p, p)
		} else {
			VPAND(size, p, p)
		}
		weight[i] = YMM()
		VPSLLD(U8(8), f, weight[i])
		if i == 0 {
			VPSUBD(f, weight[i], weight[i])
			VPADDD(whole128, weight[i], weight[i])
		}
	}
	index = coords[1]
	if level == nil {
		stride = k.spread(slotStride)
	}
	VPMADDWD(stride, index, index)
	VPADDD(coords[0], index, index)
	if level != nil {
		a, b, high := YMM(), YMM(), YMM()
		VPERMD(k.slot(slotLevels), level, a)
		VPERMD(k.slot(slotLevels+8), level, b)
		VPSLLD(U8(28), level, high)
		VBLENDVPS(high, b, a, a)
		VPADDD(a, index, index)
		// The row below is as far as the level's stride.
		VPADDD(index, stride, stride)
		VMOVDQU(stride, Mem{Base: k.c, Disp: offScratch + 32})
	}
	VMOVDQU(index, Mem{Base: k.c, Disp: offScratch})
	return k.weigh(weight, level != nil)
}

// weigh loads the texels whose places are in the scratch memory and weighs them.
func (k *k) weigh(weight [2]VecVirtual, levels bool) VecVirtual {
	below := k.texels
	places := offScratch
	if levels {
		places += 32
	} else {
		below = GP64()
		MOVL(k.slot(slotStride), below.(GPVirtual).As32())
		LEAQ(Mem{Base: k.texels, Index: below, Scale: 4}, below)
	}
	var out [2]VecVirtual
	for half, pattern := range [2]Mem{low, high} {
		top := k.load(k.texels, offScratch, half)
		bottom := k.load(below, places, half)
		wu, wv := YMM(), YMM()
		VPSHUFB(pattern, weight[0], wu)
		VPSHUFB(pattern, weight[1], wv)
		VPMADDUBSW(top, wu, top)
		VPMADDUBSW(bottom, wu, bottom)
		VPSUBW(top, bottom, bottom)
		VPMULHRSW(wv, bottom, bottom)
		VPADDW(top, bottom, bottom)
		VPADDW(lift, bottom, bottom)
		VPSRLW(U8(7), bottom, bottom)
		out[half] = bottom
	}
	VPACKUSWB(out[1], out[0], out[0])
	return out[0]
}

// load reads the pairs of texels of pixels 0, 1, 4, 5, or of 2, 3, 6, 7, each
// pair's bytes beside each other, less 128.
func (k *k) load(base Register, places, half int) VecVirtual {
	v, h := YMM(), YMM()
	for i, to := range [2]VecVirtual{v, h} {
		first := 4*i + 2*half
		a, b := GP64(), GP64()
		MOVL(Mem{Base: k.c, Disp: places + 4*first}, a.As32())
		MOVL(Mem{Base: k.c, Disp: places + 4*first + 4}, b.As32())
		VMOVQ(Mem{Base: base, Index: a, Scale: 4}, to.AsX())
		VMOVHPS(Mem{Base: base, Index: b, Scale: 4}, to.AsX(), to.AsX())
	}
	VINSERTI128(U8(1), h.AsX(), v, v)
	VPSHUFB(pairs, v, v)
	VPXOR(signs, v, v)
	return v
}

// product is two packed colours multiplied, a*b/255 rounded to nearest.
func product(a, b VecVirtual) VecVirtual {
	unpack := [2]func(...Op){VPUNPCKLBW, VPUNPCKHBW}
	zero := YMM()
	VPXOR(zero, zero, zero)
	var out [2]VecVirtual
	for i := range out {
		x, y := YMM(), YMM()
		unpack[i](zero, a, x)
		unpack[i](zero, b, y)
		VPMULLW(y, x, x)
		divide(x)
		out[i] = x
	}
	VPACKUSWB(out[1], out[0], out[0])
	return out[0]
}

// divide makes words x/255 rounded to nearest.
func divide(x VecVirtual) {
	t := YMM()
	VPADDW(halfWords, x, x)
	VPSRLW(U8(8), x, t)
	VPADDW(t, x, x)
	VPSRLW(U8(8), x, x)
}
