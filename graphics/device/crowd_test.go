package device

import (
	"testing"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread/wait"
	"github.com/mmlite/mmlite/graphics/display"
)

// A client of which as many threads wait as can does not keep others from waiting.
func TestCrowd(t *testing.T) {
	r := newRig(t)
	crowd := r.screen.View(display.Limits{})
	var greedy graphics.Device
	var chain graphics.Surface
	r.call(func() {
		var err error
		greedy, err = r.f.Open(background, graphics.DeviceOptions{})
		must(t, err)
		chain, err = greedy.CreateSurface(background, graphics.SurfaceOptions{Caps: graphics.CapPrimary, BackBuffers: 1, Width: 8, Height: 8})
		must(t, err)
		must(t, chain.Flip(background, 1))
		must(t, chain.Flip(background, 60))
	})
	busy := 0
	for range wait.Room + 5 {
		r.start(func() {
			if _, err := crowd.WaitBlank(background); com.CodeOf(err) == com.ErrBusy {
				busy++
			}
		})
		r.start(func() {
			if err := chain.Flip(background, 1); com.CodeOf(err) == com.ErrBusy {
				busy++
			}
		})
	}
	r.call(func() {
		d, err := r.f.Open(background, graphics.DeviceOptions{})
		must(t, err)
		p, err := d.CreateSurface(background, graphics.SurfaceOptions{Caps: graphics.CapPrimary, BackBuffers: 1, Width: 8, Height: 8})
		must(t, err)
		for range 4 {
			must(t, p.Flip(background, 1))
		}
		_, err = r.screen.WaitBlank(background)
		must(t, err)
		p.Release()
		d.Release()
		chain.Release()
		greedy.Release()
	})
	must(t, r.p.RunFor(2*machine.Second))
	if busy != 10 {
		t.Errorf("%d found no room, want 10", busy)
	}
	crowd.Release()
}
