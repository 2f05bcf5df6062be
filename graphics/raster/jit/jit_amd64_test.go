package jit

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
	"unsafe"

	"golang.org/x/sys/cpu"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/host"
)

// arena is the memory that test programs know: inputs, the frame, and outputs.
type arena struct {
	in    [16][8]uint32
	bytes [16]uint8
	_     [16]uint8
	table [64]uint32
	frame [64][8]uint32
	out   [64][8]uint32
	small [8]uint64
}

var at arena

func offset(p uintptr) Mem { return Mem{Base: DI, Disp: int32(p)} }

// program is a block with what it is to store.
type program struct {
	b    Block
	outs []Value
	exit Value // or -1
}

// random writes a program of about n operations.
func random(r *rand.Rand, n int) *program {
	p := &program{exit: -1}
	b := &p.b
	var ints, floats, masks []Value
	pick := func(v []Value) Value { return v[r.IntN(len(v))] }
	for i := range 6 {
		ints = append(ints, b.Load(offset(unsafe.Offsetof(at.in)+uintptr(32*i))))
		floats = append(floats, b.Load(offset(unsafe.Offsetof(at.in)+uintptr(32*(6+i)))))
	}
	ints = append(ints, b.Int(r.Int32()-1<<30), b.Bytes(offset(unsafe.Offsetof(at.bytes))), b.Spread(offset(unsafe.Offsetof(at.in)+4)))
	floats = append(floats, b.Const(r.Float32()*8-4), b.Spread(offset(unsafe.Offsetof(at.in)+32*6+8)))
	masks = append(masks, b.Mask(offset(unsafe.Offsetof(at.bytes)+3)), b.GreaterI(ints[0], ints[1]), b.LessF(floats[0], floats[1]))
	all := func() Value {
		switch r.IntN(3) {
		case 0:
			return pick(ints)
		case 1:
			return pick(floats)
		}
		return pick(masks)
	}
	two := []func(x, y Value) Value{b.AddI, b.SubI, b.And, b.AndNot, b.Or, b.Xor, b.MaxI, b.MinI, b.MulI, b.MulShort, b.ShiftRBy, b.AddW, b.SubW, b.MulHighW, b.MulBytesW, b.PackW, b.LowBytes, b.HighBytes, b.MulW, b.AddBytes, b.SubBytes, b.PackI}
	twoF := []func(x, y Value) Value{b.AddF, b.SubF, b.MulF, b.DivF, b.MaxF, b.MinF}
	compare := []func(x, y Value) Value{b.EqualF, b.LessF, b.GreaterF}
	shift := []func(x Value, n uint8) Value{b.ShiftL, b.ShiftR, b.ShiftA}
	for range n {
		switch r.IntN(10) {
		case 0, 1, 2:
			ints = append(ints, two[r.IntN(len(two))](pick(ints), pick(ints)))
		case 3, 4:
			floats = append(floats, twoF[r.IntN(len(twoF))](pick(floats), pick(floats)))
		case 5:
			ints = append(ints, shift[r.IntN(3)](pick(ints), uint8(r.IntN(32))))
		case 6:
			masks = append(masks, compare[r.IntN(3)](pick(floats), pick(floats)), b.EqualI(pick(ints), pick(ints)))
		case 7:
			m := pick(masks)
			ints = append(ints, b.Select(m, pick(ints), pick(ints)))
			floats = append(floats, b.Select(m, pick(floats), pick(floats)))
		case 8:
			ints = append(ints, b.Cut(pick(floats)), b.Nearest(pick(floats)))
			floats = append(floats, b.Float(pick(ints)), b.Floor(pick(floats)))
		case 9:
			ints = append(ints, b.Gather(SI, b.And(pick(ints), b.Int(63))), b.Pairs(SI, b.And(pick(ints), b.Int(62)), r.IntN(2) == 0))
			var pattern [16]byte
			for i := range pattern {
				pattern[i] = byte(r.Uint32()) & 0x8f
			}
			ints = append(ints, b.Shuffle(pick(ints), pattern), b.ShiftRW(pick(ints), uint8(r.IntN(16))), b.ShiftLW(pick(ints), uint8(r.IntN(16))))
		}
	}
	for range 1 + r.IntN(20) {
		p.outs = append(p.outs, all())
	}
	if r.IntN(2) == 0 {
		p.exit = pick(masks)
	}
	for i, v := range p.outs {
		if i == len(p.outs)/2 && p.exit >= 0 {
			b.Unless(p.exit)
		}
		b.Store(offset(unsafe.Offsetof(at.out)+uintptr(32*i)), v)
	}
	b.StoreBytes(offset(unsafe.Offsetof(at.small)), p.outs[0])
	return p
}

