package x86page

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
)

// fake is a processor's tables as TamaGo's start lays them out: a first page that is
// not there, small pages up to 2 MiB, large ones to 1 GiB, and larger ones.
type fake struct {
	Tables
	memory  map[uint64]*Table
	next    uint64
	left    int
	flushed map[uint64]bool
}

func newFake(left int) *fake {
	f := &fake{memory: map[uint64]*Table{}, next: 0x9000, left: left, flushed: map[uint64]bool{}}
	for _, at := range []uint64{0x1000, 0x2000, 0x3000, 0x4000} {
		f.memory[at] = &Table{}
	}
	f.memory[0x1000][0] = 0x2000 | writable | present
	f.memory[0x2000][0] = 0x3000 | writable | present
	f.memory[0x3000][0] = 0x4000 | writable | present
	for i := uint64(1); i < 6; i++ {
		f.memory[0x2000][i] = i<<30 | large | writable | present
	}
	f.memory[0x2000][3] |= uncached
	for i := uint64(1); i < entries; i++ {
		f.memory[0x3000][i] = i<<21 | large | writable | present
		f.memory[0x4000][i] = i<<12 | writable | present
	}
	f.Tables = Tables{
		Root:  0x1000,
		At:    func(at uint64) *Table { return f.memory[at] },
		Flush: func(at uint64) { f.flushed[at] = true },
		New: func() (*Table, uint64) {
			if f.left == 0 {
				return nil, 0
			}
			f.left--
			f.next += Size
			t := &Table{}
			f.memory[f.next] = t
			return t, f.next
		},
	}
	return f
}

// physical is where an address leads.
func (f *fake) physical(at uint64) (to uint64, flags uint64) {
	table := f.memory[f.Root]
	for shift := 39; ; shift -= 9 {
		e := table[at>>shift%entries]
		if shift == 12 || e&large != 0 && shift <= 30 {
			size := uint64(1) << shift
			return e&address&^(size-1) | at&(size-1), e & (uncached | through)
		}
		table = f.memory[e&address]
	}
}

const everything = Access(present | writable)

func TestProtect(t *testing.T) {
	f := newFake(10)
	for _, c := range []struct {
		from, to uint64
		access   Access
	}{
		{0x1000_1000, 0x1000_3000, Execute},     // within a page of 2 MiB
		{0x1000_2000, 0x1000_3000, Write},       // in what is divided
		{0x3fff_f000, 0x8000_1000, Read},        // a page, 1 GiB, and a page of the next
		{0x0040_0000, 0x0060_0000, None},        // a page of 2 MiB
		{0xfee0_0000, 0xfee0_1000, Write},       // not cached
		{0x0000_1000, 0x0000_2000, Execute},     // of 4 KiB
		{0x1_0000_0000, 0x1_4000_0000, Write},   // of 1 GiB
		{0x1_4000_0000, 0x1_4000_1000, Execute}, // two tables
	} {
		if err := f.Protect(c.from, c.to, c.access); err != nil {
			t.Fatalf("%+v: %v", c, err)
		}
		for _, at := range []uint64{c.from, c.to - Size, c.from + (c.to-c.from)/2&^(Size-1)} {
			if a := f.Access(at); a != c.access {
				t.Errorf("%#x allows %#x after %+v", at, uint64(a), c)
			}
			if c.access == None {
				continue
			}
			if to, flags := f.physical(at); to != at || (flags != 0) != (at>>30 == 3) {
				t.Errorf("%#x leads to %#x, flags %#x", at, to, flags)
			}
		}
		if !f.flushed[c.from] {
			t.Errorf("%+v: the processor is not told", c)
		}
	}
	for at, want := range map[uint64]Access{
		0x1000_0000: everything, 0x1000_1000: Execute, 0x1000_2000: Write, 0x1000_3000: everything, 0x3fff_e000: everything,
		0x8000_1000: everything, 0x0060_0000: everything, 0: None, 0xfee0_1000: everything, 0x1_4000_1000: everything, 0x1_8000_0000: None,
	} {
		if a := f.Access(at); a != want {
			t.Errorf("%#x allows %#x, and not %#x", at, uint64(a), uint64(want))
		}
	}
}

func TestProtectRefuses(t *testing.T) {
	f := newFake(0)
	for _, c := range []struct {
		from, to uint64
		want     error
	}{
		{1, Size, com.ErrInvalid}, {0, 1, com.ErrInvalid}, {Size, Size, com.ErrInvalid}, {2 * Size, Size, com.ErrInvalid},
		{0, 1 << 60, com.ErrInvalid}, {0x1_8000_0000, 0x1_8000_1000, com.ErrNotFound}, {1 << 40, 1<<40 + Size, com.ErrNotFound},
		{0x1000_1000, 0x1000_2000, com.ErrNoMemory},
	} {
		if err := f.Protect(c.from, c.to, Read); !errors.Is(err, c.want) {
			t.Errorf("%#x to %#x: %v", c.from, c.to, err)
		}
	}
	if a := f.Access(0x1000_1000); a != everything {
		t.Errorf("a page that could not be divided allows %#x", uint64(a))
	}
}

// TestProtectAgainstAModel changes pages at random.
func TestProtectAgainstAModel(t *testing.T) {
	f := newFake(100)
	r := rand.New(rand.NewPCG(1, 2))
	const base, pages = 0x3f80_0000, 8192 // around a border of 1 GiB
	var model [pages]Access
	for i := range model {
		model[i] = everything
	}
	for range 300 {
		from := r.Uint64N(pages)
		to := from + 1 + r.Uint64N(min(pages-from, 1<<r.IntN(13)))
		a := []Access{Read, Write, Execute, Write}[r.IntN(4)]
		if err := f.Protect(base+from*Size, base+to*Size, a); err != nil {
			t.Fatal(err)
		}
		for i := from; i < to; i++ {
			model[i] = a
		}
	}
	for i, want := range model {
		at := uint64(base + i*Size)
		if a := f.Access(at); a != want {
			t.Fatalf("%#x allows %#x, and not %#x", at, uint64(a), uint64(want))
		}
		if to, _ := f.physical(at); to != at {
			t.Fatalf("%#x leads to %#x", at, to)
		}
	}
}
