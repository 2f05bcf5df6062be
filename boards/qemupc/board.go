//go:build tamago

package main

import (
	"fmt"
	"io"

	"github.com/mmlite/mmlite/boards/driver/ac97"
	"github.com/mmlite/mmlite/boards/driver/fwcfg"
	"github.com/mmlite/mmlite/boards/driver/ivshmem"
	"github.com/mmlite/mmlite/boards/driver/pci"
	"github.com/mmlite/mmlite/boards/driver/reg"
	"github.com/mmlite/mmlite/boards/driver/uart16550"
	"github.com/mmlite/mmlite/boards/metal"
	"github.com/mmlite/mmlite/boards/qemupc/pc"
	"github.com/mmlite/mmlite/firmware"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/mixer/output"
	"github.com/mmlite/mmlite/mmd"
)

// Wiring of a PC (IBM PC AT Technical Reference, system interrupts; QEMU's pc and q35
// machines).
const (
	com1     = 0x3f8
	com1Line = 4
	baud     = 115200
)

// board is this PC.
type board struct {
	cpu      pc.CPU
	ports    pc.Ports
	bus      *pci.Bus
	machine  *metal.Machine
	terminal *metal.Terminal
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
	b := &board{console: raw{}}
	if err := b.cpu.Start(); err != nil {
		b.problem("no preemption, and faults end the card: %s", com.TextOf(err))
	}
	if f := b.cpu.Facts(); f.Spread > 200 {
		b.problem("the clock could not be measured: two looks differ by %d ppm", f.Spread)
	}
	b.bus = pci.New(b.ports)
	if err := b.configure(); err != nil {
		b.problem("%s", com.TextOf(err))
	}
	var err error
	if b.dma, err = reg.Bytes(pc.DMAStart, pc.DMASize); err != nil {
		b.problem("no memory for devices: %s", com.TextOf(err))
	}
	if b.serial, err = uart16550.Open(reg.At(b.ports, com1), baud); err != nil {
		b.problem("no serial port: %s", com.TextOf(err))
	} else {
		b.console = b.serial
	}
	b.console = metal.NewlineWriter(b.console)
	high, err := reg.Bytes(pc.HighRAM, b.highRAM())
	if err != nil {
		b.problem("no card memory: %s", com.TextOf(err))
	}
	if b.machine, err = metal.NewMachine(metal.MachineConfig{Processor: &b.cpu, Console: b.console, Memory: high}); err != nil {
		b.problem("no card memory: %s", com.TextOf(err))
		if b.machine, err = metal.NewMachine(metal.MachineConfig{Processor: &b.cpu, Console: b.console}); err != nil {
			panic(err)
		}
	}
	b.terminal = metal.NewTerminal(b.machine.Console())
	if b.serial != nil {
		b.listen()
	}
	return b
}

// raw writes as the runtime does.
type raw struct{}

func (raw) Write(p []byte) (int, error) {
	print(string(p))
	return len(p), nil
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

// listen has what is typed come in by interrupt. The line is open before the port
// may raise it: an edge that nobody saw would be its last.
func (b *board) listen() {
	var buf [64]byte
	b.attach("serial port", com1Line, false, func() { b.serial.Interrupt() })
	b.serial.Notify(func() {
		for n := b.serial.Read(buf[:]); n > 0; n = b.serial.Read(buf[:]) {
			b.terminal.Input(buf[:n])
		}
	})
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

// sound opens the sound device.
func (b *board) sound() (output.Device, error) {
	dev, err := b.bus.Find(ac97.Vendor, ac97.ID)
	if err != nil {
		return nil, err
	}
	dev.Enable()
	mixer, err := dev.Registers(0)
	if err != nil {
		return nil, err
	}
	master, err := dev.Registers(1)
	if err != nil {
		return nil, err
	}
	size := ac97.AreaSize(b.settings.period)
	if size > len(b.dma) {
		return nil, com.Errorf(com.ErrNoMemory, "no memory for its buffers")
	}
	at := pc.DMAStart + pc.DMASize - len(b.dma)
	area := b.dma[:size:size]
	b.dma = b.dma[(size+63)&^63:]
	d, err := ac97.Open(ac97.Config{
		Mixer: mixer, Master: master, DMA: area, Address: uint32(at), Clock: b.machine,
		Rate: b.settings.rate, Period: b.settings.period, Queue: b.settings.queue,
	})
	if err != nil {
		return nil, err
	}
	line, err := dev.Line()
	if err == nil {
		var v uint8
		if v, err = pc.NewVector(func() { d.Interrupt() }); err == nil {
			err = pc.Line(line, v, true)
		}
	}
	if err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

// window opens the link.
func (b *board) window(card *firmware.Card, server *mmd.Server) error {
	dev, err := b.bus.Find(ivshmem.Vendor, ivshmem.ID)
	if err != nil {
		return err
	}
	w, err := ivshmem.Open(dev)
	if err != nil {
		return err
	}
	bells := w.Bells()
	if bells {
		var v uint8
		if v, err = pc.NewVector(func() {}); err == nil { // who sleeps looks at the words
			err = w.Enable(pc.MessageAddress, uint32(v))
		}
		if err != nil {
			return err
		}
	} else {
		b.machine.SetSilent(true)
	}
	doors, err := link.FormatDoors(w.Window(), card.Generation(), bells)
	if err != nil {
		return err
	}
	return server.ServeDoors(doors, "PCI", func(peer uint32, _ *uint32) { w.Ring(peer) })
}

func (b *board) config() metal.Config {
	return metal.Config{
		Name: b.settings.name, Board: "qemupc", Machine: b.machine, Memory: b.settings.memory,
		Device: b.sound, Terminal: b.terminal, Problems: b.problems, Facts: func() any { return b.cpu.Facts() },
		Ready: b.window, Off: pc.Off, Restart: pc.Restart,
	}
}
