package dls

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/mmlite/mmlite/synth/riff"
)

// Operations of a conditional chunk (Level 2, section 2.4).
const (
	opAnd            = 1
	opOr             = 2
	opXor            = 3
	opAdd            = 4
	opSubtract       = 5
	opMultiply       = 6
	opDivide         = 7
	opLogicalAnd     = 8
	opLogicalOr      = 9
	opLess           = 10
	opLessEqual      = 11
	opGreater        = 12
	opGreaterEqual   = 13
	opEqual          = 14
	opNot            = 15
	opConst          = 16
	opQuery          = 17
	opQuerySupported = 18
)

const maxStack = 64

// guid is a globally unique identifier as it lies in a file.
type guid [16]byte

func makeGUID(a uint32, b, c uint16, rest [8]byte) (g guid) {
	binary.LittleEndian.PutUint32(g[:], a)
	binary.LittleEndian.PutUint16(g[4:], b)
	binary.LittleEndian.PutUint16(g[6:], c)
	copy(g[8:], rest[:])
	return g
}

// answers is what this player says to the queries of the specification: it has both levels, and
// no sounds of its own in hardware.
var answers = func() map[guid]uint32 {
	device := [8]byte{0xa7, 0x60, 0x00, 0x00, 0xf8, 0x75, 0xac, 0x12}
	return map[guid]uint32{
		makeGUID(0x178f2f24, 0xc364, 0x11d1, device):                                                  0,       // General MIDI in hardware
		makeGUID(0x178f2f25, 0xc364, 0x11d1, device):                                                  0,       // GS in hardware
		makeGUID(0x178f2f26, 0xc364, 0x11d1, device):                                                  0,       // XG in hardware
		makeGUID(0x178f2f27, 0xc364, 0x11d1, device):                                                  1,       // Level 1
		makeGUID(0x178f2f28, 0xc364, 0x11d1, device):                                                  1 << 30, // bytes of sample memory
		makeGUID(0xf14599e5, 0x4689, 0x11d2, [8]byte{0xaf, 0xa6, 0x00, 0xaa, 0x00, 0x24, 0xd8, 0xb6}): 1,       // Level 2
		makeGUID(0xb03e1181, 0x8095, 0x11d2, [8]byte{0xa1, 0xef, 0x00, 0x60, 0x08, 0x33, 0xdb, 0xd8}): 0,       // manufacturer
		makeGUID(0xb03e1182, 0x8095, 0x11d2, [8]byte{0xa1, 0xef, 0x00, 0x60, 0x08, 0x33, 0xdb, 0xd8}): 0,       // product
		makeGUID(0x2a91f713, 0xa4bf, 0x11d2, [8]byte{0xbb, 0xdf, 0x00, 0x60, 0x08, 0x33, 0xdb, 0xd8}): 44100,   // playback rate in hertz
	}
}()

// holds reports whether the conditional chunks in a list let it be read. A list that they exclude
// is noted; so is a condition that cannot be evaluated, and it counts as true.
func (r *reader) holds(list riff.Chunk) bool {
	for k := range r.f.Children(list) {
		if k.Name() != "cdl " {
			continue
		}
		v, err := evaluate(k.Body)
		if err != nil {
			r.f.Notes.Add(k.Offset, "cdl ", "%v; the condition counts as true", err)
			continue
		}
		if v == 0 {
			r.f.Notes.Add(list.Offset, list.Name(), "its condition is not met; left out")
			return false
		}
	}
	return true
}

var (
	errStack    = errors.New("the stack runs over or empty")
	errShort    = errors.New("an operation is cut short")
	errDivision = errors.New("division by zero")
)

// evaluate runs the stack machine of a conditional chunk and returns what it leaves on top. It
// takes one step for each operation in the chunk.
func evaluate(code []byte) (uint32, error) {
	var stack [maxStack]uint32
	n := 0
	push := func(v uint32) error {
		if n == maxStack {
			return errStack
		}
		stack[n] = v
		n++
		return nil
	}
	for len(code) >= 2 {
		op := binary.LittleEndian.Uint16(code)
		code = code[2:]
		switch op {
		case opConst:
			if len(code) < 4 {
				return 0, errShort
			}
			if err := push(binary.LittleEndian.Uint32(code)); err != nil {
				return 0, err
			}
			code = code[4:]
		case opQuery, opQuerySupported:
			if len(code) < 16 {
				return 0, errShort
			}
			v, known := answers[guid(code)]
			if op == opQuerySupported {
				v = truth(known)
			}
			if err := push(v); err != nil {
				return 0, err
			}
			code = code[16:]
		case opNot:
			if n < 1 {
				return 0, errStack
			}
			stack[n-1] = truth(stack[n-1] == 0)
		default:
			if n < 2 {
				return 0, errStack
			}
			// The operand on top is the first one.
			v, err := binaryOp(op, stack[n-1], stack[n-2])
			if err != nil {
				return 0, err
			}
			n--
			stack[n-1] = v
		}
	}
	if n == 0 {
		return 0, errStack
	}
	return stack[n-1], nil
}

func binaryOp(op uint16, a, b uint32) (uint32, error) {
	switch op {
	case opAnd:
		return a & b, nil
	case opOr:
		return a | b, nil
	case opXor:
		return a ^ b, nil
	case opAdd:
		return a + b, nil
	case opSubtract:
		return a - b, nil
	case opMultiply:
		return a * b, nil
	case opDivide:
		if b == 0 {
			return 0, errDivision
		}
		return a / b, nil
	case opLogicalAnd:
		return truth(a != 0 && b != 0), nil
	case opLogicalOr:
		return truth(a != 0 || b != 0), nil
	case opLess:
		return truth(a < b), nil
	case opLessEqual:
		return truth(a <= b), nil
	case opGreater:
		return truth(a > b), nil
	case opGreaterEqual:
		return truth(a >= b), nil
	case opEqual:
		return truth(a == b), nil
	}
	return 0, fmt.Errorf("operation %d is not defined", op)
}

func truth(v bool) uint32 {
	if v {
		return 1
	}
	return 0
}
