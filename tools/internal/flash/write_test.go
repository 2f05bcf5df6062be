package flash

import (
	"bytes"
	"context"
	"errors"
	"io"
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
