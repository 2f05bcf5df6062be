package flash

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
)

// card is one that fails.
type card struct {
	data    []byte
	left    int // bytes until it is pulled out
	flip    int // a byte that it does not keep, or -1
	keeps   int // bytes that it really has
	written []int64
}

func (c *card) WriteAt(b []byte, at int64) (int, error) {
	if c.left < len(b) {
		return 0, syscall.EIO
	}
	c.left -= len(b)
	c.written = append(c.written, at)
	copy(c.data[at:], b)
	if f := int64(c.flip); f >= at && f < at+int64(len(b)) {
		c.data[f] ^= 0x10
	}
	return len(b), nil
}

func (c *card) ReadAt(b []byte, at int64) (int, error) {
	if at+int64(len(b)) > int64(c.keeps) {
		return 0, io.ErrUnexpectedEOF
	}
	if c.left < len(b) {
		return 0, syscall.EIO
	}
	c.left -= len(b)
	return copy(b, c.data[at:]), nil
}

func (c *card) Sync() error { return nil }

func layout() *Layout {
	return &Layout{Size: 4 << 20, Pieces: []Piece{
		{0, bytes.Repeat([]byte{1}, 2*Sector), "table"},
		{8 * Sector, bytes.Repeat([]byte{2}, 3<<20), "files"},
	}}
}

func newCard() *card {
	return &card{data: make([]byte, 4<<20), left: 1 << 30, flip: -1, keeps: 4 << 20}
}

func TestWrite(t *testing.T) {
	c := newCard()
	var passes []string
	var last int64
	err := Write(t.Context(), c, layout(), func(pass string, done, total int64) {
		if len(passes) == 0 || passes[len(passes)-1] != pass {
			passes, last = append(passes, pass), 0
		}
		if done < last || done > total {
			t.Errorf("%s: %d after %d of %d", pass, done, last, total)
		}
		last = done
	})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(passes, " ") != "writing checking" || last != layout().Total() {
		t.Errorf("%v, %d", passes, last)
	}
	if c.data[0] != 1 || c.data[Sector] != 1 || c.data[2*Sector] != 0 || c.data[8*Sector] != 2 {
		t.Error("it is not what it was to be")
	}
	if n := len(c.written); c.written[0] != 0 || c.written[n-1] != 0 {
		t.Errorf("the first sector is not cleared first and written last: %v", c.written)
	}
}

// TestPulledOut pulls the card out at every step.
func TestPulledOut(t *testing.T) {
	for left := 0; ; left += 300000 {
		c := newCard()
		c.left = left
		err := Write(t.Context(), c, layout(), nil)
		if err == nil {
			if left < int(layout().Total()) {
				t.Errorf("written with %d bytes", left)
			}
			return
		}
		if !errors.Is(err, com.ErrGone) || !strings.Contains(err.Error(), "pulled out") {
			t.Fatalf("after %d bytes: %v", left, err)
		}
		if left < 3<<20 && c.data[0] != 0 {
			t.Errorf("after %d bytes: a half-written card looks like one to boot from", left)
		}
	}
}

func TestBadCards(t *testing.T) {
	for _, flip := range []int{0, Sector, 8 * Sector, 2 << 20} {
		c := newCard()
		c.flip = flip
		if flip == 0 {
			c.flip = 3 // the last write of the first sector
		}
		if err := Write(t.Context(), c, layout(), nil); !errors.Is(err, com.ErrCorrupt) {
			t.Errorf("byte %d is not kept: %v", flip, err)
		}
	}
	c := newCard()
	c.keeps = 1 << 20
	if err := Write(t.Context(), c, layout(), nil); !errors.Is(err, com.ErrCorrupt) {
		t.Errorf("smaller than it says: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Write(ctx, newCard(), layout(), nil); !errors.Is(err, com.ErrCanceled) {
		t.Error(err)
	}
	if err := Write(t.Context(), newCard(), &Layout{Size: 512, Pieces: []Piece{{512, make([]byte, 512), "x"}}}, nil); !errors.Is(err, com.ErrInvalid) {
		t.Error(err)
	}
}

// fickle is a card that does anything a card can do wrong, at random.
type fickle struct {
	*rand.Rand
	data   []byte
	most   int // one operation in so many goes wrong
	wrongs int
}

func (c *fickle) wrong() bool {
	if c.IntN(c.most) != 0 {
		return false
	}
	c.wrongs++
	return true
}

func (c *fickle) error() error {
	return []error{syscall.EIO, syscall.ENOSPC, io.ErrShortWrite, io.ErrUnexpectedEOF, syscall.EPERM}[c.IntN(5)]
}

func (c *fickle) WriteAt(b []byte, at int64) (int, error) {
	if c.wrong() {
		n := 0
		if len(b) > 0 {
			n = c.IntN(len(b)) // what is written of it
		}
		copy(c.data[at:], b[:n])
		switch c.IntN(4) {
		case 0:
			return n, nil // and nobody says so
		case 1:
			return len(b), nil // nor this
		}
		return n, c.error()
	}
	return copy(c.data[at:], b), nil
}

func (c *fickle) ReadAt(b []byte, at int64) (int, error) {
	n := copy(b, c.data[at:])
	if c.wrong() {
		switch c.IntN(3) {
		case 0:
			b[c.IntN(n)] ^= 1 << c.IntN(8)
			return n, nil
		case 1:
			return c.IntN(n), nil
		}
		return 0, c.error()
	}
	return n, nil
}

func (c *fickle) Sync() error {
	if c.wrong() {
		return c.error()
	}
	return nil
}

// TestFickleCards: whatever a card does, one that is said to be good holds what was
// written, and one whose first sector is not the last thing written is not said to be.
func TestFickleCards(t *testing.T) {
	l := layout()
	l.Pieces[1].Data = make([]byte, 5*step+Sector)
	r := rand.New(rand.NewPCG(1, 1))
	for i := range l.Pieces[1].Data {
		l.Pieces[1].Data[i] = byte(r.Uint32())
	}
	l.Size = l.Pieces[1].At + int64(len(l.Pieces[1].Data))
	good := 0
	for range 300 {
		c := &fickle{Rand: r, data: make([]byte, l.Size), most: 2 + r.IntN(60)}
		err := Write(t.Context(), c, l, nil)
		holds := true
		for _, p := range l.Pieces {
			holds = holds && bytes.Equal(c.data[p.At:p.At+int64(len(p.Data))], p.Data)
		}
		switch {
		case err == nil && !holds:
			t.Fatal("a card that does not hold what was written is called good")
		case err == nil:
			good++
		case c.wrongs == 0:
			t.Fatalf("a card that did nothing wrong: %v", err)
		case err.Error() == "":
			t.Fatal("an error that says nothing")
		}
	}
	if good < 10 || good > 290 {
		t.Errorf("%d of 300 were good: nothing is tried", good)
	}
}
