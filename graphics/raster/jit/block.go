package jit

import "math"

// Value is the result of an operation of a Block: eight lanes of 32 bits.
type Value int32

// op is an operation.
type op uint8

const (
	opNone op = iota
	// Inputs.
	opLiteral // imm: number in Block.literals
	opSpread  // of a word in memory
	opLoad    // of eight words in memory
	opBytes   // of eight bytes in memory, with zeros above
	opMask    // of a byte in memory: lane i is all ones where bit i is set
	// Two operands.
	opAddI
	opSubI
	opAnd
	opAndNot // not a, and b
	opOr
	opXor
	opEqualI
	opGreaterI // signed
	opMaxI     // signed
	opMinI
	opMulI    // lowest 32 bits
	opMulPair // products of 16-bit halves, added
	opAddW    // of 16-bit words
	opSubW
	opMulW
	opAddBytes // without a sign, with saturation
	opSubBytes
	opPackW     // 32-bit integers with signs to words, with saturation, as opPack
	opMulHigh   // words, signed: the product's upper bits, rounded
	opMulBytes  // unsigned by signed, products of neighbours added to words
	opPack      // words to bytes with saturation, a's and b's in each half
	opShuffle   // bytes of a, by those of b
	opLowBytes  // bytes of a and b in turn, of the lower half of each half
	opHighBytes // and of the upper one
	opShiftRV   // by another's lanes
	opAddF
	opSubF
	opMulF
	opDivF
	opMaxF // b where either is no number
	opMinF
	opCompareF // imm: predicate
	// One operand and a number.
	opShiftL
	opShiftR
	opShiftA  // signed
	opShiftRW // words
	opShiftLW
	opRound // imm: rounding
	opNearest
	opCut
	opFloat
	// Others.
	opSelect // a where the top bit of c is set, otherwise b
	opGather // words at b, 4*a bytes beyond the register base
	opPairs  // imm: which; two words each, of four lanes
	// Effects.
	opStore
	opStoreBytes
	opUnless // leaves the block if no bit of a is set
)

// node is an operation with its operands.
type node struct {
	op      op
	a, b, c Value // -1: none
	imm     uint32
	mem     Mem
}

// Block is a straight-line computation. The zero Block is empty.
//
// Its methods write operations down and return their results; floats are IEEE 754
// singles, each operation rounded on its own.
type Block struct {
	nodes    []node
	literals []literal
	known    map[node]Value
	lits     map[literal]Value
}

func (b *Block) add(n node) Value {
	if n.op < opStore {
		if v, ok := b.known[n]; ok {
			return v
		}
	}
	b.nodes = append(b.nodes, n)
	v := Value(len(b.nodes) - 1)
	if n.op < opStore {
		if b.known == nil {
			b.known = map[node]Value{}
		}
		b.known[n] = v
	}
	return v
}

func (b *Block) two(o op, x, y Value) Value { return b.add(node{op: o, a: x, b: y, c: -1}) }
func (b *Block) one(o op, x Value, imm uint32) Value {
	return b.add(node{op: o, a: x, b: -1, c: -1, imm: imm})
}

// Lanes is a vector.
func (b *Block) Lanes(l [8]uint32) Value {
	if v, ok := b.lits[l]; ok {
		return v
	}
	if b.lits == nil {
		b.lits = map[literal]Value{}
	}
	b.literals = append(b.literals, l)
	v := b.add(node{op: opLiteral, a: -1, b: -1, c: -1, imm: uint32(len(b.literals) - 1)})
	b.lits[l] = v
	return v
}

// Int is a number in all lanes.
func (b *Block) Int(v int32) Value {
	u := uint32(v)
	return b.Lanes([8]uint32{u, u, u, u, u, u, u, u})
}

// Const is a float in all lanes.
func (b *Block) Const(v float32) Value { return b.Int(int32(math.Float32bits(v))) }

// Spread is a word of memory, in all lanes.
func (b *Block) Spread(m Mem) Value { return b.add(node{op: opSpread, a: -1, b: -1, c: -1, mem: m}) }

// Load is eight words of memory. They may be read at any time until they are used
// for the last time, so the block may write there only after that.
func (b *Block) Load(m Mem) Value { return b.add(node{op: opLoad, a: -1, b: -1, c: -1, mem: m}) }

// Bytes is eight bytes of memory, one a lane, read as Load reads.
func (b *Block) Bytes(m Mem) Value { return b.add(node{op: opBytes, a: -1, b: -1, c: -1, mem: m}) }

// Mask has all bits set in the lanes whose bits are set in a byte of memory.
func (b *Block) Mask(m Mem) Value { return b.add(node{op: opMask, a: -1, b: -1, c: -1, mem: m}) }

// AddI is x + y, of whole numbers that wrap around.
func (b *Block) AddI(x, y Value) Value { return b.two(opAddI, x, y) }

// SubI is x - y.
func (b *Block) SubI(x, y Value) Value { return b.two(opSubI, x, y) }

// And has the bits both have.
func (b *Block) And(x, y Value) Value { return b.two(opAnd, x, y) }

// AndNot has the bits of y that x has not.
func (b *Block) AndNot(x, y Value) Value { return b.two(opAndNot, x, y) }

// Or has the bits either has.
func (b *Block) Or(x, y Value) Value { return b.two(opOr, x, y) }

