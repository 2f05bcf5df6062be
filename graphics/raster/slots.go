package raster

// Slots of the constants that vector loops read, eight times each, so that they
// need no spreading. The generator repeats the numbers.
const (
	slotDepth     = 0 // always, less, equal: masks
	slotWrite     = 3
	slotAlphaTest = 4
	slotAlpha     = 5 // always, less, equal: masks
	slotAlphaRef  = 8
	slotBlend     = 9
	slotSrc       = 10 // source, destination, source alpha, destination alpha, inverse: masks
	slotDst       = 15
	slotOrTex     = 20
	slotOrDiffuse = 21
	slotWidth     = 22
	slotHeight    = 23
	slotLowU      = 24
	slotLowV      = 25
	slotWrapU     = 26
	slotWrapV     = 27
	slotScaleU    = 28
	slotScaleV    = 29
	slotMaskU     = 30
	slotMaskV     = 31
	slotHighU     = 32
	slotHighV     = 33
	slotStride    = 34
	slotLast      = 35
	slotBias      = 36
	slotRatio     = 37
	slotLevels    = 39             // two slots of eight levels
	slotGloss     = slotLevels + 2 // mask of the specular colour
	slotFog       = slotGloss + 1
	slotFogColor  = slotGloss + 2
	slotFogEnd    = slotGloss + 3
	slotFogScale  = slotGloss + 4
	slots         = slotGloss + 5
)

// How a loop blends.
const (
	blendNone = iota
	blendOver
	blendAny
)

// How a loop finds the fog factor.
const (
	fogNone = iota
	fogBySpecular
	fogByDepth
)
