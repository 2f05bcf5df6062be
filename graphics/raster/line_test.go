package raster

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

const lineW, lineH = 70, 50

// pixelsOf draws a line on a picture and counts how often each pixel is drawn.
func pixelsOf(t testing.TB, lines [][2]Vertex, last bool) []byte {
	p := counting(t)
	g := newTarget(lineW, lineH, 0)
	for _, l := range lines {
		var tri Triangle
		if !tri.SetupLine(p, &l[0], &l[1], last) {
			continue
		}
		minX, minY, maxX, maxY := tri.Bounds()
		for i := range g.chunks {
			c := &g.chunks[i]
			before := *c
			c.Draw(&tri, p)
			if c.Color == before.Color {
				continue
			}
			if !tri.Touches(int(c.x), int(c.y)) {
				t.Fatalf("a line drawn in the chunk at %d,%d does not touch it", c.x, c.y)
			}
			if int(c.x) > maxX || int(c.x)+Size <= minX || int(c.y) > maxY || int(c.y)+Size <= minY {
				t.Fatal("a line is drawn out of its bounds")
			}
		}
	}
	s := g.surface()
	out := make([]byte, lineW*lineH)
	for i := range out {
		out[i] = s.Pix[4*i]
	}
	return out
}

// diamond says by exact arithmetic whether a line from a to b, in sub-pixels,
// leaves the diamond of a pixel; sure is false if it only touches it.
func diamond(a, b [2]int64, x, y int64, last bool) (leaves, sure bool) {
	in, out := big.NewRat(-1<<40, 1), big.NewRat(1<<40, 1)
	for _, s := range [4][2]int64{{1, 1}, {1, -1}, {-1, 1}, {-1, -1}} {
		// s . (a + t*(b-a) - c) < half
		p := s[0]*(a[0]-x*sub) + s[1]*(a[1]-y*sub) - sub/2
		d := s[0]*(b[0]-a[0]) + s[1]*(b[1]-a[1])
		switch at := new(big.Rat); {
		case d == 0 && p >= 0:
			return false, p > 0
		case d > 0:
			if at.SetFrac64(-p, d); at.Cmp(out) < 0 {
				out = at
			}
		case d < 0:
			if at.SetFrac64(-p, d); at.Cmp(in) > 0 {
				in = at
			}
		}
	}
	switch c := in.Cmp(out); {
	case c == 0:
		return false, false
	case c > 0:
		return false, true
	}
	zero, one := new(big.Rat), big.NewRat(1, 1)
	if out.Cmp(zero) <= 0 || in.Cmp(one) >= 0 {
		return false, true
	}
	return out.Cmp(one) <= 0 || last, true
}

// TestLinesLeaveDiamonds holds lines to the diamond-exit rule at every pixel.
func TestLinesLeaveDiamonds(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		grid := rapid.SampledFrom([]int{1, 32, 128, 256}).Draw(r, "grid")
		span := rapid.SampledFrom([]int{2, 60, 3000}).Draw(r, "span")
		last := rapid.Bool().Draw(r, "last")
		var q [2][2]int64
		var v [2]Vertex
		for i := range v {
			x := rapid.IntRange(-span*256, span*256).Draw(r, "x")/grid*grid + 30*256
			y := rapid.IntRange(-span*256, span*256).Draw(r, "y")/grid*grid + 20*256
			q[i], v[i] = [2]int64{int64(x), int64(y)}, at(float32(x)/256, float32(y)/256)
		}
		got := pixelsOf(t, [][2]Vertex{v}, last)
		for i, n := range got {
			if q[0] == q[1] {
				continue // as a point
			}
			want, sure := diamond(q[0], q[1], int64(i%lineW), int64(i/lineW), last)
			if sure && (n == 1) != want || n > 1 {
				r.Fatalf("pixel %d,%d drawn %d times, wanted %v", i%lineW, i/lineW, n, want)
			}
		}
	})
}

// TestSplitLine draws a line in one piece, and in pieces along itself: every
// pixel is drawn once.
func TestSplitLine(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(r, "pieces")
		x, y := rapid.IntRange(0, 40*256).Draw(r, "x"), rapid.IntRange(0, 30*256).Draw(r, "y")
		dx, dy := rapid.IntRange(-1500, 1500).Draw(r, "dx"), rapid.IntRange(-1500, 1500).Draw(r, "dy")
		place := func(k int) Vertex { return at(float32(x+k*dx)/256, float32(y+k*dy)/256) }
		var pieces [][2]Vertex
		for k := range n {
			pieces = append(pieces, [2]Vertex{place(k), place(k + 1)})
		}
		if dx == 0 && dy == 0 {
			return
		}
		whole, parts := pixelsOf(t, [][2]Vertex{{place(0), place(n)}}, false), pixelsOf(t, pieces, false)
		for i := range whole {
			if whole[i] != parts[i] {
				r.Fatalf("pixel %d,%d drawn %d times in one piece, %d in %d", i%lineW, i/lineW, whole[i], parts[i], n)
			}
		}
	})
}

// TestLineAttributes holds depth, colours and texture along lines and at a point.
func TestLineAttributes(t *testing.T) {
	p := plain()
	prepare(t, p)
	for _, steep := range []bool{false, true} {
		v := [2]Vertex{{X: 4, Y: 10, Z: .25, RHW: 1, Diffuse: 0xff000000}, {X: 24, Y: 13, Z: .75, RHW: 1, Diffuse: 0xffffc864}}
		if steep {
			for i := range v {
				v[i].X, v[i].Y = v[i].Y, v[i].X
			}
		}
		g := newTarget(32, 32, 0)
		var tri Triangle
		if !tri.SetupLine(p, &v[0], &v[1], true) {
			t.Fatal("not set up")
		}
		c := &g.chunks[0]
		c.Draw(&tri, p)
		for _, k := range []int{0, 7, 20} {
			x, y := 4+k, 10+(3*k+10)/20
			if steep {
				x, y = y, x
			}
			want := 0xff000000 | uint32(float64(k)*12.75+.5)<<16 | uint32(10*k)<<8 | uint32(5*k)
			if got := c.Color[y*Size+x]; got != want && got+0x10000 != want {
				t.Errorf("steep %v: pixel %d is %#x, not %#x", steep, k, got, want)
			}
			if z := c.Depth[y*Size+x]; z < .25+float32(k)*.025-1e-5 || z > .25+float32(k)*.025+1e-5 {
				t.Errorf("steep %v: depth of pixel %d is %v", steep, k, z)
			}
		}
		far := Vertex{X: 14, Y: 11.5, Z: .9, RHW: 1, Diffuse: 0xff123456}
		if steep {
			far.X, far.Y = far.Y, far.X
		}
		near := far
		near.Z = .1
		if !tri.SetupPoint(p, &far) || !tri.Touches(0, 0) || tri.Touches(32, 0) {
			t.Fatal("no point there")
		}
		x, y, _, _ := tri.Bounds()
		before := c.Color
		if c.Draw(&tri, p); c.Color != before {
			t.Error("a point behind the line is drawn")
		}
		tri.SetupPoint(p, &near)
		before[y*Size+x] = 0xff123456
		if c.Draw(&tri, p); c.Color != before {
			t.Error("a point is not one pixel of its colour")
		}
	}
}
