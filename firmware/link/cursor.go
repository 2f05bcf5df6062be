package link

import (
	"sync/atomic"
	"unsafe"
)

// Cursors are the status of single objects of one client, such as where a sound
// plays: three values each, with a sequence counter of their own, behind the
// values of the status page. Reading one is no call.
const (
	MaxCursors = 96
	cursorsAt  = 1024
	cursorSize = 32
)

// The page has room for them.
var _ [StatusSize - cursorsAt - MaxCursors*cursorSize]byte
var _ [cursorsAt - 8 - 8*MaxStatus]byte

// Cursor is one of them, for the one who writes it or those who read it. The zero
// Cursor is none: it takes what is put and gives nothing.
type Cursor struct {
	words *[4]uint64 // the counter and the values
	seq   uint64     // the writer's own, which the other side cannot change
}

// Cursor returns cursor i of the channel. It is not there for an i of MaxCursors
// and above, which the other side may have named.
func (c *Channel) Cursor(i uint32) (Cursor, bool) {
	if i >= MaxCursors {
		return Cursor{}, false
	}
	page := c.Status()
	return Cursor{words: (*[4]uint64)(unsafe.Pointer(&page[cursorsAt+i*cursorSize]))}, true
}

// Put writes the values of one moment. There is one writer.
func (c *Cursor) Put(values [3]uint64) {
	if c.words == nil {
		return
	}
	c.seq += 2
	atomic.StoreUint64(&c.words[0], c.seq-1)
	for i, v := range values {
		atomic.StoreUint64(&c.words[1+i], v)
	}
	atomic.StoreUint64(&c.words[0], c.seq)
}

// Get reads the values of one moment. It reports false if nothing was ever put, or
// if the writer did not hold still for long enough.
func (c *Cursor) Get() (values [3]uint64, ok bool) {
	if c.words == nil {
		return values, false
	}
	for range 1000 {
		s := atomic.LoadUint64(&c.words[0])
		if s == 0 {
			return values, false
		}
		if s%2 != 0 {
			continue
		}
		for i := range values {
			values[i] = atomic.LoadUint64(&c.words[1+i])
		}
		if atomic.LoadUint64(&c.words[0]) == s {
			return values, true
		}
	}
	return [3]uint64{}, false
}

// Clear has the cursor be as if nothing had ever been put.
func (c *Cursor) Clear() {
	if c.words != nil {
		c.seq = 0
		atomic.StoreUint64(&c.words[0], 0)
	}
}

// NewCursor returns a cursor in memory of its own, for those who share no page.
func NewCursor() Cursor { return Cursor{words: new([4]uint64)} }
