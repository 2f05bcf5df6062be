// Command gen writes the AVX2 functions of package render with avo:
//
//	go run . -out ../block_amd64.s -stubs ../block_amd64.go -pkg render
//
// Each does what the portable function of its name does with a block of vertices,
// eight at a time, and gives the same bits. Lanes are 256 bytes apart.
package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

const lane = 256

var one, zero, tiny, huge, scale255, half, sub, reach, minusReach, ones127, mantissa, exponent, lowest, highest Mem

// Coefficients of the polynomials of log2 and exp2, highest first.
var logs = [...]float32{0.02001665, -0.09462681, 0.21394321, -0.3383772, 0.47749636, -0.7211441, 1.442693}
var exps = [...]float32{0.0017883687, 0.009199388, 0.055657055, 0.24020719, 0.69314754, 1}
var logTerms, expTerms []Mem

// Codes of what a vertex is behind, in the order of the comparisons of project.
var codes [8]Mem

func same(name string, v uint32) Mem {
	m := GLOBL(name, RODATA|NOPTR)
	for i := range 8 {
		DATA(4*i, U32(v))
	}
	return m
}

func float(name string, v float32) Mem { return same(name, math.Float32bits(v)) }

func main() {
	ConstraintExpr("!purego")
	one, zero, half = float("blockOne", 1), float("blockZero", 0), float("blockHalf", 0.5)
	tiny, huge = float("blockTiny", 1e-30), float("blockHuge", 1e30)
	scale255, sub = float("block255", 255), float("block256", 256)
	reach, minusReach = float("blockReach", 30001), float("blockMinusReach", -30001)
	ones127, mantissa, exponent = same("block127", 127), same("blockMantissa", 0x7fffff), same("blockExponent", 0x3f800000)
	lowest, highest = float("blockLowest", -126), float("blockHighest", 127)
	for i, v := range logs {
		logTerms = append(logTerms, float("blockLog"+string(rune('A'+i)), v))
	}
	for i, v := range exps {
		expTerms = append(expTerms, float("blockExp"+string(rune('A'+i)), v))
	}
	for i := range codes {
		codes[i] = same("blockCode"+string(rune('A'+i)), 1<<i)
	}
	fetch()
	multiply("toClipAVX2", 4, true)
	multiply("toEyeAVX2", 3, true)
	multiply("turnAVX2", 3, false)
	unit()
	face()
	aim()
	add()
	between()
	shine()
	tone()
	project()
	scatter()
	Generate()
}

func load(name string) Register { return Load(Param(name), GP64()) }

func at(base Register, lanes int) Mem { return Mem{Base: base, Disp: lane * lanes} }

// spread is a float in memory, in all lanes.
func spread(m Mem) VecVirtual {
	v := YMM()
	VBROADCASTSS(m, v)
	return v
}

func read(m Mem) VecVirtual {
	v := YMM()
	VMOVUPS(m, v)
	return v
}

// each goes through n vertices, eight at a time, moving pointers on.
func each(n Register, body func(), pointers ...Register) {
	Label("eight")
	body()
	for _, p := range pointers {
		ADDQ(U8(32), p)
	}
	SUBQ(U8(8), n)
	JG(LabelRef("eight"))
	VZEROUPPER()
	RET()
}

func function(name, signature, doc string) {
	TEXT(name, NOSPLIT, signature)
	Pragma("noescape")
	Doc(doc)
}

func fetch() {
	function("fetchAVX2", "func(to *float32, src *byte, stride, n int)",
		"fetchAVX2 takes three floats of each of n vertices, a multiple of 8, to three lanes.")
	to, src, stride, n := load("to"), load("src"), load("stride"), load("n")
	index, step := YMM(), YMM()
	lanes := GLOBL("blockLanes", RODATA|NOPTR)
	for i := range 8 {
		DATA(4*i, U32(uint32(i)))
	}
	VMOVD(stride.(GPVirtual).As32(), step.AsX())
	VPBROADCASTD(step.AsX(), step)
	VPMULLD(lanes, step, index)
	SHLQ(U8(3), stride)
	each(n, func() {
		for k := range 3 {
			v, all := YMM(), YMM()
			VPCMPEQD(all, all, all)
			VXORPS(v, v, v)
			VGATHERDPS(all, Mem{Base: src, Index: index, Scale: 1, Disp: 4 * k}, v)
			VMOVUPS(v, at(to, k))
		}
		ADDQ(stride, src)
	}, to)
}

