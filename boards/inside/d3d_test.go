package inside_test

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"testing"

	"github.com/mmlite/mmlite/boards/inside"
	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/hostdriver/d3d"
)

// scene is a program that draws on a card in virtual time.
type scene struct {
	testing.TB
	board    *inside.Card
	card     *hostdriver.Card
	g        graphics.Device
	color, z graphics.Surface
	d        *d3d.Device
}

func newScene(t testing.TB) *scene {
	t.Helper()
	return sceneBy(t, (*inside.Card).Option)
}

// sceneBy opens the card by a link of its own.
func sceneBy(t testing.TB, link func(*inside.Card) hostdriver.Option) *scene {
	t.Helper()
	s := &scene{TB: t}
	ctx := context.Background()
	var err error
	s.board, err = inside.New(1)
	s.ok(err)
	s.card, err = hostdriver.Open(ctx, "", link(s.board))
	s.ok(err)
	f, err := hostdriver.Bind(ctx, s.card, "/graphics", graphics.GraphicsType)
	s.ok(err)
	s.g, err = f.Open(ctx, graphics.DeviceOptions{Name: "d3d"})
	s.ok(err)
	s.color, err = s.g.CreateSurface(ctx, graphics.SurfaceOptions{Caps: graphics.CapTarget, Width: 128, Height: 96, Format: graphics.ARGB8888})
	s.ok(err)
	s.z, err = s.g.CreateSurface(ctx, graphics.SurfaceOptions{Caps: graphics.CapDepth, Width: 128, Height: 96, Format: graphics.Depth24})
	s.ok(err)
	s.d, err = d3d.Open(ctx, s.card, s.g)
	s.ok(err)
	s.ok(s.d.SetRenderTarget(ctx, s.color, s.z))
	t.Cleanup(func() {
		s.ok(s.d.Close())
		s.color.Release()
		s.z.Release()
		s.g.Release()
		f.Release()
		s.ok(s.card.Close())
		s.ok(s.board.Run(machine.Second))
		s.ok(s.board.Close())
	})
	return s
}

func (s *scene) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *scene) want(err error, code *d3d.Error) {
	s.Helper()
	if !errors.Is(err, code) {
		s.Errorf("%v, want %s", err, code.Name)
	}
}

func (s *scene) pixel(x, y int32) uint32 {
	s.Helper()
	ctx := context.Background()
	l, err := s.color.Lock(ctx, graphics.Rect{X0: x, Y0: y, X1: x + 1, Y1: y + 1}, true)
	s.ok(err)
	m, err := s.color.Memory(ctx)
	s.ok(err)
	defer m.Release()
	var b [4]byte
	_, err = m.Get(ctx, l.Offset, b[:])
	s.ok(err)
	s.ok(s.color.Unlock(graphics.Rect{}))
	return binary.LittleEndian.Uint32(b[:])
}

func strip(x0, y0, x1, y1 float32, color uint32) []d3d.TLVertex {
	return []d3d.TLVertex{{X: x0, Y: y0, Z: .5, RHW: 1, Color: color}, {X: x1, Y: y0, Z: .5, RHW: 1, Color: color, TU: 1},
		{X: x0, Y: y1, Z: .5, RHW: 1, Color: color, TV: 1}, {X: x1, Y: y1, Z: .5, RHW: 1, Color: color, TU: 1, TV: 1}}
}

// links are those that share memory, and those that do not.
var links = map[string]func(*inside.Card) hostdriver.Option{"shared": (*inside.Card).Option, "apart": (*inside.Card).Apart}

func TestD3DScene(t *testing.T) {
	for name, link := range links {
		t.Run(name, func(t *testing.T) { drawScene(sceneBy(t, link), name == "shared") })
	}
}

