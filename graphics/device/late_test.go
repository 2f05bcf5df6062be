package device

import (
	"testing"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/graphics/blit"
	"github.com/mmlite/mmlite/graphics/display"
)

// slow is a composer that takes some frames.
type slow struct{ display.Warps }

func (c *slow) Compose(frame *blit.Surface, rects []machine.Rect, items []display.Item) error {
	thread.Sleep(50 * machine.Millisecond)
	return c.Warps.Compose(frame, rects, items)
}

// Flips keep to a compositor that is late, and leave it the processor.
func TestLateCompositor(t *testing.T) {
	r := newRigWith(t, &slow{})
	r.call(func() {
		d, err := r.f.Open(background, graphics.DeviceOptions{})
		must(t, err)
		p, err := d.CreateSurface(background, graphics.SurfaceOptions{Caps: graphics.CapPrimary, BackBuffers: 1})
		must(t, err)
		began := r.m.Now()
		for range 10 {
			must(t, p.Flip(background, 1))
		}
		if took := r.m.Now().Sub(began); took < 8*50*machine.Millisecond || took > 2*machine.Second {
			t.Errorf("ten flips took %v", took)
		}
		i, err := r.screen.Info(background)
		if must(t, err); i.Late == 0 {
			t.Errorf("nobody has noticed: %+v", i)
		}
		p.Release()
		d.Release()
	})
}
