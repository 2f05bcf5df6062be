// Command gen writes the AVX2 row functions of package compose with avo:
//
//	go run . -out ../rows_amd64.s -stubs ../rows_amd64.go -pkg compose
//
// Each gives the same bits as the portable function of its name.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("!purego")
	constants()
	warp("warpAVX2", true)
	warp("warpOverAVX2", false)
	slide("slideAVX2", true)
	slide("slideOverAVX2", false)
	spread("spreadAVX2", true)
	spread("spreadOverAVX2", false)
	over()
	lay()
	mask()
	premultiply()
	tint()
	halve()
	average()
	Generate()
}

// Constants, a vector each.
var iota8, ones127, ones128, signs, bias, half128, bytes255, opaque, colours, pairs, alphas, lanes, ones, twos Mem

// broadcast are the shuffles that spread the words of two of four pixels.
var broadcast [2]Mem

func dwords(name string, f func(i int) uint32) Mem {
	m := GLOBL(name, RODATA|NOPTR)
	for i := range 8 {
		DATA(4*i, U32(f(i)))
	}
	return m
}

func lanesOf(name string, f func(i int) byte) Mem {
	m := GLOBL(name, RODATA|NOPTR)
	for i := range 32 {
		DATA(i, U8(f(i%16)))
	}
	return m
}

func every(name string, v uint32) Mem { return dwords(name, func(int) uint32 { return v }) }

func constants() {
	iota8 = dwords("iota8", func(i int) uint32 { return uint32(i) })
	ones127, ones128 = every("ones127", 127), every("ones128", 128)
	signs = every("signs", 0x80808080)
	bias = every("bias", 0x40404040) // 16384 + 64 in each word
	ones, twos = every("ones", 0x01010101), every("twos", 0x00020002)
	half128 = every("half128", 0x00800080)
	bytes255 = every("bytes255", 0x00ff00ff)
	opaque, colours = every("opaque", 0xff000000), every("colours", 0xffffff)
	// The bytes of two texels beside each other, channel by channel.
	pairs = lanesOf("pairs", func(i int) byte { return byte(i&8 + i&7>>1 + i&1<<2) })
	// The alpha of each of two pixels of words.
	alphas = lanesOf("alphas", func(i int) byte { return byte(i&8 + 6 + i&1) })
	for k, name := range [2]string{"broadcastLow", "broadcastHigh"} {
		broadcast[k] = lanesOf(name, func(i int) byte { return byte(8*k + i&8>>1 + i&1) })
	}
	// Masks of 0 to 7 lanes: eight dwords from place 8-n on have n set.
	lanes = GLOBL("lanes", RODATA|NOPTR)
	for i := range 16 {
		v := uint32(0)
		if i < 8 {
			v = 0xffffffff
		}
		DATA(4*i, U32(v))
	}
}

// value spreads a 32-bit parameter over a vector.
func value(name string) VecVirtual {
	r, v := GP32(), YMM()
	Load(Param(name), r)
	VMOVD(r, v.AsX())
	VPBROADCASTD(v.AsX(), v)
	return v
}

func zero() VecVirtual {
	v := YMM()
	VPXOR(v, v, v)
	return v
}

func at(base, off Register) Mem { return Mem{Base: base, Index: off, Scale: 1} }

// loop runs body for offsets 0, 32 ... below n.
func loop(n Register, body func(off Register)) {
	off := GP64()
	XORQ(off, off)
	JMP(LabelRef("test"))
	Label("next")
	body(off)
	ADDQ(U32(32), off)
	Label("test")
	CMPQ(off, n)
	JLT(LabelRef("next"))
	VZEROUPPER()
	RET()
}

// quotient is words divided by 255, rounded to nearest.
func quotient(x VecVirtual) {
	t := YMM()
	VPADDW(half128, x, x)
	VPSRLW(U8(8), x, t)
	VPADDW(t, x, x)
	VPSRLW(U8(8), x, x)
}

