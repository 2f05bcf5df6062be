package riff

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
)

// Caps on what a file may hold.
const (
	// MaxDepth is how deep lists may nest. DLS, the deepest format read here, needs six.
	MaxDepth = 12
	// MaxChunks is how many chunks are visited in all, each time counted.
	MaxChunks = 1 << 21
)

// Errors of this package; test with errors.Is.
var (
	// ErrNotRIFF says that the data is no RIFF file.
	ErrNotRIFF = errors.New("not a RIFF file")
	// ErrTruncated says that the file ends before what its chunks announce.
	ErrTruncated = errors.New("the file is cut short")
	// ErrTooDeep says that lists nest deeper than MaxDepth.
	ErrTooDeep = fmt.Errorf("lists nest deeper than %d", MaxDepth)
	// ErrTooMany says that there are more than MaxChunks chunks.
	ErrTooMany = fmt.Errorf("more than %d chunks", MaxChunks)
	// ErrAbsent says that a chunk is looked for in a part of the file that its image lacks.
	ErrAbsent = errors.New("the part of the file was not read")
)

const headerSize = 8

// File is a RIFF file of which an Image is in memory. It serves one goroutine.
type File struct {
	// Notes receives what is wrong with the file; readers add their own.
	Notes Notes
	// SizeOf, where set, may correct the length that the header of a chunk states. It is for chunks
	// that known programs write with a wrong length.
	SizeOf func(id FourCC, stated uint32) uint32

	image  *Image
	size   int64
	chunks int
	err    error
}

// Open reads the outermost chunk of data, which must be a RIFF chunk. It keeps data and never
// writes to it. An outermost chunk that claims another length than the file has is noted and
// taken to span the file where the file goes on with further chunks.
func Open(data []byte) (*File, Chunk, error) { return OpenImage(Whole(data)) }

// OpenImage is Open for the image of a file. Chunks of which the image holds less than the whole
// have a Body of what is there.
func OpenImage(m *Image) (*File, Chunk, error) {
	f := &File{image: m, size: m.size}
	var head [headerSize + 4]byte
	if m.header(0, head[:]) < len(head) || FourCC(head[:4]) != idRIFF {
		return nil, Chunk{}, ErrNotRIFF
	}
	form := FourCC(head[8:12])
	stated := int64(binary.LittleEndian.Uint32(head[4:]))
	end := headerSize + stated
	switch have := f.size; {
	case end > have:
		// A file without its last pad byte counts as whole.
		f.Notes.Add(4, "RIFF", "the header announces %d bytes, the file has %d", end, have)
		end = have
	case end < headerSize+4 || f.goesOn(end):
		f.Notes.Add(4, "RIFF", "the header announces %d bytes, but the file goes on to %d; all of it is read", end, have)
		end = have
	case have-end > 1:
		f.Notes.Add(int(end), "RIFF", "%d bytes follow the end of the file's chunks and are left out", have-end)
	}
	return f, Chunk{
		ID: idRIFF, Form: form,
		Body: m.bytes(12, end-12), Start: 12, Size: int(end - 12),
		Short: headerSize+stated > f.size+1,
	}, nil
}

// goesOn reports whether a well-formed chunk starts at off, rounded up to an even offset.
func (f *File) goesOn(off int64) bool { return f.formed(off+off&1, f.size) }

// formed reports whether a well-formed chunk starts at off and ends by end.
func (f *File) formed(off, end int64) bool {
	rest := end - off
	if rest < headerSize {
		return false
	}
	var head [headerSize]byte
	if f.image.header(off, head[:]) < headerSize {
		return false
	}
	size := int64(binary.LittleEndian.Uint32(head[4:]))
	return FourCC(head[:4]).plausible() && size <= rest-headerSize
}

// Err returns why an iteration over Children ended early: ErrTooDeep or ErrTooMany, or nil.
// It is sticky.
func (f *File) Err() error { return f.err }

