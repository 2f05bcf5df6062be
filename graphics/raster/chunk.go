package raster

import (
	"math"
	"unsafe"

	"github.com/mmlite/mmlite/graphics/blit"
)

// Size is the width and height of a chunk, in pixels.
const Size = 32

const pixels = Size * Size

// nearReach is how far out chunks may lie for triangles nearby to be in Reach.
const nearReach = Reach - 256

// Chunk is a square of the picture being drawn: colour, depth and stencil. It should be aligned to 64
// bytes for speed; nothing depends on it.
type Chunk struct {
	Color [pixels]uint32 // ARGB8888, row by row

	// Planes of the triangle being drawn at the left edge of each row. They lie
	// here so that a pixel's colour and depth do not lie whole pages apart:
	// then the processor would take a load of the one for dependent on a store
	// to the other.
	rows [Size][planeSlots]float32

	Depth [pixels]float32 // 0 near to 1 far

	// Of the triangle being drawn, too. Vector loops know all these places.
	masks  [Size]uint32              // covered pixels, a row a word
	corner [planeSlots]float32       // its planes at the chunk's corner
	steps  [4][planeSlots][8]float32 // and what pixels beside it add
	list   [8][160]uint32            // what to sample
	g      gradients                 // planes of small triangles

	x, y           int32 // the corner's place in the picture
	x0, y0, x1, y1 int32 // what may be drawn on, from the corner

	span span // of the triangle being drawn
	near bool // small triangles may be drawn fast
	_    [39 - 4*unsafe.Sizeof(int(0))]byte

	Stencil [pixels]uint8
}

// At places the chunk: its corner is pixel x, y of the picture. Only pixels
// inside bounds, in the picture's coordinates, will be drawn on or stored; none
// of a chunk that lies farther out than Reach.
func (c *Chunk) At(x, y int, bounds blit.Rect) {
	if x < -Reach || x > Reach || y < -Reach || y > Reach {
		x, y, bounds = 0, 0, blit.Rect{}
	}
	r := blit.Rect{X0: x, Y0: y, X1: x + Size, Y1: y + Size}.Intersect(bounds)
	if r.Empty() {
		r = blit.Rect{X0: x, Y0: y, X1: x, Y1: y}
	}
	c.x, c.y = int32(x), int32(y)
	c.near = x >= -nearReach && x <= nearReach && y >= -nearReach && y <= nearReach
	c.x0, c.y0, c.x1, c.y1 = int32(r.X0-x), int32(r.Y0-y), int32(r.X1-x), int32(r.Y1-y)
}

// Clear sets all pixels' colour.
func (c *Chunk) Clear(color uint32) { fillWords(c.Color[:], color) }

// ClearDepth sets all pixels' depth.
func (c *Chunk) ClearDepth(z float32) {
	fillWords(unsafe.Slice((*uint32)(unsafe.Pointer(&c.Depth)), pixels), math.Float32bits(z))
}

// ClearStencil sets all pixels' stencil.
func (c *Chunk) ClearStencil(v uint8) {
	for i := range c.Stencil {
		c.Stencil[i] = v
	}
}

// bytes is the memory of words. Pixels in memory are little-endian, as is
// every machine this runs on.
func bytes(w []uint32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(w))), 4*len(w))
}

func (c *Chunk) surface() blit.Surface {
	return blit.Surface{Pix: bytes(c.Color[:]), Pitch: 4 * Size, Width: Size, Height: Size, Format: blit.ARGB8888}
}

func (c *Chunk) inside() blit.Rect {
	return blit.Rect{X0: int(c.x0), Y0: int(c.y0), X1: int(c.x1), Y1: int(c.y1)}
}