// model computes a block as its methods say.
func model(b *Block, a *arena) {
	mem := unsafe.Slice((*byte)(unsafe.Pointer(a)), unsafe.Sizeof(*a))
	word := func(off int32) uint32 { return binary.LittleEndian.Uint32(mem[off:]) }
	v := make([][8]uint32, len(b.nodes))
	for i, n := range b.nodes {
		for l := range 8 {
			var x, y uint32
			if n.a >= 0 {
				x = v[n.a][l]
			}
			if n.b >= 0 {
				y = v[n.b][l]
			}
			fx, fy := math.Float32frombits(x), math.Float32frombits(y)
			yes := func(c bool) uint32 {
				if c {
					return ^uint32(0)
				}
				return 0
			}
			f := func(r float32) uint32 { return math.Float32bits(r) }
			var r uint32
			switch n.op {
			case opLiteral:
				r = b.literals[n.imm][l]
			case opSpread:
				r = word(n.mem.Disp)
			case opLoad:
				r = word(n.mem.Disp + int32(4*l))
			case opBytes:
				r = uint32(mem[n.mem.Disp+int32(l)])
			case opMask:
				r = yes(mem[n.mem.Disp]>>l&1 != 0)
			case opAddI:
				r = x + y
			case opSubI:
				r = x - y
			case opAnd:
				r = x & y
			case opAndNot:
				r = ^x & y
			case opOr:
				r = x | y
			case opXor:
				r = x ^ y
			case opEqualI:
				r = yes(x == y)
			case opGreaterI:
				r = yes(int32(x) > int32(y))
			case opMaxI:
				r = uint32(max(int32(x), int32(y)))
			case opMinI:
				r = uint32(min(int32(x), int32(y)))
			case opMulI:
				r = x * y
			case opMulPair:
				r = uint32(int32(int16(x))*int32(int16(y))) + uint32(int32(int16(x>>16))*int32(int16(y>>16)))
			case opShiftRV:
				r = x >> y
			case opAddW, opSubW, opMulW, opMulHigh, opMulBytes, opShiftRW, opShiftLW:
				for k := 0; k < 32; k += 16 {
					r |= uint32(uint16(wordOf(&n, x>>k, y>>k))) << k
				}
			case opAddBytes, opSubBytes, opPackW, opPack, opShuffle, opLowBytes, opHighBytes:
				for k := range 4 {
					r |= uint32(byteOf(&n, v, l, k)) << (8 * k)
				}
			case opPairs:
				from := l&^3 + 2*int(n.imm) + l%4/2
				r = a.table[v[n.a][from]+uint32(l%2)]
			case opAddF:
				r = f(fx + fy)
			case opSubF:
				r = f(fx - fy)
			case opMulF:
				r = f(float32(fx * fy))
			case opDivF:
				r = f(fx / fy)
			case opMaxF:
				if r = y; fx > fy {
					r = x
				}
			case opMinF:
				if r = y; fx < fy {
					r = x
				}
			case opCompareF:
				r = yes(n.imm == cmpEqual && fx == fy || n.imm == cmpLess && fx < fy || n.imm == cmpGreater && fx > fy)
			case opShiftL:
				r = x << n.imm
			case opShiftR:
				r = x >> n.imm
			case opShiftA:
				r = uint32(int32(x) >> n.imm)
			case opRound:
				r = f(float32(math.Floor(float64(fx))))
			case opNearest:
				r = integer(math.RoundToEven(float64(fx)))
			case opCut:
				r = integer(math.Trunc(float64(fx)))
			case opFloat:
				r = f(float32(int32(x)))
			case opSelect:
				if r = y; int32(v[n.c][l]) < 0 {
					r = x
				}
			case opGather:
				r = a.table[x]
			case opStore:
				binary.LittleEndian.PutUint32(mem[n.mem.Disp+int32(4*l):], x)
			case opStoreBytes:
				mem[n.mem.Disp+int32(l)] = byte(x)
			case opUnless:
				if v[n.a] == [8]uint32{} {
					return
				}
			}
			v[i][l] = r
		}
	}
}

// wordOf computes a 16-bit word.
func wordOf(n *node, x, y uint32) int32 {
	a, b := int32(int16(x)), int32(int16(y))
	switch n.op {
	case opAddW:
		return a + b
	case opSubW:
		return a - b
	case opMulW:
		return a * b
	case opShiftLW:
		return a << n.imm
	case opMulHigh:
		return (a*b + 1<<14) >> 15
	case opShiftRW:
		return int32(uint16(a)) >> n.imm
	}
	sum := int32(uint8(x))*int32(int8(y)) + int32(uint8(x>>8))*int32(int8(y>>8))
	return min(max(sum, math.MinInt16), math.MaxInt16)
}

// byteOf computes byte k of lane l.
func byteOf(n *node, v [][8]uint32, l, k int) byte {
	half, at := l&^3, l%4*4+k
	if n.op == opShuffle {
		p := v[n.b][l] >> (8 * k)
		if p&0x80 != 0 {
			return 0
		}
		return byte(v[n.a][half+int(p&15)/4] >> (8 * (p & 3)))
	}
	from := &v[n.a]
	switch x, y := int(byte(v[n.a][l]>>(8*k))), 0; n.op {
	case opAddBytes, opSubBytes:
		y = int(byte(v[n.b][l] >> (8 * k)))
		if n.op == opSubBytes {
			y = -y
		}
		return byte(min(max(x+y, 0), 255))
	case opPackW:
		i := at / 2
		if i >= 4 {
			from, i = &v[n.b], i-4
		}
		return byte(min(max(int32(from[half+i]), math.MinInt16), math.MaxInt16) >> (8 * (at % 2)))
	}
	if n.op != opPack {
		if at%2 == 1 {
			from = &v[n.b]
		}
		if at /= 2; n.op == opHighBytes {
			at += 8
		}
		return byte(from[half+at/4] >> (8 * (at % 4)))
	}
	if at >= 8 {
		from, at = &v[n.b], at-8
	}
	return byte(min(max(int16(from[half+at/2]>>(16*(at%2))), 0), 255))
}

