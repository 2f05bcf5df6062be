package compare

import (
	"testing"

	"github.com/mmlite/mmlite/graphics/blit"
	"github.com/mmlite/mmlite/graphics/raster"
)

var fogName = []string{"none", "exp", "exp2", "linear", "vertex"}

func fogScenes(t testing.TB, add adder) {
	for f := raster.FogExp; f <= raster.FogLinear; f++ {
		for _, byW := range []bool{false, true} {
			for _, specular := range []bool{false, true} {
				s := add("fog-%s-w=%t-specular=%t", fogName[f], byW, specular)
				b := s.foggy(t, f, byW, specular)
				s.plane(b, shape{near: 0.05, far: 0.95, most: 9, texels: 1, color: 0xffe0e0ff})
				b = s.foggy(t, f, byW, specular)
				b.State.DepthFunc = raster.Always
				s.scatter(b, 4, shape{near: 0.05, far: 0.95, most: 9, texels: 1, color: 0xffe0e0ff})
				s.dim()
			}
		}
	}
	for _, specular := range []bool{false, true} {
		for _, flat := range []bool{false, true} {
			s := add("fog-vertex-flat=%t-specular=%t", flat, specular)
			b := s.foggy(t, raster.FogVertex, false, specular)
			b.State.Flat = flat
			s.cover(b, 4, shape{most: 4, texels: 1})
			s.dim()
		}
	}
}

// dim keeps colours and specular colours so dark that their sum is a colour, where
// there is both that sum and fog. OpenGL 2.1, 3.9, and Direct3D limit the sum to
// 1 before fog; Mesa 22.3 does so after it.
func (s *scene) dim() {
	for _, b := range s.batches {
		if !b.State.Specular {
			continue
		}
		for i := range b.v {
			v := &b.v[i]
			v.Diffuse, v.Specular = v.Diffuse&0xff7f7f7f, v.Specular&0xff7f7f7f
		}
	}
}

func (s *scene) foggy(t testing.TB, f raster.Fog, byW, specular bool) *batch {
	b := s.batch()
	s.filtered()
	st := b.texture(0, s.make(t, 64, 64, false, blit.ARGB8888, smooth))
	st.Mag, st.Min = raster.FilterLinear, raster.FilterLinear
	b.State.Fog, b.State.FogByW, b.State.Specular = f, byW, specular
	p := &b.Params
	p.FogColor, p.FogStart, p.FogEnd, p.FogDensity = 0xff90a0b0, 0.2, 0.8, 1.7
	if byW {
		p.FogStart, p.FogEnd, p.FogDensity = 2, 7, 0.25
	}
	// Fog by depth: all but the texture is affine, as depth is.
	b.projected = f != raster.FogVertex && !byW
	b.State.Flat = b.projected
	return b
}

// mixedScenes: any states together, but no fog over specular colours, see dim.
func mixedScenes(t testing.TB, add adder) {
	for n := range 48 {
		s := add("mixed-%d", n)
		s.filtered()
		s.bits = 3
		r := s.r
		textures := []*texture{
			s.make(t, 32, 32, true, formats[r.IntN(len(formats))], smooth),
			s.make(t, 64, 16, true, formats[r.IntN(len(formats))], noise),
			s.make(t, 8, 128, false, formats[r.IntN(len(formats))], noise),
		}
		for range 4 {
			b := s.batch()
			st, p := &b.State, &b.Params
			st.DepthFunc, st.DepthWrite, st.DepthTest = comparisons[1+r.IntN(7)], r.IntN(2) == 0, r.IntN(4) > 0
			if r.IntN(3) == 0 {
				op := func() raster.StencilOp { return raster.StencilOp(1 + r.IntN(8)) }
				st.Stencil = raster.Stencil{Test: true, Func: comparisons[1+r.IntN(7)], Fail: op(), ZFail: op(), Pass: op()}
				p.StencilRef, p.StencilMask, p.StencilWriteMask = uint8(r.IntN(8)), uint8(r.Uint32())|1, uint8(r.Uint32())
			}
			if r.IntN(2) == 0 {
				st.Blend, st.SrcBlend, st.DestBlend = true, raster.Factor(1+r.IntN(13)), raster.Factor(1+r.IntN(11))
			}
			st.Flat, st.Specular = r.IntN(4) == 0, r.IntN(3) == 0
			if f := raster.Fog(r.IntN(5)); f == raster.FogVertex || f != raster.FogNone && r.IntN(2) == 0 {
				st.Fog, st.FogByW, st.Specular = f, true, false
				p.FogColor, p.FogStart, p.FogEnd, p.FogDensity = r.Uint32(), 0.7, 3.5, 0.4
			}
			p.TextureFactor, p.BorderColor = r.Uint32(), [2]uint32{r.Uint32(), r.Uint32()}
			for i := range r.IntN(3) {
				x := b.texture(i, textures[r.IntN(len(textures))])
				x.ColorOp, x.AlphaOp = s.anyOp(), s.anyOp()
				for _, arg := range []*raster.Arg{&x.ColorArg1, &x.ColorArg2, &x.AlphaArg1, &x.AlphaArg2} {
					*arg = raster.Arg(r.IntN(4)) | raster.Arg(r.IntN(4))<<4
				}
				x.AddressU, x.AddressV = raster.Address(1+r.IntN(4)), raster.Address(1+r.IntN(4))
				x.Mag = raster.FilterPoint
				if i == 0 && r.IntN(2) == 0 { // one, or the bounds of both would add up
					x.Mag = raster.FilterLinear
				}
				x.Min = x.Mag
			}
			b.cull = raster.Cull(1 + r.IntN(3))
			s.scatter(b, 6, shape{far: 1, most: 1 + 2*float32(r.IntN(2)), texels: 1})
		}
	}
}
