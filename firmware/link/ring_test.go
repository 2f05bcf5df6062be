package link

import (
	"bytes"
	"encoding/binary"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"unsafe"

	"github.com/mmlite/mmlite/firmware/com"
	"pgregory.net/rapid"
)

var small = Config{Slots: 64, Small: 64 << 10, Large: 1 << 20}

// window returns Go memory as a channel's window, so that the race detector
// sees what goes through it.
func window(t testing.TB, cfg Config) *Channel {
	t.Helper()
	raw := make([]byte, cfg.Size()+lineSize)
	at := -int(uintptr(unsafe.Pointer(&raw[0]))) & (lineSize - 1)
	c, err := Format(raw[at:at+cfg.Size()], cfg, 42)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func packet(n int, fill byte) []byte {
	p := bytes.Repeat([]byte{fill}, n)
	binary.LittleEndian.PutUint16(p, uint16(n))
	return p
}

func TestRingKeepsOrderAndBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := make([]byte, small.Size()+lineSize)
		at := -int(uintptr(unsafe.Pointer(&raw[0]))) & (lineSize - 1)
		c, err := Format(raw[at:at+small.Size()], small, 1)
		if err != nil {
			t.Fatal(err)
		}
		host, card := c.HostEnd(func(*uint32) {}), c.CardEnd(func(*uint32) {})
		var queue [][]byte
		published, slots := 0, 0
		buf := make([]byte, MaxPacket)
		for range rapid.IntRange(1, 300).Draw(t, "steps") {
			switch rapid.IntRange(0, 5).Draw(t, "step") {
			case 0, 1:
				n := rapid.IntRange(2, MaxPacket).Draw(t, "size")
				if rapid.Bool().Draw(t, "small") {
					n = n%slotPayload + 2
				}
				p := packet(n, byte(len(queue)*7+1))
				if n := (n + slotPayload - 1) / slotPayload; !host.Put(p) {
					if slots+n <= small.Slots-small.Slots/4 {
						t.Fatalf("refused %d slots with %d of %d in use", n, slots, small.Slots)
					}
					published = len(queue) // a refusal publishes
				} else {
					queue = append(queue, p)
					slots += n
				}
			case 2:
				host.Publish()
				published = len(queue)
			case 4: // a packet made in the ring
				staged := host.Staged()
				s := host.Direct()
				if (s == nil) != (staged > 0 || slots == small.Slots) && slots <= small.Slots*3/4 {
					t.Fatalf("Direct gives %d bytes with %d staged and %d slots in use", len(s), staged, slots)
				}
				if s != nil {
					p := packet(rapid.IntRange(2, slotPayload).Draw(t, "size"), byte(len(queue)*7+1))
					copy(s, p)
					host.PublishDirect()
					queue = append(queue, p)
					slots, published = slots+1, len(queue)
				}
			case 5: // a packet made in the staging place
				if s := host.Slot(); s != nil {
					p := packet(rapid.IntRange(2, slotPayload).Draw(t, "size"), byte(len(queue)*7+1))
					published = len(queue) - host.packets(queue) // a full staging place is published first
					copy(s[:len(p)], p)
					host.Commit()
					queue = append(queue, p)
					slots++
				} else {
					published = len(queue)
				}
			case 3:
				n, err := card.Get(buf)
				if err != nil {
					t.Fatal(err)
				}
				if (n > 0) != (published > 0) {
					t.Fatalf("got %d bytes with %d packets published", n, published)
				}
				if n > 0 {
					if !bytes.Equal(buf[:n], queue[0]) {
						t.Fatal("another packet came out")
					}
					slots -= (n + slotPayload - 1) / slotPayload
					queue, published = queue[1:], published-1
				}
			}
		}
	})
}

// packets returns how many of the last packets of queue are staged.
func (w *Writer) packets(queue [][]byte) (n int) {
	for slots := w.Staged(); slots > 0; n++ {
		slots -= (len(queue[len(queue)-1-n]) + slotPayload - 1) / slotPayload
	}
	return n
}

func TestBulkKeepsBytesAndRoom(t *testing.T) {
	c := window(t, small)
	host, card := c.HostEnd(func(*uint32) {}), c.CardEnd(func(*uint32) {})
	for i := range 2000 {
		n := (i*7919)%(3*SmallLimit) + 1
		s, mem := host.Alloc(n)
		if mem == nil {
			t.Fatalf("no room for message %d although all before were read", i)
		}
		for j := range mem {
			mem[j] = byte(i + j)
		}
		dst := make([]byte, n)
		if err := card.Copy(dst, s); err != nil {
			t.Fatal(err)
		}
		card.GiveBack()
		for j := range dst {
			if dst[j] != byte(i+j) {
				t.Fatalf("message %d differs at byte %d", i, j)
			}
		}
	}
}

func TestBulkRefusesWhenFull(t *testing.T) {
	c := window(t, small)
	host, card := c.HostEnd(func(*uint32) {}), c.CardEnd(func(*uint32) {})
	var spans []Span
	for {
		s, mem := host.Alloc(SmallLimit)
		if mem == nil {
			break
		}
		spans = append(spans, s)
	}
	if len(spans) != small.Small/SmallLimit {
		t.Fatalf("%d spans of %d bytes fit", len(spans), SmallLimit)
	}
	if err := card.Copy(make([]byte, SmallLimit), spans[0]); err != nil {
		t.Fatal(err)
	}
	card.GiveBack()
	if _, mem := host.Alloc(SmallLimit); mem == nil {
		t.Fatal("no room after a span came back")
	}
	if host.Broken() != nil {
		t.Fatal(host.Broken())
	}
}

