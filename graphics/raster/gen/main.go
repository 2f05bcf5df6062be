// Command gen writes the AVX2 pixel loops of package raster with avo:
//
//	go run . -out ../loops_amd64.s -stubs ../loops_amd64.go -pkg raster
//
// A loop draws the covered pixels of a chunk, eight beside each other at a
// time, column of eight by column, and gives the same bits as the interpreter.
// What changes the shape of the code (where colours come from) makes a loop of
// its own; what only changes numbers or skips a step is read from a block of
// constants, whose slots are in slots.go of that package and repeated here.
package main

import . "github.com/mmcloughlin/avo/build"

// Byte offsets in a chunk.
const (
	offDepth  = 4096
	offMasks  = 8192
	offCorner = offMasks + 4*32
	offRows   = offCorner + 4*16
	offSteps  = offRows + 4*16*32
	offList   = offSteps + 32*16
)

// Byte offsets in gradients, and planes.
const (
	offDX = 64
	offDY = 128

	planeZ       = 0
	planeW       = 1
	planeDiffuse = 2
	planeGloss   = 6
	planeU       = 10
	planeV       = 11
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
	slotOrTex = slotDst + 5 + iota - 1
	slotOrDiffuse
	slotWidth // of the first level
	slotHeight
	slotLowU // limits of positions
	slotLowV
	slotWrapU // bits that lift the upper limit
	slotWrapV
	slotScaleU // 128 times the width, a float
	slotScaleV
	slotMaskU
	slotMaskV
	slotHighU
	slotHighV
	slotStride
	slotLast // level
	slotBias
	slotRatio // of the square of height to that of width, a float
	_
	slotLevels // where eight levels begin, and in the next slot eight more
)

const (
	slotGloss = slotLevels + 2 + iota // mask of the specular colour
	slotFog                           // 0 none, 1 by the specular alpha, 2 by depth
	slotFogColor
	slotFogEnd // floats
	slotFogScale
)

type source int

const (
	noColour source = iota
	flat
	gouraud
	gouraudPersp
	lit // the same with a specular colour and fog
)

type filter int

const (
	noTexture filter = iota
	nearest
	bilinear
	mipmapped
	trilinear
	dual // two textures, each with levels
)

func main() {
	ConstraintExpr("!purego")
	constants()
	for _, d := range []string{"", "LessEqual", "Depth"} {
		for _, s := range []source{flat, gouraud, gouraudPersp} {
			loop(s, noTexture, d)
		}
	}
	for _, f := range []filter{nearest, bilinear, mipmapped, trilinear} {
		for _, s := range []source{noColour, flat, gouraudPersp, lit} {
			loop(s, f, "Depth")
		}
	}
	loop(lit, noTexture, "Depth")
	loop(lit, dual, "Depth")
	cover()
	corner()
	planesOf()
	fill()
	Generate()
}

func name(s source, f filter, depth string) string {
	return "draw" + [...]string{"", "Nearest", "Bilinear", "Mipmapped", "Trilinear", "Dual"}[f] +
		[...]string{"", "Flat", "Gouraud", "Perspective", "Lit"}[s] + depth + "AVX2"
}
