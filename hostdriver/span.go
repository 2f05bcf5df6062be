package hostdriver

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/system"
)

// Span is memory of the card as this program sees it: the memory itself where the
// link shares memory, and a copy that is pushed where it does not. It may be used
// from many goroutines, who agree among themselves on who writes where.
//
// A span outlives its card: when the card is gone, or was closed, its bytes can be
// written and read as before, and nobody sees them.
type Span struct {
	card   *Card
	memory system.Memory
	bytes  []byte
	shared bool
	once   atomic.Bool
}

// pieceBytes is how much of a copy one call carries.
const pieceBytes = 256 << 10

// Map returns the memory behind m, an object of this card. The span takes a
// reference of its own; Release it. The errors are those of the link, and
// com.ErrProtocol for a card that grants what it has not got.
func Map(ctx context.Context, c *Card, m system.Memory) (*Span, error) {
	grant, err := m.Grant(ctx)
	if err != nil {
		return nil, err
	}
	s := &Span{card: c, memory: m}
	g := link.Grant{ID: grant.ID, Channel: grant.Channel, Offset: grant.Offset, Length: grant.Length}
	switch {
	case grant.ID != 0 && len(c.t.Channel.GrantArea()) > 0:
		if s.bytes, err = c.t.Channel.Granted(g); err == nil {
			s.shared = true
			break
		}
		if com.CodeOf(err) != com.ErrNotFound { // of another client: what it has to be asked for
			return nil, err
		}
		fallthrough
	default:
		if grant.Length == 0 || grant.Length > link.MaxGrantArea {
			return nil, com.Errorf(com.ErrProtocol, "the card offers memory of %d bytes", grant.Length)
		}
		s.bytes = make([]byte, grant.Length)
	}
	if !c.spans.add() {
		return nil, com.Errorf(com.ErrGone, "the card was closed")
	}
	m.AddRef()
	return s, nil
}

// Bytes is the memory. It is valid until Release.
func (s *Span) Bytes() []byte { return s.bytes }

// Shared reports whether Bytes is the memory of the card itself, so that Push and
// Pull have nothing to do.
func (s *Span) Shared() bool { return s.shared }

// Push has the card see n bytes from offset on. It does not wait for the card;
// what goes wrong there surfaces at the next call or Flush.
func (s *Span) Push(offset, n int) error {
	if err := s.check(offset, n); err != nil || s.shared {
		return err
	}
	for n > 0 {
		k := min(n, pieceBytes)
		if err := s.memory.Put(uint32(offset), s.bytes[offset:offset+k]); err != nil {
			return err
		}
		offset, n = offset+k, n-k
	}
	return nil
}

// Pull fetches n bytes from offset on, as the card has them now.
func (s *Span) Pull(ctx context.Context, offset, n int) error {
	if err := s.check(offset, n); err != nil || s.shared {
		return err
	}
	for n > 0 {
		k := min(n, pieceBytes)
		got, err := s.memory.Get(ctx, uint32(offset), s.bytes[offset:offset+k])
		if err == nil && int(got) != k {
			err = com.Errorf(com.ErrProtocol, "the card has %d of %d bytes", got, k)
		}
		if err != nil {
			return err
		}
		offset, n = offset+k, n-k
	}
	return nil
}

func (s *Span) check(offset, n int) error {
	if offset < 0 || n < 0 || n > len(s.bytes)-offset {
		return com.Errorf(com.ErrInvalid, "%d bytes at %d of a span of %d", n, offset, len(s.bytes))
	}
	if s.card.t.Gone != nil { // a card that died has not said so by a packet
		select {
		case <-s.card.t.Gone:
			return com.Errorf(com.ErrGone, "the card is gone")
		default:
		}
	}
	return s.card.Err()
}

// Release gives the memory back. Nobody may touch Bytes any more. A second call
// does nothing.
func (s *Span) Release() error {
	if s.once.Swap(true) {
		return nil
	}
	s.memory.Release()
	return s.card.spans.drop()
}

// spans counts what programs hold of a card's window, which must not be unmapped
// under them: they would not get an error but end.
type spans struct {
	mu     sync.Mutex
	live   int
	closed bool
	unmap  func() error // once the last is released
}

func (s *spans) add() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.live++
	return true
}

func (s *spans) drop() error {
	s.mu.Lock()
	s.live--
	var unmap func() error
	if s.live == 0 {
		unmap, s.unmap = s.unmap, nil
	}
	s.mu.Unlock()
	if unmap != nil {
		return unmap()
	}
	return nil
}

// close gives the window back: what is left of it has memory of this program in its
// place until the last span is released.
func (s *spans) close(t *Transport) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	switch {
	case s.live > 0 && t.Abandon != nil:
		var err error
		s.unmap, err = t.Abandon()
		return err
	case t.Close != nil:
		return t.Close()
	}
	return nil
}
