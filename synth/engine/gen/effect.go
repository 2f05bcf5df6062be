package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

const blockFrames = 64

func diffuse() {
	TEXT("diffuseAVX2", NOSPLIT, "func(x, read, write *float32, gain float32)")
	Doc("diffuseAVX2 is diffuse.")
	Pragma("noescape")
	x, read, write := Load(Param("x"), GP64()), Load(Param("read"), GP64()), Load(Param("write"), GP64())
	g := YMM()
	Load(Param("gain"), g.AsX())
	VPBROADCASTD(g.AsX(), g)
	for i := range blockFrames / 8 {
		d, v, t := YMM(), YMM(), YMM()
		VMOVUPS(Mem{Base: read, Disp: 32 * i}, d)
		VMULPS(d, g, t)
		VMOVUPS(Mem{Base: x, Disp: 32 * i}, v)
		VSUBPS(t, v, v)
		VMOVUPS(v, Mem{Base: write, Disp: 32 * i})
		VMULPS(v, g, v)
		VADDPS(d, v, v)
		VMOVUPS(v, Mem{Base: x, Disp: 32 * i})
	}
	VZEROUPPER()
	RET()
}

func spread() {
	TEXT("spreadAVX2", NOSPLIT, "func(left, right, m, s *float32, mix *float32)")
	Doc("spreadAVX2 is spread; mix has four factors and their steps.")
	Pragma("noescape")
	left, right := Load(Param("left"), GP64()), Load(Param("right"), GP64())
	m, s, f := Load(Param("m"), GP64()), Load(Param("s"), GP64()), Load(Param("mix"), GP64())
	var k, d [4]VecVirtual
	for i := range k {
		k[i], d[i] = YMM(), YMM()
		VBROADCASTSS(Mem{Base: f, Disp: 4 * i}, k[i])
		VBROADCASTSS(Mem{Base: f, Disp: 16 + 4*i}, d[i])
		t := YMM()
		VCVTDQ2PS(count, t)
		VMULPS(d[i], t, t)
		VADDPS(t, k[i], k[i])
	}
	eight := spread8()
	for i := range d {
		VMULPS(eight, d[i], d[i])
	}
	for i := range blockFrames / 8 {
		a, b, t, u := YMM(), YMM(), YMM(), YMM()
		VMOVUPS(Mem{Base: m, Disp: 32 * i}, a)
		VMOVUPS(Mem{Base: s, Disp: 32 * i}, b)
		for side, to := range []Register{left, right} {
			VMULPS(k[2*side], a, t)
			VMULPS(k[2*side+1], b, u)
			VADDPS(u, t, t)
			VADDPS(Mem{Base: to, Disp: 32 * i}, t, t)
			VMOVUPS(t, Mem{Base: to, Disp: 32 * i})
		}
		for i := range k {
			VADDPS(d[i], k[i], k[i])
		}
	}
	VZEROUPPER()
	RET()
}

// spread8 sets all lanes to 8.
func spread8() VecVirtual { return spreadBits(0x41000000) }

