package heap

import (
	"errors"
	"fmt"

	"github.com/mmlite/mmlite/firmware/com"
)

// FaultKind says what was done wrong.
type FaultKind uint8

const (
	Overrun      FaultKind = iota + 1 // written behind a span
	Underrun                          // written before a span
	UseAfterFree                      // written to freed memory
	DoubleFree                        // freed a second time
	Foreign                           // freed what this heap never gave out
	NotOwner                          // freed what another owner holds
)

var faultText = [...]string{
	Overrun:      "written behind the span",
	Underrun:     "written before the span",
	UseAfterFree: "written to after it was freed",
	DoubleFree:   "freed twice",
	Foreign:      "not a span of this heap",
	NotOwner:     "held by another owner",
}

// String says in words what was done wrong.
func (k FaultKind) String() string {
	if k >= Overrun && int(k) < len(faultText) {
		return faultText[k]
	}
	return "unknown fault"
}

// Fault is a misuse of a heap. The first three kinds are found in checked mode
// only and carry com.ErrCorrupt, DoubleFree and Foreign com.ErrInvalid, and
// NotOwner com.ErrPermission.
type Fault struct {
	Kind  FaultKind
	Owner string // who holds or held the span; empty if not known
	By    string // whose call found it
	Addr  uint64 // of the span, or of the free block
	Size  uint64 // in bytes
	At    int64  // offset of the first damaged byte from Addr
}

// Error implements error.
func (f *Fault) Error() string {
	s := fmt.Sprintf("heap %s: span of %d bytes at %#x", f.By, f.Size, f.Addr)
	if f.Owner != "" {
		s += " of " + f.Owner
	}
	s += ": " + f.Kind.String()
	if f.Kind <= UseAfterFree {
		s += fmt.Sprintf(" at offset %d", f.At)
	}
	return s
}

// Unwrap gives the fault's code.
func (f *Fault) Unwrap() error {
	switch f.Kind {
	case Overrun, Underrun, UseAfterFree:
		return com.ErrCorrupt
	case NotOwner:
		return com.ErrPermission
	}
	return com.ErrInvalid
}

// Patterns that no sample, pixel or length is likely to be.
const (
	guardByte  = 0xfd
	poisonByte = 0xdb
)

// note counts and reports a fault.
func (a *Arena) note(f *Fault) error {
	a.faults++
	if a.opts.Report != nil {
		a.opts.Report(f)
	}
	return f
}

func fill(b []byte, with byte) {
	for i := range b {
		b[i] = with
	}
}

// damaged returns the index of the first byte of b that is not want, or -1.
func damaged(b []byte, want byte) int {
	for i, x := range b {
		if x != want {
			return i
		}
	}
	return -1
}

// around returns the guards of a span: one granule before it, and all from its
// last byte to the end of the granule after it.
func (a *Arena) around(b *slot) (front, back []byte) {
	from := uint64(b.data) * Granule
	end := (from+b.want+Granule-1)/Granule*Granule + Granule
	return a.mem[from-Granule : from], a.mem[from+b.want : end]
}

// guard sets the guards of a span.
func (a *Arena) guard(b *slot) {
	front, back := a.around(b)
	fill(front, guardByte)
	fill(back, guardByte)
}

// unpoison looks whether anyone wrote to the block while it was free. Memory
// below fresh is poison throughout when it is free, so what the block leaves
// out becomes it.
func (a *Arena) unpoison(p place) {
	if p.off > a.fresh {
		fill(a.mem[uint64(a.fresh)*Granule:uint64(p.off)*Granule], poisonByte)
		return
	}
	a.freed(p.off, min(p.off+p.size, max(p.off, a.fresh))-p.off)
}

// freed notes damage to the poison of free granules.
func (a *Arena) freed(off, size uint32) error {
	m := a.mem[uint64(off)*Granule:][:uint64(size)*Granule]
	i := damaged(m, poisonByte)
	if i < 0 {
		return nil
	}
	return a.note(&Fault{Kind: UseAfterFree, By: a.Account.use.Owner, Addr: a.base + uint64(off)*Granule, Size: uint64(len(m)), At: int64(i)})
}

// guards returns the damage to the guards of a live span.
func (a *Arena) guards(b *slot) *Fault {
	f := &Fault{Addr: a.base + uint64(b.data)*Granule, Size: b.want, By: a.Account.use.Owner, Owner: a.ownerOf(b)}
	front, back := a.around(b)
	if i := damaged(back, guardByte); i >= 0 {
		f.Kind, f.At = Overrun, int64(b.want)+int64(i)
		return f
	}
	if i := damaged(front, guardByte); i >= 0 {
		f.Kind, f.At = Underrun, int64(i)-Granule
		return f
	}
	return nil
}

// Check implements Heap. Without checked mode there is nothing to look at, and
// it returns nil.
func (c *Account) Check() error {
	if err := c.enter(); err != nil {
		return err
	}
	defer c.arena.leave()
	a := c.arena
	if !a.opts.Checked {
		return nil
	}
	errs := c.inspect(nil)
	if c.parent == nil {
		for off, size := range a.where.free {
			to := min(off+size, max(off, a.fresh))
			if err := a.freed(off, to-off); err != nil {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

func (c *Account) inspect(errs []error) []error {
	a := c.arena
	for i := c.spans; i != none; i = a.books.slots[i].next {
		if f := a.guards(&a.books.slots[i]); f != nil {
			errs = append(errs, a.note(f))
		}
	}
	for _, k := range c.kids {
		errs = k.inspect(errs)
	}
	return errs
}
