// Command gen writes the AVX2 row functions of package blit with avo:
//
//	go run . -out ../rows_amd64.s -stubs ../rows_amd64.go -pkg blit
//
// Each gives the same bits as the portable function of its name. Lengths are
// whole vectors; the callers see to what is left.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("!purego")
	constants()
	constants16()
	fill()
	strings()
	key("8", VPSUBB, VPMINUB, VPCMPEQB)
	key("16", VPSUBW, VPMINUW, VPCMPEQW)
	key("32", VPSUBD, VPMINUD, VPCMPEQD)
	keyRect("8", VPSUBB, VPMINUB, VPCMPEQB)
	keyRect("16", VPSUBW, VPMINUW, VPCMPEQW)
	keyRect("32", VPSUBD, VPMINUD, VPCMPEQD)
	mask()
	expand("565", 8, 5, 6)
	expand("1555", 9, 6, 5)
	expand4444()
	lookUp()
	reduce("565", [][2]uint32{{8, 0xf800}, {5, 0x7e0}, {3, 0x1f}})
	reduce("1555", [][2]uint32{{9, 0x7c00}, {6, 0x3e0}, {3, 0x1f}})
	reduce("4444", [][2]uint32{{16, 0xf000}, {12, 0xf00}, {8, 0xf0}, {4, 0xf}})
	blend(false)
	blend(true)
	widen("8To16", VPMOVZXBW, 1)
	widen("8To32", VPMOVZXBD, 2)
	widen("16To32", VPMOVZXWD, 1)
	flag()
	thin()
	fade16()
	over16()
	rop()
	nearest("32")
	nearest("16")
	reverse("32")
	reverse("16")
	acrossUp()
	acrossAny()
	down()
	Generate()
}

var iota8, backwards, backwards16, low, high, alphaLow, alphaHigh Mem

// constants of shuffles: which byte of a pixel goes to each word.
func constants() {
	iota8 = GLOBL("iota8", RODATA|NOPTR)
	for i := range 8 {
		DATA(4*i, U32(uint32(i)))
	}
	backwards = GLOBL("backwards", RODATA|NOPTR)
	for i := range 8 {
		DATA(4*i, U32(uint32(7-i)))
	}
	backwards16 = GLOBL("backwards16", RODATA|NOPTR)
	for i := range 32 {
		DATA(i, U8(uint8(14-i%16/2*2+i%2)))
	}
	words := func(name string, first, second byte) Mem {
		m := GLOBL(name, RODATA|NOPTR)
		for i := range 32 {
			b := first
			if i%16 >= 8 {
				b = second
			}
			if i%2 == 1 {
				b = 0x80
			}
			DATA(i, U8(b))
		}
		return m
	}
	low, high = words("wordsLow", 0, 4), words("wordsHigh", 8, 12)
	alphaLow, alphaHigh = words("alphaLow", 3, 7), words("alphaHigh", 11, 15)
}

// value spreads a 32-bit parameter over a vector.
func value(name string) VecVirtual {
	r, v := GP32(), YMM()
	Load(Param(name), r)
	VMOVD(r, v.AsX())
	VPBROADCASTD(v.AsX(), v)
	return v
}

// spread sets all lanes of a new vector to a constant.
func spread(bits uint32) VecVirtual {
	r, v := GP32(), YMM()
	MOVL(U32(bits), r)
	VMOVD(r, v.AsX())
	VPBROADCASTD(v.AsX(), v)
	return v
}

func spread16(bits uint16) VecVirtual { return spread(uint32(bits)<<16 | uint32(bits)) }

func zero() VecVirtual {
	v := YMM()
	VPXOR(v, v, v)
	return v
}

// loop runs body for offsets 0, step ... below n.
func loop(n Register, step uint64, body func(off Register)) {
	off := GP64()
	XORQ(off, off)
	JMP(LabelRef("test"))
	Label("next")
	body(off)
	ADDQ(U32(uint32(step)), off)
	Label("test")
	CMPQ(off, n)
	JLT(LabelRef("next"))
	VZEROUPPER()
	RET()
}

func ptr(name string) Register { return Load(Param(name).Base(), GP64()) }

