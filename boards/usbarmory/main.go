//go:build tamago && arm

// Command usbarmory is the image of a USB armory Mk II: bare metal on its i.MX6UL, over
// TamaGo's drivers. README.md says how it gets onto a board, and what was tried.
package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/usbarmory/tamago/board/usbarmory/mk2"
	"github.com/usbarmory/tamago/soc/nxp/imx6ul"

	"github.com/mmlite/mmlite/boards/driver/usb"
	"github.com/mmlite/mmlite/boards/metal"
	"github.com/mmlite/mmlite/boards/metal/armv7"
	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link/stream"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/mmd"
)

const (
	name = "usbarmory"
	// cardMemory is what components may have in all, bulkSize a bulk area of one
	// program.
	cardMemory = 256 << 20
	bulkSize   = 4 << 20
)

// debug is set by the linker (-X main.debug=yes) for images to be tested.
var debug string

// clock is the generic timer's.
type clock struct{}

// Now implements machine.Clock.
func (clock) Now() machine.Time { return machine.Time(imx6ul.ARM.GetTime()) }

// armory is the board.
type armory struct {
	card   *firmware.Card
	server *mmd.Server
	usb    *pipes
}

func main() {
	a := &armory{}
	if err := a.run(context.Background()); err != nil {
		println("mmlite:", err.Error())
	}
	restart()
}

// restart starts the board anew.
func restart() {
	time.Sleep(10 * time.Millisecond) // for the last words
	mk2.Reset()
}

func (a *armory) run(ctx context.Context) error {
	var problems []string
	if err := startInterrupts(); err != nil {
		problems = append(problems, "no preemption, and faults end the card: "+com.TextOf(err))
	}
	if imx6ul.Native {
		imx6ul.SetARMFreq(900) // of the models that can; others keep their rate
		if err := mk2.EnableDebugAccessory(); err != nil {
			problems = append(problems, "console: "+err.Error())
		}
	}
	memory, err := cardSpan()
	if err != nil {
		return err
	}
	console := port{imx6ul.UART2}
	m, err := metal.NewMachine(metal.MachineConfig{Processor: metal.NewWaiter(clock{}), Console: metal.NewlineWriter(console), Memory: memory})
	if err != nil {
		return err
	}
	terminal := metal.NewTerminal(m.Console())
	go func() {
		var b [32]byte
		for {
			n, _ := console.Read(b[:]) // it never fails
			terminal.Input(b[:n])
		}
	}()
	go a.blink(ctx)
	return metal.Run(ctx, metal.Config{
		Name: name, Board: name, Machine: m, Memory: cardMemory, Terminal: terminal,
		Problems: problems, Commands: metal.Debug(debug), Facts: facts, Ready: a.ready, Restart: restart,
	})
}

// blink shows life: blue beats like a heart, white is on while a host has configured
// the device.
func (a *armory) blink(ctx context.Context) {
	for ctx.Err() == nil {
		for _, beat := range []struct {
			on   bool
			time time.Duration
		}{{true, 80}, {false, 120}, {true, 80}, {false, 720}} {
			_ = mk2.LED("blue", beat.on) // there is one
			_ = mk2.LED("white", a.usb != nil && a.usb.up.Load())
			time.Sleep(beat.time * time.Millisecond)
		}
	}
}

// facts are the board's part of /status/board.
func facts() any {
	_, model := mk2.Model()
	return struct {
		Model    string `json:"model"`
		Chip     string `json:"chip"`
		Emulated bool   `json:"emulated"`
		Preempts bool   `json:"preempts"`
		Ticks    uint32 `json:"ticks"`
	}{model, imx6ul.Model(), !imx6ul.Native, armv7.Preempts(), armv7.Ticks()}
}

// ready opens the link: USB, or the first serial port where the board is emulated,
// which has no controller that is a device.
func (a *armory) ready(card *firmware.Card, server *mmd.Server) error {
	a.card, a.server = card, server
	via, carrier := "a serial line", stream.Carrier(nil)
	if imx6ul.Native {
		id := imx6ul.UniqueID()
		player := usb.NewPlayer(a.openPort, card.Log.Printf)
		a.usb = &pipes{f: usb.New(usb.Config{Name: "MMLite card", Serial: fmt.Sprintf("%X", id[:]), MIDI: player})}
		go serveUSB(a.usb)
		via, carrier = "USB", a.usb.f.Link()
	} else {
		imx6ul.UART1.Init()
		carrier = stream.NewLine(port{imx6ul.UART1}, false)
	}
	go func() {
		err := stream.Serve(carrier, func(s *stream.Stream) {
			if err := server.ServeStream(s, via, card.Generation(), bulkSize); err != nil {
				card.Log.Alarmf("a program was not let in: %s", com.TextOf(err))
			}
		})
		card.Log.Alarmf("the link has ended: %v", err)
	}()
	return nil
}

// openPort opens a port of the synthesizer for what comes over USB-MIDI, on a thread
// of the card.
func (a *armory) openPort() (port audio.Port, err error) {
	done := make(chan struct{})
	err = errors.New("the card is stopping")
	_, failed := a.card.Spare.Spawn("usb-midi", thread.Attributes{
		Activity: a.card.Activities.Get("usb-midi"),
		Exit:     func(*thread.Thread, *thread.Failure) { close(done) },
	}, func(*thread.Thread) {
		var u com.Unknown
		if u, err = a.card.Names.Bind(context.Background(), "synth"); err != nil {
			return
		}
		defer u.Release()
		var s audio.Synth
		if s, err = com.Query(u, audio.SynthType); err != nil {
			return
		}
		defer s.Release()
		port, err = s.Open(context.Background(), audio.PortOptions{Name: "USB-MIDI", Effects: true})
	})
	if failed != nil {
		return nil, failed
	}
	<-done
	return port, err
}
