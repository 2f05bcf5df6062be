package device

import (
	"context"
	"sync/atomic"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/firmware/thread/wait"
	"github.com/mmlite/mmlite/graphics/blit"
	"github.com/mmlite/mmlite/graphics/display"
)

// Surface implements graphics.Surface. But for what is said otherwise its fields are
// the device's lock's.
type Surface struct {
	com.Object
	d        *Device
	c        *chain
	index    int // in its chain
	number   uint32
	shape    shape
	at       int // where its pixels lie in the chain's memory now
	view     blit.Surface
	locked   bool
	writing  machine.Time // since when it is locked for that, or 0
	source   blit.Key
	dest     blit.Key
	clip     []blit.Rect // disjoint; nil means everywhere
	changes  atomic.Uint64
	released atomic.Bool
	task     wait.Task
}

// newSurface makes surface i of a chain, with a reference.
func (d *Device) newSurface(c *chain, i int, sh shape, at int) *Surface {
	d.numbers++
	for d.numbers == 0 || d.surfaces[d.numbers] != nil {
		d.numbers++
	}
	s := &Surface{d: d, c: c, index: i, number: d.numbers, shape: sh}
	s.move(at)
	d.surfaces[s.number] = s
	s.task.Do = func() {
		t := d.lock()
		c.end()
		d.unlock(t)
		d.f.gone()
	}
	s.Init(s, s.final, graphics.SurfaceType.For(s))
	return s
}

// final is the last release. Who was created goes with all of its chain; the others
// are held by the chain, so only the end of it lets go of them.
func (s *Surface) final() {
	s.released.Store(true)
	if s.index == 0 {
		s.d.f.leave(&s.task)
	}
}

// move has the surface's pixels lie elsewhere in its chain's memory.
func (s *Surface) move(at int) {
	s.at = at
	mem := s.c.mem.Bytes()[at : at+s.shape.bytes : at+s.shape.bytes]
	s.view = blit.Surface{Pix: mem, Pitch: s.shape.pitch, Width: s.shape.width, Height: s.shape.height, Format: blit.Format(s.c.format)}
	if !isColor(s.c.format) { // as numbers of as many bytes
		switch _, n := block(s.c.format); n {
		case 2:
			s.view.Format = blit.RGB565
		case 4:
			s.view.Format = blit.XRGB8888
		default:
			s.view.Format = 0 // none that can be blitted
		}
	}
}

func (s *Surface) bounds() machine.Rect {
	return machine.Rect{X1: s.shape.width, Y1: s.shape.height}
}

// picture is what a layer shows of the surface.
func (s *Surface) picture() display.Picture {
	p := display.Picture{Pixels: s.view, Memory: s.c.mem}
	v := &p.Pixels
	v.Palette = nil
	if r := s.c.source; !r.Empty() {
		v.Pix = v.Pix[r.Y0*v.Pitch+r.X0*v.Format.Bytes():]
		v.Width, v.Height = r.X1-r.X0, r.Y1-r.Y0
	}
	if s.c.palette != nil && s.c.format == graphics.Indexed8 {
		p.Colors = s.c.palette
	}
	return p
}

func (s *Surface) over() error { return com.Errorf(com.ErrClosed, "surface %d was released", s.number) }

// Number is what drawing names the surface by.
func (s *Surface) Number() uint32 { return s.number }

// Changes grows whenever pixels, palette or colour keys may have changed. Any
// goroutine may ask.
func (s *Surface) Changes() uint64 { return s.changes.Load() }

// Pixels is the surface's memory as it lies now, for the device's lock's time; Flip
// moves it. Its palette is that of now. Depth buffers are numbers of as many bytes,
// and compressed textures have no format.
func (s *Surface) Pixels() *blit.Surface {
	s.view.Palette = nil
	if s.c.palette != nil {
		s.c.palette.Copy(&s.c.colors)
		s.view.Palette = &s.c.colors
	}
	return &s.view
}

// Caps is what the surface is for.
func (s *Surface) Caps() graphics.SurfaceCaps { return s.c.caps }

// Format is that of its pixels.
func (s *Surface) Format() graphics.Format { return s.c.format }

// Levels is how many levels a texture has, itself included.
func (s *Surface) Levels() int { return len(s.c.surfaces) - s.index }