func length(name string) Register { return Load(Param(name).Len(), GP64()) }

func at(base, off Register, disp int) Mem { return Mem{Base: base, Index: off, Scale: 1, Disp: disp} }

func fill() {
	TEXT("fillAVX2", NOSPLIT, "func(dst []byte, v uint32)")
	Pragma("noescape")
	Doc("fillAVX2 repeats v over a multiple of 32 bytes.")
	dst, n, v := ptr("dst"), length("dst"), value("v")
	whole := GP64()
	MOVQ(n, whole)
	ANDQ(I32(-128), whole)
	off := GP64()
	XORQ(off, off)
	JMP(LabelRef("big"))
	Label("four")
	for i := range 4 {
		VMOVDQU(v, at(dst, off, 32*i))
	}
	ADDQ(U32(128), off)
	Label("big")
	CMPQ(off, whole)
	JLT(LabelRef("four"))
	JMP(LabelRef("small"))
	Label("one")
	VMOVDQU(v, at(dst, off, 0))
	ADDQ(U32(32), off)
	Label("small")
	CMPQ(off, n)
	JLT(LabelRef("one"))
	VZEROUPPER()
	RET()
}

// strings writes what the processor's own string instructions do: they fill and
// copy long pieces without first reading the lines that they overwrite.
func strings() {
	repeat := func(op string) {
		Instruction(&ir.Instruction{Opcode: "REP"})
		Instruction(&ir.Instruction{Opcode: op})
		RET()
	}
	TEXT("fillString", NOSPLIT, "func(dst []byte, v uint64)")
	Pragma("noescape")
	Doc("fillString repeats v over a multiple of 8 bytes.")
	Load(Param("dst").Base(), RDI)
	Load(Param("dst").Len(), RCX)
	Load(Param("v"), RAX)
	SHRQ(U8(3), RCX)
	repeat("STOSQ")
	TEXT("copyString", NOSPLIT, "func(dst, src []byte)")
	Pragma("noescape")
	Doc("copyString copies as many bytes as dst has, from the first on.")
	Load(Param("dst").Base(), RDI)
	Load(Param("dst").Len(), RCX)
	Load(Param("src").Base(), RSI)
	repeat("MOVSB")
}

func key(size string, sub, least, same func(...Op)) {
	TEXT("key"+size+"AVX2", NOSPLIT, "func(dst, pix, raw []byte, mask, low, span, invert uint32)")
	Pragma("noescape")
	Doc("key" + size + "AVX2 takes pix into dst where raw is outside the key, over a multiple of 32 bytes.")
	dst, pix, raw, n := ptr("dst"), ptr("pix"), ptr("raw"), length("dst")
	mask, low, span, invert := value("mask"), value("low"), value("span"), value("invert")
	loop(n, 32, func(off Register) {
		r, m, d := YMM(), YMM(), YMM()
		VPAND(at(raw, off, 0), mask, r)
		sub(low, r, r)
		least(span, r, m)
		same(m, r, m)
		VPXOR(m, invert, m)
		VMOVDQU(at(pix, off, 0), d)
		VPBLENDVB(m, at(dst, off, 0), d, d)
		VMOVDQU(d, at(dst, off, 0))
	})
}

func mask() {
	TEXT("maskAVX2", NOSPLIT, "func(dst, src []byte, and, or uint32)")
	Pragma("noescape")
	Doc("maskAVX2 and-s and or-s a multiple of 32 bytes.")
	dst, src, n, and, or := ptr("dst"), ptr("src"), length("dst"), value("and"), value("or")
	loop(n, 32, func(off Register) {
		v := YMM()
		VPAND(at(src, off, 0), and, v)
		VPOR(or, v, v)
		VMOVDQU(v, at(dst, off, 0))
	})
}

