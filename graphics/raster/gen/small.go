package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// What smallAVX2 says of a triangle.
const (
	smallEmpty = iota
	smallAffine
	smallPerspective
	smallNot
)

// Byte offsets in what says which attributes planes are made of: where two sets of
// coordinates lie in a vertex, and not zero where the second half is wanted.
const (
	attributesTex  = 0
	attributesMore = 16
)

// small writes smallAVX2: Triangle.Setup, Chunk.cover and Triangle.corner in
// one, for triangles near the chunk.
func small() {
	TEXT("smallAVX2", NOSPLIT, "func(c *uint32, v0, v1, v2 *float32, attributes *int) (how uint32)")
	Pragma("noescape")
	Doc("smallAVX2 sets a triangle up in the chunk, if it reaches no farther than 48 pixels from it.")
	c := Load(Param("c"), GP64())
	v := [3]Register{Load(Param("v0"), GP64()), Load(Param("v1"), GP64()), Load(Param("v2"), GP64())}
	corner := XMM()
	VMOVQ(Mem{Base: c, Disp: offPlace}, corner)
	VPSLLD(U8(8), corner, corner)
	var p [3]VecVirtual
	for i := range p {
		p[i] = XMM()
		VMOVSD(Mem{Base: v[i]}, p[i])
		VMULPS(float256, p[i], p[i])
		VCVTPS2DQ(p[i], p[i])
		VPSUBD(corner, p[i], p[i])
	}
	// Everything below fits 32 bits inside these limits.
	lo, hi, out, t := XMM(), XMM(), XMM(), XMM()
	VPMINSD(p[0], p[1], lo)
	VPMINSD(p[2], lo, lo)
	VPMAXSD(p[0], p[1], hi)
	VPMAXSD(p[2], hi, hi)
	VMOVDQU(smallest, out)
	VPCMPGTD(lo, out, out)
	VPCMPGTD(largest, hi, t)
	VPOR(t, out, out)
	bits := GP32()
	VMOVMSKPS(out, bits)
	TESTL(U32(3), bits)
	JNZ(LabelRef("not"))
	// The pixels it may have.
	VPADDD(upward, lo, lo)
	VPSRAD(U8(8), lo, lo)
	VPSRAD(U8(8), hi, hi)
	VMOVQ(Mem{Base: c, Disp: offPlace + 8}, t)
	VPMAXSD(t, lo, lo)
	VMOVQ(Mem{Base: c, Disp: offPlace + 16}, t)
	VPADDD(minusOne, t, t)
	VPMINSD(t, hi, hi)
	VPCMPGTD(hi, lo, out)
	VMOVMSKPS(out, bits)
	TESTL(U32(3), bits)
	JNZ(LabelRef("empty"))
	x0, y0, x1, y1 := GP64(), GP64(), GP64(), GP64()
	for _, r := range []struct {
		from VecVirtual
		x, y GPVirtual
	}{{lo, x0, y0}, {hi, x1, y1}} {
		VMOVQ(r.from, r.y)
		MOVL(r.y.As32(), r.x.As32())
		SHRQ(U8(32), r.y)
	}
	// The area.
	d1, d2 := XMM(), XMM()
	VPSUBD(p[0], p[1], d1)
	VPSUBD(p[0], p[2], d2)
	VPSHUFD(U8(1), d2, t)
	VPMULLD(d1, t, t)
	VPSHUFD(U8(1), t, out)
	VPSUBD(out, t, t)
	area := GP32()
	VMOVD(t, area)
	MOVL(area, Mem{Base: c, Disp: offSteps + 48})
	TESTL(area, area)
	JZ(LabelRef("empty"))
	// Three edges in three lanes.
	sign := XMM()
	VPBROADCASTD(t, sign)
	x, y, a, b := XMM(), XMM(), XMM(), XMM()
	VPUNPCKLDQ(p[1], p[0], t)
	VPUNPCKLQDQ(p[2], t, x)
	VSHUFPS(U8(0x5e), p[2], t, y)
	VPSHUFD(U8(0xc9), y, a)
	VPSHUFD(U8(0xc9), x, b)
	VPSUBD(a, y, a)
	VPSUBD(x, b, b)
	VPSIGND(sign, a, a)
	VPSIGND(sign, b, b)
	zero, left, top, e := XMM(), XMM(), XMM(), XMM()
	VPXOR(zero, zero, zero)
	VPCMPGTD(a, zero, left)
	VPCMPEQD(a, zero, e)
	VPCMPGTD(b, zero, top)
	VPAND(top, e, e)
	VPOR(left, e, e)
	VPMULLD(a, x, x)
	VPMULLD(b, y, y)
	VPADDD(x, y, y)
	VPSUBD(y, e, e)
	VPSRAD(U8(8), e, e)
	// Groups of eight pixels, from the first one if they fit.
	groups, start, columns := GP64(), GP64(), GP64()
	SUBQ(x0, x1)
	INCQ(x1)
	LEAQ(Mem{Base: x1, Disp: 7}, groups)
	SHRQ(U8(3), groups)
	MOVQ(groups, start)
	NEGQ(start)
	LEAQ(Mem{Base: start, Scale: 0, Disp: 4}, start)
	SHLQ(U8(3), start)
	CMPQ(x0, start)
	CMOVQLT(x0, start)
	MOVQ(U32(1), columns)
	MOVQ(x1, RCX)
	SHLQ(CL, columns)
	DECQ(columns)
	MOVQ(x0, RCX)
	SUBQ(start, RCX)
	SHLQ(CL, columns)
	// Edges at the first row and group.
	VMOVD(start.As32(), t)
	VPBROADCASTD(t, t)
	VPMULLD(a, t, t)
	VPADDD(t, e, e)
	VMOVD(y0.As32(), t)
	VPBROADCASTD(t, t)
	VPMULLD(b, t, t)
	VPADDD(t, e, e)
	VMOVDQU(a, Mem{Base: c, Disp: offSteps})
	VMOVDQU(b, Mem{Base: c, Disp: offSteps + 16})
	VMOVDQU(e, Mem{Base: c, Disp: offSteps + 32})
	INCQ(y1)
	MOVQ(start, Mem{Base: c, Disp: spanStart})
	MOVQ(y0, Mem{Base: c, Disp: spanY0})
	MOVQ(y1, Mem{Base: c, Disp: spanY1})
	MOVL(U32(0), Mem{Base: c, Disp: spanFull})
	limits := AllocLocal(8)
	MOVL(columns.As32(), limits)
	// The planes come before the pixels: so they are made while the rows are
	// gone through, whose end no processor foresees.
	// w of the vertices, or one.
	how := GP32()
	MOVL(U32(smallAffine), how)
	var w [3]VecVirtual
	for i := range w {
		w[i] = XMM()
		VBROADCASTSS(Mem{Base: v[i], Disp: offW}, w[i])
	}
	VXORPS(zero, zero, zero)
	for i := range w {
		VUCOMISS(zero, w[i])
		JLS(LabelRef("affine"))
	}
	VUCOMISS(w[0], w[1])
	JNE(LabelRef("perspective"))
	VUCOMISS(w[1], w[2])
	JEQ(LabelRef("affine"))
	Label("perspective")
	MOVL(U32(smallPerspective), how)
	JMP(LabelRef("planes"))
	Label("affine")
	for i := range w {
		VMOVUPS(floatOne, w[i])
	}
	Label("planes")
	Store(how, ReturnIndex(0))
	inv := XMM()
	VCVTSI2SDL(Mem{Base: c, Disp: offSteps + 48}, zero, zero)
	VMOVSD(doubles, inv)
	VDIVSD(zero, inv, inv)
	VCVTSD2SS(inv, inv, inv)
	VBROADCASTSS(inv, inv)
	var s [4]VecVirtual
	for i, d := range [2]VecVirtual{d1, d2} {
		VCVTDQ2PS(d, d)
		VMULPS(inv, d, d)
		s[2*i], s[2*i+1] = YMM(), YMM()
		VBROADCASTSS(d, s[2*i])
		VPSHUFD(U8(1), d, d)
		VBROADCASTSS(d, s[2*i+1])
	}
	ox, oy := YMM(), YMM()
	VCVTDQ2PD(p[0], ox.AsX())
	VMOVDDUP(doubles.Offset(8), oy.AsX())
	VMULPD(oy.AsX(), ox.AsX(), ox.AsX())
	VPERMILPD(U8(1), ox.AsX(), oy.AsX())
	VBROADCASTSD(ox.AsX(), ox)
	VBROADCASTSD(oy.AsX(), oy)
	reads, tex := Load(Param("attributes"), GP64()), GP64()
	eight := func(more bool, at int) (corner VecVirtual) {
		var q [3]VecVirtual
		for i := range q {
			q[i] = attributes(v[i], tex, w[i], more, true)
		}
		q0, dx, dy := gradient(q, s, Mem{Base: c, Disp: offPlanes + at})
		for half := range 2 {
			if half > 0 {
				for _, r := range []VecVirtual{q0, dx, dy} {
					VEXTRACTF128(U8(1), r, r.AsX())
				}
			}
			v, a, b := YMM(), YMM(), YMM()
			VCVTPS2PD(q0.AsX(), v)
			VCVTPS2PD(dx.AsX(), a)
			VCVTPS2PD(dy.AsX(), b)
			VMULPD(ox, a, a)
			VADDPD(a, v, v)
			VMULPD(oy, b, b)
			VADDPD(b, v, v)
			VCVTPD2PSY(v, v.AsX())
			if half == 0 {
				corner = v
			} else {
				VINSERTF128(U8(1), v.AsX(), corner, corner)
			}
		}
		VMOVUPS(corner, Mem{Base: c, Disp: offCorner + at})
		return corner
	}
	// The second half first: the first stays in registers.
	CMPQ(Mem{Base: reads, Disp: attributesMore}, U8(0))
	JEQ(LabelRef("half"))
	MOVQ(Mem{Base: reads, Disp: attributesTex + 8}, tex)
	eight(true, 32)
	Label("half")
	MOVQ(Mem{Base: reads, Disp: attributesTex}, tex)
	first, dy := eight(false, 0), YMM()
	VMOVUPS(Mem{Base: c, Disp: offPlanes + offDY}, dy)
	// The pixels, and the planes at the left edge of each row.
	masks, numbers, row := GP64(), GP64(), GP64()
	y0, y1 = GP64(), GP64()
	MOVQ(Mem{Base: c, Disp: spanY0}, y0)
	MOVQ(Mem{Base: c, Disp: spanY1}, y1)
	SUBQ(y0, y1)
	LEAQ(lanes, numbers)
	LEAQ(Mem{Base: numbers, Index: y0, Scale: 4}, numbers)
	LEAQ(Mem{Base: c, Index: y0, Scale: 4, Disp: offMasks}, masks)
	MOVQ(y0, row)
	SHLQ(U8(6), row)
	LEAQ(Mem{Base: c, Index: row, Scale: 1, Disp: offRows}, row)
	at := YMM()
	VMOVDQU(laneX, at)
	edge := func(i, what int) VecVirtual {
		v := YMM()
		VPBROADCASTD(Mem{Base: c, Disp: offSteps + 4*i + 16*what}, v)
		return v
	}
	all, part := GP32(), GP32()
	XORL(all, all)
	MOVL(limits, part)
	covered("low", masks, y1, part, all, edge, at, func() {
		t := YMM()
		VBROADCASTSS(Mem{Base: numbers}, t)
		VMULPS(dy, t, t)
		VADDPS(first, t, t)
		VMOVUPS(t, Mem{Base: row})
		ADDQ(U8(4), numbers)
		ADDQ(U8(64), row)
	})
	SHRL(U8(16), part)
	JZ(LabelRef("narrow"))
	VPADDD(lanes16, at, at)
	covered("high", masks, y1, part, all, edge, at, nil)
	Label("narrow")
	MOVL(all, Mem{Base: c, Disp: spanAny})
	TESTL(all, all)
	JZ(LabelRef("empty"))
	Load(Param("attributes"), reads)
	CMPQ(Mem{Base: reads, Disp: attributesMore}, U8(0))
	JEQ(LabelRef("done"))
	VMOVUPS(Mem{Base: c, Disp: offCorner + 32}, first)
	VMOVUPS(Mem{Base: c, Disp: offPlanes + offDY + 32}, dy)
	Label("rows")
	t = YMM()
	VBROADCASTSS(Mem{Base: numbers, Disp: -4}, t)
	VMULPS(dy, t, t)
	VADDPS(first, t, t)
	VMOVUPS(t, Mem{Base: row, Disp: 32 - 64})
	SUBQ(U8(4), numbers)
	SUBQ(U8(64), row)
	DECQ(y1)
	JNZ(LabelRef("rows"))
	Label("done")
	VZEROUPPER()
	RET()
	Label("not")
	MOVL(U32(smallNot), bits)
	Store(bits, ReturnIndex(0))
	VZEROUPPER()
	RET()
	Label("empty")
	XORL(bits, bits)
	Store(bits, ReturnIndex(0))
	VZEROUPPER()
	RET()
}
