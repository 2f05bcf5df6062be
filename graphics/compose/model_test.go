package compose

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/mmlite/mmlite/graphics/blit"
)

var formats = []blit.Format{blit.Indexed8, blit.RGB565, blit.XRGB1555, blit.ARGB4444, blit.XRGB8888, blit.ARGB8888}

// noise is a surface of random pixels, with a pitch of its own.
func noise(r *rand.Rand, f blit.Format, w, h int) blit.Surface {
	s := blit.Surface{Pitch: w*f.Bytes() + 4*r.IntN(3), Width: w, Height: h, Format: f}
	s.Pix = make([]byte, s.Pitch*(h-1)+w*f.Bytes())
	for i := range s.Pix {
		s.Pix[i] = byte(r.Uint32())
	}
	if f == blit.Indexed8 && r.IntN(4) > 0 {
		s.Palette = new(blit.Palette)
		for i := range s.Palette {
			s.Palette[i] = r.Uint32()
		}
	}
	return s
}

// target is a surface to compose on, inside of memory that nothing else may touch.
func target(w, h int) blit.Surface {
	s := blit.Surface{Pix: make([]byte, (4*w+16)*h), Pitch: 4*w + 16, Width: w, Height: h, Format: blit.XRGB8888}
	for i := range s.Pix {
		s.Pix[i] = 0xcd
	}
	return s
}

// turned is a matrix that scales and turns about the middle of a w by h picture,
// which it puts at x, y.
func turned(w, h int, sx, sy, angle, skew, x, y float64) Affine {
	sin, cos := math.Sincos(angle)
	m := Affine{XX: float32(cos * sx), XY: float32(-sin*sy + skew), YX: float32(sin * sx), YY: float32(cos * sy)}
	cx, cy := float64(w-1)/2, float64(h-1)/2
	m.X0 = float32(x - float64(m.XX)*cx - float64(m.XY)*cy)
	m.Y0 = float32(y - float64(m.YX)*cx - float64(m.YY)*cy)
	return m
}

// randomLayer is a layer somewhere about a w by h screen.
func randomLayer(r *rand.Rand, w, h int) Layer {
	f := formats[r.IntN(len(formats))]
	l := Layer{Surface: noise(r, f, 1+r.IntN(90), 1+r.IntN(90)), Color: 0xffffffff, Depth: int32(r.IntN(4))}
	x, y := r.Float64()*float64(w), r.Float64()*float64(h)
	switch r.IntN(4) {
	case 0:
		l.Matrix = Translate(float32(int(x)-20), float32(int(y)-20))
	case 1:
		l.Matrix = Affine{XX: 0.2 + 3*r.Float32(), YY: 0.2 + 3*r.Float32(), X0: float32(x) - 50, Y0: float32(y) - 50}
	default:
		s := math.Exp(3*r.Float64() - 1.5)
		l.Matrix = turned(l.Surface.Width, l.Surface.Height, s, s*(0.5+r.Float64()), 7*r.Float64(), r.Float64()-0.5, x, y)
	}
	if r.IntN(3) == 0 {
		l.Color = r.Uint32()
	}
	if r.IntN(5) == 0 {
		l.Clip = blit.Rect{X0: int(x) - 30, Y0: int(y) - 30, X1: int(x) + r.IntN(60), Y1: int(y) + 30}
	}
	return l
}

