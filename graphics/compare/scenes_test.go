package compare

import (
	"fmt"
	"testing"

	"github.com/mmlite/mmlite/graphics/blit"
	"github.com/mmlite/mmlite/graphics/raster"
)

var (
	comparisons = []raster.Compare{raster.Never, raster.Less, raster.Equal, raster.LessEqual, raster.Greater, raster.NotEqual, raster.GreaterEqual, raster.Always}
	compareName = []string{"", "never", "less", "equal", "lessequal", "greater", "notequal", "greaterequal", "always"}
	filterName  = []string{"", "none", "point", "linear"}
	addressName = []string{"", "wrap", "mirror", "clamp", "border"}
	formats     = []blit.Format{blit.Indexed8, blit.RGB565, blit.XRGB1555, blit.ARGB4444, blit.XRGB8888, blit.ARGB8888}
)

// filtered is the bound where texels are weighed: Direct3D leaves the precision
// of the weights open.
func (s *scene) filtered() { s.bound.channel = 4 }

// stages is the bound where a stage multiplies what another one has computed:
// Direct3D leaves the precision between stages open. Here results have 8 bits, in
// Mesa they are floats, and a factor of 4 makes two steps of half a one.
func (s *scene) stages() { s.bound.channel = 4 }

// generate is all scenes of transformed triangles.
func generate(t testing.TB) (all []*scene) {
	add := func(format string, args ...any) *scene {
		s := newScene(fmt.Sprintf(format, args...))
		all = append(all, s)
		return s
	}
	shadingScenes(add)
	depthScenes(add)
	stencilScenes(add)
	alphaScenes(t, add)
	blendScenes(t, add)
	stageScenes(t, add)
	filterScenes(t, add)
	addressScenes(t, add)
	formatScenes(t, add)
	fogScenes(t, add)
	mixedScenes(t, add)
	return all
}

type adder func(format string, args ...any) *scene

func shadingScenes(add adder) {
	for _, flat := range []bool{false, true} {
		for _, most := range []float32{1, 1.5, 8} {
			for _, n := range []int{3, 17} {
				s := add("shade-flat=%t-w=%v-mesh=%d", flat, most, n)
				b := s.batch()
				b.State.Flat = flat
				s.cover(b, n, shape{far: 1, most: most})
			}
		}
	}
	for i, n := range []int{40, 400} {
		s := add("shade-scatter-%d", n)
		b := s.batch()
		b.State.DepthFunc = raster.Less
		s.scatter(b, n, shape{far: 1, most: float32(1 + 3*i)})
	}
	for cull := raster.CullNone; cull <= raster.CullCounterclockwise; cull++ {
		s := add("cull-%d", cull)
		b := s.batch()
		b.cull = cull
		s.scatter(b, 60, shape{far: 1, most: 2})
	}
	for _, flat := range []bool{false, true} {
		s := add("specular-flat=%t", flat)
		b := s.batch()
		b.State.Specular, b.State.Flat = true, flat
		s.cover(b, 6, shape{most: 3})
	}
	s := add("edges-on-centres")
	b := s.batch()
	b.State.DepthTest = false
	g := shape{most: 1}
	for range 150 {
		for range 3 {
			b.v = append(b.v, s.vertex(float32(s.r.IntN(sceneWidth)), float32(s.r.IntN(sceneHeight)), &g))
		}
	}
}

func depthScenes(add adder) {
	for _, f := range comparisons {
		for _, write := range []bool{true, false} {
			s := add("depth-%s-write=%t", compareName[f], write)
			s.z = 0.5
			s.scatter(s.batch(), 30, shape{far: 1, most: 2})
			b := s.batch()
			b.State.DepthFunc, b.State.DepthWrite = f, write
			b.State.Flat = true
			s.scatter(b, 30, shape{far: 1, most: 2})
			// And once more what is there, for what equals.
			b = s.batch()
			b.State.DepthFunc, b.State.DepthWrite = f, write
			b.v = s.batches[0].v
			b.State.Blend, b.State.SrcBlend, b.State.DestBlend = true, raster.One, raster.One
		}
	}
	s := add("depth-only")
	b := s.batch()
	b.State.NoColor = true
	s.scatter(b, 30, shape{far: 1, most: 2})
	s.scatter(s.batch(), 30, shape{far: 1, most: 2})
	s = add("depth-off")
	b = s.batch()
	b.State.DepthTest = false
	s.scatter(b, 50, shape{far: 1, most: 2})
}

