package device

import (
	"context"
	"math"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/firmware/thread/wait"
	"github.com/mmlite/mmlite/graphics/display"
	"github.com/mmlite/mmlite/graphics/regulate"
)

// maxExtent is how large a layer may be on the screen, in pixels.
const maxExtent = 32768

// Layer implements graphics.Layer. Its fields are the device's lock's.
type Layer struct {
	com.Object
	d      *Device
	s      *Surface // first of its chain, held
	shown  *display.Layer
	number uint32
	task   wait.Task

	matrix  graphics.Affine
	source  graphics.Rect // the part of the surface that is shown
	color   uint32
	depth   int32
	visible bool

	known   *regulate.Layer
	plan    uint64 // the last one it was in
	chosen  bool   // it is to be drawn, and was not presented since
	scale   float32
	spent   machine.Duration // on its chain, as it was chosen
	redrawn uint64
	warped  uint64
}

// CreateLayer implements graphics.Device.
func (d *Device) CreateLayer(ctx context.Context, surface graphics.Surface) (graphics.Layer, error) {
	if surface == nil {
		return nil, com.Errorf(com.ErrInvalid, "a layer of no surface")
	}
	if err := d.f.room(ctx, d.quota, layers, 1, 0); err != nil {
		return nil, err
	}
	l, err := d.createLayer(surface)
	if err != nil {
		d.quota.give(layers, 1, 0)
		return nil, err
	}
	return l, nil
}

func (d *Device) createLayer(surface graphics.Surface) (*Layer, error) {
	t, err := d.enter()
	if err != nil {
		return nil, err
	}
	defer d.unlock(t)
	s, err := d.own(surface)
	if err != nil {
		return nil, err
	}
	switch {
	case s.index != 0 || s.c.caps&graphics.CapTexture != 0 || !isColor(s.c.format):
		return nil, com.Errorf(com.ErrInvalid, "surface %d is not one that a layer can show: a back buffer, a texture, or no colours", s.number)
	case s.c.layer != nil:
		return nil, com.Errorf(com.ErrBusy, "surface %d is shown as it is", s.number)
	}
	shown, ok := d.f.screen.NewLayer(d.group, s.picture(), false)
	if !ok {
		return nil, com.Errorf(com.ErrQuota, "the screen has no room for one more layer")
	}
	d.layerNumbers++
	for d.layerNumbers == 0 || d.layers[d.layerNumbers] != nil {
		d.layerNumbers++
	}
	l := &Layer{
		d: d, s: s, shown: shown, number: d.layerNumbers, matrix: graphics.Affine{XX: 1, YY: 1}, color: 0xffffffff,
		source: whole(s), known: regulate.NewLayer(s.shape.width * s.shape.height),
	}
	s.AddRef()
	s.c.layer = shown
	d.layers[l.number] = l
	l.task.Do = func() {
		t := d.lock()
		l.end()
		d.unlock(t)
		d.f.gone()
	}
	l.Init(l, func() { d.f.leave(&l.task) }, graphics.LayerType.For(l))
	return l, nil
}

func whole(s *Surface) graphics.Rect {
	return graphics.Rect{X1: int32(s.shape.width), Y1: int32(s.shape.height)}
}

// end takes the layer off the screen, once. The device is locked.
func (l *Layer) end() {
	l.shown.Remove()
	if l.s.c.layer == l.shown {
		l.s.c.layer, l.s.c.source = nil, machine.Rect{}
	}
	delete(l.d.layers, l.number)
	l.d.quota.give(layers, 1, 0)
	l.s.Release()
}

// enter locks the device of a layer that is still there. unlock is due.
func (l *Layer) enter() (*thread.Thread, error) {
	t, err := l.d.enter()
	if err != nil {
		return nil, err
	}
	if l.s.c.ended {
		l.d.unlock(t)
		return nil, com.Errorf(com.ErrClosed, "layer %d", l.number)
	}
	return t, nil
}

// fits checks a matrix for a picture of a size.
func fits(m graphics.Affine, r graphics.Rect) error {
	w, h := float64(r.X1-r.X0), float64(r.Y1-r.Y0)
	x := math.Abs(float64(m.XX))*w + math.Abs(float64(m.XY))*h
	y := math.Abs(float64(m.YX))*w + math.Abs(float64(m.YY))*h
	if !(x <= maxExtent && y <= maxExtent && math.Abs(float64(m.X0)) <= math.MaxInt32 && math.Abs(float64(m.Y0)) <= math.MaxInt32) {
		return com.Errorf(com.ErrInvalid, "a matrix that makes %g by %g pixels of a layer, at %g, %g; %d are possible", x, y, m.X0, m.Y0, maxExtent)
	}
	return nil
}

