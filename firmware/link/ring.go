package link

import (
	"encoding/binary"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/com"
)

const (
	slotSize    = 64
	slotPayload = slotSize - 4
	maxSlots    = 32
	stageSlots  = 64
)

// MaxPacket is the largest packet in bytes; larger messages travel through the
// bulk area. The first two bytes of a packet are its length, little endian.
const MaxPacket = maxSlots * slotPayload

// slot is one cache line. seq is the position it was written for plus one; it
// is stored last and tells the reader that data is complete.
type slot struct {
	seq  uint32
	data [slotPayload]byte
}

// Writer is the producing end of a ring and of its bulk areas. It is not safe
// for concurrent use.
type Writer struct {
	slots []slot
	mask  uint32
	ring  func(*uint32)

	// Packets are staged here and go to the ring together. Written there one
	// by one, each would wait for its cache line to come from the reader's
	// processor as soon as the caller's next atomic operation orders stores.
	staged [stageSlots][slotPayload]byte
	pos    uint32 // next position to stage
	first  uint32 // first position not published yet; equal to pos if none
	space  uint32 // positions known to be free
	rung   uint32 // arming that was rung for last
	bells  uint32 // own copy of the bell
	broken error

	armed *uint32 // written by the reader
	head  *uint32 // written by the reader
	bell  *uint32 // written here
	small sendArea
	large sendArea
}

// Put stages a packet of 2 to MaxPacket bytes; Publish lets the reader see it.
// It reports false if the ring has no room, after publishing what is staged.
func (w *Writer) Put(p []byte) bool {
	n := uint32(1)
	if len(p) > slotPayload {
		n = uint32(len(p)+slotPayload-1) / slotPayload
	}
	if w.space < n && !w.reclaim(n) {
		return false
	}
	if w.pos-w.first+n > stageSlots {
		w.Publish()
	}
	for len(p) > slotPayload {
		w.stage(p[:slotPayload])
		p = p[slotPayload:]
	}
	w.stage(p)
	return true
}

// Room reports whether a packet of n slots could be staged now.
func (w *Writer) Room(n int) bool { return w.space >= uint32(n) || w.reclaim(uint32(n)) }

func (w *Writer) stage(p []byte) {
	copy(w.staged[w.pos-w.first][:], p)
	w.pos++
	w.space--
}

// Slot returns the place of the next packet to stage, for packets of one slot
// that are made where they will lie: empty, with room for a slot's payload. It
// returns nil if there is no room. Commit stages what was made.
func (w *Writer) Slot() []byte {
	if w.space == 0 && !w.reclaim(1) {
		return nil
	}
	if w.pos-w.first == stageSlots {
		w.Publish()
	}
	return w.staged[w.pos-w.first][:0]
}

// Commit stages the packet that was made in what Slot returned.
func (w *Writer) Commit() {
	w.pos++
	w.space--
}

// Direct returns the payload of the next slot in the ring itself, for a packet of
// one slot that goes out at once, or nil if packets are staged before it or there
// is no room. PublishDirect sends what was made there.
func (w *Writer) Direct() []byte {
	if w.pos != w.first || w.space == 0 && !w.reclaim(1) {
		return nil
	}
	return w.slots[w.pos&w.mask].data[:]
}

// PublishDirect shows the reader the packet that was made in what Direct returned,
// and wakes it if it sleeps.
func (w *Writer) PublishDirect() {
	s := &w.slots[w.pos&w.mask]
	w.pos++
	w.first = w.pos
	w.space--
	atomic.StoreUint32(&s.seq, w.pos)
	w.wake()
}

// Staged returns how many slots wait for Publish.
func (w *Writer) Staged() int { return int(w.pos - w.first) }

// Publish shows the reader all that was staged, by storing the sequence number
// of the first staged slot, and wakes it if it sleeps.
func (w *Writer) Publish() {
	if w.pos == w.first {
		return
	}
	for p := w.first + 1; p != w.pos; p++ {
		s := &w.slots[p&w.mask]
		s.data = w.staged[p-w.first]
		storeRelaxed(&s.seq, p+1)
	}
	s := &w.slots[w.first&w.mask]
	s.data = w.staged[0]
	atomic.StoreUint32(&s.seq, w.first+1)
	w.first = w.pos
	w.wake()
}

