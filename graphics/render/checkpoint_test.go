package render

import (
	"testing"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/graphics/blit"
)

// However much lies in one chunk, is cut away, or is read of a texture: others get the
// processor in between.
func TestCheckpointsInLongWork(t *testing.T) {
	calls := 0
	s := newStand(t, 64, 64, Config{Checkpoint: func() { calls++ }})
	s.set(uint32(CullMode), CullNone, uint32(Lighting), 0)
	least := func(what string, want int, do func()) {
		t.Helper()
		calls = 0
		do()
		if calls < want {
			t.Errorf("%s: %d checkpoints, want %d at least", what, calls, want)
		}
	}
	const n = 3000
	var all []tl
	for range n {
		all = append(all, tl{rhw: 1}, tl{x: 33, rhw: 1}, tl{y: 33, rhw: 1})
	}
	gather := func() { s.ok(s.Draw(TriangleList, TLVertex, bytesOf(all))) }
	flush := func() { s.ok(s.Flush()) }
	gather()
	least("a chunk full of triangles", n/perList, flush)
	s.set(uint32(AlphaBlendEnable), 1, uint32(SrcBlend), 9, uint32(DestBlend), 10, uint32(FogEnable), 1, uint32(AlphaTestEnable), 1, uint32(AlphaFunc), 7, uint32(StencilEnable), 1)
	gather()
	if s.Loop() != interpreter {
		t.Fatalf("%s draws what was to be interpreted", s.Loop())
	}
	least("a chunk that is interpreted", n-n/100, flush)

	s.Reset()
	s.set(uint32(CullMode), CullNone, uint32(Lighting), 0, uint32(ClipPlaneEnable), 63)
	for i := range ClipPlanes {
		s.ok(s.SetClipPlane(i, graphics.Plane{A: float32(i) - 2.5, B: 1, C: -1}))
	}
	away := make([][3]float32, 1024)
	for i := range away {
		away[i] = [3]float32{float32(i%3)*3000 - 3000, float32(i%5) * 1000, float32(i%7)*10 - 30}
	}
	index := make([]uint16, 60000)
	for i := range index {
		index[i] = uint16(i * 7919 % len(away))
	}
	for _, p := range []Primitive{PointList, LineList, LineStrip, TriangleList, TriangleStrip, TriangleFan} {
		for _, fill := range []uint32{FillPoint, FillWireframe, FillSolid} {
			s.set(uint32(FillMode), fill)
			least("what is cut away", 1+len(index)/betweenWork+len(away)/2048, func() { s.ok(s.DrawIndexed(p, XYZ, bytesOf(away), index)) })
			s.ok(s.Flush())
		}
	}

	s.Reset()
	const size = 256
	plain, err := NewTexture([]Level{{Surface: *newSurface(size, size, blit.ARGB4444)}})
	s.ok(err)
	keyed, err := NewTexture([]Level{{Surface: *newSurface(size, size, blit.RGB565)}})
	s.ok(err)
	keyed.SetKey(blit.Key{On: true})
	packed, err := NewTexture([]Level{{Surface: blit.Surface{Pix: make([]byte, size*size), Pitch: 4 * size, Width: size, Height: size}, Coding: DXT5}})
	s.ok(err)
	for x, want := range map[*Texture]int{plain: size / 8, keyed: size, packed: size / 4} {
		s.ok(s.SetTexture(0, x))
		least("a texture", want, func() { s.ok(s.Draw(TriangleList, TLVertex, bytesOf(all[:3]))) })
	}
}
