package ddraw

import (
	"context"

	"github.com/mmlite/mmlite/contracts/graphics"
)

// Flip shows the next back buffer: the memories of the chain's surfaces move one
// place, the objects stay. It waits until the flip before has been seen; this one is
// seen at the vertical blank after that, or two to four later with an interval. With
// NoVSync it does not wait. ErrNotFlippable: there are no back buffers.
// ErrSurfaceBusy: one of the chain is locked.
func (s *Surface) Flip(ctx context.Context, flags FlipFlags) error {
	interval := uint32(flags >> 24 & 7)
	if flags&^flipFlags != 0 || interval == 1 || interval > 4 {
		return failed(ErrInvalidParams, "flip flags %#x", uint32(flags))
	}
	interval = max(interval, 1)
	if flags&NoVSync != 0 {
		interval = 0
	}
	remote, err := s.flippable()
	if err != nil {
		return err
	}
	defer remote.Release()
	return translate(remote.Flip(ctx, interval)) // others draw meanwhile
}

func (s *Surface) flippable() (graphics.Surface, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	if s.index != 0 || s.c.opt.BackBuffers == 0 {
		return nil, failed(ErrNotFlippable, "")
	}
	for _, o := range s.c.surfaces {
		if o.locked {
			return nil, failed(ErrSurfaceBusy, "a surface of the chain is locked")
		}
	}
	s.remote.AddRef()
	return s.remote, nil
}
