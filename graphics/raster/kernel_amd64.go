//go:build !purego

package raster

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

//go:generate sh -c "cd gen && go run . -out ../loops_amd64.s -stubs ../loops_amd64.go -pkg raster"

// vector says that the processor has AVX2. Tests clear it to compare.
var vector = cpu.X86.HasAVX2

// The places vector loops know.
const (
	_ = -(unsafe.Offsetof(Chunk{}.Depth) ^ 4096)
	_ = -(unsafe.Offsetof(Chunk{}.masks) ^ 8192)
	_ = -(unsafe.Offsetof(Chunk{}.corner) ^ 8320)
	_ = -(unsafe.Offsetof(Chunk{}.rows) ^ 8384)
	_ = -(unsafe.Offsetof(Chunk{}.steps) ^ 10432)
	_ = -(unsafe.Offsetof(Chunk{}.list) ^ 10944)
	_ = -(unsafe.Sizeof(Chunk{}) % 64)
	_ = -(unsafe.Offsetof(gradients{}.dx) ^ 64)
	_ = -(unsafe.Offsetof(gradients{}.dy) ^ 128)
	_ = -(unsafe.Offsetof(Vertex{}.Z) ^ 8)
	_ = -(unsafe.Offsetof(Vertex{}.Diffuse) ^ 16)
	_ = -(unsafe.Offsetof(Vertex{}.Tex) ^ 24)
)

// draw runs the loop. It is false where there is none.
func (k *kernel) draw(c *Chunk, t *Triangle, y0, y1 int32, any uint32) bool {
	loop := k.loop
	if loop == 0 {
		return false
	}
	if k.smooth && !t.affine {
		loop++
	}
	if loop == loopDual {
		drawDualLitDepthAVX2(&c.Color[0], &t.g.c[0], &k.wide[0][0], k.texels[0], k.texels[1], int(y0), int(y1), any, t.diffuse)
		return true
	}
	run(loop, &c.Color[0], &t.g.c[0], &k.wide[0][0], k.texels[0], int(y0), int(y1), any, t.diffuse)
	return true
}

func coverFast(masks []uint32, cut *[3]cutting, x0, x1 int, columns uint32) uint32 {
	if !vector {
		return coverRows(masks, cut, columns)
	}
	return coverAVX2(&masks[0], &cut[0].a, len(masks), x0/8, (x1+7)/8, columns)
}

func (t *Triangle) cornerFast(to *[planeSlots]float32, x, y int32, need uint8) {
	if !vector {
		t.corner(to, x, y)
		return
	}
	n := planeSlots
	if need&^(needZ|needW|needDiffuse) == 0 {
		n = planeSpecular + 2
	}
	cornerAVX2(&to[0], &t.g.c[0], float64(x)-t.x, float64(y)-t.y, n)
}

// planesFast makes the planes, if the pipeline needs only those it can make.
func (t *Triangle) planesFast(p *Pipeline, s *slopes, v0, v1, v2 *Vertex, w *[3]float32) bool {
	if !vector || !p.common {
		return false
	}
	planesAVX2(&t.g.c[0], &v0.X, &v1.X, &v2.X, &s.x1, &w[0], p.need&needSpecular != 0, p.need >= needTex)
	return true
}

func run(loop uint8, c *uint32, g *float32, k, texels *uint32, y0, y1 int, any, flat uint32) {
	switch loop {
	case 1:
		drawFlatAVX2(c, g, k, texels, nil, y0, y1, any, flat)
	case 2:
		drawGouraudAVX2(c, g, k, texels, nil, y0, y1, any, flat)
	case 3:
		drawPerspectiveAVX2(c, g, k, texels, nil, y0, y1, any, flat)
	case 4:
		drawFlatLessEqualAVX2(c, g, k, texels, nil, y0, y1, any, flat)
	case 5:
		drawGouraudLessEqualAVX2(c, g, k, texels, nil, y0, y1, any, flat)
	case 6:
		drawPerspectiveLessEqualAVX2(c, g, k, texels, nil, y0, y1, any, flat)
	case 7:
		drawFlatDepthAVX2(c, g, k, texels, nil, y0, y1, any, flat)
	case 8:
		drawGouraudDepthAVX2(c, g, k, texels, nil, y0, y1, any, flat)
	case 9:
		drawPerspectiveDepthAVX2(c, g, k, texels, nil, y0, y1, any, flat)
	case 10:
		drawNearestDepthAVX2(c, g, k, texels, nil, y0, y1, any, flat)
	case 11:
		drawNearestFlatDepthAVX2(c, g, k, texels, nil, y0, y1, any, flat)
	case 12:
		drawNearestPerspectiveDepthAVX2(c, g, k, texels, nil, y0, y1, any, flat)
	case 13:
		drawBilinearDepthAVX2(c, g, k, texels, nil, y0, y1, any, flat)
	case 14:
		drawBilinearFlatDepthAVX2(c, g, k, texels, nil, y0, y1, any, flat)
	case 15:
		drawBilinearPerspectiveDepthAVX2(c, g, k, texels, nil, y0, y1, any, flat)
	case 16:
		drawMipmappedDepthAVX2(c, g, k, texels, nil, y0, y1, any, flat)
	case 17:
		drawMipmappedFlatDepthAVX2(c, g, k, texels, nil, y0, y1, any, flat)
	case 19:
		drawTrilinearDepthAVX2(c, g, k, texels, nil, y0, y1, any, flat)
	case 20:
		drawTrilinearFlatDepthAVX2(c, g, k, texels, nil, y0, y1, any, flat)
	case 21:
		drawTrilinearPerspectiveDepthAVX2(c, g, k, texels, nil, y0, y1, any, flat)
	case 22:
		drawLitDepthAVX2(c, g, k, texels, nil, y0, y1, any, flat)
	case 23:
		drawNearestLitDepthAVX2(c, g, k, texels, nil, y0, y1, any, flat)
	case 24:
		drawBilinearLitDepthAVX2(c, g, k, texels, nil, y0, y1, any, flat)
	case 25:
		drawMipmappedLitDepthAVX2(c, g, k, texels, nil, y0, y1, any, flat)
	case 26:
		drawTrilinearLitDepthAVX2(c, g, k, texels, nil, y0, y1, any, flat)
	case 18:
		drawMipmappedPerspectiveDepthAVX2(c, g, k, texels, nil, y0, y1, any, flat)
	}
}

func fillWords(w []uint32, v uint32) {
	if vector && len(w)%32 == 0 && len(w) > 0 {
		fillAVX2(&w[0], len(w), v)
		return
	}
	for i := range w {
		w[i] = v
	}
}
