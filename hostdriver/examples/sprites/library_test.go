package main

import (
	"context"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/mmlite/mmlite/boards/inside"
	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/hostdriver/ddraw"
)

// The tests of package ddraw that need a card are here, since hostdriver imports none.

var background0 = context.Background()

// Size of the screen.
const (
	width  = 640
	height = 480
)

// links are the ways to a card: with and without shared memory.
var links = map[string]func(*inside.Card) hostdriver.Option{
	"shared": (*inside.Card).Option, "apart": (*inside.Card).Apart,
}

// bench is a DirectDraw on a card in this program, and somebody who looks at its screen.
type bench struct {
	*testing.T
	in   *inside.Card
	card *hostdriver.Card
	dd   *ddraw.DirectDraw
	view graphics.View
	mem  system.Memory
	scr  graphics.Screen
}

func newBench(t *testing.T, link func(*inside.Card) hostdriver.Option) *bench {
	t.Helper()
	b := &bench{T: t}
	var err error
	b.in, err = inside.New(1)
	b.must(err)
	b.card, err = hostdriver.Open(background0, "", link(b.in))
	b.must(err)
	b.dd, err = ddraw.Create(background0, b.card)
	b.must(err)
	b.scr, err = hostdriver.Bind(background0, b.card, "/screen", graphics.ScreenType)
	b.must(err)
	b.view, err = b.scr.Watch(background0)
	b.must(err)
	b.mem, err = b.view.Memory(background0)
	b.must(err)
	t.Cleanup(func() {
		b.must(b.dd.Close())
		b.mem.Release()
		b.view.Release()
		b.scr.Release()
		b.must(b.card.Close())
		b.must(b.in.Close())
	})
	return b
}

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// is complains unless err is the result code.
func (b *bench) is(what string, err error, want *ddraw.Error) {
	b.Helper()
	if !errors.Is(err, want) {
		b.Errorf("%s: got %v, want %s", what, err, want.Name)
	}
}

// sees is a pixel of the screen after what was drawn has come there.
func (b *bench) sees(x, y int, want uint32) {
	b.Helper()
	for range 5 { // a flip may take four
		_, err := b.scr.WaitBlank(background0)
		b.must(err)
	}
	// There may be nothing new, and then Next would wait for ever: the first call of
	// another view does not.
	v, err := b.scr.Watch(background0)
	b.must(err)
	defer v.Release()
	_, _, err = v.Next(background0, nil)
	b.must(err)
	m, err := v.Memory(background0)
	b.must(err)
	defer m.Release()
	var p [4]byte
	_, err = m.Get(background0, uint32(4*(y*width+x)), p[:])
	b.must(err)
	if got := binary.LittleEndian.Uint32(p[:]); got != want {
		b.Errorf("%#x at %d, %d of the screen, want %#x", got, x, y, want)
	}
}

func (b *bench) create(d ddraw.SurfaceDesc) *ddraw.Surface {
	b.Helper()
	s, err := b.dd.CreateSurface(background0, d)
	b.must(err)
	return s
}

func (b *bench) plain(w, h uint32) *ddraw.Surface {
	b.Helper()
	return b.create(ddraw.SurfaceDesc{Caps: ddraw.OffscreenPlain, Width: w, Height: h})
}

// set writes one pixel of 32 bits, and get reads one.
func (b *bench) set(s *ddraw.Surface, x, y int32, v uint32) {
	b.Helper()
	l, err := s.Lock(background0, &ddraw.Rect{X0: x, Y0: y, X1: x + 1, Y1: y + 1}, ddraw.LockWriteOnly)
	b.must(err)
	binary.LittleEndian.PutUint32(l.Bits, v)
	b.must(s.Unlock())
}

func (b *bench) get(s *ddraw.Surface, x, y int) uint32 {
	b.Helper()
	l, err := s.Lock(background0, nil, ddraw.LockReadOnly)
	b.must(err)
	v := binary.LittleEndian.Uint32(l.Bits[y*l.Pitch+4*x:])
	b.must(s.Unlock())
	return v
}

func each(t *testing.T, test func(*bench)) {
	for name, link := range links {
		t.Run(name, func(t *testing.T) { test(newBench(t, link)) })
	}
}

