package bcm2835

import (
	"encoding/binary"
	"testing"
)

// chip is a register file in which some registers act.
type chip struct {
	t     *testing.T
	words map[uint32]uint32
	on    map[uint32]func(v uint32)    // what a write does
	from  map[uint32]func() uint32     // what a read finds
	log   []struct{ at, value uint32 } // what was written
}

func newChip(t *testing.T) *chip {
	return &chip{t: t, words: map[uint32]uint32{}, on: map[uint32]func(uint32){}, from: map[uint32]func() uint32{}}
}

func (c *chip) Read32(at uint32) uint32 {
	if f := c.from[at]; f != nil {
		return f()
	}
	return c.words[at]
}

func (c *chip) Write32(at uint32, v uint32) {
	c.log = append(c.log, struct{ at, value uint32 }{at, v})
	if f := c.on[at]; f != nil {
		f(v)
		return
	}
	c.words[at] = v
}

// The peripherals are reached by words only.
func (c *chip) Read8(at uint32) uint8       { c.t.Errorf("a byte was read at %#x", at); return 0 }
func (c *chip) Read16(at uint32) uint16     { c.t.Errorf("16 bits were read at %#x", at); return 0 }
func (c *chip) Write8(at uint32, _ uint8)   { c.t.Errorf("a byte was written at %#x", at) }
func (c *chip) Write16(at uint32, _ uint16) { c.t.Errorf("16 bits were written at %#x", at) }

// graphics is a graphics processor behind the mailbox.
type graphics struct {
	*chip
	buffer  []byte
	address uint32
	letters []uint32
	// answers replace the words of tags; a tag without one is not understood.
	answers map[uint32]func(words []uint32)
	code    uint32
	strange []uint32 // letters that come first
	dead    bool
}

func newGraphics(t *testing.T) (*graphics, *Mailbox) {
	g := &graphics{chip: newChip(t), buffer: make([]byte, MailboxSize), address: 0x8000, code: boxOK, answers: map[uint32]func([]uint32){}}
	g.from[boxStatus] = func() uint32 {
		if len(g.letters) == 0 {
			return boxEmpty
		}
		return 0
	}
	g.from[boxRead] = func() uint32 {
		v := g.letters[0]
		g.letters = g.letters[1:]
		return v
	}
	g.on[boxWrite] = g.take
	return g, &Mailbox{Registers: g, Buffer: g.buffer, Address: g.address}
}

// take reads a message as the mailbox's description has it, and answers.
func (g *graphics) take(letter uint32) {
	if letter != g.address|0xC0000000|8 {
		g.t.Errorf("letter %#x", letter)
	}
	if g.dead {
		return
	}
	le := binary.LittleEndian
	size := le.Uint32(g.buffer)
	if le.Uint32(g.buffer[4:]) != 0 {
		g.t.Error("the message is no request")
	}
	at := uint32(8)
	for {
		id := le.Uint32(g.buffer[at:])
		if id == 0 {
			break
		}
		n := le.Uint32(g.buffer[at+4:])
		words := make([]uint32, n/4)
		for i := range words {
			words[i] = le.Uint32(g.buffer[at+12+4*uint32(i):])
		}
		if f := g.answers[id]; f != nil {
			f(words)
			le.PutUint32(g.buffer[at+8:], 0x80000000|n)
		}
		for i, w := range words {
			le.PutUint32(g.buffer[at+12+4*uint32(i):], w)
		}
		at += 12 + n
	}
	if at+4 != size {
		g.t.Errorf("a message of %d bytes says that it has %d", at+4, size)
	}
	le.PutUint32(g.buffer[4:], g.code)
	g.letters = append(append(g.letters, g.strange...), letter)
}
