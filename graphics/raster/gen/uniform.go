package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// uniformOf writes stretchAVX2. The names are those of package raster's reference.
func uniformOf() {
	TEXT("stretchAVX2", NOSPLIT, "func(corner, planes *float32, tex int, x0, x1, y0, y1, ratio, scale float32) (low, high float32)")
	Pragma("noescape")
	Doc("stretchAVX2 bounds the squares of the footprints of a box's pixels; tex is where coordinates lie among planes, in bytes.")
	c, g, tex := Load(Param("corner"), GP64()), Load(Param("planes"), GP64()), Load(Param("tex"), GP64())
	scalar := func(name string) VecVirtual {
		v := XMM()
		Load(Param(name), v)
		return v
	}
	at := func(off int) VecVirtual {
		v := YMM()
		VBROADCASTSS(Mem{Base: g, Disp: off}, v)
		return v
	}
	abs := func(v VecVirtual) VecVirtual {
		a := YMM()
		VANDPS(magnitude, v, a)
		return a
	}
	// Lanes are u, u, v, v to the right, and the same downwards.
	pair := func(base Mem) VecVirtual { // u, u, v, v
		v := XMM()
		VMOVSD(base, v)
		VUNPCKLPS(v, v, v)
		return v
	}
	two := func(a, b Op) VecVirtual {
		v := YMM()
		VBROADCASTF128(nothing, v)
		VINSERTF128(U8(0), a, v, v)
		VINSERTF128(U8(1), b, v, v)
		return v
	}
	// All planes are divided by the most W can be, so that nothing gets too
	// small to be told from zero.
	w0, wx, wy, wide, unit := YMM(), at(offDX+4*planeW), at(offDY+4*planeW), YMM(), YMM()
	VBROADCASTSS(Mem{Base: c, Disp: 4 * planeW}, w0)
	VADDPS(abs(wx), abs(wy), wide)
	VMULPS(float32s, wide, wide)
	VADDPS(abs(w0), wide, wide)
	VMOVUPS(floatOne, unit)
	VDIVPS(wide, unit, unit)
	scaled := func(v VecVirtual) VecVirtual {
		VMULPS(unit, v, v)
		return v
	}
	scaled(wide)
	// It is no number if the planes are too small to divide by.
	taint, zero := YMM(), YMM()
	VXORPS(zero, zero, zero)
	VMULPS(immense, unit, taint)
	VMULPS(zero, taint, taint)
	VADDPS(taint, wide, wide)
	ux, uy := pair(Mem{Base: g, Index: tex, Scale: 1, Disp: offDX}), pair(Mem{Base: g, Index: tex, Scale: 1, Disp: offDY})
	u0 := pair(Mem{Base: c, Index: tex, Scale: 1})
	d, crossed, first := scaled(two(ux, uy)), scaled(two(uy, ux)), scaled(two(u0, u0))
	scaled(w0)
	scaled(wx)
	scaled(wy)
	p := two(wx.AsX(), wy.AsX())
	q := two(wy.AsX(), wx.AsX())
	// turn is U'W' crossed: ux*wy - wx*uy to the right, and its negative downwards.
	turn, t := YMM(), YMM()
	VMULPS(q, d, turn)
	VMULPS(p, crossed, t)
	VSUBPS(t, turn, turn)
	places := YMM()
	x0, x1, y0, y1 := scalar("x0"), scalar("x1"), scalar("y0"), scalar("y1")
	xs, ys := XMM(), XMM()
	VUNPCKLPS(y1, y0, ys)
	VMOVDDUP(ys, ys)
	VUNPCKLPS(x1, x0, xs)
	VMOVDDUP(xs, xs)
	VMOVUPS(two(ys, xs), places)
	n := YMM()
	VMULPS(w0, d, n)
	VMULPS(first, p, t)
	VSUBPS(t, n, n)
	VMULPS(places, turn, t)
	VADDPS(t, n, n)
	// What float32 may lose.
	long, e := YMM(), YMM()
	VADDPS(abs(d), abs(crossed), long)
	VMULPS(float32s, long, long)
	VADDPS(abs(first), long, long)
	VMULPS(abs(d), wide, e)
	VMULPS(abs(p), long, t)
	VADDPS(t, e, e)
	VMULPS(loss4, e, e)
	// The extremes of each, squared.
	other, a, b := YMM(), YMM(), YMM()
	zero = YMM()
	VPERMILPS(U8(0xb1), n, other)
	VXORPS(zero, zero, zero)
	VADDPS(n, other, t)
	VMULPS(zero, t, t)
	VADDPS(t, e, e) // what is infinite or no number makes all so
	VMINPS(other, n, a)
	VMAXPS(other, n, b)
	VSUBPS(e, a, a)
	VADDPS(e, b, b)
	VSUBPS(a, zero, t) // -a
	high, low := YMM(), YMM()
	VMAXPS(t, b, high)
	VSUBPS(b, zero, t)
	VMAXPS(t, a, low)
	VMAXPS(zero, low, low)
	VMULPS(high, high, high)
	VMULPS(low, low, low)
	// The lower half of low's pairs, beside the lower half of high's.
	both := YMM()
	VBLENDPS(U8(0xaa), high, low, both) // low, high of u; low, high of v
	ratio, scale := XMM(), XMM()
	VBROADCASTSS(scalar("ratio"), ratio)
	VBROADCASTSS(scalar("scale"), scale)
	var sum [2]VecVirtual
	for i := range sum {
		sum[i] = XMM()
		VEXTRACTF128(U8(uint8(i)), both, sum[i])
		v := XMM()
		VMOVHLPS(sum[i], sum[i], v)
		VMULPS(ratio, v, v)
		VADDPS(v, sum[i], sum[i])
	}
	// The maximum, and no number if either is none.
	most := XMM()
	VMAXPS(sum[1], sum[0], most)
	VMAXPS(sum[0], sum[1], sum[0])
	VADDPS(most, sum[0], sum[0])
	VMULPS(scale, sum[0], sum[0])
	// W at the corners: highest first, then lowest, as low and high divide.
	add := func(slope VecVirtual, from, to VecVirtual) (lo, hi VecVirtual) {
		a, b := XMM(), XMM()
		lo, hi = XMM(), XMM()
		VMULSS(slope.AsX(), from, a)
		VMULSS(slope.AsX(), to, b)
		VMINSS(b, a, lo)
		VMAXSS(b, a, hi)
		return lo, hi
	}
	xl, xh := add(wx, x0, x1)
	yl, yh := add(wy, y0, y1)
	VADDSS(yl, xl, xl)
	VADDSS(yh, xh, xh)
	VADDSS(w0.AsX(), xl, xl)
	VADDSS(w0.AsX(), xh, xh)
	VMULPS(loss1, wide, wide)
	VSUBSS(wide.AsX(), xl, xl)
	VADDSS(wide.AsX(), xh, xh)
	w := XMM()
	// Nothing is certain where W is not well above zero: high becomes infinite.
	VCMPSS(U8(30), tiny, xl, w)
	VANDPS(w, xl, xl)
	VUNPCKLPS(xl, xh, w)
	VMULPS(w, w, w)
	VMULPS(w, w, w)
	VDIVPS(w, sum[0], sum[0])
	VMULPS(margins, sum[0], sum[0])
	Store(sum[0], ReturnIndex(0))
	VMOVSHDUP(sum[0], sum[0])
	Store(sum[0], ReturnIndex(1))
	VZEROUPPER()
	RET()
}
