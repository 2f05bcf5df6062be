package graphicstest

import (
	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
)

const (
	red   = 0xff0000
	green = 0x00ff00
	blue  = 0x0000ff
)

func (s *suite) info() {
	i, err := s.Graphics.Info(background)
	s.must(err)
	sc, err := s.Screen.Info(background)
	s.must(err)
	if i.Width != sc.Width || i.Height != sc.Height || i.Refresh != sc.Refresh || i.Memory == 0 || i.Free > i.Memory || i.MaxSize < 1024 {
		s.Errorf("%+v on a screen of %+v", i, sc)
	}
	if sc.Device == "" {
		s.Errorf("%+v", sc)
	}
	d := s.device("info")
	di, err := d.Info(background)
	s.must(err)
	if di.Name != "info" || di.Mode.Width != sc.Width || di.Mode.Height != sc.Height || di.Surfaces != 0 || di.Memory != 0 {
		s.Errorf("%+v", di)
	}
	n, err := s.Screen.WaitBlank(background)
	s.must(err)
	m, err := s.Screen.WaitBlank(background)
	s.must(err)
	if m <= n {
		s.Errorf("blank %d after blank %d", m, n)
	}
}

// primary draws on the front at once, as programs do that know no flips.
func (s *suite) primary() {
	e := s.look()
	d := s.device("primary")
	p := s.surface(d, graphics.SurfaceOptions{Caps: graphics.CapPrimary})
	i := s.describe(p)
	if int(i.Width) != s.w || int(i.Height) != s.h || i.Format != graphics.XRGB8888 || i.Chain != 1 || i.Number == 0 {
		s.Errorf("%+v", i)
	}
	s.fill(d, p, graphics.Rect{}, red)
	e.sees(0, 0, red)
	e.sees(s.w-1, s.h-1, red)
	s.fill(d, p, graphics.Rect{X0: 40, Y0: 50, X1: 60, Y1: 70}, green)
	e.sees(40, 50, green)
	e.sees(59, 69, green)
	e.sees(39, 50, red)
	e.sees(60, 69, red)
	l, err := s.Screen.Layers(background)
	s.must(err)
	if len(l) != 1 || l[0].Device != "primary" || !l[0].Primary || int(l[0].Width) != s.w {
		s.Errorf("layers: %+v", l)
	}
	_, err = d.CreateSurface(background, graphics.SurfaceOptions{Caps: graphics.CapPrimary})
	s.code("a second primary", err, com.ErrBusy)
	s.drop(p)
	e.sees(40, 50, 0)
	p = s.surface(d, graphics.SurfaceOptions{Caps: graphics.CapPrimary})
	if s.pixel(p, 50, 60) != 0 {
		s.Error("a new surface is not black")
	}
}

func (s *suite) lock() {
	e := s.look()
	d := s.device("lock")
	for _, f := range []graphics.Format{graphics.RGB565, graphics.XRGB1555, graphics.ARGB4444, graphics.XRGB8888, graphics.ARGB8888} {
		p := s.surface(d, graphics.SurfaceOptions{Caps: graphics.CapPrimary, Format: f})
		white := uint32(1)<<(8*size(f)) - 1
		if size(f) == 4 {
			white = 0xffffffff
		}
		s.write(p, graphics.Rect{X0: 30, Y0: 20, X1: 40, Y1: 22}, func(x, y int) uint32 {
			if x == 33 && y == 21 {
				return white
			}
			return 0
		})
		e.sees(33, 21, 0xffffff)
		e.sees(34, 21, 0)
		if got := s.pixel(p, 33, 21); got != white {
			s.Errorf("format %d: %#x in memory, want %#x", f, got, white)
		}
		s.drop(p)
		e.sees(33, 21, 0)
	}
}

