package d3d

import "math"

// RenderState is a render state (D3DRENDERSTATETYPE).
type RenderState uint32

// The render states. Booleans are 0 and 1.
const (
	ZEnable          RenderState = 7
	FillMode         RenderState = 8
	ShadeMode        RenderState = 9
	ZWriteEnable     RenderState = 14
	AlphaTestEnable  RenderState = 15
	LastPixel        RenderState = 16
	SrcBlend         RenderState = 19
	DestBlend        RenderState = 20
	CullMode         RenderState = 22
	ZFunc            RenderState = 23
	AlphaRef         RenderState = 24
	AlphaFunc        RenderState = 25
	DitherEnable     RenderState = 26
	AlphaBlendEnable RenderState = 27
	FogEnable        RenderState = 28
	SpecularEnable   RenderState = 29
	FogColor         RenderState = 34
	FogTableMode     RenderState = 35
	FogStart         RenderState = 36 // a float
	FogEnd           RenderState = 37 // a float
	FogDensity       RenderState = 38 // a float
	ColorKeyEnable   RenderState = 41
	ZBias            RenderState = 47
	RangeFogEnable   RenderState = 48
	StencilEnable    RenderState = 52
	StencilFail      RenderState = 53
	StencilZFail     RenderState = 54
	StencilPass      RenderState = 55
	StencilFunc      RenderState = 56
	StencilRef       RenderState = 57
	StencilMask      RenderState = 58
	StencilWriteMask RenderState = 59
	TextureFactor    RenderState = 60
	Clipping         RenderState = 136
	Lighting         RenderState = 137
	Ambient          RenderState = 139
	FogVertexMode    RenderState = 140
	ColorVertex      RenderState = 141
	LocalViewer      RenderState = 142
	NormalizeNormals RenderState = 143
	DiffuseSource    RenderState = 145 // DIFFUSEMATERIALSOURCE
	SpecularSource   RenderState = 146
	AmbientSource    RenderState = 147
	EmissiveSource   RenderState = 148
	ClipPlaneEnable  RenderState = 152
	lastState                    = 152
)

// Values of render states.
const (
	FillPoint, FillWireframe, FillSolid = 1, 2, 3 // D3DFILLMODE

	ShadeFlat, ShadeGouraud = 1, 2 // D3DSHADEMODE

	CullNone, CullCW, CullCCW = 1, 2, 3 // D3DCULL

	CmpNever, CmpLess, CmpEqual, CmpLessEqual           = 1, 2, 3, 4 // D3DCMPFUNC
	CmpGreater, CmpNotEqual, CmpGreaterEqual, CmpAlways = 5, 6, 7, 8

	BlendZero, BlendOne, BlendSrcColor, BlendInvSrcColor          = 1, 2, 3, 4 // D3DBLEND
	BlendSrcAlpha, BlendInvSrcAlpha                               = 5, 6
	BlendDestAlpha, BlendInvDestAlpha                             = 7, 8
	BlendDestColor, BlendInvDestColor, BlendSrcAlphaSat           = 9, 10, 11
	BlendBothSrcAlpha, BlendBothInvSrcAlpha                       = 12, 13
	FogNone, FogExp, FogExp2, FogLinear                           = 0, 1, 2, 3      // D3DFOGMODE
	StencilKeep, StencilZero, StencilReplace                      = 1, 2, 3         // D3DSTENCILOP
	StencilIncrSat, StencilDecrSat, StencilInvert                 = 4, 5, 6         //
	StencilIncr, StencilDecr                                      = 7, 8            //
	SourceMaterial, SourceColor1, SourceColor2                    = 0, 1, 2         // D3DMATERIALCOLORSOURCE
	OpDisable, OpSelectArg1, OpSelectArg2                         = 1, 2, 3         // D3DTEXTUREOP
	OpModulate, OpModulate2X, OpModulate4X                        = 4, 5, 6         //
	OpAdd, OpAddSigned, OpAddSigned2X, OpSubtract, OpAddSmooth    = 7, 8, 9, 10, 11 //
	OpBlendDiffuseAlpha, OpBlendTextureAlpha, OpBlendFactorAlpha  = 12, 13, 14      //
	OpBlendTextureAlphaPM, OpBlendCurrentAlpha, OpDotProduct3     = 15, 16, 24      //
	ArgDiffuse, ArgCurrent, ArgTexture, ArgTFactor, ArgSpecular   = 0, 1, 2, 3, 4   // D3DTA
	ArgComplement, ArgAlphaReplicate                              = 0x10, 0x20      //
	AddressWrap, AddressMirror, AddressClamp, AddressBorder       = 1, 2, 3, 4      // D3DTEXTUREADDRESS
	FilterPoint, FilterLinear                                     = 1, 2            // D3DTEXTUREMAGFILTER, MINFILTER
	MipNone, MipPoint, MipLinear                                  = 1, 2, 3         // D3DTEXTUREMIPFILTER
	CoordCameraNormal, CoordCameraPosition, CoordCameraReflection = 1 << 16, 2 << 16, 3 << 16
	TransformDisable, TransformCount2, TransformCount3            = 0, 2, 3 // D3DTEXTURETRANSFORMFLAGS
	TransformProjected                                            = 256
)

// StageState is a state of a texture stage (D3DTEXTURESTAGESTATETYPE).
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
	Address        StageState = 12
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

// Stages is how many texture stages there are.
const Stages = 2

type span struct{ low, high uint32 }

