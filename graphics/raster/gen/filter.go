package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// nearest lists the place of the texel that coordinates lie in.
func (k *k) nearest(coords [2]VecVirtual) {
	for i, a := range axes {
		p := coords[i]
		VMULPS(k.tex(texNearScaleU+i), p, p)
		VROUNDPS(U8(9), p, p)
		VCVTTPS2DQ(p, p)
		VPMAXSD(k.tex(a.low), p, p)
		VPMINSD(k.tex(texNearHighU+i), p, p)
		VPAND(k.tex(a.mask), p, p)
	}
	u, v := coords[0], coords[1]
	VPMADDWD(k.tex(texStride), v, v)
	VPADDD(u, v, v)
	k.put(v, k.part()+texTop)
}

// stretch is the square of how many texels a pixel spans, and whether that is
// more than one.
func (k *k) stretch(coords [2]VecVirtual, r VecVirtual) (rho, far VecVirtual) {
	var square [2]VecVirtual
	var planes Register
	if k.slopes == nil {
		planes = Load(Param("planes"), GP64())
	}
	for d, off := range [2]int{offDX, offDY} {
		w := k.slope(planes, off+4*planeW)
		for i := range axes {
			g, t := k.slope(planes, off+4*([2]int{planeU, planeU2}[k.block]+i)), YMM()
			VMULPS(w, coords[i], t)
			VSUBPS(t, g, t)
			VMULPS(r, t, t)
			VMULPS(t, t, t)
			if i == 0 {
				square[d] = t
			} else {
				VMULPS(k.tex(texRatio), t, t)
				VADDPS(t, square[d], square[d])
			}
		}
	}
	rho, far = square[0], YMM()
	VMAXPS(square[1], rho, rho)
	VMULPS(k.tex(texBias), rho, rho)
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
	VPMINSD(k.tex(texLast), rho, rho)
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
	VPAND(k.of(ones127), e, t)
	VPSLLD(U8(8), t, t)
	k.put(t, entryW)
	if k.filter == blended {
		return nil
	}
	VPSRAD(U8(7), e, e)
	VPMINSD(k.tex(texLast), e, e)
	return e
}

// bilinear lists the places and weights of four texels. Without levels they
// are in the level whose constants are given.
func (k *k) bilinear(coords [2]VecVirtual, level VecVirtual, at int) {
	var stride VecVirtual
	for i := range axes {
		i = 1 - i
		a, p := axes[i], coords[i]
		size := YMM()
		if level == nil {
			VMULPS(k.tex(a.scale), p, p)
		} else {
			VMOVDQU(k.tex(a.size), size)
			VPSRLVD(level, size, size)
			VPMAXSD(one, size, size)
			scale := YMM()
			VPSLLD(U8(7), size, scale)
			VCVTDQ2PS(scale, scale)
			VMULPS(scale, p, p)
			if i == 0 {
				stride = YMM()
				VPADDD(one, size, stride)
			}
		}
		VCVTPS2DQ(p, p)
		VPADDD(k.of(minus64), p, p)
		VPMAXSD(k.tex(a.low), p, p)
		if level == nil {
			VPMINSD(k.tex(a.high), p, p)
		} else {
			high := YMM()
			VPSUBD(one, size, size)
			VPSLLD(U8(7), size, high)
			VPOR(k.tex(a.wrap), high, high)
			VPMINSD(high, p, p)
		}
		f := YMM()
		VPAND(k.of(ones127), p, f)
		VPSRAD(U8(7), p, p)
		if level == nil {
			VPAND(k.tex(a.mask), p, p)
		} else {
			VPAND(size, p, p)
		}
		w := YMM()
		VPSLLD(U8(8), f, w)
		if i == 0 {
			VPSUBD(f, w, w)
			VPADDD(k.of(whole128), w, w)
			k.put(w, at+texWU)
		} else {
			k.put(w, at+texWV)
		}
	}
	index := coords[1]
	if level == nil {
		VPMADDWD(k.tex(texStride), index, index)
		VPADDD(coords[0], index, index)
		k.put(index, at+texTop)
		return
	}
	VPMADDWD(stride, index, index)
	VPADDD(coords[0], index, index)
	a, b, high := YMM(), YMM(), YMM()
	VPERMD(k.tex(texLevels), level, a)
	VPERMD(k.tex(texLevels+1), level, b)
	VPSLLD(U8(28), level, high)
	VBLENDVPS(high, b, a, a)
	VPADDD(a, index, index)
	k.put(index, at+texTop)
	VPADDD(index, stride, stride)
	k.put(stride, at+texBelow)
}

