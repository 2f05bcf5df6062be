package compose

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/mmlite/mmlite/graphics/blit"
)

// anyLayer is a random one, which may be composed coarse.
func anyLayer(r *rand.Rand, w, h int) Layer {
	l := randomLayer(r, w, h)
	if r.IntN(2) == 0 {
		l.Coarse = uint8(r.IntN(MaxCoarse + 1))
	}
	return l
}

// hills is a picture without sharp edges, and with alpha.
func hills(w, h int, f blit.Format) blit.Surface {
	s := blit.Surface{Pix: make([]byte, 4*w*h), Pitch: 4 * w, Width: w, Height: h, Format: f}
	for i := range w * h {
		x, y := float64(i%w)/float64(w), float64(i/w)/float64(h)
		for k, v := range [4]float64{math.Sin(5*x + 3*y), math.Sin(7 * y), math.Cos(6*x - y), math.Sin(math.Pi*x) * math.Sin(math.Pi*y)} {
			s.Pix[4*i+k] = byte(127 + 127*v)
		}
	}
	return s
}

// TestCoarse composes layers that a few pixels can show at each resolution: they look
// alike, and each halving costs less.
func TestCoarse(t *testing.T) {
	const w, h = 320, 200
	layers := []Layer{
		{Surface: hills(w, h, blit.XRGB8888), Matrix: Identity, Color: 0xffffffff, Depth: 3},
		{Surface: hills(w, h, blit.ARGB8888), Matrix: Identity, Color: 0xffffffff, Depth: 2},
		{Surface: hills(200, 200, blit.ARGB8888), Matrix: turned(200, 200, 0.9, 0.7, 0.4, 0, 170.3, 90.8), Color: 0xff80ffc0, Depth: 1},
		{Surface: hills(w, h, blit.ARGB8888), Matrix: Affine{XX: -1, X0: w - 1, YY: 1}, Color: 0x80ffffff},
	}
	sharp := compose(t, w, h, layers, nil)
	before := uint64(math.MaxUint64)
	for k := uint8(1); k <= MaxCoarse; k++ {
		for i := range layers {
			layers[i].Coarse = k
		}
		dst := target(w, h)
		var c Compositor
		if err := c.Compose(&dst, layers, nil); err != nil {
			t.Fatal(err)
		}
		sum, n := 0., 0
		for y := range h {
			for x := range w {
				for b := range 3 {
					at := y*dst.Pitch + 4*x + b
					sum += math.Abs(float64(dst.Pix[at]) - float64(sharp.Pix[at]))
					n++
				}
			}
		}
		t.Logf("%d halvings: off by %.2f of 255 in the mean, %d pixels computed", k, sum/float64(n), c.Pixels)
		if limit := 1.2 * float64(int(1)<<k); sum/float64(n) > limit || sum == 0 {
			t.Errorf("%d halvings: off by %v", k, sum/float64(n))
		}
		if c.Pixels >= before {
			t.Errorf("%d halvings: %d pixels computed, and %d with one less", k, c.Pixels, before)
		}
		before = c.Pixels
	}
}

// TestCoarseBesideSharp has what is composed coarse leave alone what lies in front of
// it, beside it, and behind where nothing is.
func TestCoarseBesideSharp(t *testing.T) {
	const w, h = 256, 128
	back := Layer{Surface: noise(rand.New(rand.NewPCG(1, 2)), blit.RGB565, w, h), Matrix: Identity, Color: 0xffffffff, Depth: 9}
	front := Layer{Surface: noise(rand.New(rand.NewPCG(3, 4)), blit.ARGB8888, 40, 30), Matrix: turned(40, 30, 1, 1, 0.3, 0, 100, 60), Color: 0xffffffff}
	hidden := Layer{Surface: noise(rand.New(rand.NewPCG(5, 6)), blit.XRGB8888, 64, 64), Matrix: Translate(64, 32), Color: 0xffffffff, Depth: -1}
	rough := []Layer{
		{Surface: blit.Surface{Pix: make([]byte, 4*80*40), Pitch: 320, Width: 80, Height: 40, Format: blit.ARGB8888}, Matrix: Translate(20, 20), Color: 0xffffffff, Depth: 5, Coarse: 3},
		{Surface: noise(rand.New(rand.NewPCG(7, 8)), blit.XRGB8888, 32, 32), Matrix: Translate(80, 48), Color: 0xffffffff, Depth: 4, Coarse: 2},
	}
	want := compose(t, w, h, []Layer{back, front, hidden}, nil)
	// One is transparent, and the other hidden.
	got := compose(t, w, h, []Layer{back, front, hidden, rough[0], rough[1]}, nil)
	if !bytes.Equal(want.Pix, got.Pix) {
		t.Error("layers that cannot be seen changed the picture")
	}
}

// BenchmarkCoarse composes 256 layers that each fill a screen of 640 by 480.
func BenchmarkCoarse(b *testing.B) {
	const w, h = 640, 480
	r := rand.New(rand.NewPCG(1, 2))
	for _, f := range []blit.Format{blit.ARGB8888, blit.ARGB4444} {
		layers := make([]Layer, 256)
		for i := range layers {
			layers[i] = Layer{Surface: noise(r, f, w, h), Matrix: turned(w, h, 1, 1, float64(i%8)/100, 0, w/2-0.5, h/2-0.5), Color: 0x40ffffff}
			if i > 15 {
				layers[i].Surface = layers[i%16].Surface
			}
		}
		for k := uint8(0); k <= MaxCoarse; k++ {
			for i := range layers {
				layers[i].Coarse = k
			}
			b.Run(f.String()+"/"+string('0'+rune(k)), func(b *testing.B) {
				dst := target(w, h)
				c := new(Compositor)
				for b.Loop() {
					if err := c.Compose(&dst, layers, nil); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
