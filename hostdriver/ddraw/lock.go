package ddraw

import (
	"context"

	"github.com/mmlite/mmlite/contracts/graphics"
)

// Locked is the pixels of a locked rectangle.
type Locked struct {
	// Bits begin at the rectangle's first pixel and end behind its last. They stay valid
	// until the surface is released, whatever becomes of the card.
	Bits []byte
	// Pitch is how many bytes a row, or row of blocks, is behind the one before.
	Pitch int
	Rect  Rect
}

// lock is what is locked of a surface.
type lock struct {
	Locked
	at       int // in the span
	readOnly bool
}

// whole is all of the surface.
func (s *Surface) whole() Rect { return Rect{X1: int32(s.info.Width), Y1: int32(s.info.Height)} }

// inside reports whether a rectangle has pixels, and all of them in the surface.
func (s *Surface) inside(r Rect) bool { return within(r, s.whole()) }

// size is whole for who holds no lock.
func (s *Surface) size() Rect {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	return s.whole()
}

func within(r, w Rect) bool {
	return r.X0 < r.X1 && r.Y0 < r.Y1 && r.X0 >= 0 && r.Y0 >= 0 && r.X1 <= w.X1 && r.Y1 <= w.Y1
}

// Lock waits for what is drawn on the surface and returns the pixels of a rectangle,
// for the program to read and write until Unlock. What is there is undefined with
// LockWriteOnly and DiscardContents, and nobody is told of what is written with
// LockReadOnly. ErrSurfaceBusy: it is locked. ErrInvalidRect: not all of it lies in the
// surface. ErrSurfaceLost: restore it.
func (s *Surface) Lock(ctx context.Context, rect *Rect, flags LockFlags) (Locked, error) {
	if flags&^lockFlags != 0 || flags&LockReadOnly != 0 && flags&(LockWriteOnly|DiscardContents) != 0 {
		return Locked{}, failed(ErrInvalidParams, "lock flags %#x", uint32(flags))
	}
	if err := s.enter(); err != nil {
		return Locked{}, err
	}
	defer s.leave()
	if s.locked {
		return Locked{}, failed(ErrSurfaceBusy, "")
	}
	r := s.whole()
	if rect != nil {
		r = *rect
	}
	if !s.inside(r) {
		return Locked{}, failed(ErrInvalidRect, "%d,%d to %d,%d of a surface of %d by %d", r.X0, r.Y0, r.X1, r.Y1, s.info.Width, s.info.Height)
	}
	span := s.c.span
	l, err := s.remote.Lock(ctx, r, flags&LockReadOnly != 0)
	if err != nil {
		return Locked{}, translate(err)
	}
	end := uint64(l.Offset) + uint64(l.Length)
	if l.Length == 0 || l.Pitch == 0 || end > uint64(len(span.Bytes())) {
		return Locked{}, failed(ErrGeneric, "the card has locked %d bytes at %d of %d", l.Length, l.Offset, len(span.Bytes()))
	}
	if !span.Shared() && flags&(LockWriteOnly|DiscardContents) == 0 {
		if err := span.Pull(ctx, int(l.Offset), int(l.Length)); err != nil {
			_ = s.remote.Unlock(graphics.Rect{}) // the error that matters is the first
			return Locked{}, translate(err)
		}
	}
	s.locked, s.lock = true, lock{
		Locked:   Locked{Bits: span.Bytes()[l.Offset:end:end], Pitch: int(l.Pitch), Rect: r},
		at:       int(l.Offset),
		readOnly: flags&LockReadOnly != 0,
	}
	return s.lock.Locked, nil
}

// Unlock says that the pixels have been written. Where the link shares no memory this
// sends them. What is shown becomes visible at the next vertical blank. ErrNotLocked:
// it is not locked.
func (s *Surface) Unlock() error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	if !s.locked {
		return failed(ErrNotLocked, "")
	}
	l := &s.lock
	s.locked = false
	if l.readOnly {
		return translate(s.remote.Unlock(graphics.Rect{}))
	}
	if err := s.push(l); err != nil {
		return translate(err)
	}
	return translate(s.remote.Unlock(l.Rect))
}

// push sends what was locked, where memory is not shared: rows by themselves, unless
// what lies between them is little.
func (s *Surface) push(l *lock) error {
	span := s.c.span
	if span.Shared() {
		return nil
	}
	rows := (len(l.Bits) + l.Pitch - 1) / l.Pitch
	row := len(l.Bits) - (rows-1)*l.Pitch
	if rows == 1 || row >= l.Pitch/2 {
		return span.Push(l.at, len(l.Bits))
	}
	for y := range rows {
		if err := span.Push(l.at+y*l.Pitch, row); err != nil {
			return err
		}
	}
	return nil
}
