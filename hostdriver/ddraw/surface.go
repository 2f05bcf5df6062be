package ddraw

import (
	"context"
	"errors"

	"github.com/mmlite/mmlite/contracts/graphics"
)

// Surface is pixels on a card (IDirectDrawSurface7). It may be used from many
// goroutines.
type Surface struct {
	c     *chain
	index int // in the chain

	// Of c.mu.
	remote  graphics.Surface
	info    graphics.SurfaceInfo // but for the offset, which moves
	locked  bool
	lock    lock         // if it is locked
	keys    [2]*ColorKey // source, destination
	depth   *Surface     // attached
	clipper *Clipper
	clipped uint64 // the clipper's version that the card knows
}

// Rect is the pixels with X0 <= x < X1 and Y0 <= y < Y1. A nil one means the whole
// surface.
type Rect = graphics.Rect

// Release ends the surface and those created with it. Of those attached it does
// nothing: they go with the first.
func (s *Surface) Release() {
	if s.index == 0 {
		s.c.release()
	}
}

// enter locks a surface that can be used. leave is due.
func (s *Surface) enter() error {
	s.c.mu.Lock()
	if err := s.c.lost(); err != nil {
		s.c.mu.Unlock()
		return err
	}
	return nil
}

func (s *Surface) leave() { s.c.mu.Unlock() }

// IsLost returns ErrSurfaceLost if the surface's memory is gone, and nil otherwise.
func (s *Surface) IsLost() error {
	err := s.enter()
	if err == nil {
		s.leave()
	}
	return err
}

// Restore makes a surface that was lost on the present card, black, with the keys,
// palette and clipper it had. One that is not lost is left alone. ErrImplicitlyCreated:
// restore the one that it was created with. ErrSurfaceLost: there is no card yet.
func (s *Surface) Restore(ctx context.Context) error {
	c := s.c
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.lost()
	switch {
	case !errors.Is(err, ErrSurfaceLost):
		return err
	case s.index != 0:
		return failed(ErrImplicitlyCreated, "")
	}
	c.close()
	if err := c.open(ctx); err != nil {
		return err
	}
	for _, o := range c.surfaces {
		for i, k := range o.keys {
			if k == nil {
				continue
			}
			if err := o.remote.SetColorKey(i == 1, true, k.Low, k.High); err != nil {
				return translate(err)
			}
		}
	}
	if p := c.palette; p != nil {
		return c.attach(ctx, p)
	}
	return nil
}

// RestoreAllSurfaces restores every surface that is lost.
func (d *DirectDraw) RestoreAllSurfaces(ctx context.Context) error {
	d.mu.Lock()
	all := make([]*chain, 0, len(d.surfaces))
	for c := range d.surfaces {
		all = append(all, c)
	}
	d.mu.Unlock()
	for _, c := range all {
		if err := c.surfaces[0].Restore(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Desc describes the surface.
func (s *Surface) Desc() SurfaceDesc {
	c := s.c
	c.mu.Lock()
	defer c.mu.Unlock()
	d := SurfaceDesc{
		Caps: c.desc.Caps | VideoMemory | LocalVidMem, Width: s.info.Width, Height: s.info.Height, Pitch: s.info.Pitch,
		PixelFormat: pixelsOf(s.info.Format), SrcBlt: s.keys[0], DestBlt: s.keys[1],
	}
	switch {
	case c.opt.BackBuffers > 0 && s.index == 0:
		d.Caps |= FrontBuffer
		d.BackBufferCount = c.opt.BackBuffers
		if d.Caps&PrimarySurface != 0 {
			d.Caps |= Visible
		}
	case c.opt.BackBuffers > 0:
		d.Caps = d.Caps&^PrimarySurface | BackBuffer
	case d.Caps&PrimarySurface != 0:
		d.Caps |= FrontBuffer | Visible
	case c.opt.Levels > 1:
		d.MipMapCount = uint32(len(c.surfaces) - s.index)
	}
	return d
}

// PixelFormat is the layout of the surface's pixels.
func (s *Surface) PixelFormat() PixelFormat { return s.Desc().PixelFormat }

// Caps is what the surface is.
func (s *Surface) Caps() Caps { return s.Desc().Caps }

// AttachedSurface returns the next surface of the chain that has all of the
// capabilities: the back buffer that is shown next, or the level half as large. From
// the last back buffer on comes the front. With ZBuffer it is the depth buffer that was
// attached. ErrNotFound: there is none. It is not to be released.
func (s *Surface) AttachedSurface(caps Caps) (*Surface, error) {
	c := s.c
	if caps&ZBuffer != 0 {
		c.mu.Lock()
		defer c.mu.Unlock()
		if s.depth == nil {
			return nil, failed(ErrNotFound, "no depth buffer is attached")
		}
		return s.depth, nil
	}
	n := len(c.surfaces)
	for i := 1; i < n; i++ {
		at := s.index + i
		if at >= n {
			if c.opt.BackBuffers == 0 {
				break // levels do not go round
			}
			at -= n
		}
		if a := c.surfaces[at]; a.Desc().Caps&caps == caps {
			return a, nil
		}
	}
	return nil, failed(ErrNotFound, "no surface with %#x is attached", uint32(caps))
}

// Remote is the card's object, for libraries that draw on it by other means, and the
// number that drawing names it by. It belongs to s. ErrSurfaceLost: it is gone.
func (s *Surface) Remote() (graphics.Surface, uint32, error) {
	if err := s.enter(); err != nil {
		return nil, 0, err
	}
	defer s.leave()
	return s.remote, s.info.Number, nil
}

// MakeMipMaps makes the smaller levels of a texture from this one, on the card.
func (s *Surface) MakeMipMaps() error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	return translate(s.remote.MakeLevels())
}

// UpdateOverlay is for overlays, which there are none of.
func (s *Surface) UpdateOverlay() error { return failed(ErrNotAOverlaySurface, "") }

// setKey sets or takes away a colour key. The caller holds the lock.
func (s *Surface) setKey(which KeyFlags, key *ColorKey) error {
	i, on, k := 0, key != nil, ColorKey{}
	if which&DestBlt != 0 {
		i = 1
	}
	if on {
		k = *key
		if k.Low > k.High {
			return failed(ErrInvalidParams, "a colour key from %#x to %#x", k.Low, k.High)
		}
		key = &k
	}
	if err := s.remote.SetColorKey(i == 1, on, k.Low, k.High); err != nil {
		return translate(err)
	}
	s.keys[i] = key
	return nil
}

// SetColorKey sets a colour key, or takes it away if key is nil: SrcBlt or DestBlt,
// and with ColorSpace all from Low to High.
func (s *Surface) SetColorKey(flags KeyFlags, key *ColorKey) error {
	which := flags &^ ColorSpace
	if which != SrcBlt && which != DestBlt {
		return failed(ErrInvalidParams, "colour key %#x", uint32(flags))
	}
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	if key != nil && flags&ColorSpace == 0 {
		key = &ColorKey{key.Low, key.Low}
	}
	return s.setKey(which, key)
}

// ColorKey is what SetColorKey set. ErrNoColorKey: there is none.
func (s *Surface) ColorKey(which KeyFlags) (ColorKey, error) {
	if which != SrcBlt && which != DestBlt {
		return ColorKey{}, failed(ErrInvalidParams, "colour key %#x", uint32(which))
	}
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	k := s.keys[0]
	if which == DestBlt {
		k = s.keys[1]
	}
	if k == nil {
		return ColorKey{}, failed(ErrNoColorKey, "")
	}
	return *k, nil
}
