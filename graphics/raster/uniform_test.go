package raster

import (
	"slices"
	"testing"

	"github.com/mmlite/mmlite/graphics/blit"
	"pgregory.net/rapid"
)

// TestUniform holds that where a span is said to read one level, each of its
// pixels does.
func TestUniform(t *testing.T) {
	tex := randomTexture(t, 64, 256, 9)
	var said [4]int
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
		s := &c.span
		if !c.cover(&tri) {
			return
		}
		stage := rapid.IntRange(0, 1).Draw(r, "stage")
		p.State.Stages[1], p.Textures[1] = *st, tex
		prepare(t, p)
		if !tri.Setup(p, CullNone, &v[0], &v[1], &v[2]) {
			t.Fatal("not set up")
		}
		tri.corner(&c.corner, 0, 0)
		level, reads := uniform(&c, &tri.g, p, stage)
		said[reads]++
		if reads == levelAny {
			return
		}
		w := walk{t: &paint{&tri.g, tri.affine, 0, 0}, p: p, c: &c.corner}
		w.s[stage] = sampler{t: tex, st: st, ratio: p.ratio[stage], scale: p.scale[stage]}
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
				u, q, f := w.footprint(stage, inv)
				want := uint32(0)
				switch reads {
				case levelOne:
					want = w.s[stage].bilinear(level, u, q)
				case levelNear:
					want = w.s[stage].nearest(level, u, q)
				case levelTwo:
					lod := toInt(log2(w.s[stage].stretch(&f)) * (texOne / 2))
					want = between(w.s[stage].bilinear(level, u, q), w.s[stage].bilinear(level+1, u, q), lod&(texOne-1))
				}
				if got := w.texel(stage, inv); got != want {
					r.Fatalf("pixel %d,%d does not read as said: %d of level %d", x+s.start, y, reads, level)
				}
			}
		}
	})
	// A short run has too few; of two levels there are always few.
	if !testing.Short() && slices.Contains(said[:levelTwo], 0) {
		t.Fatalf("what spans read: %v", said)
	}
	t.Logf("what spans read: %v", said)
}
