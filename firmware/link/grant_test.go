package link

import (
	"bytes"
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/heap"
	"github.com/mmlite/mmlite/firmware/machine"
)

// granting is a channel with an area to grant from, seen from both sides.
func granting(t testing.TB, bytes int) (card, host *Channel, g *Grants) {
	t.Helper()
	cfg := Config{Slots: 64, Small: 64 << 10, Large: 1 << 20, Grants: bytes}
	mem := goMemory(t, cfg.Size())
	card, err := Format(mem, cfg, 3)
	if err != nil {
		t.Fatal(err)
	}
	if host, err = Attach(mem); err != nil {
		t.Fatal(err)
	}
	if g, err = NewGrants(card); err != nil {
		t.Fatal(err)
	}
	return card, host, g
}

// TestGrantsAgainstAModel grants and frees at random, with a host that scribbles
// over the whole area meanwhile.
func TestGrantsAgainstAModel(t *testing.T) {
	const area = 1 << 20
	_, host, g := granting(t, area)
	r := rand.New(rand.NewPCG(1, 2))
	type held struct {
		Grant
		mem  []byte
		mark byte
	}
	var out []held
	var stale []Grant
	for n := range 20000 {
		if n%2000 == 0 { // the host writes where it was granted nothing, too
			keep := make([]byte, area)
			copy(keep, host.GrantArea())
			for i := range host.GrantArea() {
				host.GrantArea()[i] = byte(r.Uint32())
			}
			copy(host.GrantArea(), keep)
		}
		switch {
		case r.IntN(2) == 0:
			size := 1 + r.IntN(64<<10)
			x, mem, err := g.Alloc(size)
			if err != nil {
				if com.CodeOf(err) != com.ErrNoMemory {
					t.Fatal(err)
				}
				continue
			}
			h := held{x, mem, byte(n)}
			theirs, err := host.Granted(x)
			if err != nil || len(theirs) != size || &theirs[0] != &mem[0] {
				t.Fatalf("%+v: %d bytes, %v", x, len(theirs), err)
			}
			for i := range theirs {
				theirs[i] = h.mark
			}
			out = append(out, h)
		case len(out) > 0:
			i := r.IntN(len(out))
			for _, b := range out[i].mem {
				if b != out[i].mark {
					t.Fatal("two grants share memory")
				}
			}
			if err := g.Free(out[i].Grant); err != nil {
				t.Fatal(err)
			}
			stale = append(stale, out[i].Grant)
			out[i] = out[len(out)-1]
			out = out[:len(out)-1]
		}
		if len(stale) > 0 {
			if err := g.Free(stale[r.IntN(len(stale))]); com.CodeOf(err) != com.ErrInvalid {
				t.Fatalf("a stale grant was freed: %v", err)
			}
		}
	}
	for _, h := range out {
		if err := g.Free(h.Grant); err != nil {
			t.Fatal(err)
		}
	}
	if n, blocks := g.Used(); n != 0 || blocks != 0 {
		t.Fatalf("%d bytes in %d grants are left", n, blocks)
	}
	if _, mem, err := g.Alloc(area); err != nil || len(mem) != area {
		t.Fatal("the area is in pieces", err)
	}
}

func TestGrantsOfOthersAreRefused(t *testing.T) {
	_, host, g := granting(t, 64<<10)
	_, other, _ := granting(t, 64<<10)
	x, _, err := g.Alloc(100)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Granted(x); com.CodeOf(err) != com.ErrNotFound {
		t.Fatalf("another channel takes it: %v", err)
	}
	for name, bad := range map[string]Grant{
		"length 0":     {ID: 1, Channel: host.Serial()},
		"too long":     {ID: 1, Channel: host.Serial(), Length: 64<<10 + 1},
		"beyond":       {ID: 1, Channel: host.Serial(), Offset: 64 << 10, Length: 1},
		"wraps around": {ID: 1, Channel: host.Serial(), Offset: 0xFFFFF000, Length: 0xFFFFFFFF},
		"in mid-page":  {ID: 1, Channel: host.Serial(), Offset: 100, Length: 1},
		"no number":    {Channel: host.Serial(), Length: 1},
	} {
		if _, err := host.Granted(bad); com.CodeOf(err) != com.ErrProtocol {
			t.Errorf("%s: %v", name, err)
		}
	}
	changed := x
	changed.Length++
	if err := g.Free(changed); com.CodeOf(err) != com.ErrInvalid {
		t.Errorf("a changed grant was freed: %v", err)
	}
}

func TestAChannelClosesWhenItsGrantsAreBack(t *testing.T) {
	_, _, g := granting(t, 64<<10)
	a, _, _ := g.Alloc(1)
	b, _, err := g.Alloc(5000)
	if err != nil {
		t.Fatal(err)
	}
	idle := 0
	g.Close(func() { idle++ })
	if _, _, err := g.Alloc(1); com.CodeOf(err) != com.ErrClosed {
		t.Fatal(err)
	}
	for i, x := range []Grant{a, b} {
		if idle != 0 {
			t.Fatalf("closed with %d grants out", 2-i)
		}
		if err := g.Free(x); err != nil {
			t.Fatal(err)
		}
	}
	if idle != 1 {
		t.Fatalf("told %d times", idle)
	}
	_, _, none := granting(t, 0)
	if _, _, err := none.Alloc(1); com.CodeOf(err) != com.ErrNotSupported {
		t.Fatal(err)
	}
	none.Close(func() { idle++ })
	if idle != 2 {
		t.Fatal("a channel without grants does not close")
	}
}

