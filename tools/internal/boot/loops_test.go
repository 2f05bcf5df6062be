package boot

import (
	"bytes"
	"context"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/boards/inside"
	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/hostdriver/d3d"
)

// artist draws on a card.
type artist struct {
	*testing.T
	g     graphics.Device
	color graphics.Surface
	d     *d3d.Device
	tex   [2]*d3d.Texture
}

const artWidth, artHeight = 160, 120

func (a *artist) ok(err error) {
	a.Helper()
	if err != nil {
		a.Fatal(err)
	}
}

func newArtist(t *testing.T, card *hostdriver.Card) *artist {
	ctx := context.Background()
	a := &artist{T: t}
	f, err := hostdriver.Bind(ctx, card, "/graphics", graphics.GraphicsType)
	a.ok(err)
	a.g, err = f.Open(ctx, graphics.DeviceOptions{Name: "artist"})
	a.ok(err)
	a.color, err = a.g.CreateSurface(ctx, graphics.SurfaceOptions{Caps: graphics.CapTarget, Width: artWidth, Height: artHeight, Format: graphics.ARGB8888})
	a.ok(err)
	z, err := a.g.CreateSurface(ctx, graphics.SurfaceOptions{Caps: graphics.CapDepth, Width: artWidth, Height: artHeight, Format: graphics.Depth24})
	a.ok(err)
	a.d, err = d3d.Open(ctx, card, a.g)
	a.ok(err)
	a.ok(a.d.SetRenderTarget(ctx, a.color, z))
	r := rand.New(rand.NewPCG(1, 1))
	for i := range a.tex {
		a.tex[i], err = a.d.CreateTexture(ctx, d3d.TextureDesc{Width: 32, Height: 32, Format: graphics.ARGB8888, Levels: 6})
		a.ok(err)
		pixels := make([]byte, 4*32*32)
		for i := range pixels {
			pixels[i] = byte(r.Uint32())
		}
		a.ok(a.tex[i].Load(ctx, 0, pixels, 4*32))
		a.ok(a.tex[i].MakeLevels())
	}
	t.Cleanup(func() {
		a.ok(a.d.Close())
		z.Release()
		a.color.Release()
		a.g.Release()
		f.Release()
	})
	return a
}

// draw draws triangles in a state of its own, and returns the picture.
func (a *artist) draw(seed uint64) []byte {
	ctx, r := context.Background(), rand.New(rand.NewPCG(seed, 2))
	a.ok(a.d.BeginScene())
	a.ok(a.d.Clear(nil, d3d.ClearTarget|d3d.ClearZBuffer|d3d.ClearStencil, 0xff204060, 1, 0))
	one := func(of ...uint32) uint32 { return of[r.IntN(len(of))] }
	for s, v := range map[d3d.RenderState]uint32{d3d.CullMode: d3d.CullNone, d3d.FogColor: 0x8090a0, d3d.TextureFactor: 0x80c04020, d3d.AlphaRef: 100, d3d.StencilMask: 255} {
		a.ok(a.d.SetRenderState(s, v))
	}
	for _, s := range []struct {
		s  d3d.RenderState
		of []uint32
	}{
		{d3d.ZEnable, []uint32{0, 1}}, {d3d.ZFunc, []uint32{2, 4, 8}}, {d3d.ZWriteEnable, []uint32{0, 1}}, {d3d.AlphaTestEnable, []uint32{0, 1}},
		{d3d.AlphaFunc, []uint32{2, 5, 7}}, {d3d.AlphaBlendEnable, []uint32{0, 1}}, {d3d.SrcBlend, []uint32{1, 2, 5, 7, 9}},
		{d3d.DestBlend, []uint32{1, 2, 3, 6, 8}}, {d3d.FogEnable, []uint32{0, 1}}, {d3d.SpecularEnable, []uint32{0, 1}},
	} {
		a.ok(a.d.SetRenderState(s.s, one(s.of...)))
	}
	for i, tex := range a.tex {
		if r.IntN(3) == 0 {
			tex = nil
		}
		a.ok(a.d.SetTexture(i, tex))
		for _, s := range []struct {
			s  d3d.StageState
			of []uint32
		}{
			{d3d.ColorOp, []uint32{2, 4, 5, 7, 8, 10, 13}}, {d3d.ColorArg1, []uint32{d3d.ArgTexture, d3d.ArgTexture | d3d.ArgComplement}},
			{d3d.ColorArg2, []uint32{d3d.ArgDiffuse, d3d.ArgCurrent, d3d.ArgTFactor}}, {d3d.AlphaOp, []uint32{2, 4, 7}},
			{d3d.MagFilter, []uint32{1, 2}}, {d3d.MinFilter, []uint32{1, 2}}, {d3d.MipFilter, []uint32{1, 2, 3}}, {d3d.Address, []uint32{1, 2, 3}},
			{d3d.TexCoordIndex, []uint32{0}},
		} {
			a.ok(a.d.SetTextureStageState(i, s.s, one(s.of...)))
		}
	}
	vertices := make([]d3d.TLVertex, 3*12)
	for i := range vertices {
		vertices[i] = d3d.TLVertex{
			X: r.Float32() * artWidth, Y: r.Float32() * artHeight, Z: r.Float32(), RHW: 0.1 + r.Float32(),
			Color: r.Uint32(), Specular: r.Uint32(), TU: 4 * r.Float32(), TV: 4 * r.Float32(),
		}
	}
	a.ok(a.d.DrawPrimitive(d3d.TriangleList, d3d.FVFTLVertex, d3d.Bytes(vertices)))
	a.ok(a.d.EndScene())
	l, err := a.color.Lock(ctx, graphics.Rect{X1: artWidth, Y1: artHeight}, true)
	a.ok(err)
	m, err := a.color.Memory(ctx)
	a.ok(err)
	defer m.Release()
	picture := make([]byte, 4*artWidth*artHeight)
	for y := range uint32(artHeight) {
		row := picture[4*artWidth*y:][:4*artWidth]
		for n := 0; n < len(row); {
			k, err := m.Get(ctx, l.Offset+y*l.Pitch+uint32(n), row[n:])
			a.ok(err)
			n += int(k)
		}
	}
	a.ok(a.color.Unlock(graphics.Rect{}))
	return picture
}

