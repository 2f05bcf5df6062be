package raster

import (
	"errors"
	"math"
	"testing"

	"github.com/mmlite/mmlite/graphics/blit"
	"pgregory.net/rapid"
)

// target draws triangles on a picture, chunk by chunk, and keeps depth.
type target struct {
	width, height int
	chunks        []Chunk
	fused         bool // draws by DrawTriangle
}

func newTarget(w, h int, color uint32) *target {
	t := &target{width: w, height: h}
	for y := 0; y < h; y += Size {
		for x := 0; x < w; x += Size {
			t.chunks = append(t.chunks, Chunk{})
			c := &t.chunks[len(t.chunks)-1]
			c.At(x, y, blit.Rect{X1: w, Y1: h})
			c.Clear(color)
			c.ClearDepth(1)
		}
	}
	return t
}

func (t *target) draw(p *Pipeline, v0, v1, v2 *Vertex) bool {
	if t.fused {
		for i := range t.chunks {
			t.chunks[i].DrawTriangle(p, v0, v1, v2)
		}
		return true
	}
	var tri Triangle
	if !tri.Setup(p, CullNone, v0, v1, v2) {
		return false
	}
	for i := range t.chunks {
		c := &t.chunks[i]
		if tri.Touches(int(c.x), int(c.y)) {
			c.Draw(&tri, p)
		}
	}
	return true
}

func (t *target) surface() *blit.Surface {
	s := &blit.Surface{Pix: make([]byte, 4*t.width*t.height), Pitch: 4 * t.width, Width: t.width, Height: t.height, Format: blit.XRGB8888}
	for i := range t.chunks {
		if err := t.chunks[i].Store(s); err != nil {
			panic(err)
		}
	}
	return s
}

// counting adds 1 to every pixel a triangle covers.
func counting(t testing.TB) *Pipeline {
	p := &Pipeline{State: State{Flat: true, Blend: true, SrcBlend: One, DestBlend: One, Stages: [2]Stage{{ColorOp: OpDisable}}}}
	prepare(t, p)
	return p
}

func prepare(t testing.TB, p *Pipeline) {
	t.Helper()
	if err := p.Prepare(); err != nil {
		t.Fatal(err)
	}
}

func at(x, y float32) Vertex { return Vertex{X: x, Y: y, RHW: 1, Diffuse: 1} }

// covers says by exact arithmetic whether a triangle covers a pixel.
func covers(v [3][2]int64, x, y int64) bool {
	area := (v[1][0]-v[0][0])*(v[2][1]-v[0][1]) - (v[2][0]-v[0][0])*(v[1][1]-v[0][1])
	if area == 0 {
		return false
	}
	if area < 0 {
		v[1], v[2] = v[2], v[1]
	}
	for i := range v {
		a, b := v[i], v[(i+1)%3]
		dx, dy := b[0]-a[0], b[1]-a[1]
		e := dx*(y*sub-a[1]) - dy*(x*sub-a[0])
		if e < 0 || e == 0 && !(dy < 0 || dy == 0 && dx > 0) {
			return false
		}
	}
	return true
}

// TestCoverageIsExact holds coverage to the definition at every pixel.
func TestCoverageIsExact(t *testing.T) {
	p := counting(t)
	rapid.Check(t, func(r *rapid.T) {
		var v [3]Vertex
		var q [3][2]int64
		span := rapid.SampledFrom([]int{3, 40, 200, 30000}).Draw(r, "span")
		grid := rapid.SampledFrom([]int{1, 32, 256}).Draw(r, "grid")
		for i := range v {
			x := rapid.IntRange(-span*256, span*256).Draw(r, "x") / grid * grid
			y := rapid.IntRange(-span*256, span*256).Draw(r, "y") / grid * grid
			v[i] = at(float32(x)/256, float32(y)/256)
			q[i] = [2]int64{int64(x), int64(y)}
		}
		g := newTarget(70, 50, 0)
		g.fused = rapid.Bool().Draw(r, "fused")
		g.draw(p, &v[0], &v[1], &v[2])
		s := g.surface()
		for y := range 50 {
			for x := range 70 {
				want := byte(0)
				if covers(q, int64(x), int64(y)) {
					want = 1
				}
				if got := s.Pix[y*s.Pitch+4*x]; got != want {
					r.Fatalf("pixel %d,%d drawn %d times, not %d", x, y, got, want)
				}
			}
		}
	})
}