// Level is level i of a texture, 0 for itself.
func (s *Surface) Level(i int) *Surface { return s.c.surfaces[s.index+i] }

// SourceKey is the key of what is not drawn of the surface.
func (s *Surface) SourceKey() blit.Key { return s.source }

// timing begins to measure what drawing on the surface takes, if that is of interest,
// which it is for layers. timed is due.
func (s *Surface) timing() machine.Time {
	if s.c.layer == nil {
		return 0
	}
	return thread.Now()
}

// timed ends it. The device is locked.
func (s *Surface) timed(began machine.Time) {
	if began != 0 {
		s.c.spent += thread.Now().Sub(began)
	}
}

// Changed says that pixels have been written.
func (s *Surface) Changed(r machine.Rect) {
	s.changes.Add(1)
	if s.c.layer != nil && s.index == 0 {
		s.damage(r)
	}
}

// damage has a part of the surface, which is shown, be composed anew.
func (s *Surface) damage(r machine.Rect) {
	if f := s.c.source; !f.Empty() {
		r = machine.Rect(blit.Rect(r).Intersect(blit.Rect(f)))
		r = machine.Rect{X0: r.X0 - f.X0, Y0: r.Y0 - f.Y0, X1: r.X1 - f.X0, Y1: r.Y1 - f.Y0}
	}
	s.c.layer.Damage(r)
}

// enter locks the device of a surface that is still there. unlock is due.
func (s *Surface) enter() (*thread.Thread, error) {
	t, err := s.d.enter()
	if err != nil {
		return nil, err
	}
	if s.c.ended {
		s.d.unlock(t)
		return nil, s.over()
	}
	return t, nil
}

// Info implements graphics.Surface.
func (s *Surface) Info(context.Context) (graphics.SurfaceInfo, error) {
	t, err := s.enter()
	if err != nil {
		return graphics.SurfaceInfo{}, err
	}
	defer s.d.unlock(t)
	return graphics.SurfaceInfo{
		Number: s.number, Caps: s.c.caps, Width: uint32(s.shape.width), Height: uint32(s.shape.height), Pitch: uint32(s.shape.pitch),
		Format: s.c.format, Chain: uint32(len(s.c.surfaces)), Offset: uint32(s.at), Flips: s.c.flips, Missed: s.c.missed,
	}, nil
}

// Memory implements graphics.Surface.
func (s *Surface) Memory(context.Context) (system.Memory, error) {
	t, err := s.enter()
	if err != nil {
		return nil, err
	}
	defer s.d.unlock(t)
	s.c.mem.AddRef()
	return s.c.mem, nil
}

// inside checks a rectangle of a surface; the zero one means all of it.
func (s *Surface) inside(r graphics.Rect) (machine.Rect, error) {
	m := rect(r)
	if r == (graphics.Rect{}) {
		m = s.bounds()
	}
	if m.Empty() || m.X0 < 0 || m.Y0 < 0 || m.X1 > s.shape.width || m.Y1 > s.shape.height {
		return m, com.Errorf(com.ErrInvalid, "%d,%d to %d,%d of a surface of %d by %d", r.X0, r.Y0, r.X1, r.Y1, s.shape.width, s.shape.height)
	}
	return m, nil
}

// Lock implements graphics.Surface.
func (s *Surface) Lock(_ context.Context, r graphics.Rect, readOnly bool) (graphics.Locked, error) {
	t, err := s.enter()
	if err != nil {
		return graphics.Locked{}, err
	}
	defer s.d.unlock(t)
	m, err := s.inside(r)
	if err != nil {
		return graphics.Locked{}, err
	}
	size, bytes := block(s.c.format)
	if size > 1 && (m.X0%size != 0 || m.Y0%size != 0 || m.X1%size != 0 && m.X1 != s.shape.width || m.Y1%size != 0 && m.Y1 != s.shape.height) {
		return graphics.Locked{}, com.Errorf(com.ErrInvalid, "%d,%d to %d,%d cuts blocks of %d by %d texels", r.X0, r.Y0, r.X1, r.Y1, size, size)
	}
	if s.locked {
		return graphics.Locked{}, com.Errorf(com.ErrBusy, "surface %d is locked", s.number)
	}
	s.hold(!readOnly)
	s.d.settle(s, !readOnly)
	s.locked = true
	if !readOnly {
		s.writing = s.timing()
	}
	cols, rows := (m.X1-m.X0+size-1)/size, (m.Y1-m.Y0+size-1)/size
	return graphics.Locked{
		Offset: uint32(s.at + m.Y0/size*s.shape.pitch + m.X0/size*bytes), Pitch: uint32(s.shape.pitch),
		Length: uint32((rows-1)*s.shape.pitch + cols*bytes),
	}, nil
}

