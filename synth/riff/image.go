package riff

import (
	"errors"
	"fmt"
	"slices"
)

// Limits of an Image.
const (
	// MaxImage is how many bytes of a file an image holds at most. The tables of the largest
	// banks in the wild have a few megabytes.
	MaxImage = 64 << 20
	// Piece is how much of a file is asked for at a time.
	Piece = 1 << 20
	// minWindow and maxWindow are what is read around a header that is looked at: little where
	// the next one is far, more where they stand close together.
	minWindow = 4 << 10
	maxWindow = 256 << 10
	// maxReads bounds how often a file is read from to find its headers.
	maxReads = 1 << 16
)

// ErrLimit says that what has to be kept of a file is more than an Image holds.
var ErrLimit = errors.New("the file has too much beside its samples")

// Source fills buf with what a file has at off, all of it, or says why it cannot. buf is at most
// Piece long.
type Source func(off int64, buf []byte) error

// Image is a file, or those parts of it that a reader needs. It has few pointers however large it is.
type Image struct {
	size    int64
	arena   []byte
	extents []extent // in order
	skim    *skim    // while the image is being made
}

// extent is a part of the file that lies in the arena.
type extent struct {
	at   int64
	from int
	n    int
}

// skim is the work of making an image.
type skim struct {
	src    Source
	err    error // of src
	at     int64 // of the window
	window []byte
	buf    []byte
	grown  int // what the next window has
	reads  int
}

// Whole returns the image of a file that lies in memory. It keeps data and never writes to it.
func Whole(data []byte) *Image {
	return &Image{size: int64(len(data)), arena: data, extents: []extent{{0, 0, len(data)}}}
}

// Skim reads what a reader of the format needs of a file of the given size: the headers of all
// chunks, and of the bodies as many bytes as keep says, at most their size. keep is asked for
// every chunk, with the outermost one; a list of which it keeps the whole is not walked.
//
// Reading goes through src, on the caller's goroutine. What is wrong with the structure of the file is
// left to those who read the image; errors are those of src, and ErrLimit.
func Skim(src Source, size int64, keep func(root, c Chunk) int64) (*Image, error) {
	s := &skim{src: src, grown: minWindow}
	m := &Image{size: size, skim: s}
	m.header(0, make([]byte, min(size, minWindow)))
	if f, root, err := OpenImage(m); err == nil {
		m.walk(f, root, func(c Chunk) int64 { return keep(root, c) })
	}
	m.skim = nil
	if s.err != nil {
		return nil, s.err
	}
	m.arena = slices.Clone(m.arena)
	m.extents = slices.Clone(m.extents)
	return m, nil
}

func (m *Image) walk(f *File, list Chunk, keep func(Chunk) int64) {
	for c := range f.Children(list) {
		n := min(keep(c), int64(c.Size))
		if c.IsList() && n < int64(c.Size) {
			n = 0 // its chunks are asked for one by one
		}
		if n > 0 {
			m.keep(int64(c.Start), n)
		}
		if c.IsList() && n == 0 {
			m.walk(f, c, keep)
		}
		if m.skim.err != nil {
			return
		}
	}
}

// keep reads n bytes from at on, unless they are there in one piece.
func (m *Image) keep(at, n int64) {
	s := m.skim
	if b := m.bytes(at, n); int64(len(b)) == n || s.err != nil {
		return
	}
	if at >= s.at && at+n <= s.at+int64(len(s.window)) {
		m.add(at, s.window[at-s.at:][:n])
		return
	}
	into := m.add(at, nil)
	if int64(len(m.arena))+n > MaxImage {
		s.err = fmt.Errorf("%w: the tables have more than %d bytes", ErrLimit, MaxImage)
		return
	}
	m.arena = slices.Grow(m.arena, int(n))[:len(m.arena)+int(n)]
	into.n = int(n)
	b := m.arena[into.from:]
	for done := int64(0); done < n; {
		part := b[done:min(done+Piece, n)]
		if s.err = s.src(at+done, part); s.err != nil {
			return
		}
		done += int64(len(part))
	}
}

// add puts a part of the file into the arena.
func (m *Image) add(at int64, b []byte) *extent {
	if len(m.arena)+len(b) > MaxImage {
		m.skim.err = fmt.Errorf("%w: the headers have more than %d bytes", ErrLimit, MaxImage)
		b = nil
	}
	e := extent{at, len(m.arena), len(b)}
	m.arena = append(m.arena, b...)
	i := m.after(at)
	m.extents = slices.Insert(m.extents, i, e)
	return &m.extents[i]
}

// after returns the index of the first extent that begins after at.
func (m *Image) after(at int64) int {
	i, _ := slices.BinarySearchFunc(m.extents, at, func(e extent, at int64) int {
		if e.at <= at {
			return -1
		}
		return 1
	})
	return i
}

// bytes returns what the image has of the n bytes from at on, without a copy: all of them, or
// those up to where the image ends. The capacity ends there too.
func (m *Image) bytes(at, n int64) []byte {
	i := m.after(at)
	// A header that was looked at by mistake may lie inside what was kept later.
	for j := i - 1; j >= max(i-3, 0); j-- {
		if e := m.extents[j]; at < e.at+int64(e.n) || at == e.at {
			from := e.from + int(at-e.at)
			to := e.from + int(min(at-e.at+n, int64(e.n)))
			return m.arena[from:to:to]
		}
	}
	return nil
}

// header copies the bytes from at on to buf, as far as the file goes and the image has them. While
// the image is made, it reads them.
func (m *Image) header(at int64, buf []byte) int {
	done := 0
	for done < len(buf) && at+int64(done) < m.size {
		n := copy(buf[done:], m.bytes(at+int64(done), int64(len(buf)-done)))
		if n == 0 {
			b := m.look(at+int64(done), len(buf)-done)
			if n = copy(buf[done:], b); n == 0 {
				break
			}
		}
		done += n
	}
	return done
}

// look returns some of the n bytes from at on, and keeps them.
func (m *Image) look(at int64, n int) []byte {
	s := m.skim
	if s == nil || s.err != nil {
		return nil
	}
	if at < s.at || at >= s.at+int64(len(s.window)) {
		if s.reads++; s.reads > maxReads {
			s.err = fmt.Errorf("%w: the headers stand at more than %d places", ErrLimit, maxReads)
			return nil
		}
		if end := s.at + int64(len(s.window)); at >= end && at < end+maxWindow {
			s.grown = min(2*s.grown, maxWindow)
		} else {
			s.grown = minWindow
		}
		if s.buf == nil || len(s.buf) < s.grown {
			s.buf = make([]byte, s.grown)
		}
		s.at, s.window = at, s.buf[:min(int64(s.grown), m.size-at)]
		if s.err = s.src(at, s.window); s.err != nil {
			s.window = nil
			return nil
		}
	}
	b := s.window[at-s.at:]
	b = b[:min(n, len(b))]
	m.add(at, b)
	return b
}

// Size is the length of the file.
func (m *Image) Size() int64 { return m.size }

// Held is how many bytes of it the image holds.
func (m *Image) Held() int64 { return int64(len(m.arena)) }

// Header returns the first bytes of the file, at most n of them.
func (m *Image) Header(n int) []byte { return m.bytes(0, int64(n)) }
