package raster

import (
	"errors"
	"testing"

	"github.com/mmlite/mmlite/graphics/blit"
)

// TestStencil holds every operation at each outcome, and the write mask.
func TestStencil(t *testing.T) {
	results := map[StencilOp][2]uint8{ // of 0 and of 255, with reference 0x5a
		StencilKeep: {0, 255}, StencilZero: {0, 0}, StencilReplace: {0x5a, 0x5a}, StencilIncrSat: {1, 255},
		StencilDecrSat: {0, 254}, StencilInvert: {255, 0}, StencilIncrement: {1, 0}, StencilDecrement: {255, 254},
	}
	for op, want := range results {
		for i, was := range [2]uint8{0, 255} {
			for outcome := range 3 {
				p := plain()
				p.State.Stencil = Stencil{Test: true, Func: Always, Fail: StencilKeep, ZFail: StencilKeep, Pass: StencilKeep}
				p.Params.StencilRef, p.Params.StencilMask, p.Params.StencilWriteMask = 0x5a, 255, 0x7f
				drawn := false
				switch outcome {
				case 0:
					p.State.Stencil.Func, p.State.Stencil.Fail = Never, op
				case 1:
					p.State.DepthFunc, p.State.Stencil.ZFail = Never, op
				case 2:
					p.State.Stencil.Pass, drawn = op, true
				}
				prepare(t, p)
				var c Chunk
				c.At(0, 0, blit.Rect{X1: 8, Y1: 8})
				c.ClearDepth(1)
				c.ClearStencil(was)
				q := rect(0, 0, 8, 8, .5, 1, white)
				var tri Triangle
				if !tri.Setup(p, CullNone, &q[0], &q[1], &q[2]) {
					t.Fatal("not set up")
				}
				c.Draw(&tri, p)
				at := Size*2 + 5
				if got, w := c.Stencil[at], was&0x80|want[i]&0x7f; got != w {
					t.Errorf("operation %d, outcome %d: %d becomes %d, not %d", op, outcome, was, got, w)
				}
				if (c.Color[at] != 0) != drawn || (c.Depth[at] != 1) != drawn {
					t.Errorf("operation %d, outcome %d: drawn %v", op, outcome, !drawn)
				}
			}
		}
	}
}

func TestStencilCompares(t *testing.T) {
	var v uint8 = 0x1f
	p := &Params{StencilRef: 0xf5, StencilMask: 0x0f, StencilWriteMask: 255}
	for f, want := range map[Compare]bool{Never: false, Less: true, Equal: false, LessEqual: true, Greater: false, NotEqual: true, GreaterEqual: false, Always: true} {
		s := Stencil{Test: true, Func: f, Fail: StencilKeep, ZFail: StencilKeep, Pass: StencilKeep}
		if s.do(&v, p, true) != want {
			t.Errorf("comparison %d of 5 with 15 gives %v", f, !want)
		}
	}
	bad := plain()
	bad.State.Stencil = Stencil{Test: true, Func: Always}
	if err := bad.Prepare(); !errors.Is(err, ErrState) {
		t.Errorf("no operations give %v", err)
	}
}