// FuzzGranted: whatever a side says it was granted, the other reads inside the area.
func FuzzGranted(f *testing.F) {
	_, host, _ := granting(f, 64<<10)
	f.Add(uint32(1), host.Serial(), uint32(4096), uint32(100))
	f.Add(uint32(1), host.Serial(), uint32(0xFFFFF000), uint32(0x1001))
	f.Fuzz(func(t *testing.T, id, channel, offset, length uint32) {
		mem, err := host.Granted(Grant{id, channel, offset, length})
		if err != nil {
			return
		}
		if len(mem) != int(length) || int(offset)+len(mem) > len(host.GrantArea()) || !bytes.Equal(mem[:1], host.GrantArea()[offset:offset+1]) {
			t.Fatalf("%d bytes at %d", length, offset)
		}
	})
}

func TestCursors(t *testing.T) {
	card, host, _ := granting(t, 0)
	w, ok := card.Cursor(95)
	r, ok2 := host.Cursor(95)
	if !ok || !ok2 {
		t.Fatal("no cursor")
	}
	if _, ok := host.Cursor(MaxCursors); ok {
		t.Fatal("a cursor beyond the page")
	}
	if _, ok := r.Get(); ok {
		t.Fatal("values that nobody put")
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range uint64(100000) {
			w.Put([3]uint64{i, 2 * i, 3 * i})
		}
	}()
	for last, over := uint64(0), false; !over; {
		select {
		case <-done:
			over = true
		default:
		}
		if v, ok := r.Get(); ok {
			if v[1] != 2*v[0] || v[2] != 3*v[0] || v[0] < last {
				t.Fatalf("%v after %d", v, last)
			}
			last = v[0]
		}
	}
	// A host that scribbles does not lead the writer astray.
	for i := range r.words {
		r.words[i] = 0xFFFFFFFFFFFFFFFF
	}
	w.Put([3]uint64{7, 8, 9})
	if v, ok := r.Get(); !ok || v != [3]uint64{7, 8, 9} {
		t.Fatal(v, ok)
	}
	if n := testing.AllocsPerRun(100, func() { w.Put([3]uint64{1}); r.Get() }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	PutStatus(host.Status(), make([]uint64, 300))
	if v, ok := r.Get(); !ok || v != [3]uint64{1} {
		t.Fatal("the values of the page reach into the cursors", v)
	}
	var none Cursor
	none.Put([3]uint64{1})
	if _, ok := none.Get(); ok {
		t.Fatal("the zero cursor has values")
	}
}

func BenchmarkCursor(b *testing.B) {
	card, host, _ := granting(b, 0)
	w, _ := card.Cursor(0)
	r, _ := host.Cursor(0)
	w.Put([3]uint64{1, 2, 3})
	b.ReportAllocs()
	for b.Loop() {
		r.Get()
	}
}

func goMemory(t testing.TB, size int) []byte {
	t.Helper()
	m, err := machine.NewGoMemory(size)
	if err != nil {
		t.Fatal(err)
	}
	return m.Bytes()
}

// hooked is a lock of a heap in which something happens at times.
type hooked struct {
	sync.Mutex
	then func()
}

func (h *hooked) Lock() {
	if f := h.then; f != nil {
		h.then = nil
		f()
	}
	h.Mutex.Lock()
}

// The memory of a channel is not given back while a grant is being made or freed in it.
func TestGrantsCloseMeanwhile(t *testing.T) {
	_, _, g := granting(t, 64<<10)
	lock := &hooked{}
	var err error
	if g.area, err = heap.New(g.channel.GrantArea(), heap.Options{Lock: lock}); err != nil {
		t.Fatal(err)
	}
	idle := 0
	x, _, err := g.Alloc(1)
	if err != nil {
		t.Fatal(err)
	}
	lock.then = func() {
		g.Close(func() { idle++ })
		if err := g.Free(x); err != nil || idle != 0 {
			t.Errorf("idle %d times during Alloc: %v", idle, err)
		}
	}
	y, _, err := g.Alloc(1)
	if err != nil || idle != 0 {
		t.Fatalf("idle %d times: %v", idle, err)
	}
	lock.then = func() {
		if idle != 0 {
			t.Error("idle during Free")
		}
	}
	if err := g.Free(y); err != nil || idle != 1 {
		t.Fatalf("idle %d times: %v", idle, err)
	}
	if _, _, err := g.Alloc(1); com.CodeOf(err) != com.ErrClosed {
		t.Fatal(err)
	}
}

// The number of a grant is that of no other, also when numbers begin again.
func TestGrantNumbersBeginAgain(t *testing.T) {
	_, _, g := granting(t, 64<<10)
	first, _, err := g.Alloc(1)
	if err != nil {
		t.Fatal(err)
	}
	g.last = math.MaxUint32 - 1
	for range 2 {
		x, _, err := g.Alloc(1)
		if err != nil || x.ID == 0 || x.ID == first.ID {
			t.Fatalf("grant %d: %v", x.ID, err)
		}
	}
}

// A header that says more than an int of 32 bits holds is refused.
func TestConfigTooLarge(t *testing.T) {
	c := Config{Slots: 1 << 16, Small: 1 << 26, Large: 1 << 29, Grants: MaxGrantArea}
	if err := c.check(); err == nil && c.Size() < 0 {
		t.Fatalf("a channel of %d bytes", c.Size())
	}
}
