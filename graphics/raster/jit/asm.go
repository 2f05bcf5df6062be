package jit

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Reg is a general register.
type Reg uint8

// The general registers.
const (
	AX Reg = iota
	CX
	DX
	BX
	SP
	BP
	SI
	DI
	R8
	R9
	R10
	R11
	R12
	R13
	R14
	R15
)

// Mem is a place in memory: Base + Index*Scale + Disp. A Scale of 0 means that
// there is no index; others are 1, 2, 4 and 8.
type Mem struct {
	Base, Index Reg
	Scale       uint8
	Disp        int32
}

// Label is a place in the code.
type Label int

// Cond is a condition to jump on, as in the opcode.
type Cond uint8

// The conditions.
const (
	Equal Cond = 0x4
	Less  Cond = 0xC // signed
)

// Assembler writes machine code.
type Assembler struct {
	buf      []byte
	labels   []int // where they are, -1 before they are
	jumps    []fixup
	literals []literal
	places   map[literal]int
	uses     []fixup
	err      error
}

// literal is a vector in memory behind the code.
type literal [8]uint32

// fixup is a 32-bit distance to be filled in, to a label or a literal, counted from
// end.
type fixup struct{ at, to, end int }

// New returns an assembler that has written nothing.
func New() *Assembler { return &Assembler{places: map[literal]int{}} }

// Label returns a label that is nowhere yet.
func (a *Assembler) Label() Label {
	a.labels = append(a.labels, -1)
	return Label(len(a.labels) - 1)
}

// Here puts a label at this place.
func (a *Assembler) Here(l Label) { a.labels[l] = len(a.buf) }

// Code returns the code, with its literals behind it at a multiple of 32 bytes. The
// error is that of a label which is nowhere, or of a block.
func (a *Assembler) Code() ([]byte, error) {
	if a.err != nil {
		return nil, a.err
	}
	code := append([]byte(nil), a.buf...)
	for len(code)%32 != 0 {
		code = append(code, 0xCC)
	}
	start := len(code)
	for _, l := range a.literals {
		for _, w := range l {
			code = binary.LittleEndian.AppendUint32(code, w)
		}
	}
	for _, f := range a.uses {
		binary.LittleEndian.PutUint32(code[f.at:], uint32(start+32*f.to-f.end))
	}
	for _, f := range a.jumps {
		to := a.labels[f.to]
		if to < 0 {
			return nil, fmt.Errorf("jit: label %d is nowhere", f.to)
		}
		binary.LittleEndian.PutUint32(code[f.at:], uint32(to-f.end))
	}
	return code, nil
}

func (a *Assembler) bytes(b ...byte) { a.buf = append(a.buf, b...) }
func (a *Assembler) imm32(v int32)   { a.buf = binary.LittleEndian.AppendUint32(a.buf, uint32(v)) }

// modrm writes the byte of that name and what follows it for a place in memory.
func (a *Assembler) modrm(reg uint8, m Mem) {
	mod := byte(0x80)
	switch {
	case m.Disp == 0 && m.Base&7 != BP:
		mod = 0
	case m.Disp >= math.MinInt8 && m.Disp <= math.MaxInt8:
		mod = 0x40
	}
	if m.Scale == 0 && m.Base&7 != SP {
		a.bytes(mod | reg&7<<3 | byte(m.Base)&7)
	} else {
		index, scale := byte(SP), byte(0) // no index
		if m.Scale != 0 {
			index = byte(m.Index)
			for 1<<scale < m.Scale {
				scale++
			}
		}
		a.bytes(mod|reg&7<<3|4, scale<<6|index&7<<3|byte(m.Base)&7)
	}
	switch mod {
	case 0x40:
		a.bytes(byte(m.Disp))
	case 0x80:
		a.imm32(m.Disp)
	}
}

// rexOf is the prefix for a wide operation on a register and memory.
func rexOf(wide bool, reg uint8, m Mem) byte {
	b := byte(0x40) | reg>>3<<2 | byte(m.Base)>>3
	if m.Scale != 0 {
		b |= byte(m.Index) >> 3 << 1
	}
	if wide {
		b |= 8
	}
	return b
}

func (a *Assembler) gp(wide bool, op byte, reg uint8, m Mem) {
	a.bytes(rexOf(wide, reg, m), op)
	a.modrm(reg, m)
}

// Load reads 64 bits.
func (a *Assembler) Load(to Reg, m Mem) { a.gp(true, 0x8B, uint8(to), m) }

// Load32 reads 32 bits, with zeros above.
func (a *Assembler) Load32(to Reg, m Mem) { a.gp(false, 0x8B, uint8(to), m) }

// Lea computes an address.
func (a *Assembler) Lea(to Reg, m Mem) { a.gp(true, 0x8D, uint8(to), m) }