// expand writes a function for formats of 5 bits red, green bits and 5 bits
// blue: how far left red and green go, and how many bits green has.
func expand(name string, red, green uint64, bits uint64) {
	TEXT("expand"+name+"AVX2", NOSPLIT, "func(dst, src []byte, and uint32)")
	Pragma("noescape")
	Doc("expand" + name + "AVX2 expands and and-s pixels, a multiple of 32 bytes of them.")
	dst, src, n, and := ptr("dst"), ptr("src"), length("dst"), value("and")
	top := uint32(0xff00) << (8 - bits) & 0xff00
	mr, mb, mrep := spread(0xf80000), spread(0xf8), spread(0x070007)
	mg, mgrep, opaque := spread(top), spread(0xff00>>bits&0xff00), spread(0xff000000)
	half := GP64()
	loop(n, 32, func(off Register) {
		MOVQ(off, half)
		SHRQ(U8(1), half)
		v, r, b, g := YMM(), YMM(), YMM(), YMM()
		VPMOVZXWD(at(src, half, 0), v)
		VPSLLD(U8(red), v, r)
		VPAND(mr, r, r)
		VPSLLD(U8(3), v, b)
		VPAND(mb, b, b)
		VPOR(b, r, r)
		VPSRLD(U8(5), r, b)
		VPAND(mrep, b, b)
		VPSLLD(U8(green), v, g)
		VPAND(mg, g, g)
		VPOR(b, r, r)
		VPSRLD(U8(bits), g, b)
		VPAND(mgrep, b, b)
		VPOR(g, r, r)
		VPOR(b, r, r)
		VPOR(opaque, r, r)
		VPAND(and, r, r)
		VMOVDQU(r, at(dst, off, 0))
	})
}

func expand4444() {
	TEXT("expand4444AVX2", NOSPLIT, "func(dst, src []byte, and uint32)")
	Pragma("noescape")
	Doc("expand4444AVX2 expands and and-s pixels, a multiple of 32 bytes of them.")
	dst, src, n, and := ptr("dst"), ptr("src"), length("dst"), value("and")
	masks := []VecVirtual{spread(0xf), spread(0xf00), spread(0xf0000), spread(0xf000000)}
	half := GP64()
	loop(n, 32, func(off Register) {
		MOVQ(off, half)
		SHRQ(U8(1), half)
		v, x, t := YMM(), YMM(), YMM()
		VPMOVZXWD(at(src, half, 0), v)
		VPAND(masks[0], v, x)
		for i := 1; i < 4; i++ {
			VPSLLD(U8(4*i), v, t)
			VPAND(masks[i], t, t)
			VPOR(t, x, x)
		}
		VPSLLD(U8(4), x, t)
		VPOR(t, x, x)
		VPAND(and, x, x)
		VMOVDQU(x, at(dst, off, 0))
	})
}

// lookUp writes the function for palettes.
func lookUp() {
	TEXT("lookUpAVX2", NOSPLIT, "func(dst, src []byte, palette *uint32, and uint32)")
	Pragma("noescape")
	Doc("lookUpAVX2 turns indices into opaque colours and and-s them, a multiple of 32 bytes of them.")
	dst, src, n, and := ptr("dst"), ptr("src"), length("dst"), value("and")
	palette, opaque := Load(Param("palette"), GP64()), spread(0xff000000)
	quarter := GP64()
	loop(n, 32, func(off Register) {
		MOVQ(off, quarter)
		SHRQ(U8(2), quarter)
		i, v, m := YMM(), YMM(), YMM()
		VPMOVZXBD(at(src, quarter, 0), i)
		VPXOR(v, v, v)
		VPXOR(m, m, m)
		VPCMPEQD(m, m, m)
		VPGATHERDD(m, Mem{Base: palette, Index: i, Scale: 4}, v)
		VPOR(opaque, v, v)
		VPAND(and, v, v)
		VMOVDQU(v, at(dst, off, 0))
	})
}

