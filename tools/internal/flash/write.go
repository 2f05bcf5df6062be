package flash

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/mmlite/mmlite/firmware/com"
)

// Medium is what is written: a card or a file.
type Medium interface {
	io.ReaderAt
	io.WriterAt
	Sync() error
}

// Forgetter is a medium that can be told to read from the card itself from now on, not
// from what the system remembers of it.
type Forgetter interface{ Forget() error }

// Progress is told how far one of the two passes, "writing" and "checking", has come, in bytes.
type Progress func(pass string, done, total int64)

// step is how much is written at a time.
const step = 1 << 20

// Write writes a layout and reads it back. The first sector is written last, so that
// nothing tries to boot from, or mount, what is half there. Errors are com.ErrGone if
// the card was pulled out, com.ErrCorrupt if it does not hold what was written,
// com.ErrCanceled when ctx ends.
func Write(ctx context.Context, m Medium, l *Layout, progress Progress) error {
	if err := l.check(); err != nil {
		return err
	}
	if progress == nil {
		progress = func(string, int64, int64) {}
	}
	var first []byte
	var done int64
	for _, p := range l.Pieces {
		data, at := p.Data, p.At
		if at == 0 && len(data) > 0 {
			// What was there before is no longer to be found while this goes on.
			first, data, at = data[:Sector], data[Sector:], Sector
			if _, err := m.WriteAt(make([]byte, Sector), 0); err != nil {
				return told(err, "writing")
			}
		}
		for len(data) > 0 {
			if ctx.Err() != nil {
				return com.Errorf(com.ErrCanceled, "ended while writing: what is on the card now is incomplete")
			}
			n := min(len(data), step)
			if _, err := m.WriteAt(data[:n], at); err != nil {
				return told(err, "writing")
			}
			data, at, done = data[n:], at+int64(n), done+int64(n)
			progress("writing", done, l.Total())
		}
	}
	if err := m.Sync(); err != nil {
		return told(err, "writing")
	}
	if first != nil {
		if _, err := m.WriteAt(first, 0); err != nil {
			return told(err, "writing")
		}
		if err := m.Sync(); err != nil {
			return told(err, "writing")
		}
	}
	progress("writing", l.Total(), l.Total())
	return check(ctx, m, l, progress)
}

// check reads back.
func check(ctx context.Context, m Medium, l *Layout, progress Progress) error {
	if f, ok := m.(Forgetter); ok {
		if err := f.Forget(); err != nil {
			return told(err, "checking")
		}
	}
	buf := make([]byte, step)
	var done int64
	for _, p := range l.Pieces {
		for at := 0; at < len(p.Data); {
			if ctx.Err() != nil {
				return com.Errorf(com.ErrCanceled, "ended while checking: all was written, not all was read back")
			}
			want := p.Data[at:min(at+step, len(p.Data))]
			if _, err := m.ReadAt(buf[:len(want)], p.At+int64(at)); err != nil {
				return told(err, "checking")
			}
			if !bytes.Equal(buf[:len(want)], want) {
				n := at
				for i := range want {
					if buf[i] != want[i] {
						n += i
						break
					}
				}
				return com.Errorf(com.ErrCorrupt, "the card does not hold what was written (%s, byte %d): it is worn out, write-protected or a counterfeit that is smaller than it says", p.What, p.At+int64(n))
			}
			at += len(want)
			done += int64(len(want))
			progress("checking", done, l.Total())
		}
	}
	return nil
}

// told says what an error of a card means.
func told(err error, doing string) error {
	switch {
	case pulledOut(err):
		return com.Errorf(com.ErrGone, "the card was pulled out, or has stopped answering, while %s: what is on it now is incomplete (%v)", doing, err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return com.Errorf(com.ErrCorrupt, "the card is smaller than it says (%v)", err)
	}
	return com.Errorf(com.CodeOf(err), "%s: %v", doing, err)
}
