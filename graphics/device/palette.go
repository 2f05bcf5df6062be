package device

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/thread/wait"
	"github.com/mmlite/mmlite/graphics/blit"
)

// Palette implements graphics.Palette.
type Palette struct {
	com.Object
	d    *Device
	task wait.Task
	gone atomic.Bool

	mu     sync.Mutex // held while a palette is copied
	colors blit.Palette
}

// CreatePalette implements graphics.Device.
func (d *Device) CreatePalette(ctx context.Context, colors []uint32) (graphics.Palette, error) {
	if len(colors) > len(blit.Palette{}) {
		return nil, com.Errorf(com.ErrInvalid, "a palette of %d colours", len(colors))
	}
	if d.closed.Load() {
		return nil, d.over()
	}
	if err := d.f.room(ctx, d.quota, palettes, 1, 0); err != nil {
		return nil, err
	}
	p := &Palette{d: d}
	copy(p.colors[:], colors)
	p.task.Do = func() {
		d.quota.give(palettes, 1, 0)
		d.f.gone()
	}
	p.Init(p, func() {
		p.gone.Store(true)
		d.f.leave(&p.task)
	}, graphics.PaletteType.For(p))
	return p, nil
}

// Copy implements display.Colors.
func (p *Palette) Copy(into *blit.Palette) {
	p.mu.Lock() //mm:blocking held while a palette is copied
	*into = p.colors
	p.mu.Unlock()
}

// SetEntries implements graphics.Palette.
func (p *Palette) SetEntries(start uint32, colors []uint32) error {
	if uint64(start)+uint64(len(colors)) > uint64(len(p.colors)) {
		return com.Errorf(com.ErrInvalid, "%d colours from entry %d on, of a palette of %d", len(colors), start, len(p.colors))
	}
	t, err := p.d.enter() // in the order of what is drawn in them
	if err != nil {
		return err
	}
	defer p.d.unlock(t)
	for c := range p.d.chains {
		if c.palette == p {
			for _, s := range c.surfaces {
				p.d.settle(s, true)
			}
		}
	}
	p.mu.Lock() //mm:blocking held while a palette is copied
	copy(p.colors[start:], colors)
	p.mu.Unlock()
	for c := range p.d.chains {
		if c.palette == p {
			c.recolored()
		}
	}
	return nil
}

// Entries implements graphics.Palette.
func (p *Palette) Entries(context.Context) ([]uint32, error) {
	if p.d.closed.Load() {
		return nil, p.d.over()
	}
	var c blit.Palette
	p.Copy(&c)
	for i := range c {
		c[i] &= 0xffffff
	}
	return c[:], nil
}

var _ graphics.Palette = (*Palette)(nil)
