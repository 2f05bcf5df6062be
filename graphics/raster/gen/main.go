// Command gen writes the AVX2 pixel loops of package raster with avo:
//
//	go run . -out ../loops_amd64.s -stubs ../loops_amd64.go -pkg raster
//
// A loop draws the covered pixels of a chunk, eight beside each other at a
// time, run by run, and gives the same bits as the interpreter.
// What changes the shape of the code (where colours come from) makes a loop of
// its own; what only changes numbers or skips a step is read from a block of
// constants, whose slots are in slots.go of that package and repeated here.
package main

import . "github.com/mmcloughlin/avo/build"

// Byte offsets in a chunk.
const (
	offRows   = 4096
	offDepth  = offRows + 4*16*32
	offMasks  = offDepth + 4096
	offCorner = offMasks + 4*32
	offSteps  = offCorner + 4*16
	offList   = offSteps + 4*stepSize
	offPlanes = offList + listed*entrySize
	offPlace  = offPlanes + 3*4*16
	offSpan   = offPlace + 24
)

// Byte offsets in a span.
const (
	spanStart = offSpan + 8*iota
	spanY0
	spanY1
	spanAny
	spanFull = spanAny + 4
)

// Byte offsets in operands. Constants of a texture are given by their distance from
// those of states.
const (
	operandTexels = 8 * iota
	operandTexels2
	operandTex
	operandTex2
)

// stepSize is what all planes' steps to eight pixels come to, in bytes.
const stepSize = 32 * 16

// Byte offsets in gradients, and planes.
const (
	offDX = 64
	offDY = 128

	planeZ       = 0
	planeW       = 1
	planeU       = 2
	planeV       = 3
	planeDiffuse = 4
	planeU2      = 8
	planeGloss   = 12
)

// Slots of the block of constants.
const (
	slotDepth0 = iota // masks of the comparison: always, less, equal
	slotDepth1
	slotDepth2
	slotWrite // mask
	slotAlphaTest
	slotAlpha0
	slotAlpha1
	slotAlpha2
	slotAlphaRef
	slotBlend // 0 none, 1 source alpha over, 2 any
	slotSrc   // five masks of the source factor: source, destination, their alphas, inverse
)

const (
	slotDst   = slotSrc + 5
	slotOrTex = slotDst + 5 + iota - 1 // and in the next slot for the second texture
	_
	slotOrDiffuse
	_
	slotGloss // mask of the specular colour
	slotFog   // 0 none, 1 by the specular alpha, 2 by depth
	slotFogColor
	slotFogEnd // floats
	slotFogScale
	slotLessEqual // not 0: that is the comparison of depth
	slotFactor    // texture factor
	slotFlat      // not 0: the diffuse colour is flat
	slotUnits     // operations of texture stages, of unitSize bytes
)

// Slots of the block of constants of one level of a texture.
const (
	texWidth = iota
	texHeight
	texLowU // limits of positions
	texLowV
	texHighU
	texHighV
	texWrapU // bits that lift the upper limit, for levels by pixel
	texWrapV
	texScaleU // 128 times the width, a float
	texScaleV
	texMaskU
	texMaskV
	texStride
	texLast // level
	texBias
	texRatio      // of the square of height to that of width, a float
	texNearScaleU // the width, for nearest texels
	texNearScaleV
	texNearHighU
	texNearHighV
	texLevels // where eight levels begin, and in the next slot eight more
)

type source int

const (
	noColour source = iota
	flat
	gouraud
	gouraudPersp
	lit // the same with a specular colour and fog
	any // the same with any operations of stages
)

type filter int

const (
	noTexture filter = iota
	nearest
	bilinear
	mipmapped // bilinear in each pixel's own level
	trilinear
	dual    // two textures, mipmapped
	blended // trilinear between two levels for all pixels
	duo     // two textures, each in one level
)

func main() {
	ConstraintExpr("!purego")
	constants()
	for _, d := range []string{"", "LessEqual"} {
		for _, s := range []source{flat, gouraud, gouraudPersp} {
			opaque(s, d)
		}
	}
	for _, s := range []source{flat, gouraud, gouraudPersp, lit} {
		loop(s, noTexture, "Depth")
	}
	for _, f := range []filter{nearest, bilinear, mipmapped, trilinear} {
		for _, s := range []source{noColour, flat, gouraudPersp, lit} {
			loop(s, f, "Depth")
		}
	}
	loop(lit, dual, "Depth")
	for _, s := range []source{noColour, flat, gouraudPersp, lit} {
		loop(s, blended, "Depth")
	}
	for _, f := range []filter{nearest, bilinear, mipmapped, blended, dual, duo} {
		loop(any, f, "Depth")
	}
	loop(gouraudPersp, duo, "Depth")
	loop(lit, duo, "Depth")
	cover()
	corner()
	planesOf()
	left()
	small()
	rowsOf()
	uniformOf()
	fill()
	Generate()
}

// single says that places are in levels whose constants are given.
func (f filter) single() bool { return f <= bilinear || f >= blended }

// two says that there are two textures.
func (f filter) two() bool { return f == dual || f == duo }

func name(s source, f filter, depth string) string {
	return "draw" + [...]string{"", "Nearest", "Bilinear", "Mipmapped", "Trilinear", "Dual", "Blended", "Duo"}[f] +
		[...]string{"", "Flat", "Gouraud", "Perspective", "Lit", "Any"}[s] + depth + "AVX2"
}