// stateSpans are what render states may be; those that are not listed are not there.
var stateSpans = map[RenderState]span{
	ZEnable: {0, 1}, FillMode: {1, 3}, ShadeMode: {1, 2}, ZWriteEnable: {0, 1}, AlphaTestEnable: {0, 1}, LastPixel: {0, 1},
	SrcBlend: {1, 13}, DestBlend: {1, 11}, CullMode: {1, 3}, ZFunc: {1, 8}, AlphaRef: {0, 255}, AlphaFunc: {1, 8}, DitherEnable: {0, 1},
	AlphaBlendEnable: {0, 1}, FogEnable: {0, 1}, SpecularEnable: {0, 1}, FogColor: {0, all}, FogTableMode: {0, 3},
	FogStart: {0, all}, FogEnd: {0, all}, FogDensity: {0, all}, ColorKeyEnable: {0, 1}, ZBias: {0, 16}, RangeFogEnable: {0, 1},
	StencilEnable: {0, 1}, StencilFail: {1, 8}, StencilZFail: {1, 8}, StencilPass: {1, 8}, StencilFunc: {1, 8},
	StencilRef: {0, 255}, StencilMask: {0, all}, StencilWriteMask: {0, all}, TextureFactor: {0, all}, Clipping: {0, 1}, Lighting: {0, 1},
	Ambient: {0, all}, FogVertexMode: {0, 3}, ColorVertex: {0, 1}, LocalViewer: {0, 1}, NormalizeNormals: {0, 1},
	DiffuseSource: {0, 2}, SpecularSource: {0, 2}, AmbientSource: {0, 2}, EmissiveSource: {0, 2}, ClipPlaneEnable: {0, 63},
}

const all = math.MaxUint32

var floatOne = math.Float32bits(1)

// firstStates are those of a new device, where they are not zero.
var firstStates = map[RenderState]uint32{
	ZEnable: 1, FillMode: FillSolid, ShadeMode: ShadeGouraud, ZWriteEnable: 1, LastPixel: 1, SrcBlend: BlendOne, DestBlend: BlendZero,
	CullMode: CullCCW, ZFunc: CmpLessEqual, AlphaFunc: CmpAlways, FogEnd: floatOne, FogDensity: floatOne,
	StencilFail: StencilKeep, StencilZFail: StencilKeep, StencilPass: StencilKeep, StencilFunc: CmpAlways, StencilMask: all, StencilWriteMask: all,
	TextureFactor: all, Clipping: 1, Lighting: 1, ColorVertex: 1, LocalViewer: 1, DiffuseSource: SourceColor1, SpecularSource: SourceColor2,
}

func firstStages() (s [Stages][lastStageState + 1]uint32) {
	for i := range s {
		s[i] = [...]uint32{ColorOp: OpDisable, ColorArg1: ArgTexture, ColorArg2: ArgCurrent, AlphaOp: OpDisable, AlphaArg1: ArgTexture, AlphaArg2: ArgCurrent,
			TexCoordIndex: uint32(i), Address: AddressWrap, AddressU: AddressWrap, AddressV: AddressWrap, MagFilter: FilterPoint, MinFilter: FilterPoint, MipFilter: MipNone, lastStageState: 0}
	}
	s[0][ColorOp], s[0][AlphaOp] = OpModulate, OpSelectArg1
	return s
}

// checkState says whether a state may be set so.
func checkState(s RenderState, v uint32) error {
	k, ok := stateSpans[s]
	if !ok {
		return failed(ErrUnsupported, "render state %d", s)
	}
	bad := v < k.low || v > k.high
	switch s {
	case FogStart, FogEnd, FogDensity:
		f := float64(math.Float32frombits(v))
		bad = math.IsNaN(f) || math.IsInf(f, 0)
	}
	if bad {
		return failed(ErrInvalidParams, "%d for render state %d", v, s)
	}
	return nil
}

// checkStage says the same of a state of a stage.
func checkStage(stage int, s StageState, v uint32) error {
	if stage < 0 || stage >= Stages {
		return failed(ErrTooManyOperations, "texture stage %d of %d", stage, Stages)
	}
	ok, code := false, ErrInvalidParams
	switch s {
	case ColorOp:
		ok, code = v >= 1 && v <= 16 || v == OpDotProduct3, ErrUnsupportedColorOperation
	case AlphaOp:
		ok, code = v >= 1 && v <= 16, ErrUnsupportedAlphaOperation
	case ColorArg1, ColorArg2:
		ok, code = v&15 <= 4 && v <= 0x3f, ErrUnsupportedColorArg
	case AlphaArg1, AlphaArg2:
		ok, code = v&15 <= 4 && v <= 0x3f, ErrUnsupportedAlphaArg
	case TexCoordIndex:
		ok = v>>16 <= 3 && v&0xffff < 8
	case Address, AddressU, AddressV:
		ok = v >= 1 && v <= 4
	case MagFilter, MinFilter:
		ok, code = v >= 1 && v <= 2, ErrUnsupportedTextureFilter
	case MipFilter:
		ok, code = v >= 1 && v <= 3, ErrUnsupportedTextureFilter
	case LODBias:
		f := math.Float32frombits(v)
		ok = f > -16 && f < 16
	case TransformFlags:
		ok = v == TransformDisable || v == TransformCount2 || v == TransformCount3|TransformProjected
	case BorderColor:
		ok = true
	default:
		return failed(ErrUnsupported, "state %d of texture stages", s)
	}
	if !ok {
		return failed(code, "%d for state %d of texture stages", v, s)
	}
	return nil
}
