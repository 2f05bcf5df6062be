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
			generate(channels, lerp)
		}
	}
	split()
	Generate()
}

// fields are the offsets of type phase's fields; p points at the first.
var fields = map[string]int{
	"pos": 0, "row": 8, "rem": 16,
	"stepPos": 24, "stepRow": 32, "stepRem": 40,
	"rows": 48, "unit": 56, "pitch": 64,
	"slot": 72, "inverse": 80,
}

// kernel is one of the functions described at type kernels while it is being written.
type kernel struct {
	channels int
	lerp     bool
	in       []string // names of the planes
	out      reg.Register
	n        reg.Register
	p        reg.Register
	bytes    reg.GPVirtual // of a row
	pos, row reg.GPVirtual
	rem      reg.GPVirtual // or the slot
}

// frame is what the inner product of one output frame needs.
type frame struct {
	coef reg.GPVirtual // behind the window's last coefficient
	f    reg.VecVirtual
	sum  []reg.VecVirtual // one a channel
	sum2 []reg.VecVirtual // with the next row, or of every other group
}

// generate emits one function. Two output frames whose windows begin in the same group of eight input frames are made at once,
// from the same loads of the input; the order of additions is that of dot either way.
func generate(channels int, lerp bool) {
	k := &kernel{channels: channels, lerp: lerp, in: []string{"in"}}
	name, signature := "mono", "func(out, in, coef []float32, stride, n int, p *int)"
	if channels == 2 {
		k.in = []string{"left", "right"}
		name, signature = "stereo", "func(out, left, right, coef []float32, stride, n int, p *int)"
	}
	if lerp {
		name += "Lerp"
	}
	TEXT(name+"AVX2", NOSPLIT, signature)
	Pragma("noescape")
	k.out = Load(Param("out").Base(), GP64())
	k.n = Load(Param("n"), GP64())
	k.p = Load(Param("p"), GP64())
	k.bytes = GP64()
	MOVQ(k.field("pitch"), k.bytes)
	SHLQ(Imm(2), k.bytes)

	Label("next")
	TESTQ(k.n, k.n)
	JZ(LabelRef("done"))
	k.load()
	x := k.windows()
	group := GP64()
	MOVQ(k.pos, group)
	SHRQ(Imm(3), group)
	first := k.begin()
	k.advance()
	k.store()
	CMPQ(k.n, Imm(1))
	JE(LabelRef("single"))
	same := GP64()
	MOVQ(k.pos, same)
	SHRQ(Imm(3), same)
	CMPQ(same, group)
	JNE(LabelRef("single"))
	second := k.begin()
	k.advance()
	k.store()
	k.products("pair", x, first, second)
	k.finish(first, second)
	SUBQ(Imm(2), k.n)
	JMP(LabelRef("next"))

	Label("single")
	k.products("taps", x, first)
	k.finish(first)
	DECQ(k.n)
	JMP(LabelRef("next"))

	Label("done")
	VZEROUPPER()
	RET()
}

func (k *kernel) field(name string) Mem { return Mem{Base: k.p, Disp: fields[name]} }

func (k *kernel) load() {
	k.pos, k.row = GP64(), GP64()
	MOVQ(k.field("pos"), k.pos)
	MOVQ(k.field("row"), k.row)
	k.rem = GP64()
	MOVQ(k.field(k.third()), k.rem)
}

func (k *kernel) third() string {
	if k.lerp {
		return "rem"
	}
	return "slot"
}

func (k *kernel) store() {
	MOVQ(k.pos, k.field("pos"))
	MOVQ(k.row, k.field("row"))
	MOVQ(k.rem, k.field(k.third()))
}

// windows are the addresses behind the last input frame of the window, on each plane.
func (k *kernel) windows() (x []reg.GPVirtual) {
	for _, name := range k.in {
		at := GP64()
		MOVQ(k.pos, at)
		ANDQ(I8(-8), at)
		SHLQ(Imm(2), at)
		ADDQ(k.bytes, at)
		ADDQ(address(Param(name).Base()), at)
		x = append(x, at)
	}
	return x
}

// begin finds the coefficients of the frame at the present phase, and how far it lies between two rows.
func (k *kernel) begin() *frame {
	f := &frame{coef: GP64()}
	if k.lerp {
		MOVQ(k.row, f.coef)
	} else {
		MOVQ(k.rem, f.coef)
	}
	IMULQ(k.bytes, f.coef)
	ADDQ(k.bytes, f.coef)
	ADDQ(address(Param("coef").Base()), f.coef)
	shift := GP64()
	MOVQ(k.pos, shift)
	ANDQ(Imm(7), shift)
	NEGQ(shift)
	LEAQ(Mem{Base: f.coef, Index: shift, Scale: 4, Disp: 32}, f.coef)
	if k.lerp {
		f.f = XMM()
		VXORPS(f.f, f.f, f.f)
		VCVTSI2SSQ(k.rem, f.f, f.f)
		VMULSS(k.field("inverse"), f.f, f.f)
	}
	return f
}

