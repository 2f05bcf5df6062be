package obj

import (
	"bytes"
	"math"
	"os"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	m, err := Read(strings.NewReader(`# a square, and a triangle by numbers from the end
o thing
v 0 0 0
v 1 0 0 1
v 1 1 0 0.5 0.5 0.5
v 0 1 0
vt 0 0
vt 1 0.5
vn 0 0 2
f 1/1/1 2/2/1 3//1 4/1
f -4 -2 -1
`))
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Vertices) != 7 || len(m.Indices) != 9 {
		t.Fatalf("%d vertices, %d indices", len(m.Vertices), len(m.Indices))
	}
	want := []uint16{0, 1, 2, 0, 2, 3, 4, 5, 6}
	for i, k := range want {
		if m.Indices[i] != k {
			t.Fatalf("%v", m.Indices)
		}
	}
	v := m.Vertices[1]
	if v.Place != [3]float32{1, 0, 0} || v.Normal != [3]float32{0, 0, 1} || v.U != 1 || v.V != 0.5 {
		t.Errorf("%+v", v)
	}
	for i := range m.Vertices { // those that were computed, too
		if m.Vertices[i].Normal != [3]float32{0, 0, 1} {
			t.Errorf("vertex %d: %+v", i, m.Vertices[i])
		}
	}
}

func TestBadFiles(t *testing.T) {
	many := strings.Repeat("v 0 0 0\n", 10) + strings.Repeat("f 1 2 3\n", MaxIndices/3+1)
	wide := "v 0 0 0\nf" + strings.Repeat(" 1", maxCorners+1)
	for name, c := range map[string]struct{ text, want string }{
		"nothing":      {"", "no polygons"},
		"few":          {"v 1 2", "line 1: 2 numbers"},
		"no number":    {"v 1 2 x", `"x" is no number`},
		"NaN":          {"\nv 1 2 NaN", "line 2"},
		"too large":    {"v 1 2 1e30", "no number"},
		"two corners":  {"v 0 0 0\nf 1 1", "a polygon of 2 corners"},
		"many corners": {wide, "corners"},
		"index":        {"v 0 0 0\nf 1 1 2", "there are 1"},
		"index 0":      {"v 0 0 0\nf 0 1 1", `a corner of "0"`},
		"far back":     {"v 0 0 0\nf -2 1 1", "a corner"},
		"parts":        {"v 0 0 0\nf 1/1/1/1 1 1", "a corner"},
		"curve":        {"curv 0 1 1 2", `"curv"`},
		"triangles":    {many, "more than"},
		"long line":    {"v " + strings.Repeat("1", MaxLine), "too long"},
	} {
		if _, err := Read(strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Read(bytes.NewReader(bytes.Repeat([]byte("#\n"), MaxBytes/2+1))); err == nil || !strings.Contains(err.Error(), "bytes") {
		t.Errorf("a long file: %v", err)
	}
}

// TestJug reads the mesh that the example shows: it is closed where it should be, and
// its normals point to the side that its triangles are seen from.
func TestJug(t *testing.T) {
	b, err := os.ReadFile("../jug.obj")
	if err != nil {
		t.Fatal(err)
	}
	m, err := Read(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(m.Indices); i += 3 {
		a, b, c := m.Vertices[m.Indices[i]], m.Vertices[m.Indices[i+1]], m.Vertices[m.Indices[i+2]]
		u, v := minus(b.Place, a.Place), minus(c.Place, a.Place)
		n := [3]float32{u[1]*v[2] - u[2]*v[1], u[2]*v[0] - u[0]*v[2], u[0]*v[1] - u[1]*v[0]}
		for _, p := range []Vertex{a, b, c} {
			if d := n[0]*p.Normal[0] + n[1]*p.Normal[1] + n[2]*p.Normal[2]; d < -1e-6 {
				t.Fatalf("triangle %d is seen from behind: %v", i/3, d)
			}
			if l := p.Normal[0]*p.Normal[0] + p.Normal[1]*p.Normal[1] + p.Normal[2]*p.Normal[2]; math.Abs(float64(l)-1) > 1e-3 {
				t.Fatalf("a normal of %v", p.Normal)
			}
		}
	}
	t.Logf("%d vertices, %d triangles", len(m.Vertices), len(m.Indices)/3)
}

func FuzzRead(f *testing.F) {
	f.Add("v 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 1\nvn 0 0 1\nf 1/1/1 2//1 -1\n")
	f.Add("f 1 2 3")
	f.Add("v 1e9 0 0\nf 1 1 1 1 1")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := Read(strings.NewReader(text))
		if err != nil {
			return
		}
		if len(m.Indices)%3 != 0 || len(m.Vertices) > MaxVertices {
			t.Fatalf("%d indices, %d vertices", len(m.Indices), len(m.Vertices))
		}
		for _, i := range m.Indices {
			if int(i) >= len(m.Vertices) {
				t.Fatalf("index %d of %d vertices", i, len(m.Vertices))
			}
		}
		for _, v := range m.Vertices {
			for _, x := range append(v.Place[:], v.Normal[:]...) {
				if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
					t.Fatalf("%+v", v)
				}
			}
		}
	})
}
