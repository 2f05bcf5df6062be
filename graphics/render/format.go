package render

import "fmt"

// Format is a flexible vertex format: D3DFVF's bits. In memory a vertex is its
// position, normal, a reserved word, diffuse colour, specular colour and sets of
// texture coordinates, as far as it has them.
type Format uint32

// The bits of vertex formats.
const (
	XYZ      Format = 0x002
	XYZRHW   Format = 0x004 // transformed: pixels, pixels, 0..1, 1/w
	Normal   Format = 0x010
	Reserved Format = 0x020
	Diffuse  Format = 0x040
	Specular Format = 0x080
	Tex1     Format = 0x100
	Tex2     Format = 0x200

	position Format = 0x00e
	texCount Format = 0xf00
	texShift        = 8

	// Vertex, LVertex and TLVertex are D3DVERTEX, D3DLVERTEX and D3DTLVERTEX.
	Vertex   = XYZ | Normal | Tex1
	LVertex  = XYZ | Reserved | Diffuse | Specular | Tex1
	TLVertex = XYZRHW | Diffuse | Specular | Tex1
)

// maxSets is how many sets of texture coordinates a vertex may have.
const maxSets = 8

// layout is where the parts of a vertex are, in bytes; -1 for those it has not.
type layout struct {
	stride            int
	transformed       bool
	normal            int
	diffuse, specular int
	sets              int
	set, size         [maxSets]int // where, and how many floats
}

// Stride is the bytes of a vertex; 0 for a format that is not supported.
func (f Format) Stride() int {
	var l layout
	if l.parse(f) != nil {
		return 0
	}
	return l.stride
}

func (l *layout) parse(f Format) error {
	*l = layout{normal: -1, diffuse: -1, specular: -1}
	at := 12
	switch f & position {
	case XYZ:
	case XYZRHW:
		l.transformed, at = true, 16
		if f&Normal != 0 {
			return fmt.Errorf("%w: vertex format %#x: transformed vertices have no normal", ErrUnsupported, uint32(f))
		}
	default:
		return fmt.Errorf("%w: vertex format %#x: position", ErrUnsupported, uint32(f))
	}
	take := func(bit Format, bytes int, to *int) {
		if f&bit != 0 {
			*to = at
			at += bytes
		}
	}
	var reserved int
	take(Normal, 12, &l.normal)
	take(Reserved, 4, &reserved)
	take(Diffuse, 4, &l.diffuse)
	take(Specular, 4, &l.specular)
	l.sets = int(f & texCount >> texShift)
	if l.sets > maxSets || f&0x1001 != 0 || f>>16>>(2*l.sets) != 0 || f&0xe000 != 0 {
		return fmt.Errorf("%w: vertex format %#x", ErrUnsupported, uint32(f))
	}
	for i := range l.sets {
		l.set[i] = at
		l.size[i] = [4]int{2, 3, 4, 1}[f>>(16+2*i)&3]
		at += 4 * l.size[i]
	}
	l.stride = at
	return nil
}
