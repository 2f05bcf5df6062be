package d3d

import (
	"math"
	"unsafe"

	"github.com/mmlite/mmlite/contracts/graphics"
)

// rows is a matrix as an array.
func rows(m *graphics.Matrix) *[4][4]float32 { return (*[4][4]float32)(unsafe.Pointer(m)) }

// Multiply is a and then b.
func Multiply(a, b graphics.Matrix) (c graphics.Matrix) {
	x, y, z := rows(&a), rows(&b), rows(&c)
	for i := range 4 {
		for j := range 4 {
			var s float64
			for k := range 4 {
				s = float64(float64(x[i][k])*float64(y[k][j])) + s
			}
			z[i][j] = float32(s)
		}
	}
	return c
}

// Perspective is a projection with z from 0 at the near plane to 1 at the far one.
// fov is the angle from the lower to the upper edge, in radians, and aspect the
// width over the height.
func Perspective(fov, aspect, near, far float64) graphics.Matrix {
	h := 1 / math.Tan(fov/2)
	q := far / (far - near)
	return graphics.Matrix{M11: float32(h / aspect), M22: float32(h), M33: float32(q), M34: 1, M43: float32(-q * near)}
}

// LookAt is the view from one place to another.
func LookAt(from, to, up graphics.Vector) graphics.Matrix {
	z := unit(minus(to, from))
	x := unit(cross(up, z))
	y := cross(z, x)
	return graphics.Matrix{
		M11: x.X, M12: y.X, M13: z.X,
		M21: x.Y, M22: y.Y, M23: z.Y,
		M31: x.Z, M32: y.Z, M33: z.Z,
		M41: -dot(x, from), M42: -dot(y, from), M43: -dot(z, from), M44: 1,
	}
}

// Translate moves.
func Translate(x, y, z float32) graphics.Matrix {
	m := Identity
	m.M41, m.M42, m.M43 = x, y, z
	return m
}

// Scale makes larger.
func Scale(x, y, z float32) graphics.Matrix {
	return graphics.Matrix{M11: x, M22: y, M33: z, M44: 1}
}

// RotateX, RotateY and RotateZ turn round an axis by an angle in radians, clockwise
// as one looks along it towards its origin.
func RotateX(a float64) graphics.Matrix {
	s, c := float32(math.Sin(a)), float32(math.Cos(a))
	return graphics.Matrix{M11: 1, M22: c, M23: s, M32: -s, M33: c, M44: 1}
}

// RotateY turns round the y axis.
func RotateY(a float64) graphics.Matrix {
	s, c := float32(math.Sin(a)), float32(math.Cos(a))
	return graphics.Matrix{M11: c, M13: -s, M22: 1, M31: s, M33: c, M44: 1}
}

// RotateZ turns round the z axis.
func RotateZ(a float64) graphics.Matrix {
	s, c := float32(math.Sin(a)), float32(math.Cos(a))
	return graphics.Matrix{M11: c, M12: s, M21: -s, M22: c, M33: 1, M44: 1}
}

func minus(a, b graphics.Vector) graphics.Vector {
	return graphics.Vector{X: a.X - b.X, Y: a.Y - b.Y, Z: a.Z - b.Z}
}

func dot(a, b graphics.Vector) float32 { return a.X*b.X + a.Y*b.Y + a.Z*b.Z }

func cross(a, b graphics.Vector) graphics.Vector {
	return graphics.Vector{X: a.Y*b.Z - a.Z*b.Y, Y: a.Z*b.X - a.X*b.Z, Z: a.X*b.Y - a.Y*b.X}
}

func unit(a graphics.Vector) graphics.Vector {
	l := float32(math.Sqrt(float64(dot(a, a))))
	if l == 0 {
		return a
	}
	return graphics.Vector{X: a.X / l, Y: a.Y / l, Z: a.Z / l}
}

func bytesOf[T any](v []T) []byte {
	if len(v) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(v[0])))
}