// A program that draws on its primary and knows no flips.
func TestPrimary(t *testing.T) {
	each(t, func(b *bench) {
		p := b.create(ddraw.SurfaceDesc{Caps: ddraw.PrimarySurface})
		_, err := b.dd.CreateSurface(background0, ddraw.SurfaceDesc{Caps: ddraw.PrimarySurface})
		b.is("a second primary", err, ddraw.ErrPrimarySurfaceAlreadyExists)
		b.must(p.Blt(nil, nil, nil, ddraw.ColorFill, &ddraw.BltFX{FillColor: 0x112233}))
		b.sees(0, 0, 0x112233)
		b.set(p, 600, 400, 0xffeedd)
		b.sees(600, 400, 0xffeedd)
		b.sees(601, 400, 0x112233)
		l, err := p.Lock(background0, &ddraw.Rect{X0: 10, Y0: 10, X1: 20, Y1: 20}, 0)
		b.must(err)
		if got := binary.LittleEndian.Uint32(l.Bits[9*l.Pitch+4*9:]); got != 0x112233 || len(l.Bits) != 9*l.Pitch+40 {
			b.Errorf("%#x in the last pixel of %d bytes", got, len(l.Bits))
		}
		binary.LittleEndian.PutUint32(l.Bits[9*l.Pitch+4*9:], 0x445566)
		_, err = p.Lock(background0, nil, 0)
		b.is("a second lock", err, ddraw.ErrSurfaceBusy)
		b.is("a blit to a locked surface", p.Blt(nil, nil, nil, ddraw.ColorFill, nil), ddraw.ErrSurfaceBusy)
		b.must(p.Unlock())
		b.is("a second unlock", p.Unlock(), ddraw.ErrNotLocked)
		b.sees(19, 19, 0x445566)
		d := p.Desc()
		if d.Caps&(ddraw.PrimarySurface|ddraw.FrontBuffer|ddraw.Visible) != ddraw.PrimarySurface|ddraw.FrontBuffer|ddraw.Visible || d.Width != width || d.PixelFormat != ddraw.XRGB8888 || d.Pitch < 4*width {
			b.Errorf("%+v", d)
		}
		p.Release()
		p.Release()
		b.sees(19, 19, 0)
		b.is("a lock after the release", p.IsLost(), ddraw.ErrNotInitialized)
	})
}

func TestFlipChain(t *testing.T) {
	each(t, func(b *bench) {
		b.must(b.dd.SetCooperativeLevel(background0, ddraw.Exclusive|ddraw.FullScreen))
		b.must(b.dd.SetDisplayMode(background0, 320, 240, 32))
		m, err := b.dd.DisplayMode(background0)
		if err != nil || m.Width != 320 || m.Height != 240 || m.RefreshRate != 60 || m.PixelFormat != ddraw.XRGB8888 {
			b.Errorf("%+v, %v", m, err)
		}
		front := b.create(ddraw.SurfaceDesc{Caps: ddraw.PrimarySurface | ddraw.FlipCap | ddraw.Complex, BackBufferCount: 2})
		back, err := front.AttachedSurface(ddraw.BackBuffer)
		b.must(err)
		last, err := back.AttachedSurface(ddraw.BackBuffer)
		b.must(err)
		around, err := last.AttachedSurface(ddraw.FrontBuffer)
		if err != nil || around != front || back == last || front.Desc().BackBufferCount != 2 {
			b.Errorf("the chain does not go round: %v", err)
		}
		_, err = front.AttachedSurface(ddraw.ZBuffer)
		b.is("a depth buffer that is not there", err, ddraw.ErrNotFound)
		for i, s := range []*ddraw.Surface{front, back, last} {
			b.must(s.Blt(nil, nil, nil, ddraw.ColorFill, &ddraw.BltFX{FillColor: uint32(i + 1)}))
		}
		b.sees(100, 100, 1)
		for i, f := range []ddraw.FlipFlags{0, ddraw.FlipWait, ddraw.Interval2, ddraw.NoVSync, ddraw.Interval4} {
			b.must(front.Flip(background0, f))
			if got, want := b.get(front, 7, 7), uint32((i+1)%3+1); got != want {
				b.Errorf("after %d flips the front is picture %d, want %d", i+1, got, want)
			}
		}
		b.sees(100, 100, 3)
		b.is("a flip of a back buffer", back.Flip(background0, 0), ddraw.ErrNotFlippable)
		b.is("bad flags", front.Flip(background0, 2), ddraw.ErrInvalidParams)
		_, err = last.Lock(background0, nil, 0)
		b.must(err)
		b.is("a flip of a locked chain", front.Flip(background0, 0), ddraw.ErrSurfaceBusy)
		b.must(last.Unlock())
		back.Release() // belongs to the front
		b.must(back.IsLost())
		x := b.plain(8, 8)
		b.is("a flip of what has no back buffer", x.Flip(background0, 0), ddraw.ErrNotFlippable)
		other, err := ddraw.Create(background0, b.card)
		b.must(err)
		defer other.Close()
		b.is("a second exclusive program", other.SetCooperativeLevel(background0, ddraw.Exclusive|ddraw.FullScreen), ddraw.ErrExclusiveModeAlreadySet)
		b.must(other.SetCooperativeLevel(background0, ddraw.Normal))
		b.is("exclusive in a window", b.dd.SetCooperativeLevel(background0, ddraw.Exclusive), ddraw.ErrInvalidParams)
	})
}

