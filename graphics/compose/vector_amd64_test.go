//go:build !purego

package compose

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestVectors compares every vector function with its reference.
func TestVectors(t *testing.T) {
	if !vector {
		t.Skip("this processor has no AVX2")
	}
	r := rand.New(rand.NewPCG(1, 1))
	random := func(n int, premultiplied bool) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(r.Uint32())
			if r.IntN(8) == 0 {
				b[i] = byte(-(i & 1))
			}
		}
		if premultiplied {
			premultiplyRow(b)
		}
		return b
	}
	for range 3000 {
		n := 4 * r.IntN(70)
		d, s, f := random(n, false), random(n, true), r.Uint32()
		for name, v := range map[string][2]func(d []byte){
			"over":        {func(d []byte) { over(d, s) }, func(d []byte) { overRow(d, s) }},
			"lay":         {func(d []byte) { lay(d, s) }, func(d []byte) { layRow(d, s) }},
			"mask":        {func(d []byte) { mask(d, s) }, func(d []byte) { maskRow(d, s) }},
			"premultiply": {premultiply, premultiplyRow},
			"halve":       {func(d []byte) { halve(d[:len(d)/8*4], s, d) }, func(d []byte) { halveRow(d[:len(d)/8*4], s, d) }},
			"average":     {func(d []byte) { average(d, s) }, func(d []byte) { averageRow(d, s) }},
			"tint":        {func(d []byte) { tint(d, f) }, func(d []byte) { tintRow(d, f) }},
		} {
			a, b := bytes.Clone(d), bytes.Clone(d)
			v[0](a)
			v[1](b)
			if !bytes.Equal(a, b) {
				t.Fatalf("%s: %d bytes differ", name, n)
			}
		}
		// A line through a window of texels, from one point to another.
		pitch, lines := 2+r.IntN(60), 2+r.IntN(60)
		w := warping{src: random(4*pitch*lines, true), pitch: pitch, opaque: r.IntN(2) == 0, mask: [2]uint32{0xffffff, 0xffffffff}[r.IntN(2)]}
		pixels := n/4 + 1
		w.u, w.v = r.Int32N(int32(pitch-1)<<16), r.Int32N(int32(lines-1)<<16)
		w.du = (r.Int32N(int32(pitch-1)<<16) - w.u) / int32(pixels)
		w.dv = (r.Int32N(int32(lines-1)<<16) - w.v) / int32(pixels)
		if r.IntN(3) == 0 {
			// Texels one after the other.
			w.du, w.dv = 1<<16, 0
			if r.IntN(2) == 0 {
				w.du = r.Int32N(1<<16) + 1
			}
			d = d[:4*r.IntN(min(n/4, (pitch-1)<<16/int(w.du)-int(w.u)/int(w.du))+1)]
		}
		a, b := bytes.Clone(d), bytes.Clone(d)
		warp(a, &w)
		warpRow(b, &w)
		if !bytes.Equal(a, b) {
			t.Fatalf("warp: %d pixels differ, opaque %v", n/4, w.opaque)
		}
	}
}
