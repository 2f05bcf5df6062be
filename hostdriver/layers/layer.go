package layers

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/hostdriver"
)

// Options say what a layer shall be.
type Options struct {
	// Width and Height are of its picture in pixels: what does not fit into it is drawn
	// at a lower resolution.
	Width, Height uint32
	Format        graphics.Format      // 0 means ARGB8888
	Caps          graphics.SurfaceCaps // CapTarget for renderers
	Depth         int32
	Weight        float32 // how much its errors count; 0 means 1
	Rate          uint32  // after how many frames it is drawn at the latest; 0 means never
	// Least is the smallest scale that Draw can do, 0.25 to 1; 0 means 1.
	Least float32
	// Margin is how many pixels around its points belong to the picture.
	Margin float64
	// Draw draws the picture. nil: the layer shows what is drawn on Surface by others,
	// where Place says.
	Draw func(ctx context.Context, d *Drawing) error
}

// Drawing is what Draw has to do.
type Drawing struct {
	Layer   *Layer
	Surface graphics.Surface // to draw on; its other contents are from long ago
	Number  uint32           // of Surface
	// Width and Height are of the part at its upper left corner that is to be drawn.
	Width, Height uint32
	Scale         float32 // of the screen's resolution
	// Place takes the picture to the screen. Back takes the screen to the picture.
	Place, Back graphics.Affine
}

// Layer is one thing that moves on its own.
type Layer struct {
	scene   *Scene
	opt     Options
	span    *hostdriver.Span // of the memory of all pictures, once they are written
	surface graphics.Surface // front; what Draw draws on is behind it
	chain   []graphics.Surface
	numbers []uint32
	remote  graphics.Layer
	number  uint32
	visible bool

	pose     []Point // where the points are to be
	pictured []Point // where they are in the picture
	place    graphics.Affine
	warp     graphics.Affine
	off      float64
	change   float64
	shown    bool   // the card shows it
	missed   uint32 // frames since it was drawn
	job      Drawing
}

// Add makes a layer, which is invisible until it was drawn.
func (s *Scene) Add(ctx context.Context, o Options) (*Layer, error) {
	if o.Width == 0 || o.Height == 0 {
		return nil, errors.New("layers: a picture without pixels")
	}
	if o.Format == graphics.AnyFormat {
		o.Format = graphics.ARGB8888
	}
	l := &Layer{scene: s, opt: o, off: math.NaN(), place: graphics.Affine{XX: 1, YY: 1}, warp: graphics.Affine{XX: 1, YY: 1}}
	err := l.make(ctx)
	if err != nil {
		l.release()
		return nil, err
	}
	s.layers = append(s.layers, l)
	return l, nil
}

func (l *Layer) make(ctx context.Context) (err error) {
	o := &l.opt
	so := graphics.SurfaceOptions{Caps: o.Caps, Width: o.Width, Height: o.Height, Format: o.Format}
	if o.Draw != nil {
		so.BackBuffers = 1
	}
	if l.surface, err = l.scene.device.CreateSurface(ctx, so); err != nil {
		return err
	}
	for i := range so.BackBuffers + 1 {
		c := l.surface
		if i > 0 {
			if c, err = l.surface.Attached(ctx, i); err != nil {
				return err
			}
		}
		l.chain = append(l.chain, c)
		info, err := c.Info(ctx)
		if err != nil {
			return err
		}
		l.numbers = append(l.numbers, info.Number)
	}
	if l.remote, err = l.scene.device.CreateLayer(ctx, l.surface); err != nil {
		return err
	}
	info, err := l.remote.Info(ctx)
	if err != nil {
		return err
	}
	l.number = info.Number
	if o.Depth != 0 {
		err = l.remote.SetDepth(o.Depth)
	}
	if err == nil && o.Rate != 0 {
		err = l.remote.SetRate(o.Rate)
	}
	return err
}

// Remove takes the layer off the screen and gives its memory back.
func (l *Layer) Remove() {
	for i, o := range l.scene.layers {
		if o == l {
			l.scene.layers = append(l.scene.layers[:i], l.scene.layers[i+1:]...)
			l.release()
			return
		}
	}
}

func (l *Layer) release() {
	if l.span != nil {
		_ = l.span.Release() // of a card that is gone, at worst
		l.span = nil
	}
	if l.remote != nil {
		l.remote.Release()
	}
	for _, c := range l.chain {
		c.Release()
	}
	if len(l.chain) == 0 && l.surface != nil {
		l.surface.Release()
	}
}

// Remote is the layer on the card, for colour, clip and the rest. It belongs to l.
func (l *Layer) Remote() graphics.Layer { return l.remote }

// Surface is what the layer shows. It belongs to l.
func (l *Layer) Surface() graphics.Surface { return l.surface }

// Pose says where the characteristic points are to be on the screen from the next
// frame on. They are always the same points, in the same order; another number of
// them has the layer be drawn anew.
func (l *Layer) Pose(points []Point) {
	l.pose = append(l.pose[:0], points...)
	l.visible = len(points) > 0
}

