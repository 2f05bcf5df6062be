package stream

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mmlite/mmlite/firmware/com"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// wire is one side of a carrier in memory: a channel of blocks each way.
type wire struct {
	out, in chan []byte
	gone    chan struct{}
	once    *sync.Once
	size    int
}

func wires(size int) (a, b *wire) {
	x, y, gone, once := make(chan []byte, 1), make(chan []byte, 1), make(chan struct{}), new(sync.Once)
	return &wire{x, y, gone, once, size}, &wire{y, x, gone, once, size}
}

func (w *wire) Size() int { return w.size }

func (w *wire) Close() error {
	w.once.Do(func() { close(w.gone) })
	return nil
}

func (w *wire) Send(b []byte) error {
	if len(b) > w.size || len(b)%packetUnit == 0 {
		panic("a block that is no transfer")
	}
	select {
	case w.out <- bytes.Clone(b):
		return nil
	case <-w.gone:
		return com.ErrGone
	}
}

func (w *wire) Receive(b []byte) (int, error) {
	select {
	case p := <-w.in:
		if p == nil {
			return 0, ErrRestart
		}
		return copy(b, p), nil
	case <-w.gone:
		return 0, com.ErrGone
	}
}

// echo returns what it is sent until the stream ends.
func echo(c *Stream) {
	_, _ = io.Copy(c, c) // the other end looks at what comes
	c.Close()
}

// session returns a host's session with a card that serves streams by accept.
func session(t testing.TB, a, b Carrier, accept func(*Stream)) *Session {
	t.Helper()
	over := make(chan error, 1)
	go func() { over <- Serve(b, accept) }()
	s, err := Connect(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		b.Close()
		<-over
	})
	return s
}

// exchange sends n bytes through an echoing stream and checks what returns.
func exchange(c *Stream, n int, seed uint64) error {
	r := rand.NewChaCha8([32]byte{byte(seed)})
	sent := make([]byte, n)
	r.Read(sent)
	wrote := make(chan error, 1)
	go func() {
		for at, k := 0, 1; at < n; at += k {
			k = min(1+int(r.Uint64()%5000), n-at)
			if _, err := c.Write(sent[at : at+k]); err != nil {
				wrote <- err
				return
			}
		}
		wrote <- nil
	}()
	got := make([]byte, n)
	if _, err := io.ReadFull(c, got); err != nil {
		return err
	}
	if !bytes.Equal(got, sent) {
		return errors.New("what returned differs")
	}
	return <-wrote
}

func TestStreamsCarryBytes(t *testing.T) {
	for _, size := range []int{MinBlock, 1000, MaxBlock} {
		a, b := wires(size)
		s := session(t, a, b, echo)
		var all sync.WaitGroup
		for i := range 8 {
			c, err := s.Open()
			if err != nil {
				t.Fatal(err)
			}
			all.Go(func() {
				defer c.Close()
				if err := exchange(c, 300_000, uint64(i)); err != nil {
					t.Errorf("blocks of %d, stream %d: %v", size, i, err)
				}
			})
		}
		all.Wait()
	}
}

// One that does not read holds up no other, and its sender waits.
func TestStreamThatDoesNotRead(t *testing.T) {
	a, b := wires(MaxBlock)
	hold := make(chan struct{})
	s := session(t, a, b, func(c *Stream) {
		var kind [1]byte
		if _, err := io.ReadFull(c, kind[:]); err == nil && kind[0] == 's' {
			<-hold
			c.Close()
			return
		}
		echo(c)
	})
	stuck, err := s.Open()
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() {
		_, err := stuck.Write(bytes.Repeat([]byte{'s'}, 1<<20))
		ended <- err
	}()
	quick, err := s.Open()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := quick.Write([]byte{'q'}); err != nil {
		t.Fatal(err)
	}
	if err := exchange(quick, 1<<20, 1); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		t.Fatal("a megabyte went to one that does not read", err)
	default:
	}
	close(hold)
	if err := <-ended; err == nil {
		t.Fatal("the writer was not told that the other side has closed")
	}
	quick.Close()
	stuck.Close()
}

