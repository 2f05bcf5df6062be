package render

import (
	"fmt"
	"math"
)

// Stages is how many texture stages there are.
const Stages = 2

// StageState is a state of a texture stage, by Direct3D's number
// (D3DTEXTURESTAGESTATETYPE).
type StageState uint32

// The states of texture stages.
const (
	ColorOp        StageState = 1
	ColorArg1      StageState = 2
	ColorArg2      StageState = 3
	AlphaOp        StageState = 4
	AlphaArg1      StageState = 5
	AlphaArg2      StageState = 6
	TexCoordIndex  StageState = 11
	Address        StageState = 12 // sets both
	AddressU       StageState = 13
	AddressV       StageState = 14
	BorderColor    StageState = 15
	MagFilter      StageState = 16
	MinFilter      StageState = 17
	MipFilter      StageState = 18
	LODBias        StageState = 19 // a float
	TransformFlags StageState = 24
	lastStageState            = 24
)

// Where TexCoordIndex makes coordinates up, beside the vertex's sets 0 to 7.
const (
	CoordCameraNormal     = 1 << 16
	CoordCameraPosition   = 2 << 16
	CoordCameraReflection = 3 << 16
)

// Values of TransformFlags.
const (
	TransformOff    = 0
	TransformCount2 = 2
	TransformCount3 = 3
	Projected       = 256
)

type stageStates [lastStageState + 1]uint32

var firstStages = func() (s [Stages]stageStates) {
	for i := range s {
		s[i] = stageStates{ColorOp: 1, ColorArg1: 2, ColorArg2: 1, AlphaOp: 1, AlphaArg1: 2, AlphaArg2: 1,
			TexCoordIndex: uint32(i), Address: 1, AddressU: 1, AddressV: 1, MagFilter: 1, MinFilter: 1, MipFilter: 1}
	}
	s[0][ColorOp], s[0][AlphaOp] = 4, 2
	return s
}()

// SetStageState sets a state of a stage. The error is ErrUnsupported for what is
// not listed here or by raster, and ErrValue for values that cannot be; the
// state stays as it was then.
func (r *Renderer) SetStageState(stage int, s StageState, v uint32) error {
	if stage < 0 || stage >= Stages {
		return fmt.Errorf("%w: texture stage %d of %d", ErrUnsupported, stage, Stages)
	}
	ok := false
	switch s {
	case ColorOp, AlphaOp:
		ok = v >= 1 && v <= 16 || v == 24 && s == ColorOp
	case ColorArg1, ColorArg2, AlphaArg1, AlphaArg2:
		ok = v&15 <= 4 && v <= 0x3f
	case TexCoordIndex:
		ok = v>>16 <= 3 && v&0xffff < 8
	case Address, AddressU, AddressV:
		ok = v >= 1 && v <= 4
	case MagFilter, MinFilter:
		ok = v >= 1 && v <= 2
	case MipFilter:
		ok = v >= 1 && v <= 3
	case LODBias:
		f := math.Float32frombits(v)
		ok = f > -16 && f < 16
	case TransformFlags:
		ok = v == TransformOff || v == TransformCount2 || v == TransformCount3|Projected
	case BorderColor:
		ok = true
	default:
		return fmt.Errorf("%w: state %d of texture stages", ErrUnsupported, s)
	}
	if !ok {
		return fmt.Errorf("%w: %d for state %d of texture stages", ErrValue, v, s)
	}
	t := &r.stages[stage]
	if t[s] != v {
		t[s] = v
		r.dirty |= dirtyPipeline
	}
	if s == Address {
		t[AddressU], t[AddressV] = v, v
		r.dirty |= dirtyPipeline
	}
	return nil
}

// StageStateValue is what a state of a stage is.
func (r *Renderer) StageStateValue(stage int, s StageState) (uint32, error) {
	if stage < 0 || stage >= Stages || s > lastStageState || s < 1 || s > 6 && s < 11 || s > 19 && s < 24 {
		return 0, fmt.Errorf("%w: state %d of texture stage %d", ErrUnsupported, s, stage)
	}
	return r.stages[stage][s], nil
}
