//go:build unix

package host

import (
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
)

type pages struct {
	bytes    []byte
	released atomic.Bool
}

func newPages(size int) (machine.Memory, error) {
	b, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil, com.Errorf(com.ErrNoMemory, "mapping %d bytes: %v", size, err)
	}
	return &pages{bytes: b}, nil
}

func (p *pages) Bytes() []byte { return p.bytes }

func (p *pages) Release() error {
	if p.released.Swap(true) {
		return com.Errorf(com.ErrInvalid, "memory released twice")
	}
	if err := unix.Munmap(p.bytes); err != nil {
		return com.Errorf(com.ErrFailed, "unmapping: %v", err)
	}
	return nil
}
