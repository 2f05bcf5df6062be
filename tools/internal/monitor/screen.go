package monitor

import (
	"context"
	"encoding/json"

	"github.com/coder/websocket"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/hostdriver"
)

const (
	// screenAhead is how many pictures are on the way at a time: one being drawn and
	// one to follow. What happens meanwhile adds up in the card's view.
	screenAhead = 2
	// maxScreen is the largest width and height of a screen that is shown.
	maxScreen = 4096
)

// show sends what the screen shows.
func (v *visit) show() error { return v.pictures(func() ([]byte, error) { return nil, nil }) }

// showLayers sends what the screen shows, and with each picture what it is composed
// of, as JSON.
func (v *visit) showLayers() error {
	return v.pictures(func() ([]byte, error) {
		l, err := v.screen.Layers(v.ctx)
		if err != nil {
			return nil, err
		}
		return json.Marshal(l)
	})
}

// pictures sends pictures, each with what more says of it.
func (v *visit) pictures(more func() ([]byte, error)) error {
	if v.screen == nil {
		return com.ErrNotSupported
	}
	v.answers()
	ctx := v.ctx
	info, err := v.screen.Info(ctx)
	if err != nil {
		return err
	}
	w, h := int(info.Width), int(info.Height)
	if w < 1 || h < 1 || w > maxScreen || h > maxScreen {
		return com.Errorf(com.ErrNotSupported, "a screen of %d by %d pixels", w, h)
	}
	view, err := v.screen.Watch(ctx)
	if err != nil {
		return err
	}
	defer view.Release()
	memory, err := view.Memory(ctx)
	if err != nil {
		return err
	}
	defer memory.Release()
	span, err := hostdriver.Map(ctx, v.card, memory)
	if err != nil {
		return err
	}
	defer span.Release()
	if len(span.Bytes()) < 4*w*h {
		return com.Errorf(com.ErrProtocol, "a view of %d bytes for a screen of %d by %d pixels", len(span.Bytes()), w, h)
	}
	p := newPicture(w, h)
	var all [64]graphics.Rect
	var patience context.Context = patient{ctx}
	for {
		if err := v.flow.below(ctx, screenAhead); err != nil {
			return err
		}
		n, change, err := view.Next(patience, all[:])
		switch {
		case err != nil && com.CodeOf(err) == com.ErrTimeout:
			continue
		case err != nil:
			return err
		}
		rects := p.clean(all[:n])
		for _, r := range rects {
			if err := pull(ctx, span, r, w); err != nil {
				return err
			}
		}
		note, err := more()
		if err != nil {
			return err
		}
		b := p.message(v.flow.next(), change.Frame, rects, span.Bytes())
		if err := v.send(websocket.MessageBinary, append(b, note...)); err != nil {
			return err
		}
	}
}

// pull fetches the rows of a rectangle where no memory is shared.
func pull(ctx context.Context, span *hostdriver.Span, r graphics.Rect, width int) error {
	if span.Shared() {
		return nil
	}
	first, last := int(r.Y0)*width+int(r.X0), (int(r.Y1)-1)*width+int(r.X1)
	return span.Pull(ctx, 4*first, 4*(last-first))
}
