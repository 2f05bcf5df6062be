package compare

import (
	"testing"

	"github.com/mmlite/mmlite/graphics/blit"
	"github.com/mmlite/mmlite/graphics/raster"
)

var ops = []raster.Op{
	raster.OpSelect1, raster.OpSelect2, raster.OpModulate, raster.OpModulate2X, raster.OpModulate4X, raster.OpAdd, raster.OpAddSigned, raster.OpAddSigned2X,
	raster.OpSubtract, raster.OpAddSmooth, raster.OpBlendDiffuseAlpha, raster.OpBlendTextureAlpha, raster.OpBlendFactorAlpha, raster.OpBlendTextureAlphaPM,
	raster.OpBlendCurrentAlpha, raster.OpDotProduct3,
}

// multiplies says that an operation makes errors of its arguments larger.
func multiplies(op raster.Op) bool {
	switch op {
	case raster.OpModulate2X, raster.OpModulate4X, raster.OpAddSigned2X, raster.OpDotProduct3:
		return true
	}
	return false
}

// anyOp is one that does not.
func (s *scene) anyOp() raster.Op {
	for {
		if op := ops[s.r.IntN(len(ops))]; !multiplies(op) {
			return op
		}
	}
}

// stageScenes: operations of the first stage and of the second, with their arguments.
func stageScenes(t testing.TB, add adder) {
	for _, op := range ops {
		for stage := range 2 {
			s := add("op-%d-stage-%d", op, stage)
			b := s.batch()
			b.Params.TextureFactor = 0x70c08040
			st := b.texture(0, s.make(t, 32, 32, false, blit.ARGB8888, noise))
			st.AlphaOp = raster.OpModulate
			if stage == 1 {
				st = b.texture(1, s.make(t, 16, 64, false, blit.ARGB8888, noise))
				if multiplies(op) {
					s.stages()
				}
			}
			st.ColorOp, st.AlphaOp = op, op
			if op == raster.OpDotProduct3 {
				st.AlphaOp = raster.OpSelect1
			}
			st.ColorArg1, st.ColorArg2, st.AlphaArg1, st.AlphaArg2 = raster.ArgTexture, raster.ArgCurrent, raster.ArgTexture, raster.ArgCurrent
			s.cover(b, 3, shape{most: 2, texels: 2})
		}
	}
	for _, op := range ops {
		// Any arguments, with their modifiers, in both stages.
		s := add("arguments-%d", op)
		s.stages()
		a, c := s.make(t, 32, 32, false, blit.ARGB8888, noise), s.make(t, 64, 8, false, blit.ARGB4444, noise)
		for i := range 6 {
			b := s.batch()
			b.Params.TextureFactor = s.r.Uint32()
			for k, tex := range []*texture{a, c} {
				st := b.texture(k, tex)
				if st.ColorOp = op; k == 0 {
					st.ColorOp = s.anyOp()
				}
				st.AlphaOp = s.anyOp()
				for _, arg := range []*raster.Arg{&st.ColorArg1, &st.ColorArg2, &st.AlphaArg1, &st.AlphaArg2} {
					*arg = raster.Arg(s.r.IntN(4)) | raster.Arg(s.r.IntN(4))<<4
				}
			}
			s.tile(b, i, 3, 2, 0.7, 32, shape{most: 1})
		}
	}
	for _, a := range []raster.Arg{raster.ArgSpecular, raster.ArgSpecular | raster.ArgComplement, raster.ArgSpecular | raster.ArgAlphaReplicate} {
		s := add("argument-specular-%#x", a)
		b := s.batch()
		st := b.texture(0, s.make(t, 32, 32, false, blit.ARGB8888, noise))
		st.ColorArg2, st.AlphaArg1 = a, raster.ArgTexture
		s.cover(b, 3, shape{most: 2, texels: 2})
	}
	s := add("stages-coordinates")
	b := s.batch()
	tex := s.make(t, 32, 32, false, blit.ARGB8888, noise)
	b.texture(0, tex).Coord = 1
	b.texture(1, tex).Coord = 0
	s.cover(b, 3, shape{most: 2, texels: 2})
	s = add("stages-no-texture")
	b = s.batch()
	st := &b.State.Stages[0]
	st.ColorOp, st.ColorArg1, st.AlphaOp, st.AlphaArg1 = raster.OpModulate, raster.ArgTexture, raster.OpSelect1, raster.ArgTexture
	b.Params.TextureFactor = 0xff804020
	b.State.Stages[1].ColorOp, b.State.Stages[1].AlphaOp = raster.OpModulate2X, raster.OpSelect1
	b.State.Stages[1].ColorArg1 = raster.ArgFactor
	s.cover(b, 3, shape{most: 2})
}

