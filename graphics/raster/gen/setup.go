package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// cover writes coverAVX2: three edges, each a, b and its value at the first
// row, against eight pixels beside each other, column by column.
func cover() {
	TEXT("coverAVX2", NOSPLIT, "func(masks *uint32, edges *int32, rows, from, to int, columns uint32) (any uint32)")
	Pragma("noescape")
	Doc("coverAVX2 writes the rows' masks, of which bytes from to before to have pixels, limited to columns, and gives the bits that are set in any row.")
	masks, edges, rows := Load(Param("masks"), GP64()), Load(Param("edges"), GP64()), Load(Param("rows"), GP64())
	g, end := Load(Param("from"), GP64()), Load(Param("to"), GP64())
	columns, all, x := GP32(), GP32(), GP32()
	XORL(all, all)
	row, left := GP64(), GP64()
	MOVQ(masks, row)
	MOVQ(rows, left)
	Label("clear")
	MOVL(all, Mem{Base: row})
	ADDQ(U8(4), row)
	DECQ(left)
	JNZ(LabelRef("clear"))
	Label("column")
	// The place of the column, spread, and its byte of columns.
	at := YMM()
	MOVL(g.(GPVirtual).As32(), x)
	SHLL(U8(3), x)
	VMOVD(x, at.AsX())
	VPBROADCASTD(at.AsX(), at)
	VPADDD(laneX, at, at)
	var v, step [3]VecVirtual
	for i := range v {
		v[i], step[i] = YMM(), YMM()
		VPBROADCASTD(Mem{Base: edges, Disp: 12 * i}, v[i])
		VPMULLD(at, v[i], v[i])
		VPBROADCASTD(Mem{Base: edges, Disp: 12*i + 8}, step[i])
		VPADDD(step[i], v[i], v[i])
		VPBROADCASTD(Mem{Base: edges, Disp: 12*i + 4}, step[i])
	}
	Load(Param("columns"), columns)
	MOVQ(g, RCX)
	SHLQ(U8(3), RCX)
	SHRL(CL, columns)
	ANDL(U32(0xff), columns)
	to, n, m, any := GP64(), GP64(), GP32(), GP32()
	LEAQ(Mem{Base: masks, Index: g, Scale: 1}, to)
	MOVQ(rows, n)
	XORL(any, any)
	Label("row")
	out := YMM()
	VPOR(v[0], v[1], out)
	VPOR(v[2], out, out)
	VMOVMSKPS(out, m)
	NOTL(m)
	ANDL(columns, m)
	MOVB(m.As8(), Mem{Base: to})
	ORL(m, any)
	for i := range v {
		VPADDD(step[i], v[i], v[i])
	}
	ADDQ(U8(4), to)
	DECQ(n)
	JNZ(LabelRef("row"))
	SHLL(CL, any)
	ORL(any, all)
	INCQ(g)
	CMPQ(g, end)
	JLT(LabelRef("column"))
	Store(all, ReturnIndex(0))
	VZEROUPPER()
	RET()
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
	offDiffuse = 16
	offTex     = 24
)

// planesOf writes planesAVX2: the planes of z, 1/w, the diffuse and perhaps the
// specular colour and all texture coordinates, by the slopes x1, y1, x2, y2.
func planesOf() {
	TEXT("planesAVX2", NOSPLIT, "func(planes, v0, v1, v2, slopes, w *float32, gloss, tex bool)")
	Pragma("noescape")
	Doc("planesAVX2 makes planes; w are what each vertex's attributes are multiplied by.")
	g := Load(Param("planes"), GP64())
	v := [3]Register{Load(Param("v0"), GP64()), Load(Param("v1"), GP64()), Load(Param("v2"), GP64())}
	slopes, w := Load(Param("slopes"), GP64()), Load(Param("w"), GP64())
	var s [4]VecVirtual
	for i := range s {
		s[i] = XMM()
		VBROADCASTSS(Mem{Base: slopes, Disp: 4 * i}, s[i])
	}
	make := func(q [3]VecVirtual, at int) {
		VSUBPS(q[0], q[1], q[1])
		VSUBPS(q[0], q[2], q[2])
		VMOVUPS(q[0], Mem{Base: g, Disp: 4 * at})
		a, b := XMM(), XMM()
		VMULPS(s[3], q[1], a)
		VMULPS(s[1], q[2], b)
		VSUBPS(b, a, a)
		VMOVUPS(a, Mem{Base: g, Disp: offDX + 4*at})
		VMULPS(s[0], q[2], a)
		VMULPS(s[2], q[1], b)
		VSUBPS(b, a, a)
		VMOVUPS(a, Mem{Base: g, Disp: offDY + 4*at})
	}
	var q [3]VecVirtual
	// What lies after 1/w is colours: their planes are made next, over it.
	for i := range q {
		q[i] = XMM()
		VMOVSD(Mem{Base: v[i], Disp: offZ}, q[i])
	}
	make(q, planeZ)
	colour := func(off, to int) {
		for i := range q {
			q[i] = XMM()
			t := XMM()
			VPMOVZXBD(Mem{Base: v[i], Disp: off}, q[i])
			VCVTDQ2PS(q[i], q[i])
			VBROADCASTSS(Mem{Base: w, Disp: 4 * i}, t)
			VMULPS(t, q[i], q[i])
		}
		make(q, to)
	}
	colour(offDiffuse, planeDiffuse)
	t := GP32()
	Load(Param("gloss"), t.As8())
	TESTB(U8(1), t.As8())
	JZ(LabelRef("matt"))
	colour(offDiffuse+4, planeGloss)
	Label("matt")
	Load(Param("tex"), t.As8())
	TESTB(U8(1), t.As8())
	JZ(LabelRef("done"))
	for i := range q {
		q[i] = XMM()
		VBROADCASTSS(Mem{Base: w, Disp: 4 * i}, q[i])
		VMULPS(Mem{Base: v[i], Disp: offTex}, q[i], q[i])
	}
	make(q, planeU)
	Label("done")
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