// Xor has the bits only one has.
func (b *Block) Xor(x, y Value) Value { return b.two(opXor, x, y) }

// EqualI has all bits set where x == y.
func (b *Block) EqualI(x, y Value) Value { return b.two(opEqualI, x, y) }

// GreaterI has them set where x > y, signed.
func (b *Block) GreaterI(x, y Value) Value { return b.two(opGreaterI, x, y) }

// MaxI is the greater, signed.
func (b *Block) MaxI(x, y Value) Value { return b.two(opMaxI, x, y) }

// MinI is the lesser, signed.
func (b *Block) MinI(x, y Value) Value { return b.two(opMinI, x, y) }

// MulI is x * y.
func (b *Block) MulI(x, y Value) Value { return b.two(opMulI, x, y) }

// MulShort is x * y, for x that fits 16 bits with a sign and y from 0 to 32767. It
// is faster than MulI.
func (b *Block) MulShort(x, y Value) Value { return b.two(opMulPair, x, y) }

// MulPairs multiplies the 16-bit halves of x and y, with signs, and adds the two
// products.
func (b *Block) MulPairs(x, y Value) Value { return b.two(opMulPair, x, y) }

// ShiftRBy is x >> y without a sign, lane by lane, and 0 from 32 on.
func (b *Block) ShiftRBy(x, y Value) Value { return b.two(opShiftRV, x, y) }

// AddF is x + y, of floats.
func (b *Block) AddF(x, y Value) Value { return b.two(opAddF, x, y) }

// SubF is x - y.
func (b *Block) SubF(x, y Value) Value { return b.two(opSubF, x, y) }

// MulF is x * y.
func (b *Block) MulF(x, y Value) Value { return b.two(opMulF, x, y) }

// DivF is x / y.
func (b *Block) DivF(x, y Value) Value { return b.two(opDivF, x, y) }

// MaxF is x where x > y, and otherwise y.
func (b *Block) MaxF(x, y Value) Value { return b.two(opMaxF, x, y) }

// MinF is x where x < y, and otherwise y.
func (b *Block) MinF(x, y Value) Value { return b.two(opMinF, x, y) }

// Predicates of the instruction CMPPS; none holds where either is no number.
const (
	cmpEqual   = 0x00
	cmpLess    = 0x11
	cmpGreater = 0x1E
)

// EqualF has all bits set where x == y.
func (b *Block) EqualF(x, y Value) Value {
	return b.add(node{op: opCompareF, a: x, b: y, c: -1, imm: cmpEqual})
}

// LessF has them set where x < y.
func (b *Block) LessF(x, y Value) Value {
	return b.add(node{op: opCompareF, a: x, b: y, c: -1, imm: cmpLess})
}

// GreaterF has them set where x > y.
func (b *Block) GreaterF(x, y Value) Value {
	return b.add(node{op: opCompareF, a: x, b: y, c: -1, imm: cmpGreater})
}

// ShiftL is x << n.
func (b *Block) ShiftL(x Value, n uint8) Value { return b.one(opShiftL, x, uint32(n)) }

// ShiftR is x >> n without a sign.
func (b *Block) ShiftR(x Value, n uint8) Value { return b.one(opShiftR, x, uint32(n)) }

// ShiftA is x >> n with the sign.
func (b *Block) ShiftA(x Value, n uint8) Value { return b.one(opShiftA, x, uint32(n)) }

// Floor is the largest whole float not above x.
func (b *Block) Floor(x Value) Value { return b.one(opRound, x, 9) }

// Nearest is the nearest whole number to a float, halves to the even one, and the
// least number there is for what does not fit.
func (b *Block) Nearest(x Value) Value { return b.one(opNearest, x, 0) }

// Cut is a float without its fraction as a whole number, and the least number there
// is for what does not fit.
func (b *Block) Cut(x Value) Value { return b.one(opCut, x, 0) }

// Float is a whole number as a float, rounded to nearest.
func (b *Block) Float(x Value) Value { return b.one(opFloat, x, 0) }

// Select is x where the top bit of mask is set, and otherwise y.
func (b *Block) Select(mask, x, y Value) Value { return b.add(node{op: opSelect, a: x, b: y, c: mask}) }

// Gather is the words at base + 4*index. Whoever writes the block sees to it that
// they are there, in all lanes.
func (b *Block) Gather(base Reg, index Value) Value {
	return b.add(node{op: opGather, a: index, b: -1, c: -1, mem: Mem{Base: base}})
}

// Pairs is two words each at base + 4*index, as Gather reads one, for the lanes 0,
// 1, 4 and 5, or with upper for the others.
func (b *Block) Pairs(base Reg, index Value, upper bool) Value {
	n := node{op: opPairs, a: index, b: -1, c: -1, mem: Mem{Base: base}}
	if upper {
		n.imm = 1
	}
	return b.add(n)
}

// Store writes eight words.
func (b *Block) Store(m Mem, x Value) { b.add(node{op: opStore, a: x, b: -1, c: -1, mem: m}) }

// StoreBytes writes the lowest byte of each lane, eight bytes.
func (b *Block) StoreBytes(m Mem, x Value) {
	b.add(node{op: opStoreBytes, a: x, b: -1, c: -1, mem: m})
}

// Unless ends the block here if no bit of mask is set.
func (b *Block) Unless(mask Value) { b.add(node{op: opUnless, a: mask, b: -1, c: -1}) }
