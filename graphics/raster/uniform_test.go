package raster

import (
	"testing"

	"github.com/mmlite/mmlite/graphics/blit"
	"pgregory.net/rapid"
)

// TestUniform holds that where a span is said to read one level, each of its
// pixels does.
func TestUniform(t *testing.T) {
	tex := randomTexture(t, 64, 256, 9)
	said, all := 0, 0
	rapid.Check(t, func(r *rapid.T) {
		filter := rapid.SampledFrom([]Filter{FilterPoint, FilterLinear})
		p := textured(t, FilterLinear)
		p.Textures[0] = tex
		st := &p.State.Stages[0]
		st.Mag, st.Min, st.Mip = filter.Draw(r, "mag"), filter.Draw(r, "min"), rapid.SampledFrom([]Filter{FilterNone, FilterPoint, FilterLinear}).Draw(r, "mip")
		prepare(t, p)
		scale := rapid.SampledFrom([]float32{.05, .5, 2, 20}).Draw(r, "scale")
		v := [3]Vertex{genVertex(r, false), genVertex(r, false), genVertex(r, false)}
		for i := range v {
			if rapid.Bool().Draw(r, "much alike") {
				v[i].RHW = .5 + v[i].RHW/16
			}
			for k := range 2 {
				v[i].Tex[0][k] *= scale
			}
		}
		var tri Triangle
		if !tri.Setup(p, CullNone, &v[0], &v[1], &v[2]) {
			return
		}
		var c Chunk
		c.At(0, 0, blit.Rect{X1: Size, Y1: Size})
		s := c.cover(&tri)
		if s.any == 0 {
			return
		}
		tri.corner(&c.corner, 0, 0)
		all++
		level, near, ok := uniform(&c, &tri.g, p, &s)
		if !ok {
			return
		}
		said++
		w := walk{t: &paint{&tri.g, tri.affine, 0, 0}, p: p, c: &c.corner}
		w.s[0] = sampler{t: tex, st: st}
		w.s[0].ratio, w.s[0].scale = spans(tex, p.bias[0])
		for y := s.y0; y < s.y1; y++ {
			for x := range Size - s.start {
				if c.masks[y]&s.any>>x&1 == 0 {
					continue
				}
				for i := range planeSlots {
					row := w.c[i] + float32(tri.g.dy[i]*float32(y))
					w.pixel[i] = row + float32(tri.g.dx[i]*float32(x+s.start))
				}
				inv := float32(1)
				if !tri.affine {
					inv = 1 / w.pixel[planeW]
				}
				f := FilterLinear
				if near {
					f = FilterPoint
				}
				u, q := w.pixel[planeTex], w.pixel[planeTex+1]
				if !tri.affine {
					u, q = float32(u*inv), float32(q*inv)
				}
				if got, want := w.s[0].filtered(f, level, u, q), w.texel(0, inv); got != want {
					r.Fatalf("pixel %d,%d is not of level %d", x+s.start, y, level)
				}
			}
		}
	})
	if said == 0 || said == all {
		t.Fatalf("%d of %d spans read one level", said, all)
	}
	t.Logf("%d of %d spans read one level", said, all)
}
