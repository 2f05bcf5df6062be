package inside_test

import (
	"testing"

	"github.com/mmlite/mmlite/hostdriver/d3d"
)

// BenchmarkD3DFrame sends a frame of 10,000 triangles of 6 pixels, in draws of 100,
// and has it finished: host, link and card on one processor.
func BenchmarkD3DFrame(b *testing.B) {
	s := newScene(b)
	s.ok(s.d.SetRenderState(d3d.CullMode, d3d.CullNone))
	tri := make([]d3d.TLVertex, 0, 300)
	for i := range 100 {
		x, y := float32(i%10*12), float32(i/10*9)
		for _, p := range [][2]float32{{0, 0}, {3, 0}, {0, 4}} {
			tri = append(tri, d3d.TLVertex{X: x + p[0], Y: y + p[1], Z: .5, RHW: 1, Color: 0xff00ff00})
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		s.ok(s.d.BeginScene())
		s.ok(s.d.Clear(nil, d3d.ClearTarget|d3d.ClearZBuffer, 0, 1, 0))
		for range 100 {
			s.ok(s.d.DrawPrimitive(d3d.TriangleList, d3d.FVFTLVertex, d3d.Bytes(tri)))
		}
		s.ok(s.d.EndScene())
		s.ok(s.d.Finish(b.Context()))
	}
	b.ReportMetric(10000*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mtriangles/s")
}
