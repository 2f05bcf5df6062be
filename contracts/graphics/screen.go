package graphics

import (
	"context"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
)

// Screen is what people see, at /screen.
//
//mm:contract
type Screen interface {
	com.Unknown

	// Info describes the screen.
	Info(ctx context.Context) (ScreenInfo, error)
	// WaitBlank returns at the next vertical blank, with the number of the frame that
	// begins to be shown.
	WaitBlank(ctx context.Context) (frame uint64, err error)
	// Watch returns a view that follows what the screen shows.
	Watch(ctx context.Context) (View, error)
	// Layers says what the screen is composed of, from back to front.
	Layers(ctx context.Context) ([]ScreenLayer, error)
}

// ScreenInfo describes a screen.
type ScreenInfo struct {
	Device        string        // what it is
	Width, Height uint32        // pixels
	Refresh       uint32        // frames in a thousand seconds
	Frame         uint64        // vertical blanks so far
	Composed      uint64        // frames that differed from the one before
	Late          uint64        // frames that were not ready at their vertical blank
	Busy          time.Duration // from vertical blanks until frames were composed, altogether
	// Cursor is the number of the cursor in the client's status page that shows what
	// BlankOf takes apart, blank by blank; 0xFFFFFFFF if there is none.
	Cursor uint32
}

// Blank is what a screen's cursor says: a vertical blank, from which on there is one
// every period, whether or not the cursor is written again.
type Blank struct {
	Frame  uint64
	At     int64 // machine time in ns of its vertical blank
	Period int64 // ns
}

// Values packs the state for a cursor.
func (b Blank) Values() [3]uint64 { return [3]uint64{b.Frame, uint64(b.At), uint64(b.Period)} }

// BlankOf takes the values of a cursor apart.
func BlankOf(v [3]uint64) Blank {
	return Blank{Frame: v[0], At: int64(v[1]), Period: int64(v[2])}
}

// ScreenLayer is a layer on the screen.
type ScreenLayer struct {
	Device        string // its name
	Width, Height uint32
	Format        Format
	Matrix        Affine
	Depth         int32
	Primary       bool
}

// View is a copy of the screen in memory of the client's own, XRGB8888 without gaps
// between rows.
//
//mm:contract
type View interface {
	com.Unknown

	// Memory returns the copy.
	Memory(ctx context.Context) (system.Memory, error)
	// Next waits until the screen shows something else than at the last call, copies
	// what has changed, and says what that is: the first n of rects, none of which
	// overlap, of which it needs 64 at most. Where there is room for fewer, one says all,
	// and where there is none, nothing does. The first call copies everything at once.
	// What the client has not fetched in between is left out: changes add up.
	//
	//mm:out rects
	//mm:limit rects 64
	Next(ctx context.Context, rects []Rect) (n uint32, change Change, err error)
}

// Change is what a view differs from before by.
type Change struct {
	Frame uint64 // the view shows
	At    int64  // machine time in ns of its vertical blank
}
