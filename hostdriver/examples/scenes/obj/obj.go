// Package obj reads meshes from Wavefront OBJ files: places, texture coordinates,
// normals and polygons of them ("Advanced Visualizer Manual", Wavefront 1990, appendix
// B1). Groups, materials and smoothing are left out; curves and surfaces are refused.
package obj

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// Limits on what a file may hold.
const (
	MaxBytes    = 16 << 20
	MaxLine     = 64 << 10
	MaxVertices = 65535 // so that indices are 16 bits
	MaxIndices  = 1 << 20
	maxCorners  = 256 // of a polygon
	maxEntries  = 1 << 20
)

// Vertex is a corner of triangles.
type Vertex struct {
	Place  [3]float32
	Normal [3]float32 // of length 1, or 0 if there is none
	U, V   float32
}

// Mesh is triangles: each three indices are one, whose corners go round against the
// clock as seen from outside, as files have them.
type Mesh struct {
	Vertices []Vertex
	Indices  []uint16
}

// reader is a file being read.
type reader struct {
	line    int
	places  [][3]float32
	normals [][3]float32
	coords  [][2]float32
	known   map[[3]int]uint16
	bare    []bool // vertices without a normal of the file's
	mesh    Mesh
}

// Read reads a mesh. Vertices without a normal get the mean of those of their
// triangles, weighed by size. The error says in which line something is wrong.
func Read(r io.Reader) (*Mesh, error) {
	f := &reader{known: map[[3]int]uint16{}}
	limited := &io.LimitedReader{R: r, N: MaxBytes + 1}
	s := bufio.NewScanner(limited)
	s.Buffer(make([]byte, 4096), MaxLine)
	for s.Scan() {
		f.line++
		if err := f.statement(s.Text()); err != nil {
			return nil, fmt.Errorf("obj: line %d: %w", f.line, err)
		}
	}
	if err := s.Err(); err != nil {
		return nil, fmt.Errorf("obj: line %d: %w", f.line+1, err)
	}
	if limited.N <= 0 {
		return nil, fmt.Errorf("obj: more than %d bytes", MaxBytes)
	}
	if len(f.mesh.Indices) == 0 {
		return nil, fmt.Errorf("obj: no polygons")
	}
	f.smooth()
	return &f.mesh, nil
}

func (f *reader) statement(text string) error {
	text, _, _ = strings.Cut(text, "#")
	words := strings.Fields(text)
	if len(words) == 0 {
		return nil
	}
	if len(f.places)+len(f.normals)+len(f.coords) > maxEntries {
		return fmt.Errorf("more than %d places, normals and coordinates", maxEntries)
	}
	var v [3]float32
	switch args := words[1:]; words[0] {
	case "v":
		// A fourth number is a weight, and more are colours.
		if err := numbers(args, v[:], 3, 7); err != nil {
			return err
		}
		f.places = append(f.places, v)
	case "vn":
		if err := numbers(args, v[:], 3, 3); err != nil {
			return err
		}
		f.normals = append(f.normals, unit(v))
	case "vt":
		if err := numbers(args, v[:], 1, 3); err != nil {
			return err
		}
		f.coords = append(f.coords, [2]float32(v[:2]))
	case "f":
		return f.polygon(args)
	case "o", "g", "s", "usemtl", "mtllib", "l", "p", "usemap", "maplib", "lod", "mg", "bevel", "c_interp", "d_interp":
		// Names, lines and points make no triangle.
	default:
		return fmt.Errorf("%q is not of meshes of polygons", words[0])
	}
	return nil
}

// numbers reads the first numbers of a statement that has least to most.
func numbers(args []string, to []float32, least, most int) error {
	if len(args) < least || len(args) > most {
		return fmt.Errorf("%d numbers, and %d to %d are expected", len(args), least, most)
	}
	for i, a := range args {
		x, err := strconv.ParseFloat(a, 32)
		if err != nil || math.IsInf(x, 0) || math.IsNaN(x) || math.Abs(x) > 1e15 {
			return fmt.Errorf("%q is no number that can be used", a)
		}
		if i < len(to) {
			to[i] = float32(x)
		}
	}
	return nil
}

