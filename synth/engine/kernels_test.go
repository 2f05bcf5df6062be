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
	for range 200 {
		var src row
		var a, b accumulator
		for i := range src {
			src[i] = rng.Float32() - 0.5
		}
		for i := range a.left {
			a.left[i], a.right[i] = rng.Float32(), rng.Float32()
		}
		b = a
		g := ramp{rng.Float32(), rng.Float32() * 0.1, rng.Float32(), rng.Float32() * 0.1}
		at := rng.IntN(blockFrames)
		p.mix((*row)(a.left[at:]), (*row)(a.right[at:]), &src, &g)
		v.mix((*row)(b.left[at:]), (*row)(b.right[at:]), &src, &g)
		if a != b {
			t.Fatalf("at %d: the sums differ", at)
		}
	}
}

func TestVectorFilter(t *testing.T) {
	p, v := portableKernels(Cubic), vectors(t, Cubic)
	rng := rand.New(rand.NewPCG(3, 3))
	c := newCurves()
	table := newFilterTable(c, testRate)
	for count := 1; count <= batchVoices; count++ {
		var rowsA, rowsB [batchVoices]row
		var which []uint8
		var a, b []*biquad
		for i := range count {
			k := table.lowpass(float32(1500+rng.IntN(12000)), newResonance(c, float32(rng.IntN(300))))
			f, g := biquad{b: k.b, a1: k.a1, a2: k.a2}, biquad{b: k.b, a1: k.a1, a2: k.a2}
			a, b = append(a, &f), append(b, &g)
			which = append(which, uint8(batchVoices-1-i))
		}
		for range 20 {
			for i := range rowsA {
				for j := range rowsA[i] {
					rowsA[i][j] = float32(rng.IntN(65536) - 32768)
				}
			}
			rowsB = rowsA
			p.filter(&rowsA, which, a)
			v.filter(&rowsB, which, b)
			if rowsA != rowsB {
				t.Fatalf("%d filters: the rows differ", count)
			}
			for i := range a {
				if *a[i] != *b[i] {
					t.Fatalf("%d filters: the state of number %d differs", count, i)
				}
			}
		}
	}
}
