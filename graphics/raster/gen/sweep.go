package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// sweep is where a loop is: it goes through the rows and draws the first eight
// pixels of each that are left, and then, for the rows that have more, again. So
// it meets no empty group of pixels between the edges of a triangle, whatever its
// shape: along a row, the pixels inside make up one run, and the rows with runs of
// some length lie together.
type sweep struct {
	mask, row, line GPVirtual // the row's mask, planes and first pixel
	rows            GPVirtual // that are left of the sweep
	more            GPVirtual // a bit for each row that was done: it has more pixels
	numbers         GPVirtual // the floats from the first column on
	limit           Mem       // the last column a group may begin at
}

// registers are what has to survive.
func (s *sweep) registers() []GPVirtual {
	return []GPVirtual{s.mask, s.row, s.line, s.rows, s.more, s.numbers}
}

// sweeps begins with the first row.
func (k *k) sweeps() {
	k.sweep = &sweep{GP64(), GP64(), GP64(), GP64(), GP64(), GP64(), AllocLocal(8)}
	s := k.sweep
	y, x := GP64(), GP64()
	MOVQ(Mem{Base: k.c, Disp: spanY0}, y)
	MOVQ(Mem{Base: k.c, Disp: spanStart}, x)
	MOVQ(Mem{Base: k.c, Disp: spanY1}, s.rows)
	SUBQ(y, s.rows)
	LEAQ(Mem{Base: k.c, Index: y, Scale: 4, Disp: offMasks}, s.mask)
	MOVQ(y, s.row)
	SHLQ(U8(6), s.row)
	LEAQ(Mem{Base: k.c, Index: s.row, Scale: 1, Disp: offRows}, s.row)
	MOVQ(y, s.line)
	SHLQ(U8(7), s.line)
	ADDQ(k.c, s.line)
	LEAQ(Mem{Base: s.line, Index: x, Scale: 4}, s.line)
	LEAQ(lanes, s.numbers)
	LEAQ(Mem{Base: s.numbers, Index: x, Scale: 4}, s.numbers)
	limit := GP64()
	MOVQ(U32(24), limit)
	SUBQ(x, limit)
	MOVQ(limit, s.limit)
	XORQ(s.more, s.more)
}

// label is one that is written for each of two ways through a chunk.
func (k *k) label(name string) LabelRef { return LabelRef(k.way + name) }

// wholes goes through a chunk that is covered whole, if it is one, column by column,
// and ends at a label. There the steps are the same for a column, and there are no
// masks.
func (k *k) wholes(end string, visit func()) {
	s := k.sweep
	CMPL(Mem{Base: k.c, Disp: spanFull}, U8(0))
	JEQ(LabelRef("parts"))
	g := Load(Param("planes"), GP64())
	for _, i := range k.planes() {
		dx := YMM()
		VBROADCASTSS(Mem{Base: g, Disp: offDX + 4*i}, dx)
		for column := range 4 {
			v := YMM()
			VMULPS(lanes.Offset(32*column), dx, v)
			VMOVUPS(v, Mem{Base: k.c, Disp: offSteps + stepSize*column + 32*i})
		}
	}
	columns, steps := s.more, s.mask
	MOVQ(U32(4), columns)
	MOVQ(k.c, steps)
	k.way, k.skip, k.steps, k.row, k.pix = "whole", "wholeSkip", steps, s.row, s.line
	Label("wholeRow")
	k.mask = YMM()
	VPCMPEQD(k.mask, k.mask, k.mask)
	visit()
	Label("wholeSkip")
	ADDQ(U8(64), s.row)
	SUBQ(I8(-128), s.line)
	DECQ(s.rows)
	JNZ(LabelRef("wholeRow"))
	ADDQ(U32(stepSize), steps)
	rows := GP64()
	MOVQ(Mem{Base: k.c, Disp: spanY1}, s.rows)
	SUBQ(Mem{Base: k.c, Disp: spanY0}, s.rows)
	MOVQ(s.rows, rows)
	SHLQ(U8(6), rows)
	SUBQ(rows, s.row)
	ADDQ(rows, rows)
	SUBQ(rows, s.line)
	ADDQ(U8(32), s.line)
	DECQ(columns)
	JNZ(LabelRef("wholeRow"))
	XORQ(s.rows, s.rows)
	JMP(LabelRef(end))
	Label("parts")
	k.way, k.skip, k.steps = "", "skip", nil
	k.changes()
}

// walk goes through all groups of pixels; where skips, it leaves out what may be
// empty all the same.
func (k *k) walk(skips bool, visit func()) {
	s := k.sweep
	k.row = s.row
	Label("row")
	x, m, group, eight := GP32(), GP32(), GP32(), GP32()
	MOVL(Mem{Base: s.mask}, m)
	TZCNTL(m, x)
	CMPL(x, s.limit)
	CMOVLGT(s.limit, x)
	SHRXL(x, m, group)
	MOVL(U32(255), eight)
	SHLXL(x, eight, eight)
	ANDNL(m, eight, m)
	MOVL(m, Mem{Base: s.mask})
	NEGL(m)
	ADCL(s.more.As32(), s.more.As32())
	if skips {
		TESTB(U8(255), group.As8())
		JZ(LabelRef("skip"))
	}
	k.x, k.pix = YMM(), GP64()
	VMOVUPS(Mem{Base: s.numbers, Index: x.As64(), Scale: 4}, k.x)
	LEAQ(Mem{Base: s.line, Index: x.As64(), Scale: 4}, k.pix)
	k.mask = k.spread(group)
	visit()
	Label("skip")
	k.advance(s)
	DECQ(s.rows)
	JNZ(LabelRef("row"))
	// The rows that have more, the last one's bit being the lowest.
	TESTL(s.more.As32(), s.more.As32())
	JZ(LabelRef("walked"))
	first, last := GP64(), GP64()
	BSRL(s.more.As32(), first.As32())
	TZCNTL(s.more.As32(), last.As32())
	INCQ(first)
	MOVQ(first, s.rows)
	SUBQ(last, s.rows)
	SHLQ(U8(2), first)
	SUBQ(first, s.mask)
	SHLQ(U8(4), first)
	SUBQ(first, s.row)
	ADDQ(first, first)
	SUBQ(first, s.line)
	XORQ(s.more, s.more)
	JMP(LabelRef("row"))
	Label("walked")
}

// advance goes to the next row.
func (k *k) advance(s *sweep) {
	ADDQ(U8(64), s.row)
	SUBQ(I8(-128), s.line)
	ADDQ(U8(4), s.mask)
}

// changes spreads the planes' changes to the right.
func (k *k) changes() {
	g := Load(Param("planes"), GP64())
	for _, i := range k.planes() {
		v := YMM()
		VBROADCASTSS(Mem{Base: g, Disp: offDX + 4*i}, v)
		VMOVUPS(v, Mem{Base: k.c, Disp: offSteps + 32*i})
	}
}
