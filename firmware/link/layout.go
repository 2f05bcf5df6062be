package link

import (
	"encoding/binary"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/mmlite/mmlite/firmware/com"
)

// Protocol is the version of the layout and of the packets. Ends whose versions
// differ refuse each other with ErrVersion, naming both.
const Protocol = 2

const (
	magic      = 0x314b4e494c4d4d00 // "\0MMLINK1"
	maxLease   = 60_000             // ms
	headerSize = 4096
	wordsSize  = 4096
	// StatusSize is the size of the status page in bytes; the card writes it.
	StatusSize = 4096
	lineSize   = 128 // two cache lines: processors fetch them in pairs
)

// Config sizes a channel. All sizes are powers of two.
type Config struct {
	Slots int // 64-byte slots of each ring, 64 to 65536
	Small int // bytes of each bulk area for messages up to SmallLimit, at least 64 KiB
	Large int // bytes of each bulk area for larger messages, at least 1 MiB
	// Grants is how many bytes of memory the card can grant for long, a multiple of
	// GrantUnit, at most MaxGrantArea; 0 where it grants none. Both sides may write it.
	Grants int
}

// Default is a channel of 4,096 slots. The small area is larger than a level 2
// cache: what was written has then left the writer's cache when it is read, and
// comes from the shared one, which is several times faster than from the cache of
// another processor. Memory costs nothing until it is used.
var Default = Config{Slots: 4096, Small: 8 << 20, Large: 16 << 20, Grants: 64 << 20}

// SmallLimit is the largest message in bytes that travels through the small
// bulk area.
const SmallLimit = 32 << 10

// Size returns how many bytes of shared memory a channel of this size takes.
func (c Config) Size() int {
	return headerSize + wordsSize + StatusSize + 2*(c.Slots*slotSize+c.Small+c.Large) + c.Grants
}

func (c Config) check() error {
	pow2 := func(n, lo, hi int) bool { return n >= lo && n <= hi && n&(n-1) == 0 }
	switch {
	case !pow2(c.Slots, 64, 1<<16):
		return com.Errorf(com.ErrInvalid, "link: %d slots a ring, want a power of two from 64 to 65536", c.Slots)
	case !pow2(c.Small, 64<<10, 1<<26):
		return com.Errorf(com.ErrInvalid, "link: small bulk area of %d bytes, want a power of two from 64 KiB to 64 MiB", c.Small)
	case !pow2(c.Large, 1<<20, 1<<29):
		return com.Errorf(com.ErrInvalid, "link: large bulk area of %d bytes, want a power of two from 1 MiB to 512 MiB", c.Large)
	case c.Grants < 0 || c.Grants > MaxGrantArea || c.Grants%GrantUnit != 0:
		return com.Errorf(com.ErrInvalid, "link: %d bytes to grant, want a multiple of %d, at most %d", c.Grants, GrantUnit, MaxGrantArea)
	case c.Size() < c.Grants: // in 32 bits
		return com.Errorf(com.ErrInvalid, "link: areas of %d, %d and %d bytes do not go together", c.Small, c.Large, c.Grants)
	}
	return nil
}

// The words. Each line has one writer; the names say who.
const (
	lineCardReader = iota // card: armed, head, credits for what the host sends
	lineCardWriter        // card: the bell the host sleeps on, state
	lineHostReader        // host: armed, head, credits for what the card sends
	lineHostWriter        // host: the bell the card sleeps on, state, lease
)

// Words within a reader's line and a writer's line.
const (
	wordArmed, wordHead, wordSmall, wordLarge = 0, 1, 2, 3
	wordBell, wordState, wordLease            = 0, 1, 2
)

// Channel is a formatted window of shared memory.
type Channel struct {
	mem        []byte
	cfg        Config
	generation uint64
	serial     uint32
	lease      time.Duration
}

// serials tells the channels of one card apart.
var serials atomic.Uint32

// Format lays out a channel in mem, which must be zero, aligned to 128 bytes,
// and at least cfg.Size() bytes long. The card does this before the host sees
// the memory. The channel uses mem until both ends are closed.
func Format(mem []byte, cfg Config, generation uint64) (*Channel, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	if err := checkMemory(mem, cfg); err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	le.PutUint32(mem[8:], Protocol)
	le.PutUint32(mem[12:], uint32(cfg.Slots))
	le.PutUint32(mem[16:], uint32(cfg.Small))
	le.PutUint32(mem[20:], uint32(cfg.Large))
	le.PutUint64(mem[24:], generation)
	le.PutUint32(mem[36:], uint32(cfg.Grants))
	serial := serials.Add(1)
	le.PutUint32(mem[40:], serial)
	le.PutUint64(mem[0:], magic)
	return &Channel{mem: mem, cfg: cfg, generation: generation, serial: serial}, nil
}

// SetLease has the host renew a lease at least every d/3, so that the card can
// tell when it is gone; before the host attaches. Transports that notice by
// themselves need none.
func (c *Channel) SetLease(d time.Duration) {
	c.lease = d
	binary.LittleEndian.PutUint32(c.mem[32:], uint32(d.Milliseconds()))
}

// LeaseTime returns how long a lease lasts, 0 where there is none.
func (c *Channel) LeaseTime() time.Duration { return c.lease }

