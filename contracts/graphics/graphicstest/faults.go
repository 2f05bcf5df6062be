package graphicstest

import (
	"strings"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
)

func (s *suite) options() {
	d := s.device("options")
	for _, o := range []graphics.SurfaceOptions{
		{}, {Width: 8}, {Height: 8}, {Width: 1 << 20, Height: 8}, {Width: 8, Height: 1 << 31},
		{Width: 8, Height: 8, Format: 200}, {Width: 8, Height: 8, Caps: 1 << 20}, {Width: 8, Height: 8, BackBuffers: 4},
		{Width: 8, Height: 8, Format: graphics.Depth16}, {Width: 8, Height: 8, Caps: graphics.CapDepth, Format: graphics.RGB565},
		{Width: 8, Height: 8, Caps: graphics.CapDepth | graphics.CapTarget, Format: graphics.Depth16},
		{Width: 8, Height: 8, Format: graphics.DXT1}, {Width: 8, Height: 8, Format: graphics.DXT1, Caps: graphics.CapTexture | graphics.CapTarget},
		{Width: 12, Height: 8, Caps: graphics.CapTexture}, {Width: 8, Height: 8, Levels: 2},
		{Width: 8, Height: 8, Levels: 5, Caps: graphics.CapTexture}, {Width: 8, Height: 8, Levels: 1 << 31, Caps: graphics.CapTexture},
		{Width: 8, Height: 8, BackBuffers: 1, Caps: graphics.CapTexture}, {Width: 8, Height: 8, Caps: graphics.CapTexture | graphics.CapPrimary},
		{Width: 4096, Height: 4096, Caps: graphics.CapTexture},
	} {
		x, err := d.CreateSurface(background, o)
		if s.code("bad options", err, com.ErrInvalid); err == nil {
			s.Errorf("%+v were taken", o)
			x.Release()
		}
	}
	for _, o := range []graphics.SurfaceOptions{
		{Width: 1, Height: 1}, {Width: 8, Height: 8, BackBuffers: 3}, {Width: 8, Height: 8, Caps: graphics.CapDepth, Format: graphics.Depth24},
		{Width: 8, Height: 8, Levels: 4, Caps: graphics.CapTexture}, {Width: 8, Height: 8, Caps: graphics.CapTexture | graphics.CapTarget},
		{Width: 2, Height: 2, Format: graphics.DXT5, Caps: graphics.CapTexture}, {Width: 77, Height: 5, Format: graphics.Indexed8, Caps: graphics.CapTarget},
	} {
		s.surface(d, o)
	}
	i, err := d.Info(background)
	s.must(err)
	if i.Surfaces != 1+4+1+4+1+1+1 || i.Memory == 0 {
		s.Errorf("%+v", i)
	}
	for len(s.held) > 1 {
		s.drop(s.held[len(s.held)-1])
	}
	if i, err = d.Info(background); err != nil || i.Surfaces != 0 || i.Memory != 0 {
		s.Errorf("after all releases: %+v, %v", i, err)
	}
	_, err = s.Graphics.Open(background, graphics.DeviceOptions{Name: strings.Repeat("x", 257)})
	s.code("a long name", err, com.ErrInvalid)
	p, err := d.CreatePalette(background, make([]uint32, 257))
	if s.code("a large palette", err, com.ErrInvalid); err == nil {
		p.Release()
	}
}