func drawScene(s *scene, shared bool) {
	ctx, t := context.Background(), s.TB
	s.want(s.d.EndScene(), d3d.ErrSceneNotInScene)
	s.want(s.d.DrawPrimitive(d3d.TriangleStrip, d3d.FVFTLVertex, nil), d3d.ErrSceneNotInScene)
	s.ok(s.d.BeginScene())
	s.want(s.d.BeginScene(), d3d.ErrSceneInScene)
	s.ok(s.d.SetRenderState(d3d.CullMode, d3d.CullNone))
	s.ok(s.d.Clear(nil, d3d.ClearTarget|d3d.ClearZBuffer|d3d.ClearStencil, 0xff000040, 1, 0))
	tex, err := s.d.CreateTexture(ctx, d3d.TextureDesc{Width: 8, Height: 8, Format: graphics.RGB565, Levels: 4})
	s.ok(err)
	defer tex.Release()
	pix := make([]byte, 128)
	for i := range 64 {
		binary.LittleEndian.PutUint16(pix[2*i:], 0x07e0)
	}
	s.ok(tex.Load(ctx, 0, pix, 16))
	s.ok(tex.MakeLevels())
	s.want(tex.Load(ctx, 4, pix, 16), d3d.ErrInvalidParams)
	s.want(tex.Load(ctx, 0, pix[:100], 16), d3d.ErrInvalidParams)
	s.want(tex.Unlock(0), d3d.ErrTextureNotLocked)
	s.ok(s.d.SetTexture(0, tex))
	s.ok(s.d.SetTextureStageState(0, d3d.MipFilter, d3d.MipLinear))
	s.ok(s.d.DrawPrimitive(d3d.TriangleStrip, d3d.FVFTLVertex, d3d.Bytes(strip(10, 10, 60, 60, 0xffffffff))))
	s.ok(s.d.SetTexture(0, nil))
	s.ok(s.d.DrawIndexedPrimitive(d3d.TriangleList, d3d.FVFTLVertex, d3d.Bytes(strip(70, 10, 120, 60, 0xffff8000)), []uint16{0, 1, 2, 3, 2, 1}))
	s.ok(s.d.EndScene())
	for _, c := range []struct {
		x, y int32
		want uint32
	}{{9, 9, 0xff000040}, {20, 20, 0xff00ff00}, {59, 59, 0xff00ff00}, {100, 50, 0xffff8000}} {
		if got := s.pixel(c.x, c.y); got != c.want {
			t.Errorf("pixel %d, %d is %08x, not %08x", c.x, c.y, got, c.want)
		}
	}
	if n, err := s.d.ValidateDevice(ctx); n != 1 || err != nil {
		t.Errorf("%d passes, %v", n, err)
	}
	c := s.d.Caps()
	if c.MaxTexture != 2048 || c.MaxStages != 2 || c.MaxLights < 8 || c.MaxClipPlanes != 6 || c.Workers < 1 || c.VertexBuffers != shared {
		t.Errorf("%+v", c)
	}
}

// TestD3DStatesAreCached: what does not change costs no command.
func TestD3DStatesAreCached(t *testing.T) {
	s := newScene(t)
	l := graphics.Light{Type: graphics.PointLight, Range: 10, Attenuation0: 1}
	m := d3d.RotateY(1)
	set := func() {
		s.ok(s.d.SetRenderState(d3d.ZFunc, d3d.CmpLess))
		s.ok(s.d.SetRenderFloat(d3d.FogEnd, 7))
		s.ok(s.d.SetTextureStageState(1, d3d.Address, d3d.AddressClamp))
		s.ok(s.d.SetTransform(d3d.World, m))
		s.ok(s.d.SetLight(5, l))
		s.ok(s.d.LightEnable(5, true))
		s.ok(s.d.SetMaterial(graphics.Material{Power: 3}))
		s.ok(s.d.SetViewport(graphics.Viewport{X: 1, Y: 2, Width: 30, Height: 40, MaxZ: 1}))
		s.ok(s.d.SetClipPlane(2, graphics.Plane{A: 1}))
		s.ok(s.d.SetRenderState(d3d.Lighting, 1))
		s.ok(s.d.SetTexture(0, nil))
	}
	first := s.d.Commands()
	set()
	second := s.d.Commands()
	set()
	if n := s.d.Commands(); second-first != 10 || n != second {
		t.Errorf("%d commands, and again %d", second-first, n-second)
	}
	b := s.d.CreateStateBlock()
	s.ok(s.d.SetRenderState(d3d.ZFunc, d3d.CmpGreater))
	s.ok(s.d.LightEnable(5, false))
	before := s.d.Commands()
	s.ok(s.d.ApplyStateBlock(b))
	if n := s.d.Commands() - before; n != 2 {
		t.Errorf("a block of two changes took %d commands", n)
	}
	if v, err := s.d.RenderState(d3d.ZFunc); v != d3d.CmpLess || err != nil || !s.d.LightEnabled(5) {
		t.Errorf("depth comparison %d, %v", v, err)
	}
	s.ok(s.d.MultiplyTransform(d3d.World, d3d.RotateY(-1)))
	got, err := s.d.Transform(d3d.World)
	s.ok(err)
	if math.Abs(float64(got.M11)-1) > 1e-6 || math.Abs(float64(got.M13)) > 1e-6 {
		t.Errorf("turned there and back: %+v", got)
	}
	s.ok(s.d.Finish(context.Background()))
}

