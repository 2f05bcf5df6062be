package engine

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"
)

func vectors(t *testing.T, i Interpolation) kernels {
	t.Helper()
	k, ok := vectorKernels(i)
	if !ok {
		t.Skip("this processor or build has the portable kernels only")
	}
	return k
}

// TestVectorSongs: a song comes out the same, byte for byte, of both paths.
func TestVectorSongs(t *testing.T) {
	for _, kind := range []Interpolation{Cubic, Linear, Sinc} {
		vectors(t, kind)
		render := func(portable bool) []byte {
			rng := rand.New(rand.NewPCG(7, 8))
			e := testEngine(t, Config{Interpolation: kind, Portable: portable}, richRegion())
			return song(t, e, func(int) int { return 1 + rng.IntN(400) })
		}
		if !bytes.Equal(render(true), render(false)) {
			t.Errorf("interpolation %d: the paths differ", kind)
		}
	}
}

func TestVectorInterpolation(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var w window
	for i := range w {
		w[i] = float32(rng.IntN(65536) - 32768)
	}
	for _, kind := range []Interpolation{Cubic, Linear, Sinc} {
		p, v := portableKernels(kind), vectors(t, kind)
		for range 3000 {
			n := 1 + rng.IntN(blockFrames)
			pos := uint32(rng.IntN(1 << fracBits))
			inc := uint32(rng.Int64N((1<<32 - int64(pos) - 1) / int64(n)))
			var a, b row
			p.interpolate(&a, n, &w, pos, inc)
			v.interpolate(&b, n, &w, pos, inc)
			for i := range n {
				if math.Float32bits(a[i]) != math.Float32bits(b[i]) {
					t.Fatalf("interpolation %d, pos %#x inc %#x, frame %d: %g portable, %g vector", kind, pos, inc, i, a[i], b[i])
				}
			}
		}
	}
}

// TestVectorConvert covers every length, and that nothing beyond is touched.
func TestVectorConvert(t *testing.T) {
	v := vectors(t, Cubic)
	src := make([]int16, 100)
	for i := range src {
		src[i] = int16(i*7919 - 30000)
	}
	for n := range 90 {
		dst := make([]float32, 100)
		for i := range dst {
			dst[i] = 0.5
		}
		v.convert(dst[3:3+n], src[5:5+n])
		for i, x := range dst {
			want := float32(0.5)
			if i >= 3 && i < 3+n {
				want = float32(src[i+2])
			}
			if x != want {
				t.Fatalf("length %d, index %d: %g, want %g", n, i-3, x, want)
			}
		}
	}
}

func TestVectorMix(t *testing.T) {
	p, v := portableKernels(Cubic), vectors(t, Cubic)
	rng := rand.New(rand.NewPCG(2, 2))
	for n := range blockFrames + 1 {
		for first := range blockFrames + 1 - n {
			src := make([]float32, n)
			var sides [4][]float32
			for i := range sides {
				sides[i] = make([]float32, n+2)
			}
			for i := range src {
				src[i] = rng.Float32() - 0.5
				sides[0][i+1] = rng.Float32()
				sides[1][i+1] = rng.Float32()
			}
			copy(sides[2], sides[0])
			copy(sides[3], sides[1])
			g := ramp{rng.Float32(), rng.Float32() * 0.1, rng.Float32(), rng.Float32() * 0.1}
			if rng.IntN(4) == 0 {
				g.dl, g.dr = 0, 0
			}
			p.mix(sides[0][1:n+1], sides[1][1:n+1], src, &g, first)
			v.mix(sides[2][1:n+1], sides[3][1:n+1], src, &g, first)
			for i := range sides[0] {
				if sides[0][i] != sides[2][i] || sides[1][i] != sides[3][i] {
					t.Fatalf("length %d from %d, frame %d: %v portable, %v vector", n, first, i-1, sides[0][i], sides[2][i])
				}
			}
		}
	}
}

func TestVectorFilter(t *testing.T) {
	p, v := portableKernels(Cubic), vectors(t, Cubic)
	rng := rand.New(rand.NewPCG(3, 3))
	c := newCurves()
	table := newFilterTable(c, testRate)
	for count := 1; count <= batchVoices; count++ {
		a, b := make([]*voice, count), make([]*voice, count)
		for i := range a {
			a[i], b[i] = &voice{blocks: new([2]block)}, &voice{blocks: new([2]block)}
			k := table.lowpass(float32(1500+rng.IntN(12000)), newResonance(c, float32(rng.IntN(300))))
			a[i].filter.b, a[i].filter.a1, a[i].filter.a2 = k.b, k.a1, k.a2
			b[i].filter = a[i].filter
		}
		for range 20 {
			for i := range a {
				for j := range blockFrames {
					x := float32(rng.IntN(65536) - 32768)
					a[i].block().row[j], b[i].block().row[j] = x, x
				}
			}
			p.filter(a)
			v.filter(b)
			for i := range a {
				if a[i].block().row != b[i].block().row || a[i].filter != b[i].filter {
					t.Fatalf("%d voices: voice %d differs", count, i)
				}
			}
		}
	}
}
