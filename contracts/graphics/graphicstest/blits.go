package graphicstest

import (
	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
)

// blits tries each kind of blit on one pixel row; what blits make of pixels is tested
// where they are made.
func (s *suite) blits() {
	d := s.device("blits")
	src := s.surface(d, graphics.SurfaceOptions{Width: 4, Height: 4})
	dst := s.surface(d, graphics.SurfaceOptions{Width: 4, Height: 4})
	a, b := number(s, dst), number(s, src)
	s.write(src, graphics.Rect{}, func(x, y int) uint32 { return uint32(0x10*(x+1) + y + 1) })
	s.sent(src.SetColorKey(false, true, 0x21, 0x21))
	s.sent(dst.SetColorKey(true, true, 0x101, 0x101))
	const back = 0x101
	for _, c := range []struct {
		name  string
		flags graphics.BlitFlags
		rop   uint8
		alpha uint8
		want  [4]uint32
	}{
		{"copy", 0, 0, 0, [4]uint32{0x11, 0x21, 0x31, 0x41}},
		{"source key", graphics.BlitKeySource, 0, 0, [4]uint32{0x11, back, 0x31, 0x41}},
		{"destination key", graphics.BlitKeyDest, 0, 0, [4]uint32{0x11, 0x21, 0x31, 0x41}},
		{"mirror", graphics.BlitMirrorX, 0, 0, [4]uint32{0x41, 0x31, 0x21, 0x11}},
		{"upside down", graphics.BlitMirrorY, 0, 0, [4]uint32{0x14, 0x24, 0x34, 0x44}},
		{"half turn", graphics.BlitRotate180, 0, 0, [4]uint32{0x44, 0x34, 0x24, 0x14}},
		{"quarter turn", graphics.BlitRotate90, 0, 0, [4]uint32{0x14, 0x13, 0x12, 0x11}},
		{"three quarters", graphics.BlitRotate90 | graphics.BlitRotate180, 0, 0, [4]uint32{0x41, 0x42, 0x43, 0x44}},
		{"exclusive or", graphics.BlitROP, 0x66, 0, [4]uint32{0x11 ^ back, 0x21 ^ back, 0x31 ^ back, 0x41 ^ back}},
		{"black", graphics.BlitROP, 0, 0, [4]uint32{}},
		{"nothing of it", graphics.BlitAlpha, 0, 0, [4]uint32{back, back, back, back}},
		{"all of it", graphics.BlitAlpha, 0, 255, [4]uint32{0x11, 0x21, 0x31, 0x41}},
	} {
		s.fill(d, dst, graphics.Rect{}, back)
		s.sent(d.Blit(graphics.Blit{Dst: a, Src: b, Flags: c.flags | graphics.BlitWhole, ROP: c.rop, Alpha: c.alpha}))
		for x, want := range c.want {
			if got := s.pixel(dst, x, 0) & 0xffffff; got != want {
				s.Errorf("%s: %#x in column %d, want %#x", c.name, got, x, want)
			}
		}
	}
	// A key of the destination that is not there.
	s.fill(d, dst, graphics.Rect{}, 5)
	s.sent(d.Blit(graphics.Blit{Dst: a, Src: b, Flags: graphics.BlitKeyDest | graphics.BlitWhole}))
	if got := s.pixel(dst, 0, 0); got != 5 {
		s.Errorf("%#x where the destination has not its key", got)
	}
	// Scrolling within one surface, and stretching it over itself.
	s.sent(d.Blit(graphics.Blit{Dst: b, Src: b, DstRect: graphics.Rect{X0: 1, X1: 4, Y1: 4}, SrcRect: graphics.Rect{X1: 3, Y1: 4}}))
	for x, want := range [4]uint32{0x11, 0x11, 0x21, 0x31} {
		if got := s.pixel(src, x, 0); got != want {
			s.Errorf("scrolled: %#x in column %d, want %#x", got, x, want)
		}
	}
	s.sent(d.Blit(graphics.Blit{Dst: b, Src: b, DstRect: graphics.Rect{X1: 4, Y1: 4}, SrcRect: graphics.Rect{X0: 1, X1: 3, Y1: 2}}))
	for x, want := range [4]uint32{0x11, 0x11, 0x21, 0x21} {
		if got := s.pixel(src, x, 1); got != want {
			s.Errorf("stretched over itself: %#x in column %d, want %#x", got, x, want)
		}
	}
	i, err := d.Info(background)
	s.must(err)
	if i.Blits < 20 || i.Pixels < 300 {
		s.Errorf("%+v", i)
	}
}

func (s *suite) clip() {
	d := s.device("clip")
	x := s.surface(d, graphics.SurfaceOptions{Width: 16, Height: 16})
	// Two that overlap, with an operation that would undo itself there.
	s.must(x.SetClip(background, []graphics.Rect{{X0: 2, Y0: 2, X1: 10, Y1: 10}, {X0: 6, Y0: 6, X1: 30, Y1: 14}}))
	s.sent(d.Blit(graphics.Blit{Dst: number(s, x), Flags: graphics.BlitROP | graphics.BlitWhole, ROP: 0x55}))
	for _, p := range []struct {
		x, y int
		in   bool
	}{{1, 1, false}, {2, 2, true}, {9, 2, true}, {10, 2, false}, {6, 6, true}, {9, 9, true}, {15, 6, true}, {2, 12, false}, {6, 13, true}, {6, 14, false}} {
		want := uint32(0)
		if p.in {
			want = 0xffffff
		}
		if got := s.pixel(x, p.x, p.y) & 0xffffff; got != want {
			s.Errorf("%#x at %d, %d", got, p.x, p.y)
		}
	}
	s.must(x.SetClip(background, []graphics.Rect{{X0: 20, Y0: 20, X1: 30, Y1: 30}})) // all of it outside
	s.fill(d, x, graphics.Rect{}, 7)
	if got := s.pixel(x, 3, 3) & 0xffffff; got != 0xffffff {
		s.Errorf("%#x was drawn outside of the clip list", got)
	}
	s.must(x.SetClip(background, nil))
	s.fill(d, x, graphics.Rect{}, 7)
	if got := s.pixel(x, 0, 15); got != 7 {
		s.Errorf("%#x without a clip list", got)
	}
	many := make([]graphics.Rect, 1025)
	s.code("too many clip rectangles", x.SetClip(background, many), com.ErrInvalid)
}