func (s *suite) flip() {
	e := s.look()
	d := s.device("flip")
	p := s.surface(d, graphics.SurfaceOptions{Caps: graphics.CapPrimary, BackBuffers: 2})
	colors := []uint32{red, green, blue}
	chain := []graphics.Surface{p}
	for n := range uint32(2) {
		b, err := p.Attached(background, n+1)
		chain = append(chain, keep(s, b, err))
	}
	_, err := p.Attached(background, 3)
	s.code("a third back buffer", err, com.ErrNotFound)
	before := make([]graphics.SurfaceInfo, len(chain))
	for i, x := range chain {
		s.fill(d, x, graphics.Rect{}, colors[i])
		before[i] = s.describe(x)
	}
	e.sees(5, 5, red)
	for turn := range 6 {
		s.must(p.Flip(background, uint32(turn%3)))
		for i, x := range chain {
			now := s.describe(x)
			if now.Number != before[i].Number || now.Offset != before[(i+turn+1)%3].Offset {
				s.Errorf("turn %d: surface %d is %+v", turn, i, now)
			}
			if got := s.pixel(x, 9, 9); got != colors[(i+turn+1)%3] {
				s.Errorf("turn %d: surface %d holds %#x", turn, i, got)
			}
		}
		e.sees(5, 5, colors[(turn+1)%3])
	}
	if i := s.describe(p); i.Flips != 6 || i.Chain != 3 {
		s.Errorf("%+v", i)
	}
	s.code("a flip of a back buffer", chain[1].Flip(background, 0), com.ErrNotSupported)
	_, err = chain[2].Lock(background, graphics.Rect{}, true)
	s.must(err)
	s.code("a flip of a locked chain", p.Flip(background, 0), com.ErrBusy)
	s.sent(chain[2].Unlock(graphics.Rect{}))
	s.must(p.Flip(background, 0))
	single := s.surface(d, graphics.SurfaceOptions{Width: 8, Height: 8})
	s.code("a flip without back buffers", single.Flip(background, 0), com.ErrNotSupported)
}

// paces holds flips to the vertical blanks they are for.
func (s *suite) paces() {
	d := s.device("paces")
	p := s.surface(d, graphics.SurfaceOptions{Caps: graphics.CapPrimary, BackBuffers: 1, Width: 64, Height: 64})
	for _, interval := range []uint32{1, 2, 3} {
		s.must(p.Flip(background, interval)) // the first is as it may
		s.must(p.Flip(background, interval))
		from, err := s.Screen.Info(background)
		s.must(err)
		const flips = 10
		for range flips {
			s.must(p.Flip(background, interval))
		}
		to, err := s.Screen.Info(background)
		s.must(err)
		if n := to.Frame - from.Frame; n != uint64(flips*interval) {
			s.Errorf("%d flips of %d blanks took %d", flips, interval, n)
		}
	}
	from, err := s.Screen.Info(background)
	s.must(err)
	for range 10 {
		s.must(p.Flip(background, 0))
	}
	to, err := s.Screen.Info(background)
	s.must(err)
	if n := to.Frame - from.Frame; n > 1 {
		s.Errorf("10 flips without waiting took %d blanks", n)
	}
	s.code("a flip for ever", p.Flip(background, 1<<31), com.ErrInvalid)
}

func (s *suite) palette() {
	e := s.look()
	d := s.device("palette")
	p := s.surface(d, graphics.SurfaceOptions{Caps: graphics.CapPrimary, Format: graphics.Indexed8})
	s.fill(d, p, graphics.Rect{}, 7)
	e.sees(3, 3, 0x070707)
	colors := make([]uint32, 8)
	colors[7] = 0x123456
	pal, err := d.CreatePalette(background, colors)
	keep(s, pal, err)
	s.must(p.SetPalette(background, pal))
	e.sees(3, 3, 0x123456)
	s.sent(pal.SetEntries(7, []uint32{0xfedcba}))
	e.sees(3, 3, 0xfedcba)
	all, err := pal.Entries(background)
	s.must(err)
	if len(all) != 256 || all[7] != 0xfedcba || all[8] != 0 {
		s.Errorf("entries: %x", all)
	}
	s.code("entries behind the end", s.result(pal.SetEntries(255, []uint32{1, 2})), com.ErrInvalid)
	s.must(p.SetPalette(background, nil))
	e.sees(3, 3, 0x070707)
	x := s.surface(d, graphics.SurfaceOptions{Width: 8, Height: 8, Format: graphics.RGB565})
	s.code("a palette for what has none", x.SetPalette(background, pal), com.ErrInvalid)
	// A palette goes when nobody uses it any more, and not before.
	s.must(p.SetPalette(background, pal))
	s.drop(pal)
	e.sees(3, 3, 0xfedcba)
}

func (s *suite) mode() {
	e := s.look()
	d := s.device("mode")
	s.must(d.SetMode(background, graphics.Mode{Width: 64, Height: 48, Format: graphics.RGB565}))
	p := s.surface(d, graphics.SurfaceOptions{Caps: graphics.CapPrimary})
	if i := s.describe(p); i.Width != 64 || i.Height != 48 || i.Format != graphics.RGB565 {
		s.Errorf("%+v", i)
	}
	s.fill(d, p, graphics.Rect{}, 0xf800)
	s.fill(d, p, graphics.Rect{X0: 32, Y0: 24, X1: 64, Y1: 48}, 0x001f)
	e.sees(1, 1, red)
	e.sees(s.w-2, s.h-2, blue)
	e.sees(s.w-2, 1, red)
	for _, m := range []graphics.Mode{{Width: 1 << 20}, {Height: 1 << 20}, {Format: graphics.Depth16}, {Format: 99}} {
		s.code("a bad mode", d.SetMode(background, m), com.ErrInvalid)
	}
}

