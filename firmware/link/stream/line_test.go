package stream

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"net"
	"sync"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
)

// bad is a line that loses, changes and invents bytes, one in so many.
type bad struct {
	net.Conn
	mu    sync.Mutex
	rand  *rand.Rand
	oneIn int
}

func (l *bad) Write(p []byte) (int, error) {
	l.mu.Lock()
	q := make([]byte, 0, len(p)+8)
	for _, v := range p {
		if l.oneIn > 0 && l.rand.IntN(l.oneIn) == 0 {
			switch l.rand.IntN(3) {
			case 0:
				continue
			case 1:
				v ^= 1 << l.rand.IntN(8)
			case 2:
				q = append(q, byte(l.rand.Uint32()))
			}
		}
		q = append(q, v)
	}
	l.mu.Unlock()
	if _, err := l.Conn.Write(q); err != nil {
		return 0, err
	}
	return len(p), nil
}

func lines(oneIn int) (host, card *bad) {
	a, b := net.Pipe()
	return &bad{Conn: a, rand: rand.New(rand.NewPCG(1, 2)), oneIn: oneIn}, &bad{Conn: b, rand: rand.New(rand.NewPCG(3, 4)), oneIn: oneIn}
}

func TestLineCarriesBytes(t *testing.T) {
	for _, oneIn := range []int{0, 3000} {
		a, b := lines(oneIn)
		host, card := NewLine(a, true), NewLine(b, false)
		s := session(t, host, card, echo)
		var all sync.WaitGroup
		for i := range 3 {
			c, err := s.Open()
			if err != nil {
				t.Fatal(err)
			}
			all.Go(func() {
				defer c.Close()
				if err := exchange(c, 30_000, uint64(i)); err != nil {
					t.Errorf("one byte in %d, stream %d: %v", oneIn, i, err)
				}
			})
		}
		all.Wait()
		damaged, again := card.Damaged()
		if (damaged > 0) != (oneIn > 0) {
			t.Errorf("one byte in %d: %d packets damaged, %d sent again", oneIn, damaged, again)
		}
	}
}

func TestLineOfNewHost(t *testing.T) {
	a, b := lines(0)
	card := NewLine(b, false)
	over := make(chan error, 1)
	go func() { over <- Serve(card, echo) }()
	came := make(chan []byte)
	go func() {
		defer close(came)
		for {
			p := make([]byte, 1024) // no longer than what a Line reads at once
			n, err := a.Conn.Read(p)
			if err != nil {
				return
			}
			came <- p[:n]
		}
	}()
	for range 3 {
		host := NewLine(&borrowed{bad: a, came: came, gone: make(chan struct{})}, true)
		s, err := Connect(t.Context(), host)
		if err != nil {
			t.Fatal(err)
		}
		c, err := s.Open()
		if err != nil {
			t.Fatal(err)
		}
		if err := exchange(c, 5000, 1); err != nil {
			t.Fatal(err)
		}
		// The program dies in the middle of a packet.
		host.mu.Lock()
		host.err = com.ErrGone
		host.wakeAll()
		host.mu.Unlock()
		if _, err := a.Conn.Write([]byte{5, 4, 3}); err != nil {
			t.Fatal(err)
		}
		host.rw.Close()
		s.Close()
	}
	a.Conn.Close()
	for range came {
	}
	card.Close()
	if err := <-over; err == nil {
		t.Fatal("the card's session ended without a reason")
	}
}

// borrowed is a line that stays when one of its users closes it.
type borrowed struct {
	*bad
	came chan []byte
	gone chan struct{}
	once sync.Once
}

func (b *borrowed) Close() error {
	b.once.Do(func() { close(b.gone) })
	return nil
}

func (b *borrowed) Read(p []byte) (int, error) {
	select {
	case c := <-b.came:
		return copy(p, c), nil
	case <-b.gone:
		return 0, com.ErrClosed
	}
}

func TestCOBS(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for n := range 1000 {
		p := make([]byte, n)
		for i := range p {
			p[i] = byte(r.IntN(1 + n%7*40))
		}
		s := appendCOBS(nil, p)
		if bytes.IndexByte(s, 0) != len(s)-1 || len(s) > n+n/254+2 {
			t.Fatalf("%d bytes became %d: %x", n, len(s), s)
		}
		back, ok := unstuff(s[:len(s)-1])
		if !ok || !bytes.Equal(back, p) {
			t.Fatalf("%x became %x", p, back)
		}
	}
}

// Nothing that comes over a line hurts either side.
func FuzzLine(f *testing.F) {
	f.Add(appendCOBS([]byte{0}, []byte{lineSyn, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}))
	f.Add([]byte{0, 3, 1, 2, 0, 0xff, 0})
	f.Fuzz(func(t *testing.T, p []byte) {
		if out, ok := unstuff(bytes.Clone(p)); ok && bytes.IndexByte(p, 0) < 0 {
			if again := appendCOBS(nil, out); len(again) > len(p)+2 {
				t.Errorf("%x became %x", p, again)
			}
		}
		a, b := net.Pipe()
		card := NewLine(b, false)
		go func() {
			buf := make([]byte, 4096)
			for {
				if _, err := a.Read(buf); err != nil {
					return
				}
			}
		}()
		if _, err := a.Write(p); err != nil {
			t.Fatal(err)
		}
		// Packets that pass the checksum, too.
		card.mu.Lock()
		card.begin()
		card.mu.Unlock()
		if len(p) >= 3 {
			card.mu.Lock()
			card.acknowledged(p[0], p[1]&1 == 1)
			card.take(p[2], p[:min(len(p), lineBlock)])
			card.mu.Unlock()
		}
		a.Close()
		card.Close()
		buf := make([]byte, lineBlock)
		for i := 0; ; i++ {
			if _, err := card.Receive(buf); err != nil && !errors.Is(err, ErrRestart) {
				break
			}
			if i > 2*lineWindow {
				t.Fatal("more comes out than goes in")
			}
		}
	})
}