// advance is phase.advance without branches.
func (k *kernel) advance() {
	if k.lerp {
		k.carry(k.rem, k.field("stepRem"), k.field("unit"), k.row)
	} else {
		zero := GP64()
		XORQ(zero, zero)
		INCQ(k.rem)
		CMPQ(k.rem, k.field("rows"))
		CMOVQEQ(zero, k.rem)
	}
	k.carry(k.row, k.field("stepRow"), k.field("rows"), k.pos)
	ADDQ(k.field("stepPos"), k.pos)
}

// carry adds step to a digit; where that reaches the radix, it is taken off and one added to the next digit.
func (k *kernel) carry(digit reg.GPVirtual, step, radix Mem, next reg.GPVirtual) {
	ADDQ(step, digit)
	less := GP64()
	MOVQ(digit, less)
	SUBQ(radix, less)
	CMOVQGE(less, digit)
	SETGE(less.As8())
	MOVBQZX(less.As8(), less)
	ADDQ(less, next)
}

// products sums up the lanes of one or two frames: with both rows, or in two sets, groups of eight taking turns.
func (k *kernel) products(label string, x []reg.GPVirtual, frames ...*frame) {
	index, beyond := GP64(), reg.GPVirtual(nil)
	MOVQ(k.bytes, index)
	NEGQ(index)
	if k.lerp {
		beyond = GP64()
		XORQ(beyond, beyond)
	}
	zeros := func(n int) (v []reg.VecVirtual) {
		for range n {
			y := YMM()
			VXORPS(y, y, y)
			v = append(v, y)
		}
		return v
	}
	for _, f := range frames {
		f.sum, f.sum2 = zeros(k.channels), zeros(k.channels)
	}
	Label(label)
	for half := range 2 {
		if half == 1 && k.lerp {
			break
		}
		at := func(base, index reg.Register) Mem { return Mem{Base: base, Index: index, Scale: 1, Disp: 32 * half} }
		var v []reg.VecVirtual
		for _, plane := range x {
			y := YMM()
			VMOVUPS(at(plane, index), y)
			v = append(v, y)
		}
		for _, f := range frames {
			switch {
			case k.lerp:
				multiply(at(f.coef, index), v, f.sum)
				multiply(at(f.coef, beyond), v, f.sum2)
			case half == 0:
				multiply(at(f.coef, index), v, f.sum)
			default:
				multiply(at(f.coef, index), v, f.sum2)
			}
		}
	}
	if k.lerp {
		ADDQ(Imm(32), beyond)
		ADDQ(Imm(32), index)
	} else {
		ADDQ(Imm(64), index)
	}
	JNZ(LabelRef(label))
}

// multiply adds the products of eight coefficients with those of the input to the sums of the channels.
func multiply(row Mem, v, sums []reg.VecVirtual) {
	if len(v) == 1 {
		product := YMM()
		VMULPS(row, v[0], product)
		VADDPS(product, sums[0], sums[0])
		return
	}
	w := YMM()
	VMOVUPS(row, w)
	for ch := range v {
		product := YMM()
		VMULPS(v[ch], w, product)
		VADDPS(product, sums[ch], sums[ch])
	}
}

// finish adds up the lanes and puts the frames out.
func (k *kernel) finish(frames ...*frame) {
	stride := GP64()
	MOVQ(address(Param("stride")), stride)
	for _, f := range frames {
		if !k.lerp {
			for ch := range f.sum {
				VADDPS(f.sum2[ch], f.sum[ch], f.sum[ch])
			}
		}
		sum := reduce(f.sum)
		if k.lerp {
			sum2 := reduce(f.sum2)
			VBROADCASTSS(f.f, f.f)
			VSUBPS(sum, sum2, sum2)
			VMULPS(f.f, sum2, sum2)
			VADDPS(sum2, sum, sum)
		}
		if k.channels == 2 {
			VMOVLPS(sum, Mem{Base: k.out})
		} else {
			VMOVSS(sum, Mem{Base: k.out})
		}
		LEAQ(Mem{Base: k.out, Index: stride, Scale: 4}, k.out)
	}
}

// reduce adds neighbours, pairs of them, and halves; the sums of both channels end in the first two lanes.
func reduce(sums []reg.VecVirtual) reg.VecVirtual {
	first, last := sums[0], sums[len(sums)-1]
	VHADDPS(last, first, first)
	VHADDPS(first, first, first)
	high := XMM()
	VEXTRACTF128(Imm(1), first, high)
	sum := first.AsX()
	VADDPS(high, sum, sum)
	return sum.(reg.VecVirtual)
}

// address is where a parameter or a part of one lies.
func address(c gotypes.Component) Op {
	basic, err := c.Resolve()
	if err != nil {
		panic(err)
	}
	return basic.Addr
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
