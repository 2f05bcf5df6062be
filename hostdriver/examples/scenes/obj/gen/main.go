// Command gen writes the mesh of a jug: a profile that goes round an axis, inside and
// outside, and a handle, a tube along a bent line.
//
//	go run ./gen > ../jug.obj
package main

import (
	"bufio"
	"fmt"
	"math"
	"os"
)

// profile is the outline of the jug from the middle of its foot, up outside, over the
// rim, and down inside: radius and height.
var profile = [][2]float64{
	{0, -1}, {0.45, -1}, {0.5, -0.97}, {0.46, -0.92}, {0.62, -0.75}, {0.76, -0.5}, {0.8, -0.25}, {0.76, 0}, {0.64, 0.25},
	{0.5, 0.45}, {0.42, 0.6}, {0.4, 0.72}, {0.44, 0.86}, {0.53, 0.98}, {0.55, 1.01}, {0.52, 1.02}, {0.47, 0.96}, {0.39, 0.85},
	{0.35, 0.72}, {0.37, 0.6}, {0.45, 0.45}, {0.59, 0.22}, {0.7, -0.05}, {0.72, -0.3}, {0.66, -0.55}, {0.5, -0.78}, {0, -0.85},
}

const (
	around      = 36 // pieces round the axis
	handleSteps = 20
	handleRound = 10
	handleThick = 0.075
)

type point [3]float64

func main() {
	w := bufio.NewWriter(os.Stdout)
	fmt.Fprintln(w, "# A jug, made by hostdriver/examples/scenes/obj/gen")
	n := grid(w, "body", len(profile), around, 0, func(i, j int) (point, float64, float64) {
		a := 2 * math.Pi * float64(j) / around
		r := profile[i][0]
		return point{r * math.Cos(a), profile[i][1], -r * math.Sin(a)}, 4 * float64(j) / around, 2 * float64(i) / float64(len(profile)-1)
	})
	grid(w, "handle", handleSteps+1, handleRound, n, func(i, j int) (point, float64, float64) {
		t := float64(i) / handleSteps
		c, along := bend(t)
		// Across: the axis that the bend lies in, and the one out of it.
		side, out := point{-along[1], along[0], 0}, point{0, 0, 1}
		a := -2 * math.Pi * float64(j) / handleRound
		thick := handleThick * (1 + 0.3*math.Abs(2*t-1))
		var p point
		for k := range p {
			p[k] = c[k] + thick*(math.Cos(a)*side[k]+1.3*math.Sin(a)*out[k])
		}
		return p, float64(j) / handleRound, 0.9 // where the glaze is plain
	})
	if err := w.Flush(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// bend is the line of the handle, from the neck to the belly, and its direction.
func bend(t float64) (at, along point) {
	f := func(t float64) point {
		// A cubic of Bezier.
		u := 1 - t
		var p point
		for k, c := range [4]point{{0.36, 0.78, 0}, {1.2, 1.05, 0}, {1.3, 0.05, 0}, {0.64, -0.14, 0}} {
			b := [4]float64{u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t}[k]
			for d := range p {
				p[d] += b * c[d]
			}
		}
		return p
	}
	at = f(t)
	const h = 1e-4
	a, b := f(t-h), f(t+h)
	for d := range along {
		along[d] = b[d] - a[d]
	}
	l := math.Hypot(along[0], along[1])
	return at, point{along[0] / l, along[1] / l, 0}
}

// grid writes rows of points that go round, and quadrangles between; it returns how
// many points the file has then. Normals are left to the reader, except where a row
// closes upon itself: there the last column is the first once more, with coordinates
// of its own, so it says the normal of both.
func grid(w *bufio.Writer, name string, rows, cols, before int, at func(i, j int) (point, float64, float64)) int {
	fmt.Fprintln(w, "o", name)
	for i := range rows {
		for j := range cols + 1 {
			p, u, v := at(i, j)
			fmt.Fprintf(w, "v %.4f %.4f %.4f\nvt %.4f %.4f\n", p[0], p[1], p[2], u, v)
			n := normal(rows, cols, i, j, at)
			fmt.Fprintf(w, "vn %.4f %.4f %.4f\n", n[0], n[1], n[2])
		}
	}
	index := func(i, j int) int { return before + i*(cols+1) + j + 1 }
	for i := range rows - 1 {
		for j := range cols {
			a, b, c, d := index(i, j), index(i, j+1), index(i+1, j+1), index(i+1, j)
			p, _, _ := at(i, j)
			q, _, _ := at(i, j+1)
			r, _, _ := at(i+1, j)
			s, _, _ := at(i+1, j+1)
			// A quadrangle on the axis is a triangle.
			switch {
			case p == q || math.Hypot(p[0], p[2]) < 1e-9:
				fmt.Fprintf(w, "f %d/%d/%d %d/%d/%d %d/%d/%d\n", a, a, a, c, c, c, d, d, d)
			case r == s || math.Hypot(r[0], r[2]) < 1e-9:
				fmt.Fprintf(w, "f %d/%d/%d %d/%d/%d %d/%d/%d\n", a, a, a, b, b, b, d, d, d)
			default:
				fmt.Fprintf(w, "f %d/%d/%d %d/%d/%d %d/%d/%d %d/%d/%d\n", a, a, a, b, b, b, c, c, c, d, d, d)
			}
		}
	}
	return before + rows*(cols+1)
}

// normal is across the directions along a row and from row to row.
func normal(rows, cols, i, j int, at func(i, j int) (point, float64, float64)) point {
	up, _, _ := at(min(i+1, rows-1), j)
	down, _, _ := at(max(i-1, 0), j)
	right, _, _ := at(i, (j+1)%cols)
	left, _, _ := at(i, (j+cols-1)%cols)
	if math.Hypot(right[0]-left[0], right[2]-left[2]) < 1e-9 { // on the axis
		s := 1.0
		if i == 0 {
			s = -1
		}
		return point{0, s, 0}
	}
	var u, v point
	for k := range u {
		u[k], v[k] = right[k]-left[k], up[k]-down[k]
	}
	n := point{u[1]*v[2] - u[2]*v[1], u[2]*v[0] - u[0]*v[2], u[0]*v[1] - u[1]*v[0]}
	l := math.Sqrt(n[0]*n[0] + n[1]*n[1] + n[2]*n[2])
	for k := range n {
		n[k] /= l
	}
	return n
}
