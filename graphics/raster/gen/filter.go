package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// whole turns a coordinate times a scale into whole 128ths of a texel, and
// keeps it inside limits.
func (k *k) whole(p VecVirtual, scale Op) {
	VMULPS(scale, p, p)
	VMAXPS(floatNear, p, p)
	VMINPS(floatFar, p, p)
	VROUNDPS(U8(9), p, p)
	VCVTTPS2DQ(p, p)
}

func (k *k) nearest(coords [2]VecVirtual) {
	for i, a := range axes {
		p := coords[i]
		k.whole(p, k.slot(a.scale))
		VPMAXSD(k.slot(a.low), p, p)
		VPMINSD(k.slot(a.high), p, p)
		VPSRAD(U8(7), p, p)
		VPAND(k.slot(a.mask), p, p)
	}
	u, v := coords[0], coords[1]
	VPMADDWD(k.slot(slotStride), v, v)
	VPADDD(u, v, v)
	k.put(v, entryTop)
}

// stretch is the square of how many texels a pixel spans, and whether that is
// more than one.
func (k *k) stretch(coords [2]VecVirtual, r VecVirtual) (rho, far VecVirtual) {
	var square [2]VecVirtual
	planes := Load(Param("planes"), GP64())
	for d, off := range [2]int{offDX, offDY} {
		w := YMM()
		VBROADCASTSS(Mem{Base: planes, Disp: off + 4*planeW}, w)
		for i, a := range axes {
			g, t := YMM(), YMM()
			VBROADCASTSS(Mem{Base: planes, Disp: off + 4*(a.plane+2*k.block)}, g)
			VMULPS(w, coords[i], t)
			VSUBPS(t, g, t)
			VMULPS(r, t, t)
			VMULPS(t, t, t)
			if i == 0 {
				square[d] = t
			} else {
				VMULPS(k.slot(slotRatio), t, t)
				VADDPS(t, square[d], square[d])
			}
		}
	}
	rho, far = square[0], YMM()
	VMAXPS(square[1], rho, rho)
	VMULPS(k.slot(slotBias), rho, rho)
	VCMPPS(U8(30), floatOne, rho, far)
	return rho, far
}

// level is the nearest level of detail.
func (k *k) level(rho, far VecVirtual) VecVirtual {
	bias := YMM()
	VPSRLD(U8(23), rho, rho)
	VMOVDQU(exponentBias, bias)
	VPSUBD(bias, rho, rho)
	VPSRAD(U8(1), rho, rho)
	VPMINSD(k.slot(slotLast), rho, rho)
	VPAND(far, rho, rho)
	return rho
}

// levels is the larger of the two levels around the level of detail. It lists
// the weight of the other.
func (k *k) levels(rho, far VecVirtual) VecVirtual {
	e, m, c, t := YMM(), YMM(), YMM(), YMM()
	VPSRLD(U8(23), rho, e)
	VMOVDQU(exponentBias, t)
	VPSUBD(t, e, e)
	VPSUBD(one, e, e)
	VCVTDQ2PS(e, e)
	VPAND(mantissa, rho, m)
	VPOR(floatOne, m, m)
	VMOVUPS(floatOne, t)
	VSUBPS(t, m, m)
	VMULPS(floatLog, m, c)
	VSUBPS(m, t, t)
	VMULPS(t, c, c)
	VADDPS(c, m, m)
	VADDPS(m, e, e)
	VMULPS(float64th, e, e)
	VCVTTPS2DQ(e, e)
	VPAND(far, e, e)
	VPAND(ones127, e, t)
	VPSLLD(U8(8), t, t)
	k.put(t, entryBlend)
	VPSRAD(U8(7), e, e)
	VPMINSD(k.slot(slotLast), e, e)
	return e
}

// bilinear lists the places and weights of four texels. Without a level it is
// the first one.
func (k *k) bilinear(coords [2]VecVirtual, level VecVirtual, at int) {
	var index, stride VecVirtual
	var weight [2]VecVirtual
	for i := range axes {
		i = 1 - i
		a, p := axes[i], coords[i]
		size := YMM()
		if level == nil {
			k.whole(p, k.slot(a.scale))
		} else {
			VMOVDQU(k.slot(a.size), size)
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
		VPMAXSD(k.slot(a.low), p, p)
		if level == nil {
			VPMINSD(k.slot(a.high), p, p)
		} else {
			high := YMM()
			VPSUBD(one, size, size)
			VPSLLD(U8(7), size, high)
			VPOR(k.slot(a.wrap), high, high)
			VPMINSD(high, p, p)
		}
		f := YMM()
		VPAND(ones127, p, f)
		VPSRAD(U8(7), p, p)
		if level == nil {
			VPAND(k.slot(a.mask), p, p)
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
		stride = k.constant(slotStride)
	}
	VPMADDWD(stride, index, index)
	VPADDD(coords[0], index, index)
	if level != nil {
		a, b, high := YMM(), YMM(), YMM()
		VPERMD(k.slot(slotLevels), level, a)
		VPERMD(k.slot(slotLevels+1), level, b)
		VPSLLD(U8(28), level, high)
		VBLENDVPS(high, b, a, a)
		VPADDD(a, index, index)
	}
	k.put(index, entryTop+at)
	VPADDD(index, stride, stride)
	k.put(stride, entryBelow+at)
	k.put(weight[0], entryWU+at)
	k.put(weight[1], entryWV+at)
}

// weigh loads the texels of an entry and weighs them, to words.
func (k *k) weigh(at int) [2]VecVirtual {
	var out [2]VecVirtual
	for half, pattern := range [2]Mem{low, high} {
		top := k.load(entryTop+at, half)
		bottom := k.load(entryBelow+at, half)
		wu, wv := YMM(), YMM()
		VMOVDQU(Mem{Base: k.entry, Disp: entryWU + at}, wu)
		VMOVDQU(Mem{Base: k.entry, Disp: entryWV + at}, wv)
		VPSHUFB(pattern, wu, wu)
		VPSHUFB(pattern, wv, wv)
		VPMADDUBSW(top, wu, top)
		VPMADDUBSW(bottom, wu, bottom)
		VPSUBW(top, bottom, bottom)
		VPMULHRSW(wv, bottom, bottom)
		VPADDW(top, bottom, bottom)
		VPADDW(lift, bottom, bottom)
		VPSRLW(U8(7), bottom, bottom)
		out[half] = bottom
	}
	return out
}

// load reads the pairs of texels of pixels 0, 1, 4, 5, or of 2, 3, 6, 7, each
// pair's bytes beside each other, less 128.
func (k *k) load(places, half int) VecVirtual {
	texels := k.texels
	if k.block == 1 {
		texels = Load(Param("texels2"), GP64())
	}
	v, h := YMM(), YMM()
	for i, to := range [2]VecVirtual{v, h} {
		first := 4*i + 2*half
		a, b := GP64(), GP64()
		MOVL(Mem{Base: k.entry, Disp: places + 4*first}, a.As32())
		MOVL(Mem{Base: k.entry, Disp: places + 4*first + 4}, b.As32())
		VPBROADCASTQ(Mem{Base: texels, Index: a, Scale: 4}, to) // as VMOVQ, but it counts as writing all of it
		VMOVHPS(Mem{Base: texels, Index: b, Scale: 4}, to.AsX(), to.AsX())
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
