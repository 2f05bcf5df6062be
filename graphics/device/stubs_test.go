package device

import (
	"runtime"
	"testing"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/ipc"
	"github.com/mmlite/mmlite/firmware/machine"
)

// stubbed is an object and what serves calls of it.
type stubbed struct {
	stub *ipc.Stub
	obj  com.Unknown
}

// bodied are the methods that answer without a reference, which cannot travel in
// bytes alone, and without waiting for something to change.
func bodied(name string) bool {
	switch name {
	case "Open", "CreateSurface", "CreatePalette", "CreateRenderer", "CreateVertexBuffer", "CreateLayer", "Memory", "Attached", "Watch", "Next":
		return false
	}
	return true
}

// FuzzStubs gives what serves calls of pictures arbitrary bytes, with real objects
// behind it. It must not panic, hang, or use memory out of proportion.
func FuzzStubs(f *testing.F) {
	r := newRig(f)
	var all []stubbed
	r.call(func() {
		g, err := r.f.Open(background, graphics.DeviceOptions{Name: "fuzz"})
		must(f, err)
		front, err := g.CreateSurface(background, graphics.SurfaceOptions{Caps: graphics.CapPrimary | graphics.CapTarget, Width: 32, Height: 32, BackBuffers: 1})
		must(f, err)
		x, err := g.CreateSurface(background, graphics.SurfaceOptions{Caps: graphics.CapTexture, Width: 32, Height: 32, Format: graphics.Indexed8, Levels: 2})
		must(f, err)
		p, err := g.CreatePalette(background, nil)
		must(f, err)
		draw, err := g.CreateRenderer(background)
		must(f, err)
		must(f, draw.SetTarget(background, front, nil))
		b, err := g.CreateVertexBuffer(background, 1000)
		must(f, err)
		s, err := g.CreateSurface(background, graphics.SurfaceOptions{Width: 16, Height: 16, Format: graphics.ARGB8888, BackBuffers: 1})
		must(f, err)
		l, err := g.CreateLayer(background, s)
		must(f, err)
		must(f, l.Show(true))
		v, err := r.screen.Watch(background)
		must(f, err)
		all = []stubbed{{graphics.GraphicsStub, r.f}, {graphics.DeviceStub, g}, {graphics.SurfaceStub, front}, {graphics.SurfaceStub, x}, {graphics.PaletteStub, p},
			{graphics.RendererStub, draw}, {graphics.VertexBufferStub, b}, {graphics.LayerStub, l}, {graphics.ScreenStub, r.screen}, {graphics.ViewStub, v}}
		f.Cleanup(func() {
			r.call(func() { com.Release(v, l, s, b, draw, p, x, front, g) })
		})
	})
	for i, o := range all {
		for m, method := range o.stub.Type.Methods {
			if !bodied(method.Name) {
				continue
			}
			for _, n := range []int{0, 4, 8, 12, 16, 24, 40, 44, 48, 64, 120} {
				b := make([]byte, n)
				f.Add(uint8(i), uint16(m), b)
				c := make([]byte, n)
				for k := range c {
					c[k] = byte(k % 3)
				}
				f.Add(uint8(i), uint16(m), c)
			}
		}
		f.Add(uint8(i), uint16(1000), []byte{0xff, 0xff, 0xff, 0xff})
	}
	f.Fuzz(func(t *testing.T, which uint8, m uint16, args []byte) {
		o := all[int(which)%len(all)]
		if int(m) < len(o.stub.Type.Methods) && !bodied(o.stub.Type.Methods[m].Name) {
			return
		}
		r.t = t
		defer func() { r.t = f }()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		over := r.start(func() {
			// Whatever comes of it is said.
			_, _ = o.stub.ServeBytes(m, args, o.obj)
		})
		if err := r.p.RunUntil(over, r.m.Now().Add(3*machine.Second)); err != nil {
			t.Fatal(err)
		}
		if !over() {
			t.Fatalf("%s.%s does not come back", o.stub.Type.Name, o.stub.Type.Methods[m].Name)
		}
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 8<<20+64*uint64(len(args)) {
			t.Fatalf("%d bytes of memory for a message of %d", used, len(args))
		}
	})
}
