package device

import (
	"testing"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/hostdriver"
)

// A client that is killed while it holds the screen for itself, has surfaces locked, a
// flip on its way and somebody waiting for it leaves nothing behind.
func TestKilledClient(t *testing.T) {
	for name, grants := range map[string]int{"shared": 32 << 20, "apart": 0} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			card, kill := connect(r, grants)
			g, err := hostdriver.Bind(background, card, "/graphics", graphics.GraphicsType)
			must(t, err)
			d, err := g.Open(background, graphics.DeviceOptions{Name: "victim"})
			must(t, err)
			must(t, d.SetMode(background, graphics.Mode{Width: 64, Height: 64, Exclusive: true}))
			p, err := d.CreateSurface(background, graphics.SurfaceOptions{Caps: graphics.CapPrimary, BackBuffers: 2})
			must(t, err)
			x, err := d.CreateSurface(background, graphics.SurfaceOptions{Width: 256, Height: 256, Format: graphics.Indexed8})
			must(t, err)
			pal, err := d.CreatePalette(background, []uint32{1, 2, 3})
			must(t, err)
			must(t, x.SetPalette(background, pal))
			i, err := p.Info(background)
			must(t, err)
			must(t, d.Blit(graphics.Blit{Dst: i.Number, Flags: graphics.BlitFill | graphics.BlitWhole, Color: 0xff}))
			_, err = x.Lock(background, graphics.Rect{}, false)
			must(t, err)
			s, err := hostdriver.Bind(background, card, "/screen", graphics.ScreenType)
			must(t, err)
			_, err = s.Watch(background)
			must(t, err)
			must(t, p.Flip(background, 1))
			must(t, p.Flip(background, 60))
			for n := range 100 { // and more on its way than is ever read
				must(t, d.Blit(graphics.Blit{Dst: i.Number, Flags: graphics.BlitFill | graphics.BlitWhole, Color: uint32(n)}))
			}
			if u := r.h.Usage(); grants == 0 && u.Blocks == 0 {
				t.Error("nothing of the card's memory is used")
			}
			kill()
			must(t, r.p.RunFor(3*machine.Second))
			if err := p.Flip(background, 1); err == nil {
				t.Error("a flip after the end")
			}
			if st := r.f.Status(); st.Bytes != 0 || len(st.Devices) != 0 || st.Screen.Layers != 0 || st.Screen.Views != 0 || st.Screen.Exclusive != "" {
				t.Errorf("left behind: %+v", st)
			}
			if u := r.h.Usage(); u.Blocks != 0 {
				t.Errorf("%d spans of card memory are still held", u.Blocks)
			}
			pixels, _ := r.pixels.Memory()
			for at, b := range pixels {
				if b != 0 {
					t.Fatalf("byte %d of the screen is %#x", at, b)
				}
			}
		})
	}
}

// A device whose flip is waited for by one goroutine is released by another.
func TestReleaseUnderAFlip(t *testing.T) {
	r := newRig(t)
	var d graphics.Device
	var p graphics.Surface
	r.call(func() {
		var err error
		d, err = r.f.Open(background, graphics.DeviceOptions{})
		must(t, err)
		p, err = d.CreateSurface(background, graphics.SurfaceOptions{Caps: graphics.CapPrimary, BackBuffers: 1, Width: 8, Height: 8})
		must(t, err)
		must(t, p.Flip(background, 1))
		must(t, p.Flip(background, 60))
	})
	over := com.OK
	done := r.start(func() { over = com.CodeOf(p.Flip(background, 1)) })
	must(t, r.p.RunFor(100*machine.Millisecond))
	if done() {
		t.Fatal("it did not wait")
	}
	r.call(func() { d.Release() })
	must(t, r.p.RunFor(100*machine.Millisecond))
	if !done() || over != com.ErrClosed {
		t.Errorf("done %v, code %v", done(), over)
	}
	r.call(func() { p.Release() })
}
