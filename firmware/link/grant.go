package link

import (
	"sync"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/heap"
)

const (
	// GrantUnit is what grants are rounded up and aligned to: a page, so that a host
	// can put other memory in the place of one.
	GrantUnit = 4096
	// MaxGrantArea is the largest grant area in bytes.
	MaxGrantArea = 1 << 30
	// MaxGrants is how many grants there are at a time on one channel.
	MaxGrants = 4096
)

// Grant names memory of the channel's grant area that the card lets its client use
// until the card takes it back. It is only a name: each side checks it against what
// it knows itself.
type Grant struct {
	ID      uint32 // never 0, and no other grant's: a stale one names nothing
	Channel uint32 // the serial of the channel
	Offset  uint32 // of the first byte in the grant area
	Length  uint32 // bytes
}

// GrantArea is the memory that grants lie in; empty where the link shares none.
func (c *Channel) GrantArea() []byte {
	end := c.cfg.Size()
	return c.mem[end-c.cfg.Grants : end : end]
}

// Granted returns the memory that a grant of the other side names. The errors are
// com.ErrProtocol for one that lies outside and com.ErrNotFound for one of another
// channel.
func (c *Channel) Granted(g Grant) ([]byte, error) {
	area := c.GrantArea()
	end := uint64(g.Offset) + uint64(g.Length)
	switch {
	case g.Channel != c.serial || len(area) == 0:
		return nil, com.Errorf(com.ErrNotFound, "link: a grant of channel %d on channel %d", g.Channel, c.serial)
	case g.Length == 0 || end > uint64(len(area)) || g.Offset%GrantUnit != 0 || g.ID == 0:
		return nil, com.Errorf(com.ErrProtocol, "link: a grant of %d bytes at %d in an area of %d", g.Length, g.Offset, len(area))
	}
	return area[g.Offset:end:end], nil
}

// Grants is the card's table of what it has granted over one channel: a heap over
// the grant area whose bookkeeping lies outside of it, so nothing that a host writes
// there leads it astray. Any goroutine may use it; its locks are held briefly.
type Grants struct {
	channel *Channel
	area    *heap.Arena // nil where the channel has no grant area

	mu     sync.Mutex
	out    map[uint32]lent
	last   uint32 // ID given
	busy   int    // calls that work in the area
	closed bool
	idle   func()
}

type lent struct {
	Grant
	span heap.Span
}

// NewGrants returns the table of a channel; the card makes one, and that before the
// host writes to the channel.
func NewGrants(c *Channel) (*Grants, error) {
	t := &Grants{channel: c, out: map[uint32]lent{}}
	if len(c.GrantArea()) == 0 {
		return t, nil
	}
	var err error
	t.area, err = heap.New(c.GrantArea(), heap.Options{
		Name: "grants", Zeroed: true, Lock: new(sync.Mutex), Limit: heap.Limit{Blocks: MaxGrants},
	})
	return t, err
}

// Alloc grants n bytes, which hold zeros unless the host has written there already.
// The errors are com.ErrInvalid, com.ErrNotSupported on a link that shares no
// memory, com.ErrNoMemory if there is no room in one piece, com.ErrQuota for too
// many, and com.ErrClosed.
func (t *Grants) Alloc(n int) (Grant, []byte, error) {
	if n <= 0 || n > MaxGrantArea {
		return Grant{}, nil, com.Errorf(com.ErrInvalid, "link: a grant of %d bytes", n)
	}
	if t.area == nil {
		return Grant{}, nil, com.Errorf(com.ErrNotSupported, "link: this one shares no memory")
	}
	t.mu.Lock() //mm:blocking held for a few instructions
	if t.closed {
		t.mu.Unlock()
		return Grant{}, nil, com.Errorf(com.ErrClosed, "link: the channel")
	}
	t.busy++
	t.mu.Unlock()
	defer t.leave()
	size := (n + GrantUnit - 1) &^ (GrantUnit - 1)
	span, err := t.area.Alloc(uint64(size), GrantUnit) //mm:blocking the table of one channel, and clearing what was used before
	if err != nil {
		return Grant{}, nil, err
	}
	t.mu.Lock() //mm:blocking held for a few instructions
	defer t.mu.Unlock()
	for taken := true; taken || t.last == 0; _, taken = t.out[t.last] {
		t.last++
	}
	g := Grant{ID: t.last, Channel: t.channel.serial, Offset: uint32(span.Addr()), Length: uint32(n)}
	t.out[g.ID] = lent{g, span}
	return g, span.Bytes()[:n:n], nil
}

// Free takes a grant back. One that is not out is com.ErrInvalid, and nothing
// happens.
func (t *Grants) Free(g Grant) error {
	t.mu.Lock() //mm:blocking held for a few instructions
	l, ok := t.out[g.ID]
	if !ok || l.Grant != g {
		t.mu.Unlock()
		return com.Errorf(com.ErrInvalid, "link: grant %d is not out", g.ID)
	}
	delete(t.out, g.ID)
	t.busy++
	t.mu.Unlock()
	defer t.leave()
	return t.area.Free(l.span) //mm:blocking the table of one channel
}

// leave ends a call that works in the area, perhaps the last one.
func (t *Grants) leave() {
	t.mu.Lock() //mm:blocking held for a few instructions
	t.busy--
	var idle func()
	if t.busy == 0 && len(t.out) == 0 {
		idle, t.idle = t.idle, nil
	}
	t.mu.Unlock()
	if idle != nil {
		idle()
	}
}

// Close grants nothing from now on. idle is called once no grant is out any more and
// no call works in the area, at once or by whoever is the last: until then components of the card use
// the memory, though the client may be gone. It is called once.
func (t *Grants) Close(idle func()) {
	t.mu.Lock() //mm:blocking held for a few instructions
	t.closed, t.idle = true, idle
	t.busy++
	t.mu.Unlock()
	t.leave()
}

// Used returns the bytes granted, rounded up as they are, and the number of grants.
func (t *Grants) Used() (bytes uint64, grants int) {
	if t.area == nil {
		return 0, 0
	}
	u := t.area.Usage()
	return u.Held, int(u.Blocks)
}
