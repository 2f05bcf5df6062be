package sf2

import (
	"encoding/binary"
	"fmt"

	"github.com/mmlite/mmlite/synth/bank"
	"github.com/mmlite/mmlite/synth/riff"
)

// Sizes of the records of the nine tables in bytes (SoundFont 2.04, sections 7.2 to 7.10).
const (
	phdrSize = 38
	bagSize  = 4
	modSize  = 10
	genSize  = 4
	instSize = 22
	shdrSize = 46
)

// table is one of the nine tables of the pdta list: records of one size, read in place.
type table struct {
	name string
	size int
	most int // records
	off  int // of the first record in the file
	data []byte
}

// len returns the number of records, the terminal one included.
func (t *table) len() int { return len(t.data) / t.size }

// at returns record i.
func (t *table) at(i int) []byte { return t.data[i*t.size : (i+1)*t.size] }

// offset returns where record i is in the file.
func (t *table) offset(i int) int { return t.off + i*t.size }

// u16 returns the little-endian number at byte off of record i.
func (t *table) u16(i, off int) int { return int(binary.LittleEndian.Uint16(t.at(i)[off:])) }

// hydra is the articulation data of a file: the nine tables of its pdta list, which the
// specification calls by this name for its nine heads.
type hydra struct {
	phdr, pbag, pmod, pgen table
	inst, ibag, imod, igen table
	shdr                   table
}

func newHydra() *hydra {
	h := &hydra{
		phdr: table{name: "phdr", size: phdrSize}, pbag: table{name: "pbag", size: bagSize},
		pmod: table{name: "pmod", size: modSize}, pgen: table{name: "pgen", size: genSize},
		inst: table{name: "inst", size: instSize}, ibag: table{name: "ibag", size: bagSize},
		imod: table{name: "imod", size: modSize}, igen: table{name: "igen", size: genSize},
		shdr: table{name: "shdr", size: shdrSize},
	}
	for _, t := range h.tables() {
		t.most = 1<<16 + 1 // what indices of 16 bits reach, and the terminal record
	}
	h.phdr.most = bank.MaxPresets + 1
	return h
}

// Keep says how much of a chunk Open needs; it is for riff.Skim.
func Keep(c riff.Chunk) int64 {
	const text = 256
	switch c.Name() {
	case "ifil", "INAM":
		return text
	}
	h := newHydra()
	for _, t := range h.tables() {
		if c.Name() == t.name {
			return int64(t.most * t.size)
		}
	}
	return 0
}

func (h *hydra) tables() []*table {
	return []*table{&h.phdr, &h.pbag, &h.pmod, &h.pgen, &h.inst, &h.ibag, &h.imod, &h.igen, &h.shdr}
}

// readHydra finds the nine tables in the pdta list. A table that is missing or has no terminal
// record makes the file unusable; only the modulator tables may be empty, as some programs write
// them so.
func readHydra(f *riff.File, pdta riff.Chunk) (*hydra, error) {
	h := newHydra()
	found := make(map[string]bool, 9)
	for c := range f.Children(pdta) {
		for _, t := range h.tables() {
			if c.Name() != t.name {
				continue
			}
			if found[t.name] {
				f.Notes.Add(c.Offset, t.name, "a second table of this name is left out")
				break
			}
			found[t.name] = true
			if c.Short {
				return nil, fmt.Errorf("sf2: table %s: %w", t.name, riff.ErrTruncated)
			}
			if extra := c.Size % t.size; extra != 0 {
				f.Notes.Add(c.Offset, t.name, "%d bytes are no multiple of the record size %d; the last %d are left out", c.Size, t.size, extra)
			}
			n := c.Size / t.size
			if n > t.most {
				f.Notes.Add(c.Offset, t.name, "%d records; %d are kept", n, t.most)
				n = t.most
			}
			if len(c.Body) < n*t.size {
				return nil, fmt.Errorf("sf2: table %s: %w", t.name, riff.ErrAbsent)
			}
			t.off, t.data = c.Start, c.Body[:n*t.size]
		}
	}
	if err := f.Err(); err != nil {
		return nil, fmt.Errorf("sf2: %w", err)
	}
	for _, t := range h.tables() {
		switch {
		case !found[t.name] && pdta.Short:
			return nil, fmt.Errorf("sf2: table %s is missing: %w", t.name, riff.ErrTruncated)
		case !found[t.name] && t.size != modSize:
			return nil, fmt.Errorf("sf2: table %s is missing", t.name)
		case t.len() == 0 && t.size != modSize:
			return nil, fmt.Errorf("sf2: table %s is empty; it needs at least its terminal record", t.name)
		}
	}
	return h, nil
}

// spans are the ranges of records that the items of an index table own in the table they index.
// No record belongs to two items, whatever the file says, so reading all items takes linear time.
type spans struct {
	into   *table
	starts []uint32 // item i owns the records from starts[i] to starts[i+1]
}

// newSpans reads the index at byte offset field of the records of index. Of into, limit records
// can be owned.
func newSpans(f *riff.File, index *table, field int, into *table, limit int) spans {
	s := spans{into: into}
	if into.len() == 0 {
		return s
	}
	s.starts = make([]uint32, index.len())
	next, fits := 0, true
	for i := range s.starts {
		at := index.u16(i, field)
		from := min(max(at, next), limit)
		if i > 0 && (from != at || !fits) {
			f.Notes.Add(index.offset(i-1), index.name,
				"record %d claims records %d to %d of %s, taken as %d to %d", i-1, index.u16(i-1, field), at, into.name, next, from)
		}
		s.starts[i], next, fits = uint32(from), from, from == at
	}
	return s
}

// of returns the half-open range of item i.
func (s *spans) of(i int) (from, to int) { return int(s.starts[i]), int(s.starts[i+1]) }

// name returns the name at the start of a phdr, inst or shdr record.
func name(rec []byte) string { return riff.Text(rec[:20]) }