// polygon cuts a convex polygon into a fan of triangles.
func (f *reader) polygon(args []string) error {
	if len(args) < 3 || len(args) > maxCorners {
		return fmt.Errorf("a polygon of %d corners", len(args))
	}
	if len(f.mesh.Indices)+3*(len(args)-2) > MaxIndices {
		return fmt.Errorf("more than %d triangles", MaxIndices/3)
	}
	var first, last uint16
	for i, a := range args {
		at, err := f.corner(a)
		if err != nil {
			return err
		}
		switch {
		case i == 0:
			first = at
		case i > 1:
			f.mesh.Indices = append(f.mesh.Indices, first, last, at)
		}
		last = at
	}
	return nil
}

// corner finds or makes the vertex of v, v/vt, v//vn or v/vt/vn.
func (f *reader) corner(text string) (uint16, error) {
	parts := strings.Split(text, "/")
	if len(parts) > 3 {
		return 0, fmt.Errorf("a corner of %q", text)
	}
	var key [3]int
	for i, n := range [3]int{len(f.places), len(f.coords), len(f.normals)} {
		if i >= len(parts) || parts[i] == "" && i > 0 {
			continue // key 0: there is none
		}
		k, err := strconv.Atoi(parts[i])
		if k < 0 {
			k += n + 1 // counted from the last
		}
		if err != nil || k < 1 || k > n {
			return 0, fmt.Errorf("a corner of %q, and there are %d of them so far", text, n)
		}
		key[i] = k
	}
	if at, ok := f.known[key]; ok {
		return at, nil
	}
	if len(f.mesh.Vertices) == MaxVertices {
		return 0, fmt.Errorf("more than %d vertices", MaxVertices)
	}
	v := Vertex{Place: f.places[key[0]-1]}
	if key[1] > 0 {
		v.U, v.V = f.coords[key[1]-1][0], f.coords[key[1]-1][1]
	}
	if key[2] > 0 {
		v.Normal = f.normals[key[2]-1]
	}
	at := uint16(len(f.mesh.Vertices))
	f.known[key] = at
	f.mesh.Vertices = append(f.mesh.Vertices, v)
	f.bare = append(f.bare, key[2] == 0)
	return at, nil
}

// smooth gives normals to vertices without.
func (f *reader) smooth() {
	m := &f.mesh
	for i := 0; i+2 < len(m.Indices); i += 3 {
		a, b, c := m.Indices[i], m.Indices[i+1], m.Indices[i+2]
		p, q, r := m.Vertices[a].Place, m.Vertices[b].Place, m.Vertices[c].Place
		u, v := minus(q, p), minus(r, p)
		// Its length is twice the triangle's area.
		n := [3]float32{u[1]*v[2] - u[2]*v[1], u[2]*v[0] - u[0]*v[2], u[0]*v[1] - u[1]*v[0]}
		for _, k := range [3]uint16{a, b, c} {
			if f.bare[k] {
				for d := range 3 {
					m.Vertices[k].Normal[d] += n[d]
				}
			}
		}
	}
	for i := range m.Vertices {
		if f.bare[i] {
			m.Vertices[i].Normal = unit(m.Vertices[i].Normal)
		}
	}
}

func minus(a, b [3]float32) [3]float32 { return [3]float32{a[0] - b[0], a[1] - b[1], a[2] - b[2]} }

// unit is a vector of length 1, or 0 where there is no direction.
func unit(v [3]float32) [3]float32 {
	x, y, z := float64(v[0]), float64(v[1]), float64(v[2])
	l := math.Sqrt(x*x + y*y + z*z)
	if !(l > 0) || math.IsInf(l, 0) {
		return [3]float32{}
	}
	return [3]float32{float32(x / l), float32(y / l), float32(z / l)}
}