// Children iterates over the chunks in list, in file order. It yields nothing for a chunk that is
// no list. When a cap is reached it ends, and Err says so.
func (f *File) Children(list Chunk) iter.Seq[Chunk] {
	return func(yield func(Chunk) bool) {
		if !list.IsList() {
			return
		}
		if list.depth >= MaxDepth {
			f.fail(ErrTooDeep)
		}
		for pos, end := list.Start, list.Start+list.Size; f.err == nil; {
			c, next, ok := f.at(pos, end, list)
			if !ok || !yield(c) {
				return
			}
			pos = next
		}
	}
}

// At returns the chunk whose header is off bytes into the body of list, such as one that an
// offset table points at. It reports false where no header fits there.
func (f *File) At(list Chunk, off uint32) (Chunk, bool) {
	if uint64(off)+headerSize > uint64(list.Size) {
		return Chunk{}, false
	}
	c, _, ok := f.at(list.Start+int(off), list.Start+list.Size, list)
	return c, ok
}

func (f *File) fail(err error) {
	if f.err == nil {
		f.err = err
	}
}

// at reads the chunk at pos of a list that ends at end, and where the next one starts.
func (f *File) at(pos, end int, list Chunk) (c Chunk, next int, ok bool) {
	if end-pos < headerSize {
		if end-pos > 1 {
			f.Notes.Add(pos, list.Name(), "%d stray bytes at the end of the list", end-pos)
		}
		return Chunk{}, 0, false
	}
	if f.chunks++; f.chunks > MaxChunks {
		f.fail(ErrTooMany)
		return Chunk{}, 0, false
	}
	var head [headerSize]byte
	if f.image.header(int64(pos), head[:]) < headerSize {
		f.fail(ErrAbsent)
		return Chunk{}, 0, false
	}
	c = Chunk{ID: FourCC(head[:4]), Offset: pos, Start: pos + headerSize, depth: list.depth + 1}
	stated := binary.LittleEndian.Uint32(head[4:])
	if f.SizeOf != nil {
		if size := f.SizeOf(c.ID, stated); size != stated {
			f.Notes.Add(pos, c.Name(), "length %d is known to be wrong, %d is used", stated, size)
			stated = size
		}
	}
	bodyEnd := int64(c.Start) + int64(stated)
	if bodyEnd > int64(end) {
		if int64(end) == f.size {
			c.Short = true
			f.Notes.Add(pos, c.Name(), "%d bytes announced, but the file ends after %d", stated, end-c.Start)
		} else {
			f.Notes.Add(pos, c.Name(), "%d bytes announced, but the list around it ends after %d", stated, end-c.Start)
		}
		bodyEnd = int64(end)
	}
	next = int(bodyEnd)
	c.Size = next - c.Start
	if stated&1 == 1 && next < end {
		next = f.skipPad(next, end, c)
	}
	if c.IsList() {
		var form [4]byte
		if c.Size < 4 || f.image.header(int64(c.Start), form[:]) < 4 {
			f.Notes.Add(pos, c.ID.String(), "a list of %d bytes has no form; it is taken as empty", c.Size)
			c.Size = 0
		} else {
			c.Form = form
			c.Start += 4
			c.Size -= 4
		}
	}
	c.Body = f.image.bytes(int64(c.Start), int64(c.Size))
	return c, next, true
}

// skipPad returns where the chunk after an odd-sized one starts. Some programs write no pad byte:
// then a chunk starts right at pos and none a byte later.
func (f *File) skipPad(pos, end int, c Chunk) int {
	var pad [1]byte
	if end-pos < headerSize || f.image.header(int64(pos), pad[:]) == 0 || pad[0] == 0 {
		return pos + 1
	}
	if f.formed(int64(pos), int64(end)) && !f.formed(int64(pos)+1, int64(end)) {
		f.Notes.Add(pos, c.Name(), "an odd length without a pad byte")
		return pos
	}
	return pos + 1
}