// CompareByte compares a byte in memory with zero.
func (a *Assembler) CompareByte(m Mem) {
	a.gp(false, 0x80, 7, m)
	a.bytes(0)
}

func (a *Assembler) rr(op byte, reg, rm Reg) {
	a.bytes(0x48|byte(reg)>>3<<2|byte(rm)>>3, op, 0xC0|byte(reg)&7<<3|byte(rm)&7)
}

// Add adds a register.
func (a *Assembler) Add(to, from Reg) { a.rr(0x01, from, to) }

// Sub subtracts a register.
func (a *Assembler) Sub(to, from Reg) { a.rr(0x29, from, to) }

// Compare compares two registers.
func (a *Assembler) Compare(x, y Reg) { a.rr(0x39, y, x) }

func (a *Assembler) ri(ext byte, r Reg, v int32) {
	a.bytes(0x48|byte(r)>>3, 0x81, 0xC0|ext<<3|byte(r)&7)
	a.imm32(v)
}

// AddImm adds a number.
func (a *Assembler) AddImm(r Reg, v int32) { a.ri(0, r, v) }

// CompareImm compares with a number.
func (a *Assembler) CompareImm(r Reg, v int32) { a.ri(7, r, v) }

// ShiftLeft multiplies by 1<<n.
func (a *Assembler) ShiftLeft(r Reg, n uint8) { a.bytes(0x48|byte(r)>>3, 0xC1, 0xE0|byte(r)&7, n) }

// JumpIf jumps on a condition.
func (a *Assembler) JumpIf(c Cond, l Label) {
	a.bytes(0x0F, 0x80|byte(c))
	a.jump(l)
}

func (a *Assembler) jump(l Label) {
	a.imm32(0)
	a.jumps = append(a.jumps, fixup{len(a.buf) - 4, int(l), len(a.buf)})
}

// Return leaves the code, with the upper halves of the vector registers clear, as
// other code expects it.
func (a *Assembler) Return() { a.bytes(0xC5, 0xF8, 0x77, 0xC3) }

// vec is a vector register, 0 to 15.
type vec uint8

// vop is a vector instruction: mandatory prefix, opcode map and opcode.
type vop struct {
	prefix, table, op byte
	narrow            bool // 128 bits
}

// Prefixes and maps of VEX.
const (
	p66, pF3              = 1, 2
	m0F, m0F38, m0F3A     = 1, 2, 3
	noVec             vec = 0 // what stands for a register that an instruction has not
)

// operand is the last operand of a vector instruction.
type operand struct {
	kind uint8 // 0 register, 1 memory, 2 literal
	reg  vec
	mem  Mem
	lit  int
}

func inReg(v vec) operand  { return operand{reg: v} }
func inMem(m Mem) operand  { return operand{kind: 1, mem: m} }
func inPool(l int) operand { return operand{kind: 2, lit: l} }

// vector writes a vector instruction with a three-byte VEX prefix.
func (a *Assembler) vector(o vop, reg, v vec, m operand, imm ...byte) {
	var x, b byte
	switch m.kind {
	case 0:
		b = byte(m.reg) >> 3
	case 1:
		b = byte(m.mem.Base) >> 3
		if m.mem.Scale != 0 {
			x = byte(m.mem.Index) >> 3
		}
	}
	third := ^byte(v)&15<<3 | o.prefix
	if !o.narrow {
		third |= 4
	}
	a.bytes(0xC4, (^byte(reg)>>3&1)<<7|(^x&1)<<6|(^b&1)<<5|o.table, third, o.op)
	switch m.kind {
	case 0:
		a.bytes(0xC0 | byte(reg)&7<<3 | byte(m.reg)&7)
	case 1:
		a.modrm(uint8(reg), m.mem)
	case 2:
		a.bytes(byte(reg)&7<<3 | 5)
		a.imm32(0)
		a.uses = append(a.uses, fixup{len(a.buf) - 4, m.lit, len(a.buf) + len(imm)})
	}
	a.bytes(imm...)
}

// pool is the number of a literal.
func (a *Assembler) pool(l literal) int {
	i, ok := a.places[l]
	if !ok {
		i = len(a.literals)
		a.literals = append(a.literals, l)
		a.places[l] = i
	}
	return i
}

// Instructions that blocks write in more than one place.
var (
	loadOp     = vop{pF3, m0F, 0x6F, false}
	storeOp    = vop{pF3, m0F, 0x7F, false}
	spreadOp   = vop{p66, m0F38, 0x58, false}
	spreadByte = vop{p66, m0F38, 0x78, false}
	mulPS      = vop{0, m0F, 0x59, false}
	addPS      = vop{0, m0F, 0x58, false}
)