// TestHostileWords writes lies into every word the other side owns: the result
// must be a refusal, never a read or write outside.
func TestHostileWords(t *testing.T) {
	c := window(t, small)
	host := c.HostEnd(func(*uint32) {})
	atomic.StoreUint32(c.word(lineCardReader, wordHead), 1<<31)
	for host.Put(packet(MaxPacket, 1)) {
	}
	if com.CodeOf(host.Broken()) != com.ErrProtocol {
		t.Fatalf("impossible head: %v", host.Broken())
	}

	c = window(t, small)
	host = c.HostEnd(func(*uint32) {})
	atomic.StoreUint32(c.word(lineCardReader, wordSmall), 1<<30)
	if _, mem := host.Alloc(100); mem != nil || com.CodeOf(host.Broken()) != com.ErrProtocol {
		t.Fatalf("impossible credit: %v", host.Broken())
	}

	buf := make([]byte, MaxPacket)
	for _, n := range []int{0, 1, MaxPacket + 1, 65535} {
		c = window(t, small)
		host, card := c.HostEnd(func(*uint32) {}), c.CardEnd(func(*uint32) {})
		p := packet(slotPayload, 0)
		binary.LittleEndian.PutUint16(p, uint16(n))
		host.Put(p)
		host.Publish()
		if _, err := card.Get(buf); !errors.Is(err, com.ErrProtocol) {
			t.Errorf("length %d: %v", n, err)
		}
	}
	// A packet of several slots of which only the first came.
	c = window(t, small)
	host, card := c.HostEnd(func(*uint32) {}), c.CardEnd(func(*uint32) {})
	p := packet(slotPayload, 0)
	binary.LittleEndian.PutUint16(p, 500)
	host.Put(p)
	host.Publish()
	if _, err := card.Get(buf); !errors.Is(err, com.ErrProtocol) {
		t.Errorf("torn packet: %v", err)
	}
	for _, s := range []Span{{0, 1 << 31}, {1<<16 - 4, 100}, {1<<20 - 4, SmallLimit + 1}, {^uint32(0), 64}} {
		if err := card.Copy(make([]byte, 1<<20), s); !errors.Is(err, com.ErrProtocol) {
			t.Errorf("span %v: %v", s, err)
		}
	}
}

func TestAttachChecksHeader(t *testing.T) {
	good := window(t, small)
	if c, err := Attach(good.mem); err != nil || c.Generation() != 42 {
		t.Fatal(err)
	}
	for _, bad := range []struct {
		at   int
		to   byte
		code com.Code
	}{{0, 9, com.ErrProtocol}, {8, 9, com.ErrVersion}, {12, 65, com.ErrProtocol}, {17, 77, com.ErrProtocol}, {23, 255, com.ErrProtocol}} {
		mem := window(t, small).mem
		mem[bad.at] = bad.to
		if _, err := Attach(mem); com.CodeOf(err) != bad.code {
			t.Errorf("byte %d = %d: %v, want %v", bad.at, bad.to, err, bad.code)
		}
	}
	if _, err := Attach(nil); com.CodeOf(err) != com.ErrProtocol {
		t.Error(err)
	}
}

// sleeper is a doorbell in one process: a word and who sleeps on it.
type sleeper struct {
	mu   sync.Mutex
	cond sync.Cond
}

func newSleeper() *sleeper {
	s := &sleeper{}
	s.cond.L = &s.mu
	return s
}

func (s *sleeper) wake(*uint32) { s.mu.Lock(); s.cond.Broadcast(); s.mu.Unlock() }

func (s *sleeper) sleep(word *uint32, old uint32) {
	s.mu.Lock()
	for atomic.LoadUint32(word) == old {
		s.cond.Wait()
	}
	s.mu.Unlock()
}

// TestNoWakeupIsLost sends packets both ways between sides that sleep at every
// chance; a lost wake-up would hang it.
func TestNoWakeupIsLost(t *testing.T) {
	c := window(t, small)
	toCard, toHost := newSleeper(), newSleeper()
	host, card := c.HostEnd(toCard.wake), c.CardEnd(toHost.wake)
	rounds := 200000
	if testing.Short() {
		rounds = 20000
	}
	side := func(e *End, s *sleeper, first bool) {
		buf := make([]byte, MaxPacket)
		rng := uint32(1)
		for i := range rounds {
			if first || i > 0 {
				for !e.Put(packet(4, byte(i))) {
					runtime.Gosched()
				}
				e.Publish()
			}
			for {
				n, err := e.Get(buf)
				if err != nil {
					t.Error(err)
					return
				}
				if n > 0 {
					break
				}
				if rng = rng*1664525 + 1013904223; rng>>30 == 0 {
					continue
				}
				bell, old := e.Arm()
				if e.Ready() {
					continue
				}
				s.sleep(bell, old)
			}
		}
		if !first {
			for !e.Put(packet(4, 0)) {
				runtime.Gosched()
			}
			e.Publish()
		}
	}
	var wg sync.WaitGroup
	wg.Go(func() { side(host, toHost, true) })
	wg.Go(func() { side(card, toCard, false) })
	wg.Wait()
}

func BenchmarkOneWay(b *testing.B) {
	c := window(b, Default)
	host, card := c.HostEnd(func(*uint32) {}), c.CardEnd(func(*uint32) {})
	p := packet(slotPayload, 1)
	buf := make([]byte, MaxPacket)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		host.Put(p)
		if n++; n == 64 {
			host.Publish()
			for ; n > 0; n-- {
				card.Get(buf)
			}
		}
	}
}
