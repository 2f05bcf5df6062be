package heap

import (
	"errors"
	"slices"

	"github.com/mmlite/mmlite/firmware/com"
)

// maxDepth bounds how deep owners can be made from owners.
const maxDepth = 16

// Account is what one owner holds in an arena. It implements [Heap].
type Account struct {
	arena  *Arena
	parent *Account
	kids   []*Account
	number uint32 // in arena.accounts
	serial uint32
	depth  int
	spans  uint32 // list of own slots
	closed bool
	use    Usage // includes what the kids hold
}

var _ Heap = (*Account)(nil)

func (a *Arena) open(parent *Account, owner string, limit Limit) *Account {
	a.serial++
	c := &Account{arena: a, parent: parent, serial: a.serial, use: Usage{Owner: owner, Limit: limit}}
	if n := len(a.spare); n > 0 {
		c.number, a.spare = a.spare[n-1], a.spare[:n-1]
		a.accounts[c.number] = c
	} else {
		c.number = uint32(len(a.accounts))
		a.accounts = append(a.accounts, c)
	}
	if parent != nil {
		c.depth = parent.depth + 1
		c.use.Owner = parent.use.Owner + "/" + owner
		parent.kids = append(parent.kids, c)
	}
	return c
}

// enter locks the arena and fails if the account is closed.
func (c *Account) enter() error {
	if err := c.arena.enter(); err != nil {
		return err
	}
	if c.closed {
		c.arena.leave()
		return com.Errorf(com.ErrGone, "heap %s: closed", c.use.Owner)
	}
	return nil
}

// Sub implements Heap. An owner's name is 1 to 64 bytes long; the error is
// com.ErrInvalid for others and where owners are nested more than 16 deep.
func (c *Account) Sub(owner string, limit Limit) (Heap, error) {
	if err := c.enter(); err != nil {
		return nil, err
	}
	defer c.arena.leave()
	if owner == "" || len(owner) > 64 {
		return nil, com.Errorf(com.ErrInvalid, "heap %s: owner's name has %d bytes, want 1 to 64", c.use.Owner, len(owner))
	}
	if c.depth+1 >= maxDepth {
		return nil, com.Errorf(com.ErrInvalid, "heap %s: owners nested more than %d deep", c.use.Owner, maxDepth)
	}
	return c.arena.open(c, owner, limit), nil
}

// Alloc implements Heap.
func (c *Account) Alloc(size, align uint64) (Span, error) {
	if err := c.enter(); err != nil {
		return Span{}, err
	}
	defer c.arena.leave()
	a := c.arena
	if size == 0 || align > MaxAlign || align&(align-1) != 0 {
		return Span{}, com.Errorf(com.ErrInvalid, "heap %s: %d bytes at a multiple of %d: want at least 1 byte and a power of two up to %d", c.use.Owner, size, align, uint64(MaxAlign))
	}
	if size > uint64(len(a.mem)) {
		return Span{}, c.refuse(size, align)
	}
	want := uint32((size + Granule - 1) / Granule)
	step := uint32(max(align, Granule) / Granule)
	round := a.where.round(want, step)
	held := uint64(round) * Granule
	for p := c; p != nil; p = p.parent {
		if err := p.allow(held, c); err != nil {
			c.use.Denied++
			return Span{}, err
		}
	}
	var front, back uint32
	if a.opts.Checked {
		front, back = step, 1
	}
	p, ok := a.where.take(want+front+back, step)
	if !ok {
		return Span{}, c.refuse(size, align)
	}
	i := a.books.add()
	s := &a.books.slots[i]
	s.place, s.data, s.want, s.held = p, p.off+front, size, round
	s.owner, s.serial = c.number, c.serial
	if a.opts.Checked {
		a.unpoison(p)
	}
	if !a.opts.Dirty {
		a.clean(s.data, s.data+want)
	}
	if a.opts.Checked {
		a.guard(s)
	}
	a.fresh = max(a.fresh, p.off+p.size)
	a.books.link(&c.spans, i)
	for p := c; p != nil; p = p.parent {
		p.use.Asked += size
		p.use.Held += held
		p.use.Peak = max(p.use.Peak, p.use.Held)
		p.use.Blocks++
		p.use.Allocs++
	}
	from := uint64(s.data) * Granule
	return Span{mem: a.mem[from : from+size : from+size], addr: a.base + from, slot: i, gen: s.gen}, nil
}