// put puts two vectors of words, multiplied by their alpha, over the colours of d,
// and packs them.
func put(c [2]VecVirtual, d Op, none VecVirtual, mask Op) {
	to := YMM()
	VMOVDQU(d, to)
	for i, unpack := range [2]func(...Op){VPUNPCKLBW, VPUNPCKHBW} {
		a, x := YMM(), YMM()
		VPSHUFB(alphas, c[i], a)
		VPXOR(bytes255, a, a)
		unpack(none, to, x)
		VPMULLW(a, x, x)
		quotient(x)
		VPADDW(x, c[i], c[i])
	}
	VPACKUSWB(c[1], c[0], c[0])
	VPAND(mask, c[0], c[0])
}

func warp(name string, whole bool) {
	TEXT(name, NOSPLIT, "func(dst []byte, src *byte, pitch int, u, v, du, dv, mask uint32)")
	Pragma("noescape")
	if whole {
		Doc(name + " draws a line of opaque pixels from texels, of which all positions, the ones to their right, and below, must exist. Of the channels those of mask are written.")
	} else {
		Doc(name + " puts a line of pixels over those of dst; see warpAVX2.")
	}
	dst, n := Load(Param("dst").Base(), GP64()), Load(Param("dst").Len(), GP64())
	src, pitch := Load(Param("src"), GP64()), Load(Param("pitch"), GP64())
	below := GP64()
	LEAQ(Mem{Base: src, Index: pitch, Scale: 4}, below)
	stride := YMM()
	VMOVD(pitch.(GPVirtual).As32(), stride.AsX())
	VPBROADCASTD(stride.AsX(), stride)
	var pos, inc [2]VecVirtual
	for i, p := range [2]string{"u", "v"} {
		pos[i], inc[i] = value(p), value("d"+p)
		t := YMM()
		VPMULLD(iota8, inc[i], t)
		VPADDD(t, pos[i], pos[i])
		VPSLLD(U8(3), inc[i], inc[i])
	}
	places := AllocLocal(32)
	mask := value("mask")
	var none VecVirtual
	if !whole {
		none = zero()
	}
	// body is eight pixels, or fewer with a mask.
	body := func(tail Op) VecVirtual {
		index, t := YMM(), YMM()
		VPSRLD(U8(16), pos[1], index)
		VPMADDWD(stride, index, index)
		VPSRLD(U8(16), pos[0], t)
		VPADDD(t, index, index)
		if tail != nil {
			VPAND(tail, index, index)
		}
		VMOVDQU(index, places)
		f, g := YMM(), YMM()
		VPSRLD(U8(9), pos[0], f)
		VPAND(ones127, f, f)
		VPSLLD(U8(8), f, t)
		VPSUBD(f, t, f)
		VPADDD(ones128, f, f)
		VPSRLD(U8(9), pos[1], g)
		VPAND(ones127, g, g)
		VPSLLD(U8(8), g, g)
		var c [2]VecVirtual
		for k := range c {
			// Pixels 0, 1, 4 and 5; then 2, 3, 6 and 7.
			var place [4]GPVirtual
			for i := range place {
				place[i] = GP64()
				MOVL(places.Offset(8*k+16*(i>>1)+4*(i&1)), place[i].As32())
			}
			wf, wg := YMM(), YMM()
			VPSHUFB(broadcast[k], f, wf)
			VPSHUFB(broadcast[k], g, wg)
			var line [2]VecVirtual
			for l, base := range [2]Register{src, below} {
				var v VecVirtual
				for i, p := range place {
					w := YMM()
					VPBROADCASTQ(Mem{Base: base, Index: p, Scale: 4}, w)
					if i == 0 {
						v = w
					} else {
						VPBLENDD(U8(3<<(2*i)), w, v, v)
					}
				}
				VPXOR(signs, v, v)
				VPSHUFB(pairs, v, v)
				line[l] = v
			}
			c[k] = weigh(line, wf, wg)
		}
		if whole {
			VPACKUSWB(c[1], c[0], c[0])
			VPAND(mask, c[0], c[0])
			return c[0]
		}
		if tail != nil {
			d := YMM()
			VPMASKMOVD(Mem{Base: dst}, tail, d)
			put(c, d, none, mask)
		} else {
			put(c, Mem{Base: dst}, none, mask)
		}
		return c[0]
	}
	JMP(LabelRef("test"))
	Label("next")
	VMOVDQU(body(nil), Mem{Base: dst})
	ADDQ(U8(32), dst)
	for i := range pos {
		VPADDD(inc[i], pos[i], pos[i])
	}
	Label("test")
	SUBQ(U8(32), n)
	JGE(LabelRef("next"))
	ADDQ(U8(32), n)
	JZ(LabelRef("done"))
	table := GP64()
	LEAQ(lanes.Offset(32), table)
	SUBQ(n, table)
	tail := YMM()
	VMOVDQU(Mem{Base: table}, tail)
	VPMASKMOVD(body(tail), tail, Mem{Base: dst})
	Label("done")
	VZEROUPPER()
	RET()
}

