package blit

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestLoadEach gets every so-manieth pixel as Load does one by one.
func TestLoadEach(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for f := Indexed8; f <= ARGB8888; f++ {
		const w, h = 100, 3
		s := Surface{Pix: make([]byte, f.Bytes()*w*h), Pitch: f.Bytes() * w, Width: w, Height: h, Format: f}
		for i := range s.Pix {
			s.Pix[i] = byte(r.Uint32())
		}
		for range 100 {
			x, y, step := r.IntN(w), r.IntN(h), 1+r.IntN(20)
			n := 1 + r.IntN((w-1-x)/step+1)
			got, want := make([]byte, 4*n), make([]byte, 4*n)
			s.LoadEach(got, x, y, step)
			for i := range n {
				s.Load(want[4*i:4*i+4], x+i*step, y)
			}
			if !bytes.Equal(got, want) {
				t.Fatalf("%v: %d pixels from %d, %d in steps of %d", f, n, x, y, step)
			}
		}
	}
}
