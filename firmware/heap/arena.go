package heap

import (
	"sync"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/com"
)

// placement decides where blocks lie. All numbers are granules; offsets count
// from the start of the region.
type placement interface {
	// take returns a block of at least size whose address is a multiple of
	// align, and false if there is none.
	take(size, align uint32) (place, bool)
	give(place)
	// round returns how much a block of size and align keeps from others.
	round(size, align uint32) uint32
	unused() uint32
	largest() uint32
	// free lists the free blocks by address.
	free(yield func(off, size uint32) bool)
}

// place is a taken block; ref is the placement's own.
type place struct{ off, size, ref uint32 }

// maxGranules bounds a region to 64 GiB, which keeps all sums in 32 bits.
const maxGranules = 1 << 30

// Arena is a heap over one region. As a [Heap] it allocates for its own
// account, of which those made by Sub are parts.
type Arena struct {
	*Account
	mem      []byte // whole granules of the region
	base     uint64 // address of mem[0], a multiple of Granule
	lock     sync.Locker
	opts     Options
	where    placement
	books    ledger
	accounts []*Account // by number; nil: number is unused
	spare    []uint32   // unused numbers
	serial   uint32     // of the account opened last
	fresh    uint32     // granules from here on were never given out
	faults   uint64
	nested   map[uint32]*Arena // by slot of the span they manage
	outer    *Arena
	gone     atomic.Bool // the memory went back to the outer heap
	giveBack func() error
}

// New makes a heap over mem, of which it uses whole granules. The caller leaves
// mem to the heap until the arena is closed. Fails with com.ErrInvalid if mem
// holds no granule or is larger than 64 GiB.
func New(mem []byte, o Options) (*Arena, error) {
	if o.Name == "" {
		o.Name = "heap"
	}
	lead := -o.Base % Granule
	if uint64(len(mem)) < lead+Granule {
		return nil, com.Errorf(com.ErrInvalid, "heap %s: a region of %d bytes holds no granule of %d", o.Name, len(mem), Granule)
	}
	size := (uint64(len(mem)) - lead) / Granule
	if size > maxGranules || o.Base+uint64(len(mem)) < o.Base {
		return nil, com.Errorf(com.ErrInvalid, "heap %s: a region of %d bytes at %#x is too large", o.Name, len(mem), o.Base)
	}
	if o.Reserve < 0 {
		return nil, com.Errorf(com.ErrInvalid, "heap %s: reserve %d", o.Name, o.Reserve)
	}
	reserve := int(min(uint64(o.Reserve), size))
	a := &Arena{mem: mem[lead : lead+size*Granule], base: o.Base + lead, lock: o.Lock, opts: o}
	switch o.Policy {
	case General:
		a.where = newTLSF(a.base/Granule, uint32(size), reserve)
	case Buddy:
		a.where = newBuddy(a.base/Granule, uint32(size))
	default:
		return nil, com.Errorf(com.ErrInvalid, "heap %s: policy %d", o.Name, o.Policy)
	}
	a.books.init(reserve)
	if !o.Zeroed && !o.Checked {
		a.fresh = uint32(size)
	}
	a.Account = a.open(nil, o.Name, o.Limit)
	return a, nil
}

// enter takes the arena's lock and fails if its memory is gone.
func (a *Arena) enter() error {
	if a.lock != nil {
		a.lock.Lock()
	}
	for x := a; x != nil; x = x.outer {
		if x.gone.Load() {
			a.leave()
			return com.Errorf(com.ErrGone, "heap %s: closed", a.opts.Name)
		}
	}
	return nil
}

func (a *Arena) leave() {
	if a.lock != nil {
		a.lock.Unlock()
	}
}

// Close frees everything in the arena and returns its memory to the heap it
// came from, if any.
func (a *Arena) Close() error {
	err := a.Account.Close()
	if a.gone.Swap(true) {
		return nil
	}
	if a.giveBack != nil {
		if e := a.giveBack(); err == nil && com.CodeOf(e) != com.ErrGone {
			err = e
		}
	}
	return err
}

// Stats describes the arena now.
func (a *Arena) Stats() Stats {
	s := Stats{Policy: a.opts.Policy, Size: uint64(len(a.mem)), Checked: a.opts.Checked}
	if a.enter() != nil {
		return s
	}
	defer a.leave()
	s.Free = uint64(a.where.unused()) * Granule
	s.Largest = uint64(a.where.largest()) * Granule
	s.Blocks, s.Faults = a.use.Blocks, a.faults
	return s
}

// Accounts lists the use of all owners, an owner before those made from it.
func (a *Arena) Accounts() []Usage {
	if a.enter() != nil {
		return nil
	}
	defer a.leave()
	return a.Account.list(nil)
}

// clean makes the granules [from, to) zero, skipping what was never used.
func (a *Arena) clean(from, to uint32) {
	if a.opts.Zeroed {
		to = min(to, max(from, a.fresh))
	}
	clear(a.mem[uint64(from)*Granule : uint64(to)*Granule])
}