// TestMeshCoversOnce draws a random mesh over the picture: every pixel exactly once.
func TestMeshCoversOnce(t *testing.T) {
	p := counting(t)
	rapid.Check(t, func(r *rapid.T) {
		const n = 7
		var v [n + 1][n + 1]Vertex
		for j := range v {
			for i := range v[j] {
				x, y := float32(i)*100/n-10, float32(j)*90/n-10
				if i > 0 && i < n && j > 0 && j < n {
					x += rapid.Float32Range(-2.5, 2.5).Draw(r, "x")
					y += rapid.Float32Range(-2.5, 2.5).Draw(r, "y")
				}
				v[j][i] = at(x, y)
			}
		}
		g := newTarget(80, 70, 0)
		g.fused = rapid.Bool().Draw(r, "fused")
		for j := range n {
			for i := range n {
				a, b, c, d := &v[j][i], &v[j][i+1], &v[j+1][i+1], &v[j+1][i]
				if rapid.Bool().Draw(r, "diagonal") {
					a, b, c, d = b, c, d, a
				}
				g.draw(p, a, b, c)
				g.draw(p, c, d, a)
			}
		}
		s := g.surface()
		for i := 0; i < len(s.Pix); i += 4 {
			if s.Pix[i] != 1 {
				r.Fatalf("pixel %d,%d drawn %d times", i/4%80, i/4/80, s.Pix[i])
			}
		}
	})
}

// TestSplitQuad draws a fan around a point: every pixel of the square exactly once.
func TestSplitQuad(t *testing.T) {
	p := counting(t)
	rapid.Check(t, func(r *rapid.T) {
		mid := at(rapid.Float32Range(1, 62).Draw(r, "x"), rapid.Float32Range(1, 62).Draw(r, "y"))
		corners := [4]Vertex{at(0, 0), at(64, 0), at(64, 64), at(0, 64)}
		g := newTarget(70, 70, 0)
		g.fused = rapid.Bool().Draw(r, "fused")
		for i := range corners {
			g.draw(p, &mid, &corners[i], &corners[(i+1)%4])
		}
		s := g.surface()
		for y := range 70 {
			for x := range 70 {
				want := byte(0)
				if x < 64 && y < 64 {
					want = 1
				}
				if got := s.Pix[y*s.Pitch+4*x]; got != want {
					r.Fatalf("pixel %d,%d drawn %d times, not %d", x, y, got, want)
				}
			}
		}
	})
}

func TestSetupRefuses(t *testing.T) {
	p := counting(t)
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for name, v := range map[string][3]Vertex{
		"not a number": {at(nan, 0), at(9, 0), at(0, 9)},
		"infinite":     {at(0, 0), at(inf, 0), at(0, 9)},
		"out of reach": {at(0, 0), at(9, 0), at(0, -Reach)},
		"one point":    {at(5, 5), at(5, 5), at(5, 5)},
		"a line":       {at(0, 0), at(5, 5), at(9, 9)},
		"no centre":    {at(0.1, 0.1), at(0.9, 0.1), at(0.1, 0.9)},
	} {
		var tri Triangle
		if tri.Setup(p, CullNone, &v[0], &v[1], &v[2]) {
			t.Errorf("%s: set up", name)
		}
	}
	a, b, c := at(0, 0), at(9, 0), at(0, 9)
	var tri Triangle
	if tri.Setup(p, CullClockwise, &a, &b, &c) || !tri.Setup(p, CullClockwise, &a, &c, &b) {
		t.Error("clockwise is not culled alone")
	}
	if tri.Setup(p, CullCounterclockwise, &a, &c, &b) || !tri.Setup(p, CullCounterclockwise, &a, &b, &c) {
		t.Error("counterclockwise is not culled alone")
	}
}

// TestBoundsOfChunk holds that nothing outside a chunk's bounds is drawn on.
func TestBoundsOfChunk(t *testing.T) {
	p := counting(t)
	a, b, c := at(-900, -900), at(2000, -900), at(-900, 2000)
	var tri Triangle
	if !tri.Setup(p, CullNone, &a, &b, &c) {
		t.Fatal("not set up")
	}
	var ch Chunk
	ch.At(64, 32, blit.Rect{X0: 70, Y0: 20, X1: 75, Y1: 40})
	ch.Draw(&tri, p)
	for i, v := range ch.Color {
		x, y := i%Size, i/Size
		if in := x >= 6 && x < 11 && y < 8; in != (v == 1) {
			t.Fatalf("pixel %d,%d is %d", x, y, v)
		}
	}
}

// TestDepthBuffer moves depth to a buffer and back, and refuses small ones.
func TestDepthBuffer(t *testing.T) {
	var c, d Chunk
	c.At(32, 0, blit.Rect{X1: 40, Y1: 20})
	c.fillRandom(3)
	buffer := make([]float32, 40*20)
	if err := c.StoreDepth(buffer, 40); err != nil {
		t.Fatal(err)
	}
	d.At(32, 0, blit.Rect{X1: 40, Y1: 20})
	if err := d.LoadDepth(buffer, 40); err != nil {
		t.Fatal(err)
	}
	for i := range c.Depth {
		want := c.Depth[i]
		if i%Size >= 8 || i/Size >= 20 {
			want = 0
		}
		if d.Depth[i] != want {
			t.Fatalf("depth at %d,%d is %v, not %v", i%Size, i/Size, d.Depth[i], want)
		}
	}
	if err := c.StoreDepth(buffer[:700], 40); !errors.Is(err, ErrDepth) {
		t.Errorf("a small buffer gives %v", err)
	}
}