// network turns eight frames of eight lines into eight vectors, works on these,
// and turns what came out back.
func network() {
	const (
		state, gain, pole, cos, sin = 0, 32, 64, 96, 128
		dGain, dPole, dCos, dSin    = 160, 192, 224, 256
		input                       = 288
		in, mid, side               = 320, 328, 336
		read, write                 = 344, 408
		scratch                     = 472
	)
	TEXT("networkAVX2", NOSPLIT, "func(n *float32)")
	Doc("networkAVX2 is network.run.")
	Pragma("noescape")
	n := Load(Param("n"), GP64())

	turn := func(pointers int, out bool) {
		var p [8]GPVirtual
		for i := range p {
			p[i] = GP64()
			MOVQ(Mem{Base: n, Disp: pointers + 8*i}, p[i])
		}
		at := GP64()
		XORQ(at, at)
		name := "in"
		if out {
			name = "out"
		}
		Label(name)
		var r [8]VecVirtual
		for i := range r {
			r[i] = YMM()
			if out {
				// scratch has eight times as many bytes
				VMOVUPS(Mem{Base: n, Index: at, Scale: 8, Disp: scratch + 32*i}, r[i])
			} else {
				VMOVUPS(Mem{Base: p[i], Index: at, Scale: 1}, r[i])
			}
		}
		r = transpose8(r)
		for i := range r {
			if out {
				VMOVUPS(r[i], Mem{Base: p[i], Index: at, Scale: 1})
			} else {
				VMOVUPS(r[i], Mem{Base: n, Index: at, Scale: 8, Disp: scratch + 32*i})
			}
		}
		ADDQ(Imm(32), at)
		CMPQ(at, U32(4*blockFrames))
		JL(LabelRef(name))
	}
	turn(read, false)

	load := func(at int) VecVirtual {
		v := YMM()
		VMOVUPS(Mem{Base: n, Disp: at}, v)
		return v
	}
	s, g, p, c, z := load(state), load(gain), load(pole), load(cos), load(sin)
	odd, second, upper := signs(0xAA), signs(0xCC), signs(0xF0)
	x, left, right := GP64(), GP64(), GP64()
	MOVQ(Mem{Base: n, Disp: in}, x)
	MOVQ(Mem{Base: n, Disp: mid}, left)
	MOVQ(Mem{Base: n, Disp: side}, right)
	i := GP64()
	XORQ(i, i)
	Label("frame")
	u, t, h := YMM(), YMM(), YMM()
	VMULPS(Mem{Base: n, Index: i, Scale: 8, Disp: scratch}, g, u)
	VMULPS(s, p, s)
	VADDPS(s, u, s)
	VMULPS(s, c, u)
	VPERMILPS(Imm(0xB1), s, t)
	VMULPS(t, z, t)
	VADDPS(t, u, u)
	for _, stage := range []struct {
		sign VecVirtual
		swap func()
	}{
		{odd, func() { VPERMILPS(Imm(0xB1), u, t) }},
		{second, func() { VPERMILPS(Imm(0x4E), u, t) }},
		{upper, func() { VPERM2F128(Imm(1), u, u, t) }},
	} {
		stage.swap()
		VXORPS(stage.sign, u, u)
		VADDPS(u, t, u)
	}
	VEXTRACTPS(Imm(1), u.AsX(), Mem{Base: left, Index: i, Scale: 1})
	VEXTRACTPS(Imm(2), u.AsX(), Mem{Base: right, Index: i, Scale: 1})
	VBROADCASTSS(Mem{Base: x, Index: i, Scale: 1}, h)
	VMULPS(Mem{Base: n, Disp: input}, h, h)
	VADDPS(h, u, u)
	VMOVUPS(u, Mem{Base: n, Index: i, Scale: 8, Disp: scratch})
	VADDPS(Mem{Base: n, Disp: dGain}, g, g)
	VADDPS(Mem{Base: n, Disp: dPole}, p, p)
	VADDPS(Mem{Base: n, Disp: dCos}, c, c)
	VADDPS(Mem{Base: n, Disp: dSin}, z, z)
	ADDQ(Imm(4), i)
	CMPQ(i, U32(4*blockFrames))
	JL(LabelRef("frame"))
	VMOVUPS(s, Mem{Base: n, Disp: state})

	turn(write, true)
	VZEROUPPER()
	RET()
}

// signs is a vector of sign bits for the lanes in a mask.
func signs(mask int) VecVirtual {
	m := GLOBL("signs"+string(rune('a'+mask>>4-10)), RODATA|NOPTR)
	for i := range 8 {
		DATA(4*i, U32(uint32(mask>>i&1)<<31))
	}
	v := YMM()
	VMOVUPS(m, v)
	return v
}

// transpose8 turns eight rows of eight into columns.
func transpose8(r [8]VecVirtual) [8]VecVirtual {
	var t, q, out [8]VecVirtual
	for i := 0; i < 8; i += 2 {
		t[i], t[i+1] = YMM(), YMM()
		VUNPCKLPS(r[i+1], r[i], t[i])
		VUNPCKHPS(r[i+1], r[i], t[i+1])
	}
	for i := 0; i < 8; i += 4 {
		for j := range 2 {
			q[i+2*j], q[i+2*j+1] = YMM(), YMM()
			VSHUFPS(Imm(0x44), t[i+j+2], t[i+j], q[i+2*j])
			VSHUFPS(Imm(0xEE), t[i+j+2], t[i+j], q[i+2*j+1])
		}
	}
	for i := range 4 {
		out[i], out[i+4] = YMM(), YMM()
		VPERM2F128(Imm(0x20), q[i+4], q[i], out[i])
		VPERM2F128(Imm(0x31), q[i+4], q[i], out[i+4])
	}
	return out
}