func TestD3DRefuses(t *testing.T) {
	s := newScene(t)
	ctx := context.Background()
	s.ok(s.d.BeginScene())
	v := d3d.Bytes(strip(0, 0, 1, 1, 0))
	before := s.d.Commands()
	s.want(s.d.SetRenderState(1000, 0), d3d.ErrUnsupported)
	s.want(s.d.SetRenderState(1, 0), d3d.ErrUnsupported)
	s.want(s.d.SetRenderState(d3d.CullMode, 7), d3d.ErrInvalidParams)
	s.want(s.d.SetRenderFloat(d3d.FogEnd, float32(math.NaN())), d3d.ErrInvalidParams)
	s.want(s.d.SetTextureStageState(0, d3d.ColorOp, 20), d3d.ErrUnsupportedColorOperation)
	s.want(s.d.SetTextureStageState(0, d3d.AlphaOp, d3d.OpDotProduct3), d3d.ErrUnsupportedAlphaOperation)
	s.want(s.d.SetTextureStageState(0, d3d.ColorArg1, 9), d3d.ErrUnsupportedColorArg)
	s.want(s.d.SetTextureStageState(0, d3d.MagFilter, 5), d3d.ErrUnsupportedTextureFilter)
	s.want(s.d.SetTextureStageState(2, d3d.ColorOp, 1), d3d.ErrTooManyOperations)
	s.want(s.d.SetTransform(4, d3d.Identity), d3d.ErrInvalidParams)
	s.want(s.d.SetLight(64, graphics.Light{Type: graphics.PointLight}), d3d.ErrInvalidParams)
	s.want(s.d.SetLight(0, graphics.Light{}), d3d.ErrInvalidParams)
	s.want(s.d.SetViewport(graphics.Viewport{Width: 129, Height: 1, MaxZ: 1}), d3d.ErrInvalidParams)
	s.want(s.d.DrawPrimitive(0, d3d.FVFTLVertex, v), d3d.ErrInvalidPrimitiveType)
	s.want(s.d.DrawPrimitive(d3d.TriangleList, 0, v), d3d.ErrInvalidVertexFormat)
	s.want(s.d.DrawPrimitive(d3d.TriangleList, d3d.FVFTLVertex, v[:31]), d3d.ErrInvalidParams)
	s.want(s.d.DrawPrimitive(d3d.TriangleFan, d3d.FVFTLVertex, make([]byte, 1<<20+32)), d3d.ErrTooManyVertices)
	s.want(s.d.DrawIndexedPrimitive(d3d.TriangleList, d3d.FVFTLVertex, v, []uint16{0, 1, 4}), d3d.ErrInvalidParams)
	s.want(s.d.Clear(nil, 8, 0, 1, 0), d3d.ErrInvalidParams)
	s.want(s.d.Clear(nil, d3d.ClearZBuffer, 0, 2, 0), d3d.ErrInvalidParams)
	if n := s.d.Commands(); n != before {
		t.Errorf("%d commands for calls that are refused", n-before)
	}
	for i := range int(s.d.Caps().MaxLights) {
		s.ok(s.d.LightEnable(i, true))
	}
	s.want(s.d.LightEnable(60, true), d3d.ErrLightSetFailed)
	_, err := s.d.CreateTexture(ctx, d3d.TextureDesc{Width: 100, Height: 64, Format: graphics.RGB565})
	s.want(err, d3d.ErrTextureBadSize)
	_, err = s.d.TextureOf(ctx, s.color)
	s.want(err, d3d.ErrInvalidParams)
	_, err = s.d.CreateVertexBuffer(ctx, d3d.FVFVertex, 0)
	s.want(err, d3d.ErrVertexBufferCreateFailed)
	s.ok(s.d.SetRenderTarget(ctx, s.color, nil))
	s.want(s.d.Clear(nil, d3d.ClearZBuffer, 0, 1, 0), d3d.ErrZBufferNotPresent)
	s.want(s.d.Clear(nil, d3d.ClearStencil, 0, 1, 0), d3d.ErrStencilBufferNotPresent)
	s.ok(s.d.SetRenderState(d3d.StencilEnable, 1))
	_, err = s.d.ValidateDevice(ctx)
	s.want(err, d3d.ErrStencilBufferNotPresent)
	s.ok(s.d.Finish(ctx))
	s.ok(s.d.Close())
	s.want(s.d.SetRenderState(d3d.CullMode, 2), d3d.ErrInvalidDevice)
}

