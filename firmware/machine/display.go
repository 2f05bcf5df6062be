package machine

// Display is what a machine shows pictures on. Whoever composes the picture writes
// it into Memory and then says by Show what has changed; nobody else writes there.
//
// A display need not be there: boards without one show pictures over a link.
type Display interface {
	// Name says what the display is, for people.
	Name() string
	// Size returns the width and height in pixels, which do not change.
	Size() (width, height int)
	// Refresh returns how many frames are shown in a thousand seconds.
	Refresh() int
	// Memory returns the pixels, XRGB8888 in rows of pitch bytes. Pixels that are not
	// written stay as they are.
	Memory() (pixels []byte, pitch int)
	// Show says that the pixels of rects are those of a frame, the number of a vertical
	// blank. Rects lie within the display and do not overlap; Show does not keep them.
	// It is called on a thread, between writes, and neither waits nor allocates.
	Show(frame uint64, rects []Rect)
}

// Blanker is a Display with vertical blanks of its own. Those of others come from
// the machine's clock, at Refresh.
type Blanker interface {
	Display
	// Blank returns the number and time of the last vertical blank that is not after
	// now, and the time from one to the next. Numbers begin anywhere and grow by one.
	Blank(now Time) (number uint64, at Time, period Duration)
}

// Rect is the pixels with X0 <= x < X1 and Y0 <= y < Y1.
type Rect struct{ X0, Y0, X1, Y1 int }

// Empty reports whether no pixel is inside.
func (r Rect) Empty() bool { return r.X0 >= r.X1 || r.Y0 >= r.Y1 }

// Bytes of a pixel of a Display.
const DisplayPixel = 4

// Pixels is a Display in memory that nobody looks at but by other means: what a
// board without a display has, and what others are built around.
type Pixels struct {
	name          string
	width, height int
	refresh       int
	bytes         []byte
}

// The bounds of a display's size and refresh.
const (
	MinDisplay  = 64
	MaxDisplay  = 8192
	MinRefresh  = 1000    // a frame a second
	MaxRefresh  = 1000000 // a thousand
	fullRefresh = 60000
)

// NewPixels returns a display of width by height pixels over memory of at least as
// many times DisplayPixel bytes, which it keeps; nil means memory of Go's heap. A
// refresh of 0 means 60 Hz. It reports false for figures out of bounds.
func NewPixels(name string, width, height, refresh int, memory []byte) (*Pixels, bool) {
	if refresh == 0 {
		refresh = fullRefresh
	}
	if width < MinDisplay || height < MinDisplay || width > MaxDisplay || height > MaxDisplay || refresh < MinRefresh || refresh > MaxRefresh {
		return nil, false
	}
	n := width * height * DisplayPixel
	if memory == nil {
		memory = make([]byte, n)
	}
	if len(memory) < n {
		return nil, false
	}
	return &Pixels{name: name, width: width, height: height, refresh: refresh, bytes: memory[:n:n]}, true
}

// Name implements Display.
func (p *Pixels) Name() string { return p.name }

// Size implements Display.
func (p *Pixels) Size() (width, height int) { return p.width, p.height }

// Refresh implements Display.
func (p *Pixels) Refresh() int { return p.refresh }

// Memory implements Display. There are no gaps between rows.
func (p *Pixels) Memory() (pixels []byte, pitch int) { return p.bytes, p.width * DisplayPixel }

// Show implements Display. There is nothing to be done.
func (p *Pixels) Show(uint64, []Rect) {}

var _ Display = (*Pixels)(nil)