// Change says how far the picture there is is off beyond what the points show, in
// pixels: light that falls on it has changed, or it shows another side. It counts
// until it is said anew or the layer is drawn. math.NaN() says that it has to be drawn.
func (l *Layer) Change(to float64) { l.change = to }

// Place puts a layer without Draw to where m takes its picture.
func (l *Layer) Place(m graphics.Affine) error {
	if err := l.remote.SetMatrix(m); err != nil {
		return err
	}
	l.visible = true
	return l.show(true)
}

// Hide takes the layer off the screen until the next Pose or Place.
func (l *Layer) Hide() error {
	l.visible = false
	return l.show(false)
}

func (l *Layer) show(on bool) error {
	if l.shown == on {
		return nil
	}
	l.shown = on
	return l.remote.Show(on)
}

// Error is how far off the layer is that is shown, in pixels, as the last frame left
// it; NaN before it was drawn.
func (l *Layer) Error() float64 { return l.off }

// judge finds the warp from the picture there is to the pose wished for, and how far
// off that is.
func (l *Layer) judge() {
	b := l.box()
	if l.off = math.NaN(); len(l.pictured) != len(l.pose) || !l.shown {
		return
	}
	m, ok := Fit(l.pictured, l.pose)
	if !ok {
		return
	}
	l.warp = m
	most, least := Stretch(m)
	l.off = Off(m, l.pictured, l.pose) + l.change + crowd(least) + max(blur(most)-blur(1/b.scale), 0)
}

// blur is the error of pixels of the picture that are longer than the screen's: half
// of what they are longer.
func blur(most float64) float64 { return max(most-1, 0) / 2 }

// crowd is the error of pixels that are shorter, of which some are left out: a
// quarter of what is left out for each that is seen.
func crowd(least float64) float64 {
	if least < 1./64 {
		return 16
	}
	return max(1/least-1, 0) / 4
}

func (l *Layer) urgency() float64 {
	if math.IsNaN(l.off) {
		return math.Inf(1)
	}
	return l.off * float64(1+l.missed/8)
}

// draw has the picture drawn for its pose.
func (l *Layer) draw(ctx context.Context, scale float32) error {
	d, ok := l.drawing(scale)
	if !ok {
		return nil // no part of it can be seen
	}
	if err := l.opt.Draw(ctx, d); err != nil {
		return fmt.Errorf("layers: drawing a layer: %w", err)
	}
	source := graphics.Rect{X1: int32(d.Width), Y1: int32(d.Height)}
	if err := l.remote.Present(d.Place, source); err != nil {
		return err
	}
	if err := l.show(true); err != nil {
		return err
	}
	l.place, l.warp, l.change, l.missed = d.Place, d.Place, 0, 0
	l.pictured = l.pictured[:0]
	for _, p := range l.pose {
		l.pictured = append(l.pictured, Map(d.Back, p))
	}
	b := l.box()
	l.off = max(blur(float64(1/d.Scale))-blur(1/b.scale), 0)
	return nil
}

// box is what a picture of a pose covers of the screen.
type box struct {
	x, y, w, h float64
	scale      float64 // at which it fits into the layer's pixels, 1 or less
	ok         bool
}

func (l *Layer) box() box {
	low, high := Point{math.Inf(1), math.Inf(1)}, Point{math.Inf(-1), math.Inf(-1)}
	for _, p := range l.pose {
		low = Point{min(low.X, p.X), min(low.Y, p.Y)}
		high = Point{max(high.X, p.X), max(high.Y, p.Y)}
	}
	b := box{x: math.Floor(low.X - l.opt.Margin), y: math.Floor(low.Y - l.opt.Margin)}
	b.w, b.h = math.Ceil(high.X+l.opt.Margin)-b.x+1, math.Ceil(high.Y+l.opt.Margin)-b.y+1
	const far = 1 << 20
	b.ok = b.w > 0 && b.h > 0 && b.w < far && b.h < far && math.Abs(b.x) < far && math.Abs(b.y) < far
	b.scale = min(1, float64(l.opt.Width)/b.w, float64(l.opt.Height)/b.h)
	return b
}

// meets reports whether any of the box lies on a screen.
func (b *box) meets(width, height uint32) bool {
	return b.ok && b.x < float64(width) && b.y < float64(height) && b.x+b.w > 0 && b.y+b.h > 0
}

// drawing is where a picture of the pose is to be drawn: pixel on pixel of the screen
// at a scale of 1.
func (l *Layer) drawing(scale float32) (*Drawing, bool) {
	b := l.box()
	if !b.ok {
		return nil, false
	}
	s := min(float64(scale), b.scale)
	d := &l.job
	*d = Drawing{
		Layer: l, Surface: l.chain[len(l.chain)-1], Number: l.numbers[len(l.numbers)-1], Scale: float32(s),
		Width: uint32(min(math.Ceil(b.w*s), float64(l.opt.Width))), Height: uint32(min(math.Ceil(b.h*s), float64(l.opt.Height))),
	}
	// The upper left corner of the first pixel stays where it is.
	z := float32(1 / s)
	d.Place = graphics.Affine{XX: z, X0: float32(b.x) + (z-1)/2, YY: z, Y0: float32(b.y) + (z-1)/2}
	d.Back, _ = Invert(d.Place)
	return d, true
}
