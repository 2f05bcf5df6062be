// Command gen writes the AVX2 kernels of the voice engine and of its effects with avo:
//
//	go run . -out ../kernels_amd64.s -stubs ../kernels_amd64.go -pkg engine
//	go run . -set effect -out ../effect/kernels_amd64.s -stubs ../effect/kernels_amd64.go -pkg effect
//
// Every kernel does the same operations in the same order as the portable
// function of its name, so that results are equal bit for bit.
package main

import (
	"flag"
	"log"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

const fracBits = 22 // of positions, as in the engine

// count is 0 to 7, as whole numbers.
var count Mem

func main() {
	set := flag.String("set", "voice", "which kernels: voice or effect")
	flag.Parse()
	ConstraintExpr("!purego")
	count = GLOBL("iota", RODATA|NOPTR)
	for i := range 8 {
		DATA(4*i, U32(uint32(i)))
	}
	switch *set {
	case "voice":
		linear()
		cubic()
		sinc()
		convert()
		mix()
		send()
		filter()
	case "effect":
		cubic()
		diffuse()
		spread()
		network()
	default:
		log.Fatalf("no kernels %q", *set)
	}
	Generate()
}

// spreadBits sets all lanes of a new vector to a 32-bit constant.
func spreadBits(bits uint32) VecVirtual {
	r, v := GP32(), YMM()
	MOVL(U32(bits), r)
	VMOVD(r, v.AsX())
	VPBROADCASTD(v.AsX(), v)
	return v
}

const (
	one     = 0x3f800000
	half    = 0x3f000000
	oneHalf = 0x3fc00000
)

// walker steps through positions, eight at a time, as numbers and as a vector.
type walker struct {
	w        Register
	pos, inc GPVirtual
	shift    GPVirtual
	at, step VecVirtual
	one      VecVirtual
}

func newWalker() *walker {
	k := &walker{w: Load(Param("w"), GP64()), pos: GP32(), inc: GP32(), shift: GP32(), at: YMM(), step: YMM(), one: spreadBits(one)}
	Load(Param("pos"), k.pos)
	Load(Param("inc"), k.inc)
	MOVL(U32(fracBits), k.shift)
	start := YMM()
	VMOVD(k.inc, k.step.AsX())
	VPBROADCASTD(k.step.AsX(), k.step)
	VPMULLD(count, k.step, start)
	VPSLLD(Imm(3), k.step, k.step)
	VMOVD(k.pos, k.at.AsX())
	VPBROADCASTD(k.at.AsX(), k.at)
	VPADDD(start, k.at, k.at)
	return k
}

// next is the memory at the current position, which moves on.
func (k *walker) next() Mem {
	i := GP32()
	SHRXL(k.shift, k.pos, i)
	ADDL(k.inc, k.pos)
	return Mem{Base: k.w, Index: i.As64(), Scale: 4}
}

// fractions of the current eight positions, which move on.
func (k *walker) fractions() VecVirtual {
	t := YMM()
	VPSLLD(Imm(32-fracBits), k.at, t)
	VPSRLD(Imm(9), t, t)
	VPOR(k.one, t, t)
	VSUBPS(k.one, t, t)
	VPADDD(k.step, k.at, k.at)
	return t
}

func linear() {
	TEXT("linearAVX2", NOSPLIT, "func(dst *float32, n int, w *float32, pos, inc uint32)")
	Doc("linearAVX2 is linear; it writes whole groups of eight.")
	Pragma("noescape")
	dst, n := Load(Param("dst"), GP64()), Load(Param("n"), GP64())
	k := newWalker()
	Label("loop")
	var pairs [4]VecVirtual
	for i := range pairs {
		pairs[i] = XMM()
		VMOVSD(k.next(), pairs[i])
		VMOVHPD(k.next(), pairs[i], pairs[i])
	}
	lo, hi, a, b := YMM(), YMM(), YMM(), YMM()
	VINSERTF128(Imm(1), pairs[2], pairs[0].AsY(), lo)
	VINSERTF128(Imm(1), pairs[3], pairs[1].AsY(), hi)
	VSHUFPS(Imm(0x88), hi, lo, a)
	VSHUFPS(Imm(0xDD), hi, lo, b)
	t := k.fractions()
	VSUBPS(a, b, b)
	VMULPS(b, t, b)
	VADDPS(b, a, a)
	VMOVUPS(a, Mem{Base: dst})
	ADDQ(Imm(32), dst)
	SUBQ(Imm(8), n)
	JG(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

func cubic() {
	TEXT("cubicAVX2", NOSPLIT, "func(dst *float32, n int, w *float32, pos, inc uint32)")
	Doc("cubicAVX2 is cubic; it writes whole groups of eight.")
	Pragma("noescape")
	dst, n := Load(Param("dst"), GP64()), Load(Param("n"), GP64())
	k := newWalker()
	half, oneHalf := spreadBits(half), spreadBits(oneHalf)
	Label("loop")
	// Four taps of eight positions, those of position i beside those of i+4.
	var y [4]VecVirtual
	for i := range y {
		y[i] = YMM()
		VMOVUPS(k.next(), y[i].AsX())
	}
	for i := range y {
		VINSERTF128(Imm(1), k.next(), y[i], y[i])
	}
	t0, t1, t2, t3 := YMM(), YMM(), YMM(), YMM()
	VUNPCKLPS(y[1], y[0], t0)
	VUNPCKHPS(y[1], y[0], t1)
	VUNPCKLPS(y[3], y[2], t2)
	VUNPCKHPS(y[3], y[2], t3)
	p0, p1, p2, p3 := YMM(), YMM(), YMM(), YMM()
	VUNPCKLPD(t2, t0, p0)
	VUNPCKHPD(t2, t0, p1)
	VUNPCKLPD(t3, t1, p2)
	VUNPCKHPD(t3, t1, p3)
	t := k.fractions()
	c1, c2, c3, d := YMM(), YMM(), YMM(), YMM()
	VSUBPS(p0, p2, c1)
	VMULPS(half, c1, c1)
	VSUBPS(p2, p1, c3)
	VMULPS(oneHalf, c3, c3)
	VSUBPS(p0, p3, d)
	VMULPS(half, d, d)
	VADDPS(d, c3, c3)
	VSUBPS(p1, p0, c2)
	VADDPS(c1, c2, c2)
	VSUBPS(c3, c2, c2)
	VMULPS(t, c3, c3)
	VADDPS(c2, c3, c3)
	VMULPS(t, c3, c3)
	VADDPS(c1, c3, c3)
	VMULPS(t, c3, c3)
	VADDPS(p1, c3, c3)
	VMOVUPS(c3, Mem{Base: dst})
	ADDQ(Imm(32), dst)
	SUBQ(Imm(8), n)
	JG(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

func sinc() {
	const sincBits = 9
	TEXT("sincAVX2", NOSPLIT, "func(dst *float32, n int, w *float32, pos, inc uint32, table *float32)")
	Doc("sincAVX2 is sinc.interpolate.")
	Pragma("noescape")
	dst, n, w := Load(Param("dst"), GP64()), Load(Param("n"), GP64()), Load(Param("w"), GP64())
	pos, inc := Load(Param("pos"), GP32()), Load(Param("inc"), GP32())
	table := Load(Param("table"), GP64())
	one := spreadBits(one)
	Label("loop")
	phase, frac, k := GP32(), GP32(), GP32()
	MOVL(pos, phase)
	SHRL(Imm(fracBits-sincBits), phase)
	ANDL(U32(1<<sincBits-1), phase)
	SHLL(Imm(5), phase)
	MOVL(pos, frac)
	SHLL(Imm(sincBits+32-fracBits), frac)
	SHRL(Imm(9), frac)
	ORL(U32(0x3f800000), frac)
	MOVL(pos, k)
	SHRL(Imm(fracBits), k)
	ADDL(inc, pos)
	t, a, b := YMM(), YMM(), YMM()
	VMOVD(frac, t.AsX())
	VSUBSS(one.AsX(), t.AsX(), t.AsX())
	VBROADCASTSS(t.AsX(), t)
	VMOVUPS(Mem{Base: table, Index: phase.As64(), Scale: 1}, a)
	VMOVUPS(Mem{Base: table, Index: phase.As64(), Scale: 1, Disp: 32}, b)
	VSUBPS(a, b, b)
	VMULPS(t, b, b)
	VADDPS(b, a, a)
	VMULPS(Mem{Base: w, Index: k.As64(), Scale: 4}, a, a)
	h, g := XMM(), XMM()
	VEXTRACTF128(Imm(1), a, h)
	VADDPS(a.AsX(), h, h)
	VMOVHLPS(h, h, g)
	VADDPS(h, g, h)
	VMOVSHDUP(h, g)
	VADDSS(g, h, h)
	VMOVSS(h, Mem{Base: dst})
	ADDQ(Imm(4), dst)
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

func convert() {
	TEXT("convertAVX2", NOSPLIT, "func(dst *float32, src *int16, n int)")
	Doc("convertAVX2 is convert.")
	Pragma("noescape")
	dst, src, n := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("n"), GP64())
	y := YMM()
	CMPQ(n, Imm(8))
	JL(LabelRef("few"))
	SUBQ(Imm(8), n)
	JZ(LabelRef("last"))
	Label("loop")
	VPMOVSXWD(Mem{Base: src}, y)
	VCVTDQ2PS(y, y)
	VMOVUPS(y, Mem{Base: dst})
	ADDQ(Imm(16), src)
	ADDQ(Imm(32), dst)
	SUBQ(Imm(8), n)
	JG(LabelRef("loop"))
	// The last eight may overlap those before: n is now their offset, 0 or less.
	Label("last")
	VPMOVSXWD(Mem{Base: src, Index: n, Scale: 2}, y)
	VCVTDQ2PS(y, y)
	VMOVUPS(y, Mem{Base: dst, Index: n, Scale: 4})
	VZEROUPPER()
	RET()
	Label("few")
	TESTQ(n, n)
	JZ(LabelRef("end"))
	Label("one")
	r, x := GP32(), XMM()
	MOVWLSX(Mem{Base: src}, r)
	VXORPS(x, x, x)
	VCVTSI2SSL(r, x, x)
	VMOVSS(x, Mem{Base: dst})
	ADDQ(Imm(2), src)
	ADDQ(Imm(4), dst)
	DECQ(n)
	JNZ(LabelRef("one"))
	Label("end")
	RET()
}

func mix() {
	const blockFrames = 64
	TEXT("mixAVX2", NOSPLIT, "func(left, right, src *float32, gain, at *float32)")
	Doc("mixAVX2 is mixRow; at has the frames' numbers.")
	Pragma("noescape")
	left, right, src := Load(Param("left"), GP64()), Load(Param("right"), GP64()), Load(Param("src"), GP64())
	gain, at := Load(Param("gain"), GP64()), Load(Param("at"), GP64())
	var k [4]VecVirtual
	for i := range k {
		k[i] = YMM()
		VBROADCASTSS(Mem{Base: gain, Disp: 4 * i}, k[i])
	}
	for i := range blockFrames / 8 {
		x, t, l, r := YMM(), YMM(), YMM(), YMM()
		VMOVUPS(Mem{Base: src, Disp: 32 * i}, x)
		VMOVUPS(Mem{Base: at, Disp: 32 * i}, t)
		VMULPS(k[1], t, l)
		VADDPS(k[0], l, l)
		VMULPS(x, l, l)
		VADDPS(Mem{Base: left, Disp: 32 * i}, l, l)
		VMOVUPS(l, Mem{Base: left, Disp: 32 * i})
		VMULPS(k[3], t, r)
		VADDPS(k[2], r, r)
		VMULPS(x, r, r)
		VADDPS(Mem{Base: right, Disp: 32 * i}, r, r)
		VMOVUPS(r, Mem{Base: right, Disp: 32 * i})
	}
	VZEROUPPER()
	RET()
}

func send() {
	const blockFrames = 64
	TEXT("sendAVX2", NOSPLIT, "func(bus, src *float32, gain, step float32, at *float32)")
	Doc("sendAVX2 is sendRow; at has the frames' numbers.")
	Pragma("noescape")
	bus, src, at := Load(Param("bus"), GP64()), Load(Param("src"), GP64()), Load(Param("at"), GP64())
	g, d := YMM(), YMM()
	Load(Param("gain"), g.AsX())
	Load(Param("step"), d.AsX())
	VPBROADCASTD(g.AsX(), g)
	VPBROADCASTD(d.AsX(), d)
	for i := range blockFrames / 8 {
		t := YMM()
		VMULPS(Mem{Base: at, Disp: 32 * i}, d, t)
		VADDPS(g, t, t)
		VMULPS(Mem{Base: src, Disp: 32 * i}, t, t)
		VADDPS(Mem{Base: bus, Disp: 32 * i}, t, t)
		VMOVUPS(t, Mem{Base: bus, Disp: 32 * i})
	}
	VZEROUPPER()
	RET()
}

// filter runs eight voices' low-passes, four to a vector of doubles, turning four
// frames of four rows at a time. The two groups of four do not wait for one
// another, so the processor works on both at once.
func filter() {
	const (
		b, a1, a2, x1, w1, y1, y2 = 0, 64, 128, 192, 256, 320, 384
		rows                      = 448
		blockFrames               = 64
	)
	TEXT("filterAVX2", NOSPLIT, "func(f *float64)")
	Doc("filterAVX2 is filterOne for the eight voices of the lanes that f begins.")
	Pragma("noescape")
	f := Load(Param("f"), GP64())
	n := GP64()
	var row [8]GPVirtual
	for i := range row {
		row[i] = GP64()
		MOVQ(Mem{Base: f, Disp: rows + 8*i}, row[i])
	}
	type state struct{ x1, w1, y1, y2 VecVirtual }
	var s [2]state
	load := func(at int) VecVirtual {
		v := YMM()
		VMOVUPD(Mem{Base: f, Disp: at}, v)
		return v
	}
	for g := range s {
		s[g] = state{load(x1 + 32*g), load(w1 + 32*g), load(y1 + 32*g), load(y2 + 32*g)}
	}
	XORQ(n, n)
	Label("loop")
	for g, v := range s {
		var r [4]VecVirtual
		for i := range r {
			r[i] = XMM()
			VMOVUPS(Mem{Base: row[4*g+i], Index: n, Scale: 4}, r[i])
		}
		r = transpose(r)
		x1, w1, y1, y2 := v.x1, v.w1, v.y1, v.y2
		for i := range r {
			x, w, u := YMM(), YMM(), YMM()
			VCVTPS2PD(r[i], x)
			VADDPD(x1, x, w)
			VADDPD(w1, w, u)
			VMULPD(Mem{Base: f, Disp: b + 32*g}, u, u)
			t := YMM()
			VMULPD(Mem{Base: f, Disp: a2 + 32*g}, y2, t)
			VSUBPD(t, u, u)
			VMULPD(Mem{Base: f, Disp: a1 + 32*g}, y1, t)
			VSUBPD(t, u, u)
			VCVTPD2PSY(u, r[i])
			x1, w1, y1, y2 = x, w, u, y1
		}
		VMOVAPD(x1, v.x1)
		VMOVAPD(w1, v.w1)
		VMOVAPD(y2, v.y2)
		VMOVAPD(y1, v.y1)
		r = transpose(r)
		for i := range r {
			VMOVUPS(r[i], Mem{Base: row[4*g+i], Index: n, Scale: 4})
		}
	}
	ADDQ(Imm(4), n)
	CMPQ(n, Imm(blockFrames))
	JL(LabelRef("loop"))
	for g, v := range s {
		VMOVUPD(v.x1, Mem{Base: f, Disp: x1 + 32*g})
		VMOVUPD(v.w1, Mem{Base: f, Disp: w1 + 32*g})
		VMOVUPD(v.y1, Mem{Base: f, Disp: y1 + 32*g})
		VMOVUPD(v.y2, Mem{Base: f, Disp: y2 + 32*g})
	}
	VZEROUPPER()
	RET()
}

// transpose turns four rows of four into four columns.
func transpose(r [4]VecVirtual) [4]VecVirtual {
	var t, p [4]VecVirtual
	for i := range t {
		t[i], p[i] = XMM(), XMM()
	}
	VUNPCKLPS(r[1], r[0], t[0])
	VUNPCKHPS(r[1], r[0], t[1])
	VUNPCKLPS(r[3], r[2], t[2])
	VUNPCKHPS(r[3], r[2], t[3])
	VUNPCKLPD(t[2], t[0], p[0])
	VUNPCKHPD(t[2], t[0], p[1])
	VUNPCKLPD(t[3], t[1], p[2])
	VUNPCKHPD(t[3], t[1], p[3])
	return p
}
