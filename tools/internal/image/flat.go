package image

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"io"
	"slices"

	"github.com/mmlite/mmlite/firmware/com"
)

// maxSpan is how far apart the ends of a program may lie.
const maxSpan = 64 << 20

// Flat is a program as it lies in memory, but for the zeros at its end: those are
// Room bytes in all, which it clears as it begins.
type Flat struct {
	Load  uint64 // of its first byte
	Entry uint64
	Bytes []byte // with zeros where the program wants zeros in between
	Room  uint64
}

// Flatten lays out a 32-bit ARM program. What the headers of the file take in memory
// is its first page, which the program itself does not use. The error is
// com.ErrCorrupt for what is no such program.
func Flatten(b []byte) (*Flat, error) {
	f, err := elf.NewFile(bytes.NewReader(b))
	if err != nil {
		return nil, com.Errorf(com.ErrCorrupt, "program: %v", err)
	}
	if f.Machine != elf.EM_ARM || f.Class != elf.ELFCLASS32 || f.Data != elf.ELFDATA2LSB || f.Type != elf.ET_EXEC {
		return nil, com.Errorf(com.ErrCorrupt, "program: it is for %v, %v; want a 32-bit ARM program", f.Machine, f.Class)
	}
	var loads []*elf.Prog
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD && p.Memsz > 0 {
			loads = append(loads, p)
		}
	}
	if len(loads) == 0 || len(loads) > 32 {
		return nil, com.Errorf(com.ErrCorrupt, "program: %d pieces to load", len(loads))
	}
	slices.SortFunc(loads, func(a, b *elf.Prog) int { return int(int64(a.Paddr) - int64(b.Paddr)) })
	flat := &Flat{Load: loads[0].Paddr, Entry: f.Entry}
	end, filled := flat.Load, flat.Load
	for _, p := range loads {
		if p.Paddr < end || p.Filesz > p.Memsz || p.Paddr-flat.Load > maxSpan || p.Memsz > maxSpan {
			return nil, com.Errorf(com.ErrCorrupt, "program: a piece of %d bytes at %#x, behind %#x", p.Memsz, p.Paddr, end)
		}
		end = p.Paddr + p.Memsz
		if p.Filesz > 0 {
			filled = p.Paddr + p.Filesz
		}
	}
	if f.Entry < flat.Load || f.Entry >= filled || f.Entry&3 != 0 {
		return nil, com.Errorf(com.ErrCorrupt, "program: it begins at %#x, and lies at %#x to %#x", f.Entry, flat.Load, filled)
	}
	flat.Bytes, flat.Room = make([]byte, filled-flat.Load), end-filled
	for _, p := range loads {
		at := p.Paddr - flat.Load
		if _, err := io.ReadFull(io.NewSectionReader(p, 0, int64(p.Filesz)), flat.Bytes[at:at+p.Filesz]); err != nil {
			return nil, com.Errorf(com.ErrCorrupt, "program: it is cut off: %v", err)
		}
	}
	return flat, nil
}

// Jump makes the first word a jump to the entry, for boards whose firmware enters at
// the first byte. The error is com.ErrInvalid if that is what the program begins with.
func (f *Flat) Jump() error {
	if len(f.Bytes) < 8 || string(f.Bytes[:4]) != elf.ELFMAG {
		return com.Errorf(com.ErrInvalid, "program: there is no room for a jump in front of it")
	}
	// B (ARM ARM A8.8.18), relative to the instruction after the next.
	words := (int64(f.Entry) - int64(f.Load) - 8) >> 2
	binary.LittleEndian.PutUint32(f.Bytes, 0xEA000000|uint32(words)&0xFFFFFF)
	return nil
}
