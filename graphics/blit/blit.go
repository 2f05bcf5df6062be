package blit

import "fmt"

// Blit draws the rectangle sr of src into the rectangle dr of dst, stretched
// where their sizes differ; o may be nil. What of dr lies outside dst is
// clipped; sr must lie inside src. src may be nil where the raster operation
// uses no source. Source and destination may overlap: the result is as if the
// source had been copied aside first (see Options.Scratch and ErrOverlap).
func Blit(dst *Surface, dr Rect, src *Surface, sr Rect, o *Options) error {
	var zero Options
	if o == nil {
		o = &zero
	}
	if err := o.check(); err != nil {
		return err
	}
	if err := dst.Check(); err != nil {
		return err
	}
	if err := dr.check(); err != nil {
		return err
	}
	var none [4]byte
	pixel := Surface{Pix: none[:], Pitch: 4, Width: 1, Height: 1, Format: dst.Format, Palette: dst.Palette}
	if src == nil {
		if o.ROP.needsSource() || o.SrcKey.On || o.Blend == PerPixel {
			return fmt.Errorf("%w: no source", ErrOptions)
		}
		src, sr = &pixel, Rect{0, 0, 1, 1}
	}
	if err := src.Check(); err != nil {
		return err
	}
	if err := sr.check(); err != nil {
		return err
	}
	if !sr.in(src.Bounds()) {
		return fmt.Errorf("%w: %d,%d to %d,%d of a source of %d by %d", ErrRect, sr.X0, sr.Y0, sr.X1, sr.Y1, src.Width, src.Height)
	}
	j := job{dst: dst, src: src, dr: dr, sr: sr, o: o}
	j.prepare()
	if j.shares() {
		if j.straight && src.Pitch == dst.Pitch && src.Format.Bytes() == dst.Format.Bytes() {
			j.drawShared()
			return nil
		}
		aside, err := j.setAside()
		if err != nil {
			return err
		}
		j.src, j.sr = &aside, aside.Bounds()
	}
	if o.Clip == nil {
		j.draw(dr.Intersect(dst.Bounds()))
	}
	for _, c := range o.Clip {
		j.drew(rectWork)
		j.draw(dr.Intersect(dst.Bounds()).Intersect(c))
	}
	return nil
}

// Copy draws the rectangle sr of src, unstretched, with its corner at x, y of dst.
func Copy(dst *Surface, x, y int, src *Surface, sr Rect) error {
	return Blit(dst, Rect{x, y, x + sr.Dx(), y + sr.Dy()}, src, sr, nil)
}

// job is a checked call of Blit.
type job struct {
	dst, src     *Surface
	dr, sr       Rect
	o            *Options
	sw, sh       int  // the source's size as the destination sees it
	stepX, stepY int  // 16.16, source pixels a destination pixel
	turned       bool // source columns become rows
	mirrorX      bool
	mirrorY      bool
	straight     bool // neither stretched, turned nor mirrored
	smooth       bool // bilinear
	plain        bool // pixels need no conversion
	skey, dkey   key
	due          int // pixels until Options.Between
}

func (j *job) prepare() {
	// A quarter turn is a transposition and a mirroring.
	r := j.o.Rotate
	j.turned = r == Rotate90 || r == Rotate270
	j.mirrorX = j.o.MirrorX != (r == Rotate90 || r == Rotate180)
	j.mirrorY = j.o.MirrorY != (r == Rotate270 || r == Rotate180)
	if j.sw, j.sh = j.sr.Dx(), j.sr.Dy(); j.turned {
		j.sw, j.sh = j.sh, j.sw
	}
	j.stepX, j.stepY = 1<<16, 1<<16
	scaled := j.sw != j.dr.Dx() || j.sh != j.dr.Dy()
	if scaled { // divisions are a part of what a small sprite costs
		j.stepX, j.stepY = j.sw<<16/j.dr.Dx(), j.sh<<16/j.dr.Dy()
	}
	j.straight = !scaled && !j.turned && !j.mirrorX && !j.mirrorY
	j.smooth = scaled && j.o.Filter == Bilinear
	j.due = BetweenPixels
	j.plain = j.src.Format == j.dst.Format && (j.src.Format != Indexed8 || samePalette(j.src.Palette, j.dst.Palette))
	j.skey = j.src.Format.key(j.o.SrcKey, false)
	j.dkey = j.dst.Format.key(j.o.DstKey, true)
}

// What a span and a rectangle of a clip list cost at least, in pixels: there may be
// thousands of them that have one pixel each.
const spanWork, rectWork = 64, 128

// drew counts pixels that were drawn and lets others go on after many.
func (j *job) drew(n int) {
	if j.due -= n; j.due <= 0 && j.o.Between != nil {
		j.o.Between()
		j.due = BetweenPixels
	}
}

func samePalette(a, b *Palette) bool {
	return a == b || a != nil && b != nil && *a == *b
}

// shares says whether the memory drawn on may be memory read.
func (j *job) shares() bool {
	r := j.dr.Intersect(j.dst.Bounds())
	if r.Empty() {
		return false
	}
	d0, d1 := j.dst.place(r.X0, r.Y0), j.dst.place(r.X1, r.Y1-1)
	s0, s1 := j.src.place(j.sr.X0, j.sr.Y0), j.src.place(j.sr.X1, j.sr.Y1-1)
	if d0 >= s1 || s0 >= d1 {
		return false
	}
	pitch := j.dst.Pitch
	if j.src.Pitch != pitch {
		return true
	}
	// Rows of one pitch: source row k lies beside destination row k+down, along bytes to its right.
	delta := int(s0 - d0)
	down := delta / pitch
	if delta%pitch < 0 {
		down--
	}
	along := delta - down*pitch
	meet := func(first int) bool { return first < r.Dy() && first+j.sr.Dy() > 0 }
	return along < r.Dx()*j.dst.Format.Bytes() && meet(down) ||
		along+j.sr.Dx()*j.src.Format.Bytes() > pitch && meet(down+1)
}

// setAside copies the source rectangle to the caller's scratch memory.
func (j *job) setAside() (Surface, error) {
	pitch := j.sr.Dx() * j.src.Format.Bytes()
	size := pitch * j.sr.Dy()
	if len(j.o.Scratch) < size {
		return Surface{}, fmt.Errorf("%w: %d bytes of %d", ErrOverlap, len(j.o.Scratch), size)
	}
	s := Surface{Pix: j.o.Scratch[:size:size], Pitch: pitch, Width: j.sr.Dx(), Height: j.sr.Dy(), Format: j.src.Format, Palette: j.src.Palette}
	for y := range s.Height {
		copy(s.span(0, s.Width, y), j.src.span(j.sr.X0, j.sr.X1, j.sr.Y0+y))
		j.drew(s.Width)
	}
	return s, nil
}

// draw does one rectangle of the destination, which lies inside dr and the surface.
func (j *job) draw(r Rect) {
	if r.Empty() || j.straight && j.direct(r) {
		return
	}
	var b buffers
	for x := r.X0; x < r.X1; {
		n := min(j.width(), r.X1-x)
		b.top, b.bottom = -1, -1
		for y := r.Y0; y < r.Y1; y++ {
			j.span(&b, x, x+n, y, y > r.Y0)
			j.drew(max(n, spanWork))
		}
		x += n
	}
}
