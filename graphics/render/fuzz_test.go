package render

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/graphics/blit"
)

// FuzzDraw sets and draws what it is told, on a target in the middle of memory
// that must stay as it is.
func FuzzDraw(f *testing.F) {
	nan, inf := math.Float32bits(float32(math.NaN())), math.Float32bits(float32(math.Inf(1)))
	add := func(format Format, prim byte, v ...uint32) {
		var b []byte
		for _, x := range v {
			b = binary.LittleEndian.AppendUint32(b, x)
		}
		f.Add([]byte{22, 1, 8, 2, 27, 1, 9, 1}, uint32(format), prim, b, []byte{0, 0, 1, 0, 2, 0, 9, 9})
	}
	one := math.Float32bits(1)
	add(TLVertex, 4, 0, 0, 0, one, ^uint32(0), 0, 0, 0, inf, nan, 0, 0, 0, 0, 0, 0, one, inf, 0, one, 0, 0, 0, 0)
	add(XYZ|Diffuse, 5, 0, 0, 0, 5, nan, 0, 0, 5, inf, inf, inf, 0, 0xff7fffff, 0x7f7fffff, 0x7f7fffff, 1)
	add(Vertex, 6, make([]uint32, 40)...)
	r, err := New(Config{Width: 80, Height: 60, Entries: 4096, States: 4})
	if err != nil {
		f.Fatal(err)
	}
	d, err := NewDepthStencil(80, 60)
	if err != nil {
		f.Fatal(err)
	}
	tex, err := NewTexture([]Level{{Surface: *newSurface(16, 16, blit.ARGB4444)}, {Surface: *newSurface(8, 8, blit.ARGB4444)}})
	if err != nil {
		f.Fatal(err)
	}
	const margin, pitch = 1000, 80*4 + 20
	memory := make([]byte, 2*margin+pitch*60)
	f.Fuzz(func(t *testing.T, states []byte, format uint32, prim byte, vertices, indices []byte) {
		for i := range memory {
			memory[i] = 0xa5
		}
		r.Reset()
		s := &blit.Surface{Pix: memory[margin : margin+pitch*60-20], Pitch: pitch, Width: 80, Height: 60, Format: blit.ARGB8888}
		if err := r.SetTarget(s, d); err != nil {
			t.Fatal(err)
		}
		_ = r.Clear(graphics.Clear{Flags: 7, Z: 1}, nil)
		_ = r.SetTexture(0, tex)
		stride := Format(format).Stride()
		if stride > 0 {
			vertices = vertices[:len(vertices)/stride*stride]
		}
		for i := 0; i+1 < len(states) && i < 64; i += 2 {
			k, v := states[i], uint32(states[i+1])
			switch {
			case k < 160:
				_ = r.SetState(State(k), v)
			case k < 210:
				_ = r.SetStageState(int(k&1), StageState((k-160)/2), v)
			case k < 220:
				_ = r.SetViewport(graphics.Viewport{X: v, Y: uint32(k) - 210, Width: v, Height: 70, MaxZ: 1})
			case k < 230:
				m := graphics.Matrix{M11: float32(v), M22: 1 / float32(v), M34: float32(k), M33: 1, M44: float32(int(v) - 100)}
				_ = r.SetTransform([]Transform{World, View, Projection, Texture0, Texture1}[k%5], &m)
			case k < 240:
				_ = r.SetLight(int(k-230), graphics.Light{Type: graphics.LightType(v & 3), Diffuse: graphics.Color{R: float32(v)}, Range: float32(v), Phi: 2, Attenuation0: float32(v) - 3})
				_ = r.EnableLight(int(k-230), true)
			default:
				_ = r.SetClipPlane(int(k&7), graphics.Plane{A: float32(v) - 9, D: float32(v) / 7})
			}
		}
		_ = r.Draw(Primitive(prim&7), Format(format), vertices)
		x := make([]uint16, len(indices)/2)
		for i := range x {
			x[i] = binary.LittleEndian.Uint16(indices[2*i:])
		}
		_ = r.DrawIndexed(Primitive(prim&7), Format(format), vertices, x)
		if err := r.Flush(); err != nil {
			t.Fatal(err)
		}
		pad := bytes.Repeat([]byte{0xa5}, margin)
		if !bytes.Equal(memory[:margin], pad) || !bytes.Equal(memory[len(memory)-margin:], pad) {
			t.Fatal("written outside of the target")
		}
		for y := range 59 {
			if !bytes.Equal(memory[margin+y*pitch+320:margin+(y+1)*pitch], pad[:20]) {
				t.Fatalf("written behind row %d", y)
			}
		}
	})
}