func (s *suite) exclusive() {
	e := s.look()
	a, b := s.device("a"), s.device("b")
	pa := s.surface(a, graphics.SurfaceOptions{Caps: graphics.CapPrimary})
	pb := s.surface(b, graphics.SurfaceOptions{Caps: graphics.CapPrimary})
	s.fill(a, pa, graphics.Rect{}, red)
	s.fill(b, pb, graphics.Rect{}, green)
	e.sees(8, 8, green) // the newer one is in front
	s.must(a.SetMode(background, graphics.Mode{Exclusive: true}))
	e.sees(8, 8, red)
	s.code("a second exclusive device", b.SetMode(background, graphics.Mode{Exclusive: true}), com.ErrBusy)
	s.must(a.SetMode(background, graphics.Mode{Exclusive: true})) // again is no harm
	s.must(a.SetMode(background, graphics.Mode{}))
	e.sees(8, 8, green)
	s.must(b.SetMode(background, graphics.Mode{Exclusive: true}))
	s.drop(pb)
	s.drop(b) // with the device the claim goes
	e.sees(8, 8, red)
	s.must(a.SetMode(background, graphics.Mode{Exclusive: true}))
}

func (s *suite) textures() {
	d := s.device("textures")
	t := s.surface(d, graphics.SurfaceOptions{Caps: graphics.CapTexture, Width: 16, Height: 4, Format: graphics.ARGB8888, Levels: 5})
	s.write(t, graphics.Rect{}, func(x, y int) uint32 { return uint32(x/2*16) << uint(y/2*8) })
	s.sent(t.MakeLevels())
	sizes := [][2]uint32{{16, 4}, {8, 2}, {4, 1}, {2, 1}, {1, 1}}
	for i, want := range sizes[1:] {
		l, err := t.Attached(background, uint32(i+1))
		keep(s, l, err)
		if got := s.describe(l); got.Width != want[0] || got.Height != want[1] || got.Chain != 5 {
			s.Errorf("level %d: %+v", i+1, got)
		}
		if i == 0 {
			for x := range 8 {
				for y := range 2 {
					if got, want := s.pixel(l, x, y), uint32(x*16)<<uint(y*8); got != want {
						s.Errorf("level 1 has %#x at %d, %d, want %#x", got, x, y, want)
					}
				}
			}
		}
	}
	c := s.surface(d, graphics.SurfaceOptions{Caps: graphics.CapTexture, Width: 16, Height: 8, Format: graphics.DXT1, Levels: 3})
	if i := s.describe(c); i.Pitch != 32 {
		s.Errorf("%+v", i)
	}
	lk, err := c.Lock(background, graphics.Rect{X0: 4, Y0: 4, X1: 12, Y1: 8}, false)
	s.must(err)
	if i := s.describe(c); lk.Offset != i.Offset+32+8 || lk.Length != 16 {
		s.Errorf("%+v in %+v", lk, i)
	}
	s.sent(c.Unlock(graphics.Rect{X0: 4, Y0: 4, X1: 12, Y1: 8}))
	_, err = c.Lock(background, graphics.Rect{X0: 2, Y0: 0, X1: 16, Y1: 8}, false)
	s.code("a lock through blocks", err, com.ErrInvalid)
	s.code("levels of compressed pixels", s.result(c.MakeLevels()), com.ErrNotSupported)
	s.code("a flip of a texture", t.Flip(background, 0), com.ErrNotSupported)
}

func (s *suite) views() {
	e, f := s.look(), s.look()
	d := s.device("views")
	p := s.surface(d, graphics.SurfaceOptions{Caps: graphics.CapPrimary})
	s.fill(d, p, graphics.Rect{X0: 5, Y0: 5, X1: 6, Y1: 6}, red)
	e.sees(5, 5, red)
	s.fill(d, p, graphics.Rect{X0: int32(s.w) - 1, Y0: int32(s.h) - 1, X1: int32(s.w), Y1: int32(s.h)}, green)
	e.sees(s.w-1, s.h-1, green)
	if n := len(e.rects); n != 1 || int(e.rects[0].X1) != s.w || int(e.rects[0].Y1) != s.h {
		s.Errorf("one pixel has changed: %+v, %+v", e.change, e.rects)
	}
	last := e.change.Frame
	f.next() // changes have added up
	if f.at(5, 5) != red || f.at(s.w-1, s.h-1) != green || f.change.Frame != last {
		s.Errorf("%#x, %#x after %+v", f.at(5, 5), f.at(s.w-1, s.h-1), f.change)
	}
}
