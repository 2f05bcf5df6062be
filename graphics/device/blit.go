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

// bandPixels is how many pixels are drawn between two checkpoints.
const bandPixels = 16 << 10

// blitter is what blits of one device need, so that none of them allocates.
type blitter struct {
	options blit.Options
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
	err = d.draw(&b, dst, src, to, from)
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
	return rotate(o, f)
}

// rotate adds the turns of a blit, which come before its mirroring.
func rotate(o *blit.Options, f graphics.BlitFlags) error {
	if f&graphics.BlitRotate90 != 0 {
		return com.Errorf(com.ErrNotSupported, "blits that turn by a quarter")
	}
	if f&graphics.BlitRotate180 != 0 {
		o.MirrorX, o.MirrorY = !o.MirrorX, !o.MirrorY
	}
	return nil
}

// ternary is a raster operation by its table. Zero is Blackness, not a copy.
func ternary(table uint8) blit.ROP { return blit.ROP(table)<<16 | 1 }

// draw does a blit in bands of rows, with a checkpoint behind each.
func (d *Device) draw(b *graphics.Blit, dst, src *Surface, to, from blit.Rect) error {
	w := &d.blits
	dv := dst.Pixels()
	var sv *blit.Surface
	if src != nil {
		sv = src.Pixels()
	}
	fill := b.Flags&graphics.BlitFill != 0 && !w.options.DstKey.On
	if src == dst && src != nil {
		return d.within(dv, to, from, dst.clip)
	}
	rows := max(bandPixels/max(to.Dx(), 1), 1)
	clips := dst.clip
	var whole [1]blit.Rect
	if clips == nil {
		whole[0] = blit.Rect(dst.bounds())
		clips = whole[:]
	}
	done := false
	for _, c := range clips {
		c = c.Intersect(to)
		for y := c.Y0; y < c.Y1 && !c.Empty(); y += rows {
			done = true
			w.band[0] = blit.Rect{X0: c.X0, Y0: y, X1: c.X1, Y1: min(y+rows, c.Y1)}
			if err := w.do(fill, b.Color, dv, to, sv, from); err != nil {
				return err
			}
			thread.Checkpoint()
		}
	}
	if !done { // nothing is to be seen, but what is wrong is to be said
		w.band[0] = blit.Rect{}
		return w.do(fill, b.Color, dv, to, sv, from)
	}
	return nil
}

// do draws what is inside of the band.
func (w *blitter) do(fill bool, color uint32, dst *blit.Surface, to blit.Rect, src *blit.Surface, from blit.Rect) error {
	if fill {
		return blit.Fill(dst, to, color, w.band[:])
	}
	w.options.Clip = w.band[:]
	return blit.Blit(dst, to, src, from, &w.options)
}

// within blits from a surface to itself, at once: bands would write what others are to
// read.
func (d *Device) within(s *blit.Surface, to, from blit.Rect, clips []blit.Rect) error {
	w := &d.blits
	w.options.Clip = clips
	if w.bytes > 0 {
		w.options.Scratch = w.scratch.Bytes()
	}
	err := blit.Blit(s, to, s, from, &w.options)
	if !errors.Is(err, blit.ErrOverlap) {
		return err
	}
	if w.options.Scratch, err = w.aside(d, int64(from.Dx())*int64(from.Dy())*int64(s.Format.Bytes())); err != nil {
		return err
	}
	return blit.Blit(s, to, s, from, &w.options)
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
	d.blits.options = blit.Options{Filter: blit.Bilinear}
	sv, dv := from.Pixels(), to.Pixels()
	if err := blit.Blit(dv, dv.Bounds(), sv, sv.Bounds(), &d.blits.options); err != nil {
		return refused(err)
	}
	to.Changed(to.bounds())
	thread.Checkpoint()
	return nil
}
