package raster

import (
	"math"
	"testing"

	"github.com/mmlite/mmlite/graphics/blit"
)

// guarded is a chunk between words that nothing may change.
type guarded struct {
	before [256]uint32
	c      Chunk
	after  [256]uint32
}

// FuzzTriangle holds that no coordinates make drawing panic, or write outside
// the chunk's bounds.
func FuzzTriangle(f *testing.F) {
	nan := math.Float32bits(float32(math.NaN()))
	inf := math.Float32bits(float32(math.Inf(-1)))
	one := math.Float32bits(1)
	huge := math.Float32bits(math.MaxFloat32)
	f.Add(uint32(0), one, huge, one, nan, one, inf, huge, one, one, one, huge, nan, uint16(0))
	f.Add(math.Float32bits(-30000), math.Float32bits(31000), math.Float32bits(-32000), math.Float32bits(30000), math.Float32bits(32000), one, inf, nan, huge, one, one, huge, one, uint16(0xffff))
	f.Add(uint32(1), uint32(2), uint32(3), uint32(4), uint32(5), uint32(6), uint32(7), uint32(8), uint32(9), uint32(10), uint32(11), uint32(12), uint32(13), uint16(0x1234))
	textures := []*Texture{randomTexture(f, 16, 8, 5), randomTexture(f, 4, 4, 1)}
	f.Fuzz(func(t *testing.T, x0, y0, x1, y1, x2, y2, z, w0, w1, w2, u, v, bias uint32, bits uint16) {
		n := math.Float32frombits
		p := &Pipeline{State: DefaultState(), Textures: [2]*Texture{textures[bits&1], textures[bits>>1&1]}}
		s := &p.State
		s.AlphaTest, s.AlphaFunc = bits&4 != 0, Greater
		s.Blend, s.SrcBlend, s.DestBlend = bits&8 != 0, SrcAlpha, InvSrcAlpha
		s.Fog, s.FogByW = Fog(bits>>4%5), bits&0x80 != 0
		st := &s.Stages[0]
		st.AddressU, st.AddressV = Address(bits>>8&3)+1, Address(bits>>10&3)+1
		st.Mag = FilterPoint + Filter(bits>>12&1)
		st.Min, st.Mip = st.Mag, Filter(bits>>13&3%3)+1
		if bits&0x8000 != 0 {
			s.Stages[1] = *st
		}
		p.Params = Params{FogStart: n(z), FogEnd: n(u), FogDensity: n(v), LODBias: [2]float32{n(bias), n(bias)}}
		prepare(t, p)
		a := Vertex{X: n(x0), Y: n(y0), Z: n(z), RHW: n(w0), Diffuse: x0, Specular: y0, Tex: [2][2]float32{{n(u), n(v)}, {n(v), n(u)}}}
		b := Vertex{X: n(x1), Y: n(y1), Z: n(u), RHW: n(w1), Diffuse: x1, Specular: y1, Tex: [2][2]float32{{n(v), n(w0)}, {n(v), n(z)}}}
		c := Vertex{X: n(x2), Y: n(y2), Z: n(v), RHW: n(w2), Diffuse: x2, Specular: y2, Tex: [2][2]float32{{n(z), n(w1)}, {n(w2), n(u)}}}
		var tri Triangle
		if !tri.setupShape(int(bits>>4&7), p, &[3]Vertex{a, b, c}) {
			return
		}
		minX, minY, _, _ := tri.Bounds()
		tri.Touches(minX, minY-Size)
		for _, corner := range [][2]int{{0, 0}, {minX - 5, minY - 5}, {-32, 64}} {
			var g guarded
			x, y := corner[0], corner[1]
			g.c.At(x, y, blit.Rect{X0: x + 3, Y0: y + 2, X1: x + 29, Y1: y + 30})
			if g.c.Draw(&tri, p); bits>>4&7 > 1 {
				g.c.DrawTriangle(p, &a, &b, &c)
			}
			if g.before != [256]uint32{} || g.after != [256]uint32{} {
				t.Fatal("wrote outside the chunk")
			}
			for i := range g.c.Color {
				px, py := i%Size, i/Size
				if (px < 3 || px >= 29 || py < 2 || py >= 30) && (g.c.Color[i] != 0 || g.c.Depth[i] != 0) {
					t.Fatalf("wrote at %d,%d", px, py)
				}
			}
		}
	})
}

// FuzzState holds that any states are refused or drawn.
func FuzzState(f *testing.F) {
	f.Add([]byte{1, 1, 4, 0, 8, 1, 5, 6, 0, 1, 3, 0, 0, 4, 2, 2, 1, 2, 1, 0, 1, 1, 3, 3, 3})
	f.Add([]byte{255, 0, 9, 1, 0, 1, 99, 6, 1, 1, 7, 7, 7, 24, 24, 0x3f, 0x2f, 0x1f, 0xff, 2, 4, 4, 2, 2, 2})
	tex := randomTexture(f, 16, 8, 5)
	f.Fuzz(func(t *testing.T, b []byte) {
		i := 0
		next := func() uint8 {
			if i++; i > len(b) {
				return 1
			}
			return b[i-1]
		}
		on := func() bool { return next()&1 != 0 }
		s := State{DepthTest: on(), DepthWrite: on(), DepthFunc: Compare(next()), AlphaTest: on(), AlphaFunc: Compare(next()), Blend: on(), SrcBlend: Factor(next()),
			DestBlend: Factor(next()), Flat: on(), Specular: on(), Fog: Fog(next()), FogByW: on(), NoColor: on()}
		for k := range s.Stages {
			s.Stages[k] = Stage{ColorOp: Op(next()), AlphaOp: Op(next()), ColorArg1: Arg(next()), ColorArg2: Arg(next()), AlphaArg1: Arg(next()), AlphaArg2: Arg(next()),
				Coord: next(), AddressU: Address(next()), AddressV: Address(next()), Mag: Filter(next()), Min: Filter(next()), Mip: Filter(next())}
		}
		s.Stencil = Stencil{Test: on(), Func: Compare(next()), Fail: StencilOp(next()), ZFail: StencilOp(next()), Pass: StencilOp(next())}
		p := &Pipeline{State: s, Textures: [2]*Texture{tex, tex}}
		if p.Prepare() != nil {
			return
		}
		q := rect(2, 2, 20, 20, .5, 3, colors)
		q[1].RHW = 2
		var tri Triangle
		if !tri.Setup(p, CullNone, &q[0], &q[1], &q[2]) {
			t.Fatal("not set up")
		}
		var c Chunk
		c.At(0, 0, blit.Rect{X1: Size, Y1: Size})
		c.Draw(&tri, p)
	})
}
