package scenes

import (
	"context"

	"github.com/mmlite/mmlite/contracts/input"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/hostdriver"
)

// hands are those of somebody who plays: with a pointer, or with the arrow keys. The
// game plays itself again when they have rested for a while.
type hands struct {
	queue       input.Queue // nil: this card has none
	width       float64     // of the screen that the pointer moves on
	x           float64     // of the pointer, on the game's screen
	left, right bool
	pointing    bool    // not keys
	until       float64 // s, to which they play
}

const (
	rest     = 3 // s
	keyRight = 0x4F
	keyLeft  = 0x50
)

// take asks the card what is done on it.
func (h *hands) take(ctx context.Context, s *Stage) error {
	in, err := hostdriver.Bind(ctx, s.Card, "/input", input.InputType)
	if com.CodeOf(err) == com.ErrNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	defer in.Release()
	h.width = float64(max(s.Info.Width, 1))
	h.queue, err = in.Open(ctx, input.QueueOptions{Kinds: 1<<input.Pointer | 1<<input.Key})
	return err
}

func (h *hands) release() {
	if h.queue != nil {
		h.queue.Release()
		h.queue = nil
	}
}

// look takes what was done, at a time in seconds.
func (h *hands) look(ctx context.Context, now float64) error {
	if h.queue == nil {
		return nil
	}
	events, _, err := h.queue.Poll(ctx)
	if err != nil {
		return err
	}
	for _, e := range events {
		switch {
		case e.Kind == input.Pointer:
			h.x, h.pointing, h.until = float64(e.X)/h.width*gameWidth, true, now+rest
		case e.Code == keyLeft:
			h.left, h.pointing, h.until = e.Down, false, now+rest
		case e.Code == keyRight:
			h.right, h.pointing, h.until = e.Down, false, now+rest
		}
	}
	if h.left || h.right {
		h.until = now + rest
	}
	return nil
}

// input is what they do at a time, if they play: -1 is the bat to the left, 1 to the
// right.
func (h *hands) input(now, bat float64) (move float64, playing bool) {
	if now >= h.until {
		return 0, false
	}
	if h.pointing {
		return min(max((h.x-bat)/4, -1), 1), true
	}
	if h.left {
		move--
	}
	if h.right {
		move++
	}
	return move, true
}
