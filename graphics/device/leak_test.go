package device

import (
	"encoding/binary"
	"math"
	"runtime"
	"testing"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/graphics/render"
)

// textured is a corner of a transformed triangle with coordinates.
func textured(x, y float32) []byte {
	var b []byte
	for _, v := range [4]float32{x, y, .5, 1} {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return append(b, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) // white
}

// Renderers remember the states they have drawn with, but not the texels of textures
// that were released: quotas have forgotten those.
func TestReleasedTexturesGo(t *testing.T) {
	r := newRig(t)
	r.call(func() {
		d, err := r.f.Open(background, graphics.DeviceOptions{})
		must(t, err)
		defer d.Release()
		target, err := d.CreateSurface(background, graphics.SurfaceOptions{Caps: graphics.CapTarget, Width: 64, Height: 64, Format: graphics.XRGB8888})
		must(t, err)
		defer target.Release()
		draw, err := d.CreateRenderer(background)
		must(t, err)
		defer draw.Release()
		must(t, draw.SetTarget(background, target, nil))
		triangle := append(append(textured(0, 0), textured(60, 0)...), textured(0, 60)...)
		const size, textures = 512, 40
		var before, after runtime.MemStats
		for i := range textures + 1 {
			x, err := d.CreateSurface(background, graphics.SurfaceOptions{Caps: graphics.CapTexture, Width: size, Height: size, Format: graphics.ARGB8888})
			must(t, err)
			info, err := x.Info(background)
			must(t, err)
			must(t, draw.SetTexture(0, info.Number))
			must(t, draw.Draw(graphics.TriangleList, uint32(render.TLVertex), triangle))
			x.Release()
			di, err := d.Info(background) // once it has been given back
			must(t, err)
			if di.Surfaces != 1 {
				t.Fatalf("%d surfaces", di.Surfaces)
			}
			if i == 0 {
				runtime.GC()
				runtime.ReadMemStats(&before)
			}
		}
		ri, err := draw.Info(background)
		must(t, err)
		if ri.Triangles != textures+1 || ri.Refused != 0 {
			t.Errorf("%+v", ri)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 8*4*size*size {
			t.Errorf("%d textures that were released have left %d bytes", textures, grown)
		}
	})
}

// What one renderer has gathered for a texture is there when another one reads it.
func TestRenderersShareATexture(t *testing.T) {
	r := newRig(t)
	r.call(func() {
		d, err := r.f.Open(background, graphics.DeviceOptions{})
		must(t, err)
		defer d.Release()
		var all [2]graphics.Surface
		var draw [2]graphics.Renderer
		for i := range all {
			all[i], err = d.CreateSurface(background, graphics.SurfaceOptions{Caps: graphics.CapTarget | graphics.CapTexture, Width: 64, Height: 64, Format: graphics.XRGB8888})
			must(t, err)
			defer all[i].Release()
			draw[i], err = d.CreateRenderer(background)
			must(t, err)
			defer draw[i].Release()
			must(t, draw[i].SetTarget(background, all[i], nil))
		}
		triangle := append(append(textured(0, 0), textured(60, 0)...), textured(0, 60)...)
		must(t, draw[1].SetTexture(0, all[0].(*Surface).number))
		for _, color := range []uint32{0x123456, 0x654321} {
			must(t, draw[0].Clear(graphics.Clear{Flags: graphics.ClearTarget, Color: color}, nil))
			must(t, draw[1].Draw(graphics.TriangleList, uint32(render.TLVertex), triangle))
			must(t, draw[1].Finish(background))
			if got := binary.LittleEndian.Uint32(all[1].(*Surface).view.Pix) & 0xffffff; got != color {
				t.Errorf("read %#x of %#x", got, color)
			}
		}
	})
}