// multiply makes x*m0 + y*m1 + z*m2 and perhaps + m3.
func multiply(name string, outs int, translate bool) {
	function(name, "func(to, from *float32, m *float32, n int)", name+" multiplies three lanes by a matrix.")
	to, from, m, n := load("to"), load("from"), load("m"), load("n")
	each(n, func() {
		x := [3]VecVirtual{read(at(from, 0)), read(at(from, 1)), read(at(from, 2))}
		var out [4]VecVirtual
		for j := range outs {
			s := spread(Mem{Base: m, Disp: 4 * j})
			VMULPS(x[0], s, s)
			for i := 1; i < 3; i++ {
				t := spread(Mem{Base: m, Disp: 16*i + 4*j})
				VMULPS(x[i], t, t)
				VADDPS(t, s, s)
			}
			if translate {
				VADDPS(spread(Mem{Base: m, Disp: 48 + 4*j}), s, s)
			}
			out[j] = s
		}
		for j := range outs { // to may be from
			VMOVUPS(out[j], at(to, j))
		}
	}, to, from)
}

// dot is the product of two vectors.
func dot(a, b [3]VecVirtual) VecVirtual {
	s := YMM()
	VMULPS(a[0], b[0], s)
	for i := 1; i < 3; i++ {
		t := YMM()
		VMULPS(a[i], b[i], t)
		VADDPS(t, s, s)
	}
	return s
}

func vector(base Register) [3]VecVirtual {
	return [3]VecVirtual{read(at(base, 0)), read(at(base, 1)), read(at(base, 2))}
}

// inverseRoot is 1/sqrt(x), and nothing for what has none.
func inverseRoot(x VecVirtual) VecVirtual {
	s, m := YMM(), YMM()
	VCMPPS(U8(30), tiny, x, m)
	VSQRTPS(x, s)
	r := read(one)
	VDIVPS(s, r, r)
	VANDPS(m, r, r)
	return r
}

func unit() {
	function("unitAVX2", "func(to, from *float32, sign uint32, n int)",
		"unitAVX2 makes vectors of length 1, turned around if the sign bit is set in sign.")
	to, from, n := load("to"), load("from"), load("n")
	sign, s := YMM(), GP32()
	Load(Param("sign"), s)
	VMOVD(s, sign.AsX())
	VPBROADCASTD(sign.AsX(), sign)
	each(n, func() {
		v := vector(from)
		r := inverseRoot(dot(v, v))
		VXORPS(sign, r, r)
		for k := range v {
			VMULPS(r, v[k], v[k])
			VMOVUPS(v[k], at(to, k))
		}
	}, to, from)
}

func face() {
	function("faceAVX2", "func(to, normals *float32, d *[3]float32, least float32, n int)",
		"faceAVX2 is the product of normals and a direction, at least least.")
	to, normals, d, n := load("to"), load("normals"), load("d"), load("n")
	floor, err := Param("least").Resolve()
	if err != nil {
		panic(err)
	}
	least := spread(floor.Addr)
	dir := [3]VecVirtual{spread(Mem{Base: d}), spread(Mem{Base: d, Disp: 4}), spread(Mem{Base: d, Disp: 8})}
	each(n, func() {
		s := dot(vector(normals), dir)
		VMAXPS(least, s, s)
		VMOVUPS(s, at(to, 0))
	}, to, normals)
}

func aim() {
	function("aimAVX2", "func(to, dots, fades, places, normals *float32, t *[8]float32, n int)",
		"aimAVX2 is towards a light at t[0:3] of range squared t[3] and attenuation t[4:7], what faces it, and how it fades.")
	to, dots, fades, places, normals := load("to"), load("dots"), load("fades"), load("places"), load("normals")
	t, n := load("t"), load("n")
	each(n, func() {
		v := vector(places)
		for k := range v {
			p := spread(Mem{Base: t, Disp: 4 * k})
			VSUBPS(v[k], p, v[k])
		}
		d2 := dot(v, v)
		s := inverseRoot(d2)
		for k := range v {
			VMULPS(s, v[k], v[k])
			VMOVUPS(v[k], at(to, k))
		}
		f, x := YMM(), YMM()
		VMULPS(d2, s, f)
		VMULPS(spread(Mem{Base: t, Disp: 20}), f, f)
		VADDPS(spread(Mem{Base: t, Disp: 16}), f, f)
		VMULPS(spread(Mem{Base: t, Disp: 24}), d2, x)
		VADDPS(x, f, f)
		q := read(one)
		VDIVPS(f, q, q)
		m := YMM()
		VCMPPS(U8(18), spread(Mem{Base: t, Disp: 12}), d2, m)
		VANDPS(m, q, f)
		VCMPPS(U8(30), zero, q, m)
		VANDPS(m, f, f)
		VCMPPS(U8(17), huge, q, m)
		VANDPS(m, f, f)
		d := dot(vector(normals), v)
		VMAXPS(zero, d, d)
		VMULPS(f, d, d)
		VMOVUPS(d, at(dots, 0))
		VMOVUPS(f, at(fades, 0))
	}, to, dots, fades, places, normals)
}

