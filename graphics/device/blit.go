package device

import (
	"errors"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/heap"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/graphics/blit"
)

// blitter is what blits of one device need, so that none of them allocates.
type blitter struct {
	options blit.Options
	whole   [1]blit.Rect
	band    [1]blit.Rect
	scratch heap.Span // for stretches of a surface onto itself
	bytes   int64     // of it
}

func (b *blitter) free(d *Device) {
	if b.bytes > 0 {
		_ = d.f.heap.Free(b.scratch) // it was given out here, once
		d.bytes.Add(-b.bytes)
		d.quota.give(surfaces, 0, b.bytes)
		b.bytes = 0
	}
}

// aside returns scratch memory of at least n bytes.
func (b *blitter) aside(d *Device, n int64) ([]byte, error) {
	if n > b.bytes {
		b.free(d)
		if err := d.quota.take(surfaces, 0, n); err != nil {
			return nil, err
		}
		s, err := d.f.heap.Alloc(uint64(n), 0)
		if err != nil {
			d.quota.give(surfaces, 0, n)
			return nil, err
		}
		b.scratch, b.bytes = s, n
		d.bytes.Add(n)
	}
	return b.scratch.Bytes(), nil
}

// Blit implements graphics.Device.
func (d *Device) Blit(b graphics.Blit) error {
	t, err := d.enter()
	if err != nil {
		return err
	}
	defer d.unlock(t)
	dst, err := d.Surface(b.Dst)
	if err != nil {
		return err
	}
	var src *Surface
	if b.Flags&graphics.BlitFill == 0 && (b.Src != 0 || needsSource(&b)) {
		if src, err = d.Surface(b.Src); err != nil {
			return err
		}
	}
	to, from := blit.Rect(rect(b.DstRect)), blit.Rect(rect(b.SrcRect))
	if b.Flags&graphics.BlitWhole != 0 {
		to = blit.Rect(dst.bounds())
		if src != nil {
			from = blit.Rect(src.bounds())
		}
	}
	if err := d.blits.prepare(&b, dst, src); err != nil {
		return err
	}
	dst.hold(true)
	d.settle(dst, true)
	if src != nil && src != dst {
		d.settle(src, false)
	}
	if src == nil {
		from = blit.Rect{X1: 1, Y1: 1}
	}
	began := dst.timing()
	err = d.draw(&b, dst, src, to, from)
	dst.timed(began)
	if err != nil {
		return refused(err)
	}
	d.blitted.Add(1)
	if r := to.Intersect(blit.Rect(dst.bounds())); !r.Empty() {
		d.pixels.Add(uint64(r.Dx()) * uint64(r.Dy()))
		dst.Changed(machine.Rect(r))
	}
	return nil
}

// needsSource reports whether a blit reads a source.
func needsSource(b *graphics.Blit) bool {
	if b.Flags&graphics.BlitROP == 0 || b.Flags&(graphics.BlitKeySource|graphics.BlitAlphaPixel) != 0 {
		return true
	}
	return b.ROP>>2&0x33 != b.ROP&0x33
}

// prepare turns a blit's flags into options.
func (w *blitter) prepare(b *graphics.Blit, dst, src *Surface) error {
	const all = graphics.BlitWhole<<1 - 1
	f := b.Flags
	o := &w.options
	*o = blit.Options{}
	has := func(flag graphics.BlitFlags) bool { return f&flag != 0 }
	switch {
	case f&^all != 0:
		return com.Errorf(com.ErrInvalid, "blit flags %#x", uint32(f))
	case dst.view.Format == 0 || src != nil && src.view.Format == 0:
		return com.Errorf(com.ErrNotSupported, "compressed textures are written by Lock")
	case src != nil && isColor(src.c.format) != isColor(dst.c.format), src != nil && !isColor(dst.c.format) && src.c.format != dst.c.format:
		return com.Errorf(com.ErrInvalid, "a blit between surfaces of formats %d and %d", src.c.format, dst.c.format)
	case !isColor(dst.c.format) && f&^(graphics.BlitFill|graphics.BlitWhole) != 0:
		return com.Errorf(com.ErrNotSupported, "depth buffers are filled and copied only")
	case has(graphics.BlitFill) && f&^(graphics.BlitFill|graphics.BlitKeyDest|graphics.BlitWhole) != 0:
		return com.Errorf(com.ErrInvalid, "blit flags %#x: a fill can have a destination key, and nothing else", uint32(f))
	case has(graphics.BlitROP) && (has(graphics.BlitAlpha) || has(graphics.BlitAlphaPixel)):
		return com.Errorf(com.ErrInvalid, "a raster operation that blends")
	case has(graphics.BlitKeySource) && (src == nil || !src.source.On):
		return com.Errorf(com.ErrInvalid, "surface %d has no source key", b.Src)
	case has(graphics.BlitKeyDest) && !dst.dest.On:
		return com.Errorf(com.ErrInvalid, "surface %d has no destination key", b.Dst)
	}
	if has(graphics.BlitKeySource) {
		o.SrcKey = src.source
	}
	if has(graphics.BlitKeyDest) {
		o.DstKey = dst.dest
	}
	o.MirrorX, o.MirrorY = has(graphics.BlitMirrorX), has(graphics.BlitMirrorY)
	if has(graphics.BlitBilinear) {
		o.Filter = blit.Bilinear
	}
	switch {
	case has(graphics.BlitAlphaPixel):
		o.Blend, o.Alpha = blit.PerPixel, b.Alpha
	case has(graphics.BlitAlpha):
		o.Blend, o.Alpha = blit.Constant, b.Alpha
	}
	switch {
	case has(graphics.BlitROP):
		o.ROP, o.Pattern = ternary(b.ROP), b.Color
	case has(graphics.BlitFill) && o.DstKey.On:
		o.ROP, o.Pattern = blit.PatCopy, b.Color
	}
	o.Rotate = rotate(f)
	return nil
}