// reduce writes a function that shifts fields right and masks them.
func reduce(name string, fields [][2]uint32) {
	TEXT("reduce"+name+"AVX2", NOSPLIT, "func(dst, src []byte)")
	Pragma("noescape")
	Doc("reduce" + name + "AVX2 reduces colours to pixels, a multiple of 32 bytes of them.")
	dst, src, n := ptr("dst"), ptr("src"), length("dst")
	var masks []VecVirtual
	for _, f := range fields {
		masks = append(masks, spread(f[1]))
	}
	twice := GP64()
	loop(n, 32, func(off Register) {
		LEAQ(Mem{Base: off, Index: off, Scale: 1}, twice)
		var out [2]VecVirtual
		for i := range out {
			v, x, t := YMM(), YMM(), YMM()
			VMOVDQU(at(src, twice, 32*i), v)
			for k, f := range fields {
				to := t
				if k == 0 {
					to = x
				}
				VPSRLD(U8(f[0]), v, to)
				VPAND(masks[k], to, to)
				if k > 0 {
					VPOR(t, x, x)
				}
			}
			out[i] = x
		}
		VPACKUSDW(out[1], out[0], out[0])
		VPERMQ(U8(0xd8), out[0], out[0])
		VMOVDQU(out[0], at(dst, off, 0))
	})
}

// blend writes blendAVX2, and with constant fadeAVX2, whose alpha is a parameter.
func blend(constant bool) {
	var alpha VecVirtual
	if constant {
		TEXT("fadeAVX2", NOSPLIT, "func(dst, src []byte, alpha, and uint32)")
		Pragma("noescape")
		Doc("fadeAVX2 puts colours over colours with one alpha, which stands in both halves, and and-s them, a multiple of 32 bytes.")
		alpha = value("alpha")
	} else {
		TEXT("blendAVX2", NOSPLIT, "func(dst, src []byte, and uint32)")
		Pragma("noescape")
		Doc("blendAVX2 puts colours over colours and and-s them, a multiple of 32 bytes.")
	}
	dst, src, n, and := ptr("dst"), ptr("src"), length("dst"), value("and")
	none, half, opaque := zero(), spread16(128), spread(0xff000000)
	var shuffles [2]VecVirtual
	if !constant {
		shuffles = [2]VecVirtual{YMM(), YMM()}
		VMOVDQU(alphaLow, shuffles[0])
		VMOVDQU(alphaHigh, shuffles[1])
	}
	unpack := [2]func(...Op){VPUNPCKLBW, VPUNPCKHBW}
	loop(n, 32, func(off Register) {
		s, f, d := YMM(), YMM(), YMM()
		VMOVDQU(at(src, off, 0), s)
		VMOVDQU(at(dst, off, 0), d)
		VPOR(opaque, s, f)
		var out [2]VecVirtual
		for i := range out {
			a, x, y := alpha, YMM(), YMM()
			if !constant {
				a = YMM()
				VPSHUFB(shuffles[i], s, a)
			}
			unpack[i](none, f, x)
			unpack[i](none, d, y)
			VPSUBW(y, x, x)
			VPMULLW(a, x, x)
			VPADDW(half, x, x)
			VPSUBW(y, x, x)
			VPSLLW(U8(8), y, y)
			VPADDW(y, x, x)
			VPSRLW(U8(8), x, y)
			VPADDW(y, x, x)
			VPSRLW(U8(8), x, x)
			out[i] = x
		}
		VPACKUSWB(out[1], out[0], out[0])
		VPAND(and, out[0], out[0])
		VMOVDQU(out[0], at(dst, off, 0))
	})
}

func rop() {
	TEXT("ropAVX2", NOSPLIT, "func(out, src, dst []byte, ds, s, d, none uint32)")
	Pragma("noescape")
	Doc("ropAVX2 combines bits by four words of a truth table into out, a multiple of 32 bytes.")
	out, src, dst, n := ptr("out"), ptr("src"), ptr("dst"), length("out")
	ds, s, d, none := value("ds"), value("s"), value("d"), value("none")
	// With x and y: none ^ y&(none^d) where x is 0, s ^ y&(s^ds) where it is 1.
	VPXOR(none, d, d)
	VPXOR(s, ds, ds)
	loop(n, 32, func(off Register) {
		y, lo, hi := YMM(), YMM(), YMM()
		VMOVDQU(at(dst, off, 0), y)
		VPAND(y, d, lo)
		VPXOR(none, lo, lo)
		VPAND(y, ds, hi)
		VPXOR(s, hi, hi)
		VPXOR(lo, hi, hi)
		VPAND(at(src, off, 0), hi, hi)
		VPXOR(lo, hi, hi)
		VMOVDQU(hi, at(out, off, 0))
	})
}

