package share

import (
	"bytes"
	"context"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/heap"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/machine"
)

func channel(t *testing.T, grants int) *link.Channel {
	t.Helper()
	cfg := link.Config{Slots: 64, Small: 64 << 10, Large: 1 << 20, Grants: grants}
	mem, err := machine.NewGoMemory(cfg.Size())
	if err != nil {
		t.Fatal(err)
	}
	c, err := link.Format(mem.Bytes(), cfg, 1)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func cardHeap(t *testing.T) heap.Heap {
	t.Helper()
	h, err := heap.New(make([]byte, 1<<16), heap.Options{Checked: true})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestMemoryIsWhereTheLinkHasIt(t *testing.T) {
	ctx := context.Background()
	h := cardHeap(t)
	shared, err := New(channel(t, 64<<10))
	if err != nil {
		t.Fatal(err)
	}
	apart, err := New(channel(t, 0))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		a    *Area
		held uint64
	}{"granted": {shared, 0}, "behind a socket": {apart, 1000}, "local": {nil, 1000}} {
		m, err := c.a.Alloc(1000, h)
		if err != nil {
			t.Fatal(name, err)
		}
		if u := h.Usage().Asked; u != c.held {
			t.Errorf("%s: %d bytes of the heap", name, u)
		}
		g, err := m.Grant(ctx)
		if err != nil || g.Length != 1000 || (g.ID != 0) != (c.held == 0) {
			t.Errorf("%s: %+v, %v", name, g, err)
		}
		if err := m.Put(990, []byte("0123456789")); err != nil {
			t.Error(name, err)
		}
		if err := m.Put(991, []byte("0123456789")); com.CodeOf(err) != com.ErrInvalid {
			t.Error(name, err)
		}
		if err := m.Put(0xFFFFFFFF, []byte("x")); com.CodeOf(err) != com.ErrInvalid {
			t.Error(name, err)
		}
		buf := make([]byte, 20)
		if n, err := m.Get(ctx, 995, buf); n != 5 || err != nil || !bytes.Equal(buf[:5], []byte("56789")) {
			t.Errorf("%s: %d bytes, %v", name, n, err)
		}
		if _, err := m.Get(ctx, 1001, buf); com.CodeOf(err) != com.ErrInvalid {
			t.Error(name, err)
		}
		m.Release()
		m.Release() // one too many does nothing
		if h.Usage().Asked != 0 || shared.Used() != 0 {
			t.Errorf("%s: memory is held after the last release", name)
		}
	}
	if _, err := shared.Alloc(0, h); com.CodeOf(err) != com.ErrInvalid {
		t.Error(err)
	}
	if _, err := shared.Alloc(1<<20, h); com.CodeOf(err) != com.ErrNoMemory {
		t.Error(err)
	}
}

func TestAnAreaClosesWhenAllIsBack(t *testing.T) {
	c := channel(t, 64<<10)
	a, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	m, err := a.Alloc(1, nil)
	if err != nil {
		t.Fatal(err)
	}
	var cursors []*Cursor
	for range link.MaxCursors {
		cursors = append(cursors, a.Cursor())
	}
	if a.Cursor() != nil || a.Cursor().Index() != NoCursor {
		t.Fatal("more cursors than there are")
	}
	a.Cursor().Put([3]uint64{1}) // to nobody
	cursors[5].Put([3]uint64{1, 2, 3})
	idle := 0
	a.Close(func() { idle++ })
	if a.Cursor() != nil {
		t.Fatal("a cursor of a closed area")
	}
	if _, err := a.Alloc(1, nil); com.CodeOf(err) != com.ErrClosed {
		t.Fatal(err)
	}
	m.Release()
	for _, x := range cursors {
		if idle != 0 {
			t.Fatal("closed too early")
		}
		x.Release()
		x.Release()
	}
	if idle != 1 {
		t.Fatalf("told %d times", idle)
	}
}
