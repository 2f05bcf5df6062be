package compose

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/mmlite/mmlite/graphics/blit"
)

func compose(t *testing.T, w, h int, layers []Layer, damage []blit.Rect) blit.Surface {
	t.Helper()
	dst := target(w, h)
	var c Compositor
	c.Background = 0x102030
	if err := c.Compose(&dst, layers, damage); err != nil {
		t.Fatal(err)
	}
	return dst
}

// TestPieces draws the same picture whole, and in rectangles cut at random, sharp or
// coarse.
func TestPieces(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for round := range 80 {
		w, h := 1+r.IntN(200), 1+r.IntN(120)
		var layers []Layer
		for range r.IntN(8) {
			l := randomLayer(r, w, h)
			l.Coarse = uint8(round % 2 * (round / 2 % MaxCoarse))
			layers = append(layers, l)
		}
		whole := compose(t, w, h, layers, nil)
		var pieces []blit.Rect
		var cut func(p blit.Rect)
		cut = func(p blit.Rect) {
			if p.Dx() > 1 && r.IntN(4) > 0 {
				m := p.X0 + 1 + r.IntN(p.Dx()-1)
				cut(blit.Rect{X0: p.X0, Y0: p.Y0, X1: m, Y1: p.Y1})
				p.X0 = m
			}
			if p.Dy() > 1 && r.IntN(4) > 0 {
				m := p.Y0 + 1 + r.IntN(p.Dy()-1)
				cut(blit.Rect{X0: p.X0, Y0: p.Y0, X1: p.X1, Y1: m})
				p.Y0 = m
			}
			pieces = append(pieces, p)
		}
		cut(blit.Rect{X0: -5, Y0: -5, X1: w + 5, Y1: h + 5})
		parts := compose(t, w, h, layers, pieces)
		if !bytes.Equal(whole.Pix, parts.Pix) {
			t.Fatal("a picture in pieces differs from the whole")
		}
	}
}

// TestDamage leaves everything outside of the damage as it was.
func TestDamage(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	const w, h = 150, 90
	for round := range 60 {
		layers := []Layer{randomLayer(r, w, h), randomLayer(r, w, h), randomLayer(r, w, h)}
		for i := range layers {
			layers[i].Coarse = uint8(round % 4)
		}
		d := blit.Rect{X0: r.IntN(w) - 10, Y0: r.IntN(h) - 10}
		d.X1, d.Y1 = d.X0+1+r.IntN(90), d.Y0+1+r.IntN(60)
		whole, part, none := compose(t, w, h, layers, nil), compose(t, w, h, layers, []blit.Rect{d}), target(w, h)
		for y := range h {
			for x := range part.Pitch {
				want := none.Pix[y*part.Pitch+x]
				if x/4 >= d.X0 && x/4 < min(d.X1, w) && y >= d.Y0 && y < d.Y1 {
					want = whole.Pix[y*part.Pitch+x]
				}
				if part.Pix[y*part.Pitch+x] != want {
					t.Fatalf("byte %d of line %d", x, y)
				}
			}
		}
	}
}