// allow checks the limit of c against held further bytes for the account by.
func (c *Account) allow(held uint64, by *Account) error {
	l := c.use.Limit
	if l.Bytes != 0 && held > l.Bytes-min(l.Bytes, c.use.Held) {
		return com.Errorf(com.ErrQuota, "heap %s: %d bytes more, and %s holds %d of %d", by.use.Owner, held, c.use.Owner, c.use.Held, l.Bytes)
	}
	if l.Blocks != 0 && c.use.Blocks >= l.Blocks {
		return com.Errorf(com.ErrQuota, "heap %s: one span more, and %s holds %d of %d", by.use.Owner, c.use.Owner, c.use.Blocks, l.Blocks)
	}
	return nil
}

// refuse counts and words a failure for want of memory.
func (c *Account) refuse(size, align uint64) error {
	c.use.Denied++
	w := c.arena.where
	return com.Errorf(com.ErrNoMemory, "heap %s: %d bytes at a multiple of %d; %d free, at most %d in one block", c.use.Owner, size, max(align, Granule), uint64(w.unused())*Granule, uint64(w.largest())*Granule)
}

// Free implements Heap.
func (c *Account) Free(s Span) error {
	if err := c.enter(); err != nil {
		return err
	}
	defer c.arena.leave()
	a := c.arena
	if kind := c.locate(s); kind != 0 {
		return a.note(c.wrong(kind, s))
	}
	return a.end(s.slot)
}

// locate returns 0 if s is live and held by c or an owner made from it, else
// what is wrong with it.
func (c *Account) locate(s Span) FaultKind {
	a := c.arena
	if s.slot == 0 || uint64(s.slot) >= uint64(len(a.books.slots)) {
		return Foreign
	}
	b := &a.books.slots[s.slot]
	switch {
	case s.gen > b.gen, s.gen == b.gen && (!b.live || !a.is(b, s)):
		return Foreign
	case s.gen < b.gen:
		return DoubleFree
	}
	for o := a.accounts[b.owner]; o != nil; o = o.parent {
		if o == c {
			return 0
		}
	}
	return NotOwner
}

// is reports whether s means the memory that b is or was about.
func (a *Arena) is(b *slot, s Span) bool {
	from := uint64(b.data) * Granule
	return s.addr == a.base+from && s.Size() == b.want && &s.mem[0] == &a.mem[from]
}

// wrong describes a span that Free refuses.
func (c *Account) wrong(kind FaultKind, s Span) *Fault {
	f := &Fault{Kind: kind, Addr: s.addr, Size: s.Size(), By: c.use.Owner}
	if kind == NotOwner || kind == DoubleFree {
		// After the slot went to another span its last owner is not known.
		if b := &c.arena.books.slots[s.slot]; c.arena.is(b, s) && (b.live == (kind == NotOwner)) {
			f.Owner = c.arena.ownerOf(b)
		}
	}
	return f
}

func (a *Arena) ownerOf(b *slot) string {
	if o := a.accounts[b.owner]; o != nil && o.serial == b.serial {
		return o.use.Owner
	}
	return "an owner since closed"
}

// end frees the live span in slot i.
func (a *Arena) end(i uint32) error {
	b := &a.books.slots[i]
	var err error
	if a.opts.Checked {
		if f := a.guards(b); f != nil {
			err = a.note(f)
		}
		fill(a.mem[uint64(b.off)*Granule:uint64(b.off+b.size)*Granule], poisonByte)
	}
	if n := a.nested[i]; n != nil {
		n.gone.Store(true)
		delete(a.nested, i)
	}
	held := uint64(b.held) * Granule
	c := a.accounts[b.owner]
	for p := c; p != nil; p = p.parent {
		p.use.Asked -= b.want
		p.use.Held -= held
		p.use.Blocks--
	}
	a.books.unlink(&c.spans, i)
	a.where.give(b.place)
	a.books.drop(i)
	return err
}

// Usage implements Heap.
func (c *Account) Usage() Usage {
	if c.arena.lock != nil {
		c.arena.lock.Lock()
		defer c.arena.lock.Unlock()
	}
	return c.use
}

func (c *Account) list(to []Usage) []Usage {
	to = append(to, c.use)
	for _, k := range c.kids {
		to = k.list(to)
	}
	return to
}

// Close implements Heap.
func (c *Account) Close() error {
	if err := c.enter(); err != nil {
		return nil
	}
	defer c.arena.leave()
	err := errors.Join(c.end(nil)...)
	if p := c.parent; p != nil {
		if i := slices.Index(p.kids, c); i >= 0 {
			p.kids = slices.Delete(p.kids, i, i+1)
		}
	}
	return err
}

func (c *Account) end(errs []error) []error {
	for _, k := range c.kids {
		errs = k.end(errs)
	}
	c.kids = nil
	for c.spans != none {
		if err := c.arena.end(c.spans); err != nil {
			errs = append(errs, err)
		}
	}
	c.closed = true
	c.arena.accounts[c.number] = nil
	c.arena.spare = append(c.arena.spare, c.number)
	return errs
}
