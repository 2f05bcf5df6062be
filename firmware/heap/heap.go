// Package heap gives out spans of card memory: memory for surfaces, samples,
// audio buffers and bulk regions, which Go's collector neither scans nor moves
// and which a host may be able to write.
//
// An [Arena] is a heap over one region. Where blocks are placed is a policy of
// its own: [General] keeps two-level segregated free lists and coalesces with
// boundary links (after Masmano et al., "TLSF: a New Dynamic Memory Allocator
// for Real-Time Systems", ECRTS 2004), [Buddy] halves power-of-two blocks
// (Knowlton 1965). Arenas nest: the memory of one can be a span of another, as
// the heaps of MMLite do (Helander and Forin 1998, section 3).
//
// Bookkeeping is integers outside the region, so nothing a host writes into its
// span can lead the allocator astray, and the collector has nothing to follow.
//
// What is given out is charged to an [Account]. Components and clients get an
// account, see it as a [Heap], and cannot free what another one holds.
//
// An arena made without a lock serves one virtual processor only: its calls
// must not overlap. Options.Lock makes it safe for several.
package heap

import "sync"

// Granule is the unit of allocation in bytes and the least alignment of a
// span. It is a cache line, so two owners never write to the same one.
const Granule = 64

// MaxAlign is the largest alignment that can be asked for, in bytes.
const MaxAlign = 1 << 30

// Heap gives out spans of memory and takes them back.
type Heap interface {
	// Alloc returns a span of size bytes whose address is a multiple of
	// align. The caller owns it until Free. Bytes are zero unless the arena
	// was made with Dirty.
	//
	// Size is 1 or more. Align is 0 (meaning Granule) or a power of two up to
	// MaxAlign; less than Granule is raised to it. The error is
	// com.ErrInvalid for other values, com.ErrQuota when the owner's limit is
	// reached, com.ErrNoMemory when no free block is large enough, and
	// com.ErrGone when the heap was closed.
	Alloc(size, align uint64) (Span, error)

	// Free takes back a span that this heap, or a heap made from it by Sub,
	// gave out. The error is com.ErrInvalid for a span freed before, changed,
	// or of another arena, com.ErrPermission for one that another owner
	// holds, and a *Fault where checked mode finds its guards damaged; in
	// that last case the span is freed all the same.
	Free(s Span) error

	// Sub returns a heap over the same memory for a further owner, whose use
	// is charged to this heap's owner too.
	Sub(owner string, limit Limit) (Heap, error)

	// Usage reports what the owner holds.
	Usage() Usage

	// Check looks for damage to the owner's spans and, in checked mode, to
	// free memory. It returns nil or an error that joins all faults found.
	Check() error

	// Close frees all spans of the owner, of those made from it by Sub, and
	// closes heaps nested in them. Later calls give com.ErrGone. Closing
	// twice is no error.
	Close() error
}

// Limit bounds what an owner may hold. Zero means no bound.
type Limit struct {
	Bytes  uint64 // most bytes held at a time, as Usage.Held counts them
	Blocks uint64 // most spans held at a time
}

// Usage is what one owner holds at a moment.
type Usage struct {
	Owner  string // owners from the arena's own account down, joined by "/"
	Asked  uint64 // bytes asked for in live spans
	Held   uint64 // bytes kept from others by them: Asked and the rounding
	Blocks uint64 // live spans
	Peak   uint64 // largest Held so far
	Allocs uint64 // spans given out so far
	Denied uint64 // requests refused for want of quota or memory
	Limit  Limit
}

// Stats describes an arena at a moment.
type Stats struct {
	Policy  Policy
	Size    uint64 // bytes managed
	Free    uint64 // bytes in free blocks
	Largest uint64 // bytes of the largest free block
	Blocks  uint64 // live spans
	Faults  uint64 // faults found so far
	Checked bool
}

// Policy says where in its region an arena places blocks.
type Policy uint8

const (
	// General serves any size with less than a granule of rounding, in
	// constant time, and merges neighbours at once when they are freed.
	General Policy = iota
	// Buddy rounds sizes up to a power of two. A block is aligned to its own
	// size, and time is logarithmic in the size of the region. It fragments
	// less where sizes are powers of two: textures, pages, ring buffers.
	Buddy
)

// String returns the policy's name.
func (p Policy) String() string {
	switch p {
	case General:
		return "general"
	case Buddy:
		return "buddy"
	}
	return "unknown"
}

// Options describe an arena. The zero value is an unchecked general arena for
// one processor.
type Options struct {
	// Policy places the blocks.
	Policy Policy
	// Name is the owner of the arena itself; "heap" if empty.
	Name string
	// Base is the address of the first byte as devices and the other end of a
	// link count; alignment is of this address. Usually an offset in card
	// memory or, on bare metal, the physical address.
	Base uint64
	// Limit bounds all accounts together.
	Limit Limit
	// Reserve is for how many live blocks bookkeeping is set up in advance.
	// Up to that many, Alloc and Free never call Go's allocator.
	Reserve int
	// Zeroed says that the region holds zeros now, as fresh pages of an
	// operating system do, so that memory never given out before need not be
	// cleared (nor touched, hence committed).
	Zeroed bool
	// Dirty leaves spans as their last owner left them. Only for heaps whose
	// owners may see one another's data.
	Dirty bool
	// Checked puts guards around spans and poison into free memory, and looks
	// at both. It costs memory and time in proportion to the sizes.
	Checked bool
	// Report, if set, is told of each fault as it is found, with the arena's
	// lock held; it must not call the heap.
	Report func(*Fault)
	// Lock, if set, is held during each call.
	Lock sync.Locker
}

// Span is memory given out by a heap. The zero Span holds none. Copies of a
// Span mean the same memory; after one is freed all are dead.
type Span struct {
	mem  []byte
	addr uint64
	slot uint32
	gen  uint32
}

// Bytes returns the span's memory. It must not be touched after Free. It must
// not hold Go pointers: the collector does not see it.
func (s Span) Bytes() []byte { return s.mem }

// Addr returns the address of the first byte: the arena's Base plus the offset
// in its region.
func (s Span) Addr() uint64 { return s.addr }

// Size returns the size in bytes, as asked for.
func (s Span) Size() uint64 { return uint64(len(s.mem)) }

// IsZero reports whether s is the zero Span.
func (s Span) IsZero() bool { return s.mem == nil }