// filterScenes: every choice of filters, on textures larger and smaller than
// the picture, and on a floor.
func filterScenes(t testing.TB, add adder) {
	for mag := raster.FilterPoint; mag <= raster.FilterLinear; mag++ {
		for small := raster.FilterPoint; small <= raster.FilterLinear; small++ {
			for mip := raster.FilterNone; mip <= raster.FilterLinear; mip++ {
				set := func(st *raster.Stage) { st.Mag, st.Min, st.Mip = mag, small, mip }
				name := filterName[mag] + "-" + filterName[small] + "-" + filterName[mip]

				s := add("filter-%s-scales", name)
				s.filtered()
				tex := s.make(t, 64, 64, true, blit.ARGB8888, checks)
				// Scales between powers of two, clear of where levels meet.
				if mip == raster.FilterLinear {
					s.levels(mip)
				}
				for i, scale := range []float32{0.11, 0.3, 0.8, 1.3, 1.7, 2.4, 3.4, 4.6, 6.5, 9.5, 13, 70} {
					b := s.batch()
					set(b.texture(0, tex))
					s.tile(b, i, 4, 3, scale, 64, shape{most: 1, color: 0xffffffff})
				}

				s = add("filter-%s-floor", name)
				s.filtered()
				s.levels(mip)
				b := s.batch()
				set(b.texture(0, s.make(t, 64, 64, true, blit.ARGB8888, smooth)))
				s.plane(b, shape{near: 0.1, far: 0.9, most: 10, texels: 1, color: 0xffffffff})

				s = add("filter-%s-mesh", name)
				s.filtered()
				s.levels(mip)
				b = s.batch()
				set(b.texture(0, s.make(t, 128, 32, true, blit.ARGB8888, smooth)))
				s.cover(b, 4, shape{most: 3, texels: 2})
			}
		}
	}
	for _, bias := range []float32{-1.4, -0.6, 0.6, 1.6, 9} {
		s := add("filter-bias-%v", bias)
		s.filtered()
		s.levels(raster.FilterLinear)
		tex := s.make(t, 64, 64, true, blit.ARGB8888, checks)
		for i, scale := range []float32{0.3, 0.9, 1.2, 1.7, 2.4, 3.6, 5, 6.5, 9.5, 13, 21, 30} {
			b := s.batch()
			st := b.texture(0, tex)
			st.Mag, st.Min, st.Mip = raster.FilterLinear, raster.FilterLinear, raster.FilterLinear
			b.Params.LODBias[0] = bias
			s.tile(b, i, 4, 3, scale, 64, shape{most: 1, color: 0xffffffff})
		}
	}
	s := add("filter-one-to-one")
	s.filtered()
	tex := s.make(t, 64, 64, true, blit.ARGB8888, noise)
	for i := range 4 {
		b := s.batch()
		st := b.texture(0, tex)
		st.Mag = raster.FilterPoint + raster.Filter(i&1)
		st.Min = st.Mag
		// A program that wants texels as they are takes half of one off.
		x, y := float32(i%2*72)-0.5, float32(i/2*60)-0.5
		v := func(dx, dy float32) raster.Vertex {
			return raster.Vertex{X: x + dx, Y: y + dy, RHW: 1, Diffuse: 0xffffffff, Specular: 0xff000000, Tex: [2][2]float32{{dx / 64, dy / 64}, {}}}
		}
		q := [4]raster.Vertex{v(0, 0), v(64, 0), v(64, 56), v(0, 56)}
		b.v = append(b.v, q[0], q[1], q[2], q[0], q[2], q[3])
	}
}