// rotate is the turn of a blit.
func rotate(f graphics.BlitFlags) blit.Rotation {
	switch f & (graphics.BlitRotate90 | graphics.BlitRotate180) {
	case graphics.BlitRotate90:
		return blit.Rotate90
	case graphics.BlitRotate180:
		return blit.Rotate180
	case graphics.BlitRotate90 | graphics.BlitRotate180:
		return blit.Rotate270
	}
	return 0
}

// ternary is a raster operation by its table. Zero is Blackness, not a copy.
func ternary(table uint8) blit.ROP { return blit.ROP(table)<<16 | 1 }

// draw does a blit, with checkpoints between.
func (d *Device) draw(b *graphics.Blit, dst, src *Surface, to, from blit.Rect) error {
	w := &d.blits
	dv := dst.Pixels()
	if b.Flags&graphics.BlitFill != 0 && !w.options.DstKey.On {
		return w.fill(dv, to, b.Color, dst.clip)
	}
	var sv *blit.Surface
	if src != nil {
		sv = src.Pixels()
	}
	w.options.Clip, w.options.Between = dst.clip, thread.Checkpoint
	if w.bytes > 0 {
		w.options.Scratch = w.scratch.Bytes()
	}
	err := blit.Blit(dv, to, sv, from, &w.options)
	if !errors.Is(err, blit.ErrOverlap) {
		return err
	}
	if w.options.Scratch, err = w.aside(d, int64(from.Dx())*int64(from.Dy())*int64(dv.Format.Bytes())); err != nil {
		return err
	}
	return blit.Blit(dv, to, sv, from, &w.options)
}

// fill fills in bands of rows.
func (w *blitter) fill(dst *blit.Surface, to blit.Rect, color uint32, clips []blit.Rect) error {
	in := to.Intersect(dst.Bounds())
	rows := max(blit.BetweenPixels/max(in.Dx(), 1), 1)
	if in.Dy() <= rows {
		return blit.Fill(dst, to, color, clips)
	}
	if clips == nil {
		w.whole[0] = dst.Bounds()
		clips = w.whole[:]
	}
	for _, c := range clips {
		c = c.Intersect(in)
		for y := c.Y0; y < c.Y1 && !c.Empty(); y += rows {
			w.band[0] = blit.Rect{X0: c.X0, Y0: y, X1: c.X1, Y1: min(y+rows, c.Y1)}
			if err := blit.Fill(dst, to, color, w.band[:]); err != nil {
				return err
			}
			thread.Checkpoint()
		}
	}
	return nil
}

// refused is why a blit was not done, with a code.
func refused(err error) error {
	switch {
	case errors.Is(err, blit.ErrSurface), errors.Is(err, blit.ErrRect), errors.Is(err, blit.ErrOptions), errors.Is(err, blit.ErrOverlap):
		return com.Errorf(com.ErrInvalid, "%v", err)
	}
	return err
}

// halve makes a level of a texture from the one twice as large: each texel is the mean
// of those it covers.
func (d *Device) halve(from, to *Surface) error {
	d.settle(to, true)
	d.blits.options = blit.Options{Filter: blit.Bilinear, Between: thread.Checkpoint}
	sv, dv := from.Pixels(), to.Pixels()
	if err := blit.Blit(dv, dv.Bounds(), sv, sv.Bounds(), &d.blits.options); err != nil {
		return refused(err)
	}
	to.Changed(to.bounds())
	thread.Checkpoint()
	return nil
}