// TestD3DFrameDoesNotWait sends a frame of 10,000 triangles, in vertices and from
// buffers that are written anew for each batch, while the card does nothing: in
// virtual time it runs only while somebody waits for it.
func TestD3DFrameDoesNotWait(t *testing.T) {
	s := newScene(t)
	ctx := context.Background()
	vb, err := s.d.CreateVertexBuffer(ctx, d3d.FVFTLVertex, 300)
	s.ok(err)
	defer vb.Release()
	for range 3 { // the memories that buffer takes turns with
		_, err := vb.Lock(ctx, d3d.Discard)
		s.ok(err)
		s.ok(vb.Unlock())
		s.ok(s.d.BeginScene())
		s.ok(s.d.DrawPrimitiveVB(d3d.TriangleList, vb, 0, 3))
		s.ok(s.d.EndScene())
	}
	s.ok(s.d.Finish(ctx))
	served := s.board.Firmware().Machine.Now()
	before, err := s.d.Info(ctx)
	s.ok(err)
	served = s.board.Firmware().Machine.Now()
	s.ok(s.d.SetRenderState(d3d.CullMode, d3d.CullNone))
	s.ok(s.d.BeginScene())
	s.ok(s.d.Clear(nil, d3d.ClearTarget|d3d.ClearZBuffer, 0, 1, 0))
	tri := make([]d3d.TLVertex, 0, 2400)
	for i := range 800 {
		x, y := float32(i%40*3), float32(i/40*4)
		for _, p := range [][2]float32{{0, 0}, {3, 0}, {0, 4}} {
			tri = append(tri, d3d.TLVertex{X: x + p[0], Y: y + p[1], Z: .5, RHW: 1, Color: 0xff00ff00})
		}
	}
	for range 12 { // 9,600 triangles
		s.ok(s.d.DrawPrimitive(d3d.TriangleList, d3d.FVFTLVertex, d3d.Bytes(tri)))
	}
	for range 4 { // 400
		mem, err := vb.Lock(ctx, d3d.NoOverwrite)
		s.ok(err)
		copy(mem, d3d.Bytes(tri[:300]))
		s.ok(vb.Unlock())
		s.ok(s.d.DrawPrimitiveVB(d3d.TriangleList, vb, 0, 300))
	}
	s.ok(s.d.EndScene())
	if now := s.board.Firmware().Machine.Now(); now != served {
		t.Errorf("the card ran for %v during the frame", now.Sub(served))
	}
	after, err := s.d.Info(ctx)
	s.ok(err)
	if n := after.Triangles - before.Triangles; n != 10000 || after.Refused != 0 {
		t.Errorf("%d triangles were drawn, %d draws refused", n, after.Refused)
	}
	if got := s.pixel(1, 1); got != 0xff00ff00 {
		t.Errorf("%08x was drawn", got)
	}
}

// TestD3DVertexBuffers writes a buffer while the card may still draw from it.
func TestD3DVertexBuffers(t *testing.T) {
	for name, link := range links {
		t.Run(name, func(t *testing.T) { drawBuffers(sceneBy(t, link)) })
	}
}

