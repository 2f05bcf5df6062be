//go:build tamago && amd64

package main

import (
	"fmt"
	"time"

	"github.com/mmlite/mmlite/boards/driver/bochs"
	"github.com/mmlite/mmlite/boards/metal"
	"github.com/mmlite/mmlite/boards/screen"
	"github.com/mmlite/mmlite/firmware"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/mmd"
)

// The mode of the screen.
const (
	screenWidth  = 800
	screenHeight = 600
)

// openScreen switches the display on.
func (b *board) openScreen() (machine.Display, error) {
	dev, err := b.bus.Find(bochs.Vendor, bochs.ID)
	if err != nil {
		return nil, err
	}
	dev.Enable()
	registers, err := dev.Registers(2)
	if err != nil {
		return nil, err
	}
	memory, err := dev.Bytes(0)
	if err != nil {
		return nil, err
	}
	display, err := bochs.Open(bochs.Config{Registers: registers, Memory: memory})
	if err != nil {
		return nil, err
	}
	if err := display.SetMode(screenWidth, screenHeight); err != nil {
		return nil, err
	}
	return metal.NewDisplay("bochs-display", screenWidth, screenHeight, display.Stride(), display.Page(0))
}

// page is what there is to see while no program draws.
func (b *board) page(card *firmware.Card, server *mmd.Server, _ int) screen.State {
	up := card.Info().Uptime.Truncate(time.Second)
	s := screen.State{
		Title: fmt.Sprintf("card %s, MMLite %v", b.settings.name, firmware.Version),
	}
	s.Lines = append(s.Lines,
		fmt.Sprintf("on a PC, up %v", up),
		fmt.Sprintf("%d calls served", server.Calls()),
	)
	if p, err := card.Spare.Status(); err == nil {
		s.Lines = append(s.Lines, fmt.Sprintf("%d threads, %d switches, idle %v of %v", p.Threads, p.Switches, p.Idle.Std().Truncate(time.Second), p.Up.Std().Truncate(time.Second)))
	}
	return s
}
