//go:build tamago && arm

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/usbarmory/tamago/arm"

	"github.com/mmlite/mmlite/boards/driver/bcm2835"
	"github.com/mmlite/mmlite/boards/driver/reg"
	"github.com/mmlite/mmlite/boards/metal"
	"github.com/mmlite/mmlite/boards/screen"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/graphics/blit"
)

const (
	width, height = 640, 480
	megabyte      = 1 << 20
	// uncached is normal memory past the cache (ARM ARM B3.8.2, TEX 001, C and B 0):
	// writes may be joined, and need no alignment.
	uncached = arm.TTE_AP_001<<10 | 1<<12 | arm.TTE_SECTION | arm.TTE_EXECUTE_NEVER
)

// display is the frame buffer.
type display struct {
	frames *bcm2835.FrameBuffer
	pixels []byte
	screen *screen.Screen // until the card has booted
	shown  screen.State
	taken  chan struct{} // closed when the card's own screen is there
	gone   chan struct{} // closed when nothing else is drawn any more
}

func openDisplay(box *bcm2835.Mailbox) (*display, error) {
	f, err := box.OpenFrameBuffer(width, height, 1)
	if err != nil {
		return nil, err
	}
	cpu.ConfigureMMU(f.Address&^(megabyte-1), (f.Address+f.Size+megabyte-1)&^(megabyte-1), 0, uncached)
	pix, err := reg.Bytes(uint64(f.Address), uint64(f.Stride*f.Height))
	if err != nil {
		return nil, err
	}
	s, err := screen.New(&blit.Surface{Pix: pix, Pitch: f.Stride, Width: f.Width, Height: f.Height, Format: blit.XRGB8888})
	if err != nil {
		return nil, err
	}
	return &display{frames: f, pixels: pix, screen: s, taken: make(chan struct{}), gone: make(chan struct{})}, nil
}

// open gives the frame buffer to the card's screen.
func (d *display) open() (machine.Display, error) {
	close(d.taken)
	<-d.gone
	return metal.NewDisplay("frame buffer", d.frames.Width, d.frames.Height, d.frames.Stride, d.pixels)
}

// show shows what changes from now on, once a second, until the card's screen takes
// over.
func (d *display) show(ctx context.Context, state func() screen.State) {
	defer close(d.gone)
	for tick := time.NewTicker(time.Second); ; {
		s := state()
		s.Beat = d.shown.Beat + 1
		d.shown = s
		if err := d.screen.Show(s); err != nil {
			println("mmlite: the screen:", err.Error())
			return
		}
		select {
		case <-tick.C:
		case <-d.taken:
			return
		case <-ctx.Done():
			return
		}
	}
}

func (d *display) String() string {
	return fmt.Sprintf("%d by %d pixels at 0x%x", d.frames.Width, d.frames.Height, d.frames.Address)
}
