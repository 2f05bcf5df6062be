//go:build !purego

package render

import (
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/graphics/raster"
)

// wild is a number of any kind, mostly a sensible one.
func wild(r *rand.Rand) float32 {
	switch r.IntN(12) {
	case 0:
		return math.Float32frombits(r.Uint32())
	case 1:
		return 0
	}
	return float32(r.NormFloat64())
}

// equalFloats says that words are the same, or floats that are no numbers.
func equalFloats(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}

// TestVectorsEqualThePortableFunctions does random blocks, of wild numbers too, with
// both: every lane is the same to the bit.
func TestVectorsEqualThePortableFunctions(t *testing.T) {
	if !vector {
		t.Skip("this processor has no AVX2")
	}
	defer func() { vector = true }()
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 2))
		var base lanes
		floats := unsafe.Slice((*float32)(unsafe.Pointer(&base)), unsafe.Offsetof(base.tints)/4)
		for i := range floats {
			if floats[i] = wild(r); seed%2 == 0 {
				floats[i] = float32(r.NormFloat64())
			}
		}
		base.tints = new(tints)
		base.init()
		base.paint(&graphics.Material{Diffuse: graphics.Color{R: wild(r), G: 0.5, B: 2, A: 0.7}, Specular: graphics.Color{R: 1, G: wild(r)}, Emissive: graphics.Color{B: -1}}, &[3]float32{0.1, wild(r), 0.3})
		n := 1 + r.IntN(block)
		var m matrix
		for i := range m {
			for j := range m[i] {
				m[i][j] = wild(r)
			}
		}
		lit := light{kind: graphics.LightType(1 + r.IntN(3)), at: [3]float32{wild(r), wild(r), wild(r)}, to: unit([3]float32{wild(r), 1, wild(r)}), half: unit([3]float32{wild(r), 0, 1}),
			reach2: 100 * r.Float32(), a0: wild(r), a1: r.Float32(), a2: r.Float32(), diffuse: [3]float32{wild(r), 1, 0.3}, cosTheta: 0.9, cosPhi: 0.5, falloff: 1, scale: 2.5}
		exponent := []float32{0, 1, 20, 5.5, wild(r)}[r.IntN(5)]
		near := r.IntN(2) == 0
		src := make([]byte, 24*block)
		for i := range src {
			src[i] = byte(r.Uint32())
		}
		stride := 12 + 4*r.IntN(4)
		view := [8]float32{300, 310, -200, 210, 1, 0}
		plan := &plan{back: r.IntN(2) == 0, diffuseSource: uint32(r.IntN(3)), ambientSource: uint32(r.IntN(3)), specularSource: uint32(r.IntN(3)), emissiveSource: uint32(r.IntN(3))}
		run := func(fast bool) (*lanes, *[block]raster.Vertex, *[block]spot) {
			vector = fast
			l, out, spots := new(lanes), new([block]raster.Vertex), new([block + 1]spot)
			*l = base
			g := geometry{}
			g.place.view, g.place.sx, g.place.ox, g.place.sy, g.place.oy, g.place.sz, g.place.oz = view, view[0], view[1], view[2], view[3], view[4], view[5]
			if seed%3 == 0 {
				fetch(&l.model, src, stride, n)
			}
			toClip(&l.clip, &l.model, &m, n)
			toEye(&l.eye, &l.model, &m, n)
			turn(&l.normal, &l.normal, &m, n)
			unitLanes(&l.normal, &l.normal, 0, n)
			unitLanes(&l.viewer, &l.eye, 1<<31, n)
			fade := l.aim(&lit, n)
			add(&l.diffuse, &lit.diffuse, &l.dot, n)
			l.reflect(&lit, fade, exponent, near, n)
			add(&l.glossy, &lit.diffuse, &l.shine, n)
			l.tones(plan, n)
			g.project(&l.clip, out[:n], spots[:n:n+int(seed)&1])
			scatter(out[:n], &l.front, &l.back)
			return l, out, (*[block]spot)(spots[:block])
		}
		a, va, sa := run(true)
		b, vb, sb := run(false)
		af := unsafe.Slice((*float32)(unsafe.Pointer(a)), unsafe.Offsetof(a.tints)/4)
		bf := unsafe.Slice((*float32)(unsafe.Pointer(b)), unsafe.Offsetof(b.tints)/4)
		for i := range af {
			if i%block < n && !equalFloats(af[i], bf[i]) {
				t.Fatalf("seed %d: vertex %d of %d, lane %d: %v (%#x), and %v (%#x) is right", seed, i%block, n, i/block, af[i], math.Float32bits(af[i]), bf[i], math.Float32bits(bf[i]))
			}
		}
		for i := range n {
			x, y := &va[i], &vb[i]
			if !equalFloats(x.X, y.X) || !equalFloats(x.Y, y.Y) || !equalFloats(x.Z, y.Z) || !equalFloats(x.RHW, y.RHW) || x.Diffuse != y.Diffuse || x.Specular != y.Specular {
				t.Fatalf("seed %d: vertex %d: %+v, and %+v is right", seed, i, x, y)
			}
			if sa[i] != sb[i] {
				t.Fatalf("seed %d: vertex %d at %+v, and %+v is right", seed, i, sa[i], sb[i])
			}
		}
	}
}
