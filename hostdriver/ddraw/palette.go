package ddraw

import (
	"context"
	"sync"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
)

// Palette is 256 colours (IDirectDrawPalette), 0x00RRGGBB. It outlives cards.
type Palette struct {
	d *DirectDraw

	mu       sync.Mutex
	released bool
	colors   [256]uint32
	conn     *conn
	remote   graphics.Palette
}

// CreatePalette makes a palette of 8 bits, of which the first colours are given and the
// others black. Release it.
func (d *DirectDraw) CreatePalette(ctx context.Context, colors []uint32) (*Palette, error) {
	p := &Palette{d: d}
	if len(colors) > len(p.colors) {
		return nil, failed(ErrInvalidParams, "a palette of %d colours", len(colors))
	}
	copy(p.colors[:], colors)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.open(ctx); err != nil {
		return nil, err
	}
	return p, nil
}

// open makes the palette on the present card. The caller holds the lock.
func (p *Palette) open(ctx context.Context) error {
	c, err := p.d.use()
	if err != nil {
		return err
	}
	defer c.drop()
	if p.remote != nil && p.conn == c {
		return nil
	}
	remote, err := c.device.CreatePalette(ctx, p.colors[:])
	if err != nil {
		return translate(err)
	}
	if p.remote != nil {
		p.remote.Release()
	}
	p.conn, p.remote = c, remote
	return nil
}

// Release ends the palette; surfaces that have it go on with it.
func (p *Palette) Release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.released = true
	if p.remote != nil {
		p.remote.Release()
		p.remote, p.conn = nil, nil
	}
}

// SetEntries changes colours from an entry on. What is shown in them changes at the
// next vertical blank, with nothing drawn. On a card that is gone it is remembered.
func (p *Palette) SetEntries(start uint32, colors []uint32) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.released:
		return failed(ErrNotInitialized, "the palette was released")
	case uint64(start)+uint64(len(colors)) > uint64(len(p.colors)):
		return failed(ErrInvalidParams, "%d colours from entry %d on", len(colors), start)
	}
	copy(p.colors[start:], colors)
	if p.remote == nil {
		return nil
	}
	err := p.remote.SetEntries(start, colors)
	if c := com.CodeOf(err); c == com.ErrGone || c == com.ErrClosed {
		return nil
	}
	return translate(err)
}

// Entries returns colours from an entry on.
func (p *Palette) Entries(start uint32, into []uint32) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if uint64(start)+uint64(len(into)) > uint64(len(p.colors)) {
		return failed(ErrInvalidParams, "%d colours from entry %d on", len(into), start)
	}
	copy(into, p.colors[start:])
	return nil
}

// SetPalette has an indexed surface, and its chain, show its pixels in a palette's
// colours; nil is a ramp of greys. ErrNotPalettized: its pixels are no indices.
func (s *Surface) SetPalette(ctx context.Context, p *Palette) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	if s.info.Format != graphics.Indexed8 {
		return failed(ErrNotPalettized, "")
	}
	return s.c.attach(ctx, p)
}

// attach has the card's surfaces take a palette. The caller holds the lock.
func (c *chain) attach(ctx context.Context, p *Palette) error {
	if p == nil {
		err := c.surfaces[0].remote.SetPalette(ctx, nil)
		if err == nil {
			c.palette = nil
		}
		return translate(err)
	}
	if p.d != c.d {
		return failed(ErrInvalidObject, "a palette of another device")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.released && p.remote == nil && c.palette != p {
		return failed(ErrNotInitialized, "the palette was released")
	}
	if err := p.open(ctx); err != nil {
		return err
	}
	err := c.surfaces[0].remote.SetPalette(ctx, p.remote)
	if p.released { // it was restored for this surface alone
		p.remote.Release()
		p.remote, p.conn = nil, nil
	}
	if err != nil {
		return translate(err)
	}
	c.palette = p
	return nil
}

// Palette is the one that SetPalette set. ErrNoPaletteAttached: none.
func (s *Surface) Palette() (*Palette, error) {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	if s.c.released {
		return nil, failed(ErrNotInitialized, "the surface was released")
	}
	if s.c.palette == nil {
		return nil, failed(ErrNoPaletteAttached, "")
	}
	return s.c.palette, nil
}