// TestSeams lays random grids of layers, whose common corners are at 1/256ths of a
// pixel, and adds up how much of each pixel they cover: all of it, within the grid.
func TestSeams(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	const w, h, n = 200, 160, 6
	for round := range 40 {
		xx, xy := float32(r.IntN(9000)-4500)/256, float32(r.IntN(9000)-4500)/256
		yx, yy := float32(r.IntN(9000)-4500)/256, float32(r.IntN(9000)-4500)/256
		x0, y0 := 100-(xx+xy)*n/2, 80-(yx+yy)*n/2
		size := 1 << r.IntN(4) // texels
		s := blit.Surface{Pix: make([]byte, size*size*4), Pitch: size * 4, Width: size, Height: size, Format: blit.XRGB8888}
		for k := range s.Pix {
			s.Pix[k] = 255
		}
		sums := make([]int, w*h)
		var grid plan
		for i := range n * n {
			gx, gy := float32(i%n), float32(i/n)
			f := 1 / float32(size)
			m := Affine{XX: xx * f, XY: xy * f, YX: yx * f, YY: yy * f}
			// The layer's corner is at -0.5 texels.
			m.X0, m.Y0 = x0+xx*gx+xy*gy+(m.XX+m.XY)/2, y0+yx*gx+yy*gy+(m.YX+m.YY)/2
			dst := target(w, h)
			if err := new(Compositor).Compose(&dst, []Layer{{Surface: s, Matrix: m, Color: 0xffffffff}}, nil); err != nil {
				t.Fatal(err)
			}
			for k := range sums {
				sums[k] += int(dst.Pix[k/w*dst.Pitch+k%w*4])
			}
		}
		one := Layer{Surface: blit.Surface{Width: n, Height: n, Format: blit.XRGB8888}, Color: 0xffffffff,
			Matrix: Affine{XX: xx, XY: xy, YX: yx, YY: yy, X0: x0 + (xx+xy)/2, Y0: y0 + (yx+yy)/2}}
		if !grid.set(&one) {
			continue
		}
		sharp := math.Abs(float64(xx*yy-xy*yx)) < 0.5*math.Hypot(float64(xx), float64(yx))*math.Hypot(float64(xy), float64(yy))
		for k, sum := range sums {
			// Sharp corners are cut off, where the box around the layer ends.
			near := sharp
			for i := range (n + 1) * (n + 1) {
				gx, gy := float32(i%(n+1)), float32(i/(n+1))
				near = near || math.Hypot(float64(x0+xx*gx+xy*gy)-float64(k%w), float64(y0+yx*gx+yy*gy)-float64(k/w)) < 3
			}
			if near {
				continue
			}
			want := int(grid.coverage(k%w, k/w)) * 255 / whole
			if sum < want-4*n || sum > want+4*n || want == 255 && sum < 250 {
				t.Fatalf("round %d: of pixel %d, %d there is %d covered instead of %d", round, k%w, k/w, sum, want)
			}
		}
	}
}

// TestMoved compares the plain copy with the filter, which a hair of turning brings
// about.
func TestMoved(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for _, f := range formats {
		for _, colour := range []uint32{0xffffffff, 0x80ff40c0} {
			l := Layer{Surface: noise(r, f, 77, 41), Color: colour, Matrix: Translate(13, -7)}
			a := compose(t, 100, 50, []Layer{l}, nil)
			l.Matrix.XY = 1e-9
			b := compose(t, 100, 50, []Layer{l}, nil)
			if !bytes.Equal(a.Pix, b.Pix) {
				t.Errorf("%v, %x: moved and filtered pictures differ", f, colour)
			}
		}
	}
}

// TestHides counts what is not computed because it cannot be seen.
func TestHides(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	back := Layer{Surface: noise(r, blit.ARGB8888, 256, 128), Matrix: Identity, Color: 0xffffffff, Depth: 2}
	front := Layer{Surface: noise(r, blit.RGB565, 256, 128), Matrix: Identity, Color: 0xffffffff}
	dst := target(256, 128)
	var c Compositor
	if err := c.Compose(&dst, []Layer{front, back}, nil); err != nil {
		t.Fatal(err)
	}
	if c.Hidden != 256*128 || c.Pixels != 256*128 {
		t.Errorf("%d pixels hidden, %d computed", c.Hidden, c.Pixels)
	}
	front.Color = 0xfeffffff
	c = Compositor{}
	if err := c.Compose(&dst, []Layer{front, back}, nil); err != nil {
		t.Fatal(err)
	}
	if c.Hidden != 0 || c.Pixels != 3*256*128 {
		t.Errorf("behind a layer that can be seen through: %d hidden, %d computed", c.Hidden, c.Pixels)
	}
}

