package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// cover writes coverAVX2: three edges, each a, b and its value at the first
// row, against sixteen pixels beside each other.
func cover() {
	TEXT("coverAVX2", NOSPLIT, "func(masks *uint32, edges *int32, rows, start int, columns uint32) (any uint32)")
	Pragma("noescape")
	Doc("coverAVX2 writes the rows' masks of pixels from start on, limited to columns, and gives the bits that are set in any row.")
	masks, edges, rows := Load(Param("masks"), GP64()), Load(Param("edges"), GP64()), Load(Param("rows"), GP64())
	at := YMM()
	x := GP32()
	MOVL(Load(Param("start"), GP64()).(GPVirtual).As32(), x)
	VMOVD(x, at.AsX())
	VPBROADCASTD(at.AsX(), at)
	VPADDD(laneX, at, at)
	columns := Load(Param("columns"), GP32()).(GPVirtual)
	edge := func(i, what int) VecVirtual {
		v := YMM()
		VPBROADCASTD(Mem{Base: edges, Disp: 12*i + 4*what}, v)
		return v
	}
	all := GP32()
	XORL(all, all)
	covered("low", masks, rows, columns, all, edge, at, nil)
	SHRL(U8(16), columns)
	JZ(LabelRef("done"))
	VPADDD(lanes16, at, at)
	covered("high", masks, rows, columns, all, edge, at, nil)
	Label("done")
	Store(all, ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// covered writes the masks of rows for two groups of eight pixels by three edges,
// each a change to the right (0), a change downwards (1) and a value (2), for pixels
// at places: the lower half of the masks, or, as "high", the upper one. also is done
// in each row.
func covered(name string, masks, rows Register, columns, all GPVirtual, edge func(i, what int) VecVirtual, at VecVirtual, also func()) {
	var v [2][3]VecVirtual
	var step [3]VecVirtual
	for i := range step {
		a, b := edge(i, 0), YMM()
		VPMULLD(at, a, b)
		VPSLLD(U8(3), a, a)
		VPADDD(edge(i, 2), b, b)
		VPADDD(b, a, a)
		v[0][i], v[1][i] = b, a
		step[i] = edge(i, 1)
	}
	to, n, limit := GP64(), GP64(), GP32()
	MOVQ(masks, to)
	MOVQ(rows, n)
	MOVWLZX(columns.As16(), limit)
	Label(name + "Rows")
	m := [2]GPVirtual{GP32(), GP32()}
	for i := range v {
		out := YMM()
		VPOR(v[i][0], v[i][1], out)
		VPOR(v[i][2], out, out)
		VMOVMSKPS(out, m[i])
		for k := range step {
			VPADDD(step[k], v[i][k], v[i][k])
		}
	}
	SHLL(U8(8), m[1])
	ORL(m[1], m[0])
	ANDNL(limit, m[0], m[0])
	if name == "high" {
		SHLL(U8(16), m[0])
		ORL(m[0], all)
		ORL(Mem{Base: to}, m[0])
	} else {
		ORL(m[0], all)
	}
	MOVL(m[0], Mem{Base: to})
	if also != nil {
		also()
	}
	ADDQ(U8(4), to)
	DECQ(n)
	JNZ(LabelRef(name + "Rows"))
}

// corner writes cornerAVX2: c + dx*x + dy*y in float64, four planes at a time.
func corner() {
	TEXT("cornerAVX2", NOSPLIT, "func(to, planes *float32, x, y float64, n int)")
	Pragma("noescape")
	Doc("cornerAVX2 evaluates n planes, a multiple of four.")
	to, g, n := Load(Param("to"), GP64()), Load(Param("planes"), GP64()), Load(Param("n"), GP64())
	x, y := YMM(), YMM()
	px, err := Param("x").Resolve()
	if err != nil {
		panic(err)
	}
	py, err := Param("y").Resolve()
	if err != nil {
		panic(err)
	}
	VBROADCASTSD(px.Addr, x)
	VBROADCASTSD(py.Addr, y)
	Label("four")
	c, a, b := YMM(), YMM(), YMM()
	VCVTPS2PD(Mem{Base: g}, c)
	VCVTPS2PD(Mem{Base: g, Disp: offDX}, a)
	VCVTPS2PD(Mem{Base: g, Disp: offDY}, b)
	VMULPD(x, a, a)
	VADDPD(a, c, c)
	VMULPD(y, b, b)
	VADDPD(b, c, c)
	VCVTPD2PSY(c, c.AsX())
	VMOVUPS(c.AsX(), Mem{Base: to})
	ADDQ(U8(16), to)
	ADDQ(U8(16), g)
	SUBQ(U8(4), n)
	JNZ(LabelRef("four"))
	VZEROUPPER()
	RET()
}

// Byte offsets in a vertex.
const (
	offZ       = 8
	offW       = 12
	offDiffuse = 16
)

// attributes are what a vertex has for eight planes: z, 1/w, the first
// coordinates and the diffuse colour, or, as more, the second coordinates and
// the specular colour; times w, which may be spread over four. flatten puts w
// itself where 1/w is.
func attributes(v, tex Register, w VecVirtual, more, flatten bool) VecVirtual {
	q, c := YMM(), XMM()
	low := q.AsX()
	off := offDiffuse
	if more {
		off += 4
		VBROADCASTSD(Mem{Base: v, Index: tex, Scale: 1}, q) // as VMOVSD, but it counts as writing all of it
		VMULPS(w.AsX(), low, low)
	} else {
		scaled := XMM()
		VBROADCASTSD(Mem{Base: v, Disp: offZ}, q)
		VMOVHPS(Mem{Base: v, Index: tex, Scale: 1}, low, low)
		VMULPS(w.AsX(), low, scaled)
		VBLENDPS(U8(12), scaled, low, low)
		if flatten {
			VBLENDPS(U8(2), w.AsX(), low, low)
		}
	}
	VPMOVZXBD(Mem{Base: v, Disp: off}, c)
	VCVTDQ2PS(c, c)
	VMULPS(w.AsX(), c, c)
	VINSERTF128(U8(1), c, q, q)
	return q
}

// gradient makes eight planes of what three vertices have, by the slopes x1,
// y1, x2, y2, and stores them.
func gradient(q [3]VecVirtual, s [4]VecVirtual, to Mem) (c, dx, dy VecVirtual) {
	VSUBPS(q[0], q[1], q[1])
	VSUBPS(q[0], q[2], q[2])
	a, b, d := YMM(), YMM(), YMM()
	VMULPS(s[3], q[1], a)
	VMULPS(s[1], q[2], b)
	VSUBPS(b, a, a)
	VMULPS(s[0], q[2], d)
	VMULPS(s[2], q[1], b)
	VSUBPS(b, d, d)
	VMOVUPS(q[0], to)
	VMOVUPS(a, to.Offset(offDX))
	VMOVUPS(d, to.Offset(offDY))
	return q[0], a, d
}

// planesOf writes planesAVX2.
func planesOf() {
	TEXT("planesAVX2", NOSPLIT, "func(planes, v0, v1, v2, slopes, w *float32, tex, tex2 int, more bool)")
	Pragma("noescape")
	Doc("planesAVX2 makes eight planes, or all with more; w are what each vertex's attributes are multiplied by, tex and tex2 where coordinates lie in a vertex.")
	g := Load(Param("planes"), GP64())
	v := [3]Register{Load(Param("v0"), GP64()), Load(Param("v1"), GP64()), Load(Param("v2"), GP64())}
	slopes, wp := Load(Param("slopes"), GP64()), Load(Param("w"), GP64())
	var s [4]VecVirtual
	for i := range s {
		s[i] = YMM()
		VBROADCASTSS(Mem{Base: slopes, Disp: 4 * i}, s[i])
	}
	var w, q [3]VecVirtual
	for i := range w {
		w[i] = XMM()
		VBROADCASTSS(Mem{Base: wp, Disp: 4 * i}, w[i])
	}
	tex := Load(Param("tex"), GP64())
	for i := range q {
		q[i] = attributes(v[i], tex, w[i], false, false)
	}
	gradient(q, s, Mem{Base: g})
	t := GP32()
	Load(Param("more"), t.As8())
	TESTB(U8(1), t.As8())
	JZ(LabelRef("done"))
	Load(Param("tex2"), tex)
	for i := range q {
		q[i] = attributes(v[i], tex, w[i], true, false)
	}
	gradient(q, s, Mem{Base: g, Disp: 32})
	Label("done")
	VZEROUPPER()
	RET()
}

// left writes leftAVX2.
func left() {
	TEXT("leftAVX2", NOSPLIT, "func(c, planes *float32, y0, y1 int, more bool)")
	Pragma("noescape")
	Doc("leftAVX2 evaluates eight planes, or all with more, at the left edge of each row; c is the chunk.")
	c, g := Load(Param("c"), GP64()), Load(Param("planes"), GP64())
	y, y1, numbers, row := Load(Param("y0"), GP64()), Load(Param("y1"), GP64()), GP64(), GP64()
	LEAQ(lanes, numbers)
	MOVQ(y, row)
	SHLQ(U8(6), row)
	ADDQ(c, row)
	var corner, dy [2]VecVirtual
	for i := range dy {
		corner[i], dy[i] = YMM(), YMM()
		VMOVUPS(Mem{Base: c, Disp: offCorner + 32*i}, corner[i])
		VMOVUPS(Mem{Base: g, Disp: offDY + 32*i}, dy[i])
	}
	flag := GP32()
	Load(Param("more"), flag.As8())
	Label("rows")
	fy := YMM()
	VBROADCASTSS(Mem{Base: numbers, Index: y, Scale: 4}, fy)
	for i := range dy {
		if i == 1 {
			TESTB(U8(1), flag.As8())
			JZ(LabelRef("next"))
		}
		v := YMM()
		VMULPS(dy[i], fy, v)
		VADDPS(corner[i], v, v)
		VMOVUPS(v, Mem{Base: row, Disp: offRows + 32*i})
	}
	Label("next")
	ADDQ(U8(64), row)
	INCQ(y)
	CMPQ(y, y1)
	JLT(LabelRef("rows"))
	VZEROUPPER()
	RET()
}

func fill() {
	TEXT("fillAVX2", NOSPLIT, "func(w *uint32, n int, v uint32)")
	Pragma("noescape")
	Doc("fillAVX2 sets n words, a multiple of 32.")
	w, n, r, v := Load(Param("w"), GP64()), Load(Param("n"), GP64()), GP32(), YMM()
	Load(Param("v"), r)
	VMOVD(r, v.AsX())
	VPBROADCASTD(v.AsX(), v)
	Label("next")
	for i := range 4 {
		VMOVDQU(v, Mem{Base: w, Disp: 32 * i})
	}
	ADDQ(U32(128), w)
	SUBQ(U8(32), n)
	JNZ(LabelRef("next"))
	VZEROUPPER()
	RET()
}