// TestLoopsAreCompiled: a PC without a system makes pixel loops while it runs, and what
// they draw is what a card draws that makes none. Its memory allows nothing else.
func TestLoopsAreCompiled(t *testing.T) {
	emulated(t)
	b, err := Find("qemupc")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_RUNTIME_DIR", shortDir(t))
	in, typing, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	c := converse(t, in, typing, Config{
		Board: b, Image: cardImage(t, b), Name: "loops", Window: 64 << 20,
		Config: map[string]string{"name": "loops", "args": "debug"},
	})
	c.until("loops> ")
	code := func() int { return number(t, c.typed("cat /status/board"), "code_bytes") }
	if n := code(); n != 0 {
		t.Errorf("%d bytes of code before anybody draws", n)
	}
	there, err := hostdriver.Open(t.Context(), c.m.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer there.Close()
	board, err := inside.New(1)
	if err != nil {
		t.Fatal(err)
	}
	here, err := hostdriver.Open(t.Context(), "", board.Option())
	if err != nil {
		t.Fatal(err)
	}
	defer here.Close()
	t.Run("pictures", func(t *testing.T) {
		metal, plain := newArtist(t, there), newArtist(t, here)
		seen := map[string]bool{}
		for seed := range uint64(40) {
			got, want := metal.draw(seed), plain.draw(seed)
			seen[string(want)] = true
			if bytes.Equal(got, want) {
				continue
			}
			for i := 0; i < len(got); i += 4 {
				if g, w := binary.LittleEndian.Uint32(got[i:]), binary.LittleEndian.Uint32(want[i:]); g != w {
					t.Fatalf("seed %d: pixel %d, %d is %08x, and %08x where nothing is compiled", seed, i/4%artWidth, i/4/artWidth, g, w)
				}
			}
		}
		if len(seen) < 30 {
			t.Errorf("%d different pictures: nothing is compared", len(seen))
		}
		n := code()
		t.Logf("%d bytes of code for %d pictures", n, len(seen))
		if n < 20*4096 {
			t.Errorf("%d bytes of code", n)
		}
	})
	said := c.typed("guards")
	for _, want := range []string{
		"write to the program: runtime error: what is at address", "execute the heap: runtime error: what is at address",
		"execute code: <nil>", "write to code: runtime error: what is at address", "execute code that is gone: runtime error: there is nothing at address",
		"write to a constant: runtime error: what is at address",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not in %q", want, said)
		}
	}
	if err := there.Close(); err != nil {
		t.Error(err)
	}
	echoes(t, c.m.URL) // and by then the other one's device is no more
	if n := code(); n != 0 {
		t.Errorf("%d bytes of code when nobody draws any more", n)
	}
}