func integer(v float64) uint32 {
	if v >= math.MinInt32 && v <= math.MaxInt32 {
		return uint32(int32(v))
	}
	return 1 << 31
}

// same says that two words are equal, or floats that are no numbers: which of them
// an operation gives is not said.
func same(a, b uint32) bool {
	no := func(v uint32) bool { return v&0x7f800000 == 0x7f800000 && v&0x7fffff != 0 }
	return a == b || no(a) && no(b)
}

func needed(t testing.TB) machine.Coder {
	t.Helper()
	if !cpu.X86.HasAVX2 {
		t.Skip("this processor has no AVX2")
	}
	c, ok := any(host.New()).(machine.Coder)
	if !ok {
		t.Skip("on this system code is not made at run time")
	}
	return c
}

// assemble makes a program with the frame the block may use.
func assemble(t testing.TB, c machine.Coder, p *program, slots int) machine.Code {
	t.Helper()
	a := New()
	end := a.Label()
	a.Lea(SI, offset(unsafe.Offsetof(at.table)))
	a.Emit(&p.b, Frame{offset(unsafe.Offsetof(at.frame)), slots}, end)
	a.Here(end)
	a.Return()
	text, err := a.Code()
	if err != nil {
		t.Fatal(err)
	}
	code, err := c.NewCode(text)
	if com.CodeOf(err) == com.ErrNotSupported {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// TestProgramsComputeWhatTheySay runs random programs as machine code and by the
// model.
func TestProgramsComputeWhatTheySay(t *testing.T) {
	c := needed(t)
	for seed := range uint64(600) {
		r := rand.New(rand.NewPCG(seed, 1))
		p := random(r, 5+r.IntN(150))
		code := assemble(t, c, p, len(at.frame))
		for range 4 {
			got := &arena{}
			for i := range got.in {
				for l := range got.in[i] {
					got.in[i][l] = r.Uint32() >> r.IntN(32)
					if i >= 6 {
						got.in[i][l] = math.Float32bits((r.Float32() - 0.5) * float32(math.Exp2(float64(r.IntN(70)-30))))
					}
				}
			}
			for i := range got.bytes {
				got.bytes[i] = byte(r.Uint32())
			}
			for i := range got.table {
				got.table[i] = r.Uint32()
			}
			want := *got
			model(&p.b, &want)
			Call(code.Entry(), unsafe.Pointer(got))
			for i := range got.out {
				for l := range got.out[i] {
					if !same(got.out[i][l], want.out[i][l]) {
						t.Fatalf("seed %d: output %d, lane %d is %#x, and %#x is right", seed, i, l, got.out[i][l], want.out[i][l])
					}
				}
			}
			if v := p.b.nodes[p.outs[0]].op; got.small != want.small && v < opAddF {
				t.Fatalf("seed %d: bytes %x, and %x are right", seed, got.small, want.small)
			}
		}
		if err := code.Release(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCodeAndCollector runs code while memory is collected all the time.
func TestCodeAndCollector(t *testing.T) {
	c := needed(t)
	p := random(rand.New(rand.NewPCG(5, 5)), 60)
	code := assemble(t, c, p, len(at.frame))
	defer code.Release()
	done := make(chan bool)
	go func() {
		for {
			select {
			case <-done:
				done <- true
				return
			default:
				runtime.GC()
			}
		}
	}()
	var a arena
	for range 200000 {
		Call(code.Entry(), unsafe.Pointer(&a))
	}
	done <- true
	<-done
}

// TestFrameTooSmall is refused, not written beyond.
func TestFrameTooSmall(t *testing.T) {
	a := New()
	var b Block
	var v []Value
	for i := range 40 {
		v = append(v, b.AddI(b.Load(Mem{Base: DI, Disp: int32(32 * i)}), b.Int(int32(i))))
	}
	for i := range v {
		b.Store(Mem{Base: SI, Disp: int32(32 * i)}, b.Xor(v[i], v[len(v)-1-i]))
	}
	a.Emit(&b, Frame{Mem{Base: DX}, 3}, a.Label())
	if _, err := a.Code(); err == nil {
		t.Fatal("a frame of 3 vectors was enough")
	}
}

// TestLabelNowhere is refused.
func TestLabelNowhere(t *testing.T) {
	a := New()
	a.JumpIf(Equal, a.Label())
	if _, err := a.Code(); err == nil {
		t.Fatal("a jump to nowhere was assembled")
	}
}
