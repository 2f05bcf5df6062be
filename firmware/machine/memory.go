package machine

import (
	"sync/atomic"
	"unsafe"

	"github.com/mmlite/mmlite/firmware/com"
)

// MaxMemory is the largest span NewMemory is asked for.
const MaxMemory = 1 << 40

// PageSize is what spans of memory are aligned to.
const PageSize = 4096

// CheckMemory returns com.ErrInvalid for a size that no machine has to serve.
func CheckMemory(size int) error {
	if size <= 0 || int64(size) > MaxMemory {
		return com.Errorf(com.ErrInvalid, "memory of %d bytes", size)
	}
	return nil
}

// NewGoMemory returns memory of the Go heap as a span. The collector does not
// look into it, but does count it.
func NewGoMemory(size int) (Memory, error) {
	if err := CheckMemory(size); err != nil {
		return nil, err
	}
	whole := make([]byte, size+PageSize)
	at := -int(uintptr(unsafe.Pointer(&whole[0]))) & (PageSize - 1)
	return &goMemory{bytes: whole[at : at+size : at+size]}, nil
}

type goMemory struct {
	bytes    []byte
	released atomic.Bool
}

func (m *goMemory) Bytes() []byte { return m.bytes }

func (m *goMemory) Release() error {
	if m.released.Swap(true) {
		return com.Errorf(com.ErrInvalid, "memory released twice")
	}
	return nil
}
