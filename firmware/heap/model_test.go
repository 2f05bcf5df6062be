package heap

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"pgregory.net/rapid"
)

// verify checks everything the placements promise themselves.
func verify(a *Arena) error {
	n := uint32(len(a.mem) / Granule)
	taken := map[uint32]uint32{}
	for _, s := range a.books.slots {
		if s.live {
			taken[s.off] = s.size
		}
	}
	idle := uint32(0)
	for off, size := range a.where.free {
		if size == 0 || taken[off] != 0 {
			return fmt.Errorf("free block at %d of %d granules", off, size)
		}
		taken[off] = size
		idle += size
	}
	if idle != a.where.unused() {
		return fmt.Errorf("free blocks hold %d, unused says %d", idle, a.where.unused())
	}
	at := uint32(0)
	for at < n {
		if taken[at] == 0 {
			return fmt.Errorf("granule %d is in no block", at)
		}
		at += taken[at]
	}
	if at != n {
		return fmt.Errorf("blocks end at %d, region at %d", at, n)
	}
	switch w := a.where.(type) {
	case *tlsf:
		return verifyTLSF(w)
	case *buddy:
		for i := w.leaves - 1; i > 0; i-- {
			if w.tree[i] == 0 {
				continue // taken as a whole; its halves are not kept up
			}
			if w.tree[i] != w.order(i)+1 && w.tree[i] != max(w.tree[2*i], w.tree[2*i+1]) {
				return fmt.Errorf("node %d holds %d over %d and %d", i, w.tree[i], w.tree[2*i], w.tree[2*i+1])
			}
		}
	}
	return nil
}

func verifyTLSF(w *tlsf) error {
	listed := map[uint32]bool{}
	for f := range w.heads {
		if (w.first>>f&1 == 1) != (w.second[f] != 0) {
			return fmt.Errorf("first level %d: bit and lists differ", f)
		}
		for s, i := range w.heads[f] {
			if (w.second[f]>>s&1 == 1) != (i != none) {
				return fmt.Errorf("list %d.%d: bit and head differ", f, s)
			}
			for prev := uint32(none); i != none; prev, i = i, w.blocks[i].nextFree {
				b := w.blocks[i]
				if gf, gs := list(b.size); gf != f || gs != s || !b.free || b.prevFree != prev {
					return fmt.Errorf("list %d.%d: block %+v", f, s, b)
				}
				listed[i] = true
			}
		}
	}
	for i, prev := uint32(1), uint32(none); i != none; prev, i = i, w.blocks[i].after {
		b := w.blocks[i]
		if b.before != prev || b.free != listed[i] {
			return fmt.Errorf("block %d: %+v", i, b)
		}
		if prev != none && b.free && w.blocks[prev].free {
			return fmt.Errorf("blocks %d and %d are free side by side", prev, i)
		}
	}
	return nil
}

// model is what a heap ought to hold, by the simplest means.
type model struct {
	arena *Arena
	owner Heap
	live  []held
	asked uint64
}

type held struct {
	Span
	seed byte
}

func pattern(s Span, seed byte) {
	for i := range s.Bytes() {
		s.Bytes()[i] = seed + byte(i)
	}
}

func (m *model) alloc(size, align uint64, seed byte) error {
	s, err := m.owner.Alloc(size, align)
	if err != nil {
		if c := com.CodeOf(err); c != com.ErrNoMemory && c != com.ErrQuota {
			return err
		}
		free := m.arena.Stats().Free
		if com.CodeOf(err) == com.ErrNoMemory && len(m.live) == 0 && !m.arena.opts.Checked && size+align <= free/4 {
			return fmt.Errorf("empty heap of %d refuses %d at %d: %w", free, size, align, err)
		}
		return nil
	}
	if align == 0 {
		align = Granule
	}
	if s.Addr()%align != 0 || s.Addr()%Granule != 0 || s.Size() != size || cap(s.Bytes()) != int(size) {
		return fmt.Errorf("%d at %d gave %d at %#x", size, align, s.Size(), s.Addr())
	}
	for i, b := range s.Bytes() {
		if b != 0 {
			return fmt.Errorf("byte %d of a fresh span is %#x", i, b)
		}
	}
	pattern(s, seed)
	m.live = append(m.live, held{s, seed})
	m.asked += size
	return nil
}

func (m *model) free(i int) error {
	h := m.live[i]
	for j, b := range h.Bytes() {
		if b != h.seed+byte(j) {
			return fmt.Errorf("span at %#x changed at %d", h.Addr(), j)
		}
	}
	if err := m.owner.Free(h.Span); err != nil {
		return err
	}
	m.live[i] = m.live[len(m.live)-1]
	m.live = m.live[:len(m.live)-1]
	m.asked -= h.Size()
	if err := m.owner.Free(h.Span); !errors.Is(err, com.ErrInvalid) {
		return fmt.Errorf("second free: %v", err)
	}
	return nil
}

