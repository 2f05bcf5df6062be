package ipc

import (
	"encoding/binary"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link"
)

// kind says what a packet is.
type kind uint8

const (
	kindCall    kind = 1 + iota // a call that wants a reply
	kindOneWay                  // a call without reply
	kindReply                   // results
	kindFail                    // a code and a text instead of results
	kindCancel                  // the caller of that call gave up
	kindRelease                 // references given back: object, count
	kindQuery                   // does the object speak this IID? Wants a reply
	kindFault                   // an earlier one-way call failed: code and text
	kindPing                    // wants an empty reply
	numKinds
)

// The header of a packet, little endian:
//
//	0  u16 length of the packet in this ring, header included
//	2  u8  kind
//	3  u8  flags
//	4  u32 call: number chosen by the caller
//	8  u32 object: number chosen by the exporter
//	12 u16 method: contract slot of the object (6 bits), method (10 bits)
//	14 u16 zero
//
// The body follows. With flagBulk there follow instead the position and length
// of the body in the bulk area.
const (
	headerSize = 16

	flagBulk    = link.FlagBulk // the body is in the bulk area
	flagTimeout = 2             // the body starts with a u64: nanoseconds the caller will wait
	flagHome    = 4             // a reply that names objects of the receiver

	methodBits = 10
	maxSlots   = 1 << (16 - methodBits)
)

type header struct {
	kind   kind
	flags  uint8
	call   uint32
	object uint32
	method uint16
}

// put writes the header of a packet of n bytes in two stores, which a copy that
// follows at once does not have to wait for.
func (h *header) put(b []byte, n int) {
	le := binary.LittleEndian
	le.PutUint64(b, uint64(n)|uint64(h.kind)<<16|uint64(h.flags)<<24|uint64(h.call)<<32)
	le.PutUint64(b[8:], uint64(h.object)|uint64(h.method)<<32)
}

// put stages msg, a header and a body, in the ring or in the bulk area. It
// reports false if there is no room now. The caller holds the guard.
func (c *Conn) put(h *header, msg []byte) (bool, error) {
	w := &c.end.Writer
	if len(msg) <= link.MaxPacket {
		h.put(msg, len(msg))
		if w.Put(msg) {
			return true, nil
		}
		return false, w.Broken()
	}
	body := msg[headerSize:]
	if len(body) > w.MaxBulk() {
		return false, com.Errorf(com.ErrInvalid, "message of %d bytes, this link carries %d", len(body), w.MaxBulk())
	}
	// Room in the ring first: a span whose packet cannot follow would be lost.
	if !w.Room(1) {
		return false, w.Broken()
	}
	span, mem := w.Alloc(len(body))
	if mem == nil {
		return false, w.Broken()
	}
	copy(mem, body)
	var p [link.BulkSize]byte
	h.put(p[:], link.BulkSize)
	link.SetBulk(p[:], span)
	w.Put(p[:])
	return true, nil
}

// parse takes a packet of n bytes in in.buf apart: into the header, and into
// in.Args, which then reads the body. Bulk is fetched, in.buf growing for it.
func (in *Incoming) parse(c *Conn, n int) error {
	b := in.buf
	if n < headerSize || len(b) < headerSize {
		return com.Errorf(com.ErrProtocol, "packet of %d bytes, the least is %d", n, headerSize)
	}
	le := binary.LittleEndian
	h := &in.header
	h.kind, h.flags = kind(b[2]), b[3]
	h.call, h.object, h.method = le.Uint32(b[4:]), le.Uint32(b[8:]), le.Uint16(b[12:])
	if h.kind == 0 || h.kind >= numKinds || h.flags&^(flagBulk|flagTimeout|flagHome) != 0 || le.Uint16(b[14:]) != 0 {
		return com.Errorf(com.ErrProtocol, "packet of kind %d, flags %#x", h.kind, h.flags)
	}
	in.Args.err = nil
	if h.flags&flagBulk == 0 {
		in.Args.buf = b[headerSize:n]
		return nil
	}
	span, ok := link.BulkOf(b[:n])
	if !ok {
		return com.Errorf(com.ErrProtocol, "bulk packet of %d bytes", n)
	}
	if span.Len > MaxMessage {
		return com.Errorf(com.ErrProtocol, "bulk message of %d bytes", span.Len)
	}
	if uint32(len(b)) < span.Len {
		in.buf = make([]byte, max(span.Len, 2*link.MaxPacket))
	}
	in.Args.buf = in.buf[:span.Len]
	return c.end.Copy(in.Args.buf, span)
}
