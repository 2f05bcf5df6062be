package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

var lanes, laneX, laneBits, floatOne, floatHalf, full, opaqueBits, rgb, minus64 Mem
var lanes16, smallest, largest, upward, float256, minusOne, doubles Mem
var immense, tiny Mem
var most2, most4, words255 Mem
var magnitude, nothing, float32s, loss1, loss4, margins Mem
var red5, green6, blue5 Mem
var spreadOut, pairs, low, high, alphaLow, alphaHigh, alphas Mem
var signs, lift, halfWords, exponentBias, one, ones127, whole128 Mem
var mantissa, floatLog, float64th Mem

func dwords(name string, v func(i int) uint32) Mem {
	m := GLOBL(name, RODATA|NOPTR)
	for i := range 8 {
		DATA(4*i, U32(v(i)))
	}
	return m
}

func same(name string, v uint32) Mem { return dwords(name, func(int) uint32 { return v }) }

// shuffle is a byte shuffle, the same in both halves.
func shuffle(name string, b [16]byte) Mem {
	m := GLOBL(name, RODATA|NOPTR)
	for i := range 32 {
		DATA(i, U8(b[i%16]))
	}
	return m
}

func constants() {
	lanes = GLOBL("columnX", RODATA|NOPTR)
	for i := range 32 {
		DATA(4*i, F32(float32(i)))
	}
	laneX = dwords("laneX", func(i int) uint32 { return uint32(i) })
	laneBits = dwords("laneBits", func(i int) uint32 { return 1 << i })
	floatOne, floatHalf = same("floatOne", 0x3f800000), same("floatHalf", 0x3f000000)
	full, opaqueBits, rgb = same("full", 255), same("opaqueBits", 0xff000000), same("colourBits", 0xffffff)
	minus64, lanes16 = same("minus64", ^uint32(63)), same("lanes16", 16)
	smallest, largest, upward = same("smallest", ^uint32(48*256-1)), same("largest", 80*256), same("upward", 255)
	float256, minusOne = same("float256", math.Float32bits(256)), same("minusOne", ^uint32(0))
	red5, green6, blue5 = same("red5", 0xf800), same("green6", 0x07e0), same("blue5", 0x001f)
	magnitude, nothing, float32s = same("magnitude", 0x7fffffff), same("nothing", 0), same("float32s", math.Float32bits(32))
	loss1, loss4 = same("loss1", math.Float32bits(1.0/(1<<20))), same("loss4", math.Float32bits(4.0/(1<<20)))
	margins = dwords("margins", func(i int) uint32 { return math.Float32bits(.5 * (1 + float32(i%2*2-1)/(1<<16))) })
	most2, most4, words255 = same("most2", 0x7f007f00), same("most4", 0x3f803f80), same("words255", 0x00ff00ff)
	immense, tiny = same("immense", math.Float32bits(1<<67)), same("tiny", math.Float32bits(1.0/(1<<15)))
	doubles = GLOBL("doubles", RODATA|NOPTR)
	DATA(0, F64(256))
	DATA(8, F64(-1.0/256))
	spreadOut = shuffle("spreadOut", [16]byte{0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15})
	pairs = shuffle("texelPairs", [16]byte{0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15})
	low = shuffle("weightsLow", [16]byte{0, 1, 0, 1, 0, 1, 0, 1, 4, 5, 4, 5, 4, 5, 4, 5})
	high = shuffle("weightsHigh", [16]byte{8, 9, 8, 9, 8, 9, 8, 9, 12, 13, 12, 13, 12, 13, 12, 13})
	const z = 0x80
	alphaLow = shuffle("alphaLow", [16]byte{3, z, 3, z, 3, z, 3, z, 7, z, 7, z, 7, z, 7, z})
	alphaHigh = shuffle("alphaHigh", [16]byte{11, z, 11, z, 11, z, 11, z, 15, z, 15, z, 15, z, 15, z})
	alphas = shuffle("alphas", [16]byte{3, 3, 3, 3, 7, 7, 7, 7, 11, 11, 11, 11, 15, 15, 15, 15})
	signs, lift = same("signs", 0x80808080), same("lift", 0x40404040) // words of 128*128 + 64
	halfWords = same("halfWords", 0x00800080)
	mantissa, floatLog, float64th = same("mantissa", 0x7fffff), same("floatLog", math.Float32bits(0.3466)), same("float64", 0x42800000)
	one, ones127 = same("one", 1), same("ones127", 127)
	exponentBias, whole128 = same("exponentBias", 126), same("whole128", 128)
}
