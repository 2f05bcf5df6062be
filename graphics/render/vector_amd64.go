//go:build !purego

package render

import (
	"unsafe"

	"golang.org/x/sys/cpu"

	"github.com/mmlite/mmlite/graphics/raster"
)

//go:generate sh -c "cd gen && go run . -out ../block_amd64.s -stubs ../block_amd64.go -pkg render"

// vector says that the processor has AVX2. Tests clear it to compare.
var vector = cpu.X86.HasAVX2

// The sizes and places vector functions know.
const (
	_ = -(unsafe.Sizeof(lane{}) ^ 256)
	_ = -(unsafe.Sizeof(raster.Vertex{}) ^ 40)
	_ = -(unsafe.Offsetof(raster.Vertex{}.Diffuse) ^ 16)
	_ = -(unsafe.Sizeof(spot{}) ^ 12)
	_ = -(guard ^ 30000)
)

// The functions whose names end in Fast do what the portable ones do with the first
// vertices of a block, and return with how many. Those that go from lanes to lanes
// do a few more than they are asked for, which nobody looks at.

func eights(n int) int { return (n + 7) &^ 7 }

func fetchFast(to *[3]lane, src []byte, stride, n int) int {
	if n &^= 7; !vector || n == 0 {
		return 0
	}
	_ = src[(n-1)*stride+11]
	fetchAVX2(&to[0][0], &src[0], stride, n)
	return n
}

func clipFast(to *[4]lane, from *[3]lane, m *matrix, n int) int {
	if !vector {
		return 0
	}
	toClipAVX2(&to[0][0], &from[0][0], &m[0][0], eights(n))
	return n
}

func eyeFast(to, from *[3]lane, m *matrix, n int) int {
	if !vector {
		return 0
	}
	toEyeAVX2(&to[0][0], &from[0][0], &m[0][0], eights(n))
	return n
}

func turnFast(to, from *[3]lane, m *matrix, n int) int {
	if !vector {
		return 0
	}
	turnAVX2(&to[0][0], &from[0][0], &m[0][0], eights(n))
	return n
}

func unitFast(to, from *[3]lane, sign uint32, n int) int {
	if !vector {
		return 0
	}
	unitAVX2(&to[0][0], &from[0][0], sign, eights(n))
	return n
}

func faceFast(to *lane, normals *[3]lane, d *[3]float32, least float32, n int) int {
	if !vector {
		return 0
	}
	faceAVX2(&to[0], &normals[0][0], d, least, eights(n))
	return n
}

func aimFast(l *lanes, from *[8]float32, n int) int {
	if !vector {
		return 0
	}
	aimAVX2(&l.light[0][0], &l.dot[0], &l.fade[0], &l.eye[0][0], &l.normal[0][0], from, eights(n))
	return n
}

func halfWayFast(to *lane, normals, lights, viewers *[3]lane, n int) int {
	if !vector {
		return 0
	}
	betweenAVX2(&to[0], &normals[0][0], &lights[0][0], &viewers[0][0], eights(n))
	return n
}

func shineFast(shines, dots, fades *lane, exponent float32, n int) int {
	if !vector || exponent == 0 {
		return 0
	}
	shineAVX2(&shines[0], &dots[0], &fades[0], exponent, eights(n))
	return n
}

func addFast(to *[3]lane, color *[3]float32, by *lane, n int) int {
	if !vector {
		return 0
	}
	addAVX2(&to[0][0], color, &by[0], eights(n))
	return n
}

func toneFast(to *[block]uint32, light1 *[3]lane, by1 *[4]lane, light2 *[3]lane, by2, rest *[4]lane, alpha *lane, n int) int {
	if !vector {
		return 0
	}
	toneAVX2(&to[0], &light1[0][0], &by1[0][0], &light2[0][0], &by2[0][0], &rest[0][0], &alpha[0], eights(n))
	return n
}

// projectFast writes four bytes behind the last spot it does, and so leaves the last
// ones alone if there is no room behind them.
func projectFast(out []raster.Vertex, spots []spot, clip *[4]lane, view *[8]float32) int {
	n := len(out) &^ 7
	if cap(spots) == n {
		n -= 8
	}
	if !vector || n <= 0 {
		return 0
	}
	projectAVX2((*byte)(unsafe.Pointer(&out[0])), (*byte)(unsafe.Pointer(&spots[0])), &clip[0][0], view, n)
	return n
}

func scatterFast(out []raster.Vertex, front, back *[block]uint32) int {
	n := len(out) &^ 7
	if !vector || n == 0 {
		return 0
	}
	scatterAVX2((*byte)(unsafe.Pointer(&out[0])), &front[0], &back[0], n)
	return n
}
