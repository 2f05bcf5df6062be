package jit

import "fmt"

// Frame is memory for what does not fit into registers: at least Slots vectors of
// 32 bytes at a place that stays the same throughout the block.
type Frame struct {
	At    Mem
	Slots int
}

// pairRegisters are general registers that Pairs overwrites.
var pairRegisters = [2]Reg{R14, R15}

// Emit writes the instructions of a block. Where the block ends early, they jump
// to end, which the caller puts behind them. The vector registers are all the
// block's, and R14 and R15 where it reads Pairs. What a failure is, Code says.
func (a *Assembler) Emit(b *Block, f Frame, end Label) {
	e := emitter{a: a, b: b, frame: f, end: end}
	e.run()
}

// instructions of operations with two operands, and with one.
var instructions = map[op]vop{
	opAddI: {p66, m0F, 0xFE, false}, opSubI: {p66, m0F, 0xFA, false},
	opAnd: {p66, m0F, 0xDB, false}, opAndNot: {p66, m0F, 0xDF, false},
	opOr: {p66, m0F, 0xEB, false}, opXor: {p66, m0F, 0xEF, false},
	opEqualI: {p66, m0F, 0x76, false}, opGreaterI: {p66, m0F, 0x66, false},
	opMaxI: {p66, m0F38, 0x3D, false}, opMinI: {p66, m0F38, 0x39, false},
	opMulI: {p66, m0F38, 0x40, false}, opMulPair: {p66, m0F, 0xF5, false},
	opShiftRV: {p66, m0F38, 0x45, false},
	opAddW:    {p66, m0F, 0xFD, false}, opSubW: {p66, m0F, 0xF9, false},
	opMulW: {p66, m0F, 0xD5, false}, opAddBytes: {p66, m0F, 0xDC, false}, opSubBytes: {p66, m0F, 0xD8, false}, opPackW: {p66, m0F, 0x6B, false},
	opMulHigh: {p66, m0F38, 0x0B, false}, opMulBytes: {p66, m0F38, 0x04, false},
	opLowBytes: {p66, m0F, 0x60, false}, opHighBytes: {p66, m0F, 0x68, false},
	opPack: {p66, m0F, 0x67, false}, opShuffle: {p66, m0F38, 0x00, false},
	opAddF: addPS, opSubF: {0, m0F, 0x5C, false}, opMulF: mulPS, opDivF: {0, m0F, 0x5E, false},
	opMaxF: {0, m0F, 0x5F, false}, opMinF: {0, m0F, 0x5D, false},
	opCompareF: {0, m0F, 0xC2, false},

	opRound: {p66, m0F3A, 0x08, false}, opNearest: {p66, m0F, 0x5B, false},
	opCut: {pF3, m0F, 0x5B, false}, opFloat: {0, m0F, 0x5B, false},

	opShiftL: {p66, m0F, 0x72, false}, opShiftR: {p66, m0F, 0x72, false}, opShiftA: {p66, m0F, 0x72, false},
	opShiftRW: {p66, m0F, 0x71, false}, opShiftLW: {p66, m0F, 0x71, false},
}

// extension is the register field of shifts by a number.
var extension = map[op]vec{opShiftL: 6, opShiftR: 2, opShiftA: 4, opShiftRW: 2, opShiftLW: 6}

const vectors = 16

// noIndex is the register that QEMU 7.2 takes for no index at all where it emulates a
// gather, as that number means elsewhere: it reads the first word eight times.
const noIndex = 4

// emitter gives values registers as it goes along. A value that has to make room is
// the one that is needed last (Belady 1966); what can be read again from where it
// came from is not kept elsewhere.
type emitter struct {
	a     *Assembler
	b     *Block
	frame Frame
	end   Label

	uses  [][]int // of each value: the operations that read it, first to last
	reg   []int8  // where it is, -1: in none
	slot  []int   // where it was put aside, -1: nowhere
	holds [vectors]Value
	free  []int // slots
	freed []int // slots that the operation under way may still read
	used  int   // slots so far
}

func (e *emitter) run() {
	n := len(e.b.nodes)
	e.uses, e.reg, e.slot = make([][]int, n), make([]int8, n), make([]int, n)
	wanted := make([]bool, n)
	for i := n - 1; i >= 0; i-- {
		o := &e.b.nodes[i]
		e.reg[i], e.slot[i] = -1, -1
		if !wanted[i] && o.op < opStore {
			continue
		}
		wanted[i] = true
		for _, v := range [3]Value{o.a, o.b, o.c} {
			if v >= 0 {
				wanted[v] = true
				e.uses[v] = append(e.uses[v], i)
			}
		}
	}
	for v := range e.uses { // they were found from behind
		u := e.uses[v]
		for i, j := 0, len(u)-1; i < j; i, j = i+1, j-1 {
			u[i], u[j] = u[j], u[i]
		}
	}
	for i := range e.holds {
		e.holds[i] = -1
	}
	for i := range e.b.nodes {
		if wanted[i] && !e.lazy(Value(i)) {
			e.operation(i)
			e.free, e.freed = append(e.free, e.freed...), e.freed[:0]
		}
	}
	if e.used > e.frame.Slots && e.a.err == nil {
		e.a.err = fmt.Errorf("jit: the block puts %d vectors aside, and there is room for %d", e.used, e.frame.Slots)
	}
}

