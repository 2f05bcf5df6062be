package link

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"unsafe"

	"github.com/mmlite/mmlite/firmware/com"
)

// oldMemory is memory aligned to a page, full of old things.
func oldMemory(size int) []byte {
	b := make([]byte, size+4096)
	at := -int(uintptr(unsafe.Pointer(&b[0]))) & 4095
	b = b[at : at+size : at+size]
	for i := range b {
		b[i] = byte(i * 7)
	}
	return b
}

func TestDoors(t *testing.T) {
	mem := oldMemory(64 << 20)
	if _, err := FindDoors(oldMemory(20 << 20)[4096:]); !errors.Is(err, com.ErrProtocol) {
		t.Errorf("doors were found where there are none: %v", err)
	}
	card, err := FormatDoors(mem, 77, true)
	if err != nil {
		t.Fatal(err)
	}
	host, err := FindDoors(mem)
	if err != nil {
		t.Fatal(err)
	}
	if host.Len() < 3 || host.Len() != card.Len() || !host.Bells() || host.Generation() != 77 {
		t.Fatalf("%d and %d doors", card.Len(), host.Len())
	}
	for i := range host.Len() {
		count := host.Ask(i, "a program", 42)
		if got := atomic.LoadUint32(card.Knock(i)); got != count || count&1 == 0 {
			t.Fatalf("the card hears knock %d of %d", got, count)
		}
		if name, peer := card.Caller(i); name != "a program" || peer != 42 {
			t.Errorf("%q, %d knocked", name, peer)
		}
		c, err := card.Open(i)
		if err != nil {
			t.Fatal(err)
		}
		if atomic.LoadUint32(host.Answer(i)) == count {
			t.Fatal("answered before the reply")
		}
		card.Reply(i, count, nil)
		h, err := host.Enter(i)
		if err != nil {
			t.Fatal(err)
		}
		exchange(t, c.CardEnd(func(*uint32) {}), h.HostEnd(func(*uint32) {}))
		host.Leave(i)
		host.Leave(i)
		if k := atomic.LoadUint32(card.Knock(i)); k != count+1 {
			t.Errorf("left with knock %d after %d", k, count)
		}
	}
	// The last door's neighbours are whole: each channel is its own.
	count := host.Ask(0, strings.Repeat("x", 100), 0)
	card.Reply(0, count, com.Errorf(com.ErrQuota, "%s", strings.Repeat("no ", 100)))
	if _, err := host.Enter(0); !errors.Is(err, com.ErrQuota) || !strings.Contains(err.Error(), "no no") {
		t.Errorf("refused by %v", err)
	}
	if name, _ := card.Caller(0); len(name) != doorName {
		t.Errorf("a name of %d bytes", len(name))
	}
}

// exchange sends a packet each way.
func exchange(t *testing.T, ends ...*End) {
	t.Helper()
	for i, from := range ends {
		packet := []byte{8, 0, 0, 0, 1, 2, 3, byte(i)}
		if !from.Put(packet) {
			t.Fatal("no room")
		}
		from.Publish()
		buf := make([]byte, MaxPacket)
		n, err := ends[1-i].Get(buf)
		if err != nil || n != 8 || buf[7] != byte(i) {
			t.Fatalf("%d bytes, %v", n, err)
		}
	}
}

// A card that starts anew finds hosts that knocked at the one before, or have its
// channels: none of them is let in without a knock.
func TestDoorsOfANewCard(t *testing.T) {
	mem := oldMemory(16 << 20)
	if _, err := FormatDoors(mem, 1, false); err != nil {
		t.Fatal(err)
	}
	host, err := FindDoors(mem)
	if err != nil {
		t.Fatal(err)
	}
	waiting := host.Ask(0, "waiting", 0)
	if _, err := FormatDoors(mem, 2, false); err != nil {
		t.Fatal(err)
	}
	if atomic.LoadUint32(host.Answer(0)) != waiting {
		t.Fatal("it waits for ever")
	}
	if _, err := host.Enter(0); !errors.Is(err, com.ErrGone) {
		t.Errorf("let in by a card that did not hear it: %v", err)
	}
	if again := host.Ask(0, "again", 0); again == waiting || again&1 == 0 {
		t.Errorf("knock %d after %d", again, waiting)
	}
}

func TestWindowsOfAllSizes(t *testing.T) {
	for size := MinWindow; size <= 256<<20; size *= 2 {
		cfg, n := sized(size)
		if n < 1 || n > MaxDoors || cfg.check() != nil || doorsPage+n*cfg.Size() > size {
			t.Errorf("%d MiB: %d doors of %+v", size>>20, n, cfg)
		}
		t.Logf("%3d MiB: %2d doors of %.1f MiB", size>>20, n, float64(cfg.Size())/(1<<20))
	}
	if _, err := FormatDoors(make([]byte, 100), 1, true); !errors.Is(err, com.ErrInvalid) {
		t.Error(err)
	}
	if _, err := FindDoors(make([]byte, 100)); !errors.Is(err, com.ErrProtocol) {
		t.Error(err)
	}
}

// Whoever scribbles over the doors gets errors, or a channel; nobody reaches beyond
// the window.
func TestScribbledDoors(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	mem := oldMemory(32 << 20)
	for range 3000 {
		card, err := FormatDoors(mem, 1, true)
		if err != nil {
			t.Fatal(err)
		}
		for range rnd.IntN(40) {
			at := rnd.IntN(doorsPage / 4)
			v := rnd.Uint32()
			if rnd.IntN(2) == 0 {
				v &= 15
			}
			binary.LittleEndian.PutUint32(mem[4*at:], v)
		}
		if host, err := FindDoors(mem); err == nil {
			for i := range host.Len() {
				host.Ask(i, "x", 0)
				host.Leave(i)
				_, _ = host.Enter(i)
			}
		} else if code := com.CodeOf(err); code != com.ErrProtocol && code != com.ErrVersion {
			t.Fatal(err)
		}
		for i := range card.Len() {
			if _, err := card.Open(i); err != nil {
				t.Fatal(err)
			}
			name, _ := card.Caller(i)
			if len(name) > doorName || strings.ContainsAny(name, "\x00\n\x1b") {
				t.Fatalf("%q", name)
			}
			card.Reply(i, atomic.LoadUint32(card.Knock(i)), nil)
		}
	}
}

// TestDoorsAreMended: a card whose window was written over lets programs in again.
func TestDoorsAreMended(t *testing.T) {
	mem := oldMemory(MinWindow)
	d, err := FormatDoors(mem, 7, true)
	if err != nil {
		t.Fatal(err)
	}
	d.SetNumber(3)
	want := slices.Clone(mem[:lineSize])
	for i := range lineSize {
		mem[i] ^= 0x5A
	}
	if _, err := FindDoors(mem); err == nil {
		t.Fatal("doors were found where nothing makes sense")
	}
	d.Mend()
	if !slices.Equal(mem[:56], want[:56]) { // all that is written there
		t.Errorf("%x instead of %x", mem[:lineSize], want)
	}
	found, err := FindDoors(mem)
	if err != nil {
		t.Fatal(err)
	}
	if n, ok := found.Number(); found.Len() != d.Len() || found.Generation() != 7 || !found.Bells() || !ok || n != 3 {
		t.Errorf("found %+v", found)
	}
}