func stencilScenes(add adder) {
	one := func(f raster.Compare, fail, zfail, pass raster.StencilOp, mask, write uint8, name string) {
		s := add("stencil-%s", name)
		s.bits, s.z = 254, 0.6
		s.bound.empty = f == raster.Never // but for the stencil
		for i := range 3 {
			b := s.batch()
			b.State.Stencil = raster.Stencil{Test: true, Func: f, Fail: fail, ZFail: zfail, Pass: pass}
			b.Params.StencilRef, b.Params.StencilMask, b.Params.StencilWriteMask = uint8(254+i), mask, write
			s.scatter(b, 25, shape{far: 1, most: 2})
		}
	}
	const keep = raster.StencilKeep
	for _, f := range comparisons {
		one(f, raster.StencilIncrement, raster.StencilDecrement, raster.StencilInvert, 255, 255, compareName[f])
	}
	for op := raster.StencilKeep; op <= raster.StencilDecrement; op++ {
		one(raster.Always, keep, keep, op, 255, 255, fmt.Sprintf("pass-%d", op))
		one(raster.Always, keep, op, keep, 255, 255, fmt.Sprintf("zfail-%d", op))
		one(raster.NotEqual, op, keep, raster.StencilIncrement, 255, 255, fmt.Sprintf("fail-%d", op))
	}
	one(raster.Equal, raster.StencilInvert, raster.StencilIncrement, raster.StencilReplace, 0x0f, 0xf3, "masked")
	one(raster.LessEqual, raster.StencilIncrSat, raster.StencilZero, raster.StencilDecrSat, 0xfc, 0x3f, "masked-saturating")
}

func alphaScenes(t testing.TB, add adder) {
	for _, f := range comparisons {
		// Alpha in steps: where it slopes, a hundredth of a step decides.
		s := add("alpha-%s", compareName[f])
		s.bound.empty = f == raster.Never
		tex := s.make(t, 32, 16, false, blit.ARGB4444, noise)
		b := s.batch()
		b.texture(0, tex).AlphaArg1 = raster.ArgTexture
		b.State.AlphaTest, b.State.AlphaFunc, b.Params.AlphaRef = true, f, 0x88
		s.cover(b, 4, shape{most: 2, texels: 2})
	}
	for _, f := range []raster.Compare{raster.Less, raster.GreaterEqual} {
		s := add("alpha-slope-%s", compareName[f])
		b := s.batch()
		b.State.AlphaTest, b.State.AlphaFunc, b.Params.AlphaRef = true, f, 100
		s.cover(b, 3, shape{most: 2})
	}
}

func blendScenes(t testing.TB, add adder) {
	for src := raster.Zero; src <= raster.BothInvSrcAlpha; src++ {
		s := add("blend-source-%d", src)
		s.clear = 0x9060a0c0
		under := s.batch()
		under.State.DepthTest = false
		under.texture(0, s.make(t, 16, 16, false, blit.ARGB8888, noise)).AlphaArg1 = raster.ArgTexture
		s.cover(under, 2, shape{most: 1, texels: 3, color: 0xffffffff})
		for dst := raster.Zero; dst <= raster.SrcAlphaSat; dst++ {
			b := s.batch()
			b.State.DepthTest = false
			b.State.Blend, b.State.SrcBlend, b.State.DestBlend = true, src, dst
			s.tile(b, int(dst-1), 4, 3, 1, 1, shape{most: 1})
		}
	}
	s := add("blend-layers")
	for range 4 {
		b := s.batch()
		b.State.DepthTest = false
		b.State.Blend, b.State.SrcBlend, b.State.DestBlend = true, raster.SrcAlpha, raster.InvSrcAlpha
		s.scatter(b, 2, shape{most: 2})
	}
}
