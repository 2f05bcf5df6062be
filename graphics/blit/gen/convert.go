package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func mask() {
	TEXT("maskAVX2", NOSPLIT, "func("+rows+", and, or uint32)")
	Pragma("noescape")
	Doc("maskAVX2 and-s and or-s.")
	and, or := value("and"), value("or")
	rectangle(1, 1, func(dst, src vector) {
		v := YMM()
		VPAND(src(0), and, v)
		VPOR(or, v, v)
		VMOVDQU(v, dst(0))
	})
}

// expand writes a function for formats of 5 bits red, green bits and 5 bits
// blue: how far left red and green go, and how many bits green has.
func expand(name string, red, green uint64, bits uint64) {
	TEXT("expand"+name+"AVX2", NOSPLIT, "func("+rows+", and uint32)")
	Pragma("noescape")
	Doc("expand" + name + "AVX2 expands pixels and and-s them.")
	and := value("and")
	top := uint32(0xff00) << (8 - bits) & 0xff00
	mr, mb, mrep := spread(0xf80000), spread(0xf8), spread(0x070007)
	mg, mgrep, opaque := spread(top), spread(0xff00>>bits&0xff00), spread(0xff000000)
	rectangle(2, 1, func(dst, src vector) {
		v, r, b, g := YMM(), YMM(), YMM(), YMM()
		VPMOVZXWD(src(0), v)
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
		VMOVDQU(r, dst(0))
	})
}

func expand4444() {
	TEXT("expand4444AVX2", NOSPLIT, "func("+rows+", and uint32)")
	Pragma("noescape")
	Doc("expand4444AVX2 expands pixels and and-s them.")
	and := value("and")
	masks := []VecVirtual{spread(0xf), spread(0xf00), spread(0xf0000), spread(0xf000000)}
	rectangle(2, 1, func(dst, src vector) {
		v, x, t := YMM(), YMM(), YMM()
		VPMOVZXWD(src(0), v)
		VPAND(masks[0], v, x)
		for i := 1; i < 4; i++ {
			VPSLLD(U8(4*i), v, t)
			VPAND(masks[i], t, t)
			VPOR(t, x, x)
		}
		VPSLLD(U8(4), x, t)
		VPOR(t, x, x)
		VPAND(and, x, x)
		VMOVDQU(x, dst(0))
	})
}

// lookUp writes the function for palettes.
func lookUp() {
	TEXT("lookUpAVX2", NOSPLIT, "func("+rows+", palette *uint32, and uint32)")
	Pragma("noescape")
	Doc("lookUpAVX2 turns indices into opaque colours and and-s them.")
	and := value("and")
	palette, opaque := Load(Param("palette"), GP64()), spread(0xff000000)
	rectangle(4, 1, func(dst, src vector) {
		i, v, m := YMM(), YMM(), YMM()
		VPMOVZXBD(src(0), i)
		VPXOR(v, v, v)
		VPXOR(m, m, m)
		VPCMPEQD(m, m, m)
		VPGATHERDD(m, Mem{Base: palette, Index: i, Scale: 4}, v)
		VPOR(opaque, v, v)
		VPAND(and, v, v)
		VMOVDQU(v, dst(0))
	})
}

// reduce writes a function that shifts fields right and masks them.
func reduce(name string, fields [][2]uint32) {
	TEXT("reduce"+name+"AVX2", NOSPLIT, "func("+rows+")")
	Pragma("noescape")
	Doc("reduce" + name + "AVX2 reduces colours to pixels.")
	var masks []VecVirtual
	for _, f := range fields {
		masks = append(masks, spread(f[1]))
	}
	rectangle(1, 2, func(dst, src vector) {
		var out [2]VecVirtual
		for i := range out {
			v, x, t := YMM(), YMM(), YMM()
			VMOVDQU(src(32*i), v)
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
		VMOVDQU(out[0], dst(0))
	})
}
