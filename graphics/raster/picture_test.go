package raster

import (
	"hash/fnv"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/mmlite/mmlite/graphics/blit"
)

// checker is a texture of coloured squares with its smaller levels.
func checker(t testing.TB, size int) *Texture {
	levels := 1
	for size>>levels > 0 {
		levels++
	}
	tex, err := NewTexture(make([]uint32, TextureSize(size, size, levels)), size, size, levels)
	if err != nil {
		t.Fatal(err)
	}
	pix := make([]uint32, size*size)
	for y := range size {
		for x := range size {
			c := uint32(0xffe0e0e0)
			if (x*8/size+y*8/size)&1 == 0 {
				c = 0x60000000 | uint32(x*255/size)<<16 | uint32(y*255/size)<<8 | 0x80
			}
			if x < size/16 || y < size/16 {
				c = 0xffff2020
			}
			pix[y*size+x] = c
		}
	}
	s := &blit.Surface{Pix: bytes(pix), Pitch: 4 * size, Width: size, Height: size, Format: blit.ARGB8888}
	if err := tex.Load(0, s); err != nil {
		t.Fatal(err)
	}
	tex.Shrink()
	return tex
}

// quad draws two triangles. The corners go around.
func (t *target) quad(p *Pipeline, v [4]Vertex) {
	t.draw(p, &v[0], &v[1], &v[2])
	t.draw(p, &v[0], &v[2], &v[3])
}

// rect is a rectangle with texture coordinates 0 to n and a colour in each corner.
func rect(x0, y0, x1, y1, z, n float32, c [4]uint32) [4]Vertex {
	v := func(x, y, u, w float32, c uint32) Vertex {
		return Vertex{X: x, Y: y, Z: z, RHW: 1, Diffuse: c, Specular: 0xff000000, Tex: [2][2]float32{{u, w}, {u * 2, w * 2}}}
	}
	return [4]Vertex{v(x0, y0, 0, 0, c[0]), v(x1, y0, n, 0, c[1]), v(x1, y1, n, n, c[2]), v(x0, y1, 0, n, c[3])}
}

// floor is a plane that runs into the distance.
func floor(x0, y0, x1, y1, n float32, c [4]uint32) [4]Vertex {
	q := rect(x0, y0, x1, y1, 0, n, c)
	mid := (x0 + x1) / 2
	for i := range 2 {
		q[i].RHW, q[i].Z = 0.1, 0.9
		q[i].X = mid + (q[i].X-mid)/4
	}
	q[2].Z, q[3].Z = 0.05, 0.05
	return q
}

var (
	white  = [4]uint32{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}
	colors = [4]uint32{0xffff0000, 0xff00ff00, 0xff0000ff, 0xffffff00}
)

func plain() *Pipeline {
	p := &Pipeline{State: DefaultState()}
	p.State.Stages[0].ColorOp = OpDisable
	return p
}

func textured(t testing.TB, f Filter) *Pipeline {
	p := &Pipeline{State: DefaultState()}
	p.Textures[0] = checker(t, 64)
	st := &p.State.Stages[0]
	st.Mag, st.Min = f, f
	return p
}

type scene struct {
	name string
	hash uint64
	draw func(t testing.TB, g *target)
}

func (g *target) with(t testing.TB, p *Pipeline, q [4]Vertex) {
	prepare(t, p)
	g.quad(p, q)
}

