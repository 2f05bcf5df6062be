package render

import "fmt"

// Depth is a depth buffer with stencil. Depth is float32 whatever it was asked
// for: what passes through 16 or 24 bits would not come back as it was, and
// passes over the same triangles would not meet. It lies in memory chunk by chunk,
// each in one piece, so that a chunk comes and goes by one copy.
type Depth struct {
	width, height int
	columns       int
	z             []float32
	stencil       []uint8
}

// tile is the pixels of a chunk.
const tile = chunkSize * chunkSize

// NewDepthStencil makes a depth buffer with stencil, of ones and zeros.
func NewDepthStencil(width, height int) (*Depth, error) {
	d, err := NewDepth(width, height)
	if err == nil {
		d.stencil = make([]uint8, len(d.z))
	}
	return d, err
}

// NewDepth makes a depth buffer of ones.
func NewDepth(width, height int) (*Depth, error) {
	if width < 1 || height < 1 || width > MaxSize || height > MaxSize {
		return nil, fmt.Errorf("%w: depth of %d by %d", ErrTarget, width, height)
	}
	d := &Depth{width: width, height: height, columns: chunksOf(width), z: make([]float32, chunksOf(width)*chunksOf(height)*tile)}
	for i := range d.z {
		d.z[i] = 1
	}
	return d, nil
}

// DepthBytes is the memory of a depth buffer with stencil.
func DepthBytes(width, height int) int { return 5 * chunksOf(width) * chunksOf(height) * tile }

// Size is the size in pixels.
func (d *Depth) Size() (width, height int) { return d.width, d.height }

func (d *Depth) place(x, y int) int {
	return (y>>chunkBits*d.columns+x>>chunkBits)*tile + y&(chunkSize-1)*chunkSize + x&(chunkSize-1)
}

// Get is depth and stencil of a pixel, as they were drawn after Renderer.Flush;
// stencil is 0 where there is none.
func (d *Depth) Get(x, y int) (z float32, stencil uint8) {
	at := d.place(x, y)
	if d.stencil != nil {
		stencil = d.stencil[at]
	}
	return d.z[at], stencil
}

// Set changes them.
func (d *Depth) Set(x, y int, z float32, stencil uint8) {
	at := d.place(x, y)
	d.z[at] = z
	if d.stencil != nil {
		d.stencil[at] = stencil
	}
}

// chunk is the memory of a chunk; stencil is nil where there is none.
func (d *Depth) chunk(k int) (z []float32, stencil []uint8) {
	z = d.z[k*tile:][:tile]
	if d.stencil != nil {
		stencil = d.stencil[k*tile:][:tile]
	}
	return z, stencil
}