func TestBlits(t *testing.T) {
	each(t, func(b *bench) {
		src, dst := b.plain(4, 4), b.plain(8, 8)
		for x := range int32(4) {
			for y := range int32(4) {
				b.set(src, x, y, uint32(16*x+y+1))
			}
		}
		fill := func(v uint32) {
			b.Helper()
			b.must(dst.Blt(nil, nil, nil, ddraw.ColorFill, &ddraw.BltFX{FillColor: v}))
		}
		at := func(what string, x, y int, want uint32) {
			b.Helper()
			if got := b.get(dst, x, y); got != want {
				b.Errorf("%s: %#x at %d, %d, want %#x", what, got, x, y, want)
			}
		}
		fill(9)
		b.must(dst.BltFast(2, 3, src, nil, 0))
		at("copied", 2, 3, 1)
		at("copied", 5, 6, 0x34)
		at("beside", 6, 6, 9)
		b.must(dst.Blt(nil, src, nil, 0, nil))
		at("stretched", 7, 7, 0x34)
		at("stretched", 2, 0, 0x11)
		b.is("no key", dst.BltFast(0, 0, src, nil, ddraw.SrcColorKey), ddraw.ErrColorKeyNotSet)
		b.must(src.SetColorKey(ddraw.SrcBlt, &ddraw.ColorKey{Low: 1, High: 99}))
		if k, err := src.ColorKey(ddraw.SrcBlt); err != nil || k != (ddraw.ColorKey{Low: 1, High: 1}) {
			b.Errorf("%+v, %v", k, err)
		}
		fill(9)
		b.must(dst.BltFast(0, 0, src, nil, ddraw.SrcColorKey))
		at("by its key", 0, 0, 9)
		at("by its key", 1, 0, 0x11)
		fill(9)
		b.must(dst.Blt(&ddraw.Rect{X1: 4, Y1: 4}, src, nil, ddraw.KeySrcOverride, &ddraw.BltFX{SrcKey: ddraw.ColorKey{Low: 0x11, High: 0x11}}))
		at("another key", 0, 0, 1)
		at("another key", 1, 0, 9)
		fill(9)
		b.must(dst.BltFast(0, 0, src, nil, ddraw.SrcColorKey)) // its own again
		at("its own key again", 0, 0, 9)
		at("its own key again", 1, 0, 0x11)
		b.must(src.SetColorKey(ddraw.SrcBlt, nil))
		_, err := src.ColorKey(ddraw.SrcBlt)
		b.is("a key that was taken away", err, ddraw.ErrNoColorKey)
		b.must(dst.Blt(&ddraw.Rect{X1: 4, Y1: 4}, src, nil, ddraw.DDFX, &ddraw.BltFX{FX: ddraw.MirrorLeftRight}))
		at("mirrored", 0, 0, 0x31)
		b.must(dst.Blt(&ddraw.Rect{X1: 4, Y1: 4}, src, nil, ddraw.DDFX, &ddraw.BltFX{FX: ddraw.Rotate90}))
		at("turned", 0, 0, 4)
		b.must(dst.Blt(nil, nil, nil, ddraw.BltROP, &ddraw.BltFX{ROP: 0x00FF0062})) // WHITENESS
		at("white", 3, 3, 0xffffffff)
		b.must(dst.Blt(&ddraw.Rect{X1: 4, Y1: 4}, src, nil, ddraw.BltROP, &ddraw.BltFX{ROP: 0x008800C6})) // SRCAND
		at("and", 1, 1, 0x12)
		for what, c := range map[string]struct {
			err  error
			want *ddraw.Error
		}{
			"outside":         {dst.BltFast(5, 5, src, nil, 0), ddraw.ErrInvalidRect},
			"far outside":     {dst.BltFast(-1<<31, 1<<31-1, src, nil, 0), ddraw.ErrInvalidRect},
			"a bad source":    {dst.Blt(nil, src, &ddraw.Rect{X0: 1, X1: 5, Y1: 4}, 0, nil), ddraw.ErrInvalidRect},
			"an empty source": {dst.Blt(nil, src, &ddraw.Rect{}, 0, nil), ddraw.ErrInvalidRect},
			"no source":       {dst.Blt(nil, nil, nil, 0, nil), ddraw.ErrInvalidParams},
			"a fill's source": {dst.Blt(nil, src, nil, ddraw.ColorFill, nil), ddraw.ErrInvalidParams},
			"unknown flags":   {dst.Blt(nil, src, nil, 1, nil), ddraw.ErrInvalidParams},
			"two turns":       {dst.Blt(nil, src, nil, ddraw.DDFX, &ddraw.BltFX{FX: ddraw.Rotate90 | ddraw.Rotate180}), ddraw.ErrInvalidParams},
		} {
			b.is(what, c.err, c.want)
		}
		other, err := ddraw.Create(background0, b.card)
		b.must(err)
		theirs, err := other.CreateSurface(background0, ddraw.SurfaceDesc{Caps: ddraw.OffscreenPlain, Width: 4, Height: 4})
		b.must(err)
		b.is("a surface of another device", dst.BltFast(0, 0, theirs, nil, 0), ddraw.ErrDeviceDoesntOwnSurface)
		b.must(other.Close())
	})
}

