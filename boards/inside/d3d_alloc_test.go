package inside_test

import (
	"testing"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/hostdriver/d3d"
)

// TestD3DFrameAllocatesNothing draws frames, host's and card's end together, from
// vertices and from a buffer.
func TestD3DFrameAllocatesNothing(t *testing.T) {
	s := newScene(t)
	s.ok(s.d.SetRenderState(d3d.CullMode, d3d.CullNone))
	vb, err := s.d.CreateVertexBuffer(t.Context(), d3d.FVFTLVertex, 4)
	s.ok(err)
	defer vb.Release()
	v, index := d3d.Bytes(strip(0, 0, 90, 90, 0xff102030)), []uint16{0, 1, 2, 1, 3, 2}
	n := uint32(0)
	frame := func() {
		n++
		s.ok(s.d.BeginScene())
		s.ok(s.d.Clear(nil, d3d.ClearTarget|d3d.ClearZBuffer, 0, 1, 0))
		for i := range uint32(20) {
			s.ok(s.d.SetRenderState(d3d.FogColor, n*100+i))
			s.ok(s.d.SetRenderState(d3d.ZFunc, 1+i%8))
			s.ok(s.d.SetTransform(d3d.World, d3d.RotateY(float64(i))))
			s.ok(s.d.SetMaterial(graphics.Material{Power: float32(n + i)}))
			s.ok(s.d.SetLight(0, graphics.Light{Type: graphics.PointLight, Range: float32(n + i)}))
			s.ok(s.d.DrawIndexedPrimitive(d3d.TriangleList, d3d.FVFTLVertex, v, index))
			s.ok(s.d.DrawPrimitiveVB(d3d.TriangleStrip, vb, 0, 4))
		}
		s.ok(s.d.EndScene())
		s.ok(s.d.Finish(t.Context()))
	}
	frame()
	if got := testing.AllocsPerRun(50, frame); got != 0 {
		t.Errorf("a frame of 40 draws allocates %v times", got)
	}
}
