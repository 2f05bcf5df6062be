package link

import (
	"encoding/binary"
	"strings"
	"sync/atomic"
	"unsafe"

	"github.com/mmlite/mmlite/firmware/com"
)

// Doors are how host programs come in through a window that is there before any of
// them: that of a PCI device. The window's first page is the doors, behind it there
// is room for one channel for each. A host program that has a door to itself (the
// host's system sees to that, by a lock) knocks with its name; the card lays out
// the door's channel anew and opens.
//
// A host counts its knocks: an odd count asks for a channel, an even one gives it
// back. The card answers a count by repeating it. Words of a line have one writer.
type Doors struct {
	mem    []byte
	cfg    Config
	n      int
	gen    uint64
	direct bool   // see Bells
	number uint32 // the card's, and one, or 0
}

const (
	doorsMagic = 0x31524f4f444d4d00 // "\0MMDOOR1"
	doorsPage  = 4096
	doorSize   = 2 * lineSize // the card's line and the host's
	doorName   = 64

	// MaxDoors is how many doors a window may have.
	MaxDoors = doorsPage/doorSize - 1
	// MinWindow is the smallest window in bytes that has a door.
	MinWindow = 16 << 20

	flagBells = 1

	doorsNumber = 36 // of the card, plus one
)

// Words of a door's lines, from their beginnings.
const (
	doorAnswer, doorCode, doorText = 0, 4, 8 // the card's: text to the end of its line
	doorKnock, doorPeer, doorLabel = 0, 4, 8 // the host's: label is its name
)

// sized returns how channels are laid out in a window of size bytes, and how many:
// of some megabytes each where there is room for several, since what a window has
// is all there is. A message of two megabytes fits in any.
func sized(size int) (cfg Config, n int) {
	for _, cfg = range []Config{
		{Slots: 4096, Small: 4 << 20, Large: 8 << 20, Grants: 32 << 20},
		{Slots: 1024, Small: 1 << 20, Large: 4 << 20, Grants: 8 << 20},
		{Slots: 1024, Small: 256 << 10, Large: 4 << 20, Grants: 1 << 20},
		{Slots: 256, Small: 64 << 10, Large: 4 << 20, Grants: 512 << 10},
	} {
		if n = min((size-doorsPage)/cfg.Size(), MaxDoors); n >= 3 {
			return cfg, n
		}
	}
	return cfg, n
}

// FormatDoors lays out the doors of a window, all shut. The window is aligned to a
// page and has at least MinWindow bytes, or the error is com.ErrInvalid; what it
// holds does not matter. bells says that both sides can be woken through it; if
// not, they look at its words from time to time. The card does this when it starts.
func FormatDoors(mem []byte, generation uint64, bells bool) (*Doors, error) {
	if len(mem) < MinWindow {
		return nil, com.Errorf(com.ErrInvalid, "link: a window of %d bytes, and it takes %d", len(mem), MinWindow)
	}
	if uintptr(unsafe.Pointer(&mem[0]))%doorsPage != 0 {
		return nil, com.Errorf(com.ErrInvalid, "link: the window is not aligned to a page")
	}
	cfg, n := sized(len(mem))
	d := &Doors{mem: mem, cfg: cfg, n: n, gen: generation, direct: bells}
	binary.LittleEndian.PutUint64(mem, 0) // nobody comes in meanwhile
	for i := range n {
		c := d.line(i, false)
		// A host that knocked at a card before this one has to knock again.
		clear(c[doorText:])
		copy(c[doorText:], "it has started anew")
		atomic.StoreUint32(word(c, doorCode), uint32(com.ErrGone))
		atomic.StoreUint32(word(c, doorAnswer), atomic.LoadUint32(d.Knock(i)))
	}
	d.Mend()
	return d, nil
}

// MayFormat reports whether a window that begins with these eight bytes or more has
// nothing in it but doors of a card, or zeros.
func MayFormat(mem []byte) bool {
	m := binary.LittleEndian.Uint64(mem)
	return m == 0 || m == doorsMagic
}

// Mend writes again what says how the window is laid out, as the card did at first:
// a host that runs wild may have written over it. Those that are inside notice
// nothing.
func (d *Doors) Mend() {
	le, mem := binary.LittleEndian, d.mem
	flags := uint32(0)
	if d.direct {
		flags = flagBells
	}
	for _, f := range [...]struct {
		at int
		v  uint32
	}{
		{8, Protocol}, {12, uint32(d.n)}, {16, flags}, {20, uint32(d.cfg.Slots)}, {24, uint32(d.cfg.Small)},
		{28, uint32(d.cfg.Large)}, {32, uint32(d.cfg.Grants)},
	} {
		le.PutUint32(mem[f.at:], f.v)
	}
	le.PutUint64(mem[40:], d.gen)
	le.PutUint64(mem[48:], uint64(len(mem)))
	atomic.StoreUint32(word(mem, doorsNumber), d.number)
	atomic.StoreUint64((*uint64)(unsafe.Pointer(&mem[0])), doorsMagic)
}

