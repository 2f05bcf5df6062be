//go:build !purego

package raster

import (
	"unsafe"

	"github.com/mmlite/mmlite/graphics/blit"
	"golang.org/x/sys/cpu"
)

//go:generate sh -c "cd gen && go run . -out ../loops_amd64.s -stubs ../loops_amd64.go -pkg raster"

// vector says that the processor has AVX2, and what came with it. Tests clear it to compare.
var vector = cpu.X86.HasAVX2 && cpu.X86.HasBMI1 && cpu.X86.HasBMI2

// The places vector loops know.
const (
	_ = -(unsafe.Offsetof(Chunk{}.rows) ^ 4096)
	_ = -(unsafe.Offsetof(Chunk{}.Depth) ^ 6144)
	_ = -(unsafe.Offsetof(Chunk{}.masks) ^ 10240)
	_ = -(unsafe.Offsetof(Chunk{}.corner) ^ 10368)
	_ = -(unsafe.Offsetof(Chunk{}.steps) ^ 10432)
	_ = -(unsafe.Offsetof(Chunk{}.list) ^ 12480)
	_ = -(unsafe.Offsetof(Chunk{}.g) ^ 17600)
	_ = -(unsafe.Offsetof(Chunk{}.x) ^ 17792)
	_ = -(unsafe.Offsetof(Chunk{}.y) ^ 17796)
	_ = -(unsafe.Offsetof(Chunk{}.x0) ^ 17800)
	_ = -(unsafe.Offsetof(Chunk{}.y0) ^ 17804)
	_ = -(unsafe.Offsetof(Chunk{}.x1) ^ 17808)
	_ = -(unsafe.Offsetof(Chunk{}.y1) ^ 17812)
	_ = -(unsafe.Offsetof(Chunk{}.span) ^ 17816)
	_ = -(unsafe.Offsetof(span{}.y0) ^ 8)
	_ = -(unsafe.Offsetof(span{}.y1) ^ 16)
	_ = -(unsafe.Offsetof(span{}.any) ^ 24)
	_ = -(unsafe.Offsetof(span{}.full) ^ 28)
	_ = -(unsafe.Offsetof(operands{}.texels2) ^ 8)
	_ = -(unsafe.Offsetof(operands{}.tex) ^ 16)
	_ = -(unsafe.Offsetof(operands{}.tex2) ^ 24)
	_ = -(unsafe.Offsetof(attributes{}.more) ^ 16)
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
func (k *kernel) draw(c *Chunk, t *paint, p *Pipeline) bool {
	loop := k.loop
	if k.smooth && !t.affine {
		loop++
	}
	o := &k.operands[0]
	switch {
	case k.two:
		l, reads := uniform(c, t.g, p, 0)
		if reads != levelOne {
			break
		}
		if l2, reads := uniform(c, t.g, p, 1); reads == levelOne {
			var both operands
			both.texels, both.tex = k.at(p, 0, l)
			both.texels2, both.tex2 = k.at(p, 1, l2)
			run(k.one, c, t.g, k, &both, t.diffuse)
			return true
		}
	case k.choose:
		l, reads := uniform(c, t.g, p, 0)
		switch reads {
		case levelOne:
			loop = k.one
		case levelNear:
			loop = k.near
		case levelTwo:
			loop = k.blended
		}
		if reads != levelAny {
			o = &k.operands[l]
		}
	}
	if loop == 0 {
		return false
	}
	run(loop, c, t.g, k, o, t.diffuse)
	return true
}

// operands are what a loop samples: the texels of a texture's level, and of the
// next one or of another texture's, and how far behind those of states their
// constants lie, in bytes.
type operands struct {
	texels, texels2 *uint32
	tex, tex2       int
}

// point finds the operands of each level.
func (k *kernel) point(p *Pipeline) {
	for l := range k.operands {
		o := &k.operands[l]
		*o = operands{}
		if t := p.Textures[0]; t != nil && l < t.count {
			o.texels, o.tex = k.at(p, 0, l)
			if l+1 < t.count {
				o.texels2, o.tex2 = k.at(p, 0, l+1)
			}
		}
	}
	if k.two {
		k.operands[0].texels2, k.operands[0].tex2 = k.at(p, 1, 0)
	}
}

// at is the texels of a level of a texture, and where its constants are.
func (k *kernel) at(p *Pipeline, i, l int) (texels *uint32, tex int) {
	t := p.Textures[i]
	return &t.texels[t.levels[l].at], int(uintptr(unsafe.Pointer(&k.tex[i][l])) - uintptr(unsafe.Pointer(&k.wide)))
}

// attributes are what the planes of small triangles are made of: where texture
// coordinates lie in a vertex, and whether the second half of the planes is needed.
type attributes struct {
	coords [2]int
	more   int
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
	if !vector || p.need&needW != 0 || !c.near {
		return false
	}
	how := smallAVX2(&c.Color[0], &v0.X, &v1.X, &v2.X, &k.attributes.coords[0])
	switch {
	case how == smallEmpty:
	case how == smallNot:
		return false
	case k.direct:
		loop := k.loop
		if k.smooth && how == smallPerspective {
			loop++
		}
		run(loop, c, &c.g, k, &k.operands[0], v0.Diffuse)
	default:
		c.paint(&paint{&c.g, how == smallAffine, v0.Diffuse, v0.Specular}, p)
	}
	return true
}

func coverFast(masks []uint32, cut *[3]cutting, start int, columns uint32) uint32 {
	return coverAVX2(&masks[0], &cut[0].a, len(masks), start, columns)
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

// left evaluates a triangle's planes at the left edge of the rows of a span, where
// loops look for them.
func (c *Chunk) left(g *gradients, need uint8) {
	if vector {
		leftAVX2((*float32)(unsafe.Pointer(c)), &g.c[0], c.span.y0, c.span.y1, need&(needSpecular|needTex<<1) != 0)
	}
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

func run(loop uint8, chunk *Chunk, g *gradients, kernel *kernel, sampled *operands, flat uint32) {
	c, planes, k, o := &chunk.Color[0], &g.c[0], &kernel.wide[0][0], (*byte)(unsafe.Pointer(sampled))
	switch loop {
	case 1:
		drawFlatAVX2(c, planes, k, o, flat)
	case 2:
		drawGouraudAVX2(c, planes, k, o, flat)
	case 3:
		drawPerspectiveAVX2(c, planes, k, o, flat)
	case 4:
		drawFlatLessEqualAVX2(c, planes, k, o, flat)
	case 5:
		drawGouraudLessEqualAVX2(c, planes, k, o, flat)
	case 6:
		drawPerspectiveLessEqualAVX2(c, planes, k, o, flat)
	case 7:
		drawFlatDepthAVX2(c, planes, k, o, flat)
	case 8:
		drawGouraudDepthAVX2(c, planes, k, o, flat)
	case 9:
		drawPerspectiveDepthAVX2(c, planes, k, o, flat)
	case 10:
		drawLitDepthAVX2(c, planes, k, o, flat)
	case 11:
		drawNearestDepthAVX2(c, planes, k, o, flat)
	case 12:
		drawNearestFlatDepthAVX2(c, planes, k, o, flat)
	case 13:
		drawNearestPerspectiveDepthAVX2(c, planes, k, o, flat)
	case 14:
		drawNearestLitDepthAVX2(c, planes, k, o, flat)
	case 15:
		drawBilinearDepthAVX2(c, planes, k, o, flat)
	case 16:
		drawBilinearFlatDepthAVX2(c, planes, k, o, flat)
	case 17:
		drawBilinearPerspectiveDepthAVX2(c, planes, k, o, flat)
	case 18:
		drawBilinearLitDepthAVX2(c, planes, k, o, flat)
	case 19:
		drawMipmappedDepthAVX2(c, planes, k, o, flat)
	case 20:
		drawMipmappedFlatDepthAVX2(c, planes, k, o, flat)
	case 21:
		drawMipmappedPerspectiveDepthAVX2(c, planes, k, o, flat)
	case 22:
		drawMipmappedLitDepthAVX2(c, planes, k, o, flat)
	case 23:
		drawTrilinearDepthAVX2(c, planes, k, o, flat)
	case 24:
		drawTrilinearFlatDepthAVX2(c, planes, k, o, flat)
	case 25:
		drawTrilinearPerspectiveDepthAVX2(c, planes, k, o, flat)
	case 26:
		drawTrilinearLitDepthAVX2(c, planes, k, o, flat)
	case 27:
		drawDualLitDepthAVX2(c, planes, k, o, flat)
	case 28:
		drawBlendedDepthAVX2(c, planes, k, o, flat)
	case 29:
		drawBlendedFlatDepthAVX2(c, planes, k, o, flat)
	case 30:
		drawBlendedPerspectiveDepthAVX2(c, planes, k, o, flat)
	case 31:
		drawBlendedLitDepthAVX2(c, planes, k, o, flat)
	case 32:
		drawDuoPerspectiveDepthAVX2(c, planes, k, o, flat)
	case 33:
		drawDuoLitDepthAVX2(c, planes, k, o, flat)
	case 34:
		drawNearestAnyDepthAVX2(c, planes, k, o, flat)
	case 35:
		drawBilinearAnyDepthAVX2(c, planes, k, o, flat)
	case 36:
		drawMipmappedAnyDepthAVX2(c, planes, k, o, flat)
	case 37:
		drawBlendedAnyDepthAVX2(c, planes, k, o, flat)
	case 38:
		drawDualAnyDepthAVX2(c, planes, k, o, flat)
	case 39:
		drawDuoAnyDepthAVX2(c, planes, k, o, flat)
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