// scenes are pictures whose hashes are held. To look at one, or to accept a
// new one, set RASTER_PICTURES to a folder and view what is written there.
var scenes = []scene{
	{"gouraud", 0xb85d425b60fe4b68, func(t testing.TB, g *target) {
		g.with(t, plain(), rect(10, 10, 90, 90, .5, 1, colors))
		p := plain()
		g.with(t, p, floor(100, 20, 190, 90, 1, colors))
		p.State.Flat = true
		prepare(t, p)
		v := rect(20, 100, 90, 150, .5, 1, colors)
		v[1].X, v[1].Y = 110, 110
		g.quad(p, v)
	}},
	{"depth", 0x240600ac773e3ad9, func(t testing.TB, g *target) {
		for i, f := range []Compare{Never, Less, Equal, LessEqual, Greater, NotEqual, GreaterEqual, Always} {
			p := plain()
			p.State.DepthFunc = Always
			x, y := float32(i%4*50), float32(i/4*80)
			q := rect(x+5, y+5, x+45, y+70, 0, 1, [4]uint32{0xff404040, 0xff404040, 0xff808080, 0xff808080})
			q[2].Z, q[3].Z = 1, 1
			g.with(t, p, q)
			p.State.DepthFunc = f
			g.with(t, p, rect(x+10, y+10, x+40, y+60, .5, 1, colors))
		}
	}},
	{"point", 0x8be49c1671870d61, func(t testing.TB, g *target) {
		g.with(t, textured(t, FilterPoint), rect(5, 5, 95, 75, .5, 1, white))
		g.with(t, textured(t, FilterPoint), floor(100, 5, 195, 75, 4, white))
		g.with(t, textured(t, FilterPoint), floor(5, 80, 195, 155, 8, colors))
	}},
	{"bilinear", 0x24137e501c002828, func(t testing.TB, g *target) {
		g.with(t, textured(t, FilterLinear), rect(5, 5, 95, 75, .5, 1, white))
		g.with(t, textured(t, FilterLinear), floor(100, 5, 195, 75, 4, white))
		g.with(t, textured(t, FilterLinear), floor(5, 80, 195, 155, 8, colors))
	}},
	{"mipmap", 0x19296f355af348c9, func(t testing.TB, g *target) {
		for i, m := range []Filter{FilterNone, FilterPoint, FilterLinear} {
			p := textured(t, FilterLinear)
			p.State.Stages[0].Mip = m
			y := float32(i * 52)
			g.with(t, p, floor(2, y+2, 198, y+50, 10, white))
		}
	}},
	{"address", 0xb8d62c881746e97, func(t testing.TB, g *target) {
		for i, a := range []Address{Wrap, Mirror, Clamp, Border} {
			for j, f := range []Filter{FilterPoint, FilterLinear} {
				p := textured(t, f)
				p.State.Stages[0].AddressU, p.State.Stages[0].AddressV = a, a
				p.Params.BorderColor[0] = 0xff20c020
				x, y := float32(i*50+2), float32(j*80+5)
				q := rect(x, y, x+46, y+70, .5, 2.4, white)
				for k := range q {
					q[k].Tex[0][0] -= .7
					q[k].Tex[0][1] -= .7
				}
				g.with(t, p, q)
			}
		}
	}},
	{"blend", 0x66269307ee5586e0, func(t testing.TB, g *target) {
		g.with(t, textured(t, FilterPoint), rect(0, 0, 200, 160, .9, 3, white))
		pairs := [][2]Factor{{SrcAlpha, InvSrcAlpha}, {One, One}, {Zero, SrcColor}, {DestColor, Zero}, {InvDestColor, One}, {SrcAlphaSat, One}, {Zero, InvSrcColor}, {BothInvSrcAlpha, Zero}}
		c := [4]uint32{0xffff4040, 0x8040ff40, 0x404040ff, 0x00ffffff}
		for i, f := range pairs {
			p := plain()
			p.State.Blend, p.State.SrcBlend, p.State.DestBlend = true, f[0], f[1]
			x, y := float32(i%4*50), float32(i/4*80)
			g.with(t, p, rect(x+5, y+8, x+45, y+72, .5, 1, c))
		}
	}},
	{"stages", 0x6824bdf7b4ee5169, func(t testing.TB, g *target) {
		ops := []Op{OpSelect1, OpModulate, OpModulate2X, OpAdd, OpAddSigned, OpSubtract, OpAddSmooth, OpBlendDiffuseAlpha, OpBlendTextureAlpha, OpBlendFactorAlpha, OpBlendCurrentAlpha, OpDotProduct3}
		c := [4]uint32{0xffff4040, 0x8040ff40, 0x404040ff, 0x00ffffff}
		for i, op := range ops {
			p := textured(t, FilterLinear)
			p.Textures[1] = p.Textures[0]
			p.Params.TextureFactor = 0x80c08040
			p.State.Stages[1] = p.State.Stages[0]
			p.State.Stages[1].Coord, p.State.Stages[1].ColorOp, p.State.Stages[1].ColorArg2 = 1, op, ArgCurrent
			p.State.Stages[1].ColorArg1 = ArgTexture | ArgComplement*Arg(i&1)
			x, y := float32(i%4*50), float32(i/4*54)
			g.with(t, p, rect(x+3, y+3, x+47, y+50, .5, 1, c))
		}
	}},
	{"fog", 0x47e0af0387aa59e4, func(t testing.TB, g *target) {
		for i, f := range []Fog{FogLinear, FogExp, FogExp2, FogVertex} {
			p := textured(t, FilterLinear)
			p.State.Stages[0].Mip = FilterLinear
			p.State.Fog, p.State.Specular = f, i == 1
			p.Params = Params{FogColor: 0xff8090a0, FogStart: .3, FogEnd: .9, FogDensity: 2}
			y := float32(i * 40)
			q := floor(2, y+1, 198, y+39, 10, white)
			for k := range q {
				q[k].Specular = []uint32{0x00400000, 0x80004000, 0xff000040, 0xff000000}[k]
			}
			g.with(t, p, q)
		}
	}},
	{"alpha", 0xb0bf62fdaa8ac85c, func(t testing.TB, g *target) {
		for i, f := range []Compare{Less, Equal, LessEqual, Greater, NotEqual, GreaterEqual} {
			p := textured(t, FilterLinear)
			p.State.AlphaTest, p.State.AlphaFunc, p.Params.AlphaRef = true, f, 0x90
			x, y := float32(i%3*66), float32(i/3*80)
			g.with(t, p, rect(x+4, y+4, x+62, y+74, .5, 1, white))
		}
	}},
}

func TestPictures(t *testing.T) {
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			g := newTarget(200, 160, 0xff102030)
			s.draw(t, g)
			out := g.surface()
			h := fnv.New64a()
			h.Write(out.Pix)
			if h.Sum64() != s.hash {
				t.Errorf("the hash is %#x, not %#x", h.Sum64(), s.hash)
			}
			if dir := os.Getenv("RASTER_PICTURES"); dir != "" {
				save(t, filepath.Join(dir, s.name+".png"), out)
			}
		})
	}
}

func save(t *testing.T, name string, s *blit.Surface) {
	m := image.NewNRGBA(image.Rect(0, 0, s.Width, s.Height))
	for i := 0; i < len(s.Pix); i += 4 {
		m.Set(i/4%s.Width, i/4/s.Width, color.NRGBA{s.Pix[i+2], s.Pix[i+1], s.Pix[i], 255})
	}
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, m); err != nil {
		t.Fatal(err)
	}
}