func (s *suite) badBlits() {
	d, e := s.device("bad"), s.device("other")
	src := s.surface(d, graphics.SurfaceOptions{Width: 8, Height: 8})
	dst := s.surface(d, graphics.SurfaceOptions{Width: 8, Height: 8})
	z := s.surface(d, graphics.SurfaceOptions{Caps: graphics.CapDepth, Width: 8, Height: 8, Format: graphics.Depth16})
	for range 3 {
		s.surface(e, graphics.SurfaceOptions{Width: 8, Height: 8})
	}
	theirs := s.surface(e, graphics.SurfaceOptions{Width: 8, Height: 8})
	a, b := number(s, dst), number(s, src)
	whole := graphics.Rect{X1: 8, Y1: 8}
	s.fill(d, dst, graphics.Rect{}, 0x77)
	for _, c := range []struct {
		name string
		blit graphics.Blit
		code com.Code
	}{
		{"no destination", graphics.Blit{Src: b, DstRect: whole, SrcRect: whole}, com.ErrInvalid},
		{"no source", graphics.Blit{Dst: a, DstRect: whole, SrcRect: whole}, com.ErrInvalid},
		{"an unknown source", graphics.Blit{Dst: a, Src: 1 << 30, DstRect: whole, SrcRect: whole}, com.ErrInvalid},
		{"a foreign source", graphics.Blit{Dst: a, Src: number(s, theirs), DstRect: whole, SrcRect: whole}, com.ErrInvalid},
		{"an empty destination", graphics.Blit{Dst: a, Src: b, SrcRect: whole}, com.ErrInvalid},
		{"an empty source", graphics.Blit{Dst: a, Src: b, DstRect: whole}, com.ErrInvalid},
		{"an inverted one", graphics.Blit{Dst: a, Src: b, DstRect: whole, SrcRect: graphics.Rect{X0: 8, X1: 0, Y0: 0, Y1: 8}}, com.ErrInvalid},
		{"a source outside", graphics.Blit{Dst: a, Src: b, DstRect: whole, SrcRect: graphics.Rect{X1: 9, Y1: 8}}, com.ErrInvalid},
		{"a source far outside", graphics.Blit{Dst: a, Src: b, DstRect: whole, SrcRect: graphics.Rect{X0: -1 << 31, X1: 1<<31 - 1, Y0: -1 << 31, Y1: 1<<31 - 1}}, com.ErrInvalid},
		{"a destination of all the world", graphics.Blit{Dst: a, Src: b, DstRect: graphics.Rect{X0: -1 << 31, X1: 1<<31 - 1, Y0: -1 << 31, Y1: 1<<31 - 1}, SrcRect: whole}, com.ErrInvalid},
		{"unknown flags", graphics.Blit{Dst: a, Src: b, DstRect: whole, SrcRect: whole, Flags: 1 << 31}, com.ErrInvalid},
		{"a key that is not set", graphics.Blit{Dst: a, Src: b, DstRect: whole, SrcRect: whole, Flags: graphics.BlitKeySource}, com.ErrInvalid},
		{"a fill that mirrors", graphics.Blit{Dst: a, DstRect: whole, Flags: graphics.BlitFill | graphics.BlitMirrorX}, com.ErrInvalid},
		{"an operation that blends", graphics.Blit{Dst: a, Src: b, DstRect: whole, SrcRect: whole, Flags: graphics.BlitROP | graphics.BlitAlpha, ROP: 0x66}, com.ErrInvalid},
		{"depth to colour", graphics.Blit{Dst: a, Src: number(s, z), DstRect: whole, SrcRect: whole}, com.ErrInvalid},
	} {
		s.code(c.name, s.result(d.Blit(c.blit)), c.code)
	}
	for x := range 8 {
		if got := s.pixel(dst, x, x); got != 0x77 {
			s.Errorf("a blit that was refused has left %#x", got)
		}
	}
	// What lies outside of the destination is left out, and nothing is wrong.
	s.sent(d.Blit(graphics.Blit{Dst: a, Src: b, DstRect: graphics.Rect{X0: -4, Y0: -4, X1: 4, Y1: 4}, SrcRect: whole}))
	s.sent(d.Blit(graphics.Blit{Dst: a, Src: b, DstRect: graphics.Rect{X0: 100, Y0: 100, X1: 108, Y1: 108}, SrcRect: whole}))
	if s.pixel(dst, 3, 3) != 0 || s.pixel(dst, 4, 4) != 0x77 {
		s.Error("a blit across the edge is in the wrong place")
	}
	// Depth is filled with what it is.
	s.fill(d, z, graphics.Rect{}, 0xabcd)
	if got := s.pixel(z, 4, 4); got != 0xabcd {
		s.Errorf("depth %#x", got)
	}
	// One that was released cannot be named.
	s.drop(src)
	s.code("a released source", s.result(d.Blit(graphics.Blit{Dst: a, Src: b, DstRect: whole, SrcRect: whole})), com.ErrInvalid)
}
