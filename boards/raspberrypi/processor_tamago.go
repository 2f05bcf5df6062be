//go:build tamago && arm

package main

import (
	"github.com/mmlite/mmlite/boards/driver/bcm2835"
	"github.com/mmlite/mmlite/boards/metal"
	"github.com/mmlite/mmlite/boards/metal/armv7"
	"github.com/mmlite/mmlite/firmware/machine"
)

// clock is the generic timer's.
type clock struct{}

// Now implements machine.Clock.
func (clock) Now() machine.Time { return machine.Time(nanotime()) }

// processor is metal's, which looks at the line at every checkpoint.
type processor struct {
	*metal.Waiter
	line *line
}

// Serve implements metal.Processor.
func (p *processor) Serve() bool { return p.line.Poll() }

// console is the second serial port.
type console struct {
	port bcm2835.MiniUART
	to   func([]byte) // what is typed goes there
}

// Poll takes what was typed.
func (c *console) Poll() (any bool) {
	var b [16]byte
	for {
		n, _ := c.port.Read(b[:]) // it never fails
		if n == 0 {
			return any
		}
		any = true
		c.to(b[:n])
	}
}

// serveInterrupts begins to take interrupts: of both serial ports, and of the timers.
// The error says that there is no tick, and that faults end the card.
func serveInterrupts(l *line, c *console, kick func()) error {
	const disable = bcm2835.BasePi2 + 0xB21C // section 7.5, disable IRQs 1 and 2
	err := armv7.Start(cpu, armv7.Local(disable, 1<<bcm2835.LineAux, 1<<(bcm2835.LinePL011-32)))
	if err != nil {
		return err
	}
	lines := bcm2835.Interrupts{Registers: direct{}}
	loud := func() {
		lines.Enable(bcm2835.LinePL011, true)
		lines.Enable(bcm2835.LineAux, true)
	}
	loud()
	go armv7.Serve(func() {
		l.port.Acknowledge()
		came := l.Poll()
		if c.Poll() || came {
			kick()
		}
	}, loud)
	return nil
}