// lazy says that a value is read when it is needed, as often as that may be.
func (e *emitter) lazy(v Value) bool {
	o := e.b.nodes[v].op
	return o >= opLiteral && o <= opBytes
}

// operation writes one operation.
func (e *emitter) operation(i int) {
	n := e.b.nodes[i]
	a := e.a
	lane := literal{1, 2, 4, 8, 16, 32, 64, 128}
	switch n.op {
	case opMask:
		d, bits := e.take(0), inPool(a.pool(lane))
		a.vector(spreadByte, d, noVec, inMem(n.mem))
		a.vector(instructions[opAnd], d, d, bits)
		a.vector(instructions[opEqualI], d, d, bits)
		e.put(i, d)
	case opShiftL, opShiftR, opShiftA, opShiftRW, opShiftLW:
		x := e.need(n.a, 0)
		e.done(i, n.a)
		d := e.take(e.pins(n.a))
		a.vector(instructions[n.op], extension[n.op], d, inReg(x), byte(n.imm))
		e.put(i, d)
	case opRound, opNearest, opCut, opFloat:
		x := e.last(i, n.a, 0)
		e.done(i, n.a)
		d := e.take(e.pins(n.a))
		if n.op == opRound {
			a.vector(instructions[n.op], d, noVec, x, byte(n.imm))
		} else {
			a.vector(instructions[n.op], d, noVec, x)
		}
		e.put(i, d)
	case opSelect:
		m := e.need(n.c, 0)
		y := e.need(n.b, 1<<m)
		x := e.last(i, n.a, 1<<m|1<<y)
		e.done(i, n.a, n.b, n.c)
		d := e.take(e.pins(n.a, n.b, n.c))
		a.vector(vop{p66, m0F3A, 0x4A, false}, d, y, x, byte(m)<<4)
		e.put(i, d)
	case opGather:
		x := e.need(n.a, 0)
		d := e.take(1 << x)
		all := e.take(1<<x | 1<<d)
		a.vector(instructions[opEqualI], all, all, inReg(all))
		a.vector(instructions[opXor], d, d, inReg(d))
		if x == noIndex {
			y := e.take(1<<x | 1<<d | 1<<all)
			a.vector(instructions[opOr], y, x, inReg(x))
			x = y
		}
		a.vector(vop{p66, m0F38, 0x90, false}, d, all, inMem(Mem{Base: n.mem.Base, Index: Reg(x), Scale: 4}))
		e.done(i, n.a)
		e.put(i, d)
	case opPairs:
		x := e.need(n.a, 0)
		if e.slot[n.a] < 0 {
			e.slot[n.a] = e.spare()
			a.vector(storeOp, x, noVec, inMem(e.place(e.slot[n.a])))
		}
		d := e.take(1 << x)
		u := e.take(1<<x | 1<<d)
		for half, r := range []vec{d, u} {
			for k, scratch := range pairRegisters {
				m := e.place(e.slot[n.a])
				m.Disp += 4 * int32(4*half+2*int(n.imm)+k)
				a.Load32(scratch, m)
			}
			at := func(k int) operand { return inMem(Mem{Base: n.mem.Base, Index: pairRegisters[k], Scale: 4}) }
			a.vector(vop{pF3, m0F, 0x7E, true}, r, noVec, at(0))
			a.vector(vop{0, m0F, 0x16, true}, r, r, at(1)) // to the upper 64 bits
		}
		a.vector(vop{p66, m0F3A, 0x38, false}, d, d, inReg(u), 1)
		e.done(i, n.a)
		e.put(i, d)
	case opStore:
		x := e.need(n.a, 0)
		a.vector(storeOp, x, noVec, inMem(n.mem))
		e.done(i, n.a)
	case opStoreBytes:
		x := e.need(n.a, 0)
		t := e.take(1 << x)
		u := e.take(1<<x | 1<<t)
		const no = 0x80808080
		a.vector(vop{p66, m0F38, 0x00, false}, t, x, inPool(a.pool(literal{0x0C080400, no, no, no, 0x0C080400, no, no, no})))
		a.vector(vop{p66, m0F3A, 0x39, false}, t, noVec, inReg(u), 1) // the upper half
		a.vector(vop{p66, m0F, 0x62, true}, t, t, inReg(u))
		a.vector(vop{p66, m0F, 0xD6, true}, t, noVec, inMem(n.mem))
		e.done(i, n.a)
	case opUnless:
		x := e.need(n.a, 0)
		a.vector(vop{p66, m0F38, 0x17, false}, x, noVec, inReg(x))
		a.JumpIf(Equal, e.end)
		e.done(i, n.a)
	default:
		x, y := n.a, n.b
		if commutes(n.op) && e.reg[x] < 0 && e.reg[y] >= 0 {
			x, y = y, x
		}
		r := e.need(x, e.pins(y))
		m := e.last(i, y, 1<<r)
		e.done(i, x, y)
		d := e.take(e.pins(x, y))
		if n.op == opCompareF {
			a.vector(instructions[n.op], d, r, m, byte(n.imm))
		} else {
			a.vector(instructions[n.op], d, r, m)
		}
		e.put(i, d)
	}
}

