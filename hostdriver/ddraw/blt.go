package ddraw

import (
	"errors"

	"github.com/mmlite/mmlite/contracts/graphics"
)

// Blt copies a rectangle of src onto one of s, stretched where their sizes differ, or
// fills it; a nil rectangle is the whole surface. With a clipper only what lies inside of
// its list is drawn; without, the rectangles have to lie in their surfaces. It does
// not wait for the card.
//
// ErrInvalidRect, ErrSurfaceBusy (one of them is locked), ErrSurfaceLost,
// ErrColorKeyNotSet, ErrDeviceDoesntOwnSurface.
func (s *Surface) Blt(dst *Rect, src *Surface, from *Rect, flags BltFlags, fx *BltFX) error {
	if fx == nil {
		fx = &BltFX{}
	}
	b := graphics.Blit{}
	if err := blitFlags(flags, fx, &b); err != nil {
		return err
	}
	fill := flags&(ColorFill|DepthFill) != 0
	if fill && src != nil {
		return failed(ErrInvalidParams, "a fill that has a source")
	}
	return s.blit(dst, src, from, &b, flags, fx)
}

// blitFlags turns the flags of Blt into the card's.
func blitFlags(flags BltFlags, fx *BltFX, b *graphics.Blit) error {
	has := func(f BltFlags) bool { return flags&f != 0 }
	set := func(on bool, f graphics.BlitFlags) {
		if on {
			b.Flags |= f
		}
	}
	switch {
	case flags&^bltFlags != 0,
		has(KeySrc) && has(KeySrcOverride), has(KeyDest) && has(KeyDestOverride),
		has(ColorFill|DepthFill) && has(BltROP|KeySrc|KeySrcOverride|DDFX|AlphaConst|AlphaPixel),
		has(BltROP) && has(AlphaConst|AlphaPixel):
		return failed(ErrInvalidParams, "blit flags %#x", uint32(flags))
	}
	set(has(ColorFill|DepthFill), graphics.BlitFill)
	set(has(KeySrc|KeySrcOverride), graphics.BlitKeySource)
	set(has(KeyDest|KeyDestOverride), graphics.BlitKeyDest)
	set(has(BltROP), graphics.BlitROP)
	set(has(AlphaConst), graphics.BlitAlpha)
	set(has(AlphaPixel), graphics.BlitAlphaPixel)
	b.Color, b.ROP, b.Alpha = fx.FillColor, uint8(fx.ROP>>16), fx.Alpha
	if !has(DDFX) {
		return nil
	}
	e := fx.FX
	set(e&MirrorLeftRight != 0, graphics.BlitMirrorX)
	set(e&MirrorUpDown != 0, graphics.BlitMirrorY)
	set(e&ArithStretchY != 0, graphics.BlitBilinear)
	switch e & (Rotate90 | Rotate180 | Rotate270) {
	case 0:
	case Rotate90:
		b.Flags |= graphics.BlitRotate90
	case Rotate180:
		b.Flags |= graphics.BlitRotate180
	case Rotate270:
		b.Flags |= graphics.BlitRotate90 | graphics.BlitRotate180
	default:
		return failed(ErrInvalidParams, "effects %#x turn twice", uint32(e))
	}
	if e&^(MirrorLeftRight|MirrorUpDown|ArithStretchY|NoTearing|Rotate90|Rotate180|Rotate270) != 0 {
		return failed(ErrInvalidParams, "effects %#x", uint32(e))
	}
	return nil
}

// BltFast copies a rectangle of src, nil for all, to a place on s, without stretching
// or clipping. ErrBltFastCantClip: a clipper is attached. The other errors are those of
// Blt.
func (s *Surface) BltFast(x, y int32, src *Surface, from *Rect, flags BltFastFlags) error {
	if src == nil || flags&^bltFastFlags != 0 {
		return failed(ErrInvalidParams, "blit flags %#x", uint32(flags))
	}
	b := graphics.Blit{}
	if flags&SrcColorKey != 0 {
		b.Flags |= graphics.BlitKeySource
	}
	if flags&DestColorKey != 0 {
		b.Flags |= graphics.BlitKeyDest
	}
	r := Rect{}
	if from != nil {
		r = *from
	} else {
		r = src.size()
	}
	if x < -maxPlace || y < -maxPlace || x > maxPlace || y > maxPlace || !within(r, src.size()) {
		return failed(ErrInvalidRect, "%d,%d to %d,%d, to %d,%d", r.X0, r.Y0, r.X1, r.Y1, x, y)
	}
	if s.clips() {
		return failed(ErrBltFastCantClip, "")
	}
	to := Rect{X0: x, Y0: y, X1: x + r.X1 - r.X0, Y1: y + r.Y1 - r.Y0}
	return s.blit(&to, src, &r, &b, 0, &BltFX{})
}

