package link

import (
	"encoding/binary"
	"testing"
	"unsafe"
)

// FuzzWindow has the other side write anywhere into the window, before this side
// attaches and between all that it does then: it may be refused, or find the ring
// broken, and nothing else.
func FuzzWindow(f *testing.F) {
	cfg := Config{Slots: 64, Small: 64 << 10, Large: 1 << 20, Grants: 64 << 10}
	le := binary.LittleEndian
	write := func(at uint32, b ...byte) []byte {
		return append(append(le.AppendUint32(nil, at), byte(len(b))), b...)
	}
	ring := uint32(headerSize + wordsSize + StatusSize + cfg.Slots*slotSize) // what the host reads
	f.Add(write(12, 0, 0, 1, 0))
	f.Add(write(20, 0, 0, 0, 32, 0, 0, 0, 64)) // Large and, in its place, more than there is
	f.Add(write(36, 0, 0, 0, 64))
	f.Add(append(write(ring, 1, 0, 0, 0, 60, 0, 1, 0), write(ring+slotSize, 2, 0, 0, 0, 200, 7)...))
	bulk := append([]byte{1, 0, 0, 0, BulkSize, 0, 1, FlagBulk}, make([]byte, 12)...)
	f.Add(write(ring, append(bulk, 255, 255, 255, 255, 0, 16, 0, 0)...))
	f.Add(write(headerSize+lineCardReader*lineSize, 1, 2, 3, 4, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255))
	mem := goMemory(f, cfg.Size())
	f.Fuzz(func(t *testing.T, b []byte) {
		clear(mem[:headerSize+wordsSize+StatusSize+2*cfg.Slots*slotSize])
		if _, err := Format(mem, cfg, 1); err != nil {
			t.Fatal(err)
		}
		// scribble lets the other side write a piece, and reports false at the end.
		scribble := func() bool {
			if len(b) < 5 {
				return false
			}
			at, n := int(le.Uint32(b))%len(mem), int(b[4])
			n = min(n, len(b)-5, len(mem)-at)
			copy(mem[at:], b[5:5+n])
			b = b[5+n:]
			return true
		}
		scribble()
		ch, err := Attach(mem)
		if err != nil {
			return
		}
		end := ch.HostEnd(func(*uint32) {})
		buf, body := make([]byte, MaxPacket), make([]byte, SmallLimit*2)
		var values [MaxStatus]uint64
		for more := true; more; more = scribble() {
			n, err := end.Get(buf)
			if err != nil {
				return
			}
			if s, ok := BulkOf(buf[:n]); ok && n > 0 && int(s.Len) <= len(body) {
				if end.Copy(body, s) != nil {
					return
				}
			}
			for _, size := range []int{2, 100, MaxPacket} {
				end.Put(buf[:size])
				end.Alloc(size * 100)
			}
			end.Publish()
			end.Arm()
			end.Ready()
			end.PeerClosed()
			end.Lease()
			end.Progress()
			if n := GetStatus(ch.Status(), values[:]); n > MaxStatus {
				t.Fatalf("%d values", n)
			}
			if c, ok := ch.Cursor(uint32(values[0])); ok {
				c.Get()
			}
			g := Grant{ID: 1, Channel: ch.Serial(), Offset: uint32(values[1]), Length: uint32(values[2])}
			if m, err := ch.Granted(g); err == nil && len(m) != int(g.Length) {
				t.Fatalf("%d bytes of %+v", len(m), g)
			}
		}
	})
}

// FuzzDoors has a host, or the card, write anywhere into the page of the doors.
func FuzzDoors(f *testing.F) {
	f.Add([]byte{8, 0, 1, 0, 0, 0}, uint8(0))
	f.Add([]byte{12, 0, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0, 0, 64, 0, 0, 0, 64}, uint8(1))
	f.Add([]byte{0, 1, 255, 255, 255, 255}, uint8(2))
	mem := goMemory(f, MinWindow+doorsPage)
	mem = mem[-int(uintptr(unsafe.Pointer(&mem[0])))&(doorsPage-1):][:MinWindow]
	f.Fuzz(func(t *testing.T, b []byte, i uint8) {
		clear(mem[:doorsPage])
		card, err := FormatDoors(mem, 1, false)
		if err != nil {
			t.Fatal(err)
		}
		scribble := func() {
			if len(b) < 2 {
				return
			}
			at := int(binary.LittleEndian.Uint16(b)) % doorsPage
			n := min(len(b)-2, 32, doorsPage-at)
			copy(mem[at:], b[2:2+n])
			b = b[2+n:]
		}
		door := int(i) % card.Len()
		scribble()
		host, err := FindDoors(mem)
		if err != nil {
			return
		}
		if door < host.Len() {
			host.Ask(door, "name", 1)
			scribble()
			card.Caller(door)
			_, err := card.Open(door)
			card.Reply(door, 1, err)
			scribble()
			if c, err := host.Enter(door); err == nil {
				c.HostEnd(func(*uint32) {}).Put([]byte{2, 0})
			}
			host.Leave(door)
		}
		card.Mend()
		host.Number()
	})
}