// weigh weighs the pairs of texels of an upper and a lower line by wf, and these
// two by wg, into words.
func weigh(line [2]VecVirtual, wf, wg VecVirtual) VecVirtual {
	for _, v := range line {
		VPMADDUBSW(v, wf, v)
	}
	VPSUBW(line[0], line[1], line[1])
	VPMULHRSW(wg, line[1], line[1])
	VPADDW(line[1], line[0], line[0])
	VPADDW(bias, line[0], line[0])
	VPSRLW(U8(7), line[0], line[0])
	return line[0]
}

func slide(name string, whole bool) {
	TEXT(name, NOSPLIT, "func(dst []byte, src *byte, pitch int, across, down, mask uint32)")
	Pragma("noescape")
	if whole {
		Doc(name + " is warpAVX2 for texels one after the other, a multiple of 32 bytes: across in both bytes of every word weighs them, and down the lines in 256ths.")
	} else {
		Doc(name + " puts such pixels over those of dst.")
	}
	dst, n := Load(Param("dst").Base(), GP64()), Load(Param("dst").Len(), GP64())
	src, pitch := Load(Param("src"), GP64()), Load(Param("pitch"), GP64())
	below := GP64()
	LEAQ(Mem{Base: src, Index: pitch, Scale: 4}, below)
	wf, wg, sign := value("across"), value("down"), YMM()
	VMOVDQU(signs, sign)
	mask := value("mask")
	var none VecVirtual
	if !whole {
		none = zero()
	}
	loop(n, func(off Register) {
		var low, high [2]VecVirtual
		for l, base := range [2]Register{src, below} {
			a, b := YMM(), YMM()
			VPXOR(Mem{Base: base, Index: off, Scale: 1}, sign, a)
			VPXOR(Mem{Base: base, Index: off, Scale: 1, Disp: 4}, sign, b)
			low[l], high[l] = YMM(), YMM()
			VPUNPCKLBW(b, a, low[l])
			VPUNPCKHBW(b, a, high[l])
		}
		c := [2]VecVirtual{weigh(low, wf, wg), weigh(high, wf, wg)}
		if whole {
			VPACKUSWB(c[1], c[0], c[0])
			VPAND(mask, c[0], c[0])
		} else {
			put(c, at(dst, off), none, mask)
		}
		VMOVDQU(c[0], at(dst, off))
	})
}

