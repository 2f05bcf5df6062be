package render

import (
	"fmt"
	"math"
)

// State is a render state, by Direct3D's number (D3DRENDERSTATETYPE).
type State uint32

// The render states.
const (
	ZEnable          State = 7
	FillMode         State = 8
	ShadeMode        State = 9
	ZWriteEnable     State = 14
	AlphaTestEnable  State = 15
	LastPixel        State = 16
	SrcBlend         State = 19
	DestBlend        State = 20
	CullMode         State = 22
	ZFunc            State = 23
	AlphaRef         State = 24
	AlphaFunc        State = 25
	DitherEnable     State = 26 // kept, not done
	AlphaBlendEnable State = 27
	FogEnable        State = 28
	SpecularEnable   State = 29
	FogColor         State = 34
	FogTableMode     State = 35
	FogStart         State = 36 // a float
	FogEnd           State = 37 // a float
	FogDensity       State = 38 // a float
	ColorKeyEnable   State = 41
	ZBias            State = 47
	RangeFogEnable   State = 48
	StencilEnable    State = 52
	StencilFail      State = 53
	StencilZFail     State = 54
	StencilPass      State = 55
	StencilFunc      State = 56
	StencilRef       State = 57
	StencilMask      State = 58
	StencilWriteMask State = 59
	TextureFactor    State = 60
	Clipping         State = 136 // kept: everything is clipped
	Lighting         State = 137
	Ambient          State = 139
	FogVertexMode    State = 140
	ColorVertex      State = 141
	LocalViewer      State = 142
	NormalizeNormals State = 143
	DiffuseSource    State = 145
	SpecularSource   State = 146
	AmbientSource    State = 147
	EmissiveSource   State = 148
	ClipPlaneEnable  State = 152
	lastState              = 152
)

// Values of FillMode, ShadeMode, CullMode and the fog modes.
const (
	FillPoint, FillWireframe, FillSolid  = 1, 2, 3
	ShadeFlat, ShadeGouraud              = 1, 2
	CullNone, CullCW, CullCCW            = 1, 2, 3
	FogNone, FogExp, FogExp2, FogLinear  = 0, 1, 2, 3
	FromMaterial, FromColor1, FromColor2 = 0, 1, 2
)

// What a state's change makes stale.
const (
	dirtyPipeline = 1 << iota
	dirtyLights
	dirtyMatrix
)

// rule is what a render state may be.
type rule struct {
	known     bool
	low, high uint32
	initial   uint32
	dirty     uint8
}

var one = math.Float32bits(1)

// rules are the states that exist; all others are ErrUnsupported.
var rules = func() (r [lastState + 1]rule) {
	set := func(s State, low, high, initial uint32, dirty uint8) {
		r[s] = rule{true, low, high, initial, dirty}
	}
	const all = math.MaxUint32
	set(ZEnable, 0, 1, 1, dirtyPipeline)
	set(FillMode, FillPoint, FillSolid, FillSolid, 0)
	set(ShadeMode, ShadeFlat, ShadeGouraud, ShadeGouraud, dirtyPipeline)
	set(ZWriteEnable, 0, 1, 1, dirtyPipeline)
	set(AlphaTestEnable, 0, 1, 0, dirtyPipeline)
	set(LastPixel, 0, 1, 1, 0)
	set(SrcBlend, 1, 13, 2, dirtyPipeline)
	set(DestBlend, 1, 11, 1, dirtyPipeline)
	set(CullMode, CullNone, CullCCW, CullCCW, 0)
	set(ZFunc, 1, 8, 4, dirtyPipeline)
	set(AlphaRef, 0, 255, 0, dirtyPipeline)
	set(AlphaFunc, 1, 8, 8, dirtyPipeline)
	set(DitherEnable, 0, 1, 0, 0)
	set(AlphaBlendEnable, 0, 1, 0, dirtyPipeline)
	set(FogEnable, 0, 1, 0, dirtyPipeline|dirtyLights)
	set(SpecularEnable, 0, 1, 0, dirtyPipeline|dirtyLights)
	set(FogColor, 0, all, 0, dirtyPipeline)
	set(FogTableMode, FogNone, FogLinear, FogNone, dirtyPipeline|dirtyLights)
	set(FogStart, 0, all, 0, dirtyPipeline|dirtyLights)
	set(FogEnd, 0, all, one, dirtyPipeline|dirtyLights)
	set(FogDensity, 0, all, one, dirtyPipeline|dirtyLights)
	set(ColorKeyEnable, 0, 1, 0, dirtyPipeline)
	set(ZBias, 0, 16, 0, dirtyMatrix)
	set(RangeFogEnable, 0, 1, 0, dirtyLights)
	set(StencilEnable, 0, 1, 0, dirtyPipeline)
	set(StencilFail, 1, 8, 1, dirtyPipeline)
	set(StencilZFail, 1, 8, 1, dirtyPipeline)
	set(StencilPass, 1, 8, 1, dirtyPipeline)
	set(StencilFunc, 1, 8, 8, dirtyPipeline)
	set(StencilRef, 0, 255, 0, dirtyPipeline)
	set(StencilMask, 0, all, all, dirtyPipeline)
	set(StencilWriteMask, 0, all, all, dirtyPipeline)
	set(TextureFactor, 0, all, all, dirtyPipeline)
	set(Clipping, 0, 1, 1, 0)
	set(Lighting, 0, 1, 1, dirtyLights|dirtyPipeline)
	set(Ambient, 0, all, 0, dirtyLights)
	set(FogVertexMode, FogNone, FogLinear, FogNone, dirtyLights)
	set(ColorVertex, 0, 1, 1, dirtyLights)
	set(LocalViewer, 0, 1, 1, dirtyLights)
	set(NormalizeNormals, 0, 1, 0, dirtyLights)
	set(DiffuseSource, 0, 2, FromColor1, dirtyLights)
	set(SpecularSource, 0, 2, FromColor2, dirtyLights)
	set(AmbientSource, 0, 2, FromMaterial, dirtyLights)
	set(EmissiveSource, 0, 2, FromMaterial, dirtyLights)
	set(ClipPlaneEnable, 0, 1<<ClipPlanes-1, 0, dirtyMatrix)
	return r
}()

// SetState sets a render state. Floats are given by their bits. Booleans are 0
// or 1. The error is ErrUnsupported for states that are not listed and ErrValue
// for values they cannot have; the state stays as it was then.
func (r *Renderer) SetState(s State, v uint32) error {
	if s > lastState || !rules[s].known {
		return fmt.Errorf("%w: render state %d", ErrUnsupported, s)
	}
	k := &rules[s]
	if v < k.low || v > k.high {
		return fmt.Errorf("%w: %d for render state %d", ErrValue, v, s)
	}
	switch s {
	case FogStart, FogEnd, FogDensity:
		if f := math.Float32frombits(v); f != f || math.IsInf(float64(f), 0) {
			return fmt.Errorf("%w: render state %d is no number", ErrValue, s)
		}
	}
	if r.states[s] != v {
		r.states[s] = v
		r.dirty |= k.dirty
	}
	return nil
}

// StateValue is what a render state is. ErrUnsupported: there is none of that number.
func (r *Renderer) StateValue(s State) (uint32, error) {
	if s > lastState || !rules[s].known {
		return 0, fmt.Errorf("%w: render state %d", ErrUnsupported, s)
	}
	return r.states[s], nil
}

func (r *Renderer) on(s State) bool { return r.states[s] != 0 }

func (r *Renderer) float(s State) float32 { return math.Float32frombits(r.states[s]) }
