package d3d

import (
	"github.com/mmlite/mmlite/contracts/graphics"
)

// Primitive is what vertices make up (D3DPRIMITIVETYPE).
type Primitive = graphics.Primitive

// The primitives.
const (
	PointList     = graphics.PointList
	LineList      = graphics.LineList
	LineStrip     = graphics.LineStrip
	TriangleList  = graphics.TriangleList
	TriangleStrip = graphics.TriangleStrip
	TriangleFan   = graphics.TriangleFan
)

// FVF is a flexible vertex format.
type FVF uint32

// The bits of vertex formats, and the formats with names.
const (
	XYZ      FVF = 0x002
	XYZRHW   FVF = 0x004
	Normal   FVF = 0x010
	Reserved FVF = 0x020
	Diffuse  FVF = 0x040
	Specular FVF = 0x080
	Tex1     FVF = 0x100
	Tex2     FVF = 0x200

	FVFVertex   = XYZ | Normal | Tex1                        // D3DVERTEX
	FVFLVertex  = XYZ | Reserved | Diffuse | Specular | Tex1 // D3DLVERTEX
	FVFTLVertex = XYZRHW | Diffuse | Specular | Tex1         // D3DTLVERTEX
)

// Vertex is D3DVERTEX, LVertex D3DLVERTEX and TLVertex D3DTLVERTEX.
type (
	Vertex  struct{ X, Y, Z, NX, NY, NZ, TU, TV float32 }
	LVertex struct {
		X, Y, Z         float32
		Reserved        uint32
		Color, Specular uint32
		TU, TV          float32
	}
	TLVertex struct {
		X, Y, Z, RHW    float32
		Color, Specular uint32
		TU, TV          float32
	}
)

// Stride is the bytes of a vertex; 0 for a format there is not.
func (f FVF) Stride() int {
	n := 0
	switch f & 0x00e {
	case XYZ:
		n = 12
	case XYZRHW:
		n = 16
	default:
		return 0
	}
	if f&Normal != 0 {
		if n == 16 {
			return 0
		}
		n += 12
	}
	for _, b := range []FVF{Reserved, Diffuse, Specular} {
		if f&b != 0 {
			n += 4
		}
	}
	sets := int(f >> 8 & 15)
	if sets > 8 || f&0xf001 != 0 || f>>16>>(2*sets) != 0 {
		return 0
	}
	for i := range sets {
		n += 4 * [4]int{2, 3, 4, 1}[f>>(16+2*i)&3]
	}
	return n
}

// piece is how many bytes of vertices go with one command, if they can be divided.
const piece = 256 << 10

// most is what goes with one in any case.
const most = 1 << 20

// Clear sets colour (ARGB), depth and stencil inside of rects and the viewport; no
// rects mean all of the viewport. ErrZBufferNotPresent and
// ErrStencilBufferNotPresent: there is no such buffer.
func (d *Device) Clear(rects []graphics.Rect, flags graphics.ClearFlags, color uint32, z float32, stencil uint32) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.ok(); err != nil {
		return err
	}
	switch {
	case !d.target.color:
		return failed(ErrInvalidParams, "there is no target")
	case flags == 0 || flags > ClearTarget|ClearZBuffer|ClearStencil || !(z >= 0 && z <= 1) || len(rects) > 64:
		return failed(ErrInvalidParams, "clear %#x of %d rectangles to depth %v", flags, len(rects), z)
	case flags&ClearZBuffer != 0 && !d.target.depth:
		return failed(ErrZBufferNotPresent, "depth to be cleared")
	case flags&ClearStencil != 0 && !d.target.stencil:
		return failed(ErrStencilBufferNotPresent, "stencil to be cleared")
	}
	return d.command(d.r.Clear(graphics.Clear{Flags: flags, Color: color, Z: z, Stencil: uint8(stencil)}, rects))
}

// What is cleared.
const (
	ClearTarget  = graphics.ClearTarget
	ClearZBuffer = graphics.ClearDepth
	ClearStencil = graphics.ClearStencil
)