func spread(name string, whole bool) {
	TEXT(name, NOSPLIT, "func(dst []byte, src *byte, pitch int, u, du, down, mask uint32)")
	Pragma("noescape")
	if whole {
		Doc(name + " is warpAVX2 along a line of texels, in steps of at most one, a multiple of 32 bytes: down weighs the lines in 256ths. Eight texels after that of each eighth pixel must exist.")
	} else {
		Doc(name + " puts such pixels over those of dst.")
	}
	dst, n := Load(Param("dst").Base(), GP64()), Load(Param("dst").Len(), GP64())
	src, pitch := Load(Param("src"), GP64()), Load(Param("pitch"), GP64())
	below := GP64()
	LEAQ(Mem{Base: src, Index: pitch, Scale: 4}, below)
	u, step := Load(Param("u"), GP32()), Load(Param("du"), GP32())
	inc, wg, sign := value("du"), value("down"), YMM()
	VPMULLD(iota8, inc, inc)
	SHLL(U8(3), step)
	VMOVDQU(signs, sign)
	mask := value("mask")
	var none VecVirtual
	if !whole {
		none = zero()
	}
	loop(n, func(off Register) {
		part, base := GP32(), GP32()
		p, f, t := YMM(), YMM(), YMM()
		MOVL(u, part)
		ANDL(U32(0xffff), part)
		VMOVD(part, p.AsX())
		VPBROADCASTD(p.AsX(), p)
		VPADDD(inc, p, p)
		MOVL(u, base)
		SHRL(U8(16), base)
		ADDL(step, u)
		VPSRLD(U8(9), p, f)
		VPAND(ones127, f, f)
		VPSRLD(U8(16), p, p)
		VPSLLD(U8(8), f, t)
		VPSUBD(f, t, f)
		VPADDD(ones128, f, f)
		var low, high [2]VecVirtual
		for l, line := range [2]Register{src, below} {
			a, b := YMM(), YMM()
			VPERMD(Mem{Base: line, Index: base.(GPVirtual).As64(), Scale: 4}, p, a)
			VPERMD(Mem{Base: line, Index: base.(GPVirtual).As64(), Scale: 4, Disp: 4}, p, b)
			VPXOR(sign, a, a)
			VPXOR(sign, b, b)
			low[l], high[l] = YMM(), YMM()
			VPUNPCKLBW(b, a, low[l])
			VPUNPCKHBW(b, a, high[l])
		}
		var c [2]VecVirtual
		for k, line := range [2][2]VecVirtual{low, high} {
			wf := YMM()
			VPSHUFB(broadcast[k], f, wf)
			c[k] = weigh(line, wf, wg)
		}
		if whole {
			VPACKUSWB(c[1], c[0], c[0])
			VPAND(mask, c[0], c[0])
		} else {
			put(c, at(dst, off), none, mask)
		}
		VMOVDQU(c[0], at(dst, off))
	})
}

// lay is premultiply and over in one.
func lay() {
	TEXT("layAVX2", NOSPLIT, "func(dst, src []byte)")
	Pragma("noescape")
	Doc("layAVX2 puts colours over those of dst, a multiple of 32 bytes.")
	dst, src, n := Load(Param("dst").Base(), GP64()), Load(Param("src").Base(), GP64()), Load(Param("dst").Len(), GP64())
	none := zero()
	loop(n, func(off Register) {
		s, f := YMM(), YMM()
		VMOVDQU(at(src, off), s)
		VPOR(opaque, s, f)
		c := times(s, f, none)
		put(c, at(dst, off), none, colours)
		VMOVDQU(c[0], at(dst, off))
	})
}

// times is the colours of f times the alpha of s.
func times(s, f, none VecVirtual) (c [2]VecVirtual) {
	for i, unpack := range [2]func(...Op){VPUNPCKLBW, VPUNPCKHBW} {
		a, x := YMM(), YMM()
		unpack(none, s, a)
		VPSHUFB(alphas, a, a)
		unpack(none, f, x)
		VPMULLW(a, x, x)
		quotient(x)
		c[i] = x
	}
	return c
}

func over() {
	TEXT("overAVX2", NOSPLIT, "func(dst, src []byte)")
	Pragma("noescape")
	Doc("overAVX2 puts colours, multiplied by their alpha, over those of dst, a multiple of 32 bytes.")
	dst, src, n := Load(Param("dst").Base(), GP64()), Load(Param("src").Base(), GP64()), Load(Param("dst").Len(), GP64())
	none := zero()
	loop(n, func(off Register) {
		s := YMM()
		VMOVDQU(at(src, off), s)
		c := [2]VecVirtual{YMM(), YMM()}
		VPUNPCKLBW(none, s, c[0])
		VPUNPCKHBW(none, s, c[1])
		put(c, at(dst, off), none, colours)
		VMOVDQU(c[0], at(dst, off))
	})
}

