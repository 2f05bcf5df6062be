//go:build !purego

package raster

import (
	"unsafe"

	"github.com/mmlite/mmlite/graphics/blit"
	"golang.org/x/sys/cpu"
)

//go:generate sh -c "cd gen && go run . -out ../loops_amd64.s -stubs ../loops_amd64.go -pkg raster"

// vector says that the processor has AVX2. Tests clear it to compare.
var vector = cpu.X86.HasAVX2

// The places vector loops know.
const (
	_ = -(unsafe.Offsetof(Chunk{}.rows) ^ 4096)
	_ = -(unsafe.Offsetof(Chunk{}.Depth) ^ 6144)
	_ = -(unsafe.Offsetof(Chunk{}.masks) ^ 10240)
	_ = -(unsafe.Offsetof(Chunk{}.corner) ^ 10368)
	_ = -(unsafe.Offsetof(Chunk{}.steps) ^ 10432)
	_ = -(unsafe.Offsetof(Chunk{}.list) ^ 10944)
	_ = -(unsafe.Offsetof(Chunk{}.g) ^ 16064)
	_ = -(unsafe.Offsetof(Chunk{}.x) ^ 16256)
	_ = -(unsafe.Offsetof(Chunk{}.y) ^ 16260)
	_ = -(unsafe.Offsetof(Chunk{}.x0) ^ 16264)
	_ = -(unsafe.Offsetof(Chunk{}.y0) ^ 16268)
	_ = -(unsafe.Offsetof(Chunk{}.x1) ^ 16272)
	_ = -(unsafe.Offsetof(Chunk{}.y1) ^ 16276)
	_ = -(unsafe.Sizeof(Chunk{}) % 64)
	_ = -(unsafe.Offsetof(gradients{}.dx) ^ 64)
	_ = -(unsafe.Offsetof(gradients{}.dy) ^ 128)
	_ = -(unsafe.Offsetof(Vertex{}.Y) ^ 4)
	_ = -(unsafe.Offsetof(Vertex{}.Z) ^ 8)
	_ = -(unsafe.Offsetof(Vertex{}.RHW) ^ 12)
	_ = -(unsafe.Offsetof(Vertex{}.Diffuse) ^ 16)
	_ = -(unsafe.Offsetof(Vertex{}.Specular) ^ 20)
	_ = -(unsafe.Offsetof(Vertex{}.Tex) ^ 24)
)

// draw runs the loop. It is false where there is none.
func (k *kernel) draw(c *Chunk, t *paint, p *Pipeline, s *span) bool {
	loop := k.loop
	if k.smooth && !t.affine {
		loop++
	}
	a, b := k.at(p, 0, 0)
	var a2, b2 *uint32
	switch {
	case k.two:
		a2, b2 = k.at(p, 1, 0)
		l, reads := uniform(c, t.g, p, s, 0)
		if reads != levelOne {
			break
		}
		if l2, reads := uniform(c, t.g, p, s, 1); reads == levelOne {
			loop = k.one
			a, b = k.at(p, 0, l)
			a2, b2 = k.at(p, 1, l2)
		}
	case k.choose:
		l, reads := uniform(c, t.g, p, s, 0)
		switch reads {
		case levelOne:
			loop = k.one
		case levelNear:
			loop = k.near
		case levelTwo:
			loop = k.blended
			a2, b2 = k.at(p, 0, l+1)
		}
		if reads != levelAny {
			a, b = k.at(p, 0, l)
		}
	}
	if loop == 0 {
		return false
	}
	run(loop, &c.Color[0], &t.g.c[0], &k.wide[0][0], a, a2, b, b2, s.start, s.y0, s.y1, s.any, s.full, t.diffuse)
	return true
}

// at is the constants of a level of a texture, and its texels.
func (k *kernel) at(p *Pipeline, i, l int) (tex, texels *uint32) {
	t := p.Textures[i]
	if t == nil {
		return nil, nil
	}
	return &k.tex[i][l][0][0], &t.texels[t.levels[l].at]
}

// How smallAVX2 ends.
const (
	smallEmpty = iota
	smallAffine
	smallPerspective
	smallNot
)

// drawSmall sets a small triangle up and draws it. It is false if it cannot.
func (c *Chunk) drawSmall(p *Pipeline, v0, v1, v2 *Vertex) bool {
	k := &p.kernel
	if !vector || p.need&needW != 0 || c.x < -nearReach || c.x > nearReach || c.y < -nearReach || c.y > nearReach {
		return false
	}
	start, y0, y1, any, how := smallAVX2(&c.Color[0], &v0.X, &v1.X, &v2.X, k.coords[0], k.coords[1], k.more)
	switch how {
	case smallEmpty:
		return true
	case smallNot:
		return false
	}
	s := span{start: start, y0: y0, y1: y1, any: any}
	c.paint(&paint{&c.g, how == smallAffine, v0.Diffuse, v0.Specular}, p, &s)
	return true
}

// nearReach is how far out chunks may lie for triangles nearby to be in Reach.
const nearReach = Reach - 256

func coverFast(masks []uint32, cut *[3]cutting, start, groups int, columns uint32) uint32 {
	return coverAVX2(&masks[0], &cut[0].a, len(masks), start, groups, columns)
}