// weigh loads the texels of an entry and weighs them, to words.
func (k *k) weigh(at int) [2]VecVirtual {
	texels, below, places := k.texels, k.below, at+texBelow
	if k.block == 1 || k.filter >= blended {
		texels = k.texelsOf(k.block)
		if k.filter >= blended {
			k.useTexture(k.block)
			below = k.stride(texels)
		}
	}
	if k.filter.single() {
		places = at + texTop
	} else {
		below = texels
	}
	across, down := k.get(at+texWU), k.get(at+texWV)
	var out [2]VecVirtual
	for half, pattern := range [2]Mem{low, high} {
		var index [4]Register
		top := k.load(at+texTop, texels, half, &index)
		if !k.filter.single() {
			index = [4]Register{}
		}
		bottom := k.load(places, below, half, &index)
		wu, wv := YMM(), YMM()
		VPSHUFB(k.of(pattern), across, wu)
		VPSHUFB(k.of(pattern), down, wv)
		VPMADDUBSW(top, wu, top)
		VPMADDUBSW(bottom, wu, bottom)
		VPSUBW(top, bottom, bottom)
		VPMULHRSW(wv, bottom, bottom)
		VPADDW(top, bottom, bottom)
		VPADDW(k.of(lift), bottom, bottom)
		VPSRLW(U8(7), bottom, bottom)
		out[half] = bottom
	}
	return out
}

// load reads the pairs of texels of pixels 0, 1, 4, 5, or of 2, 3, 6, 7, each
// pair's bytes beside each other. It keeps the places for another row.
func (k *k) load(places int, texels Register, half int, index *[4]Register) VecVirtual {
	v, h := YMM(), YMM()
	for i, to := range [2]VecVirtual{v, h} {
		for j := range 2 {
			if index[2*i+j] == nil {
				r := GP64()
				MOVL(Mem{Base: k.entry, Disp: places + 4*(4*i+2*half+j)}, r.As32())
				index[2*i+j] = r
			}
		}
		VPBROADCASTQ(Mem{Base: texels, Index: index[2*i], Scale: 4}, to) // as VMOVQ, but it counts as writing all of it
		VMOVHPS(Mem{Base: texels, Index: index[2*i+1], Scale: 4}, to.AsX(), to.AsX())
	}
	VINSERTI128(U8(1), h.AsX(), v, v)
	VPSHUFB(k.of(pairs), v, v)
	return v
}

// product is two packed colours multiplied, a*b/255 rounded to nearest.
func (k *k) product(a, b VecVirtual) VecVirtual {
	unpack := [2]func(...Op){VPUNPCKLBW, VPUNPCKHBW}
	zero := YMM()
	VPXOR(zero, zero, zero)
	var out [2]VecVirtual
	for i := range out {
		x, y := YMM(), YMM()
		unpack[i](zero, a, x)
		unpack[i](zero, b, y)
		VPMULLW(y, x, x)
		k.divide(x)
		out[i] = x
	}
	VPACKUSWB(out[1], out[0], out[0])
	return out[0]
}

// divide makes words x/255 rounded to nearest.
func (k *k) divide(x VecVirtual) {
	t := YMM()
	VPADDW(k.of(halfWords), x, x)
	VPSRLW(U8(8), x, t)
	VPADDW(t, x, x)
	VPSRLW(U8(8), x, x)
}
