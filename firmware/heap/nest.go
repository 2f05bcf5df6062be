package heap

import "github.com/mmlite/mmlite/firmware/com"

// nester is a heap that knows which arenas manage its spans.
type nester interface {
	// nest makes in the arena over s, or reports false if s is not live.
	nest(s Span, in *Arena) bool
	// zeroes says that spans come out zero.
	zeroes() bool
}

// Nest makes an arena over a span of size bytes taken from outer at a multiple
// of align. Options.Base is set to the span's address. Closing the arena frees
// whatever is in it and gives the span back at once; if outer frees it first,
// by Close for instance, calls to the nested arena fail with com.ErrGone.
func Nest(outer Heap, size, align uint64, o Options) (*Arena, error) {
	s, err := outer.Alloc(size, align)
	if err != nil {
		return nil, err
	}
	o.Base = s.Addr()
	n, known := outer.(nester)
	o.Zeroed = known && n.zeroes()
	in, err := New(s.Bytes(), o)
	if err != nil {
		outer.Free(s)
		return nil, err
	}
	in.giveBack = func() error { return outer.Free(s) }
	if known && !n.nest(s, in) {
		return nil, com.Errorf(com.ErrGone, "heap %s: its memory was freed while it was made", in.opts.Name)
	}
	return in, nil
}

func (c *Account) nest(s Span, in *Arena) bool {
	if c.enter() != nil {
		return false
	}
	defer c.arena.leave()
	if c.locate(s) != 0 {
		return false
	}
	if c.arena.nested == nil {
		c.arena.nested = map[uint32]*Arena{}
	}
	c.arena.nested[s.slot] = in
	in.outer = c.arena
	return true
}

func (c *Account) zeroes() bool { return !c.arena.opts.Dirty }
