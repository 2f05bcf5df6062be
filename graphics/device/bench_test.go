package device

import (
	"testing"

	"github.com/mmlite/mmlite/contracts/graphics"
)

// scene is a primary with back buffers and a sprite with a key.
type scene struct {
	d             *Device
	front, sprite *Surface
	clipped       *Surface
	held          []graphics.Surface
}

func newScene(t tester, r *rig) *scene {
	s := &scene{}
	d, err := r.f.Open(background, graphics.DeviceOptions{})
	must(t, err)
	s.d = d.(*Device)
	create := func(o graphics.SurfaceOptions) *Surface {
		x, err := d.CreateSurface(background, o)
		must(t, err)
		s.held = append(s.held, x)
		return x.(*Surface)
	}
	s.front = create(graphics.SurfaceOptions{Caps: graphics.CapPrimary, BackBuffers: 2})
	s.sprite = create(graphics.SurfaceOptions{Width: 32, Height: 32})
	s.clipped = create(graphics.SurfaceOptions{Width: 64, Height: 64, Format: graphics.RGB565})
	must(t, s.sprite.SetColorKey(false, true, 0, 0))
	must(t, s.clipped.SetClip(background, []graphics.Rect{{X0: 3, Y0: 3, X1: 20, Y1: 20}, {X0: 10, Y0: 10, X1: 40, Y1: 60}}))
	return s
}

func (s *scene) end() {
	for _, x := range s.held {
		x.Release()
	}
	s.d.Release()
}

// draws are what a frame of a game is made of.
func (s *scene) draws() []graphics.Blit {
	back, sprite, clipped := s.front.c.surfaces[1].number, s.sprite.number, s.clipped.number
	return []graphics.Blit{
		{Dst: back, Flags: graphics.BlitFill | graphics.BlitWhole, Color: 5},
		{Dst: back, Src: sprite, DstRect: graphics.Rect{X0: 10, Y0: 10, X1: 42, Y1: 42}, SrcRect: graphics.Rect{X1: 32, Y1: 32}, Flags: graphics.BlitKeySource},
		{Dst: back, Src: sprite, DstRect: graphics.Rect{X0: -5, Y0: 90, X1: 70, Y1: 190}, SrcRect: graphics.Rect{X1: 32, Y1: 32}, Flags: graphics.BlitBilinear},
		{Dst: clipped, Src: sprite, Flags: graphics.BlitWhole | graphics.BlitMirrorX},
		{Dst: clipped, Src: clipped, DstRect: graphics.Rect{X0: 1, X1: 40, Y1: 40}, SrcRect: graphics.Rect{X1: 39, Y1: 40}},
		{Dst: clipped, Src: clipped, DstRect: graphics.Rect{X0: 1, X1: 50, Y1: 60}, SrcRect: graphics.Rect{X1: 39, Y1: 40}},
		{Dst: s.front.number, Flags: graphics.BlitROP | graphics.BlitWhole, ROP: 0x55},
	}
}

func TestDrawingAllocatesNothing(t *testing.T) {
	r := newRig(t)
	r.call(func() {
		s := newScene(t, r)
		for i, b := range s.draws() {
			if n := testing.AllocsPerRun(20, func() {
				if err := s.d.Blit(b); err != nil {
					t.Fatal(err)
				}
			}); n != 0 {
				t.Errorf("blit %d: %g allocations", i, n)
			}
		}
		if n := testing.AllocsPerRun(20, func() {
			if _, err := s.sprite.Lock(nil, graphics.Rect{}, false); err != nil {
				t.Fatal(err)
			}
			if err := s.sprite.Unlock(graphics.Rect{X1: 4, Y1: 4}); err != nil {
				t.Fatal(err)
			}
			if err := s.front.Flip(nil, 0); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("lock, unlock and flip: %g allocations", n)
		}
		s.end()
	})
}

// BenchmarkSprite is a blit of 32 by 32 pixels with a key, as a call of its device.
func BenchmarkSprite(b *testing.B) {
	r := newRig(b)
	r.call(func() {
		s := newScene(b, r)
		defer s.end()
		draw := s.draws()[1]
		for b.Loop() {
			if err := s.d.Blit(draw); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// BenchmarkFlip is a flip without waiting.
func BenchmarkFlip(b *testing.B) {
	r := newRig(b)
	r.call(func() {
		s := newScene(b, r)
		defer s.end()
		for b.Loop() {
			if err := s.front.Flip(nil, 0); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