func (s *suite) badLocks() {
	d := s.device("locks")
	x := s.surface(d, graphics.SurfaceOptions{Width: 16, Height: 16})
	for _, r := range []graphics.Rect{{X1: 17, Y1: 1}, {X0: -1, X1: 1, Y1: 1}, {X0: 5, X1: 5, Y1: 1}, {X0: 5, X1: 4, Y1: 1}, {X1: 1<<31 - 1, Y1: 1<<31 - 1}, {X0: -1 << 31, X1: 1, Y1: 1}} {
		_, err := x.Lock(background, r, false)
		s.code("a bad lock", err, com.ErrInvalid)
	}
	s.code("an unlock without a lock", s.result(x.Unlock(graphics.Rect{})), com.ErrInvalid)
	_, err := x.Lock(background, graphics.Rect{}, false)
	s.must(err)
	_, err = x.Lock(background, graphics.Rect{}, true)
	s.code("a second lock", err, com.ErrBusy)
	s.code("an unlock of too much", s.result(x.Unlock(graphics.Rect{X1: 17, Y1: 16})), com.ErrInvalid)
	s.code("a key upside down", s.result(x.SetColorKey(false, true, 5, 4)), com.ErrInvalid)
	// A lock that is held for ever is in nobody's way.
	_, err = x.Lock(background, graphics.Rect{}, false)
	s.must(err)
	s.fill(d, x, graphics.Rect{}, 3)
	s.drop(x)
	i, err := d.Info(background)
	if s.must(err); i.Surfaces != 0 {
		s.Errorf("a locked surface that was released is still there: %+v", i)
	}
}

func (s *suite) release() {
	e := s.look()
	d, err := s.Graphics.Open(background, graphics.DeviceOptions{})
	s.must(err)
	s.w, s.h = e.w, 0
	p, err := d.CreateSurface(background, graphics.SurfaceOptions{Caps: graphics.CapPrimary, BackBuffers: 1})
	keep(s, p, err)
	b, err := p.Attached(background, 1)
	keep(s, b, err)
	pal, err := d.CreatePalette(background, nil)
	keep(s, pal, err)
	s.fill(d, p, graphics.Rect{}, red)
	e.sees(9, 9, red)
	m, err := p.Memory(background)
	keep(s, m, err)
	d.Release()
	e.sees(9, 9, 0)
	_, err = p.Info(background)
	s.code("a surface of a released device", err, com.ErrClosed)
	_, err = b.Lock(background, graphics.Rect{}, true)
	s.code("a back buffer of a released device", err, com.ErrClosed)
	s.code("a flip of a released device", p.Flip(background, 1), com.ErrClosed)
	_, err = pal.Entries(background)
	s.code("a palette of a released device", err, com.ErrClosed)
	s.code("an unlock of a released device", s.result(p.Unlock(graphics.Rect{})), com.ErrClosed)
	s.must(m.Put(0, []byte{1, 2, 3, 4})) // memory that is held stays
}

func (s *suite) foreign() {
	a, b := s.device("a"), s.device("b")
	pal, err := a.CreatePalette(background, nil)
	keep(s, pal, err)
	x := s.surface(b, graphics.SurfaceOptions{Width: 8, Height: 8, Format: graphics.Indexed8})
	s.code("a palette of another device", x.SetPalette(background, pal), com.ErrInvalid)
}

func (s *suite) quotas() {
	d := s.device("quotas")
	i, err := s.Graphics.Info(background)
	s.must(err)
	var all []graphics.Surface
	for range 4096 {
		var x graphics.Surface
		if x, err = d.CreateSurface(background, graphics.SurfaceOptions{Width: 1024, Height: 1024}); err != nil {
			break
		}
		all = append(all, x)
	}
	if c := com.CodeOf(err); c != com.ErrQuota && c != com.ErrNoMemory {
		s.Errorf("%d surfaces of 4 MiB each, and then %v", len(all), err)
	}
	full, err := s.Graphics.Info(background)
	s.must(err)
	if full.Free > i.Free {
		s.Errorf("%d bytes were free, and %d are", i.Free, full.Free)
	}
	for _, x := range all {
		x.Release()
	}
	empty, err := s.Graphics.Info(background)
	s.must(err)
	if empty.Free != i.Free {
		s.Errorf("%d bytes were free, and %d are now that all is released", i.Free, empty.Free)
	}
	s.surface(d, graphics.SurfaceOptions{Width: 1024, Height: 1024})
	_, err = d.CreateSurface(background, graphics.SurfaceOptions{Width: 16384, Height: 16384, BackBuffers: 3, Format: graphics.ARGB8888})
	s.code("four gigabytes", err, com.ErrQuota)
}
