package compare

import (
	"fmt"
	"math"
	"testing"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/graphics/blit"
	"github.com/mmlite/mmlite/graphics/render"
)

// field is a flat mesh somewhere in front of the viewer, or through it.
type field struct {
	m            mesh
	size         float64 // of its square
	world        matrix
	fov          float64
	near, far    float64
	plane        graphics.Plane // in world coordinates
	clipped      bool           // by the plane
	x, y, center [3]float64     // its axes and middle in view coordinates
}

func newField(d *device, n int) *field {
	f := &field{size: math.Exp(5 * d.r.Float64()), fov: 0.3 + 2*d.r.Float64(), near: 0.2 + d.r.Float64(), far: 5 + 20*d.r.Float64()}
	f.m = d.sheet(n, func(u, v float64) (p, normal [3]float32) {
		if u > 0 && u < 1 && v > 0 && v < 1 {
			u, v = u+0.6*(d.r.Float64()-0.5)/float64(n), v+0.6*(d.r.Float64()-0.5)/float64(n)
		}
		return [3]float32{float32(f.size * (u - 0.5)), float32(f.size * (0.5 - v)), 0}, normal
	})
	for i := range f.m.v {
		f.m.v[i].diffuse = 0x00000001
	}
	f.world = turn(6*d.r.Float64(), 6*d.r.Float64()).times(move(between(d.r, -1, 1), between(d.r, -1, 1), between(d.r, -1, 6)))
	for i := range 3 {
		f.x[i], f.y[i], f.center[i] = float64(f.world[0][i]), float64(f.world[1][i]), float64(f.world[3][i])
	}
	if f.clipped = d.r.IntN(2) == 0; f.clipped {
		f.plane = graphics.Plane{A: between(d.r, -1, 1), B: between(d.r, -1, 1), C: between(d.r, -1, 1), D: between(d.r, -1, 2)}
	}
	return f
}

// shows says by the geometry of the ray through a place on the target whether
// the field is seen there.
func (f *field) shows(x, y float64) bool {
	h := math.Tan(f.fov / 2)
	ray := [3]float64{(2*x/sceneWidth - 1) * h * sceneWidth / sceneHeight, (1 - 2*y/sceneHeight) * h, 1}
	// ray*t = center + x*a + y*b
	n := cross(f.x, f.y)
	t := dot(n, f.center) / dot(n, ray)
	if !(t >= f.near && t <= f.far) {
		return false
	}
	var p, q [3]float64
	for i := range p {
		p[i] = ray[i] * t
		q[i] = p[i] - f.center[i]
	}
	if math.Abs(dot(q, f.x)) > f.size/2 || math.Abs(dot(q, f.y)) > f.size/2 {
		return false
	}
	return !f.clipped || float64(f.plane.A)*p[0]+float64(f.plane.B)*p[1]+float64(f.plane.C)*p[2]+float64(f.plane.D) >= 0
}

func dot(a, b [3]float64) float64 { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }

func cross(a, b [3]float64) [3]float64 {
	return [3]float64{a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0]}
}

// TestClippedMeshesCoverOnce draws random flat meshes of many triangles, cut by
// the near and far planes, a plane of the program's and the reach of the pixel
// loops, adding 1 to each pixel that is drawn: no cracks and no double hits along
// shared edges.
func TestClippedMeshesCoverOnce(t *testing.T) {
	inside, outside, cut := 0, 0, 0
	for k := range 120 {
		s := newScene(fmt.Sprint("cover ", k))
		d := newDevice(t, &s.bank, blit.ARGB8888, 0)
		f := newField(d, 1+d.r.IntN(40))
		d.clear(0, 1, 0)
		d.set(lighting, 0, cullMode, render.CullNone, shadeMode, render.ShadeFlat+uint32(k&1), uint32(render.ZEnable), 0)
		d.set(uint32(render.AlphaBlendEnable), 1, uint32(render.SrcBlend), 2, uint32(render.DestBlend), 2)
		d.matrix(render.Projection, perspective(f.fov, f.near, f.far))
		d.matrix(render.World, f.world)
		if f.clipped {
			d.plane(1, f.plane)
			d.set(uint32(render.ClipPlaneEnable), 2)
		}
		d.ok(d.DrawIndexed(render.TriangleList, cornerFormat, memory(f.m.v), f.m.index))
		got := d.finish()
		for i, c := range got.color {
			x, y := float64(i%sceneWidth), float64(i/sceneWidth)
			// Edges may lie this far from where they would be without rounding.
			const off = 1.0 / 64
			a, b := f.shows(x-off, y-off), f.shows(x+off, y-off)
			sure := a == b && a == f.shows(x-off, y+off) && a == f.shows(x+off, y+off)
			n := int(c & 0xffffff)
			switch {
			case !sure:
				cut++
				if n > 1 {
					t.Errorf("mesh %d: pixel %v, %v at an edge is drawn %d times", k, x, y, n)
				}
			case a:
				inside++
				if n != 1 {
					t.Errorf("mesh %d: pixel %v, %v is drawn %d times, not once", k, x, y, n)
				}
			default:
				outside++
				if n != 0 {
					t.Errorf("mesh %d: pixel %v, %v is drawn %d times, not at all", k, x, y, n)
				}
			}
		}
	}
	t.Logf("%d pixels inside of meshes, %d outside, %d at edges", inside, outside, cut)
	if inside < 100000 || outside < 100000 || cut < 300 {
		t.Error("that is too few of some")
	}
}