func (t *Triangle) cornerFast(to *[planeSlots]float32, x, y int32, need uint8) {
	if !vector {
		t.corner(to, x, y)
		return
	}
	n := planeSlots
	if need&(needSpecular|needTex<<1) == 0 {
		n = planeSlots / 2
	}
	cornerAVX2(&to[0], &t.g.c[0], float64(x)-t.x, float64(y)-t.y, n)
}

// planesFast makes the planes.
func (t *Triangle) planesFast(p *Pipeline, s *slopes, v0, v1, v2 *Vertex, w *[3]float32) bool {
	if !vector {
		return false
	}
	coord := func(i int) int { return offTex + 8*int(p.State.Stages[i].Coord&1) }
	planesAVX2(&t.g.c[0], &v0.X, &v1.X, &v2.X, &s.x1, &w[0], coord(0), coord(1), p.need&(needSpecular|needTex<<1) != 0)
	return true
}

func run(loop uint8, c *uint32, g *float32, k, tex, tex2, texels, texels2 *uint32, x, y0, y1 int, any, full, flat uint32) {
	switch loop {
	case 1:
		drawFlatAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 2:
		drawGouraudAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 3:
		drawPerspectiveAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 4:
		drawFlatLessEqualAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 5:
		drawGouraudLessEqualAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 6:
		drawPerspectiveLessEqualAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 7:
		drawFlatDepthAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 8:
		drawGouraudDepthAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 9:
		drawPerspectiveDepthAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 10:
		drawLitDepthAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 11:
		drawNearestDepthAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 12:
		drawNearestFlatDepthAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 13:
		drawNearestPerspectiveDepthAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 14:
		drawNearestLitDepthAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 15:
		drawBilinearDepthAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 16:
		drawBilinearFlatDepthAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 17:
		drawBilinearPerspectiveDepthAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 18:
		drawBilinearLitDepthAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 19:
		drawMipmappedDepthAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 20:
		drawMipmappedFlatDepthAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 21:
		drawMipmappedPerspectiveDepthAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 22:
		drawMipmappedLitDepthAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 23:
		drawTrilinearDepthAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 24:
		drawTrilinearFlatDepthAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 25:
		drawTrilinearPerspectiveDepthAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 26:
		drawTrilinearLitDepthAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 27:
		drawDualLitDepthAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 28:
		drawBlendedDepthAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 29:
		drawBlendedFlatDepthAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 30:
		drawBlendedPerspectiveDepthAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 31:
		drawBlendedLitDepthAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 32:
		drawDuoPerspectiveDepthAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 33:
		drawDuoLitDepthAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 34:
		drawNearestAnyDepthAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 35:
		drawBilinearAnyDepthAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 36:
		drawMipmappedAnyDepthAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 37:
		drawBlendedAnyDepthAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 38:
		drawDualAnyDepthAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
	case 39:
		drawDuoAnyDepthAVX2(c, g, k, tex, tex2, texels, texels2, x, y0, y1, any, full, flat)
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

// The functions below move whole rows of a chunk; they are false where blit has to.

func storeFast(f blit.Format, dst []byte, pitch int, src []uint32) bool {
	if !vector {
		return false
	}
	from, rows := (*byte)(unsafe.Pointer(&src[0])), len(src)/Size
	switch f {
	case blit.XRGB8888:
		copyRowsAVX2(&dst[0], pitch, from, 4*Size, rows, 0xffffff, 0)
	case blit.ARGB8888:
		copyRowsAVX2(&dst[0], pitch, from, 4*Size, rows, ^uint32(0), 0)
	case blit.RGB565:
		reduce565AVX2(&dst[0], pitch, from, 4*Size, rows)
	default:
		return false
	}
	return true
}

func loadFast(f blit.Format, dst []uint32, src []byte, pitch int) bool {
	if !vector {
		return false
	}
	to, rows := (*byte)(unsafe.Pointer(&dst[0])), len(dst)/Size
	switch f {
	case blit.XRGB8888:
		copyRowsAVX2(to, 4*Size, &src[0], pitch, rows, 0xffffff, 0xff000000)
	case blit.ARGB8888:
		copyRowsAVX2(to, 4*Size, &src[0], pitch, rows, ^uint32(0), 0)
	default:
		return false
	}
	return true
}

func copyDepth(mine, its []float32, width int, out bool) bool {
	if !vector {
		return false
	}
	if out {
		copyRowsAVX2(floatBytes(its), 4*width, floatBytes(mine), 4*Size, len(mine)/Size, ^uint32(0), 0)
	} else {
		copyRowsAVX2(floatBytes(mine), 4*Size, floatBytes(its), 4*width, len(mine)/Size, ^uint32(0), 0)
	}
	return true
}

// floatBytes is where floats lie.
func floatBytes(f []float32) *byte { return (*byte)(unsafe.Pointer(unsafe.SliceData(f))) }

func stretchFast(corner *[planeSlots]float32, g *gradients, tex int, x0, x1, y0, y1, ratio, scale float32) (low, high float32) {
	if !vector {
		a, b := stretches(corner, g, tex, float64(x0), float64(x1), float64(y0), float64(y1), float64(ratio), float64(scale))
		return float32(a), float32(b)
	}
	return stretchAVX2(&corner[0], &g.c[0], 4*tex, x0, x1, y0, y1, ratio, scale)
}
