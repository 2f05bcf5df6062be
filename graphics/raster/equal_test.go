package raster

import (
	"math"
	"testing"

	"github.com/mmlite/mmlite/graphics/blit"
	"pgregory.net/rapid"
)

// genStage draws a stage, mostly of the kind that loops are made for.
func genStage(r *rapid.T) Stage {
	arg := rapid.SampledFrom([]Arg{ArgTexture, ArgTexture, ArgDiffuse, ArgCurrent, ArgFactor, ArgSpecular, ArgTexture | ArgComplement, ArgCurrent | ArgAlphaReplicate, ArgTexture | ArgComplement | ArgAlphaReplicate})
	op := rapid.SampledFrom([]Op{OpModulate, OpModulate, OpSelect1, OpSelect2})
	if rapid.Bool().Draw(r, "any op") {
		op = rapid.Map(rapid.IntRange(2, 16), func(v int) Op { return Op(v) })
	}
	filter := rapid.SampledFrom([]Filter{FilterPoint, FilterLinear})
	address := rapid.SampledFrom([]Address{Wrap, Wrap, Clamp, Clamp, Mirror, Border})
	s := Stage{ColorOp: op.Draw(r, "colour op"), ColorArg1: arg.Draw(r, "arg"), ColorArg2: arg.Draw(r, "arg"),
		AlphaOp: op.Draw(r, "alpha op"), AlphaArg1: arg.Draw(r, "arg"), AlphaArg2: arg.Draw(r, "arg"),
		AddressU: address.Draw(r, "u"), AddressV: address.Draw(r, "v"), Mag: filter.Draw(r, "mag"),
		Mip: rapid.SampledFrom([]Filter{FilterNone, FilterPoint, FilterPoint, FilterLinear}).Draw(r, "mip")}
	s.Min = s.Mag
	if rapid.IntRange(0, 9).Draw(r, "other min") == 0 {
		s.Min = filter.Draw(r, "min")
	}
	return s
}

func genState(r *rapid.T) State {
	compare := rapid.Map(rapid.IntRange(1, 8), func(v int) Compare { return Compare(v) })
	factor := rapid.Map(rapid.IntRange(1, 11), func(v int) Factor { return Factor(v) })
	s := State{DepthTest: rapid.Bool().Draw(r, "depth"), DepthWrite: rapid.Bool().Draw(r, "write"), DepthFunc: compare.Draw(r, "depth func"),
		AlphaTest: rapid.Bool().Draw(r, "alpha test"), AlphaFunc: compare.Draw(r, "alpha func"),
		Blend: rapid.Bool().Draw(r, "blend"), SrcBlend: factor.Draw(r, "src"), DestBlend: factor.Draw(r, "dst"), Flat: rapid.Bool().Draw(r, "flat")}
	if rapid.IntRange(0, 3).Draw(r, "less equal") == 0 {
		s.DepthFunc = LessEqual
	}
	if rapid.IntRange(0, 3).Draw(r, "over") == 0 {
		s.SrcBlend, s.DestBlend = SrcAlpha, InvSrcAlpha
	}
	s.Stages[0].ColorOp, s.Stages[1].ColorOp = OpDisable, OpDisable
	if rapid.IntRange(0, 3).Draw(r, "textured") > 0 {
		s.Stages[0] = genStage(r)
		if rapid.IntRange(0, 3).Draw(r, "two") == 0 {
			s.Stages[1] = genStage(r)
			s.Stages[1].Coord = 1
		}
	}
	if rapid.IntRange(0, 9).Draw(r, "lightmap") < 2 {
		s.Flat = false
		for i := range s.Stages {
			arg := rapid.SampledFrom([]Arg{ArgTexture, ArgCurrent})
			op := rapid.SampledFrom([]Op{OpModulate, OpModulate, OpSelect1, OpSelect2, OpDisable})
			mip := rapid.SampledFrom([]Filter{FilterNone, FilterPoint})
			s.Stages[i] = Stage{ColorOp: OpModulate, ColorArg1: ArgTexture, ColorArg2: ArgCurrent, AlphaOp: op.Draw(r, "op"), AlphaArg1: arg.Draw(r, "arg"), AlphaArg2: arg.Draw(r, "arg"),
				Coord: uint8(rapid.IntRange(0, 1).Draw(r, "coord")), AddressU: Clamp, AddressV: Wrap, Mag: FilterLinear, Min: FilterLinear, Mip: mip.Draw(r, "mip")}
		}
	}
	if rapid.IntRange(0, 3).Draw(r, "fogged") == 0 {
		s.Fog, s.FogByW, s.Specular = Fog(rapid.IntRange(0, 4).Draw(r, "fog")), rapid.Bool().Draw(r, "by w"), rapid.Bool().Draw(r, "specular")
	}
	return s
}