func TestStreamsEnd(t *testing.T) {
	a, b := wires(MaxBlock)
	s := session(t, a, b, func(c *Stream) {
		_, _ = c.Write([]byte("bye"))
		c.Close()
	})
	for range 3 * MaxStreams { // their numbers are used again
		c, err := s.Open()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(c); err != nil || string(got) != "bye" {
			t.Fatalf("%q, %v", got, err)
		}
		if _, err := c.Write([]byte{1}); err == nil {
			t.Fatal("writing to a stream that is closed")
		}
		c.Close()
	}
}

func TestTooManyStreams(t *testing.T) {
	a, b := wires(MaxBlock)
	s := session(t, a, b, echo)
	for i := 0; ; i++ {
		if _, err := s.Open(); err != nil {
			if !errors.Is(err, com.ErrQuota) || i != MaxStreams {
				t.Fatal(i, err)
			}
			return
		}
	}
}

// A host that begins anew finds a clean card, whatever was left on the way.
func TestHostBeginsAnew(t *testing.T) {
	a, b := wires(MaxBlock)
	over := make(chan error, 1)
	streams := make(chan error, 8)
	go func() {
		over <- Serve(b, func(c *Stream) {
			_, err := io.Copy(c, c)
			streams <- err
		})
	}()
	for range 3 {
		// The carrier outlives the host: only what is in it is left.
		host := &keep{wire: a, gone: make(chan struct{})}
		s, err := Connect(context.Background(), host)
		if err != nil {
			t.Fatal(err)
		}
		c, err := s.Open()
		if err != nil {
			t.Fatal(err)
		}
		if err := exchange(c, 1000, 1); err != nil {
			t.Fatal(err)
		}
		a.out <- []byte{0x4d} // a transfer that was cut short, of another's
		s.Close()
	}
	a.Close()
	<-over
	for range 3 {
		if err := <-streams; err == nil {
			t.Fatal("a stream that was left ended as if it had been closed")
		}
	}
}

// keep is a carrier whose end leaves the wire as it is.
type keep struct {
	*wire
	gone chan struct{}
	once sync.Once
}

func (k *keep) Close() error {
	k.once.Do(func() { close(k.gone) })
	return nil
}

func (k *keep) Send(b []byte) error {
	select {
	case k.out <- bytes.Clone(b):
		return nil
	case <-k.gone:
		return com.ErrGone
	}
}

func (k *keep) Receive(b []byte) (int, error) {
	select {
	case p := <-k.in:
		return copy(b, p), nil
	case <-k.gone:
		return 0, com.ErrGone
	}
}

func TestSessionRefusals(t *testing.T) {
	block := func(id uint16, frames ...byte) []byte { return append(beginBlock(nil, id), frames...) }
	hello := appendWords(nil, kindHello, 0, sessionProtocol, window)
	for name, bad := range map[string][]byte{
		"no block":      {1, 2, 3},
		"long frame":    block(7, kindData, 0, 200, 0, 1),
		"half a frame":  block(7, kindData, 0),
		"twice opened":  block(7, kindOpen, 3, 0, 0, kindOpen, 3, 0, 0),
		"stream 99":     block(7, kindOpen, 99, 0, 0),
		"wrong version": append(block(7), appendWords(nil, kindHello, 0, 99, window)...),
	} {
		a, b := wires(MaxBlock)
		over := make(chan error, 1)
		go func() { over <- Serve(b, echo) }()
		if name != "wrong version" {
			a.out <- block(7, hello...)
			<-a.in
		}
		a.out <- bad
		var f frame
		if err := parseBlock(<-a.in, func(uint16, frame) bool { return true }, func(g frame) error { f = g; return nil }); err != nil || f.kind != kindWelcome || f.word(0) == 0 {
			t.Errorf("%s: the card answers %+v, %v", name, f, err)
		}
		a.out <- block(8, hello...) // and it goes on
		if err := parseBlock(<-a.in, func(uint16, frame) bool { return true }, func(g frame) error { f = g; return nil }); err != nil || f.kind != kindWelcome || f.word(0) != 0 {
			t.Errorf("%s: afterwards the card answers %+v, %v", name, f, err)
		}
		a.Close()
		<-over
	}
}

