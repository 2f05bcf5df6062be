// Package x86page changes what the page tables of an x86-64 processor allow: which
// memory is written to, and which is executed.
//
// Source: Intel 64 and IA-32 Architectures Software Developer's Manual ("Intel SDM"),
// volume 3, chapter 5 (paging): 5.5 and its tables of entries, 5.6 (access rights).
package x86page

import "github.com/mmlite/mmlite/firmware/com"

// Access is what may be done with memory.
type Access uint64

const (
	None    Access = 0
	Read    Access = present | noExecute
	Write   Access = present | writable | noExecute // and read
	Execute Access = present                        // and read
)

// Size is the size of a page in bytes, the smallest that has access rights of its own.
const Size = 4096

// Bits of an entry (Intel SDM volume 3, tables 5-15 to 5-20).
const (
	present   = 1 << 0
	writable  = 1 << 1
	through   = 1 << 3
	uncached  = 1 << 4
	large     = 1 << 7 // of a directory: the entry is a page of its own
	noExecute = 1 << 63

	rights  = present | writable | noExecute
	address = 0x000ffffffffff000
	entries = 512
)

// Table is a page table of any level.
type Table = [entries]uint64

// Tables are the four levels of tables that a processor uses.
type Tables struct {
	// Root is the address of the first (CR3).
	Root uint64
	// At returns the table at an address.
	At func(address uint64) *Table
	// New returns an unused table, and its address, or nil.
	New func() (*Table, uint64)
	// Flush has the processor look anew what it is to do with an address (INVLPG).
	Flush func(address uint64)
}

// Protect allows access, and nothing else, to what is mapped from address from to
// address to, both whole pages. Larger pages are divided where that is needed. The
// errors are com.ErrInvalid, com.ErrNotFound if something there is not mapped at all,
// and com.ErrNoMemory if there is no table left to divide a page by; what comes before
// is done then.
func (t *Tables) Protect(from, to uint64, access Access) error {
	const most = 1 << 47
	if from%Size != 0 || to%Size != 0 || from >= to || to > most {
		return com.Errorf(com.ErrInvalid, "pages from %#x to %#x", from, to)
	}
	for from < to {
		n, err := t.one(from, to, access)
		if err != nil {
			return err
		}
		from += n
	}
	return nil
}

// one changes the page that begins at from, or as much of a larger one as there is to
// change, and returns how many bytes that are.
func (t *Tables) one(from, to uint64, access Access) (uint64, error) {
	table := t.At(t.Root)
	for shift := 39; ; shift -= 9 {
		size := uint64(1) << shift
		e := &table[from>>shift%entries]
		leaf := shift == 12 || *e&large != 0 && shift <= 30
		switch {
		case !leaf && *e&present == 0:
			return 0, com.Errorf(com.ErrNotFound, "nothing is mapped at %#x", from)
		case leaf && from%size == 0 && to-from >= size:
			*e = *e&^rights | uint64(access)
			t.Flush(from)
			return size, nil
		case leaf && shift == 12:
			return 0, com.Errorf(com.ErrInvalid, "page at %#x", from)
		case leaf:
			if err := t.divide(e, shift, from&^(size-1)); err != nil {
				return 0, err
			}
		}
		table = t.At(*e & address)
	}
}

// divide puts a table of pages in the place of a larger page. Tables above pages allow
// everything: the pages themselves say what is not.
func (t *Tables) divide(e *uint64, shift int, at uint64) error {
	table, where := t.New()
	if table == nil {
		return com.Errorf(com.ErrNoMemory, "no table for the pages at %#x", at)
	}
	const pageAttribute = 1 << 12 // of large pages (Intel SDM volume 3, 5.9.2)
	flags := *e &^ (address | large)
	if shift-9 > 12 {
		flags |= large | *e&pageAttribute
	}
	base := *e & address &^ (1<<shift - 1)
	for i := range table {
		table[i] = base | uint64(i)<<(shift-9) | flags
	}
	*e = where | present | writable | *e&(through|uncached)
	t.Flush(at)
	return nil
}

// Access returns what may be done at an address.
func (t *Tables) Access(at uint64) Access {
	table := t.At(t.Root)
	for shift := 39; ; shift -= 9 {
		e := table[at>>shift%entries]
		switch {
		case e&present == 0:
			return None
		case shift == 12 || e&large != 0 && shift <= 30:
			return Access(e & rights)
		}
		table = t.At(e & address)
	}
}
