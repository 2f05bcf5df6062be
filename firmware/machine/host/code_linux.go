package host

import (
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
)

// code is executable pages of their own.
type code struct {
	pages []byte
	gone  atomic.Bool
}

// NewCode implements machine.Coder. No page is ever both writable and executable,
// which hardened systems refuse.
func (m *Machine) NewCode(text []byte) (machine.Code, error) {
	if err := machine.CheckCode(text); err != nil {
		return nil, err
	}
	pages, err := unix.Mmap(-1, 0, len(text), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return nil, com.Errorf(com.ErrNoMemory, "memory for %d bytes of code: %v", len(text), err)
	}
	copy(pages, text)
	if err := unix.Mprotect(pages, unix.PROT_READ|unix.PROT_EXEC); err != nil {
		_ = unix.Munmap(pages)
		return nil, com.Errorf(com.ErrNotSupported, "this system lets no program execute code that it made: %v", err)
	}
	return &code{pages: pages}, nil
}

// Entry implements machine.Code.
func (c *code) Entry() uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(c.pages))) }

// Release implements machine.Code.
func (c *code) Release() error {
	if c.gone.Swap(true) {
		return com.Errorf(com.ErrInvalid, "code released twice")
	}
	return unix.Munmap(c.pages)
}

var _ machine.Coder = (*Machine)(nil)
