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
	"github.com/mmlite/mmlite/boards/metal/armv7"
	"github.com/mmlite/mmlite/boards/screen"
	"github.com/mmlite/mmlite/firmware"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link/stream"
	"github.com/mmlite/mmlite/mmd"
)

const (
	name = "raspberrypi"
	// baud is that of both serial ports, as far as the clocks give it.
	baud        = 921600
	consoleBaud = 115200
	// cardMemory is what components may have in all, bulkSize a bulk area of one
	// program.
	cardMemory = 256 << 20
	bulkSize   = 4 << 20
)

// debug is set by the linker (-X main.debug=yes) for images to be tested.
var debug string

// pi is the board.
type pi struct {
	box      *bcm2835.Mailbox
	line     *line
	console  *console
	display  *display
	machine  *metal.Machine
	playing  *bcm2835.Sound // or nil
	revision uint32
	card     *firmware.Card
	server   *mmd.Server
	problems []string
}

// facts are the board's part of /status/board.
type facts struct {
	Revision string     `json:"revision"`
	Screen   string     `json:"screen,omitempty"`
	Sound    string     `json:"sound,omitempty"`
	Line     lineStatus `json:"line"`
	Preempts bool       `json:"preempts"`
	Ticks    uint32     `json:"ticks"`
}

func main() {
	p := &pi{line: newLine(), console: &console{port: bcm2835.MiniUART{Registers: direct{}}}}
	if err := p.run(context.Background()); err != nil {
		println("mmlite:", err.Error())
	}
	p.restart()
}

// problem notes what does not work, and the board goes on without.
func (p *pi) problem(what string, err error) {
	p.problems = append(p.problems, what+": "+com.TextOf(err))
}

// restart starts the board anew.
func (p *pi) restart() {
	time.Sleep(10 * time.Millisecond) // for the last words
	bcm2835.Restart(direct{})
	for {
		rest()
	}
}

func (p *pi) run(ctx context.Context) error {
	buffer, err := reg.Bytes(mailboxAt, bcm2835.MailboxSize)
	if err != nil {
		return err
	}
	p.box = &bcm2835.Mailbox{Registers: direct{}, Buffer: buffer, Address: mailboxAt}
	if p.revision, err = p.box.Revision(); err != nil {
		p.problem("board", err)
	}
	uart, core, err := p.box.Clocks()
	if err != nil {
		p.problem("clocks", err)
		uart, core = 48_000_000, 250_000_000
	}
	p.console.port.Setup(core, consoleBaud, false)
	p.line.baud = baud
	if err := p.line.port.Setup(bcm2835.PL011Config{Clock: uart, Baud: p.line.baud, Pins: true}); err != nil {
		// As fast as the clock allows; an emulated port does not care.
		p.line.baud = uart / 16
		if e := p.line.port.Setup(bcm2835.PL011Config{Clock: uart, Baud: p.line.baud, Pins: true}); e != nil {
			p.problem("link", err)
		}
	}
	if p.display, err = openDisplay(p.box); err != nil {
		p.problem("screen", err)
	}
	cpu.ConfigureMMU(cardAt, cardEnd, 0, arm.MemoryRegion|arm.TTE_EXECUTE_NEVER)
	memory, err := reg.Bytes(cardAt, cardEnd-cardAt)
	if err != nil {
		return err
	}
	p.machine, err = metal.NewMachine(metal.MachineConfig{
		Processor: &processor{metal.NewWaiter(clock{}), p.line}, Console: metal.NewlineWriter(p.console.port), Memory: memory,
	})
	if err != nil {
		return err
	}
	terminal := metal.NewTerminal(p.machine.Console())
	p.console.to = terminal.Input
	if err := serveInterrupts(p.line, p.console, p.machine.Kick); err != nil {
		p.problem("no interrupts, and faults end the card", err)
	}
	if p.display != nil {
		go p.display.show(ctx, p.state)
	}
	cfg := metal.Config{
		Name: name, Board: name, Machine: p.machine, Memory: cardMemory, Terminal: terminal,
		Device: p.sound, Problems: p.problems, Commands: metal.Debug(debug), Facts: p.facts, Ready: p.ready, Restart: p.restart,
	}
	if p.display != nil {
		cfg.Display = p.display.open
		cfg.Page = func(*firmware.Card, *mmd.Server, int) screen.State { return p.state() }
	}
	return metal.Run(ctx, cfg)
}

// ready opens the link.
func (p *pi) ready(card *firmware.Card, server *mmd.Server) error {
	p.card, p.server = card, server
	go func() {
		err := stream.Serve(stream.NewLine(p.line, false), func(s *stream.Stream) {
			if err := server.ServeStream(s, "a serial line", card.Generation(), bulkSize); err != nil {
				card.Log.Alarmf("a program was not let in: %s", com.TextOf(err))
			}
		})
		card.Log.Alarmf("the link has ended: %v", err)
	}()
	return nil
}

func (p *pi) facts() any {
	f := facts{Revision: fmt.Sprintf("%06x", p.revision), Line: p.line.status(), Preempts: armv7.Preempts(), Ticks: armv7.Ticks()}
	if p.display != nil {
		f.Screen = p.display.String()
	}
	if p.playing != nil {
		f.Sound = fmt.Sprintf("the audio jack, %.1f frames a second", p.playing.RealRate())
	}
	return f
}

// state is what the screen shows.
func (p *pi) state() screen.State {
	s := screen.State{Title: "card " + name + ", MMLite " + firmware.Version.String(), Problems: p.problems}
	l := p.line.status()
	if p.server == nil {
		s.Lines = append(s.Lines, "starting")
	} else {
		s.Lines = append(s.Lines,
			fmt.Sprintf("answers on the serial line, pins 8 and 10, %d baud:", l.Baud),
			"  mmlite --card serial:/dev/ttyUSB0 status",
			"",
			fmt.Sprintf("programs  %d", len(p.server.Status())),
			fmt.Sprintf("calls     %d", p.server.Calls()))
	}
	s.Lines = append(s.Lines,
		fmt.Sprintf("line      %d bytes came, %d lost", l.Came, l.Lost),
		fmt.Sprintf("up        %v", time.Duration(nanotime()).Truncate(time.Second)))
	return s
}
