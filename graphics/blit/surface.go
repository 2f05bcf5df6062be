package blit

import (
	"errors"
	"fmt"
	"unsafe"
)

// MaxSize is the largest width and height of a surface, in pixels.
const MaxSize = 16384

// maxPlace bounds coordinates of rectangles, so that sums do not overflow.
const maxPlace = 1 << 24

var (
	// ErrSurface: a view whose size, pitch, format and memory do not fit together.
	ErrSurface = errors.New("blit: bad surface")
	// ErrRect: an empty or inverted rectangle, one out of all bounds, or a source rectangle not inside its surface.
	ErrRect = errors.New("blit: bad rectangle")
	// ErrOptions: options that contradict each other.
	ErrOptions = errors.New("blit: bad options")
	// ErrOverlap: source and destination share memory in a way that needs a larger Options.Scratch.
	ErrOverlap = errors.New("blit: overlap needs scratch memory")
)

// Surface is a view of pixels in memory. Row y begins at byte y*Pitch.
type Surface struct {
	Pix           []byte
	Pitch         int // bytes from a row to the next, at least Width*Format.Bytes()
	Width, Height int // pixels, 1 to MaxSize
	Format        Format
	Palette       *Palette // of Indexed8; nil is a ramp of greys
}

// Check says whether a view is sound: that all its pixels lie in its memory.
func (s *Surface) Check() error {
	if s == nil {
		return fmt.Errorf("%w: none", ErrSurface)
	}
	b := s.Format.Bytes()
	switch {
	case b == 0:
		return fmt.Errorf("%w: format %d", ErrSurface, s.Format)
	case s.Width < 1 || s.Height < 1 || s.Width > MaxSize || s.Height > MaxSize:
		return fmt.Errorf("%w: %d by %d pixels", ErrSurface, s.Width, s.Height)
	case s.Pitch < s.Width*b || s.Pitch > 1<<24:
		return fmt.Errorf("%w: pitch %d for %d pixels of %d bytes", ErrSurface, s.Pitch, s.Width, b)
	case int64(len(s.Pix)) < int64(s.Pitch)*int64(s.Height-1)+int64(s.Width*b):
		return fmt.Errorf("%w: %d bytes of memory for %d rows of %d", ErrSurface, len(s.Pix), s.Height, s.Pitch)
	}
	return nil
}

// Bounds is the rectangle of the whole surface.
func (s *Surface) Bounds() Rect { return Rect{0, 0, s.Width, s.Height} }

// span is the bytes of pixels x0 to x1 of row y.
func (s *Surface) span(x0, x1, y int) []byte {
	b := s.Format.Bytes()
	return s.Pix[y*s.Pitch+x0*b : y*s.Pitch+x1*b]
}

// place is where a pixel lies in memory. It is compared, never followed.
func (s *Surface) place(x, y int) uintptr {
	return uintptr(unsafe.Pointer(unsafe.SliceData(s.Pix))) + uintptr(y*s.Pitch+x*s.Format.Bytes())
}

// Rect is the pixels with X0 <= x < X1 and Y0 <= y < Y1.
type Rect struct{ X0, Y0, X1, Y1 int }

// Dx and Dy are the width and height.
func (r Rect) Dx() int { return r.X1 - r.X0 }
func (r Rect) Dy() int { return r.Y1 - r.Y0 }

// Empty says that no pixel is inside.
func (r Rect) Empty() bool { return r.X0 >= r.X1 || r.Y0 >= r.Y1 }

// Intersect is the pixels of both.
func (r Rect) Intersect(s Rect) Rect {
	return Rect{max(r.X0, s.X0), max(r.Y0, s.Y0), min(r.X1, s.X1), min(r.Y1, s.Y1)}
}

func (r Rect) in(s Rect) bool {
	return r.X0 >= s.X0 && r.Y0 >= s.Y0 && r.X1 <= s.X1 && r.Y1 <= s.Y1
}

func (r Rect) check() error {
	if r.Empty() || r.X0 < -maxPlace || r.Y0 < -maxPlace || r.X1 > maxPlace || r.Y1 > maxPlace || r.Dx() > 2*MaxSize || r.Dy() > 2*MaxSize {
		return fmt.Errorf("%w: %d,%d to %d,%d", ErrRect, r.X0, r.Y0, r.X1, r.Y1)
	}
	return nil
}