func TestClipper(t *testing.T) {
	each(t, func(b *bench) {
		s := b.plain(16, 16)
		c := b.dd.CreateClipper()
		_, err := c.ClipList()
		b.is("no list", err, ddraw.ErrNoClipList)
		b.is("a bad list", c.SetClipList([]ddraw.Rect{{X0: 4, X1: 4, Y1: 9}}), ddraw.ErrInvalidClipList)
		b.must(c.SetClipList([]ddraw.Rect{{X0: 2, Y0: 2, X1: 6, Y1: 6}}))
		b.must(s.SetClipper(c))
		b.must(s.Blt(&ddraw.Rect{X0: -100, Y0: -100, X1: 100, Y1: 100}, nil, nil, ddraw.ColorFill, &ddraw.BltFX{FillColor: 5}))
		if b.get(s, 1, 1) != 0 || b.get(s, 2, 2) != 5 || b.get(s, 6, 5) != 0 {
			b.Error("the clip list does not hold")
		}
		b.is("BltFast", s.BltFast(0, 0, b.plain(2, 2), nil, 0), ddraw.ErrBltFastCantClip)
		b.must(c.SetClipList([]ddraw.Rect{{X0: 8, Y0: 8, X1: 9, Y1: 9}, {X0: 8, Y0: 8, X1: 10, Y1: 10}}))
		b.must(s.Blt(nil, nil, nil, ddraw.ColorFill, &ddraw.BltFX{FillColor: 6}))
		if b.get(s, 2, 2) != 5 || b.get(s, 8, 8) != 6 || b.get(s, 9, 9) != 6 {
			b.Error("the new clip list does not hold")
		}
		b.must(s.SetClipper(nil))
		_, err = s.Clipper()
		b.is("no clipper", err, ddraw.ErrNoClipperAttached)
		b.must(s.Blt(nil, nil, nil, ddraw.ColorFill, &ddraw.BltFX{FillColor: 7}))
		if b.get(s, 0, 0) != 7 {
			b.Error("a clip list without a clipper")
		}
	})
}

