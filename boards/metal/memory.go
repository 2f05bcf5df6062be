package metal

import (
	"slices"
	"sync"
	"unsafe"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
)

// pool gives out pages of the memory that is not Go's: the first hole that is large
// enough. There are few spans, and they live long.
type pool struct {
	mu    sync.Mutex
	bytes []byte
	taken []span // in order
}

type span struct{ from, to int }

func newPool(b []byte) (*pool, error) {
	skip := -int(uintptr(unsafe.Pointer(unsafe.SliceData(b)))) & (machine.PageSize - 1)
	if len(b) < skip+machine.PageSize {
		return nil, com.Errorf(com.ErrInvalid, "memory of %d bytes has no whole page", len(b))
	}
	n := (len(b) - skip) &^ (machine.PageSize - 1)
	return &pool{bytes: b[skip : skip+n : skip+n]}, nil
}

func (p *pool) take(size int) (machine.Memory, error) {
	if err := machine.CheckMemory(size); err != nil {
		return nil, err
	}
	m, err := p.reserve(size)
	if err != nil {
		return nil, err
	}
	wipe(p.bytes[m.from:m.to])
	return m, nil
}

// reserve takes memory as it is, without looking into it.
func (p *pool) reserve(size int) (*piece, error) {
	if size > len(p.bytes) {
		return nil, com.Errorf(com.ErrNoMemory, "memory of %d bytes, and the board has %d", size, len(p.bytes))
	}
	pages := (size + machine.PageSize - 1) &^ (machine.PageSize - 1)
	p.mu.Lock()
	defer p.mu.Unlock()
	at, i := 0, 0
	for ; i < len(p.taken) && p.taken[i].from-at < pages; i++ {
		at = p.taken[i].to
	}
	if len(p.bytes)-at < pages {
		return nil, com.Errorf(com.ErrNoMemory, "memory of %d bytes, and no %d in a row are free", size, pages)
	}
	s := span{at, at + pages}
	p.taken = slices.Insert(p.taken, i, s)
	return &piece{p: p, span: s, bytes: p.bytes[s.from:][:size:size]}, nil
}

// largest is how many bytes in a row there are to take.
func (p *pool) largest() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := 0
	for _, s := range p.taken {
		n, at = max(n, s.from-at), s.to
	}
	return max(n, len(p.bytes)-at)
}

// wipe makes memory zero. It looks first, since memory that nobody has written to
// costs an emulator or a hypervisor nothing.
func wipe(b []byte) {
	for len(b) > 0 {
		page := b[:min(machine.PageSize, len(b))]
		b = b[len(page):]
		words := unsafe.Slice((*uint64)(unsafe.Pointer(&page[0])), len(page)/8)
		used := uint64(0)
		for len(words) >= 8 {
			used |= words[0] | words[1] | words[2] | words[3] | words[4] | words[5] | words[6] | words[7]
			words = words[8:]
		}
		if used != 0 {
			clear(page)
		}
	}
}

// piece is a span that was given out.
type piece struct {
	p *pool
	span
	bytes []byte
	gone  bool
}

// Bytes implements machine.Memory.
func (m *piece) Bytes() []byte { return m.bytes }

// Release implements machine.Memory.
func (m *piece) Release() error {
	m.p.mu.Lock()
	defer m.p.mu.Unlock()
	if m.gone {
		return com.Errorf(com.ErrInvalid, "memory released twice")
	}
	m.gone = true
	i := slices.Index(m.p.taken, m.span)
	m.p.taken = slices.Delete(m.p.taken, i, i+1)
	return nil
}