func (m *model) check() error {
	u := m.owner.Usage()
	if u.Asked != m.asked || u.Blocks != uint64(len(m.live)) || u.Held < u.Asked || u.Peak < u.Held {
		return fmt.Errorf("usage %+v, want %d bytes in %d spans", u, m.asked, len(m.live))
	}
	if l := u.Limit.Bytes; l != 0 && u.Held > l {
		return fmt.Errorf("holds %d of %d", u.Held, l)
	}
	if err := m.owner.Check(); err != nil {
		return err
	}
	return verify(m.arena)
}

// end frees everything and wants the heap as it was at first.
func (m *model) end() error {
	whole := m.arena.Stats()
	for len(m.live) > 0 {
		if err := m.free(len(m.live) / 2); err != nil {
			return err
		}
	}
	if err := m.check(); err != nil {
		return err
	}
	s := m.arena.Stats()
	if s.Free != s.Size {
		return fmt.Errorf("free %d of %d when all was freed", s.Free, s.Size)
	}
	if s.Policy == General && s.Largest != s.Size {
		return fmt.Errorf("largest %d of %d: not merged", s.Largest, s.Size)
	}
	if s.Policy == Buddy && whole.Size == s.Size && s.Largest < uint64(1)<<(bits.Len64(s.Size/4)-1) {
		return fmt.Errorf("largest %d of %d: not merged", s.Largest, s.Size)
	}
	return nil
}

func newModel(o Options, size int, limit Limit) (*model, error) {
	a, err := New(make([]byte, size), o)
	if err != nil {
		return nil, err
	}
	h, err := a.Sub("model", limit)
	return &model{arena: a, owner: h}, err
}

func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := Options{
			Policy:  rapid.SampledFrom([]Policy{General, Buddy}).Draw(t, "policy"),
			Checked: rapid.Bool().Draw(t, "checked"),
			Zeroed:  rapid.Bool().Draw(t, "zeroed"),
			Base:    rapid.SampledFrom([]uint64{0, 0x40, 0x1000, 0xfffc0, 0x80000000}).Draw(t, "base"),
		}
		size := rapid.SampledFrom([]int{Granule, 8 << 10, 64<<10 - 8, 100_000, 256 << 10}).Draw(t, "size")
		limit := Limit{Bytes: rapid.SampledFrom([]uint64{0, 16 << 10}).Draw(t, "limit")}
		m, err := newModel(o, size, limit)
		if err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(0, 120).Draw(t, "steps") {
			if len(m.live) == 0 || rapid.IntRange(0, 4).Draw(t, "op") > 1 {
				want := rapid.Uint64Range(1, 1<<rapid.IntRange(1, 17).Draw(t, "magnitude")).Draw(t, "bytes")
				align := uint64(1) << rapid.IntRange(0, 13).Draw(t, "align")
				err = m.alloc(want, align, rapid.Byte().Draw(t, "seed"))
			} else {
				err = m.free(rapid.IntRange(0, len(m.live)-1).Draw(t, "which"))
			}
			if err == nil {
				err = m.check()
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := m.end(); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzOperations reads each three bytes as one call.
func FuzzOperations(f *testing.F) {
	f.Add(byte(0), []byte("\x01\x00\x40\x02\x10\x00\x80\x00\x00"))
	f.Add(byte(7), bytes.Repeat([]byte{0x05, 0xff, 0x03, 0x80, 0x01, 0x00}, 20))
	f.Fuzz(func(t *testing.T, kind byte, ops []byte) {
		o := Options{Policy: Policy(kind & 1), Checked: kind&2 != 0, Zeroed: kind&4 != 0, Base: uint64(kind>>3) * Granule}
		m, err := newModel(o, 64<<10, Limit{})
		if err != nil {
			t.Fatal(err)
		}
		for len(ops) >= 3 && err == nil {
			op, arg := ops[0], uint64(binary.LittleEndian.Uint16(ops[1:]))
			ops = ops[3:]
			if op&0x80 == 0 {
				err = m.alloc(arg+1, 1<<(op&15), op)
			} else if len(m.live) > 0 {
				err = m.free(int(arg) % len(m.live))
			}
		}
		if err == nil {
			err = m.check()
		}
		if err == nil {
			err = m.end()
		}
		if err != nil {
			t.Fatal(err)
		}
	})
}
