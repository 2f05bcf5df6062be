package render

import (
	"fmt"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/graphics/blit"
)

// ClearFlags say what is cleared.
type ClearFlags = graphics.ClearFlags

// What is cleared.
const (
	ClearTarget  = graphics.ClearTarget
	ClearDepth   = graphics.ClearDepth
	ClearStencil = graphics.ClearStencil
)

// Clear sets colour, depth and stencil inside of rects and the viewport; no
// rects mean all of the viewport. A depth buffer that is not there is not
// cleared. ErrValue: nothing or unknown planes to clear, or a depth not within 0
// to 1.
func (r *Renderer) Clear(v graphics.Clear, rects []blit.Rect) error {
	if r.target.Pix == nil {
		return fmt.Errorf("%w: none", ErrTarget)
	}
	if v.Flags == 0 || v.Flags > ClearTarget|ClearDepth|ClearStencil {
		return fmt.Errorf("%w: clear %#x", ErrValue, v.Flags)
	}
	if !(v.Z >= 0 && v.Z <= 1) {
		return fmt.Errorf("%w: clear of depth to %v", ErrValue, v.Z)
	}
	have := ClearTarget
	if r.depth != nil {
		have |= ClearDepth
		if r.depth.stencil != nil {
			have |= ClearStencil
		}
	}
	w := clearing{what: v.Flags & have, color: v.Color, z: v.Z, stencil: v.Stencil}
	if w.what == 0 {
		return nil
	}
	window := r.window()
	if len(rects) == 0 {
		return r.clear(w, window, have)
	}
	for _, q := range rects {
		if err := r.clear(w, window.Intersect(q), have); err != nil {
			return err
		}
	}
	return nil
}

func (r *Renderer) clear(w clearing, rect blit.Rect, have ClearFlags) error {
	if rect.Empty() {
		return nil
	}
	b := &r.bins
	if rect == r.target.Bounds() {
		if w.what == have {
			// Nothing of what was gathered would be seen.
			b.drop()
			b.states = 0
			r.geometry.used.Store(0)
			r.geometry.end = 0
			b.flushes++
		}
		if len(b.active) == 0 {
			b.whole.merge(&w)
			return nil
		}
	}
	w.rect = rect
	x0, y0, x1, y1 := rect.X0>>chunkBits, rect.Y0>>chunkBits, (rect.X1-1)>>chunkBits, (rect.Y1-1)>>chunkBits
	n := (x1 - x0 + 1) * (y1 - y0 + 1)
	if b.entries+n > b.most || b.clearCount == len(b.clears) {
		if err := r.Flush(); err != nil {
			return err
		}
	}
	e := entry{a: uint32(b.clearCount), kind: clearRect}
	b.clears[b.clearCount] = w
	b.clearCount++
	b.fronts[0].fill(b.heads, true)
	for y := y0; y <= y1; y++ {
		for x := x0; x <= x1; x++ {
			b.fronts[0].put(y*b.columns+x, e)
		}
	}
	b.entries += n
	return nil
}

// merge adds what another clearing of the same pixels clears.
func (w *clearing) merge(n *clearing) {
	if n.what&ClearTarget != 0 {
		w.color = n.color
	}
	if n.what&ClearDepth != 0 {
		w.z = n.z
	}
	if n.what&ClearStencil != 0 {
		w.stencil = n.stencil
	}
	w.what |= n.what
}
