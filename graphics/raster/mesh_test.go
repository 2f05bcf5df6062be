package raster

import (
	"math"
	"math/rand"
	"testing"

	"github.com/mmlite/mmlite/graphics/blit"
)

// benchMesh is a jittered grid of triangles of a mean area.
func benchMesh(area float64) (v []Vertex, index []int) {
	s := math.Sqrt(2 * area)
	nx, ny := int(math.Ceil(benchW/s)), int(math.Ceil(benchH/s))
	r := rand.New(rand.NewSource(7))
	for y := 0; y <= ny; y++ {
		for x := 0; x <= nx; x++ {
			jx, jy := 0.0, 0.0
			if x > 0 && x < nx {
				jx = (r.Float64() - .5) * .4
			}
			if y > 0 && y < ny {
				jy = (r.Float64() - .5) * .4
			}
			fx, fy := (float64(x)+jx)/float64(nx), (float64(y)+jy)/float64(ny)
			p := Vertex{X: float32(fx * benchW), Y: float32(fy * benchH), Z: float32(.5 + .25*math.Sin(fx*9)*math.Cos(fy*7)), RHW: float32(1 / (1 + fy)),
				Diffuse: 0xa0000000 | uint32(r.Intn(1<<24))}
			p.Tex[0] = [2]float32{float32(fx * benchW / 256 * 1.1), float32(fy * benchH / 256 * 1.1)}
			v = append(v, p)
		}
	}
	for y := range ny {
		for x := range nx {
			a := y*(nx+1) + x
			b, c, d := a+1, a+nx+1, a+nx+2
			index = append(index, a, b, c, b, d, c)
		}
	}
	return v, index
}

// BenchmarkTriangles bins triangles, and sets them up and draws them bin by bin.
func BenchmarkTriangles(b *testing.B) {
	for _, area := range []struct {
		name string
		size float64
	}{{"2", 2}, {"10", 10}, {"50", 50}, {"200", 200}} {
		for _, f := range fillTests(b) {
			if f.name != "gouraud depth" && f.name != "bilinear depth" && f.name != "bilinear mipmap gouraud depth" {
				continue
			}
			b.Run(area.name+"px "+f.name, func(b *testing.B) {
				p := &Pipeline{State: DefaultState()}
				f.set(p)
				prepare(b, p)
				m := newBenchMesh(area.size)
				b.ReportAllocs()
				t := spent()
				for b.Loop() {
					m.frame(b, p)
				}
				b.ReportMetric(float64(len(m.index)/3)*float64(b.N)/(spent()-t).Seconds()/1e6, "Mtriangles/s")
			})
		}
	}
}

// meshBench is a mesh with the bins it is sorted into.
type meshBench struct {
	*target
	v      []Vertex
	places [][2]int32 // of vertices, in sub-pixels
	index  []int
	bins   [][]uint32
	out    *blit.Surface
}

func newBenchMesh(area float64) *meshBench {
	m := &meshBench{target: newTarget(benchW, benchH, 0)}
	m.v, m.index = benchMesh(area)
	m.places, m.out = make([][2]int32, len(m.v)), m.surface()
	m.bins = make([][]uint32, len(m.chunks))
	for i := range m.bins {
		m.bins[i] = make([]uint32, 0, len(m.index)/3)
	}
	return m
}

func (m *meshBench) frame(b testing.TB, p *Pipeline) {
	for i := range m.bins {
		m.bins[i] = m.bins[i][:0]
	}
	for i := range m.v {
		m.places[i] = [2]int32{int32(m.v[i].X*sub + .5), int32(m.v[i].Y*sub + .5)}
	}
	for i := 0; i < len(m.index); i += 3 {
		q0, q1, q2 := m.places[m.index[i]], m.places[m.index[i+1]], m.places[m.index[i+2]]
		x0, y0 := max(min(q0[0], q1[0], q2[0])+sub-1, 0)>>subBits, max(min(q0[1], q1[1], q2[1])+sub-1, 0)>>subBits
		x1, y1 := min(max(q0[0], q1[0], q2[0])>>subBits, benchW-1), min(max(q0[1], q1[1], q2[1])>>subBits, benchH-1)
		if x0 > x1 || y0 > y1 {
			continue
		}
		for y := y0 / Size; y <= y1/Size; y++ {
			for x := x0 / Size; x <= x1/Size; x++ {
				k := y*(benchW/Size) + x
				m.bins[k] = append(m.bins[k], uint32(i))
			}
		}
	}
	c := &m.chunks[0] // one for all stays in the cache
	for i := range m.bins {
		c.At(i%(benchW/Size)*Size, i/(benchW/Size)*Size, m.out.Bounds())
		c.Clear(0)
		c.ClearDepth(1)
		for _, k := range m.bins[i] {
			v := m.index[k : k+3]
			c.DrawTriangle(p, &m.v[v[0]], &m.v[v[1]], &m.v[v[2]])
		}
		if err := c.Store(m.out); err != nil {
			b.Fatal(err)
		}
	}
}
