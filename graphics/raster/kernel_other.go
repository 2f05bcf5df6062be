//go:build !amd64 || purego

package raster

import "github.com/mmlite/mmlite/graphics/blit"

// vector is never set where there are no vector loops.
var vector bool

// kernel is a compiled pixel loop; here there are none.
type kernel struct{}

func choose(*Pipeline) {}

func (*kernel) name() string { return "interpreter" }

func (*kernel) none() bool { return true }

func (*kernel) draw(*Chunk, *paint, *Pipeline) bool { return false }

func (*Chunk) drawSmall(*Pipeline, *Vertex, *Vertex, *Vertex) bool { return false }

func coverFast(masks []uint32, cut *[3]cutting, _ int, columns uint32) uint32 {
	return coverRows(masks, cut, columns)
}

func (t *Triangle) cornerFast(to *[planeSlots]float32, x, y int32, _ uint8) { t.corner(to, x, y) }

func (*Chunk) left(*gradients, uint8) {}

func (*Triangle) planesFast(*Pipeline, *slopes, *Vertex, *Vertex, *Vertex, *[3]float32) bool {
	return false
}

func fillWords(w []uint32, v uint32) {
	for i := range w {
		w[i] = v
	}
}

func storeFast(blit.Format, []byte, int, []uint32) bool { return false }

func loadFast(blit.Format, []uint32, []byte, int) bool { return false }

func copyDepth(_, _ []float32, _ int, _ bool) bool { return false }

func stretchFast(corner *[planeSlots]float32, g *gradients, tex int, x0, x1, y0, y1, ratio, scale float32) (low, high float32) {
	a, b := stretches(corner, g, tex, float64(x0), float64(x1), float64(y0), float64(y1), float64(ratio), float64(scale))
	return float32(a), float32(b)
}