func genVertex(r *rapid.T, wild bool) Vertex {
	f := func(name string, from, to float32) float32 {
		if wild && rapid.IntRange(0, 5).Draw(r, "wild") == 0 {
			return rapid.Float32().Draw(r, name)
		}
		return rapid.Float32Range(from, to).Draw(r, name)
	}
	v := Vertex{X: f("x", -20, 60), Y: f("y", -20, 60), Z: f("z", -.1, 1.1), RHW: f("w", .1, 1), Diffuse: rapid.Uint32().Draw(r, "diffuse"), Specular: rapid.Uint32().Draw(r, "specular")}
	for i := range v.Tex {
		v.Tex[i] = [2]float32{f("u", -3, 3), f("v", -3, 3)}
	}
	return v
}

func randomTexture(t testing.TB, w, h, levels int) *Texture {
	tex, err := NewTexture(make([]uint32, TextureSize(w, h, levels)), w, h, levels)
	if err != nil {
		t.Fatal(err)
	}
	seed := uint32(w*h + 1)
	for l := range levels {
		w, h := tex.Size(l)
		pix := make([]uint32, w*h)
		for i := range pix {
			seed = seed*1664525 + 1013904223
			pix[i] = seed ^ seed>>15
		}
		if err := tex.Load(l, &blit.Surface{Pix: bytes(pix), Pitch: 4 * w, Width: w, Height: h, Format: blit.ARGB8888}); err != nil {
			t.Fatal(err)
		}
	}
	return tex
}

// fillRandom gives a chunk something to blend with and to test against.
func (c *Chunk) fillRandom(seed uint32) {
	for i := range c.Color {
		seed = seed*1664525 + 1013904223
		c.Color[i] = seed ^ seed>>13
		c.Depth[i] = float32(seed>>9&7) / 8
	}
}

// portable runs without vectors.
func portable(f func()) {
	was := vector
	vector = false
	defer func() { vector = was }()
	f()
}

// setupShape is mostly a triangle, and sometimes a line or a point.
func (t *Triangle) setupShape(shape int, p *Pipeline, v *[3]Vertex) bool {
	switch shape {
	case 0:
		return t.SetupLine(p, &v[0], &v[1], true)
	case 1:
		return t.SetupPoint(p, &v[0])
	}
	return t.Setup(p, CullNone, &v[0], &v[1], &v[2])
}

