package graphics

import (
	"context"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
)

// Affine takes a point of a layer's picture to the screen: x' = XX*x + XY*y + X0,
// y' = YX*x + YY*y + Y0, in pixels.
type Affine struct{ XX, XY, X0, YX, YY, Y0 float32 }

// Layer is a picture that the screen shows in a place, size and shape of its own,
// among those of all devices, without anything being drawn again.
//
// Layers of greater depth are behind. A device's primary is a layer of depth 0.
//
//mm:contract
type Layer interface {
	com.Unknown

	// SetMatrix moves, turns, scales and skews the layer from the next frame on. A
	// matrix that is no number, or makes the layer larger than 32768 pixels, is
	// ErrInvalid; one that leaves it no area shows nothing.
	//
	//mm:oneway
	SetMatrix(m Affine) error
	// SetColor multiplies the picture by a colour, of which the alpha is the layer's
	// opacity. At first it is opaque white.
	//
	//mm:oneway
	SetColor(argb uint32) error
	// SetDepth puts the layer in front of those of greater depth.
	//
	//mm:oneway
	SetDepth(depth int32) error
	// Show has the layer be seen, or not. A layer with alpha in its format is blended
	// by it; others cover what is behind.
	//
	//mm:oneway
	Show(visible bool) error
	// SetClip has the layer be seen only inside a rectangle of the screen; the zero
	// Rect means everywhere.
	//
	//mm:oneway
	SetClip(r Rect) error
	// SetSource has a part of the surface be the whole picture, whose upper left corner
	// is then the origin of the matrix: what was drawn at a lower resolution, say. The
	// zero Rect means all of it; ErrInvalid: it does not lie within.
	//
	//mm:oneway
	SetSource(r Rect) error
	// Present shows what has been drawn, in its place: it flips the chain of the layer's
	// surface, if that has back buffers, and sets matrix and source, all of which is seen
	// from one and the same vertical blank on, the next. What has been drawn before is
	// finished first. It does not wait for a flip before it to be seen.
	//
	//mm:oneway
	Present(m Affine, source Rect) error
	// SetRate says how often the layer should be drawn anew even if its warps fit, in
	// frames of the screen: 1 is every frame. 0, as at first, leaves that to the errors
	// of its wishes. See Device.Plan.
	//
	//mm:oneway
	SetRate(frames uint32) error
	// Info says how the layer fares.
	Info(ctx context.Context) (LayerInfo, error)
}

// LayerInfo says how a layer fares.
type LayerInfo struct {
	Number  uint32 // among its device's layers, never 0
	Surface uint32 // its surface's number
	Visible bool
	Matrix  Affine
	Color   uint32
	Depth   int32
	Source  Rect // the part of the surface that is shown
	Rate    uint32
	Redrawn uint64        // times Plan chose to draw it
	Warped  uint64        // times Plan chose not to
	Cost    time.Duration // what drawing it takes, as last measured, at full resolution
	// Coarse is in how many halvings of the screen's resolution its client's layers were
	// composed last, as there was no time for more; see DeviceInfo.
	Coarse uint32
}

// Wish says what a layer should show in the next frame, and what it would cost the
// eye if it were not drawn.
//
// What drawing costs is measured, for a layer that was chosen, from Plan to Present:
// the time that its surfaces were blitted to, rendered on, and locked for writing.
type Wish struct {
	Layer uint32 // its number
	// Warp is the matrix that makes the picture there is look most like the one
	// wished for. It takes effect if the layer is not drawn.
	Warp Affine
	// Error is how far off that would be, in pixels; 0 means not at all, and a number
	// that is none, or a picture never drawn, that it has to be drawn.
	Error float32
	// Weight is how much this layer matters beside others; 0 means 1.
	Weight float32
	// Least is the smallest Choice.Scale that the client can draw it with; 0 means 1.
	Least float32
}

// Choice is what is to be done with one layer.
type Choice struct {
	Layer uint32
	Draw  bool
	// Scale is the share of its width and height in which it is to be drawn, 1 or
	// less: into that part of the upper left of its surface, which Present is told.
	Scale float32
}

// Plan is what to do for a frame.
type Plan struct {
	Frame  uint64        // at whose vertical blank it is to be seen
	Left   time.Duration // until that
	Budget time.Duration // of processor time that drawing may take
}