// exact is the picture by the book, in double precision.
func exact(w, h int, layers []Layer, background uint32) (pix [][3]float64) {
	pix = make([][3]float64, w*h)
	for i := range pix {
		for k := range 3 {
			pix[i][k] = float64(background >> (16 - 8*k) & 255)
		}
	}
	for depth := int32(3); depth >= 0; depth-- {
		for i := range layers {
			l := &layers[i]
			if l.Depth != depth {
				continue
			}
			m, s := l.Matrix, &l.Surface
			det := float64(m.XX)*float64(m.YY) - float64(m.XY)*float64(m.YX)
			for y := range h {
				for x := range w {
					if l.Clip != (blit.Rect{}) && (x < l.Clip.X0 || y < l.Clip.Y0 || x >= l.Clip.X1 || y >= l.Clip.Y1) {
						continue
					}
					dx, dy := float64(x)-float64(m.X0), float64(y)-float64(m.Y0)
					u := (float64(m.YY)*dx - float64(m.XY)*dy) / det
					v := (float64(m.XX)*dy - float64(m.YX)*dx) / det
					// How far inside of each edge, in pixels of the screen, from half a pixel outside.
					in := func(texels, across float64) float64 {
						return min(max(texels*math.Abs(det)/across+0.5, 0), 1)
					}
					ax, ay := math.Hypot(float64(m.XY), float64(m.YY)), math.Hypot(float64(m.XX), float64(m.YX))
					covered := max(in(u+0.5, ax)+in(float64(s.Width)-0.5-u, ax)-1, 0) * max(in(v+0.5, ay)+in(float64(s.Height)-0.5-v, ay)-1, 0)
					// Sharp corners end where the box around the layer does.
					mx, my := float64(m.XX)*float64(s.Width-1)+float64(m.XY)*float64(s.Height-1), float64(m.YX)*float64(s.Width-1)+float64(m.YY)*float64(s.Height-1)
					rx, ry := math.Abs(float64(m.XX))*float64(s.Width)+math.Abs(float64(m.XY))*float64(s.Height), math.Abs(float64(m.YX))*float64(s.Width)+math.Abs(float64(m.YY))*float64(s.Height)
					if covered == 0 || math.Abs(dx-mx/2) >= rx/2+0.5 || math.Abs(dy-my/2) >= ry/2+0.5 {
						continue
					}
					// So many texels pass from pixel to pixel.
					c := sampled(l, u, v, halvings(math.Hypot(float64(m.YY), float64(m.XY))/math.Abs(det)), halvings(math.Hypot(float64(m.XX), float64(m.YX))/math.Abs(det)))
					for k := range 3 {
						p := &pix[y*w+x][k]
						*p = covered*c[k] + *p*(1-covered*c[3])
					}
				}
			}
		}
	}
	return pix
}

// sampled is red, green and blue, 0 to 255 and multiplied by alpha, and alpha, 0 to 1.
// The texels are means of boxes of ku and kv halvings.
func sampled(l *Layer, u, v float64, ku, kv int) (c [4]float64) {
	s, bw, bh := &l.Surface, 1<<ku, 1<<kv
	w, h := (s.Width+bw-1)/bw, (s.Height+bh-1)/bh
	u, v = (u+0.5)/float64(bw)-0.5, (v+0.5)/float64(bh)-0.5
	u, v = min(max(u, 0), float64(w-1)), min(max(v, 0), float64(h-1))
	fu, fv := u-math.Floor(u), v-math.Floor(v)
	for i := range 4 {
		x, y := min(int(u)+i&1, w-1), min(int(v)+i>>1, h-1)
		weight := [2]float64{1 - fu, fu}[i&1] * [2]float64{1 - fv, fv}[i>>1] / float64(bw*bh)
		for k := range bw * bh {
			var t [4]byte
			s.Load(t[:], min(x*bw+k%bw, s.Width-1), min(y*bh+k/bw, s.Height-1))
			a := float64(t[3]) / 255 * float64(l.Color>>24) / 255
			c[3] += weight * a
			for k := range 3 {
				c[k] += weight * a * float64(t[2-k]) * float64(l.Color>>(16-8*k)&255) / 255
			}
		}
	}
	return c
}

// halvings is how many a shrinkage needs to be less than 2.
func halvings(shrink float64) (n int) {
	for ; shrink >= 2; shrink /= 2 {
		n++
	}
	return n
}

// TestExact compares random pictures with the book. Positions are rounded to 1/128
// texel, which is 1 of 255 at most in each direction, texels three times, the
// filter twice, and each of the layers once more.
func TestExact(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const w, h = 130, 70
	var c Compositor
	c.Background = 0x204060
	worst, sum, n := 0.0, 0.0, 0
	for round := range 60 {
		layers := make([]Layer, 1+r.IntN(4))
		for i := range layers {
			for layers[i] = randomLayer(r, w, h); ; layers[i] = randomLayer(r, w, h) {
				if p := (plan{}); !p.set(&layers[i]) || max(p.ku, p.kv) <= boxLevel {
					break // all texels count
				}
			}
		}
		dst := target(w, h)
		if err := c.Compose(&dst, layers, nil); err != nil {
			t.Fatal(err)
		}
		want := exact(w, h, layers, c.Background)
		for i := range want {
			for k := range 3 {
				got := float64(dst.Pix[i/w*dst.Pitch+i%w*4+2-k])
				e := math.Abs(got - want[i][k])
				sum, worst, n = sum+e, max(worst, e), n+1
				if e > 5 {
					t.Fatalf("round %d, pixel %d, %d: %v instead of %v", round, i%w, i/w, got, want[i][k])
				}
			}
		}
	}
	t.Logf("mean error %.2f, worst %.2f of 255", sum/float64(n), worst)
	if sum/float64(n) > 0.6 {
		t.Errorf("mean error %v", sum/float64(n))
	}
}