func mask() {
	TEXT("maskAVX2", NOSPLIT, "func(dst, src []byte)")
	Pragma("noescape")
	Doc("maskAVX2 copies colours without alpha, a multiple of 32 bytes.")
	dst, src, n := Load(Param("dst").Base(), GP64()), Load(Param("src").Base(), GP64()), Load(Param("dst").Len(), GP64())
	and := YMM()
	VMOVDQU(colours, and)
	loop(n, func(off Register) {
		v := YMM()
		VPAND(at(src, off), and, v)
		VMOVDQU(v, at(dst, off))
	})
}

func premultiply() {
	TEXT("premultiplyAVX2", NOSPLIT, "func(pix []byte)")
	Pragma("noescape")
	Doc("premultiplyAVX2 multiplies colours by their alpha, a multiple of 32 bytes.")
	pix, n := Load(Param("pix").Base(), GP64()), Load(Param("pix").Len(), GP64())
	none := zero()
	loop(n, func(off Register) {
		s, f := YMM(), YMM()
		VMOVDQU(at(pix, off), s)
		VPOR(opaque, s, f)
		c := times(s, f, none)
		VPACKUSWB(c[1], c[0], c[0])
		VMOVDQU(c[0], at(pix, off))
	})
}

func tint() {
	TEXT("tintAVX2", NOSPLIT, "func(pix []byte, factor uint32)")
	Pragma("noescape")
	Doc("tintAVX2 multiplies colours by a factor, a multiple of 32 bytes.")
	pix, n, f := Load(Param("pix").Base(), GP64()), Load(Param("pix").Len(), GP64()), value("factor")
	none := zero()
	VPUNPCKLBW(none, f, f)
	loop(n, func(off Register) {
		s := YMM()
		VMOVDQU(at(pix, off), s)
		var c [2]VecVirtual
		for i, unpack := range [2]func(...Op){VPUNPCKLBW, VPUNPCKHBW} {
			x := YMM()
			unpack(none, s, x)
			VPMULLW(f, x, x)
			quotient(x)
			c[i] = x
		}
		VPACKUSWB(c[1], c[0], c[0])
		VMOVDQU(c[0], at(pix, off))
	})
}

func halve() {
	TEXT("halveAVX2", NOSPLIT, "func(dst, above, below []byte)")
	Pragma("noescape")
	Doc("halveAVX2 takes the mean of two pixels of each of two lines, a multiple of 32 bytes.")
	dst, n := Load(Param("dst").Base(), GP64()), Load(Param("dst").Len(), GP64())
	above, below := Load(Param("above").Base(), GP64()), Load(Param("below").Base(), GP64())
	shuffle, one, two := YMM(), YMM(), YMM()
	VMOVDQU(pairs, shuffle)
	VMOVDQU(ones, one)
	VMOVDQU(twos, two)
	loop(n, func(off Register) {
		var c [2]VecVirtual
		for k := range c {
			var line [2]VecVirtual
			for l, base := range [2]Register{above, below} {
				v := YMM()
				VMOVDQU(Mem{Base: base, Index: off, Scale: 2, Disp: 32 * k}, v)
				VPSHUFB(shuffle, v, v)
				VPMADDUBSW(one, v, v)
				line[l] = v
			}
			VPADDW(line[1], line[0], line[0])
			VPADDW(two, line[0], line[0])
			VPSRLW(U8(2), line[0], line[0])
			c[k] = line[0]
		}
		VPACKUSWB(c[1], c[0], c[0])
		VPERMQ(U8(0xd8), c[0], c[0])
		VMOVDQU(c[0], at(dst, off))
	})
}

func average() {
	TEXT("averageAVX2", NOSPLIT, "func(dst, other []byte)")
	Pragma("noescape")
	Doc("averageAVX2 takes the mean of two lines, a multiple of 32 bytes.")
	dst, other, n := Load(Param("dst").Base(), GP64()), Load(Param("other").Base(), GP64()), Load(Param("dst").Len(), GP64())
	loop(n, func(off Register) {
		v := YMM()
		VMOVDQU(at(dst, off), v)
		VPAVGB(at(other, off), v, v)
		VMOVDQU(v, at(dst, off))
	})
}