// TestLoopsEqualTheInterpreter draws random triangles in random states by the
// chosen loop and by the interpreter: every bit of colour and depth is the same.
func TestLoopsEqualTheInterpreter(t *testing.T) {
	textures := []*Texture{randomTexture(t, 64, 32, 1), randomTexture(t, 64, 64, 7), randomTexture(t, 1, 1, 1), randomTexture(t, 8, 256, 9), randomTexture(t, 2, 512, 10)}
	drawn := map[string]int{}
	for _, wild := range []bool{false, true} {
		rapid.Check(t, func(r *rapid.T) {
			p := &Pipeline{State: genState(r)}
			p.Params = Params{AlphaRef: uint8(rapid.IntRange(0, 255).Draw(r, "ref")), TextureFactor: rapid.Uint32().Draw(r, "factor"), FogColor: 0x123456, FogStart: .2, FogEnd: .8, FogDensity: 1}
			p.Params.LODBias[0] = rapid.SampledFrom([]float32{0, 0, -1, .7, 3}).Draw(r, "bias")
			for i := range p.Textures {
				p.Textures[i] = textures[rapid.IntRange(0, len(textures)-1).Draw(r, "texture")]
			}
			prepare(t, p)
			v := [3]Vertex{genVertex(r, wild), genVertex(r, wild), genVertex(r, wild)}
			switch rapid.IntRange(0, 2).Draw(r, "w") {
			case 0:
				v[1].RHW, v[2].RHW = v[0].RHW, v[0].RHW
			case 1: // much alike, so that spans read one level
				v[1].RHW, v[2].RHW = v[0].RHW*1.01, v[0].RHW*1.02
			}
			if m := rapid.SampledFrom([]float32{1, 1, .2, .05}).Draw(r, "texels"); m != 1 {
				for i := range v {
					for k := range v[i].Tex {
						v[i].Tex[k][0] *= m
						v[i].Tex[k][1] *= m
					}
				}
			}
			shape := rapid.IntRange(0, 15).Draw(r, "shape")
			if shape > 7 { // small ones
				for i := range v {
					v[i].X, v[i].Y = v[i].X/4+5, v[i].Y/4+5
				}
			}
			bounds := blit.Rect{X0: 0, Y0: 0, X1: rapid.SampledFrom([]int{32, 32, 19}).Draw(r, "x1"), Y1: rapid.SampledFrom([]int{32, 9}).Draw(r, "y1")}
			var got, want Chunk
			if shape == 2 { // one that covers the chunk
				v[0].X, v[0].Y, v[1].X, v[1].Y, v[2].X, v[2].Y = -100, -100, 300, -90, -90, 300
			}
			x, y := rapid.IntRange(-40, 40).Draw(r, "chunk x"), rapid.IntRange(-40, 40).Draw(r, "chunk y")
			for i := range v {
				v[i].X += float32(x)
				v[i].Y += float32(y)
			}
			bounds = blit.Rect{X0: x, Y0: y, X1: bounds.X1 + x, Y1: bounds.Y1 + y}
			got.At(x, y, bounds)
			want.At(x, y, bounds)
			got.fillRandom(7)
			want.fillRandom(7)
			var tri Triangle
			drawable := tri.setupShape(shape, p, &v)
			switch {
			case shape < 6 && drawable:
				got.Draw(&tri, p)
			case shape >= 6:
				got.DrawTriangle(p, &v[0], &v[1], &v[2])
			}
			q := *p
			portable(func() {
				prepare(t, &q)
				var tri Triangle
				if tri.setupShape(shape, &q, &v) {
					want.Draw(&tri, &q)
				}
			})
			drawn[p.Loop()]++
			for i := range want.Color {
				if got.Color[i] != want.Color[i] {
					r.Fatalf("pixel %d,%d is %#x, not %#x", i%Size, i/Size, got.Color[i], want.Color[i])
				}
				if math.Float32bits(got.Depth[i]) != math.Float32bits(want.Depth[i]) {
					r.Fatalf("depth at %d,%d is %v, not %v", i%Size, i/Size, got.Depth[i], want.Depth[i])
				}
			}
		})
	}
	t.Logf("drawn: %v", drawn)
}

// TestChosenLoops holds which loop serves what programs mostly ask for.
func TestChosenLoops(t *testing.T) {
	if !vector {
		t.Skip("this processor has no vector loops")
	}
	want := map[string]string{
		"flat": "flat opaque", "flat depth": "flat less-equal", "gouraud depth": "gouraud less-equal", "nearest": "nearest", "nearest depth": "nearest", "bilinear": "bilinear",
		"bilinear depth": "bilinear", "bilinear gouraud depth": "bilinear gouraud", "bilinear mipmap gouraud depth": "mipmapped gouraud", "bilinear mipmap gouraud depth alpha": "mipmapped gouraud",
		"trilinear gouraud depth": "trilinear gouraud", "two textures gouraud depth": "two textures lit", "two textures added gouraud depth": "two textures general", "bilinear modulate2x depth": "bilinear general", "bilinear mipmap gouraud fog depth": "mipmapped lit",
		"gouraud alpha": "gouraud", "depth fails": "bilinear gouraud",
	}
	for _, f := range fillTests(t) {
		p := &Pipeline{State: DefaultState()}
		f.set(p)
		prepare(t, p)
		if got := p.Loop(); got != want[f.name] {
			t.Errorf("%s is drawn by %q, not %q", f.name, got, want[f.name])
		}
		p.Interpret = true
		prepare(t, p)
		if got := p.Loop(); got != "interpreter" {
			t.Errorf("%s is drawn by %q where the interpreter is asked for", f.name, got)
		}
	}
}