// Unlock implements graphics.Surface.
func (s *Surface) Unlock(r graphics.Rect) error {
	t, err := s.d.enter()
	if err != nil {
		return err
	}
	defer s.d.unlock(t)
	switch {
	case s.c.ended:
		return s.over()
	case !s.locked:
		return com.Errorf(com.ErrInvalid, "surface %d is not locked", s.number)
	}
	s.locked = false
	s.timed(s.writing)
	s.writing = 0
	if r == (graphics.Rect{}) {
		return nil
	}
	m, err := s.inside(r)
	if err == nil {
		s.Changed(m)
	}
	return err
}

// Attached implements graphics.Surface.
func (s *Surface) Attached(_ context.Context, number uint32) (graphics.Surface, error) {
	t, err := s.enter()
	if err != nil {
		return nil, err
	}
	defer s.d.unlock(t)
	if number < 1 || uint64(number) >= uint64(len(s.c.surfaces)-s.index) {
		return nil, com.Errorf(com.ErrNotFound, "surface %d has %d attached", s.number, len(s.c.surfaces)-s.index-1)
	}
	a := s.c.surfaces[s.index+int(number)]
	a.AddRef()
	return a, nil
}

// SetPalette implements graphics.Surface.
func (s *Surface) SetPalette(_ context.Context, palette graphics.Palette) error {
	var p *Palette
	if palette != nil {
		var ok bool
		if p, ok = palette.(*Palette); !ok || p.d != s.d || p.gone.Load() {
			return com.Errorf(com.ErrInvalid, "that is no palette of device %s", s.d.name)
		}
	}
	t, err := s.enter()
	if err != nil {
		return err
	}
	defer s.d.unlock(t)
	if s.c.format != graphics.Indexed8 {
		return com.Errorf(com.ErrInvalid, "surface %d has no indexed pixels", s.number)
	}
	for _, o := range s.c.surfaces {
		s.d.settle(o, true)
	}
	if p != nil {
		p.AddRef()
	}
	old := s.c.palette
	s.c.palette = p
	if s.c.layer != nil {
		s.c.layer.Recolor(s.picture().Colors)
	}
	s.c.recolored()
	if old != nil {
		old.Release()
	}
	return nil
}

// SetColorKey implements graphics.Surface.
func (s *Surface) SetColorKey(destination, on bool, low, high uint32) error {
	t, err := s.d.enter()
	if err != nil {
		return err
	}
	defer s.d.unlock(t)
	switch {
	case s.c.ended:
		return s.over()
	case on && low > high:
		return com.Errorf(com.ErrInvalid, "a colour key from %#x to %#x", low, high)
	case !isColor(s.c.format):
		return com.Errorf(com.ErrInvalid, "a colour key for pixels of format %d", s.c.format)
	}
	key := blit.Key{On: on, Low: low, High: high}
	if destination {
		s.dest = key
		return nil
	}
	s.d.settle(s, true)
	s.source = key
	s.changes.Add(1)
	return nil
}

// MakeLevels implements graphics.Surface.
func (s *Surface) MakeLevels() error {
	t, err := s.d.enter()
	if err != nil {
		return err
	}
	defer s.d.unlock(t)
	switch {
	case s.c.ended:
		return s.over()
	case s.c.caps&graphics.CapTexture == 0 || !isColor(s.c.format):
		return com.Errorf(com.ErrNotSupported, "surface %d is no texture whose levels can be made", s.number)
	}
	s.d.settle(s, false)
	for i := s.index + 1; i < len(s.c.surfaces); i++ {
		if err := s.d.halve(s.c.surfaces[i-1], s.c.surfaces[i]); err != nil {
			return err
		}
	}
	return nil
}

var _ graphics.Surface = (*Surface)(nil)
