// Command gen writes the AVX2 kernels of package resample. It is a module of its own, so that the card's module does not
// depend on the assembler generator; go generate in the package runs it.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/gotypes"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64")
	for _, lerp := range []bool{false, true} {
		for _, channels := range []int{1, 2} {
			kernel(channels, lerp)
		}
	}
	split()
	Generate()
}

// split emits the separation of interleaved stereo, eight frames at a time; the length of left is a multiple of that.
func split() {
	TEXT("splitAVX2", NOSPLIT, "func(left, right, src []float32)")
	Pragma("noescape")
	left := Load(Param("left").Base(), GP64())
	right := Load(Param("right").Base(), GP64())
	src := Load(Param("src").Base(), GP64())
	n := Load(Param("left").Len(), GP64())
	SHRQ(Imm(3), n)
	JZ(LabelRef("end"))
	Label("eight")
	first, second, even, odd := YMM(), YMM(), YMM(), YMM()
	VMOVUPS(Mem{Base: src}, first)
	VMOVUPS(Mem{Base: src, Disp: 32}, second)
	VSHUFPS(Imm(0x88), second, first, even)
	VSHUFPS(Imm(0xdd), second, first, odd)
	VPERMPD(Imm(0xd8), even, even)
	VPERMPD(Imm(0xd8), odd, odd)
	VMOVUPS(even, Mem{Base: left})
	VMOVUPS(odd, Mem{Base: right})
	ADDQ(Imm(64), src)
	ADDQ(Imm(32), left)
	ADDQ(Imm(32), right)
	DECQ(n)
	JNZ(LabelRef("eight"))
	VZEROUPPER()
	Label("end")
	RET()
}

// fields are the offsets of type phase's fields; p points at the first.
var fields = map[string]int{
	"pos": 0, "row": 8, "rem": 16,
	"stepPos": 24, "stepRow": 32, "stepRem": 40,
	"rows": 48, "unit": 56, "taps": 64,
	"inverse": 72,
}

// cursor is the phase: what changes in registers, the rest where it lies in memory.
type cursor struct {
	pos, row, rem                reg.GPVirtual
	posField, rowField, remField Op
	stepPos, stepRow, stepRem    Op
	rows, unit, taps, inverse    Op
}

// kernel emits one of the four functions described at type kernels. The order of additions is that of dot: sixteen lanes in
// two registers, lane j with j+8, neighbours, halves.
func kernel(channels int, lerp bool) {
	name, signature := "mono", "func(out, in, coef []float32, stride, n int, p *int)"
	if channels == 2 {
		name, signature = "stereo", "func(out, left, right, coef []float32, stride, n int, p *int)"
	}
	if lerp {
		name += "Lerp"
	}
	TEXT(name+"AVX2", NOSPLIT, signature)
	Pragma("noescape")

	out := Load(Param("out").Base(), GP64())
	n := Load(Param("n"), GP64())
	names := []string{"in"}
	if channels == 2 {
		names = []string{"left", "right"}
	}
	c := loadCursor(lerp)
	size := GP64()
	MOVQ(c.taps, size)
	SHLQ(Imm(2), size)

	TESTQ(n, n)
	JZ(LabelRef("done"))
	Label("frame")
	// All addresses point behind a window, and the index runs from minus its size to zero.
	table := GP64()
	MOVQ(c.row, table)
	IMULQ(size, table)
	ADDQ(size, table)
	ADDQ(address(Param("coef").Base()), table)
	var second reg.GPVirtual
	if lerp {
		second = GP64()
		LEAQ(Mem{Base: table, Index: size, Scale: 1}, second)
	}
	var x []reg.GPVirtual
	for _, name := range names {
		p := GP64()
		MOVQ(address(Param(name).Base()), p)
		LEAQ(Mem{Base: p, Index: c.pos, Scale: 4}, p)
		ADDQ(size, p)
		x = append(x, p)
	}
	index := GP64()
	MOVQ(size, index)
	NEGQ(index)
	a := accumulators(channels)
	b := [][2]reg.VecVirtual(nil)
	if lerp {
		b = accumulators(channels)
	}

	Label("taps")
	for half := range 2 {
		at := func(base reg.Register) Mem { return Mem{Base: base, Index: index, Scale: 1, Disp: 32 * half} }
		w := YMM()
		VMOVUPS(at(table), w)
		if !lerp {
			for ch := range channels {
				product := YMM()
				VMULPS(at(x[ch]), w, product)
				VADDPS(product, a[ch][half], a[ch][half])
			}
			continue
		}
		w2 := YMM()
		VMOVUPS(at(second), w2)
		for ch := range channels {
			v, product, product2 := YMM(), YMM(), YMM()
			VMOVUPS(at(x[ch]), v)
			VMULPS(v, w, product)
			VADDPS(product, a[ch][half], a[ch][half])
			VMULPS(v, w2, product2)
			VADDPS(product2, b[ch][half], b[ch][half])
		}
	}
	ADDQ(Imm(64), index)
	JNZ(LabelRef("taps"))

	sum := reduce(a)
	if lerp {
		sum2 := reduce(b)
		f := XMM()
		VXORPS(f, f, f)
		VCVTSI2SSQ(c.rem, f, f)
		VMULSS(c.inverse, f, f)
		VBROADCASTSS(f, f)
		VSUBPS(sum, sum2, sum2)
		VMULPS(f, sum2, sum2)
		VADDPS(sum2, sum, sum)
	}
	if channels == 2 {
		VMOVLPS(sum, Mem{Base: out})
	} else {
		VMOVSS(sum, Mem{Base: out})
	}
	stride := GP64()
	MOVQ(address(Param("stride")), stride)
	LEAQ(Mem{Base: out, Index: stride, Scale: 4}, out)
	c.advance(lerp)
	DECQ(n)
	JNZ(LabelRef("frame"))

	Label("done")
	VZEROUPPER()
	MOVQ(c.pos, c.posField)
	MOVQ(c.row, c.rowField)
	if lerp {
		MOVQ(c.rem, c.remField)
	}
	RET()
}