// walk gives the fractions of eight positions, relative to the whole part of
// the first, which it keeps in a register.
type walk struct {
	pos, step, base Register
	fraction, inc   VecVirtual
}

func newWalk() *walk {
	w := &walk{pos: Load(Param("pos"), GP64()), step: Load(Param("step"), GP64()), base: GP64(), inc: YMM()}
	VMOVD(w.step.(GPVirtual).As32(), w.inc.AsX())
	VPBROADCASTD(w.inc.AsX(), w.inc)
	VPMULLD(iota8, w.inc, w.inc)
	SHLQ(U8(3), w.step)
	return w
}

// next is the vector of positions relative to base.
func (w *walk) next() VecVirtual {
	r, v := GP32(), YMM()
	MOVL(w.pos.(GPVirtual).As32(), r)
	ANDL(U32(0xffff), r)
	VMOVD(r, v.AsX())
	VPBROADCASTD(v.AsX(), v)
	VPADDD(w.inc, v, v)
	MOVQ(w.pos, w.base)
	SARQ(U8(16), w.base)
	ADDQ(w.step, w.pos)
	return v
}

func nearest(size string) {
	TEXT("nearest"+size+"AVX2", NOSPLIT, "func(dst, src []byte, pos, step int)")
	Pragma("noescape")
	Doc("nearest" + size + "AVX2 stretches a row by at least one: eight source pixels from the first one's place on must exist.")
	dst, src, n := ptr("dst"), ptr("src"), length("dst")
	w := newWalk()
	bytes := uint64(32)
	if size == "16" {
		bytes = 16
	}
	loop(n, bytes, func(off Register) {
		p := w.next()
		VPSRLD(U8(16), p, p)
		if size == "32" {
			VPERMD(Mem{Base: src, Index: w.base, Scale: 4}, p, p)
			VMOVDQU(p, at(dst, off, 0))
			return
		}
		v := YMM()
		VPMOVZXWD(Mem{Base: src, Index: w.base, Scale: 2}, v)
		VPERMD(v, p, v)
		VPACKUSDW(v, v, v)
		VPERMQ(U8(0x08), v, v)
		VMOVDQU(v.AsX(), at(dst, off, 0))
	})
}

// reverse writes a function that mirrors a row.
func reverse(size string) {
	TEXT("reverse"+size+"AVX2", NOSPLIT, "func(dst, src []byte)")
	Pragma("noescape")
	Doc("reverse" + size + "AVX2 writes the pixels of src from the last to the first, a multiple of 32 bytes.")
	dst, src, n := ptr("dst"), ptr("src"), length("dst")
	order := YMM()
	if size == "32" {
		VMOVDQU(backwards, order)
	} else {
		VMOVDQU(backwards16, order)
	}
	from := GP64()
	LEAQ(Mem{Base: src, Index: n, Scale: 1, Disp: -32}, from)
	loop(n, 32, func(off Register) {
		v := YMM()
		if size == "32" {
			VPERMD(Mem{Base: from}, order, v)
		} else {
			VMOVDQU(Mem{Base: from}, v)
			VPSHUFB(order, v, v)
			VPERMQ(U8(0x4e), v, v)
		}
		VMOVDQU(v, at(dst, off, 0))
		SUBQ(U8(32), from)
	})
}

// weigh is a + (b-a)*f/256 for eight pixels, f in each dword.
func weigh(a, b, f VecVirtual, none, half VecVirtual, shuffles [2]VecVirtual) VecVirtual {
	unpack := [2]func(...Op){VPUNPCKLBW, VPUNPCKHBW}
	var out [2]VecVirtual
	for i := range out {
		g, x, y := YMM(), YMM(), YMM()
		VPSHUFB(shuffles[i], f, g)
		unpack[i](none, b, x)
		unpack[i](none, a, y)
		VPSUBW(y, x, x)
		VPMULLW(g, x, x)
		VPADDW(half, x, x)
		VPSLLW(U8(8), y, y)
		VPADDW(y, x, x)
		VPSRLW(U8(8), x, x)
		out[i] = x
	}
	VPACKUSWB(out[1], out[0], out[0])
	return out[0]
}