// TestHostile composes layers that no program should ask for.
func TestHostile(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	r := rand.New(rand.NewPCG(13, 14))
	odd := []float32{0, 1, -1, nan, inf, -inf, 1e-30, 1e30, 3e38, 1e-45, 0.5, 16384, -32768, 65536, 1e-4}
	dst := target(70, 50)
	var c Compositor
	for range 20000 {
		var m [6]float32
		for i := range m {
			m[i] = odd[r.IntN(len(odd))]
			if r.IntN(3) == 0 {
				m[i] = math.Float32frombits(r.Uint32())
			}
		}
		l := Layer{Surface: noise(r, blit.ARGB8888, 1+r.IntN(9), 1+r.IntN(9)), Color: r.Uint32(), Coarse: uint8(r.IntN(8)),
			Matrix: Affine{m[0], m[1], m[2], m[3], m[4], m[5]}}
		if r.IntN(2) == 0 {
			l.Clip = blit.Rect{X0: math.MinInt32, Y0: int(int32(r.Uint32())), X1: math.MaxInt32, Y1: int(int32(r.Uint32()))}
		}
		if err := c.Compose(&dst, []Layer{l}, nil); err != nil {
			t.Fatal(err)
		}
	}
	for y := range 50 {
		for x := 280; x < dst.Pitch; x++ {
			if dst.Pix[y*dst.Pitch+x] != 0xcd {
				t.Fatalf("wrote behind line %d", y)
			}
		}
	}
	// A layer that is as large, and shrunk as far, as it may be.
	big := Layer{Surface: blit.Surface{Pix: make([]byte, 16384*2), Pitch: 16384, Width: 16384, Height: 2, Format: blit.Indexed8}, Color: 0xffffffff}
	for _, s := range []float32{1, 4, 8, 1. / 64, 1. / 8192, 1. / 8193} {
		big.Matrix = Affine{XX: s, XY: 0.01, YX: 0.001, YY: s * 1000, X0: -3 * s, Y0: -s}
		if err := c.Compose(&dst, []Layer{big}, nil); err != nil {
			t.Fatal(err)
		}
	}
}

func TestErrors(t *testing.T) {
	good := Layer{Surface: noise(rand.New(rand.NewPCG(1, 1)), blit.RGB565, 4, 4), Color: 0xffffffff, Matrix: Identity}
	bad := good
	bad.Surface.Pix = bad.Surface.Pix[:5]
	dst, narrow, none := target(8, 8), noise(rand.New(rand.NewPCG(1, 1)), blit.RGB565, 8, 8), target(8, 8)
	none.Pix = nil
	var c Compositor
	for name, v := range map[string]struct {
		dst    *blit.Surface
		layers []Layer
		want   error
	}{
		"format":   {&narrow, nil, ErrTarget},
		"memory":   {&none, nil, ErrTarget},
		"no":       {nil, nil, ErrTarget},
		"layer":    {&dst, []Layer{good, bad}, ErrLayer},
		"too many": {&dst, make([]Layer, MaxLayers+1), ErrLayer},
	} {
		if err := c.Compose(v.dst, v.layers, nil); !errors.Is(err, v.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if dst.Pix[0] != 0xcd {
		t.Error("drew in spite of an error")
	}
}

func TestBounds(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	for range 300 {
		l := anyLayer(r, 100, 80)
		l.Color = 0xffffffff
		l.Surface = noise(r, blit.XRGB8888, l.Surface.Width, l.Surface.Height)
		for i := range l.Surface.Pix {
			l.Surface.Pix[i] = 255
		}
		dst := compose(t, 100, 80, []Layer{l}, nil)
		b := l.Bounds().Intersect(dst.Bounds())
		for y := range 80 {
			for x := range 100 {
				in := x >= b.X0 && x < b.X1 && y >= b.Y0 && y < b.Y1
				if le.Uint32(dst.Pix[y*dst.Pitch+4*x:]) != 0x102030 && !in {
					t.Fatalf("%d, %d is outside of %v", x, y, b)
				}
			}
		}
	}
}

// TestPause composes with pauses and counts them.
func TestPause(t *testing.T) {
	l := Layer{Surface: noise(rand.New(rand.NewPCG(1, 1)), blit.RGB565, 64, 64), Color: 0xffffffff, Matrix: turned(64, 64, 6, 6, 1, 0, 200, 150)}
	dst := target(400, 300)
	var c Compositor
	pauses := 0
	c.Pause = func() { pauses++ }
	if err := c.Compose(&dst, []Layer{l}, nil); err != nil {
		t.Fatal(err)
	}
	if want := int(c.Pixels) / (pausePixels + bandLines*400); pauses < want || want == 0 {
		t.Errorf("%d pauses for %d pixels", pauses, c.Pixels)
	}
}

func TestNothingAllocated(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 18))
	var layers []Layer
	for range 20 {
		layers = append(layers, anyLayer(r, 200, 100))
	}
	dst, c := target(200, 100), new(Compositor)
	damage := []blit.Rect{{X0: 3, Y0: 5, X1: 190, Y1: 77}}
	if n := testing.AllocsPerRun(20, func() {
		if err := c.Compose(&dst, layers, damage); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
