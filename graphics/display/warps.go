package display

import (
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/graphics/blit"
	"github.com/mmlite/mmlite/graphics/compose"
)

// Warps is a Composer that scales, turns, skews and colours (package compose).
type Warps struct {
	c      compose.Compositor
	layers []compose.Layer
	rects  []blit.Rect
}

// Compose implements Composer.
func (w *Warps) Compose(frame *blit.Surface, rects []machine.Rect, items []Item) error {
	w.c.Pause = thread.Checkpoint
	w.layers, w.rects = w.layers[:0], w.rects[:0]
	for i := range items {
		item := &items[i]
		if item.Pixels.Check() == nil && len(w.layers) < compose.MaxLayers {
			w.layers = append(w.layers, compose.Layer{
				Surface: item.Pixels, Matrix: compose.Affine(item.Matrix), Color: item.Color, Clip: blit.Rect(item.Clip), Coarse: item.Coarse,
			})
		}
	}
	for _, r := range rects {
		w.rects = append(w.rects, blit.Rect(r))
	}
	err := w.c.Compose(frame, w.layers, w.rects)
	clear(w.layers)
	return err
}
