package raster

// The numbers of all states are Direct3D's.

// Compare is a comparison of depth or alpha.
type Compare uint8

const (
	Never Compare = iota + 1
	Less
	Equal
	LessEqual
	Greater
	NotEqual
	GreaterEqual
	Always
)

// Factor is what blending multiplies a colour by.
type Factor uint8

const (
	Zero Factor = iota + 1
	One
	SrcColor
	InvSrcColor
	SrcAlpha
	InvSrcAlpha
	DestAlpha
	InvDestAlpha
	DestColor
	InvDestColor
	SrcAlphaSat
	BothSrcAlpha    // as source factor: SrcAlpha, InvSrcAlpha for both
	BothInvSrcAlpha // as source factor: InvSrcAlpha, SrcAlpha for both
)

// Op is what a texture stage does with its arguments.
type Op uint8

const (
	OpDisable Op = iota + 1
	OpSelect1
	OpSelect2
	OpModulate
	OpModulate2X
	OpModulate4X
	OpAdd
	OpAddSigned
	OpAddSigned2X
	OpSubtract
	OpAddSmooth
	OpBlendDiffuseAlpha
	OpBlendTextureAlpha
	OpBlendFactorAlpha
	OpBlendTextureAlphaPM
	OpBlendCurrentAlpha
	OpDotProduct3 Op = 24
)

// Arg is an argument of a texture stage: one of the sources, with modifiers.
type Arg uint8

const (
	ArgDiffuse Arg = iota
	ArgCurrent
	ArgTexture
	ArgFactor
	ArgSpecular
	ArgComplement     Arg = 0x10 // one minus
	ArgAlphaReplicate Arg = 0x20 // alpha in all channels
)

// Address says what lies beyond a texture's edges.
type Address uint8

const (
	Wrap Address = iota + 1
	Mirror
	Clamp
	Border
)

// Filter is how texels or levels are chosen.
type Filter uint8

const (
	FilterNone   Filter = iota + 1 // of levels: only the largest
	FilterPoint                    // the nearest
	FilterLinear                   // between the nearest
)

// Fog says where the fog factor comes from.
type Fog uint8

const (
	FogNone   Fog = iota
	FogExp        // exp(-density*d)
	FogExp2       // exp(-(density*d)^2)
	FogLinear     // (end-d)/(end-start)
	FogVertex     // the alpha of the specular colour: 255 is no fog
)

// Stage is the state of one texture stage.
type Stage struct {
	ColorOp, AlphaOp     Op
	ColorArg1, ColorArg2 Arg
	AlphaArg1, AlphaArg2 Arg
	Coord                uint8 // which coordinates of the vertex, 0 or 1
	AddressU, AddressV   Address
	Mag, Min             Filter // point or linear
	Mip                  Filter
}

// State is the render states that choose a pixel loop. It is comparable: equal
// states draw by the same loop.
type State struct {
	DepthTest, DepthWrite bool
	DepthFunc             Compare
	Stencil               Stencil
	AlphaTest             bool
	AlphaFunc             Compare
	Blend                 bool
	SrcBlend, DestBlend   Factor
	Flat                  bool // colours of the first vertex
	Specular              bool // adds the specular colour
	Fog                   Fog
	FogByW                bool // distance is 1/RHW, not Z
	NoColor               bool // draws depth only
	Stages                [2]Stage
}

// Params are the values that states refer to.
type Params struct {
	AlphaRef         uint8
	StencilRef       uint8
	StencilMask      uint8 // of the comparison
	StencilWriteMask uint8
	TextureFactor    uint32 // ARGB
	BorderColor      [2]uint32
	LODBias          [2]float32 // levels
	FogColor         uint32
	FogStart, FogEnd float32
	FogDensity       float32
}

// DefaultState is Direct3D's: depth test on, no blending, the first stage
// modulates texture and diffuse colour, the second is off.
func DefaultState() State {
	s := State{DepthTest: true, DepthWrite: true, DepthFunc: LessEqual, AlphaFunc: Always, SrcBlend: One, DestBlend: Zero}
	for i := range s.Stages {
		s.Stages[i] = Stage{ColorOp: OpDisable, AlphaOp: OpDisable, ColorArg1: ArgTexture, ColorArg2: ArgCurrent, AlphaArg1: ArgTexture, AlphaArg2: ArgCurrent,
			Coord: uint8(i), AddressU: Wrap, AddressV: Wrap, Mag: FilterPoint, Min: FilterPoint, Mip: FilterNone}
	}
	s.Stages[0].ColorOp, s.Stages[0].AlphaOp = OpModulate, OpSelect1
	return s
}

// uses says whether a stage reads its texture.
func (s *Stage) uses() bool {
	reads := func(op Op, a, b Arg) bool {
		switch op {
		case OpSelect1:
			return a&15 == ArgTexture
		case OpSelect2:
			return b&15 == ArgTexture
		case OpBlendTextureAlpha, OpBlendTextureAlphaPM:
			return true
		}
		return op > OpDisable && (a&15 == ArgTexture || b&15 == ArgTexture)
	}
	return s.ColorOp > OpDisable && (reads(s.ColorOp, s.ColorArg1, s.ColorArg2) || reads(s.AlphaOp, s.AlphaArg1, s.AlphaArg2))
}
