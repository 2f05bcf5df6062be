package output

import (
	"unsafe"

	"github.com/mmlite/mmlite/firmware/heap"
)

// memory is a span of card memory for samples.
type memory struct {
	heap heap.Heap
	span heap.Span
}

func allocate(h heap.Heap, bytes int) (memory, error) {
	s, err := h.Alloc(uint64(bytes), 0)
	if err != nil {
		return memory{}, err
	}
	return memory{h, s}, nil
}

// floats returns n samples from byte offset off, which is a multiple of 4. A span
// is aligned to 64 bytes, and holds no pointers.
func (m memory) floats(off, n int) []float32 {
	b := m.span.Bytes()[off : off+4*n]
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(b))), n)
}

func (m memory) free() error { return m.heap.Free(m.span) }
