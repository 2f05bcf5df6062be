package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// sixteen is a format of 16 bits without alpha, worked on in lanes of 16 bits.
type sixteen struct {
	name        string
	red, green  uint16 // where they are in a pixel
	expandRed   uint16 // the high half of a product with these is the field in 8 bits
	expandGreen uint16
	keepGreen   uint16 // of 8 bits in the high half of a lane
	downRed     uint64 // from there to their place
	downGreen   uint64
}

var sixteens = []sixteen{
	{"565", 0xf800, 0x07e0, 264, 8320, 0xfc00, 0, 5},
	{"1555", 0x7c00, 0x03e0, 528, 16896, 0xf800, 1, 6},
}

// apart brings blue and green, then red and alpha, of four pixels together.
var apart Mem

func constants16() {
	apart = GLOBL("apart", RODATA|NOPTR)
	for i := range 32 {
		k := i % 16
		DATA(i, U8(uint8(k%8/2*4+k%2+k/8*2)))
	}
}

// blender holds what blending a format takes.
type blender struct {
	f                      *sixteen
	red, green             VecVirtual
	byRed, byGreen, byBlue VecVirtual
	keepRed, keepGreen     VecVirtual
	half                   VecVirtual
}

func newBlender(f *sixteen) *blender {
	b := &blender{f: f, red: spread16(f.red), green: spread16(f.green), byRed: spread16(f.expandRed), byGreen: spread16(f.expandGreen), half: spread16(128)}
	// Equal constants share a register.
	if b.byBlue, b.keepRed = b.byRed, b.red; f.red != 0xf800 {
		b.byBlue, b.keepRed = spread16(264), spread16(0xf800)
	}
	if b.keepGreen = b.keepRed; f.keepGreen != 0xf800 {
		b.keepGreen = spread16(f.keepGreen)
	}
	return b
}

// channel is the 8 bits of red, green or blue of pixels.
func (b *blender) channel(i int, v VecVirtual) VecVirtual {
	x := YMM()
	switch i {
	case 0:
		VPAND(b.red, v, x)
		VPMULHUW(b.byRed, x, x)
	case 1:
		VPAND(b.green, v, x)
		VPMULHUW(b.byGreen, x, x)
	default:
		VPSLLW(U8(11), v, x)
		VPMULHUW(b.byBlue, x, x)
	}
	return x
}

// mix adds what d*(255-a) + s*a makes of a channel to the pixels in sum.
func (b *blender) mix(i int, d, s, a, not, sum VecVirtual) {
	VPMULLW(not, d, d)
	VPMULLW(a, s, s)
	VPADDW(s, d, d)
	VPADDW(b.half, d, d)
	VPSRLW(U8(8), d, s)
	VPADDW(s, d, d) // 255ths, in the high byte
	switch i {
	case 0:
		VPAND(b.keepRed, d, sum)
		if b.f.downRed > 0 {
			VPSRLW(U8(b.f.downRed), sum, sum)
		}
		return
	case 1:
		VPAND(b.keepGreen, d, d)
		VPSRLW(U8(b.f.downGreen), d, d)
	default:
		VPSRLW(U8(11), d, d)
	}
	VPOR(d, sum, sum)
}

// fade16 writes the functions that put pixels over pixels with one alpha.
func fade16() {
	for i := range sixteens {
		f := &sixteens[i]
		name := "fade" + f.name + "AVX2"
		TEXT(name, NOSPLIT, "func("+rows+", alpha uint32)")
		Pragma("noescape")
		Doc(name + " puts pixels over pixels with one alpha, which stands in both halves; width is a multiple of 32.")
		alpha := value("alpha")
		b, not := newBlender(f), spread16(255)
		VPXOR(alpha, not, not)
		rectangle(1, 1, func(dst, src vector) {
			s, d, sum := YMM(), YMM(), YMM()
			VMOVDQU(src(0), s)
			VMOVDQU(dst(0), d)
			for c := range 3 {
				b.mix(c, b.channel(c, d), b.channel(c, s), alpha, not, sum)
			}
			VMOVDQU(sum, dst(0))
		})
	}
}

// over16 writes the functions that put ARGB8888 over pixels.
func over16() {
	for i := range sixteens {
		f := &sixteens[i]
		name := "over" + f.name + "AVX2"
		TEXT(name, NOSPLIT, "func("+rows+")")
		Pragma("noescape")
		Doc(name + " puts colours over pixels; width is a multiple of 32.")
		b, full := newBlender(f), spread16(255)
		rectangle(1, 2, func(dst, src vector) {
			p, bg, ra, d := YMM(), YMM(), YMM(), YMM()
			VMOVDQU(src(0), p)
			VMOVDQU(src(32), d)
			VPSHUFB(apart, p, p)
			VPSHUFB(apart, d, d)
			VPUNPCKLQDQ(d, p, bg)
			VPUNPCKHQDQ(d, p, ra)
			// In the order that leaves them in: pixels 0 to 3 and 8 to 11, 4 to 7 and 12 to 15.
			VPERMQ(U8(0xd8), dst(0), d)
			a, not, sum := YMM(), YMM(), YMM()
			VPSRLW(U8(8), ra, a)
			VPXOR(full, a, not)
			for c := range 3 {
				s := YMM()
				switch c {
				case 0:
					VPAND(full, ra, s)
				case 1:
					VPSRLW(U8(8), bg, s)
				default:
					VPAND(full, bg, s)
				}
				b.mix(c, b.channel(c, d), s, a, not, sum)
			}
			VPERMQ(U8(0xd8), sum, sum)
			VMOVDQU(sum, dst(0))
		})
	}
}
