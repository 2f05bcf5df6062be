package metal

import (
	"cmp"
	"unsafe"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
)

// CodeAccess is what may be done with pages that code is made in.
type CodeAccess int

const (
	CodeNone  CodeAccess = iota // they are nobody's
	CodeWrite                   // they are read and written to
	CodeRun                     // they are read and executed
)

// Code is memory for code that is made while the card runs. Its pages are written to
// or executed, never both, and neither while they are free.
type Code struct {
	pages *pool
	allow func(pages []byte, access CodeAccess) error
}

// NewCode returns memory for code in b, whose whole pages are nobody else's and may be
// read. allow has the processor hold itself to what may be done with pages, and has it
// see code that was written there. The errors are com.ErrInvalid for memory without a
// whole page, and allow's.
func NewCode(b []byte, allow func(pages []byte, access CodeAccess) error) (*Code, error) {
	p, err := newPool(b)
	if err != nil {
		return nil, err
	}
	if err := allow(p.bytes, CodeNone); err != nil {
		return nil, err
	}
	return &Code{p, allow}, nil
}

// Used returns how many bytes of its pages hold code.
func (c *Code) Used() int {
	c.pages.mu.Lock()
	defer c.pages.mu.Unlock()
	n := 0
	for _, s := range c.pages.taken {
		n += s.to - s.from
	}
	return n
}

// NewCode implements machine.Coder.
func (c *Code) NewCode(text []byte) (machine.Code, error) {
	if err := machine.CheckCode(text); err != nil {
		return nil, err
	}
	m, err := c.pages.reserve(len(text))
	if err != nil {
		return nil, com.Errorf(com.ErrNoMemory, "code: %s", com.TextOf(err))
	}
	pages := c.pages.bytes[m.from:m.to]
	if err := c.allow(pages, CodeWrite); err != nil {
		return nil, cmp.Or(err, m.Release())
	}
	copy(pages, text)
	clear(pages[len(text):])
	l := &loaded{c, m}
	if err := c.allow(pages, CodeRun); err != nil {
		return nil, cmp.Or(err, l.Release())
	}
	return l, nil
}

// loaded is code in its place.
type loaded struct {
	c *Code
	m *piece
}

// Entry implements machine.Code.
func (l *loaded) Entry() uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(l.m.bytes))) }

// Release implements machine.Code. Who calls the code all the same is stopped.
func (l *loaded) Release() error {
	l.m.p.mu.Lock()
	gone := l.m.gone
	l.m.p.mu.Unlock()
	if !gone {
		if err := l.c.allow(l.c.pages.bytes[l.m.from:l.m.to], CodeNone); err != nil {
			return err // the pages are not given out again
		}
	}
	return l.m.Release()
}

var _ machine.Coder = (*Code)(nil)