func TestPalettes(t *testing.T) {
	each(t, func(b *bench) {
		b.must(b.dd.SetDisplayMode(background0, width, height, 8))
		p := b.create(ddraw.SurfaceDesc{Caps: ddraw.PrimarySurface})
		_, err := p.Palette()
		b.is("no palette", err, ddraw.ErrNoPaletteAttached)
		pal, err := b.dd.CreatePalette(background0, []uint32{0x111111, 0x222222})
		b.must(err)
		b.must(p.SetPalette(background0, pal))
		b.sees(0, 0, 0x111111)
		b.must(p.Blt(nil, nil, nil, ddraw.ColorFill, &ddraw.BltFX{FillColor: 1}))
		b.sees(0, 0, 0x222222)
		b.must(pal.SetEntries(1, []uint32{0x334455})) // no drawing
		b.sees(0, 0, 0x334455)
		var two [2]uint32
		if err := pal.Entries(0, two[:]); err != nil || two != [2]uint32{0x111111, 0x334455} {
			b.Errorf("%x, %v", two, err)
		}
		b.is("behind the end", pal.SetEntries(255, two[:]), ddraw.ErrInvalidParams)
		pal.Release()
		b.sees(0, 0, 0x334455)
		b.is("a released palette", pal.SetEntries(0, two[:]), ddraw.ErrNotInitialized)
		x := b.create(ddraw.SurfaceDesc{Caps: ddraw.OffscreenPlain, Width: 4, Height: 4, PixelFormat: ddraw.RGB565})
		b.is("what has no palette", x.SetPalette(background0, nil), ddraw.ErrNotPalettized)
	})
}

func TestDescriptions(t *testing.T) {
	b := newBench(t, (*inside.Card).Option)
	for what, c := range map[string]struct {
		desc ddraw.SurfaceDesc
		want *ddraw.Error
	}{
		"nothing":            {ddraw.SurfaceDesc{}, ddraw.ErrInvalidCaps},
		"an overlay":         {ddraw.SurfaceDesc{Caps: ddraw.Overlay, Width: 4, Height: 4}, ddraw.ErrNoOverlayHW},
		"unknown caps":       {ddraw.SurfaceDesc{Caps: ddraw.OffscreenPlain | 1, Width: 4, Height: 4}, ddraw.ErrInvalidCaps},
		"no size":            {ddraw.SurfaceDesc{Caps: ddraw.OffscreenPlain}, ddraw.ErrInvalidParams},
		"a sized primary":    {ddraw.SurfaceDesc{Caps: ddraw.PrimarySurface, Width: 4, Height: 4}, ddraw.ErrInvalidParams},
		"lonely back buffer": {ddraw.SurfaceDesc{Caps: ddraw.PrimarySurface, BackBufferCount: 1}, ddraw.ErrInvalidCaps},
		"too wide":           {ddraw.SurfaceDesc{Caps: ddraw.OffscreenPlain, Width: 1 << 20, Height: 4}, ddraw.ErrTooBigWidth},
		"too high":           {ddraw.SurfaceDesc{Caps: ddraw.OffscreenPlain, Width: 4, Height: 1 << 20}, ddraw.ErrTooBigHeight},
		"too much":           {ddraw.SurfaceDesc{Caps: ddraw.OffscreenPlain, Width: 16384, Height: 16384}, ddraw.ErrOutOfVideoMemory},
		"strange pixels":     {ddraw.SurfaceDesc{Caps: ddraw.OffscreenPlain, Width: 4, Height: 4, PixelFormat: ddraw.PixelFormat{Flags: ddraw.RGB, BitCount: 12}}, ddraw.ErrInvalidPixelFormat},
		"odd texture":        {ddraw.SurfaceDesc{Caps: ddraw.Texture, Width: 5, Height: 4}, ddraw.ErrInvalidParams},
	} {
		s, err := b.dd.CreateSurface(background0, c.desc)
		if b.is(what, err, c.want); err == nil {
			s.Release()
		}
	}
	m := b.create(ddraw.SurfaceDesc{Caps: ddraw.Texture | ddraw.MipMap | ddraw.Complex, Width: 16, Height: 4, PixelFormat: ddraw.ARGB8888})
	n := 1
	for s := m; ; n++ {
		next, err := s.AttachedSurface(ddraw.MipMap)
		if errors.Is(err, ddraw.ErrNotFound) {
			break
		}
		b.must(err)
		s = next
	}
	if n != 5 || m.Desc().MipMapCount != 5 {
		t.Errorf("%d levels", n)
	}
	z := b.create(ddraw.SurfaceDesc{Caps: ddraw.ZBuffer, Width: 16, Height: 16, PixelFormat: ddraw.Depth16})
	b.must(z.Blt(nil, nil, nil, ddraw.DepthFill, &ddraw.BltFX{FillColor: 0xffff}))
	if z.PixelFormat() != ddraw.Depth16 {
		t.Errorf("%+v", z.PixelFormat())
	}
	h, err := b.dd.Caps(background0)
	if err != nil || h.VideoFree >= h.VideoTotal || h.Caps == 0 || !h.SharedLocks {
		t.Errorf("%+v, %v", h, err)
	}
	modes := 0
	var last ddraw.Mode
	b.must(b.dd.EnumDisplayModes(background0, func(m ddraw.Mode) bool {
		if m.Width < last.Width {
			t.Errorf("%+v after %+v", m, last)
		}
		last = m
		modes++
		return true
	}))
	if modes < 30 || last.Width != 1600 {
		t.Errorf("%d modes up to %+v", modes, last)
	}
	b.must(b.dd.EnumDisplayModes(background0, func(ddraw.Mode) bool { modes = -1; return false }))
	if modes != -1 {
		t.Error("no modes")
	}
	for _, bad := range [][3]uint32{{0, 480, 16}, {640, 480, 12}, {1 << 20, 480, 16}} {
		b.is("a bad mode", b.dd.SetDisplayMode(background0, bad[0], bad[1], bad[2]), ddraw.ErrInvalidMode)
	}
}