func drawBuffers(s *scene) {
	ctx, t := context.Background(), s.TB
	s.ok(s.d.SetRenderState(d3d.CullMode, d3d.CullNone))
	vb, err := s.d.CreateVertexBuffer(ctx, d3d.FVFTLVertex, 4)
	s.ok(err)
	s.ok(s.d.BeginScene())
	s.ok(s.d.Clear(nil, d3d.ClearTarget|d3d.ClearZBuffer, 0, 1, 0))
	for i, flags := range []d3d.LockFlags{0, d3d.Discard, d3d.Discard, d3d.Discard, d3d.Discard, d3d.Discard, 0, 0} {
		mem, err := vb.Lock(ctx, flags)
		s.ok(err)
		_, err = vb.Lock(ctx, flags)
		s.want(err, d3d.ErrVertexBufferLocked)
		s.want(s.d.DrawPrimitiveVB(d3d.TriangleStrip, vb, 0, 4), d3d.ErrVertexBufferLocked)
		copy(mem, d3d.Bytes(strip(float32(10*i), 0, float32(10*i+8), 8, 0xff000001+uint32(i))))
		s.ok(vb.Unlock())
		s.want(vb.Unlock(), d3d.ErrVertexBufferUnlockFailed)
		if i&1 == 0 {
			s.ok(s.d.DrawPrimitiveVB(d3d.TriangleStrip, vb, 0, 4))
		} else {
			s.ok(s.d.DrawIndexedPrimitiveVB(d3d.TriangleList, vb, 0, 4, []uint16{0, 1, 2, 1, 3, 2}))
		}
	}
	s.ok(s.d.EndScene())
	for i := range int32(8) {
		if got := s.pixel(10*i+4, 4); got != 0xff000001+uint32(i) {
			t.Errorf("square %d is %08x", i, got)
		}
	}
	s.ok(s.d.BeginScene())
	s.want(s.d.DrawPrimitiveVB(d3d.TriangleStrip, vb, 1, 4), d3d.ErrInvalidParams)
	s.want(s.d.DrawIndexedPrimitiveVB(d3d.TriangleList, vb, 0, 3, []uint16{0, 1, 3}), d3d.ErrInvalidParams)
	_, err = vb.Lock(ctx, d3d.Discard|d3d.NoOverwrite)
	s.want(err, d3d.ErrInvalidParams)
	vb.Release()
	s.want(s.d.DrawPrimitiveVB(d3d.TriangleStrip, vb, 0, 3), d3d.ErrInvalidParams)
	_, err = vb.Lock(ctx, 0)
	s.want(err, d3d.ErrInvalidParams)
}

// A card that goes in the middle of everything is told of by each call, and what was
// locked can still be written.
func TestD3DCardGoes(t *testing.T) {
	for name, link := range links {
		t.Run(name, func(t *testing.T) {
			s := sceneBy(t, link)
			ctx := context.Background()
			s.ok(s.d.BeginScene())
			tex, err := s.d.CreateTexture(ctx, d3d.TextureDesc{Width: 64, Height: 64, Format: graphics.RGB565, Levels: 2})
			s.ok(err)
			defer tex.Release()
			s.ok(s.d.SetTexture(0, tex))
			pixels, _, err := tex.Lock(ctx, 1, false)
			s.ok(err)
			draw := func() error {
				return s.d.DrawPrimitive(d3d.TriangleStrip, d3d.FVFTLVertex, d3d.Bytes(strip(0, 0, 99, 99, 0xff)))
			}
			s.ok(draw())
			var b *d3d.VertexBuffer
			var vertices []byte
			if name == "shared" {
				b, err = s.d.CreateVertexBuffer(ctx, d3d.FVFTLVertex, 100)
				s.ok(err)
				defer b.Release()
				vertices, err = b.Lock(ctx, 0)
				s.ok(err)
			}
			s.ok(s.card.Close())
			for _, m := range [][]byte{pixels, vertices} {
				for i := range m {
					m[i] = byte(i)
				}
			}
			lost := map[string]error{
				"draw": draw(), "clear": s.d.Clear(nil, d3d.ClearTarget, 0, 1, 0), "state": s.d.SetRenderState(d3d.CullMode, d3d.CullNone),
				"unlock": tex.Unlock(1), "finish": s.d.Finish(ctx), "target": s.d.SetRenderTarget(ctx, s.color, s.z), "levels": tex.MakeLevels(),
			}
			if b != nil {
				_ = b.Unlock() // it needs nobody
				lost["draw from memory"] = s.d.DrawPrimitiveVB(d3d.TriangleList, b, 0, 99)
			}
			_, lost["texture"] = s.d.CreateTexture(ctx, d3d.TextureDesc{Width: 64, Height: 64, Format: graphics.RGB565, Levels: 1})
			_, lost["validate"] = s.d.ValidateDevice(ctx)
			for what, err := range lost {
				if !errors.Is(err, d3d.ErrSurfaceLost) {
					t.Errorf("%s: %v", what, err)
				}
			}
		})
	}
}
