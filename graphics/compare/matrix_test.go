package compare

import (
	"math"

	"github.com/mmlite/mmlite/contracts/graphics"
)

// matrix is row by row, for row vectors, as Direct3D's.
type matrix [4][4]float32

var identity = matrix{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}}

// flip turns Direct3D's view, along z, into OpenGL's, against it.
var flip = matrix{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, -1, 0}, {0, 0, 0, 1}}

// times is a, then b.
func (a matrix) times(b matrix) (c matrix) {
	for i := range c {
		for j := range c[i] {
			var s float64
			for k := range b {
				s += float64(a[i][k]) * float64(b[k][j])
			}
			c[i][j] = float32(s)
		}
	}
	return c
}

func (a matrix) card() *graphics.Matrix {
	return &graphics.Matrix{
		M11: a[0][0], M12: a[0][1], M13: a[0][2], M14: a[0][3],
		M21: a[1][0], M22: a[1][1], M23: a[1][2], M24: a[1][3],
		M31: a[2][0], M32: a[2][1], M33: a[2][2], M34: a[2][3],
		M41: a[3][0], M42: a[3][1], M43: a[3][2], M44: a[3][3],
	}
}

func fromCard(m graphics.Matrix) matrix {
	return matrix{{m.M11, m.M12, m.M13, m.M14}, {m.M21, m.M22, m.M23, m.M24}, {m.M31, m.M32, m.M33, m.M34}, {m.M41, m.M42, m.M43, m.M44}}
}

// perspective is D3DXMatrixPerspectiveFovLH's.
func perspective(fov, near, far float64) matrix {
	h := 1 / math.Tan(fov/2)
	q := far / (far - near)
	m := matrix{}
	m[0][0], m[1][1] = float32(h*sceneHeight/sceneWidth), float32(h)
	m[2][2], m[2][3], m[3][2] = float32(q), 1, float32(-q*near)
	return m
}

// ortho shows a box of a height around the axis, without perspective.
func ortho(height, near, far float64) matrix {
	m := identity
	m[0][0], m[1][1] = float32(2/height*sceneHeight/sceneWidth), float32(2/height)
	m[2][2], m[3][2] = float32(1/(far-near)), float32(-near/(far-near))
	return m
}

func move(x, y, z float32) matrix {
	m := identity
	m[3] = [4]float32{x, y, z, 1}
	return m
}

func scaling(x, y, z float32) matrix {
	m := identity
	m[0][0], m[1][1], m[2][2] = x, y, z
	return m
}

// turn is about the x axis, then about the y axis, in radians.
func turn(x, y float64) matrix {
	s, c := float32(math.Sin(x)), float32(math.Cos(x))
	a := matrix{{1, 0, 0, 0}, {0, c, s, 0}, {0, -s, c, 0}, {0, 0, 0, 1}}
	s, c = float32(math.Sin(y)), float32(math.Cos(y))
	return a.times(matrix{{c, 0, -s, 0}, {0, 1, 0, 0}, {s, 0, c, 0}, {0, 0, 0, 1}})
}
