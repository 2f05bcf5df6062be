// Package share is what a card shares with one of its clients for longer than a
// call: memory, which the client fills in place where the link can do that, and
// cursors in its status page.
//
// The card hands them out and takes them back. A component asks for them without
// learning whether its client is another process, a program behind a socket or a
// neighbour on the card: a nil *Area serves, too, and gives memory of the card.
package share

import (
	"context"
	"math"
	"sync"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/heap"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/system"
)

// Area is what is shared with one client.
type Area struct {
	channel *link.Channel
	grants  *link.Grants

	mu      sync.Mutex // held for a few instructions
	cursors [link.MaxCursors]bool
	taken   int
	closed  bool
	idle    func()
}

// New returns the area of a client's channel.
func New(c *link.Channel) (*Area, error) {
	g, err := link.NewGrants(c)
	if err != nil {
		return nil, err
	}
	return &Area{channel: c, grants: g}, nil
}

// Close hands out nothing from now on. idle is called when everything has come
// back, at once or on whatever thread gives back the last: only then may the
// channel's memory go.
func (a *Area) Close(idle func()) {
	var left atomic.Int32
	left.Store(2)
	part := func() {
		if left.Add(-1) == 0 {
			idle()
		}
	}
	a.mu.Lock() //mm:blocking held for a few instructions
	a.closed = true
	wait := a.taken > 0
	if wait {
		a.idle = part
	}
	a.mu.Unlock()
	if !wait {
		part()
	}
	a.grants.Close(part)
}

// Used returns the bytes granted to the client.
func (a *Area) Used() uint64 {
	n, _ := a.grants.Used()
	return n
}

// Memory is a piece of card memory. It implements system.Memory.
type Memory struct {
	com.Object
	bytes  []byte
	grant  link.Grant // ID 0: a span of a heap
	grants *link.Grants
	span   heap.Span
	heap   heap.Heap
}

// Alloc returns n bytes of zeros, 1 to link.MaxGrantArea, with the caller's
// reference: of the client's grant area if there is one with room, and of h
// otherwise, where the client gets at them by calls. The last release frees them. The errors are com.ErrInvalid, com.ErrNoMemory,
// com.ErrQuota and com.ErrClosed.
func (a *Area) Alloc(n int, h heap.Heap) (*Memory, error) {
	if n < 1 || n > link.MaxGrantArea {
		return nil, com.Errorf(com.ErrInvalid, "%d bytes of shared memory, and 1 to %d are possible", n, link.MaxGrantArea)
	}
	m := &Memory{}
	err := error(com.ErrNotSupported)
	if a != nil {
		m.grants = a.grants
		m.grant, m.bytes, err = a.grants.Alloc(n)
	}
	if c := com.CodeOf(err); c == com.ErrNotSupported || c == com.ErrNoMemory {
		m.grants, m.heap = nil, h
		if m.span, err = h.Alloc(uint64(n), 0); err == nil {
			m.bytes = m.span.Bytes()[:n:n]
		}
	}
	if err != nil {
		return nil, err
	}
	m.Init(m, m.final, system.MemoryType.For(m))
	return m, nil
}

func (m *Memory) final() {
	// Neither can fail: they were handed out here, once.
	if m.grants != nil {
		_ = m.grants.Free(m.grant)
		return
	}
	_ = m.heap.Free(m.span)
}

// Bytes is the memory, for as long as the caller holds a reference. A client may
// change it at any moment: what is read of it is to be copied before it is trusted.
func (m *Memory) Bytes() []byte { return m.bytes }

// Grant implements system.Memory.
func (m *Memory) Grant(context.Context) (system.Grant, error) {
	g := m.grant
	return system.Grant{ID: g.ID, Channel: g.Channel, Offset: g.Offset, Length: uint32(len(m.bytes))}, nil
}

// Put implements system.Memory.
func (m *Memory) Put(offset uint32, data []byte) error {
	if uint64(offset)+uint64(len(data)) > uint64(len(m.bytes)) {
		return com.Errorf(com.ErrInvalid, "%d bytes at %d of a memory of %d", len(data), offset, len(m.bytes))
	}
	copy(m.bytes[offset:], data)
	return nil
}

// Get implements system.Memory.
func (m *Memory) Get(_ context.Context, offset uint32, buf []byte) (n uint32, err error) {
	if uint64(offset) > uint64(len(m.bytes)) {
		return 0, com.Errorf(com.ErrInvalid, "byte %d of a memory of %d", offset, len(m.bytes))
	}
	return uint32(copy(buf, m.bytes[offset:])), nil
}

// NoCursor is the number of a cursor that is not there.
const NoCursor = math.MaxUint32

// Cursor is three values in a client's status page that one thread keeps up to
// date. The zero Cursor and a nil one take what is put and show it to nobody.
type Cursor struct {
	area *Area
	at   link.Cursor
	i    uint32
	back atomic.Bool
}

// Cursor returns a cursor, or nil where none is left: then there is only asking.
func (a *Area) Cursor() *Cursor {
	if a == nil {
		return nil
	}
	a.mu.Lock() //mm:blocking held for a few instructions
	defer a.mu.Unlock()
	if a.closed {
		return nil
	}
	for i := range a.cursors {
		if at, ok := a.channel.Cursor(uint32(i)); ok && !a.cursors[i] {
			a.cursors[i] = true
			a.taken++
			at.Clear()
			return &Cursor{area: a, at: at, i: uint32(i)}
		}
	}
	return nil
}

// Index is the cursor's number in the page, NoCursor for none.
func (c *Cursor) Index() uint32 {
	if c == nil || c.area == nil {
		return NoCursor
	}
	return c.i
}

// Put writes the values of one moment.
func (c *Cursor) Put(values [3]uint64) {
	if c != nil && !c.back.Load() {
		c.at.Put(values)
	}
}

// Release gives the cursor back; whoever puts has stopped before.
func (c *Cursor) Release() {
	if c == nil || c.area == nil || c.back.Swap(true) {
		return
	}
	a := c.area
	a.mu.Lock() //mm:blocking held for a few instructions
	a.cursors[c.i] = false
	a.taken--
	var idle func()
	if a.closed && a.taken == 0 {
		idle, a.idle = a.idle, nil
	}
	a.mu.Unlock()
	if idle != nil {
		idle()
	}
}

var _ system.Memory = (*Memory)(nil)
