package device

import (
	"context"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/graphics/display"
)

// MaxInterval is for how many vertical blanks a flip can stay.
const MaxInterval = 60

// Flip implements graphics.Surface.
func (s *Surface) Flip(ctx context.Context, interval uint32) error {
	if interval > MaxInterval {
		return com.Errorf(com.ErrInvalid, "an interval of %d vertical blanks, and %d are possible", interval, MaxInterval)
	}
	for {
		before, err := s.flip(interval)
		if before == nil || err != nil {
			return err
		}
		// However late the compositor is: to look again and again would keep it from
		// its work.
		if err := s.d.group.Wait(ctx, display.Never, func() bool { return !pending(before) }); err != nil {
			return err
		}
	}
}

func pending(l *display.Layer) bool {
	_, yes := l.Pending()
	return yes
}

// flip flips, unless the flip before has to be waited for: then it returns the layer
// that it is on its way to.
func (s *Surface) flip(interval uint32) (before *display.Layer, err error) {
	t, err := s.d.enter()
	if err != nil {
		return nil, err
	}
	defer s.d.unlock(t)
	c := s.c
	switch {
	case c.ended:
		return nil, s.over()
	case s.index != 0 || len(c.surfaces) == 1 || c.caps&graphics.CapTexture != 0:
		return nil, com.Errorf(com.ErrNotSupported, "surface %d has no back buffers", s.number)
	}
	for _, o := range c.surfaces {
		if o.locked {
			return nil, com.Errorf(com.ErrBusy, "surface %d of the chain is locked", o.number)
		}
	}
	if c.layer != nil && interval > 0 {
		if pending(c.layer) {
			return c.layer, nil
		}
	}
	for _, o := range c.surfaces {
		s.d.settle(o, true)
	}
	c.rotate()
	c.flips++
	s.d.flips.Add(1)
	if c.layer != nil {
		c.missed += c.layer.Flip(s.picture(), interval)
	}
	return nil, nil
}

// rotate moves the memories of a chain's surfaces one place.
func (c *chain) rotate() {
	front := c.surfaces[0].at
	for i, s := range c.surfaces {
		at := front
		if i+1 < len(c.surfaces) {
			at = c.surfaces[i+1].at
		}
		s.move(at)
		s.changes.Add(1)
	}
}

// hold waits, before a surface is written whose memory is still on the screen, until
// the flip that takes it off is due at the next blank: from then on nobody looks at
// it. The device stays locked, so that what was called later also comes later; it is
// for MaxInterval blanks at most.
func (s *Surface) hold(write bool) {
	c := s.c
	if !write || c.layer == nil || s.index != len(c.surfaces)-1 || s.index == 0 {
		return // only what was the front may be on the screen
	}
	due, yes := c.layer.Pending()
	if !yes || due < 2 {
		return
	}
	l := c.layer
	_ = s.d.group.Wait(context.Background(), due-1, func() bool { return !pending(l) }) // it may be drawn on in any case
}
