package device

import (
	"testing"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/sched/constraint"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/hostdriver"
)

// layered is a device with a few layers, made on a thread.
func layered(t tester, f *Factory, n int) (*Device, []graphics.Layer, []graphics.Surface) {
	g, err := f.Open(background, graphics.DeviceOptions{Name: "layers"})
	must(t, err)
	var all []graphics.Layer
	var pictures []graphics.Surface
	for range n {
		s, err := g.CreateSurface(background, graphics.SurfaceOptions{Width: 32, Height: 32, Format: graphics.ARGB8888, BackBuffers: 1})
		must(t, err)
		l, err := g.CreateLayer(background, s)
		must(t, err)
		must(t, l.Show(true))
		all, pictures = append(all, l), append(pictures, s)
	}
	return g.(*Device), all, pictures
}

func release(d *Device, all []graphics.Layer, pictures []graphics.Surface) {
	for i := range all {
		all[i].Release()
		pictures[i].Release()
	}
	d.Release()
}

func TestLayersAllocateNothing(t *testing.T) {
	r := newRig(t)
	r.call(func() {
		d, all, pictures := layered(t, r.f, 4)
		defer release(d, all, pictures)
		x := float32(0)
		if n := testing.AllocsPerRun(100, func() {
			x++
			for _, l := range all {
				must(t, l.SetMatrix(graphics.Affine{XX: 1, YY: 1, X0: x, Y0: 2 * x}))
				must(t, l.SetColor(uint32(x)))
				must(t, l.SetDepth(int32(x)))
				must(t, l.Present(graphics.Affine{XX: 1, YY: 1, Y0: x}, graphics.Rect{X1: 16, Y1: 8}))
			}
		}); n != 0 {
			t.Errorf("%v allocations for changes of layers", n)
		}
		wishes, choices := make([]graphics.Wish, len(all)), make([]graphics.Choice, len(all))
		for i := range wishes {
			wishes[i] = graphics.Wish{Layer: uint32(i + 1), Warp: graphics.Affine{XX: 1, YY: 1}, Error: 3}
		}
		if n := testing.AllocsPerRun(100, func() {
			_, err := d.Plan(background, wishes, choices)
			must(t, err)
		}); n != 0 {
			t.Errorf("%v allocations for a plan", n)
		}
	})
}

// TestPlanAsksTheScheduler has another activity reserve most of the processor: a
// device's budget is what is left of a frame, and says so before anything is drawn.
func TestPlanAsksTheScheduler(t *testing.T) {
	budget := func(share machine.Duration) (b machine.Duration) {
		r := newRig(t)
		r.call(func() {
			must(t, thread.Current().Processor().SetPolicy(constraint.New(constraint.Config{})))
		})
		r.call(func() {
			if share > 0 {
				others := &sched.Activity{Name: "others"}
				_, err := thread.Reserve(others, share, 10*machine.Millisecond)
				must(t, err)
				defer func() {
					_, err := thread.Reserve(others, 0, 0)
					must(t, err)
				}()
			}
			d, all, pictures := layered(t, r.f, 40)
			defer release(d, all, pictures)
			wishes := make([]graphics.Wish, len(all))
			for i, l := range d.layers {
				for range 30 {
					l.known.Took(machine.Millisecond, 1)
				}
				wishes[i-1] = graphics.Wish{Layer: i, Warp: graphics.Affine{XX: 1, YY: 1}, Error: 3}
			}
			must(t, r.screen.Wait(background, 5, nil))
			choices := make([]graphics.Choice, len(all))
			p, err := d.Plan(background, wishes, choices)
			must(t, err)
			drawn := 0
			for _, c := range choices {
				if c.Draw {
					drawn++
				}
			}
			b = machine.FromStd(p.Budget)
			if n := int(b / machine.Millisecond); drawn > n || drawn < n-2 {
				t.Errorf("%d layers of 1 ms each in %v", drawn, b)
			}
		})
		return b
	}
	all, some := budget(0), budget(6*machine.Millisecond)
	t.Logf("budgets of %v, and of %v beside a reservation of 60 %%", all, some)
	if all < 12*machine.Millisecond || all > 15*machine.Millisecond || some > 8*machine.Millisecond || some < 4*machine.Millisecond {
		t.Errorf("budgets of %v and %v", all, some)
	}
}

