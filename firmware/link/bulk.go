package link

import (
	"encoding/binary"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/com"
)

// Span says where in a bulk area a message lies: the running position of its
// first byte, and its length in bytes.
type Span struct {
	Pos, Len uint32
}

const bulkAlign = 64

// sendArea hands out the bytes of one bulk area in order; the receiver's credit
// word says up to where they are free again.
type sendArea struct {
	mem    []byte
	pos    uint32 // next byte to hand out, counting on over the end
	credit *uint32
}

// alloc returns room for n bytes in one piece, or nil if there is none now.
func (a *sendArea) alloc(n int) (Span, []byte, error) {
	size := uint32(len(a.mem))
	pos, want := a.pos, (uint32(n)+bulkAlign-1)&^(bulkAlign-1)
	if at := pos & (size - 1); at+want > size {
		pos += size - at
	}
	used := a.pos - atomic.LoadUint32(a.credit)
	if used > size {
		return Span{}, nil, com.Errorf(com.ErrProtocol, "link: the other side's credit is impossible")
	}
	if used+(pos-a.pos)+want > size {
		return Span{}, nil, nil
	}
	a.pos = pos + want
	at := pos & (size - 1)
	return Span{pos, uint32(n)}, a.mem[at : at+uint32(n) : at+uint32(n)], nil
}

// MaxBulk returns the size in bytes of the largest message the link carries.
func (w *Writer) MaxBulk() int { return len(w.large.mem) / 2 }

// Alloc returns a span for a message of n bytes, at most MaxBulk, or nil memory
// if the receiver has not given enough back yet, after publishing what is staged.
// The packet that names the span must be put before the next Alloc.
func (w *Writer) Alloc(n int) (Span, []byte) {
	a := &w.small
	if n > SmallLimit {
		a = &w.large
	}
	s, mem, err := a.alloc(n)
	if err != nil {
		w.broken = err
	}
	if mem == nil {
		w.Publish() // who is to give room back has to see what takes it
	}
	return s, mem
}

// receiveArea is the other end of a sendArea.
type receiveArea struct {
	mem    []byte
	pos    uint32 // everything before was copied out
	told   uint32
	credit *uint32
}

func (a *receiveArea) giveBack() {
	if a.told != a.pos {
		a.told = a.pos
		atomic.StoreUint32(a.credit, a.pos)
	}
}

// Copy copies the message at s into dst, which must have s.Len bytes, and gives
// the span back. Spans must be copied in the order in which they were sent.
func (r *Reader) Copy(dst []byte, s Span) error {
	a := &r.small
	if s.Len > SmallLimit {
		a = &r.large
	}
	size := uint32(len(a.mem))
	at := s.Pos & (size - 1)
	if s.Len > size || at+s.Len > size || int(s.Len) > len(dst) {
		return com.Errorf(com.ErrProtocol, "link: bulk span at %d of %d bytes lies outside", s.Pos, s.Len)
	}
	copy(dst, a.mem[at:at+s.Len])
	a.pos = s.Pos + (s.Len+bulkAlign-1)&^(bulkAlign-1)
	if a.pos-a.told >= size/4 {
		a.giveBack()
	}
	return nil
}

// A packet that names a span says so in its flags, the fourth byte, and has the
// span's position and length behind its sixteen-byte header. The link knows this
// much of packets, because a transport without shared memory has to move the
// span along.
const (
	FlagBulk  = 1
	flagsAt   = 3
	spanAt    = 16
	spanBytes = 8
)

// BulkSize is the length in bytes of a packet that names a span.
const BulkSize = spanAt + spanBytes

// BulkOf returns the span that a packet names.
func BulkOf(packet []byte) (Span, bool) {
	if len(packet) != BulkSize || packet[flagsAt]&FlagBulk == 0 {
		return Span{}, false
	}
	le := binary.LittleEndian
	return Span{le.Uint32(packet[spanAt:]), le.Uint32(packet[spanAt+4:])}, true
}

// SetBulk has a packet of BulkSize bytes name a span.
func SetBulk(packet []byte, s Span) {
	packet[flagsAt] |= FlagBulk
	le := binary.LittleEndian
	le.PutUint32(packet[spanAt:], s.Pos)
	le.PutUint32(packet[spanAt+4:], s.Len)
}
