// Package reg is how drivers reach the registers of a device, whether those lie in
// memory or behind the ports of a PC, so that a driver is the same on every board
// and is tested against a device that is a Go value.
package reg

import (
	"sync/atomic"
	"unsafe"

	"github.com/mmlite/mmlite/firmware/com"
)

// Space is a range of registers, reached by their offsets in bytes. Accesses are
// aligned to their width and happen in program order, each exactly once. What is not
// there reads as all ones, as on a bus where nobody answers, and is not written.
type Space interface {
	Read8(at uint32) uint8
	Read16(at uint32) uint16
	Read32(at uint32) uint32
	Write8(at uint32, v uint8)
	Write16(at uint32, v uint16)
	Write32(at uint32, v uint32)
}

// At is the part of a space that begins at base.
func At(s Space, base uint32) Space {
	if base == 0 {
		return s
	}
	return shifted{s, base}
}

type shifted struct {
	of   Space
	base uint32
}

func (s shifted) Read8(at uint32) uint8       { return s.of.Read8(s.base + at) }
func (s shifted) Read16(at uint32) uint16     { return s.of.Read16(s.base + at) }
func (s shifted) Read32(at uint32) uint32     { return s.of.Read32(s.base + at) }
func (s shifted) Write8(at uint32, v uint8)   { s.of.Write8(s.base+at, v) }
func (s shifted) Write16(at uint32, v uint16) { s.of.Write16(s.base+at, v) }
func (s shifted) Write32(at uint32, v uint32) { s.of.Write32(s.base+at, v) }

// Memory is the registers that lie in b, which begins at an address divisible by
// four. It is valid as long as b is.
func Memory(b []byte) Space { return memory(b) }

type memory []byte

func (m memory) has(at, width uint32) bool {
	return at&(width-1) == 0 && uint64(at)+uint64(width) <= uint64(len(m))
}

func (m memory) Read8(at uint32) uint8 {
	if !m.has(at, 1) {
		return 0xFF
	}
	return load8(&m[at])
}

func (m memory) Read16(at uint32) uint16 {
	if !m.has(at, 2) {
		return 0xFFFF
	}
	return load16((*uint16)(unsafe.Pointer(&m[at])))
}

func (m memory) Read32(at uint32) uint32 {
	if !m.has(at, 4) {
		return 0xFFFFFFFF
	}
	return atomic.LoadUint32((*uint32)(unsafe.Pointer(&m[at])))
}

func (m memory) Write8(at uint32, v uint8) {
	if m.has(at, 1) {
		store8(&m[at], v)
	}
}

func (m memory) Write16(at uint32, v uint16) {
	if m.has(at, 2) {
		store16((*uint16)(unsafe.Pointer(&m[at])), v)
	}
}

func (m memory) Write32(at uint32, v uint32) {
	if m.has(at, 4) {
		atomic.StoreUint32((*uint32)(unsafe.Pointer(&m[at])), v)
	}
}

// There are no atomic accesses of these widths. A call is one access that the
// compiler neither drops nor joins with another.

//go:noinline
func load8(p *uint8) uint8 { return *p }

//go:noinline
func load16(p *uint16) uint16 { return *p }

//go:noinline
func store8(p *uint8, v uint8) { *p = v }

//go:noinline
func store16(p *uint16, v uint16) { *p = v }

// Bytes is the memory of size bytes at a physical address, on a machine whose
// addresses are physical ones. The error is com.ErrInvalid if this processor has no
// such addresses. The garbage collector knows nothing of it.
func Bytes(address, size uint64) ([]byte, error) {
	end := address + size
	if address == 0 || size == 0 || end < address || end-1 > uint64(^uintptr(0)) || size > uint64(^uint(0)>>1) {
		return nil, com.Errorf(com.ErrInvalid, "%d bytes at address %#x", size, address)
	}
	at := uintptr(address)
	return unsafe.Slice(*(**byte)(unsafe.Pointer(&at)), int(size)), nil
}