// levels is the bound of scenes whose level of detail changes from pixel to pixel,
// or weighs two levels. OpenGL 2.1, 3.8.8, lets implementations approximate it,
// and Direct3D does not say how it is found. Mesa's logarithm is straight between
// powers of two of the squared scale, which is 0.043 levels off at most, and its
// derivatives are those of a quad of pixels.
func (s *scene) levels(mip raster.Filter) {
	switch mip {
	case raster.FilterPoint:
		s.bound.lod = 0.1
	case raster.FilterLinear:
		s.bound.lod = 0.05
	}
}

func addressScenes(t testing.TB, add adder) {
	for u := raster.Wrap; u <= raster.Border; u++ {
		for v := raster.Wrap; v <= raster.Border; v++ {
			for f := raster.FilterPoint; f <= raster.FilterLinear; f++ {
				s := add("address-%s-%s-%s", addressName[u], addressName[v], filterName[f])
				if f == raster.FilterLinear {
					s.filtered()
				}
				b := s.batch()
				st := b.texture(0, s.make(t, 16, 32, false, blit.ARGB8888, checks))
				st.AddressU, st.AddressV, st.Mag, st.Min = u, v, f, f
				b.Params.BorderColor[0] = 0x80ff20c0
				s.cover(b, 1, shape{most: 1, texels: 5, color: 0xffffffff})
				for i := range b.v {
					b.v[i].Tex[0][0] -= 2.3
					b.v[i].Tex[0][1] -= 2.6
				}
			}
		}
	}
	for _, size := range [][2]int{{1, 1}, {1, 64}, {256, 2}, {2, 2}} {
		for f := raster.FilterPoint; f <= raster.FilterLinear; f++ {
			s := add("texture-%d-by-%d-%s", size[0], size[1], filterName[f])
			s.filtered()
			s.levels(f)
			b := s.batch()
			st := b.texture(0, s.make(t, size[0], size[1], true, blit.ARGB8888, smooth))
			st.Mag, st.Min, st.Mip = f, f, f
			s.cover(b, 3, shape{most: 2, texels: 1.5})
		}
	}
}

func formatScenes(t testing.TB, add adder) {
	for _, f := range formats {
		for _, filter := range []raster.Filter{raster.FilterPoint, raster.FilterLinear} {
			s := add("texture-%s-%s", f, filterName[filter])
			if filter == raster.FilterLinear {
				s.filtered()
			}
			b := s.batch()
			st := b.texture(0, s.make(t, 64, 32, false, f, noise))
			st.Mag, st.Min = filter, filter
			b.State.Blend, b.State.SrcBlend, b.State.DestBlend = true, raster.SrcAlpha, raster.InvSrcAlpha
			s.cover(b, 2, shape{most: 2, texels: 1})
		}
	}
	for _, f := range formats[1:] {
		for _, textured := range []bool{false, true} {
			s := add("target-%s-textured=%t", f, textured)
			s.format = f
			b := s.batch()
			if textured {
				s.filtered()
				st := b.texture(0, s.make(t, 32, 32, false, blit.ARGB8888, smooth))
				st.Mag, st.Min = raster.FilterLinear, raster.FilterLinear
				st.AlphaOp = raster.OpModulate
			}
			b.State.Blend, b.State.SrcBlend, b.State.DestBlend = true, raster.SrcAlpha, raster.InvSrcAlpha
			s.cover(b, 4, shape{most: 2, texels: 1})
		}
	}
}
