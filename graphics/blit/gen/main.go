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
	keyRows("8", VPSUBB, VPMINUB, VPCMPEQB)
	keyRows("16", VPSUBW, VPMINUW, VPCMPEQW)
	keyRows("32", VPSUBD, VPMINUD, VPCMPEQD)
	copyRows()
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
