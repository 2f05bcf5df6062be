package stream

import (
	"io"
	"sync"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
)

// lend is a carrier in memory that hands blocks over without a copy of its own.
type lend struct {
	out, in         chan []byte
	taken, released chan struct{}
	gone            chan struct{}
	once            *sync.Once
}

func lends() (a, b *lend) {
	x, y, tx, ty, gone := make(chan []byte), make(chan []byte), make(chan struct{}), make(chan struct{}), make(chan struct{})
	once := new(sync.Once)
	return &lend{x, y, tx, ty, gone, once}, &lend{y, x, ty, tx, gone, once}
}

func (l *lend) Size() int { return MaxBlock }

func (l *lend) Close() error {
	l.once.Do(func() { close(l.gone) })
	return nil
}

func (l *lend) Send(b []byte) error {
	select {
	case l.out <- b:
		<-l.taken
		return nil
	case <-l.gone:
		return com.ErrGone
	}
}

func (l *lend) Receive(b []byte) (int, error) {
	select {
	case p := <-l.in:
		n := copy(b, p)
		l.released <- struct{}{}
		return n, nil
	case <-l.gone:
		return 0, com.ErrGone
	}
}

// Bytes travel through a session without an allocation.
func TestStreamsAllocateNothing(t *testing.T) {
	a, b := lends()
	buf := make([]byte, 32<<10)
	over := make(chan error, 1)
	go func() {
		over <- Serve(b, func(c *Stream) {
			defer c.Close()
			back := make([]byte, 64)
			for {
				n, err := c.Read(back)
				if err != nil {
					return
				}
				if _, err := c.Write(back[:n]); err != nil {
					return
				}
			}
		})
	}()
	s, err := Connect(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Open()
	if err != nil {
		t.Fatal(err)
	}
	round := func(n int) {
		if _, err := c.Write(buf[:n]); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(c, buf[:n]); err != nil {
			t.Fatal(err)
		}
	}
	round(len(buf)) // its buffers have grown
	for _, n := range []int{24, 2000} {
		if allocs := testing.AllocsPerRun(200, func() { round(n) }); allocs != 0 {
			t.Errorf("%.2f allocations for %d bytes there and back", allocs, n)
		}
	}
	s.Close()
	<-over
}