// FindDoors finds the doors that a card laid out. The errors are com.ErrProtocol if
// none did, com.ErrVersion if the card speaks another version.
func FindDoors(mem []byte) (*Doors, error) {
	if len(mem) < MinWindow {
		return nil, com.Errorf(com.ErrProtocol, "link: a window of %d bytes, and a card's has %d at least", len(mem), MinWindow)
	}
	le := binary.LittleEndian
	if atomic.LoadUint64((*uint64)(unsafe.Pointer(&mem[0]))) != doorsMagic {
		return nil, com.Errorf(com.ErrProtocol, "link: no card has laid out this window: is it running?")
	}
	if v := le.Uint32(mem[8:]); v != Protocol {
		return nil, com.Errorf(com.ErrVersion, "link: the card speaks protocol %d, this driver %d: update the older one", v, Protocol)
	}
	d := &Doors{
		mem: mem, n: int(le.Uint32(mem[12:])), direct: le.Uint32(mem[16:])&flagBells != 0, gen: le.Uint64(mem[40:]),
		cfg: Config{int(le.Uint32(mem[20:])), int(le.Uint32(mem[24:])), int(le.Uint32(mem[28:])), int(le.Uint32(mem[32:]))},
	}
	if err := d.cfg.check(); err != nil {
		return nil, com.Errorf(com.ErrProtocol, "link: the doors of the window: %v", err)
	}
	if size := le.Uint64(mem[48:]); size > uint64(len(mem)) || d.n < 1 || d.n > MaxDoors || d.n > (len(mem)-doorsPage)/d.cfg.Size() {
		return nil, com.Errorf(com.ErrProtocol, "link: the window says that it has %d bytes and %d doors, and %d bytes are there", size, d.n, len(mem))
	}
	return d, nil
}

// Len is how many doors there are.
func (d *Doors) Len() int { return d.n }

// Bells reports whether the other side can be woken through the window.
func (d *Doors) Bells() bool { return d.direct }

// SetNumber says which number the card has among those who ring each other through
// the device that the window is of. It is said before the first host knocks.
func (d *Doors) SetNumber(n uint16) {
	d.number = uint32(n) + 1
	atomic.StoreUint32(word(d.mem, doorsNumber), d.number)
}

// Number returns the number that the card said it has, if it did.
func (d *Doors) Number() (n uint16, ok bool) {
	v := atomic.LoadUint32(word(d.mem, doorsNumber))
	return uint16(v - 1), v >= 1 && v <= 1<<16
}

// Generation differs at every start of the card.
func (d *Doors) Generation() uint64 { return d.gen }

// line returns the line of one side of a door.
func (d *Doors) line(i int, host bool) []byte {
	at := doorSize * (i + 1)
	if host {
		at += lineSize
	}
	return d.mem[at : at+lineSize : at+lineSize]
}

func word(line []byte, at int) *uint32 { return (*uint32)(unsafe.Pointer(&line[at])) }

// Knock returns the word in which the host counts its knocks at a door: the card
// waits for it to change.
func (d *Doors) Knock(i int) *uint32 { return word(d.line(i, true), doorKnock) }

// Answer returns the word in which the card answers.
func (d *Doors) Answer(i int) *uint32 { return word(d.line(i, false), doorAnswer) }

// room is the memory of a door's channel.
func (d *Doors) room(i int) []byte {
	size := d.cfg.Size()
	at := doorsPage + i*size
	return d.mem[at : at+size : at+size]
}

// Ask knocks: the host, called client, wants a channel. peer is what the card has
// to know to ring for it, if anything. The card is to be rung for Knock, and has
// answered once Answer has the count that is returned.
func (d *Doors) Ask(i int, client string, peer uint32) (count uint32) {
	l := d.line(i, true)
	clear(l[doorLabel:])
	copy(l[doorLabel:doorLabel+doorName], client)
	atomic.StoreUint32(word(l, doorPeer), peer)
	count = (max(atomic.LoadUint32(d.Knock(i)), atomic.LoadUint32(d.Answer(i))) + 1) | 1 // the next odd one
	atomic.StoreUint32(d.Knock(i), count)
	return count
}

// Leave gives the channel back. The card is to be rung for Knock.
func (d *Doors) Leave(i int) {
	if k := d.Knock(i); atomic.LoadUint32(k)&1 == 1 {
		atomic.AddUint32(k, 1)
	}
}

// Enter attaches to the channel once the card has answered. The errors are those
// the card gave, and those of Attach.
func (d *Doors) Enter(i int) (*Channel, error) {
	l := d.line(i, false)
	if code := com.Code(atomic.LoadUint32(word(l, doorCode))); code != com.OK {
		text, _, _ := strings.Cut(string(l[doorText:]), "\x00")
		return nil, com.Errorf(code, "the card: %s", text)
	}
	return Attach(d.room(i))
}

// Caller returns what the host that knocked said of itself. It is not to be
// trusted: the name is cut to what can be printed.
func (d *Doors) Caller(i int) (client string, peer uint32) {
	l := d.line(i, true)
	name := strings.Clone(string(l[doorLabel : doorLabel+doorName]))
	name, _, _ = strings.Cut(name, "\x00")
	client = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7F || r == 0xFFFD {
			return -1
		}
		return r
	}, name)
	return client, atomic.LoadUint32(word(l, doorPeer))
}

// Open lays out a door's channel anew for the host that knocked. Nobody may use the
// former one any more. The host sees it after Reply.
func (d *Doors) Open(i int) (*Channel, error) {
	room := d.room(i)
	clear(room[:headerSize+wordsSize+StatusSize+2*d.cfg.Slots*slotSize])
	return Format(room, d.cfg, d.gen)
}

// Reply answers the knock with the given count: with a channel if err is nil. The
// host is to be rung for Answer.
func (d *Doors) Reply(i int, count uint32, err error) {
	l := d.line(i, false)
	clear(l[doorText:])
	code := com.OK
	if err != nil {
		code = com.CodeOf(err)
		copy(l[doorText:len(l)-1], com.TextOf(err))
	}
	atomic.StoreUint32(word(l, doorCode), uint32(code))
	atomic.StoreUint32(word(l, doorAnswer), count)
}
