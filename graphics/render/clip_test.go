package render

import (
	"math"
	"math/rand"
	"testing"

	"github.com/mmlite/mmlite/contracts/graphics"
)

// meshPoint is a position and a colour.
type meshPoint struct {
	x, y, z float32
	color   uint32
}

// project64 is what the pipeline does to a position, in float64.
func project64(m *graphics.Matrix, v *meshPoint) [4]float64 {
	x, y, z := float64(v.x), float64(v.y), float64(v.z)
	return [4]float64{
		x*float64(m.M11) + y*float64(m.M21) + z*float64(m.M31) + float64(m.M41),
		x*float64(m.M12) + y*float64(m.M22) + z*float64(m.M32) + float64(m.M42),
		x*float64(m.M13) + y*float64(m.M23) + z*float64(m.M33) + float64(m.M43),
		x*float64(m.M14) + y*float64(m.M24) + z*float64(m.M34) + float64(m.M44),
	}
}

// inside64 says where the ray of a pixel meets a triangle, without any cutting:
// by weights in homogeneous coordinates (Olano and Greer, 1997). The answer is
// 1 for inside and visible, 0 for not, -1 if it is too close to call.
func inside64(c *[3][4]float64, px, py float64) int {
	var e [3]float64
	det := 0.0
	for i := range e {
		a, b := &c[(i+1)%3], &c[(i+2)%3]
		e[i] = px*(a[1]*b[3]-a[3]*b[1]) + py*(a[3]*b[0]-a[0]*b[3]) + (a[0]*b[1] - a[1]*b[0])
		det += c[i][0]*(a[1]*b[3]-a[3]*b[1]) + c[i][1]*(a[3]*b[0]-a[0]*b[3]) + c[i][3]*(a[0]*b[1]-a[1]*b[0])
	}
	det /= 3
	if math.Abs(det) < 1e-4 {
		return -1
	}
	var z, w, scale float64
	inside, sure := true, true
	for i := range e {
		e[i] /= det
		z += e[i] * c[i][2]
		w += e[i] * c[i][3]
		scale = math.Max(scale, math.Abs(e[i]))
	}
	// An edge passes within a hundredth of a pixel, or a plane within the
	// precision of what is between.
	near := func(v, than float64) bool { return math.Abs(v) < than }
	for i := range e {
		a, b := &c[(i+1)%3], &c[(i+2)%3]
		slope := (math.Abs(a[1]*b[3]-a[3]*b[1]) + math.Abs(a[3]*b[0]-a[0]*b[3])) / math.Abs(det)
		if near(e[i], slope*3e-4+1e-6*scale) {
			sure = false
		}
		inside = inside && e[i] > 0
	}
	if near(z, 1e-4*(math.Abs(w)+scale)) || near(w-z, 1e-4*(math.Abs(w)+scale)) {
		sure = false
	}
	inside = inside && w > 0 && z > 0 && z < w
	switch {
	case !sure:
		return -1
	case inside:
		return 1
	}
	return 0
}

// TestClippingAgainstModel draws triangles that reach behind the viewer, beyond
// both planes and far out of the target, and asks the model about every pixel.
func TestClippingAgainstModel(t *testing.T) {
	const size = 48
	s := newStand(t, size, size, Config{Width: size, Height: size})
	s.set(uint32(Lighting), 0, uint32(CullMode), CullNone, uint32(ZEnable), 0)
	s.stage(0, uint32(ColorOp), 1)
	p := perspective(1.2, 1, 1, 20)
	s.ok(s.SetTransform(Projection, &p))
	r := rand.New(rand.NewSource(11))
	asked, drawn := 0, 0
	for n := range 600 {
		spread := []float64{4, 30, 1000, 1e5}[n%4]
		var v [3]meshPoint
		var c [3][4]float64
		for i := range v {
			v[i] = meshPoint{float32(r.NormFloat64() * spread), float32(r.NormFloat64() * spread), float32(r.NormFloat64()*math.Min(spread, 40) + 8), 0xffffffff}
			c[i] = project64(&p, &v[i])
		}
		s.clear(0)
		s.ok(s.Draw(TriangleList, XYZ|Diffuse, bytesOf(v[:])))
		s.ok(s.Flush())
		for y := range size {
			for x := range size {
				want := inside64(&c, float64(x)/(size/2)-1, 1-float64(y)/(size/2))
				if want < 0 {
					continue
				}
				asked++
				got := 0
				if words(s.s)[y*size+x] != 0 {
					got = 1
					drawn++
				}
				if got != want {
					t.Fatalf("triangle %d %v: pixel %d, %d is %d, the model says %d", n, v, x, y, got, want)
				}
			}
		}
	}
	if asked < 1e6 || drawn < 1e5 {
		t.Fatalf("%d pixels asked about, %d drawn", asked, drawn)
	}
}

