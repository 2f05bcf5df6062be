//go:build tamago && amd64

package main

import (
	"fmt"
	"io"
	"sync/atomic"

	"github.com/mmlite/mmlite/boards/driver/fwcfg"
	"github.com/mmlite/mmlite/boards/driver/pci"
	"github.com/mmlite/mmlite/boards/driver/reg"
	"github.com/mmlite/mmlite/boards/driver/uart16550"
	"github.com/mmlite/mmlite/boards/metal"
	"github.com/mmlite/mmlite/boards/qemupc/pc"
	"github.com/mmlite/mmlite/firmware"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/graphics/input"
	"github.com/mmlite/mmlite/mmd"
)

// board is this PC.
type board struct {
	cpu      pc.CPU
	ports    pc.Ports
	bus      *pci.Bus
	machine  *metal.Machine
	code     *metal.Code // or nil
	terminal *metal.Terminal
	input    atomic.Pointer[input.Input] // nil until the card has booted
	console  io.Writer
	serial   *uart16550.Port
	settings settings
	dma      []byte // what is left of it
	problems []string
}

func (b *board) problem(format string, args ...any) {
	b.problems = append(b.problems, fmt.Sprintf(format, args...))
}

// newBoard finds out what there is and brings up clock, memory and console.
func newBoard() *board {
	b := &board{console: metal.NewlineWriter(raw{})}
	if err := b.cpu.Start(); err != nil {
		b.problem("no preemption, and faults end the card: %s", com.TextOf(err))
	}
	if f := b.cpu.Facts(); f.Spread > 200 {
		b.problem("the clock could not be measured: two looks differ by %d ppm", f.Spread)
	}
	b.code = b.guard()
	b.bus = pci.New(b.ports)
	if err := b.configure(); err != nil {
		b.problem("%s", com.TextOf(err))
	}
	var err error
	if b.dma, err = reg.Bytes(pc.DMAStart, pc.DMASize); err != nil {
		b.problem("no memory for devices: %s", com.TextOf(err))
	}
	b.openSerial()
	high, err := reg.Bytes(pc.HighRAM, b.highRAM())
	if err != nil {
		b.problem("no card memory: %s", com.TextOf(err))
	}
	if b.machine, err = metal.NewMachine(metal.MachineConfig{Processor: &b.cpu, Console: b.console, Memory: high, Code: b.code, Beyond: b.hasWindow()}); err != nil {
		b.problem("no card memory: %s", com.TextOf(err))
		if b.machine, err = metal.NewMachine(metal.MachineConfig{Processor: &b.cpu, Console: b.console, Code: b.code}); err != nil {
			panic(err)
		}
	}
	b.terminal = metal.NewTerminal(b.machine.Console())
	b.listen()
	b.openKeyboard()
	return b
}

// configure reads what the host set.
func (b *board) configure() error {
	c, err := fwcfg.Open(b.ports)
	if err != nil {
		b.settings = newSettings("", "")
		return com.Errorf(com.CodeOf(err), "no configuration: %s", com.TextOf(err))
	}
	b.settings = newSettings(c.Text("opt/mmlite/name"), c.Text("opt/mmlite/args"))
	pc.Debug = b.settings.debug
	for _, w := range b.settings.unknown {
		b.problem("opt/mmlite/args: %s", w)
	}
	return nil
}

// highRAM is how much memory there is behind Go's, below the devices: what the
// real-time clock's memory says of that between 16 MB and 4 GB, in units of 64 KB
// (SeaBIOS and QEMU, CMOS 0x34 and 0x35).
func (b *board) highRAM() uint64 {
	cmos := func(at uint8) uint64 {
		b.ports.Write8(0x70, at)
		return uint64(b.ports.Read8(0x71))
	}
	end := 16<<20 + (cmos(0x34)|cmos(0x35)<<8)<<16
	if end <= pc.HighRAM {
		return 0
	}
	return end - pc.HighRAM
}

// attach has a line of the interrupt controller call a routine.
func (b *board) attach(what string, line uint8, level bool, routine func()) {
	v, err := pc.NewVector(routine)
	if err == nil {
		err = pc.Line(line, v, level)
	}
	if err != nil {
		b.problem("no interrupts of the %s: %s", what, com.TextOf(err))
	}
}

func (b *board) config() metal.Config {
	var commands []metal.Command
	if b.settings.debug {
		commands = append(metal.Debug("yes"), metal.Command{Name: "guards", Help: "try what memory allows", Run: b.guards})
	}
	return metal.Config{
		Commands: commands,
		Name:     b.settings.name, Board: "qemupc", Machine: b.machine, Memory: b.settings.memory,
		Device: b.sound, Display: b.openScreen, Page: b.page, Terminal: b.terminal, Input: b.input.Store, Problems: b.problems, Facts: b.facts,
		Ready: b.ready, Off: pc.Off, Restart: pc.Restart,
	}
}

// facts are the board's part of /status/board.
type facts struct {
	pc.Facts
	Code int `json:"code_bytes"` // made while the card runs
}

func (b *board) facts() any {
	f := facts{Facts: b.cpu.Facts()}
	if b.code != nil {
		f.Code = b.code.Used()
	}
	return f
}

// ready opens the link.
func (b *board) ready(card *firmware.Card, server *mmd.Server) error {
	return b.window(card, server)
}
