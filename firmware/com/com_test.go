package com

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"testing"
)

type beeper interface {
	Unknown
	Beep() int
}

var beeperType = &Type[beeper]{Descriptor: Descriptor{Name: "test.Beeper", IID: MustIID("7465737400000001-0000000000000001")}}

// twinType has the shape of beeper under another name.
var twinType = &Type[beeper]{Descriptor: Descriptor{Name: "test.Twin", IID: MustIID("7465737400000002-0000000000000001")}}

type horn struct {
	Object
	ended int
}

func (h *horn) Beep() int { return 7 }

func newHorn() *horn {
	h := &horn{}
	h.Init(h, func() { h.ended++ }, beeperType.For(h))
	return h
}

func TestQueryByIDNotShape(t *testing.T) {
	h := newHorn()
	b, err := Query(h, beeperType)
	if err != nil || b.Beep() != 7 {
		t.Fatal(b, err)
	}
	if _, err := Query(h, twinType); !errors.Is(err, ErrNoInterface) {
		t.Fatalf("twin by shape: %v", err)
	}
	if _, err := Query[beeper](nil, beeperType); !errors.Is(err, ErrInvalid) {
		t.Fatalf("nil object: %v", err)
	}
	id1, _ := b.Query(IIDUnknown)
	id2, _ := h.Query(IIDUnknown)
	if id1 != id2 {
		t.Fatal("identity differs between contracts of one object")
	}
	Release(b, id1, id2, nil)
	if h.Refs() != 1 {
		t.Fatalf("refs %d, want 1", h.Refs())
	}
}

func TestLastReleaseEndsOnce(t *testing.T) {
	h := newHorn()
	if h.AddRef() != 2 || h.Release() != 1 || h.Release() != 0 {
		t.Fatal("counts")
	}
	if h.Release() != 0 || h.AddRef() != 0 || h.ended != 1 {
		t.Fatalf("after the end: ended %d times", h.ended)
	}
	if _, err := h.Query(beeperType.IID); !errors.Is(err, ErrGone) {
		t.Fatalf("query on a dead object: %v", err)
	}
}

func TestCountsFromManyGoroutines(t *testing.T) {
	h := newHorn()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 10000 {
				h.AddRef()
				h.Release()
			}
		})
	}
	wg.Wait()
	if h.Refs() != 1 || h.ended != 0 {
		t.Fatal(h.Refs(), h.ended)
	}
}

func TestErrorsMeanTheSame(t *testing.T) {
	for _, c := range []struct {
		err  error
		code Code
		is   error
	}{
		{Errorf(ErrGone, "card %q", "x"), ErrGone, ErrGone},
		{fmt.Errorf("bank: %w", Errorf(ErrCorrupt, "chunk")), ErrCorrupt, ErrCorrupt},
		{context.DeadlineExceeded, ErrTimeout, context.DeadlineExceeded},
		{ErrTimeout, ErrTimeout, context.DeadlineExceeded},
		{Errorf(ErrCanceled, "call"), ErrCanceled, context.Canceled},
		{&os.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist}, ErrNotFound, fs.ErrNotExist},
		{Errorf(ErrEOF, "file"), ErrEOF, io.EOF},
		{errors.New("other"), ErrFailed, nil},
		{nil, OK, nil},
	} {
		if got := CodeOf(c.err); got != c.code {
			t.Errorf("CodeOf(%v) = %v, want %v", c.err, got, c.code)
		}
		if c.is != nil && !errors.Is(c.err, c.is) {
			t.Errorf("errors.Is(%v, %v) is false", c.err, c.is)
		}
	}
	for c := OK; c < numCodes; c++ {
		if c.Error() == "" {
			t.Errorf("code %d has no text", c)
		}
	}
}

func TestIIDText(t *testing.T) {
	i := MustIID("0123456789abcdef-fedcba9876543210")
	if j, err := ParseIID(i.String()); err != nil || j != i {
		t.Fatal(j, err)
	}
	for _, s := range []string{"", "x", "0123456789abcdef fedcba9876543210", "0123456789abcdeg-fedcba9876543210"} {
		if _, err := ParseIID(s); !errors.Is(err, ErrInvalid) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func BenchmarkLocalCall(b *testing.B) {
	h := newHorn()
	x, _ := Query(h, beeperType)
	b.ReportAllocs()
	for b.Loop() {
		x.Beep()
	}
}

// TestErrorsSayTheirCodeOnce wraps an error in one of the same code, as each layer
// that adds what it knows does.
func TestErrorsSayTheirCodeOnce(t *testing.T) {
	inner := Errorf(ErrGone, "the card")
	for _, c := range []struct {
		err  error
		want string
	}{
		{inner, "the card: gone"},
		{Errorf(ErrGone, "call: %v", inner), "call: the card: gone"},
		{Errorf(ErrGone, "%v", ErrGone), "gone"},
		{Errorf(ErrTimeout, "%v", inner), "the card: gone: " + ErrTimeout.Error()},
		{Errorf(ErrGone, "all voices are gone"), "all voices are gone: gone"},
	} {
		if got := c.err.Error(); got != c.want || CodeOf(c.err) == OK {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
