package stream

import (
	"encoding/binary"

	"github.com/mmlite/mmlite/firmware/com"
)

// Carrier moves blocks of up to Size bytes, whole and in order, between the two
// sides of a link. Send and Receive may be used by one goroutine each, and Close,
// which ends both with an error, by any.
type Carrier interface {
	// Send takes one block; it returns when the next can be made.
	Send(block []byte) error
	// Receive waits for a block and returns its length. ErrRestart says that what
	// was under way is lost, and that the other side begins anew; any other error is
	// the carrier's last.
	Receive(block []byte) (int, error)
	// Size is the largest block in bytes, at least MinBlock.
	Size() int
	Close() error
}

// ErrRestart is what a Carrier's Receive returns when the other side begins anew.
var ErrRestart = com.Errorf(com.ErrGone, "link: the other side began anew")

// Sizes of blocks in bytes.
const (
	MinBlock = 128
	MaxBlock = 16 << 10
)

// A block is a header and frames:
//
//	0  uint16  blockMagic
//	2  uint16  session: chosen by the host; blocks of another are dropped
//	4  frames: kind uint8, channel uint8, length uint16, then length bytes
//
// A frame of kind 0 and whatever follows is padding. Numbers are little endian. A
// frame does not go on in the next block, so whatever is lost with a transfer that
// was cut short, the next one begins with a header again.
const (
	blockMagic = 0x4c4d // "ML"
	blockHead  = 4
	frameHead  = 4
	// packetUnit is what no block's length is a multiple of: the size of a packet of
	// a USB bulk endpoint at full speed, of which that at high speed is a multiple. So
	// every transfer ends with a short packet (USB 2.0, 5.8.3), and none needs a packet
	// without data behind it.
	packetUnit = 64
)

// Kinds of frames, and what they hold.
const (
	kindPad     = iota
	kindHello   // protocol uint32, window uint32: the host begins a session
	kindWelcome // code uint32, window uint32: the card's answer; OK, or why not
	kindOpen    // the host opens a channel
	kindData    // bytes of the channel
	kindCredit  // n uint32: so many bytes more may be sent
	kindClose   // code uint32 and text: nothing more follows
)

// sessionProtocol is the version of all this.
const sessionProtocol = 1

// appendFrame adds a frame's head; its bytes follow.
func appendFrame(b []byte, kind, channel uint8, n int) []byte {
	b = append(b, kind, channel)
	return binary.LittleEndian.AppendUint16(b, uint16(n))
}

func appendWords(b []byte, kind, channel uint8, words ...uint32) []byte {
	b = appendFrame(b, kind, channel, 4*len(words))
	for _, w := range words {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

// beginBlock begins a block in b.
func beginBlock(b []byte, session uint16) []byte {
	b = binary.LittleEndian.AppendUint16(b[:0], blockMagic)
	return binary.LittleEndian.AppendUint16(b, session)
}

// endBlock sees that the block ends with a short packet.
func endBlock(b []byte) []byte {
	if len(b)%packetUnit == 0 {
		b = append(b, kindPad)
	}
	return b
}

// frame is one of a block, whose bytes it shares.
type frame struct {
	kind, channel uint8
	body          []byte
}

// word is the i-th of a frame's words, 0 where it has none.
func (f frame) word(i int) uint32 {
	if len(f.body) < 4*i+4 {
		return 0
	}
	return binary.LittleEndian.Uint32(f.body[4*i:])
}

// parseBlock hands the frames of a block to take, if it is of the session that want
// accepts for its first frame. The error is com.ErrProtocol, or that of take.
func parseBlock(b []byte, want func(session uint16, first frame) bool, take func(frame) error) error {
	if len(b) < blockHead || binary.LittleEndian.Uint16(b) != blockMagic {
		return com.Errorf(com.ErrProtocol, "link: a block of %d bytes without its header", len(b))
	}
	session := binary.LittleEndian.Uint16(b[2:])
	for at, first := blockHead, true; at < len(b); first = false {
		if b[at] == kindPad {
			return nil
		}
		if len(b)-at < frameHead {
			return com.Errorf(com.ErrProtocol, "link: %d bytes where a frame should begin", len(b)-at)
		}
		f := frame{kind: b[at], channel: b[at+1]}
		n := int(binary.LittleEndian.Uint16(b[at+2:]))
		at += frameHead
		if n > len(b)-at {
			return com.Errorf(com.ErrProtocol, "link: a frame of %d bytes where %d are left", n, len(b)-at)
		}
		f.body = b[at : at+n : at+n]
		at += n
		if first && !want(session, f) {
			return nil
		}
		if err := take(f); err != nil {
			return err
		}
	}
	return nil
}
