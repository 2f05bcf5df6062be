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
	slotOrTex     = 20 // one for each texture
	slotOrDiffuse = 22
	slotGloss     = 24 // mask of the specular colour
	slotFog       = 25
	slotFogColor  = 26
	slotFogEnd    = 27
	slotFogScale  = 28
	slotLessEqual = 29 // not 0: that is the comparison of depth
	slotFactor    = 30
	slotFlat      = 31 // not 0: the diffuse colour is flat
	slots         = 32
	slotUnits     = 32 // operations of texture stages, at most four, six vectors each
	vectors       = slotUnits + 4*6
)

// Slots of the constants of one level of a texture. Pairs are of both axes.
const (
	texSize      = 0
	texLow       = 2
	texHigh      = 4
	texWrap      = 6
	texScale     = 8
	texMask      = 10
	texStride    = 12
	texLast      = 13
	texBias      = 14
	texRatio     = 15
	texNearScale = 16
	texNearHigh  = 18
	texLevels    = 20 // two slots of eight levels
	texSlots     = 22
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
