//go:build tamago && amd64

package main

import (
	"fmt"
	"time"

	"github.com/mmlite/mmlite/boards/driver/bochs"
	"github.com/mmlite/mmlite/boards/screen"
	"github.com/mmlite/mmlite/firmware"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/graphics/blit"
	"github.com/mmlite/mmlite/mmd"
)

// The mode of the screen.
const (
	screenWidth  = 800
	screenHeight = 600
)

// openScreen switches the display on.
func (b *board) openScreen() {
	if err := b.findScreen(); err != nil {
		b.problem("no screen: %s", com.TextOf(err))
	}
}

func (b *board) findScreen() error {
	dev, err := b.bus.Find(bochs.Vendor, bochs.ID)
	if err != nil {
		return err
	}
	dev.Enable()
	registers, err := dev.Registers(2)
	if err != nil {
		return err
	}
	memory, err := dev.Bytes(0)
	if err != nil {
		return err
	}
	display, err := bochs.Open(bochs.Config{Registers: registers, Memory: memory})
	if err != nil {
		return err
	}
	if err := display.SetMode(screenWidth, screenHeight); err != nil {
		return err
	}
	b.screen, err = screen.New(&blit.Surface{
		Pix: display.Page(0), Pitch: display.Stride(), Width: screenWidth, Height: screenHeight, Format: blit.XRGB8888,
	})
	return err
}

// show has a thread show how the card fares, once a second.
func (b *board) show(card *firmware.Card, server *mmd.Server) {
	if b.screen == nil {
		return
	}
	_, err := card.Spare.Spawn("screen", thread.Attributes{Activity: card.Activities.Get("screen")}, func(t *thread.Thread) {
		for beat := 0; ; beat++ {
			if err := b.screen.Show(b.state(card, server, beat)); err != nil {
				card.Log.Printf("the screen shows nothing more: %v", err)
				return
			}
			thread.Sleep(machine.Second)
		}
	})
	if err != nil {
		card.Log.Printf("the screen shows nothing: %v", err)
	}
}

// state is what there is to see.
func (b *board) state(card *firmware.Card, server *mmd.Server, beat int) screen.State {
	up := card.Info().Uptime.Truncate(time.Second)
	s := screen.State{
		Title:    fmt.Sprintf("card %s, MMLite %v", b.settings.name, firmware.Version),
		Problems: b.problems,
		Beat:     beat,
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