func commutes(o op) bool {
	switch o {
	case opAddI, opAnd, opOr, opXor, opEqualI, opMaxI, opMinI, opMulI, opMulPair, opAddW, opMulW, opAddBytes, opMulHigh, opAddF, opMulF:
		return true
	}
	return false
}

// pins are the registers of values that are still needed.
func (e *emitter) pins(values ...Value) (set uint16) {
	for _, v := range values {
		if v >= 0 && e.reg[v] >= 0 {
			set |= 1 << e.reg[v]
		}
	}
	return set
}

// need has a value in a register. pins are those not to be taken for that.
func (e *emitter) need(v Value, pins uint16) vec {
	if e.reg[v] >= 0 {
		return vec(e.reg[v])
	}
	r := e.take(pins)
	n := &e.b.nodes[v]
	switch {
	case n.op == opLiteral:
		e.a.vector(loadOp, r, noVec, inPool(e.a.pool(e.b.literals[n.imm])))
	case n.op == opSpread:
		e.a.vector(spreadOp, r, noVec, inMem(n.mem))
	case n.op == opLoad:
		e.a.vector(loadOp, r, noVec, inMem(n.mem))
	case n.op == opBytes:
		e.a.vector(vop{p66, m0F38, 0x31, false}, r, noVec, inMem(n.mem))
	default:
		e.a.vector(loadOp, r, noVec, inMem(e.place(e.slot[v])))
	}
	e.holds[r], e.reg[v] = v, int8(r)
	return r
}

// last is a value as the last operand of operation i, which may lie in memory. It is
// not brought into a register for that alone.
func (e *emitter) last(i int, v Value, pins uint16) operand {
	if e.reg[v] >= 0 {
		return inReg(vec(e.reg[v]))
	}
	n := &e.b.nodes[v]
	once := e.uses[v][len(e.uses[v])-1] == i
	switch {
	case n.op == opLiteral:
		return inPool(e.a.pool(e.b.literals[n.imm]))
	case n.op == opLoad && once:
		return inMem(n.mem)
	case e.slot[v] >= 0 && once:
		return inMem(e.place(e.slot[v]))
	}
	return inReg(e.need(v, pins))
}

// place is a slot in memory.
func (e *emitter) place(slot int) Mem {
	m := e.frame.At
	m.Disp += int32(32 * slot)
	return m
}

// done forgets values that nothing after operation i reads.
func (e *emitter) done(i int, values ...Value) {
	for _, v := range values {
		u := e.uses[v]
		for len(u) > 0 && u[0] <= i {
			u = u[1:]
		}
		if e.uses[v] = u; len(u) > 0 {
			continue
		}
		if r := e.reg[v]; r >= 0 {
			e.holds[r], e.reg[v] = -1, -1
		}
		if s := e.slot[v]; s >= 0 {
			e.freed, e.slot[v] = append(e.freed, s), -1
		}
	}
}

// take finds a register, making room if there is none. It holds nothing then.
func (e *emitter) take(pins uint16) vec {
	best, latest := -1, -1
	for r, v := range e.holds {
		if pins>>r&1 != 0 {
			continue
		}
		if v < 0 {
			return vec(r)
		}
		if at := e.uses[v][0]; at > latest {
			best, latest = r, at
		}
	}
	v := e.holds[best]
	if !e.lazy(v) && e.slot[v] < 0 {
		e.slot[v] = e.spare()
		e.a.vector(storeOp, vec(best), noVec, inMem(e.place(e.slot[v])))
	}
	e.holds[best], e.reg[v] = -1, -1
	return vec(best)
}

// spare is a slot that holds nothing.
func (e *emitter) spare() int {
	if n := len(e.free); n > 0 {
		s := e.free[n-1]
		e.free = e.free[:n-1]
		return s
	}
	e.used++
	return e.used - 1
}

func (e *emitter) put(i int, r vec) {
	if len(e.uses[i]) == 0 {
		return
	}
	e.holds[r], e.reg[i] = Value(i), int8(r)
}