// begin checks a draw and gives the bytes of a vertex.
func (d *Device) begin(p Primitive, f FVF) (int, error) {
	if err := d.ok(); err != nil {
		return 0, err
	}
	if p < PointList || p > TriangleFan {
		return 0, failed(ErrInvalidPrimitiveType, "primitive %d", p)
	}
	stride := f.Stride()
	if stride == 0 {
		return 0, failed(ErrInvalidVertexFormat, "%#x", uint32(f))
	}
	if !d.scene {
		return 0, failed(ErrSceneNotInScene, "a draw outside of a scene")
	}
	if !d.target.color {
		return 0, failed(ErrInvalidParams, "there is no target")
	}
	return stride, nil
}

// DrawPrimitive draws packed vertices of a format, which are copied. ErrTooManyVertices:
// a fan of more than a MiB.
func (d *Device) DrawPrimitive(p Primitive, f FVF, vertices []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	stride, err := d.begin(p, f)
	if err != nil {
		return err
	}
	if len(vertices)%stride != 0 {
		return failed(ErrInvalidParams, "%d bytes of vertices of %d each", len(vertices), stride)
	}
	if len(vertices) > piece && p != TriangleFan {
		return d.drawPieces(p, f, vertices, stride)
	}
	if len(vertices) > most {
		return failed(ErrTooManyVertices, "a fan of %d bytes", len(vertices))
	}
	if len(vertices) == 0 {
		return nil
	}
	return d.command(d.r.Draw(p, uint32(f), vertices))
}

// drawPieces draws what is too much for one command.
func (d *Device) drawPieces(p Primitive, f FVF, vertices []byte, stride int) error {
	// A multiple of what any list needs, and of the two windings of strips.
	step := piece / stride / 6 * 6
	again := 0
	switch p {
	case LineStrip:
		again = 1
	case TriangleStrip:
		again = 2
	}
	n := len(vertices) / stride
	for first := 0; first+again < n; first += step {
		end := min(first+step+again, n)
		if err := d.command(d.r.Draw(p, uint32(f), vertices[first*stride:end*stride])); err != nil {
			return err
		}
	}
	return nil
}

// DrawIndexedPrimitive draws those of the vertices that indices name; both are
// copied. ErrTooManyVertices: more than 65,536, or a MiB; then use a VertexBuffer.
func (d *Device) DrawIndexedPrimitive(p Primitive, f FVF, vertices []byte, indices []uint16) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	stride, err := d.begin(p, f)
	if err != nil {
		return err
	}
	switch {
	case len(vertices)%stride != 0:
		return failed(ErrInvalidParams, "%d bytes of vertices of %d each", len(vertices), stride)
	case len(vertices) > most || len(vertices)/stride > 65536:
		return failed(ErrTooManyVertices, "%d bytes of vertices with indices", len(vertices))
	}
	if err := checkIndices(indices, len(vertices)/stride); err != nil || len(indices) == 0 {
		return err
	}
	return d.command(d.r.DrawIndexed(p, uint32(f), vertices, d.little(indices)))
}

// maxIndices is how many indices go with one command.
const maxIndices = 262144

func checkIndices(indices []uint16, vertices int) error {
	if len(indices) > maxIndices {
		return failed(ErrInvalidParams, "%d indices, and %d are possible", len(indices), maxIndices)
	}
	top := uint16(0)
	for _, x := range indices {
		top = max(top, x)
	}
	if len(indices) > 0 && int(top) >= vertices {
		return failed(ErrInvalidParams, "index %d of %d vertices", top, vertices)
	}
	return nil
}

// little is indices as they are sent.
func (d *Device) little(x []uint16) []byte {
	if !bigEndian {
		return bytesOf(x)
	}
	d.indices = d.indices[:0]
	for _, v := range x {
		d.indices = append(d.indices, byte(v), byte(v>>8))
	}
	return d.indices
}

var bigEndian = bytesOf([]uint16{1})[0] == 0