func TestAttached(t *testing.T) {
	b := newBench(t, (*inside.Card).Option)
	x := b.create(ddraw.SurfaceDesc{Caps: ddraw.OffscreenPlain | ddraw.Device3D, Width: 16, Height: 16})
	z := b.create(ddraw.SurfaceDesc{Caps: ddraw.ZBuffer, Width: 16, Height: 16, PixelFormat: ddraw.Depth24})
	small := b.create(ddraw.SurfaceDesc{Caps: ddraw.ZBuffer, Width: 8, Height: 16, PixelFormat: ddraw.Depth24})
	_, err := x.AttachedSurface(ddraw.ZBuffer)
	b.is("none yet", err, ddraw.ErrNotFound)
	b.is("no depth buffer", x.AddAttachedSurface(x), ddraw.ErrCannotAttachSurface)
	b.is("another size", x.AddAttachedSurface(small), ddraw.ErrCannotAttachSurface)
	b.is("to a depth buffer", z.AddAttachedSurface(z), ddraw.ErrCannotAttachSurface)
	b.must(x.AddAttachedSurface(z))
	b.is("a second one", x.AddAttachedSurface(z), ddraw.ErrSurfaceAlreadyAttached)
	if got, err := x.AttachedSurface(ddraw.ZBuffer); got != z || err != nil {
		t.Error(got, err)
	}
	n := 0
	x.EnumAttachedSurfaces(func(a *ddraw.Surface) bool { n++; return a == z })
	b.dd.EnumSurfaces(func(*ddraw.Surface) bool { n += 10; return true })
	if n != 31 {
		t.Errorf("%d", n)
	}
	b.is("another one", x.DeleteAttachedSurface(small), ddraw.ErrSurfaceNotAttached)
	b.must(x.DeleteAttachedSurface(nil))
	b.is("again", x.DeleteAttachedSurface(z), ddraw.ErrSurfaceNotAttached)
}

func TestBlanks(t *testing.T) {
	b := newBench(t, (*inside.Card).Option)
	if _, err := b.scr.WaitBlank(background0); err != nil {
		t.Fatal(err)
	}
	in, err := b.dd.VerticalBlankStatus()
	if err != nil || !in {
		t.Errorf("at the blank: %v, %v", in, err)
	}
	_, err = b.dd.ScanLine()
	b.is("the line at the blank", err, ddraw.ErrVerticalBlankInProgress)
	b.must(b.in.Run(10_000_000)) // of 16.7 ms
	line, err := b.dd.ScanLine()
	if err != nil || line < 250 || line > 300 {
		t.Errorf("line %d, %v", line, err)
	}
	b.must(b.dd.WaitForVerticalBlank(background0, ddraw.BlockBegin))
	if in, err := b.dd.VerticalBlankStatus(); err != nil || !in {
		t.Errorf("after waiting for the blank: %v, %v", in, err)
	}
	b.is("another event", b.dd.WaitForVerticalBlank(background0, 2), ddraw.ErrInvalidParams)
}

