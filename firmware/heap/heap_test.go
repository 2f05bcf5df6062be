package heap

import (
	"errors"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
)

func arena(t testing.TB, size int, o Options) *Arena {
	t.Helper()
	a, err := New(make([]byte, size), o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func alloc(t testing.TB, h Heap, size, align uint64) Span {
	t.Helper()
	s, err := h.Alloc(size, align)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sub(t testing.TB, h Heap, name string, l Limit) Heap {
	t.Helper()
	k, err := h.Sub(name, l)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// fault wants err to hold a fault of the kind and code, naming all of words.
func fault(t *testing.T, err error, kind FaultKind, code com.Code, words ...string) {
	t.Helper()
	var f *Fault
	if !errors.As(err, &f) || f.Kind != kind || !errors.Is(err, code) {
		t.Fatalf("got %v, want %q with code %q", err, kind, code)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not name %q", err, w)
		}
	}
}

func TestBadRegionsAndRequests(t *testing.T) {
	for _, c := range []struct {
		size int
		Options
	}{
		{Granule - 1, Options{}}, {Granule, Options{Base: 1}}, {4096, Options{Policy: 9}},
		{4096, Options{Base: math.MaxUint64 - 100}}, {4096, Options{Reserve: -1}},
	} {
		if _, err := New(make([]byte, c.size), c.Options); !errors.Is(err, com.ErrInvalid) {
			t.Errorf("New(%d bytes, %+v): %v", c.size, c.Options, err)
		}
	}
	for _, p := range []Policy{General, Buddy} {
		a := arena(t, 4096, Options{Policy: p})
		for _, c := range []struct {
			size, align uint64
			code        com.Code
		}{
			{0, 0, com.ErrInvalid}, {1, 3, com.ErrInvalid}, {1, MaxAlign * 2, com.ErrInvalid},
			{math.MaxUint64, 0, com.ErrNoMemory}, {4097, 0, com.ErrNoMemory}, {1, MaxAlign, com.OK},
			{4096, 1, com.OK}, {1, 1, com.ErrNoMemory},
		} {
			s, err := a.Alloc(c.size, c.align)
			if p == Buddy && c.align == MaxAlign {
				// A buddy block is as large as its alignment.
				c.code = com.ErrNoMemory
			}
			if com.CodeOf(err) != c.code {
				t.Errorf("%s: Alloc(%d, %d): %v, want %v", p, c.size, c.align, err, c.code)
			}
			if c.align == MaxAlign && err == nil {
				a.Free(s)
			}
		}
		if a.Usage().Denied == 0 {
			t.Error("refusals were not counted")
		}
	}
}

func TestAccounts(t *testing.T) {
	a := arena(t, 1<<20, Options{Name: "card"})
	client := sub(t, a, "client", Limit{Bytes: 64 << 10})
	synth := sub(t, client, "synth", Limit{Blocks: 2})
	mixer := sub(t, client, "mixer", Limit{})
	s1 := alloc(t, synth, 100, 0)
	alloc(t, synth, 200, 0)
	if _, err := synth.Alloc(1, 0); !errors.Is(err, com.ErrQuota) || !strings.Contains(err.Error(), "card/client/synth") {
		t.Fatalf("third span: %v", err)
	}
	m := alloc(t, mixer, 63<<10, 0)
	if _, err := mixer.Alloc(1024, 0); !errors.Is(err, com.ErrQuota) || !strings.Contains(err.Error(), "card/client holds") {
		t.Fatalf("over the client's limit: %v", err)
	}
	if u := client.Usage(); u.Asked != 300+63<<10 || u.Held != 128+256+63<<10 || u.Blocks != 3 || u.Allocs != 3 {
		t.Fatalf("client: %+v", u)
	}
	fault(t, mixer.Free(s1), NotOwner, com.ErrPermission, "card/client/synth", "100 bytes")
	if err := client.Free(m); err != nil {
		t.Fatal("the parent owner frees:", err)
	}
	if u := mixer.Usage(); u.Held != 0 || u.Peak != 63<<10 {
		t.Fatalf("mixer: %+v", u)
	}
	if n := len(a.Accounts()); n != 4 {
		t.Fatalf("%d accounts listed, want 4", n)
	}
	if err := client.Close(); err != nil {
		t.Fatal(err)
	}
	if s := a.Stats(); s.Free != s.Size || s.Blocks != 0 || len(a.Accounts()) != 1 {
		t.Fatalf("after the client's end: %+v, %v", s, a.Accounts())
	}
	for _, h := range []Heap{client, synth, mixer} {
		if _, err := h.Alloc(1, 0); !errors.Is(err, com.ErrGone) {
			t.Fatalf("closed heap: %v", err)
		}
		if h.Close() != nil || !errors.Is(h.Free(s1), com.ErrGone) {
			t.Fatal("closed twice")
		}
	}
	// The numbers of the closed accounts serve others now.
	other := sub(t, a, "other", Limit{})
	alloc(t, other, 100, 0)
	fault(t, a.Free(s1), DoubleFree, com.ErrInvalid)
}

func TestOwnersHaveBounds(t *testing.T) {
	var h Heap = arena(t, 4096, Options{})
	if _, err := h.Sub("", Limit{}); !errors.Is(err, com.ErrInvalid) {
		t.Fatal(err)
	}
	if _, err := h.Sub(strings.Repeat("x", 65), Limit{}); !errors.Is(err, com.ErrInvalid) {
		t.Fatal(err)
	}
	for range maxDepth - 1 {
		h = sub(t, h, "x", Limit{})
	}
	if _, err := h.Sub("x", Limit{}); !errors.Is(err, com.ErrInvalid) {
		t.Fatal(err)
	}
}

func TestFaults(t *testing.T) {
	for _, p := range []Policy{General, Buddy} {
		var seen []*Fault
		a := arena(t, 64<<10, Options{Policy: p, Checked: true, Report: func(f *Fault) { seen = append(seen, f) }})
		h := sub(t, a, "synth", Limit{})
		b := arena(t, 64<<10, Options{Policy: p, Checked: true})

		s := alloc(t, h, 100, 0)
		over(a, s, 100)
		fault(t, h.Check(), Overrun, com.ErrCorrupt, "heap/synth", "100 bytes", "offset 100")
		fault(t, h.Free(s), Overrun, com.ErrCorrupt)
		fault(t, h.Free(s), DoubleFree, com.ErrInvalid, "heap/synth", "100 bytes")

		s = alloc(t, h, 256, 4096)
		over(a, s, -1)
		fault(t, h.Free(s), Underrun, com.ErrCorrupt, "offset -1", "256 bytes")

		s = alloc(t, h, 128, 0)
		fault(t, b.Free(s), Foreign, com.ErrInvalid, "128 bytes")
		fault(t, h.Free(Span{}), Foreign, com.ErrInvalid)
		cut := s
		cut.mem = cut.mem[:64]
		fault(t, h.Free(cut), Foreign, com.ErrInvalid)
		moved := s
		moved.addr += Granule
		fault(t, h.Free(moved), Foreign, com.ErrInvalid)
		late := s
		late.gen += 5
		fault(t, h.Free(late), Foreign, com.ErrInvalid)
		if err := h.Free(s); err != nil {
			t.Fatal(err)
		}
		next := s
		next.gen++
		fault(t, h.Free(next), Foreign, com.ErrInvalid)
		s.Bytes()[7] = 0
		fault(t, a.Check(), UseAfterFree, com.ErrCorrupt)
		n := len(seen)
		again := alloc(t, h, 128, 0)
		if len(seen) != n+1 || seen[n].Kind != UseAfterFree {
			t.Fatalf("reuse of a block written to while free: %v", seen[n:])
		}
		if again.Bytes()[7] != 0 || again.Bytes()[8] != 0 {
			t.Fatal("span is not clean")
		}
		if a.Stats().Faults != uint64(len(seen)) {
			t.Fatalf("%d faults counted, %d reported", a.Stats().Faults, len(seen))
		}
	}
}

// over changes the byte at offset from the start of s, in or out of it.
func over(a *Arena, s Span, offset int) { a.mem[int(s.Addr()-a.base)+offset]++ }

func TestCloseReportsDamage(t *testing.T) {
	a := arena(t, 64<<10, Options{Checked: true})
	h := sub(t, a, "gfx", Limit{})
	over(a, alloc(t, h, 10, 0), 10)
	over(a, alloc(t, h, 20, 0), -1)
	err := h.Close()
	fault(t, err, Underrun, com.ErrCorrupt, "10 bytes", "20 bytes", "gfx")
	if s := a.Stats(); s.Free != s.Size {
		t.Fatalf("%+v", s)
	}
}

func TestNested(t *testing.T) {
	for _, p := range []Policy{General, Buddy} {
		outer := arena(t, 1<<20, Options{Base: 0x10000})
		client := sub(t, outer, "client", Limit{Bytes: 256 << 10})
		if _, err := Nest(client, 512<<10, 0, Options{}); !errors.Is(err, com.ErrQuota) {
			t.Fatal(err)
		}
		if _, err := Nest(client, 4096, 0, Options{Policy: 7}); !errors.Is(err, com.ErrInvalid) || client.Usage().Blocks != 0 {
			t.Fatal(err)
		}
		in, err := Nest(client, 128<<10, 4096, Options{Policy: p, Name: "pool"})
		if err != nil {
			t.Fatal(err)
		}
		s := alloc(t, in, 5000, 4096)
		if s.Addr() < 0x10000 || s.Addr()%4096 != 0 {
			t.Fatalf("address %#x", s.Addr())
		}
		deeper, err := Nest(in, 8192, 0, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := in.Close(); err != nil || in.Close() != nil {
			t.Fatal(err)
		}
		if client.Usage().Held != 0 {
			t.Fatalf("nested heap kept %+v", client.Usage())
		}
		if _, err := deeper.Alloc(1, 0); !errors.Is(err, com.ErrGone) {
			t.Fatal("heap in a closed heap:", err)
		}
		if err := deeper.Close(); err != nil {
			t.Fatal(err)
		}

		in, err = Nest(client, 128<<10, 4096, Options{Policy: p})
		if err != nil {
			t.Fatal(err)
		}
		s = alloc(t, in, 1, 0)
		if err := client.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := in.Alloc(1, 0); !errors.Is(err, com.ErrGone) {
			t.Fatal("memory went away:", err)
		}
		if err := in.Free(s); !errors.Is(err, com.ErrGone) {
			t.Fatal(err)
		}
		if err := in.Close(); err != nil {
			t.Fatal(err)
		}
		if st := outer.Stats(); st.Free != st.Size {
			t.Fatalf("%+v", st)
		}
	}
}

func TestFreshMemoryStaysUntouched(t *testing.T) {
	mem := make([]byte, 64<<10)
	a, err := New(mem, Options{Zeroed: true})
	if err != nil {
		t.Fatal(err)
	}
	mem[len(mem)-1], mem[300] = 7, 7 // pretend: what is not cleared shows
	s := alloc(t, a, 512, 0)
	if s.Bytes()[300] != 7 {
		t.Fatal("memory never used before was cleared")
	}
	a.Free(s)
	if s = alloc(t, a, 512, 0); s.Bytes()[300] != 0 {
		t.Fatal("memory used before was not cleared")
	}
	d := arena(t, 4096, Options{Dirty: true})
	s = alloc(t, d, 64, 0)
	s.Bytes()[0] = 9
	d.Free(s)
	if alloc(t, d, 64, 0).Bytes()[0] != 9 {
		t.Fatal("a dirty heap cleared")
	}
}

func TestLocks(t *testing.T) {
	h := arena(t, 8<<20, Options{Lock: new(sync.Mutex)})
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			own, err := h.Sub("worker", Limit{})
			if err != nil {
				t.Error(err)
				return
			}
			for n := range 200 {
				s, err := own.Alloc(uint64(1+n*7%500), 0)
				if err != nil {
					t.Error(err)
					return
				}
				pattern(s, byte(i))
				if in, err := Nest(own, 4096, 0, Options{Lock: new(sync.Mutex)}); err != nil {
					t.Error(err)
				} else if _, err := in.Alloc(100, 0); err != nil {
					t.Error(err)
				} else if n%2 == 0 {
					in.Close()
				}
				if n%3 == 0 {
					if err := own.Free(s); err != nil {
						t.Error(err)
					}
				}
				if own.Usage().Blocks > 200 {
					own.Close()
					own, _ = h.Sub("worker", Limit{})
				}
			}
			if err := errors.Join(own.Check(), own.Close()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if u := h.Usage(); u.Held != 0 || u.Blocks != 0 {
		t.Fatalf("%+v", u)
	}
}

func TestNoGarbage(t *testing.T) {
	for _, p := range []Policy{General, Buddy} {
		a := arena(t, 1<<20, Options{Policy: p, Reserve: 64, Lock: new(sync.Mutex)})
		var spans [64]Span
		if n := testing.AllocsPerRun(100, func() {
			for i := range spans {
				spans[i] = alloc(t, a, uint64(i*37+1), 0)
			}
			for i := range spans {
				if a.Free(spans[i*29%64]) != nil {
					t.Fatal("free")
				}
			}
		}); n != 0 {
			t.Errorf("%s: %v Go allocations a run", p, n)
		}
	}
}
