package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// rowsOf writes copyRowsAVX2 and reduce565AVX2, which move a chunk's rows.
func rowsOf() {
	TEXT("copyRowsAVX2", NOSPLIT, "func(dst *byte, dstPitch int, src *byte, srcPitch, rows int, and, or uint32)")
	Pragma("noescape")
	Doc("copyRowsAVX2 copies rows of 32 words, and-ed and or-ed.")
	eachRow(func(dst, src Register) {
		var m [2]VecVirtual
		for i, name := range []string{"and", "or"} {
			m[i] = YMM()
			VMOVD(Load(Param(name), GP32()), m[i].AsX())
			VPBROADCASTD(m[i].AsX(), m[i])
		}
		Label("row")
		for i := range 4 {
			v := YMM()
			VPAND(Mem{Base: src, Disp: 32 * i}, m[0], v)
			VPOR(m[1], v, v)
			VMOVDQU(v, Mem{Base: dst, Disp: 32 * i})
		}
	})
	TEXT("reduce565AVX2", NOSPLIT, "func(dst *byte, dstPitch int, src *byte, srcPitch, rows int)")
	Pragma("noescape")
	Doc("reduce565AVX2 reduces rows of 32 colours to 16 bits.")
	eachRow(func(dst, src Register) {
		var m [3]VecVirtual
		for i, from := range []Mem{red5, green6, blue5} {
			m[i] = YMM()
			VMOVDQU(from, m[i])
		}
		Label("row")
		for i := range 2 {
			var out [2]VecVirtual
			for j := range out {
				c, t := YMM(), YMM()
				out[j] = YMM()
				VMOVDQU(Mem{Base: src, Disp: 64*i + 32*j}, c)
				for k, shift := range []uint8{8, 5, 3} {
					VPSRLD(U8(shift), c, t)
					VPAND(m[k], t, t)
					if k == 0 {
						VMOVDQA(t, out[j])
					} else {
						VPOR(t, out[j], out[j])
					}
				}
			}
			VPACKUSDW(out[1], out[0], out[0])
			VPERMQ(U8(0xd8), out[0], out[0])
			VMOVDQU(out[0], Mem{Base: dst, Disp: 32 * i})
		}
	})
}

// eachRow does something for each row, after a label named row.
func eachRow(do func(dst, src Register)) {
	dst, src := Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	dp, sp, n := Load(Param("dstPitch"), GP64()), Load(Param("srcPitch"), GP64()), Load(Param("rows"), GP64())
	do(dst, src)
	ADDQ(dp, dst)
	ADDQ(sp, src)
	DECQ(n)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}
