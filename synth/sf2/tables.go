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

// u32 returns the little-endian number at byte off of record i.
func (t *table) u32(i, off int) uint32 { return binary.LittleEndian.Uint32(t.at(i)[off:]) }

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
			if extra := len(c.Body) % t.size; extra != 0 {
				f.Notes.Add(c.Offset, t.name, "%d bytes are no multiple of the record size %d; the last %d are left out", len(c.Body), t.size, extra)
			}
			n := len(c.Body) / t.size
			if n > t.most {
				f.Notes.Add(c.Offset, t.name, "%d records; %d are kept", n, t.most)
				n = t.most
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

// spans hands out the ranges of records that the items of an index table own in the table they
// index. No record belongs to two items, whatever the file says, so reading all items takes
// linear time.
type spans struct {
	f     *riff.File
	index *table
	field int // byte offset of the index in a record of the index table
	into  *table
	limit int // records of into that may be owned
	next  int // the first record not owned yet
}

// of returns the half-open range of item i. Items must be asked for in rising order.
func (s *spans) of(i int) (from, to int) {
	a, b := s.index.u16(i, s.field), s.index.u16(i+1, s.field)
	from = min(max(a, s.next), s.limit)
	to = min(max(b, from), s.limit)
	if from != a || to != b {
		s.f.Notes.Add(s.index.offset(i), s.index.name,
			"record %d claims records %d to %d of %s, taken as %d to %d", i, a, b, s.into.name, from, to)
	}
	s.next = to
	return from, to
}

// name returns the name at the start of a phdr, inst or shdr record.
func name(rec []byte) string { return riff.Text(rec[:20]) }
