package bcm2835

import (
	"encoding/binary"
	"sync"

	"github.com/mmlite/mmlite/boards/driver/reg"
	"github.com/mmlite/mmlite/firmware/com"
)

// The mailbox to the graphics processor.
const (
	boxRead    = 0xB880
	boxStatus  = 0xB898
	boxWrite   = 0xB8A0
	boxEmpty   = 1 << 30
	boxFull    = 1 << 31
	properties = 8 // the channel

	boxOK     = 0x80000000
	tagDone   = 0x80000000
	busCached = 0xC0000000 // the graphics processor's view that goes past its cache
	// MailboxSize is the size of the buffer that messages are put into.
	MailboxSize = 1024
)

// Mailbox asks the graphics processor. Any goroutine may use it.
type Mailbox struct {
	// Registers are the peripherals.
	Registers reg.Space
	// Buffer is memory that neither side caches, MailboxSize bytes, aligned to 16.
	Buffer []byte
	// Address is where it lies, below 1 GB.
	Address uint32

	mu sync.Mutex
}

// Tag is one question: its words are replaced by the answer's.
type Tag struct {
	ID    uint32
	Words []uint32
}

// Ask puts all tags to the graphics processor in one message. The errors are
// com.ErrInvalid for a message that does not fit, com.ErrTimeout if there is no
// answer, com.ErrProtocol if it is none, com.ErrNotSupported naming a tag that was not
// understood.
func (m *Mailbox) Ask(tags ...Tag) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	size := 12
	for _, t := range tags {
		size += 12 + 4*len(t.Words)
	}
	if size > len(m.Buffer) || size > MailboxSize || m.Address&15 != 0 || m.Address == 0 {
		return com.Errorf(com.ErrInvalid, "mailbox: a message of %d bytes at %#x, and there is room for %d", size, m.Address, len(m.Buffer))
	}
	le, b := binary.LittleEndian, m.Buffer
	le.PutUint32(b, uint32(size))
	le.PutUint32(b[4:], 0)
	at := 8
	for _, t := range tags {
		le.PutUint32(b[at:], t.ID)
		le.PutUint32(b[at+4:], uint32(4*len(t.Words)))
		le.PutUint32(b[at+8:], 0)
		at += 12
		for _, w := range t.Words {
			le.PutUint32(b[at:], w)
			at += 4
		}
	}
	le.PutUint32(b[at:], 0)
	if err := m.exchange(); err != nil {
		return err
	}
	if code := le.Uint32(b[4:]); code != boxOK {
		return com.Errorf(com.ErrProtocol, "mailbox: the graphics processor answers %#x", code)
	}
	at = 8
	for _, t := range tags {
		if le.Uint32(b[at+8:])&tagDone == 0 {
			return com.Errorf(com.ErrNotSupported, "mailbox: the graphics processor does not know tag %#x", t.ID)
		}
		at += 12
		for i := range t.Words {
			t.Words[i] = le.Uint32(b[at:])
			at += 4
		}
	}
	return nil
}

// exchange sends the buffer's address and waits until it comes back.
func (m *Mailbox) exchange() error {
	r := m.Registers
	until := func(bit uint32) bool {
		for range patience {
			if r.Read32(boxStatus)&bit == 0 {
				return true
			}
		}
		return false
	}
	letter := m.Address | busCached | properties
	if !until(boxFull) {
		return com.Errorf(com.ErrTimeout, "mailbox: the graphics processor takes no messages")
	}
	r.Write32(boxWrite, letter)
	for range 64 { // letters of other channels, or from before
		if !until(boxEmpty) {
			break
		}
		if got := r.Read32(boxRead); got&15 == properties && (got^letter)&0x3FFFFFF0 == 0 {
			return nil
		}
	}
	return com.Errorf(com.ErrTimeout, "mailbox: the graphics processor does not answer")
}

// Tags and clocks that boards ask for.
const (
	tagBoardRevision = 0x00010002
	tagMemory        = 0x00010005
	tagClock         = 0x00030002
	clockUART        = 2
	clockCore        = 4
)

// Clocks returns the rates of the PL011 and of the core, in Hz.
func (m *Mailbox) Clocks() (uart, core int, err error) {
	u, c := []uint32{clockUART, 0}, []uint32{clockCore, 0}
	if err := m.Ask(Tag{tagClock, u}, Tag{tagClock, c}); err != nil {
		return 0, 0, err
	}
	return int(u[1]), int(c[1]), nil
}

// Revision returns the board's revision code.
func (m *Mailbox) Revision() (uint32, error) {
	w := []uint32{0}
	err := m.Ask(Tag{tagBoardRevision, w})
	return w[0], err
}

// Memory returns what belongs to the processor: the rest is the graphics processor's.
func (m *Mailbox) Memory() (base, size uint32, err error) {
	w := []uint32{0, 0}
	err = m.Ask(Tag{tagMemory, w})
	return w[0], w[1], err
}
