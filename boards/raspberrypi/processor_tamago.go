//go:build tamago && arm

package main

import (
	"github.com/usbarmory/tamago/arm"

	"github.com/mmlite/mmlite/boards/driver/bcm2835"
	"github.com/mmlite/mmlite/boards/metal"
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

// serveInterrupts begins to take interrupts: of both serial ports, and of the timer,
// which only ends the sleep in idle.
func serveInterrupts(l *line, c *console, kick func()) {
	lines := bcm2835.Interrupts{Registers: direct{}}
	lines.Enable(bcm2835.LinePL011, true)
	lines.Enable(bcm2835.LineAux, true)
	store(bcm2835.BaseLocal+0x40, 3) // the timer's, secure or not; see bcm2835.RouteTimer
	ready := make(chan struct{})
	go func() {
		serving = true
		close(ready)
		arm.ServiceInterrupts(func() {
			l.port.Acknowledge()
			came := l.Poll()
			if c.Poll() || came {
				kick()
			}
		})
	}()
	<-ready
}