func add() {
	function("addAVX2", "func(to *float32, color *[3]float32, by *float32, n int)", "addAVX2 brings in a light's colour.")
	to, color, by, n := load("to"), load("color"), load("by"), load("n")
	c := [3]VecVirtual{spread(Mem{Base: color}), spread(Mem{Base: color, Disp: 4}), spread(Mem{Base: color, Disp: 8})}
	each(n, func() {
		b := read(at(by, 0))
		for k := range c {
			v := YMM()
			VMULPS(b, c[k], v)
			VADDPS(at(to, k), v, v)
			VMOVUPS(v, at(to, k))
		}
	}, to, by)
}

func between() {
	function("betweenAVX2", "func(to, normals, lights, viewers *float32, n int)",
		"betweenAVX2 is the product of normals and what lies half way between light and viewer.")
	to, normals, lights, viewers, n := load("to"), load("normals"), load("lights"), load("viewers"), load("n")
	each(n, func() {
		v := vector(lights)
		for k := range v {
			VADDPS(at(viewers, k), v[k], v[k])
		}
		s := inverseRoot(dot(v, v))
		for k := range v {
			VMULPS(s, v[k], v[k])
		}
		VMOVUPS(dot(vector(normals), v), at(to, 0))
	}, to, normals, lights, viewers)
}

// shine is power(d, y)*fade where d and dot are above zero.
func shine() {
	function("shineAVX2", "func(shines, dots, fades *float32, power float32, n int)",
		"shineAVX2 raises products to a power, which is not 0.")
	shines, dots, fades, n := load("shines"), load("dots"), load("fades"), load("n")
	power, err := Param("power").Resolve()
	if err != nil {
		panic(err)
	}
	y := spread(power.Addr)
	each(n, func() {
		d := read(at(shines, 0))
		// log2
		e, t := YMM(), YMM()
		VPSRLD(U8(23), d, e)
		VPSUBD(ones127, e, e)
		VCVTDQ2PS(e, e)
		VPAND(mantissa, d, t)
		VPOR(exponent, t, t)
		VSUBPS(one, t, t)
		p := read(logTerms[0])
		for _, c := range logTerms[1:] {
			VMULPS(t, p, p)
			VADDPS(c, p, p)
		}
		VMULPS(t, p, p)
		VADDPS(p, e, e)
		// exp2
		x, n := YMM(), YMM()
		VMULPS(y, e, x)
		m := YMM()
		VCMPPS(U8(30), lowest, x, m)
		VMINPS(highest, x, x)
		VROUNDPS(U8(9), x, n)
		VSUBPS(n, x, x)
		q := read(expTerms[0])
		for _, c := range expTerms[1:] {
			VMULPS(x, q, q)
			VADDPS(c, q, q)
		}
		VCVTTPS2DQ(n, n)
		VPADDD(ones127, n, n)
		VPSLLD(U8(23), n, n)
		VMULPS(n, q, q)
		VANDPS(m, q, q)
		VCMPPS(U8(30), tiny, d, m)
		VANDPS(m, q, q)
		VMULPS(at(fades, 0), q, q)
		VCMPPS(U8(30), zero, d, m)
		VANDPS(m, q, q)
		v := read(at(dots, 0))
		VCMPPS(U8(30), zero, v, m)
		VANDPS(m, q, q)
		VMOVUPS(q, at(shines, 0))
	}, shines, dots, fades)
}

// toByte is a channel of 0 to 1 in 0 to 255.
func toByte(v VecVirtual) {
	VMAXPS(zero, v, v)
	VMINPS(one, v, v)
	VMULPS(scale255, v, v)
	VADDPS(half, v, v)
	VCVTTPS2DQ(v, v)
}

func tone() {
	function("toneAVX2", "func(to *uint32, light, by, light2, by2, rest, alpha *float32, n int)",
		"toneAVX2 packs light*by + light2*by2 + rest, three lanes each, and an alpha.")
	to, light, by, light2, by2 := load("to"), load("light"), load("by"), load("light2"), load("by2")
	rest, alpha, n := load("rest"), load("alpha"), load("n")
	each(n, func() {
		out := read(at(alpha, 0))
		toByte(out)
		VPSLLD(U8(24), out, out)
		for k := range 3 {
			c, d := read(at(light, k)), read(at(light2, k))
			VMULPS(at(by, k), c, c)
			VMULPS(at(by2, k), d, d)
			VADDPS(d, c, c)
			VADDPS(at(rest, k), c, c)
			toByte(c)
			if k < 2 {
				VPSLLD(U8(16-8*k), c, c)
			}
			VPOR(c, out, out)
		}
		VMOVDQU(out, at(to, 0))
	}, to, light, by, light2, by2, rest, alpha)
}