// TestMoreThanIsShared makes surfaces beyond what the link shares: they work, by calls
// in place of memory.
func TestMoreThanIsShared(t *testing.T) {
	r := newRig(t)
	card, _ := connect(r, 1<<20)
	g, err := hostdriver.Bind(background, card, "/graphics", graphics.GraphicsType)
	must(t, err)
	d, err := g.Open(background, graphics.DeviceOptions{})
	must(t, err)
	shared, apart := 0, 0
	var all []com.Unknown
	for range 16 {
		s, err := d.CreateSurface(background, graphics.SurfaceOptions{Width: 256, Height: 256, Format: graphics.XRGB8888})
		must(t, err)
		m, err := s.Memory(background)
		must(t, err)
		span, err := hostdriver.Map(background, card, m)
		must(t, err)
		if span.Shared() {
			shared++
		} else {
			apart++
		}
		l, err := s.Lock(background, graphics.Rect{X0: 9, Y0: 9, X1: 10, Y1: 10}, false)
		must(t, err)
		span.Bytes()[l.Offset] = 0x5a
		must(t, span.Push(int(l.Offset), 4))
		must(t, s.Unlock(graphics.Rect{X0: 9, Y0: 9, X1: 10, Y1: 10}))
		var b [1]byte
		_, err = m.Get(background, l.Offset, b[:])
		must(t, err)
		if b[0] != 0x5a {
			t.Errorf("%#x came to the card", b[0])
		}
		must(t, span.Release())
		all = append(all, m, s)
	}
	screen, err := hostdriver.Bind(background, card, "/screen", graphics.ScreenType)
	must(t, err)
	view, err := screen.Watch(background)
	must(t, err)
	_, _, err = view.Next(background, nil)
	must(t, err)
	com.Release(view, screen)
	if shared == 0 || apart == 0 {
		t.Errorf("%d surfaces lie in shared memory, %d do not", shared, apart)
	}
	com.Release(all...)
	com.Release(d, g)
}

// A flip of a layer's surface keeps to the part of it that the layer shows.
func TestFlipKeepsSource(t *testing.T) {
	r := newRig(t)
	r.call(func() {
		d, all, pictures := layered(t, r.f, 1)
		defer release(d, all, pictures)
		x := pictures[0].(*Surface)
		for _, number := range []uint32{x.number, x.c.surfaces[1].number} {
			must(t, d.Blit(graphics.Blit{Dst: number, Flags: graphics.BlitFill | graphics.BlitWhole, Color: 0xffff0000}))
		}
		must(t, all[0].SetSource(graphics.Rect{X1: 8, Y1: 8}))
		must(t, pictures[0].Flip(background, 1))
		_, err := r.screen.WaitBlank(background)
		must(t, err)
		_, err = r.screen.WaitBlank(background)
		must(t, err)
		mem, pitch := r.pixels.Memory()
		if in, out := mem[4*pitch+4*4+2], mem[20*pitch+20*4+2]; in != 0xff || out != 0 {
			t.Errorf("red is %#x inside the part that is shown and %#x outside", in, out)
		}
		must(t, all[0].SetSource(graphics.Rect{X0: 20, Y0: 20, X1: 28, Y1: 28}))
		_, err = r.screen.WaitBlank(background)
		must(t, err)
		_, err = r.screen.WaitBlank(background)
		must(t, err)
		must(t, all[0].SetMatrix(graphics.Affine{XX: 1, YY: 1, X0: 84, Y0: 84}))
		must(t, d.Blit(graphics.Blit{Dst: x.number, Flags: graphics.BlitFill, DstRect: graphics.Rect{X0: 20, Y0: 20, X1: 24, Y1: 24}, Color: 0xff000000}))
		_, err = r.screen.WaitBlank(background)
		must(t, err)
		_, err = r.screen.WaitBlank(background)
		must(t, err)
		must(t, d.Blit(graphics.Blit{Dst: x.number, Flags: graphics.BlitFill, DstRect: graphics.Rect{X0: 20, Y0: 20, X1: 24, Y1: 24}, Color: 0xff0000ff}))
		_, err = r.screen.WaitBlank(background)
		must(t, err)
		_, err = r.screen.WaitBlank(background)
		must(t, err)
		if blue, red := mem[84*pitch+84*4], mem[90*pitch+90*4+2]; blue != 0xff || red != 0xff {
			t.Errorf("what was drawn inside the part that is shown: blue is %#x, and red is %#x beside it", blue, red)
		}
	})
}
