package contest

import (
	"math"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/graphics/render"
)

// MeshSize is how many triangles and vertices the mesh of an area has.
func MeshSize(area int) (triangles, vertices int) {
	nx, ny := grid(area)
	return 2 * nx * ny, (nx + 1) * (ny + 1)
}

// VerticesArea is the mean size of the triangles that only vertices are measured with.
const VerticesArea = 10

func grid(area int) (nx, ny int) {
	side := math.Sqrt(2 * float64(area))
	return int(math.Ceil(Width / side)), int(math.Ceil(Height / side))
}

// part is from 0 to 1.
func (r *random) part() float64 { return float64(r.next()>>8) / (1 << 24) }

// mesh is a jittered grid of triangles, drawn in batches of whole rows as large
// as indices of 16 bits allow, clearing included.
func (s *scene) mesh(area int, f render.Format) {
	nx, ny := grid(area)
	r := random(7)
	var v []vertex
	for y := range ny + 1 {
		for x := range nx + 1 {
			jx, jy := (r.part()-.5)*.4, (r.part()-.5)*.4
			if x == 0 || x == nx {
				jx = 0
			}
			if y == 0 || y == ny {
				jy = 0
			}
			fx, fy := (float64(x)+jx)/float64(nx), (float64(y)+jy)/float64(ny)
			w, a, b := 1+fy, math.Sin(fx*20)*.5, math.Sin(fy*15)*.5
			c := r.next()
			v = append(v, vertex{x: float32((fx*2 - 1) * w), y: float32((fy*2 - 1) * w), z: float32(w), colour: 0xa0000000 | c>>8,
				normal: [3]float32{float32(a), float32(b), -float32(math.Sqrt(1 - a*a - b*b))},
				tu:     float32(fx * Width / 256 * 1.1), tv: float32(fy * Height / 256 * 1.1)})
		}
	}
	rows := render.MaxVertices/(nx+1) - 1
	for y := 0; y < ny; y += rows {
		var index []uint16
		n := min(rows, ny-y)
		for k := range n {
			for x := range nx {
				a := uint16(k*(nx+1) + x)
				b, c, d := a+1, a+uint16(nx)+1, a+uint16(nx)+2
				index = append(index, a, b, c, b, d, c)
			}
		}
		s.draws = append(s.draws, draw{render.TriangleList, f, pack(v[y*(nx+1):(y+n+1)*(nx+1)], f), index})
	}
	s.clear = true
}

// lit is a mesh under lights, all of whose triangles may be culled.
func (s *scene) lit(lights int, cull uint32) error {
	f := render.XYZ | render.Diffuse
	if lights > 0 {
		f = render.XYZ | render.Normal
	}
	s.mesh(VerticesArea, f)
	s.clear = false
	white := graphics.Color{R: 1, G: 1, B: 1, A: 1}
	sun := graphics.Light{Type: graphics.DirectionalLight, Diffuse: white, Ambient: graphics.Color{R: .2, G: .2, B: .2, A: 1}, Direction: graphics.Vector{X: -.3, Y: -.4, Z: .8}}
	lamp := graphics.Light{Type: graphics.PointLight, Diffuse: graphics.Color{R: 1, G: .5, B: .3, A: 1}, Position: graphics.Vector{X: .2, Y: .3, Z: .5}, Range: 1e6,
		Attenuation0: 1, Attenuation1: .1, Attenuation2: .1}
	m := graphics.Material{Diffuse: white, Ambient: white}
	if lights > 2 {
		sun.Specular, lamp.Specular, m.Specular, m.Power = white, lamp.Diffuse, white, 20
	}
	s.r.SetMaterial(m)
	on := func(v bool) uint32 {
		if v {
			return 1
		}
		return 0
	}
	for _, err := range []error{
		s.r.SetState(render.CullMode, cull), s.r.SetState(render.LocalViewer, 0), s.r.SetState(render.Lighting, on(lights > 0)),
		s.r.SetState(render.NormalizeNormals, 1), s.r.SetState(render.SpecularEnable, on(lights > 2)),
		s.r.SetLight(0, sun), s.r.SetLight(1, lamp), s.r.EnableLight(0, lights > 0), s.r.EnableLight(1, lights > 1),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}