// transpose makes eight rows of four of four vectors of eight: rows 0 to 3 in the
// lower halves and 4 to 7 in the upper ones.
func transpose(a, b, c, d VecVirtual) [4]VecVirtual {
	t := [4]VecVirtual{YMM(), YMM(), YMM(), YMM()}
	VUNPCKLPS(b, a, t[0])
	VUNPCKHPS(b, a, t[1])
	VUNPCKLPS(d, c, t[2])
	VUNPCKHPS(d, c, t[3])
	var out [4]VecVirtual
	for i := range out {
		out[i] = YMM()
	}
	VUNPCKLPD(t[2], t[0], out[0])
	VUNPCKHPD(t[2], t[0], out[1])
	VUNPCKLPD(t[3], t[1], out[2])
	VUNPCKHPD(t[3], t[1], out[3])
	return out
}

// Bytes of a vertex and of a spot, and where a vertex's colours are.
const (
	vertexSize   = 40
	vertexColors = 16
	spotSize     = 12
)

// rows writes transposed rows, each 16 bytes, size apart.
func rows(r [4]VecVirtual, base Register, size int) {
	for i := range 4 {
		VMOVUPS(r[i].AsX(), Mem{Base: base, Disp: size * i})
	}
	for i := range 4 {
		VEXTRACTF128(U8(1), r[i], Mem{Base: base, Disp: size * (4 + i)})
	}
}

func project() {
	function("projectAVX2", "func(out, spots *byte, clip *float32, view *[8]float32, n int)",
		"projectAVX2 puts vertices onto the target: view is scale and offset of x, y and z. It writes four bytes behind the last spot.")
	out, spots, clip, view, n := load("out"), load("spots"), load("clip"), load("view"), load("n")
	each(n, func() {
		x, y, z, w := read(at(clip, 0)), read(at(clip, 1)), read(at(clip, 2)), read(at(clip, 3))
		code, m, minus := YMM(), YMM(), YMM()
		// With w, every comparison is one that holds for what is no number.
		VXORPS(minus, minus, minus)
		VSUBPS(w, minus, minus)
		VCMPPS(U8(0x19), minus, x, code)
		VANDPS(codes[0], code, code)
		behind := func(predicate uint8, limit Op, v VecVirtual, bit int) {
			VCMPPS(U8(predicate), limit, v, m)
			VANDPS(codes[bit], m, m)
			VORPS(m, code, code)
		}
		behind(0x16, w, x, 1)
		behind(0x19, minus, y, 2)
		behind(0x16, w, y, 3)
		behind(0x19, zero, z, 4)
		behind(0x16, w, z, 5)
		behind(0x1A, zero, w, 6)
		s := YMM()
		VADDPS(y, x, s)
		VADDPS(z, s, s)
		VADDPS(w, s, s)
		VSUBPS(s, s, s)
		behind(0x04, zero, s, 7)
		rhw := read(one)
		VDIVPS(w, rhw, rhw)
		for i, v := range [3]VecVirtual{x, y, z} {
			VMULPS(rhw, v, v)
			VMULPS(spread(Mem{Base: view, Disp: 8 * i}), v, v)
			VADDPS(spread(Mem{Base: view, Disp: 8*i + 4}), v, v)
		}
		rows(transpose(x, y, z, rhw), out, vertexSize)
		for _, v := range [2]VecVirtual{x, y} {
			in := YMM()
			VCMPPS(U8(30), minusReach, v, in)
			VCMPPS(U8(17), reach, v, m)
			VANDPS(m, in, in)
			VMULPS(sub, v, v)
			VCVTPS2DQ(v, v)
			VANDPS(in, v, v)
			VANDNPS(codes[6], in, m)
			VORPS(m, code, code)
		}
		rows(transpose(x, y, code, z), spots, spotSize)
		ADDQ(U32(8*vertexSize), out)
		ADDQ(U8(8*spotSize), spots)
	}, clip)
}

func scatter() {
	function("scatterAVX2", "func(out *byte, front, back *uint32, n int)", "scatterAVX2 puts colours into vertices.")
	out, front, back, n := load("out"), load("front"), load("back"), load("n")
	each(n, func() {
		f, b, lo, hi := read(at(front, 0)), read(at(back, 0)), YMM(), YMM()
		VUNPCKLPS(b, f, lo)
		VUNPCKHPS(b, f, hi)
		for i, v := range [2]VecVirtual{lo, hi} {
			up := XMM()
			VEXTRACTF128(U8(1), v, up)
			for j, x := range [2]VecVirtual{v.AsX().(VecVirtual), up} {
				first := 4*j + 2*i
				VMOVLPS(x, Mem{Base: out, Disp: vertexSize*first + vertexColors})
				VMOVHPS(x, Mem{Base: out, Disp: vertexSize*(first+1) + vertexColors})
			}
		}
		ADDQ(U32(8*vertexSize), out)
	}, front, back)
}
