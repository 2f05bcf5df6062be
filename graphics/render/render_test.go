package render

import (
	"math"
	"testing"
	"unsafe"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/graphics/blit"
)

// tl is D3DTLVERTEX, and lit D3DVERTEX.
type tl struct {
	x, y, z, rhw    float32
	color, specular uint32
	u, v            float32
}

type vertex struct {
	x, y, z, nx, ny, nz, u, v float32
}

func bytesOf[T any](v []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(v[0])))
}

func words(s *blit.Surface) []uint32 {
	return unsafe.Slice((*uint32)(unsafe.Pointer(&s.Pix[0])), len(s.Pix)/4)
}

func newSurface(w, h int, f blit.Format) *blit.Surface {
	return &blit.Surface{Pix: asBytes(make([]uint32, (w*h*f.Bytes()+3)/4)), Pitch: w * f.Bytes(), Width: w, Height: h, Format: f}
}

// stand is a renderer with a target.
type stand struct {
	testing.TB
	*Renderer
	s *blit.Surface
	d *Depth
}

func newStand(tb testing.TB, w, h int, c Config) *stand {
	tb.Helper()
	r, err := New(c)
	if err != nil {
		tb.Fatal(err)
	}
	d, err := NewDepthStencil(w, h)
	if err != nil {
		tb.Fatal(err)
	}
	s := newSurface(w, h, blit.ARGB8888)
	if err := r.SetTarget(s, d); err != nil {
		tb.Fatal(err)
	}
	return &stand{tb, r, s, d}
}

func (s *stand) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *stand) set(states ...uint32) {
	s.Helper()
	for i := 0; i < len(states); i += 2 {
		s.ok(s.SetState(State(states[i]), states[i+1]))
	}
}

func (s *stand) stage(stage int, states ...uint32) {
	s.Helper()
	for i := 0; i < len(states); i += 2 {
		s.ok(s.SetStageState(stage, StageState(states[i]), states[i+1]))
	}
}

func (s *stand) clear(color uint32) {
	s.Helper()
	s.ok(s.Clear(graphics.Clear{Flags: ClearTarget | ClearDepth | ClearStencil, Color: color, Z: 1}, nil))
}

// at is a pixel, once everything is drawn.
func (s *stand) at(x, y int) uint32 {
	s.Helper()
	s.ok(s.Flush())
	return words(s.s)[y*s.s.Width+x]
}

func perspective(fov, aspect, near, far float64) graphics.Matrix {
	h := 1 / math.Tan(fov/2)
	q := far / (far - near)
	return graphics.Matrix{M11: float32(h / aspect), M22: float32(h), M33: float32(q), M34: 1, M43: float32(-q * near)}
}

func TestTriangleOnTarget(t *testing.T) {
	s := newStand(t, 64, 64, Config{})
	s.set(uint32(CullMode), CullNone)
	s.clear(0xff000020)
	v := []tl{{x: 10, y: 10, z: .5, rhw: 1, color: 0xffff0000}, {x: 50, y: 10, z: .5, rhw: 1, color: 0xffff0000}, {x: 10, y: 50, z: .5, rhw: 1, color: 0xffff0000}}
	s.ok(s.Draw(TriangleList, TLVertex, bytesOf(v)))
	for _, c := range []struct {
		x, y int
		want uint32
	}{{10, 10, 0xffff0000}, {49, 10, 0xffff0000}, {50, 10, 0xff000020}, {9, 10, 0xff000020}, {29, 30, 0xffff0000}, {30, 31, 0xff000020}, {63, 63, 0xff000020}} {
		if got := s.at(c.x, c.y); got != c.want {
			t.Errorf("pixel %d, %d is %08x, not %08x", c.x, c.y, got, c.want)
		}
	}
	if z, _ := s.d.Get(12, 12); z != .5 {
		t.Errorf("depth is %v", z)
	}
}

// TestLitQuad looks at a lit and a cut quad by eye of computation: the colour of
// a directional light at an angle.
func TestLitQuad(t *testing.T) {
	s := newStand(t, 64, 64, Config{})
	s.clear(0)
	p := perspective(math.Pi/2, 1, 1, 100)
	s.ok(s.SetTransform(Projection, &p))
	s.SetMaterial(graphics.Material{Diffuse: graphics.Color{R: 1, G: .5, B: .25, A: 1}, Ambient: graphics.Color{R: 1, G: 1, B: 1}})
	s.ok(s.SetLight(3, graphics.Light{Type: graphics.DirectionalLight, Diffuse: graphics.Color{R: 1, G: 1, B: 1}, Direction: graphics.Vector{Y: -1, Z: 1}}))
	s.ok(s.EnableLight(3, true))
	s.set(uint32(Ambient), 0x101010, uint32(CullMode), CullNone)
	v := []vertex{{-20, -20, 10, 0, 0, -1, 0, 0}, {-20, 20, 10, 0, 0, -1, 0, 0}, {20, -20, 10, 0, 0, -1, 0, 0}, {20, 20, 10, 0, 0, -1, 0, 0}}
	s.ok(s.Draw(TriangleStrip, Vertex, bytesOf(v)))
	k := math.Sqrt(.5)
	want := [3]float64{255*k + 16, 127.5*k + 16, 63.75*k + 16}
	got := s.at(32, 32)
	for i, w := range want {
		if g := float64(got >> (16 - 8*i) & 255); math.Abs(g-math.Min(w, 255)) > 1 {
			t.Errorf("channel %d of %08x is not %.1f", i, got, w)
		}
	}
	if got>>24 != 255 {
		t.Errorf("alpha of %08x", got)
	}
}
