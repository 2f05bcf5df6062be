package render

import "fmt"

// Depth is a depth buffer with stencil. Depth is float32 whatever it was asked
// for: what passes through 16 or 24 bits would not come back as it was, and
// passes over the same triangles would not meet.
type Depth struct {
	width, height int
	z             []float32
	stencil       []uint8
}

// NewDepthStencil makes a depth buffer with stencil, of ones and zeros.
func NewDepthStencil(width, height int) (*Depth, error) {
	d, err := NewDepth(width, height)
	if err == nil {
		d.stencil = make([]uint8, width*height)
	}
	return d, err
}

// NewDepth makes a depth buffer of ones.
func NewDepth(width, height int) (*Depth, error) {
	if width < 1 || height < 1 || width > MaxSize || height > MaxSize {
		return nil, fmt.Errorf("%w: depth of %d by %d", ErrTarget, width, height)
	}
	d := &Depth{width: width, height: height, z: make([]float32, width*height)}
	for i := range d.z {
		d.z[i] = 1
	}
	return d, nil
}

// DepthBytes is the memory of a depth buffer with stencil.
func DepthBytes(width, height int) int { return 5 * width * height }

// Size is the size in pixels.
func (d *Depth) Size() (width, height int) { return d.width, d.height }

// Z is the depth, row by row, and Stencil the stencil. They are what was drawn
// after Renderer.Flush only, and may be written then.
func (d *Depth) Z() []float32 { return d.z }

// Stencil is the stencil, row by row, nil if there is none.
func (d *Depth) Stencil() []uint8 { return d.stencil }