func shuffles() [2]VecVirtual {
	s := [2]VecVirtual{YMM(), YMM()}
	VMOVDQU(low, s[0])
	VMOVDQU(high, s[1])
	return s
}

func acrossUp() {
	TEXT("acrossUpAVX2", NOSPLIT, "func(dst, src []byte, pos, step int)")
	Pragma("noescape")
	Doc("acrossUpAVX2 stretches a row by at least one, bilinearly: nine source pixels from the first one's place on must exist.")
	dst, src, n := ptr("dst"), ptr("src"), length("dst")
	w := newWalk()
	none, half, sh := zero(), spread16(128), shuffles()
	loop(n, 32, func(off Register) {
		p := w.next()
		f, a, b := YMM(), YMM(), YMM()
		VPSRLD(U8(8), p, f)
		VPSRLD(U8(16), p, p)
		VPERMD(Mem{Base: src, Index: w.base, Scale: 4}, p, a)
		VPERMD(Mem{Base: src, Index: w.base, Scale: 4, Disp: 4}, p, b)
		VMOVDQU(weigh(a, b, f, none, half, sh), at(dst, off, 0))
	})
}

func acrossAny() {
	TEXT("acrossAnyAVX2", NOSPLIT, "func(dst, src []byte, pos, step int)")
	Pragma("noescape")
	Doc("acrossAnyAVX2 stretches or mirrors a row bilinearly; every position and the pixel after it must exist.")
	dst, src, n := ptr("dst"), ptr("src"), length("dst")
	w := newWalk()
	none, half, sh := zero(), spread16(128), shuffles()
	p := YMM()
	loop(n, 32, func(off Register) {
		r := GP32()
		MOVL(w.pos.(GPVirtual).As32(), r)
		VMOVD(r, p.AsX())
		VPBROADCASTD(p.AsX(), p)
		VPADDD(w.inc, p, p)
		ADDQ(w.step, w.pos)
		f, i, a, b, m := YMM(), YMM(), YMM(), YMM(), YMM()
		VPSRLD(U8(8), p, f)
		VPSRAD(U8(16), p, i)
		VPCMPEQD(m, m, m)
		VPXOR(a, a, a)
		VPGATHERDD(m, Mem{Base: src, Index: i, Scale: 4}, a)
		VPCMPEQD(m, m, m)
		VPXOR(b, b, b)
		VPGATHERDD(m, Mem{Base: src, Index: i, Scale: 4, Disp: 4}, b)
		VMOVDQU(weigh(a, b, f, none, half, sh), at(dst, off, 0))
	})
}

func down() {
	TEXT("downAVX2", NOSPLIT, "func(dst, a, b []byte, f, and, or uint32)")
	Pragma("noescape")
	Doc("downAVX2 weighs two rows by f, which stands in both halves, and-s and or-s, a multiple of 32 bytes.")
	dst, a, b, n := ptr("dst"), ptr("a"), ptr("b"), length("dst")
	f, and, or := value("f"), value("and"), value("or")
	none, half := zero(), spread16(128)
	unpack := [2]func(...Op){VPUNPCKLBW, VPUNPCKHBW}
	loop(n, 32, func(off Register) {
		va, vb := YMM(), YMM()
		VMOVDQU(at(a, off, 0), va)
		VMOVDQU(at(b, off, 0), vb)
		var out [2]VecVirtual
		for i := range out {
			x, y := YMM(), YMM()
			unpack[i](none, vb, x)
			unpack[i](none, va, y)
			VPSUBW(y, x, x)
			VPMULLW(f, x, x)
			VPADDW(half, x, x)
			VPSLLW(U8(8), y, y)
			VPADDW(y, x, x)
			VPSRLW(U8(8), x, x)
			out[i] = x
		}
		VPACKUSWB(out[1], out[0], out[0])
		VPAND(and, out[0], out[0])
		VPOR(or, out[0], out[0])
		VMOVDQU(out[0], at(dst, off, 0))
	})
}