func loadCursor(lerp bool) *cursor {
	p := Load(Param("p"), GP64())
	field := func(name string) Op { return Mem{Base: p, Disp: fields[name]} }
	c := &cursor{
		pos: GP64(), row: GP64(),
		posField: field("pos"), rowField: field("row"), remField: field("rem"),
		stepPos: field("stepPos"), stepRow: field("stepRow"), stepRem: field("stepRem"),
		rows: field("rows"), unit: field("unit"), taps: field("taps"), inverse: field("inverse"),
	}
	MOVQ(c.posField, c.pos)
	MOVQ(c.rowField, c.row)
	if lerp {
		c.rem = GP64()
		MOVQ(c.remField, c.rem)
	}
	return c
}

// address is where a parameter or a field of one lies.
func address(c gotypes.Component) Op {
	basic, err := c.Resolve()
	if err != nil {
		panic(err)
	}
	return basic.Addr
}

// advance is phase.advance without branches.
func (c *cursor) advance(lerp bool) {
	wrapped := GP64()
	if lerp {
		ADDQ(c.stepRem, c.rem)
		MOVQ(c.rem, wrapped)
		SUBQ(c.unit, wrapped)
		CMOVQGE(wrapped, c.rem)
		// The carry is 1 where the subtraction did not go below zero.
		SETGE(wrapped.As8())
		MOVBQZX(wrapped.As8(), wrapped)
		ADDQ(wrapped, c.row)
	}
	ADDQ(c.stepRow, c.row)
	next := GP64()
	MOVQ(c.row, next)
	SUBQ(c.rows, next)
	CMOVQGE(next, c.row)
	SETGE(next.As8())
	MOVBQZX(next.As8(), next)
	ADDQ(next, c.pos)
	ADDQ(c.stepPos, c.pos)
}

func accumulators(channels int) (a [][2]reg.VecVirtual) {
	for range channels {
		pair := [2]reg.VecVirtual{YMM(), YMM()}
		for _, r := range pair {
			VXORPS(r, r, r)
		}
		a = append(a, pair)
	}
	return a
}

// reduce adds up the lanes; the sums of both channels end in the first two lanes.
func reduce(a [][2]reg.VecVirtual) reg.VecVirtual {
	for _, pair := range a {
		VADDPS(pair[1], pair[0], pair[0])
	}
	first, last := a[0][0], a[len(a)-1][0]
	VHADDPS(last, first, first)
	high := XMM()
	VEXTRACTF128(Imm(1), first, high)
	sum := first.AsX()
	VADDPS(high, sum, sum)
	VHADDPS(sum, sum, sum)
	return sum.(reg.VecVirtual)
}