// Surfaces are lost with their card and come back on another one.
func TestLostSurfaces(t *testing.T) {
	b := newBench(t, (*inside.Card).Option)
	b.must(b.dd.SetDisplayMode(background0, width, height, 8))
	pal, err := b.dd.CreatePalette(background0, []uint32{0, 0xabcdef})
	b.must(err)
	p := b.create(ddraw.SurfaceDesc{Caps: ddraw.PrimarySurface | ddraw.FlipCap | ddraw.Complex, BackBufferCount: 1})
	b.must(p.SetPalette(background0, pal))
	back, err := p.AttachedSurface(ddraw.BackBuffer)
	b.must(err)
	b.must(back.SetColorKey(ddraw.SrcBlt, &ddraw.ColorKey{Low: 3}))
	l, err := p.Lock(background0, nil, 0)
	b.must(err)
	b.must(p.IsLost())

	second, err := hostdriver.Open(background0, "", b.in.Option())
	b.must(err)
	b.mem.Release()
	b.view.Release()
	b.scr.Release()
	b.must(b.card.Close())
	l.Bits[len(l.Bits)-1] = 1 // it is still there
	b.is("unlocking what is lost", p.Unlock(), ddraw.ErrSurfaceLost)
	b.is("drawing", p.Blt(nil, nil, nil, ddraw.ColorFill, nil), ddraw.ErrSurfaceLost)
	b.is("flipping", p.Flip(background0, 0), ddraw.ErrSurfaceLost)
	_, err = back.Lock(background0, nil, 0)
	b.is("locking", err, ddraw.ErrSurfaceLost)
	b.is("restoring without a card", p.Restore(background0), ddraw.ErrSurfaceLost)
	b.is("the state", b.dd.TestCooperativeLevel(), ddraw.ErrSurfaceLost)
	b.must(pal.SetEntries(2, []uint32{0x123456})) // remembered

	b.must(b.dd.Reconnect(background0, second))
	b.card = second
	b.must(b.dd.TestCooperativeLevel())
	b.is("a surface that nobody has restored", p.IsLost(), ddraw.ErrSurfaceLost)
	b.is("restoring a part", back.Restore(background0), ddraw.ErrImplicitlyCreated)
	b.must(b.dd.RestoreAllSurfaces(background0))
	b.must(p.Restore(background0)) // again is no harm
	b.scr, err = hostdriver.Bind(background0, second, "/screen", graphics.ScreenType)
	b.must(err)
	b.view, err = b.scr.Watch(background0)
	b.must(err)
	b.mem, err = b.view.Memory(background0)
	b.must(err)
	b.must(p.Blt(nil, nil, nil, ddraw.ColorFill, &ddraw.BltFX{FillColor: 1}))
	b.sees(5, 5, 0xabcdef)
	b.must(back.Blt(nil, nil, nil, ddraw.ColorFill, &ddraw.BltFX{FillColor: 2}))
	b.must(p.Flip(background0, 0))
	b.sees(5, 5, 0x123456)
	x := b.create(ddraw.SurfaceDesc{Caps: ddraw.OffscreenPlain, Width: 8, Height: 8})
	b.must(x.BltFast(0, 0, back, &ddraw.Rect{X1: 8, Y1: 8}, ddraw.SrcColorKey)) // the key is there, too
}

func TestBlitsAllocateNothing(t *testing.T) {
	b := newBench(t, (*inside.Card).Option)
	src, dst := b.plain(8, 8), b.plain(64, 64)
	b.must(src.SetColorKey(ddraw.SrcBlt, &ddraw.ColorKey{}))
	to, fx := &ddraw.Rect{X1: 20, Y1: 20}, &ddraw.BltFX{FillColor: 5, FX: ddraw.MirrorLeftRight}
	for what, draw := range map[string]func() error{
		"BltFast": func() error { return dst.BltFast(3, 4, src, nil, ddraw.SrcColorKey) },
		"stretch": func() error { return dst.Blt(to, src, nil, ddraw.DDFX|ddraw.KeySrc, fx) },
		"fill":    func() error { return dst.Blt(to, nil, nil, ddraw.ColorFill, fx) },
	} {
		if n := testing.AllocsPerRun(500, func() { b.must(draw()) }); n != 0 {
			t.Errorf("%s: %g allocations", what, n)
		}
	}
}
