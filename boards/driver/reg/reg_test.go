package reg_test

import (
	"encoding/binary"
	"errors"
	"testing"

	"github.com/mmlite/mmlite/boards/driver/reg"
	"github.com/mmlite/mmlite/firmware/com"
)

func TestMemory(t *testing.T) {
	b := make([]byte, 16)
	s := reg.At(reg.Memory(b), 4)
	s.Write32(0, 0x11223344)
	s.Write16(4, 0x5566)
	s.Write8(6, 0x77)
	if got := binary.NativeEndian.Uint32(b[4:]); got != 0x11223344 {
		t.Errorf("%#x", got)
	}
	if s.Read32(0) != 0x11223344 || s.Read16(4) != 0x5566 || s.Read8(6) != 0x77 {
		t.Errorf("% x", b)
	}
}

// TestOutside: what is not there reads as ones, and neither reading nor writing it
// does harm.
func TestOutside(t *testing.T) {
	b := make([]byte, 8)
	s := reg.Memory(b)
	for _, at := range []uint32{5, 6, 7, 8, 9, 1 << 31, 0xFFFFFFFF} {
		s.Write32(at, 0xAAAAAAAA)
		if s.Read32(at) != 0xFFFFFFFF {
			t.Errorf("32 bits at %d: %#x", at, s.Read32(at))
		}
	}
	for _, at := range []uint32{1, 7, 8, 0xFFFFFFFF} {
		s.Write16(at, 0xAAAA)
		if s.Read16(at) != 0xFFFF {
			t.Errorf("16 bits at %d: %#x", at, s.Read16(at))
		}
	}
	s.Write8(8, 0xAA)
	if s.Read8(8) != 0xFF {
		t.Errorf("8 bits: %#x", s.Read8(8))
	}
	for i, v := range b {
		if v != 0 {
			t.Errorf("byte %d was written", i)
		}
	}
}

func TestAllocates(t *testing.T) {
	s := reg.At(reg.Memory(make([]byte, 64)), 32)
	if n := testing.AllocsPerRun(100, func() { s.Write32(0, s.Read32(0)+uint32(s.Read8(4))+uint32(s.Read16(8))) }); n != 0 {
		t.Errorf("%g allocations", n)
	}
}

func TestBytesRefuses(t *testing.T) {
	for _, c := range [][2]uint64{{0, 16}, {16, 0}, {^uint64(0) - 4, 16}, {1 << 20, 1 << 63}} {
		if _, err := reg.Bytes(c[0], c[1]); !errors.Is(err, com.ErrInvalid) {
			t.Errorf("%#x: %v", c, err)
		}
	}
}