func TestConnectGivesUp(t *testing.T) {
	a, _ := wires(MaxBlock)
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	if _, err := Connect(ctx, a); !errors.Is(err, com.ErrTimeout) {
		t.Fatal(err)
	}
}

// A host that sends hellos within a session, and does not read the answers, is refused
// before they take more room than they may.
func TestHellosWithoutEnd(t *testing.T) {
	b, _ := wires(MaxBlock)
	s, err := newSession(b, false, func(*Stream) {})
	if err != nil {
		t.Fatal(err)
	}
	hello := append(beginBlock(nil, 1), appendWords(nil, kindHello, 0, sessionProtocol, 1000)...)
	if err := parseBlock(hello, s.mine, s.take); err != nil {
		t.Fatal(err)
	}
	more := append(beginBlock(nil, 1), appendWords(nil, kindCredit, 0, 0)...)
	for range 100 {
		more = appendWords(more, kindHello, 0, sessionProtocol, 1000)
	}
	for range 100 {
		if err = parseBlock(more, s.mine, s.take); err != nil {
			break
		}
		if len(s.control) > maxControl {
			t.Fatalf("%d bytes of frames wait", len(s.control))
		}
	}
	if com.CodeOf(err) != com.ErrProtocol {
		t.Fatalf("%d bytes of frames wait: %v", len(s.control), err)
	}
}

// Nothing that a host sends hurts a card.
func FuzzBlock(f *testing.F) {
	f.Add(append(beginBlock(nil, 1), appendWords(nil, kindHello, 0, 1, 1000)...), append(beginBlock(nil, 1), kindOpen, 1, 0, 0, kindData, 1, 2, 0, 'h', 'i'))
	f.Add(append(beginBlock(nil, 1), appendWords(nil, kindCredit, 1, 1<<31)...), []byte{0x4d, 0x4c, 1, 0, kindClose, 1, 4, 0, 1, 0, 0, 0})
	f.Fuzz(func(t *testing.T, x, y []byte) {
		b, _ := wires(MaxBlock)
		s, err := newSession(b, false, func(c *Stream) { c.Close() })
		if err != nil {
			t.Fatal(err)
		}
		out := make([]byte, 0, MaxBlock)
		for _, p := range [][]byte{append(beginBlock(nil, 1), appendWords(nil, kindHello, 0, 1, 1000)...), x, y, x} {
			s.mu.Lock()
			if err := parseBlock(p, s.mine, s.take); err != nil {
				s.open = false
				s.drop(err)
			}
			for range 4 {
				if c := s.compose(out); len(c) > MaxBlock || c != nil && len(c)%packetUnit == 0 {
					t.Errorf("a block of %d bytes", len(c))
				}
			}
			if len(s.control) > maxControl {
				t.Errorf("%d bytes of frames wait", len(s.control))
			}
			s.mu.Unlock()
		}
	})
}

func BenchmarkEcho(b *testing.B) {
	for _, n := range []int{64, 64 << 10} {
		b.Run(sizeName(n), func(b *testing.B) {
			x, y := wires(MaxBlock)
			s := session(b, x, y, echo)
			c, err := s.Open()
			if err != nil {
				b.Fatal(err)
			}
			buf := make([]byte, n)
			b.SetBytes(int64(2 * n))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Write(buf); err != nil {
					b.Fatal(err)
				}
				if _, err := io.ReadFull(c, buf); err != nil {
					b.Fatal(err)
				}
			}
			c.Close()
		})
	}
}

func sizeName(n int) string {
	if n < 1024 {
		return "64B"
	}
	return "64KiB"
}
