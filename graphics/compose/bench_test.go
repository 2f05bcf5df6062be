package compose

import (
	"math/rand/v2"
	"testing"

	"github.com/mmlite/mmlite/graphics/blit"
)

// BenchmarkLayers composes one layer that fills a screen of 640 by 480, and gives
// the rate on one core.
func BenchmarkLayers(b *testing.B) {
	const w, h = 640, 480
	r := rand.New(rand.NewPCG(1, 2))
	for _, f := range []blit.Format{blit.XRGB8888, blit.RGB565, blit.Indexed8, blit.ARGB8888, blit.ARGB4444} {
		for _, k := range []struct {
			name  string
			scale float64
			angle float64
			x     float64
			color uint32
		}{
			{"moved", 1, 0, 0, 0xffffffff},
			{"faded", 1, 0, 0, 0x80ffffff},
			{"by half a pixel", 1, 0, 0.5, 0xffffffff},
			{"doubled", 2, 0, 0, 0xffffffff},
			{"halved", 0.5, 0, 0, 0xffffffff},
			{"turned", 1, 0.5, 0, 0xffffffff},
			{"turned, doubled", 2, 0.5, 0, 0xffffffff},
			{"turned, halved", 0.5, 0.5, 0, 0xffffffff},
		} {
			b.Run(k.name+"/"+f.String(), func(b *testing.B) {
				lw, lh := int(w/k.scale), int(h/k.scale)
				if k.angle != 0 {
					lw, lh = lw*3/2, lh*2
				}
				l := []Layer{{Surface: noise(r, f, lw, lh), Color: k.color, Matrix: turned(lw, lh, k.scale, k.scale, k.angle, 0, w/2-0.5+k.x, h/2-0.5)}}
				dst := target(w, h)
				c := new(Compositor)
				b.ReportAllocs()
				t := spent()
				for b.Loop() {
					if err := c.Compose(&dst, l, nil); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(w*h)*float64(b.N)/(spent()-t).Seconds()/1e6, "Mpixels/s")
			})
		}
	}
}
