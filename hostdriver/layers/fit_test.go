package layers

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/mmlite/mmlite/contracts/graphics"
)

func points(r *rand.Rand, n int) []Point {
	p := make([]Point, n)
	for i := range p {
		p[i] = Point{r.Float64()*600 - 100, r.Float64()*400 - 100}
	}
	return p
}

func affine(r *rand.Rand) graphics.Affine {
	f := func() float32 { return r.Float32()*4 - 2 }
	return graphics.Affine{XX: f(), XY: f(), X0: 100 * f(), YX: f(), YY: f(), Y0: 100 * f()}
}

func TestFitFindsTheMap(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 500 {
		m, from := affine(r), points(r, 3+r.IntN(10))
		var to []Point
		for _, p := range from {
			to = append(to, Map(m, p))
		}
		got, ok := Fit(from, to)
		if off := Off(got, from, to); !ok || off > 1e-2 {
			t.Fatalf("%+v instead of %+v is off by %v", got, m, off)
		}
	}
}

// TestFitIsTheBest changes each number of a fit a little, which makes it worse.
func TestFitIsTheBest(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	sum := func(m graphics.Affine, from, to []Point) (s float64) {
		for i := range from {
			p := Map(m, from[i])
			s += (p.X-to[i].X)*(p.X-to[i].X) + (p.Y-to[i].Y)*(p.Y-to[i].Y)
		}
		return s
	}
	for range 200 {
		n := 4 + r.IntN(8)
		from, to := points(r, n), points(r, n)
		m, ok := Fit(from, to)
		if !ok {
			t.Fatal("no fit")
		}
		best := sum(m, from, to)
		for i := range 12 {
			o := m
			v := [...]*float32{&o.XX, &o.XY, &o.X0, &o.YX, &o.YY, &o.Y0}[i/2]
			d := float32(1e-3)
			if i/2%3 == 2 {
				d = 0.1
			}
			*v += d * float32(1-i%2*2)
			if s := sum(o, from, to); s < best*(1-1e-9) {
				t.Fatalf("%v instead of %v", s, best)
			}
		}
	}
}

func TestFitOfFewPoints(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		from, to []Point
		ok       bool
		want     graphics.Affine
	}{
		{nil, nil, false, graphics.Affine{XX: 1, YY: 1}},
		{[]Point{{1, 2}}, []Point{{1, 2}, {3, 4}}, false, graphics.Affine{XX: 1, YY: 1}},
		{[]Point{{1, 2}}, []Point{{5, 9}}, true, graphics.Affine{XX: 1, YY: 1, X0: 4, Y0: 7}},
		{[]Point{{0, 0}, {2, 0}}, []Point{{0, 0}, {0, 4}}, true, graphics.Affine{XY: -2, YX: 2}},
		{[]Point{{0, 0}, {1, 1}, {2, 2}}, []Point{{1, 0}, {2, 1}, {3, 2}}, true, graphics.Affine{XX: 1, YY: 1, X0: 1}},
		{[]Point{{0, 0}, {nan, 0}, {0, 1}}, []Point{{0, 0}, {1, 0}, {0, 1}}, false, graphics.Affine{XX: 1, YY: 1}},
		{[]Point{{0, 0}, {1, 0}, {0, 1}}, []Point{{0, 0}, {math.Inf(1), 0}, {0, 1}}, false, graphics.Affine{XX: 1, YY: 1}},
	} {
		m, ok := Fit(c.from, c.to)
		if ok != c.ok || m != c.want {
			t.Errorf("%v to %v: %+v, %v", c.from, c.to, m, ok)
		}
	}
}

func TestStretch(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for range 300 {
		m := affine(r)
		m.X0, m.Y0 = 0, 0
		most, least := Stretch(m)
		// By trying all directions.
		high, low := 0.0, math.Inf(1)
		for i := range 2000 {
			sin, cos := math.Sincos(float64(i) * math.Pi / 2000)
			p := Map(m, Point{cos, sin})
			high, low = max(high, math.Hypot(p.X, p.Y)), min(low, math.Hypot(p.X, p.Y))
		}
		if math.Abs(most-high) > 0.01 || math.Abs(least-low) > 0.01 {
			t.Fatalf("%+v: %v and %v instead of %v and %v", m, most, least, high, low)
		}
	}
}

func TestInvertAndConcat(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for range 300 {
		m := affine(r)
		back, ok := Invert(m)
		if _, least := Stretch(m); least < 0.05 {
			continue
		}
		p := Point{r.Float64() * 100, r.Float64() * 100}
		q := Map(back, Map(m, p))
		w := Map(Concat(m, back), p)
		if !ok || math.Hypot(p.X-q.X, p.Y-q.Y) > 0.02 || math.Hypot(p.X-w.X, p.Y-w.Y) > 0.02 {
			t.Fatalf("%v became %v and %v", p, q, w)
		}
	}
	if _, ok := Invert(graphics.Affine{XX: 1, XY: 2, YX: 2, YY: 4}); ok {
		t.Error("a line was inverted")
	}
}

func FuzzFit(f *testing.F) {
	f.Add(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0)
	f.Add(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1e308, -1e308)
	f.Fuzz(func(t *testing.T, a, b, c, d, e, g, h, i float64) {
		m, ok := Fit([]Point{{a, b}, {c, d}, {e, g}}, []Point{{g, h}, {i, a}, {b, c}})
		if !finite(m) {
			t.Fatalf("%+v, %v", m, ok)
		}
	})
}