// Attach finds the channel that a card formatted in mem. It returns ErrProtocol
// if there is none, ErrVersion if the card speaks another version.
func Attach(mem []byte) (*Channel, error) {
	if len(mem) < headerSize {
		return nil, com.Errorf(com.ErrProtocol, "link: window of %d bytes is too small for a channel", len(mem))
	}
	le := binary.LittleEndian
	if le.Uint64(mem) != magic {
		return nil, com.Errorf(com.ErrProtocol, "link: no card has laid out this window")
	}
	if v := le.Uint32(mem[8:]); v != Protocol {
		return nil, com.Errorf(com.ErrVersion, "link: the card speaks protocol %d, this driver %d: update the older one", v, Protocol)
	}
	cfg := Config{int(le.Uint32(mem[12:])), int(le.Uint32(mem[16:])), int(le.Uint32(mem[20:])), int(le.Uint32(mem[36:]))}
	if err := cfg.check(); err != nil {
		return nil, com.Errorf(com.ErrProtocol, "link: header of the window: %v", err)
	}
	if err := checkMemory(mem, cfg); err != nil {
		return nil, err
	}
	lease := time.Duration(min(le.Uint32(mem[32:]), maxLease)) * time.Millisecond
	return &Channel{mem: mem, cfg: cfg, generation: le.Uint64(mem[24:]), serial: le.Uint32(mem[40:]), lease: lease}, nil
}

func checkMemory(mem []byte, cfg Config) error {
	if len(mem) < cfg.Size() {
		return com.Errorf(com.ErrInvalid, "link: window of %d bytes, a channel of this size takes %d", len(mem), cfg.Size())
	}
	if uintptr(unsafe.Pointer(&mem[0]))%lineSize != 0 {
		return com.Errorf(com.ErrInvalid, "link: window is not aligned to %d bytes", lineSize)
	}
	return nil
}

// Serial tells this channel from the others of its card: both sides know it, and a
// grant names it.
func (c *Channel) Serial() uint32 { return c.serial }

// Generation differs at every start of a card.
func (c *Channel) Generation() uint64 { return c.generation }

// Status returns the page that the card writes and the host may only read.
func (c *Channel) Status() []byte {
	at := headerSize + wordsSize
	return c.mem[at : at+StatusSize : at+StatusSize]
}

// Bell returns the word that the host sleeps on, or the card. Transports whose
// doorbells only say that they were rung wake those who wait for it.
func (c *Channel) Bell(host bool) *uint32 {
	if host {
		return c.word(lineCardWriter, wordBell)
	}
	return c.word(lineHostWriter, wordBell)
}

func (c *Channel) word(line, word int) *uint32 {
	return (*uint32)(unsafe.Pointer(&c.mem[headerSize+line*lineSize+word*4]))
}

// areas returns slots and bulk areas of one direction, 0 to the card, 1 to the host.
func (c *Channel) areas(direction int) (slots []slot, small, large []byte) {
	at := headerSize + wordsSize + StatusSize + direction*c.cfg.Slots*slotSize
	slots = unsafe.Slice((*slot)(unsafe.Pointer(&c.mem[at])), c.cfg.Slots)
	at = headerSize + wordsSize + StatusSize + 2*c.cfg.Slots*slotSize + direction*c.cfg.Small
	small = c.mem[at : at+c.cfg.Small : at+c.cfg.Small]
	at = headerSize + wordsSize + StatusSize + 2*c.cfg.Slots*slotSize + 2*c.cfg.Small + direction*c.cfg.Large
	large = c.mem[at : at+c.cfg.Large : at+c.cfg.Large]
	return
}

// End is one side of a channel: it writes in one direction and reads in the
// other. Writer and Reader may be used by one goroutine or thread each.
type End struct {
	Writer
	_ [lineSize]byte // writer and reader are used on different processors
	Reader
	channel    *Channel
	ownState   *uint32
	otherState *uint32
	ownLease   *uint32
	otherLease *uint32
}

// CardEnd returns the card's side. ring wakes whoever sleeps on a word.
func (c *Channel) CardEnd(ring func(*uint32)) *End {
	return c.end(1, lineCardReader, lineCardWriter, lineHostReader, lineHostWriter, ring)
}

// HostEnd returns the host's side.
func (c *Channel) HostEnd(ring func(*uint32)) *End {
	return c.end(0, lineHostReader, lineHostWriter, lineCardReader, lineCardWriter, ring)
}

func (c *Channel) end(direction, reader, writer, otherReader, otherWriter int, ring func(*uint32)) *End {
	e := &End{channel: c}
	slots, small, large := c.areas(direction)
	e.Writer = Writer{
		slots: slots, mask: uint32(len(slots) - 1),
		armed: c.word(otherReader, wordArmed), head: c.word(otherReader, wordHead),
		bell: c.word(writer, wordBell), ring: ring,
		small: sendArea{mem: small, credit: c.word(otherReader, wordSmall)},
		large: sendArea{mem: large, credit: c.word(otherReader, wordLarge)},
	}
	slots, small, large = c.areas(1 - direction)
	e.Reader = Reader{
		slots: slots, mask: uint32(len(slots) - 1),
		armed: c.word(reader, wordArmed), head: c.word(reader, wordHead),
		bell:  c.word(otherWriter, wordBell),
		small: receiveArea{mem: small, credit: c.word(reader, wordSmall)},
		large: receiveArea{mem: large, credit: c.word(reader, wordLarge)},
	}
	e.ownState, e.otherState = c.word(writer, wordState), c.word(otherWriter, wordState)
	e.ownLease, e.otherLease = c.word(writer, wordLease), c.word(otherWriter, wordLease)
	return e
}