// wake rings for a reader that has armed since it was rung for last.
func (w *Writer) wake() {
	if a := atomic.LoadUint32(w.armed); a != w.rung {
		w.rung = a
		w.Ring()
	}
}

// Ring wakes the reader whether it has armed or not.
func (w *Writer) Ring() {
	w.bells++
	atomic.StoreUint32(w.bell, w.bells)
	w.ring(w.bell)
}

// reclaim looks how far the reader got. A reader that claims more than was
// written is not believed, and the writer refuses from then on.
func (w *Writer) reclaim(n uint32) bool {
	used := w.pos - atomic.LoadUint32(w.head)
	if used > uint32(len(w.slots)) {
		w.broken = com.Errorf(com.ErrProtocol, "link: the other side's ring index is impossible")
	}
	if w.broken != nil {
		return false
	}
	w.space = uint32(len(w.slots)) - used
	if w.space < n {
		w.Publish()
		return false
	}
	return true
}

// Progress returns a number that changes when the reader gives room or credit
// back. Any goroutine may ask.
func (w *Writer) Progress() uint32 {
	return atomic.LoadUint32(w.head) + atomic.LoadUint32(w.small.credit) + atomic.LoadUint32(w.large.credit)
}

// Broken returns why the writer refuses, or nil.
func (w *Writer) Broken() error { return w.broken }

// Reader is the consuming end of a ring and of its bulk areas. It is not safe
// for concurrent use.
type Reader struct {
	slots []slot
	mask  uint32

	pos    uint32 // next position to read
	told   uint32 // position the writer was last told of
	arming uint32

	armed *uint32 // written here
	head  *uint32 // written here
	bell  *uint32 // written by the writer
	small receiveArea
	large receiveArea
}

// Ready reports whether a packet waits.
func (r *Reader) Ready() bool {
	return atomic.LoadUint32(&r.slots[r.pos&r.mask].seq) == r.pos+1
}

// Get copies the next packet into buf, which must have MaxPacket bytes, and
// returns its length, or 0 if there is none. ErrProtocol means that the writer
// broke the rules and that nothing further can be read.
func (r *Reader) Get(buf []byte) (int, error) {
	s := &r.slots[r.pos&r.mask]
	if atomic.LoadUint32(&s.seq) != r.pos+1 {
		return 0, nil
	}
	buf = buf[:MaxPacket]
	*(*[slotPayload]byte)(buf) = s.data
	n := int(binary.LittleEndian.Uint16(buf))
	r.pos++
	if n > slotPayload {
		if n > MaxPacket {
			return 0, com.Errorf(com.ErrProtocol, "link: packet of %d bytes, the most is %d", n, MaxPacket)
		}
		for at := slotPayload; at < n; at += slotPayload {
			s := &r.slots[r.pos&r.mask]
			if atomic.LoadUint32(&s.seq) != r.pos+1 {
				return 0, com.Errorf(com.ErrProtocol, "link: packet of %d bytes is not complete", n)
			}
			*(*[slotPayload]byte)(buf[at:]) = s.data
			r.pos++
		}
	} else if n < 2 {
		return 0, com.Errorf(com.ErrProtocol, "link: packet of %d bytes", n)
	}
	if r.pos-r.told >= uint32(len(r.slots))/4 {
		r.giveBack()
	}
	return n, nil
}

func (r *Reader) giveBack() {
	r.told = r.pos
	atomic.StoreUint32(r.head, r.pos)
}

// Arm announces that the reader is about to sleep and returns the word to sleep
// on and the value at which to sleep. If Ready holds after Arm, do not sleep.
// All room and credits read so far are given back first.
func (r *Reader) Arm() (bell *uint32, old uint32) {
	r.GiveBack()
	old = atomic.LoadUint32(r.bell)
	r.arming++
	atomic.StoreUint32(r.armed, r.arming)
	return r.bell, old
}

// GiveBack returns all room and credits to the writer at once.
func (r *Reader) GiveBack() {
	if r.told != r.pos {
		r.giveBack()
	}
	r.small.giveBack()
	r.large.giveBack()
}