// maxPlace bounds coordinates, so that sums do not overflow.
const maxPlace = 1 << 24

// blit checks rectangles and has the card draw.
func (s *Surface) blit(dst *Rect, src *Surface, from *Rect, b *graphics.Blit, flags BltFlags, fx *BltFX) error {
	if src != nil && src.c != s.c { // numbers and sizes stay while the surface is not lost
		if err := src.enter(); err != nil {
			return err
		}
		locked, owner := src.locked, src.c.d
		b.Src, b.SrcRect = src.info.Number, src.whole()
		src.leave()
		switch {
		case owner != s.c.d:
			return failed(ErrDeviceDoesntOwnSurface, "")
		case locked:
			return failed(ErrSurfaceBusy, "the source is locked")
		}
	}
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	if src != nil && src.c == s.c {
		if src.locked {
			return failed(ErrSurfaceBusy, "the source is locked")
		}
		b.Src, b.SrcRect = src.info.Number, src.whole()
	}
	b.Dst, b.DstRect = s.info.Number, s.whole()
	if dst != nil {
		b.DstRect = *dst
	}
	if from != nil {
		b.SrcRect = *from
	}
	reads := b.Flags&graphics.BlitFill == 0 && (b.Flags&graphics.BlitROP == 0 || b.ROP>>2&0x33 != b.ROP&0x33)
	switch {
	case s.locked:
		return failed(ErrSurfaceBusy, "the destination is locked")
	case src == nil && (reads || b.Flags&graphics.BlitKeySource != 0):
		return failed(ErrInvalidParams, "there is no source")
	case src != nil && !src.inside(b.SrcRect):
		return failed(ErrInvalidRect, "the source, %d,%d to %d,%d", b.SrcRect.X0, b.SrcRect.Y0, b.SrcRect.X1, b.SrcRect.Y1)
	case b.DstRect.X0 >= b.DstRect.X1 || b.DstRect.Y0 >= b.DstRect.Y1 || s.clipper == nil && !s.inside(b.DstRect):
		return failed(ErrInvalidRect, "the destination, %d,%d to %d,%d of %d by %d", b.DstRect.X0, b.DstRect.Y0, b.DstRect.X1, b.DstRect.Y1, s.info.Width, s.info.Height)
	}
	if err := s.tellClip(); err != nil {
		return err
	}
	return s.send(src, b, flags, fx)
}

// send has the card draw. The caller holds the lock.
func (s *Surface) send(src *Surface, b *graphics.Blit, flags BltFlags, fx *BltFX) error {
	if flags&(KeySrcOverride|KeyDestOverride) != 0 {
		return s.override(src, b, flags, fx)
	}
	if b.Flags&graphics.BlitKeySource != 0 && src.keys[0] == nil || b.Flags&graphics.BlitKeyDest != 0 && s.keys[1] == nil {
		return failed(ErrColorKeyNotSet, "")
	}
	return translate(s.c.conn.device.Blit(*b))
}

// override is send with other keys than the surfaces', which have theirs again
// afterwards. A source is to be drawn from by one goroutine at a time meanwhile.
func (s *Surface) override(src *Surface, b *graphics.Blit, flags BltFlags, fx *BltFX) error {
	if flags&KeySrcOverride != 0 {
		back, err := src.lend(false, fx.SrcKey)
		if err != nil {
			return err
		}
		err = s.send(src, b, flags&^KeySrcOverride, fx)
		return errors.Join(err, back())
	}
	back, err := s.lend(true, fx.DestKey)
	if err != nil {
		return err
	}
	err = s.send(src, b, flags&^KeyDestOverride, fx)
	return errors.Join(err, back())
}

// lend gives the surface another key until back is called.
func (s *Surface) lend(dest bool, key ColorKey) (back func() error, err error) {
	i, which := 0, SrcBlt
	if dest {
		i, which = 1, DestBlt
	}
	own := s.keys[i]
	if err := s.setKey(which, &key); err != nil {
		return nil, err
	}
	return func() error { return s.setKey(which, own) }, nil
}
