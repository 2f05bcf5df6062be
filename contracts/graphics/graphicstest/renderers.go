package graphicstest

import (
	"encoding/binary"
	"math"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
)

// Numbers of Direct3D that the test needs.
const (
	tlVertex = 0x1c4 // D3DFVF_TLVERTEX
	culling  = 22    // D3DRENDERSTATE_CULLMODE
	colorOp  = 1     // D3DTSS_COLOROP
)

// corner is a vertex of tlVertex.
func corner(b []byte, x, y, z float32, color uint32, u, v float32) []byte {
	f := math.Float32bits
	for _, w := range []uint32{f(x), f(y), f(z), f(1), color, 0, f(u), f(v)} {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

// square is a strip over a rectangle.
func square(x0, y0, x1, y1, z float32, color uint32) (b []byte) {
	b = corner(b, x0, y0, z, color, 0, 0)
	b = corner(b, x1, y0, z, color, 1, 0)
	b = corner(b, x0, y1, z, color, 0, 1)
	return corner(b, x1, y1, z, color, 1, 1)
}

// drawer is a renderer with a target, and with depth if a format is given for it.
func (s *suite) drawer(d graphics.Device, target graphics.Surface, depth graphics.Format) (graphics.Renderer, graphics.Surface) {
	s.Helper()
	r, err := d.CreateRenderer(background)
	keep(s, r, err)
	var z graphics.Surface
	if depth != 0 {
		i := s.describe(target)
		z = s.surface(d, graphics.SurfaceOptions{Caps: graphics.CapDepth, Width: i.Width, Height: i.Height, Format: depth})
	}
	s.must(r.SetTarget(background, target, z))
	s.sent(r.SetState(culling, 1))
	return r, z
}

func (s *suite) renderer() {
	d := s.device("renderer")
	x := s.surface(d, graphics.SurfaceOptions{Caps: graphics.CapTarget, Width: 100, Height: 80, Format: graphics.ARGB8888})
	r, _ := s.drawer(d, x, graphics.Depth16)
	s.sent(r.Clear(graphics.Clear{Flags: graphics.ClearTarget | graphics.ClearDepth, Color: 0xff000080, Z: 1}, nil))
	s.sent(r.Draw(graphics.TriangleStrip, tlVertex, square(10, 10, 50, 40, .5, 0xffff0000)))
	s.sent(r.DrawIndexed(graphics.TriangleList, tlVertex, square(30, 20, 90, 70, .6, 0xff00ff00), []byte{0, 0, 1, 0, 2, 0, 2, 0, 1, 0, 3, 0}))
	for _, c := range []struct {
		x, y int
		want uint32
	}{{10, 10, 0xffff0000}, {49, 39, 0xffff0000}, {50, 39, 0xff00ff00}, {89, 69, 0xff00ff00}, {90, 69, 0xff000080}, {9, 10, 0xff000080}, {35, 25, 0xffff0000}} {
		if got := s.pixel(x, c.x, c.y); got != c.want {
			s.Errorf("pixel %d, %d is %08x, not %08x", c.x, c.y, got, c.want)
		}
	}
	// A blit that comes between draws sees what came before it.
	s.fill(d, x, graphics.Rect{X1: 5, Y1: 5}, 0xff112233)
	s.sent(r.Draw(graphics.PointList, tlVertex, square(1, 1, 2, 2, .5, 0xffffffff)))
	s.fill(d, x, graphics.Rect{X0: 2, Y0: 1, X1: 3, Y1: 2}, 0xff445566)
	for i, want := range []uint32{0xff112233, 0xffffffff, 0xff445566} {
		if got := s.pixel(x, i, 1); got != want {
			s.Errorf("pixel %d, 1 is %08x, not %08x", i, got, want)
		}
	}
	if n, err := r.Validate(background); n != 1 || err != nil {
		s.Errorf("validated in %d passes: %v", n, err)
	}
	i, err := r.Info(background)
	s.must(err)
	if i.Batches != 3 || i.Vertices != 12 || i.Triangles < 4 || i.Refused != 0 || i.Flushes == 0 || i.Loop == "" {
		s.Errorf("%+v", i)
	}
}

// rendered draws on a texture, and then with it, on what is shown.
func (s *suite) rendered() {
	d := s.device("rendered")
	e := s.look()
	p := s.surface(d, graphics.SurfaceOptions{Caps: graphics.CapPrimary | graphics.CapTarget, BackBuffers: 1})
	back, err := p.Attached(background, 1)
	keep(s, back, err)
	x := s.surface(d, graphics.SurfaceOptions{Caps: graphics.CapTexture | graphics.CapTarget, Width: 32, Height: 32, Format: graphics.RGB565})
	r, _ := s.drawer(d, x, 0)
	for round, color := range []uint32{0xffff0000, 0xff00ff00, 0xff0000ff} {
		s.must(r.SetTarget(background, x, nil))
		s.sent(r.SetTexture(0, 0))
		s.sent(r.SetStageState(0, colorOp, 2))
		s.sent(r.Clear(graphics.Clear{Flags: graphics.ClearTarget, Color: color}, nil))
		s.sent(r.Draw(graphics.TriangleStrip, tlVertex, square(0, 0, 32, 8, 0, 0xffffffff)))
		s.sent(r.SetTexture(0, number(s, x)))
		s.code("a texture that is the target", s.result(r.Draw(graphics.TriangleStrip, tlVertex, square(0, 0, 1, 1, 0, 0xffffffff))), com.ErrInvalid)
		s.must(r.SetTarget(background, back, nil))
		s.sent(r.Draw(graphics.TriangleStrip, tlVertex, square(0, 0, 64, 64, 0, 0xffffffff)))
		s.sent(r.EndScene())
		s.must(p.Flip(background, 1))
		e.sees(20, 8, 0xffffff)
		e.sees(20, 40, color&0xffffff)
		if got := s.pixel(p, 20, 40) & 0xffffff; got != color&0xffffff {
			s.Errorf("round %d: the front is %06x", round, got)
		}
	}
}

// depthMemory writes and reads depth in its surface.
func (s *suite) depthMemory() {
	for _, f := range []struct {
		format     graphics.Format
		half, full uint32
	}{{graphics.Depth16, 0x8000, 0xffff}, {graphics.Depth24, 0x80000005, 0xffffff05}} {
		d := s.device("depth")
		x := s.surface(d, graphics.SurfaceOptions{Caps: graphics.CapTarget, Width: 64, Height: 64, Format: graphics.XRGB8888})
		r, z := s.drawer(d, x, f.format)
		s.sent(r.Clear(graphics.Clear{Flags: graphics.ClearTarget | graphics.ClearDepth | graphics.ClearStencil, Z: 1, Stencil: 5}, nil))
		s.sent(r.Draw(graphics.TriangleStrip, tlVertex, square(0, 0, 64, 32, .5, 0xffffff)))
		near := func(got, want uint32) bool { return got == want || got == want-1 || got == want-0x100 }
		if a, b := s.pixel(z, 40, 31), s.pixel(z, 40, 32); !near(a, f.half) || b != f.full {
			s.Errorf("format %d: depths are %x and %x", f.format, a, b)
		}
		// What is written there is in front of what is drawn next.
		s.write(z, graphics.Rect{X1: 16, Y1: 64}, func(int, int) uint32 { return 0x10 })
		s.sent(r.Draw(graphics.TriangleStrip, tlVertex, square(0, 0, 64, 64, .3, 0xff00ff)))
		if a, b := s.pixel(x, 15, 50), s.pixel(x, 16, 50); a != 0 || b != 0xff00ff {
			s.Errorf("format %d: beside the written depth %x, and %x", f.format, a, b)
		}
	}
}

func (s *suite) vertexBuffers() {
	d := s.device("buffers")
	x := s.surface(d, graphics.SurfaceOptions{Caps: graphics.CapTarget, Width: 64, Height: 64, Format: graphics.XRGB8888})
	r, _ := s.drawer(d, x, 0)
	b, err := d.CreateVertexBuffer(background, 8*32)
	keep(s, b, err)
	m, err := b.Memory(background)
	keep(s, m, err)
	n, err := b.Number(background)
	s.must(err)
	s.must(m.Put(4*32, square(8, 8, 24, 24, 0, 0x123456)))
	s.sent(r.DrawBuffer(graphics.TriangleStrip, tlVertex, n, 4, 4))
	s.sent(r.Fence(77))
	s.must(m.Put(0, square(30, 8, 40, 24, 0, 0x654321)))
	s.sent(r.DrawIndexedBuffer(graphics.TriangleList, tlVertex, n, 0, 4, []byte{0, 0, 1, 0, 2, 0}))
	if a, b := s.pixel(x, 10, 10), s.pixel(x, 31, 9); a != 0x123456 || b != 0x654321 {
		s.Errorf("%x and %x were drawn", a, b)
	}
	i, err := r.Info(background)
	s.must(err)
	if i.Fence != 77 {
		s.Errorf("fence %d", i.Fence)
	}
	for _, c := range [][2]uint32{{0, 9}, {5, 4}, {1 << 31, 1 << 31}, {1<<32 - 1, 1}} {
		s.code("vertices a buffer has not", s.result(r.DrawBuffer(graphics.TriangleStrip, tlVertex, n, c[0], c[1])), com.ErrInvalid)
	}
	s.code("a buffer there is not", s.result(r.DrawBuffer(graphics.TriangleStrip, tlVertex, n+1, 0, 3)), com.ErrInvalid)
	s.code("an index too large", s.result(r.DrawIndexedBuffer(graphics.TriangleList, tlVertex, n, 0, 4, []byte{0, 0, 1, 0, 4, 0})), com.ErrInvalid)
	s.drop(b)
	if _, err := d.Info(background); err != nil { // by now it is gone
		s.Error(err)
	}
	s.code("a buffer that was", s.result(r.DrawBuffer(graphics.TriangleStrip, tlVertex, n, 0, 3)), com.ErrInvalid)
	for _, bytes := range []uint32{0, 16<<20 + 1, 1<<32 - 1} {
		b, err := d.CreateVertexBuffer(background, bytes)
		if s.code("a buffer of no size", err, com.ErrInvalid); err == nil {
			b.Release()
		}
	}
}

func (s *suite) badDraws() {
	d := s.device("bad draws")
	x := s.surface(d, graphics.SurfaceOptions{Caps: graphics.CapTarget, Width: 64, Height: 64, Format: graphics.XRGB8888})
	plain := s.surface(d, graphics.SurfaceOptions{Width: 64, Height: 64})
	z := s.surface(d, graphics.SurfaceOptions{Caps: graphics.CapDepth, Width: 32, Height: 64, Format: graphics.Depth16})
	r, err := d.CreateRenderer(background)
	keep(s, r, err)
	v := square(0, 0, 9, 9, 0, 0xff)
	s.code("no target", s.result(r.Draw(graphics.TriangleStrip, tlVertex, v)), com.ErrInvalid)
	s.code("a target that is none", r.SetTarget(background, plain, nil), com.ErrInvalid)
	s.code("depth of another size", r.SetTarget(background, x, z), com.ErrInvalid)
	s.code("depth alone", r.SetTarget(background, nil, z), com.ErrInvalid)
	s.must(r.SetTarget(background, x, nil))
	bad := map[string]struct {
		err  error
		want com.Code
	}{
		"state":          {s.result(r.SetState(1000, 0)), com.ErrNotSupported},
		"value":          {s.result(r.SetState(culling, 9)), com.ErrInvalid},
		"stage":          {s.result(r.SetStageState(1<<31, 1, 1)), com.ErrNotSupported},
		"texture":        {s.result(r.SetTexture(0, number(s, x))), com.ErrInvalid},
		"texture number": {s.result(r.SetTexture(0, 12345)), com.ErrInvalid},
		"matrix":         {s.result(r.SetTransform(99, graphics.Matrix{})), com.ErrNotSupported},
		"viewport":       {s.result(r.SetViewport(graphics.Viewport{Width: 1})), com.ErrInvalid},
		"light":          {s.result(r.SetLight(1<<32-1, graphics.Light{Type: graphics.PointLight})), com.ErrInvalid},
		"light type":     {s.result(r.SetLight(0, graphics.Light{})), com.ErrInvalid},
		"plane":          {s.result(r.SetClipPlane(6, graphics.Plane{})), com.ErrInvalid},
		"clear":          {s.result(r.Clear(graphics.Clear{Flags: 8}, nil)), com.ErrInvalid},
		"primitive":      {s.result(r.Draw(7, tlVertex, v)), com.ErrNotSupported},
		"format":         {s.result(r.Draw(graphics.TriangleStrip, 0, v)), com.ErrNotSupported},
		"bytes":          {s.result(r.Draw(graphics.TriangleStrip, tlVertex, v[:33])), com.ErrInvalid},
		"half an index":  {s.result(r.DrawIndexed(graphics.TriangleStrip, tlVertex, v, []byte{0, 0, 1, 0, 2})), com.ErrInvalid},
		"index":          {s.result(r.DrawIndexed(graphics.TriangleStrip, tlVertex, v, []byte{0, 0, 1, 0, 77, 0})), com.ErrInvalid},
	}
	for name, b := range bad {
		s.code(name, b.err, b.want)
	}
	nan := float32(math.NaN())
	s.sent(r.Draw(graphics.TriangleFan, tlVertex, square(nan, float32(math.Inf(1)), -1e30, 1e30, nan, 0xff)))
	s.drop(x)
	if _, err := d.Info(background); err != nil {
		s.Error(err)
	}
	s.code("a target that was", s.result(r.Draw(graphics.TriangleStrip, tlVertex, v)), com.ErrInvalid)
	y := s.surface(d, graphics.SurfaceOptions{Caps: graphics.CapTarget, Width: 64, Height: 64, Format: graphics.XRGB8888})
	s.must(r.SetTarget(background, y, nil))
	s.sent(r.Draw(graphics.TriangleStrip, tlVertex, v))
	if i, err := r.Info(background); err != nil || i.Refused < 6 {
		s.Errorf("%+v, %v", i, err)
	}
}