// TestEveryPixelOnce draws a plain that reaches from behind the viewer to the
// horizon, in jittered triangles, adding one to each pixel: none may be missed
// or met twice, whatever was cut.
func TestEveryPixelOnce(t *testing.T) {
	const w, h = 200, 150
	s := newStand(t, w, h, Config{Width: w, Height: h})
	s.set(uint32(Lighting), 0, uint32(CullMode), CullNone, uint32(ZEnable), 0, uint32(AlphaBlendEnable), 1, uint32(SrcBlend), 2, uint32(DestBlend), 2)
	s.stage(0, uint32(ColorOp), 1)
	p := perspective(1, float64(w)/h, .5, 1e6)
	s.ok(s.SetTransform(Projection, &p))
	r := rand.New(rand.NewSource(5))
	for round := range 12 {
		const n = 12
		var v []meshPoint
		for y := range n + 1 {
			for x := range n + 1 {
				// A slope in view coordinates that fills the picture.
				fx, fy := float64(x)/n*2-1, float64(y)/n*2-1
				if x > 0 && x < n && y > 0 && y < n {
					fx, fy = fx+(r.Float64()-.5)*.1, fy+(r.Float64()-.5)*.1
				}
				px, pz := fx*3000, fy*3000
				v = append(v, meshPoint{float32(px), float32(-.1*pz - 20 + float64(round)), float32(pz), 0x01010101})
			}
		}
		var index []uint16
		for y := range n {
			for x := range n {
				a := uint16(y*(n+1) + x)
				index = append(index, a, a+1, a+n+1, a+1, a+n+2, a+n+1)
			}
		}
		s.clear(0)
		s.ok(s.DrawIndexed(TriangleList, XYZ|Diffuse, bytesOf(v), index))
		s.ok(s.Flush())
		counts := map[uint32]int{}
		for y := range h {
			for x := range w {
				// Where the plain is: above its horizon nothing, below it once.
				counts[words(s.s)[y*w+x]&255]++
			}
		}
		if counts[1] < w*h/3 || counts[0]+counts[1] != w*h {
			t.Fatalf("round %d: pixels by how often they were drawn: %v", round, counts)
		}
		for x := range w {
			// No holes: down a column, once it begins it does not end.
			began := false
			for y := range h {
				c := words(s.s)[y*w+x]&255 != 0
				if began && !c {
					t.Fatalf("round %d: a hole at %d, %d", round, x, y)
				}
				began = began || c
			}
		}
	}
}

func TestUserPlanes(t *testing.T) {
	s := newStand(t, 64, 64, Config{})
	s.set(uint32(Lighting), 0, uint32(CullMode), CullNone, uint32(ClipPlaneEnable), 1|1<<5)
	s.stage(0, uint32(ColorOp), 1)
	w := graphics.Matrix{M11: 2, M22: 2, M33: 1, M44: 1, M43: .5}
	s.ok(s.SetTransform(World, &w))
	s.ok(s.SetClipPlane(0, graphics.Plane{A: 1, D: -.25}))  // x >= .25 in the world
	s.ok(s.SetClipPlane(5, graphics.Plane{B: -1, D: .125})) // y <= .125
	s.clear(0)
	q := []meshPoint{{-.5, -.5, 0, ^uint32(0)}, {-.5, .5, 0, ^uint32(0)}, {.5, -.5, 0, ^uint32(0)}, {.5, .5, 0, ^uint32(0)}}
	s.ok(s.Draw(TriangleStrip, XYZ|Diffuse, bytesOf(q)))
	for y := range 64 {
		for x := range 64 {
			wx, wy := float64(x)/32-1, 1-float64(y)/32
			want := uint32(0)
			if wx >= .25 && wy < .125 || wx >= .25 && y == 28 {
				want = ^uint32(0)
			}
			if got := s.at(x, y); got != want {
				t.Fatalf("pixel %d, %d is %08x, not %08x", x, y, got, want)
			}
		}
	}
	v := s.Counts()
	q = []meshPoint{{-.5, -.5, 0, 0}, {-.5, .5, 0, 0}, {0, -.5, 0, 0}} // x/2 < .25: all outside
	s.ok(s.Draw(TriangleList, XYZ|Diffuse, bytesOf(q)))
	if s.Counts().Triangles != v.Triangles {
		t.Error("a triangle behind a plane was gathered")
	}
}