// SetMatrix implements graphics.Layer.
func (l *Layer) SetMatrix(m graphics.Affine) error {
	t, err := l.enter()
	if err != nil {
		return err
	}
	defer l.d.unlock(t)
	if err := fits(m, l.source); err != nil {
		return err
	}
	l.matrix = m
	l.shown.SetMatrix(m)
	return nil
}

// SetColor implements graphics.Layer.
func (l *Layer) SetColor(argb uint32) error {
	t, err := l.enter()
	if err != nil {
		return err
	}
	defer l.d.unlock(t)
	l.color = argb
	l.shown.SetColor(argb)
	return nil
}

// SetDepth implements graphics.Layer.
func (l *Layer) SetDepth(depth int32) error {
	t, err := l.enter()
	if err != nil {
		return err
	}
	defer l.d.unlock(t)
	l.depth = depth
	l.shown.SetDepth(depth)
	return nil
}

// Show implements graphics.Layer.
func (l *Layer) Show(visible bool) error {
	t, err := l.enter()
	if err != nil {
		return err
	}
	defer l.d.unlock(t)
	l.visible = visible
	l.shown.Show(visible)
	return nil
}

// SetClip implements graphics.Layer.
func (l *Layer) SetClip(r graphics.Rect) error {
	t, err := l.enter()
	if err != nil {
		return err
	}
	defer l.d.unlock(t)
	l.shown.SetClip(rect(r))
	return nil
}

// SetRate implements graphics.Layer.
func (l *Layer) SetRate(frames uint32) error {
	t, err := l.enter()
	if err != nil {
		return err
	}
	defer l.d.unlock(t)
	l.known.Rate = frames
	return nil
}

// SetSource implements graphics.Layer.
func (l *Layer) SetSource(r graphics.Rect) error {
	t, err := l.enter()
	if err != nil {
		return err
	}
	defer l.d.unlock(t)
	if err := l.setSource(r, l.matrix); err != nil {
		return err
	}
	l.shown.Present(l.s.picture(), l.matrix)
	return nil
}

// setSource takes a part of the surface that is checked together with a matrix.
func (l *Layer) setSource(r graphics.Rect, m graphics.Affine) error {
	if r == (graphics.Rect{}) {
		r = whole(l.s)
	}
	if _, err := l.s.inside(r); err != nil {
		return err
	}
	if err := fits(m, r); err != nil {
		return err
	}
	l.source, l.matrix, l.s.c.source = r, m, machine.Rect{}
	if r != whole(l.s) {
		l.s.c.source = rect(r)
	}
	return nil
}

// Present implements graphics.Layer.
func (l *Layer) Present(m graphics.Affine, source graphics.Rect) error {
	t, err := l.enter()
	if err != nil {
		return err
	}
	defer l.d.unlock(t)
	c := l.s.c
	for _, o := range c.surfaces {
		if o.locked {
			return com.Errorf(com.ErrBusy, "surface %d of the layer is locked", o.number)
		}
	}
	if err := l.setSource(source, m); err != nil {
		return err
	}
	for _, o := range c.surfaces {
		l.d.settle(o, true)
	}
	if len(c.surfaces) > 1 {
		c.rotate()
		c.flips++
		l.d.flips.Add(1)
	}
	l.shown.Present(l.s.picture(), m)
	l.paid()
	return nil
}

// paid takes note of what drawing the layer took.
func (l *Layer) paid() {
	if !l.chosen {
		return
	}
	l.chosen = false
	took := l.s.c.spent - l.spent
	l.known.Took(took, l.scale)
	l.d.drew(took)
}

// Info implements graphics.Layer.
func (l *Layer) Info(context.Context) (graphics.LayerInfo, error) {
	t, err := l.enter()
	if err != nil {
		return graphics.LayerInfo{}, err
	}
	defer l.d.unlock(t)
	return graphics.LayerInfo{
		Number: l.number, Surface: l.s.number, Visible: l.visible, Matrix: l.matrix, Color: l.color, Depth: l.depth, Source: l.source,
		Rate: l.known.Rate, Redrawn: l.redrawn, Warped: l.warped, Cost: l.known.Cost().Std(), Coarse: l.d.time.Coarse(),
	}, nil
}

var _ graphics.Layer = (*Layer)(nil)
