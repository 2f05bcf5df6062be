package bcm2835

import (
	"github.com/mmlite/mmlite/boards/driver/reg"
	"github.com/mmlite/mmlite/firmware/com"
)

// Function is what a pin is connected to (section 6.1, GPFSELn, and the table of
// section 6.2).
type Function uint8

// Functions of pins, in the manual's coding.
const (
	Input  Function = 0
	Output Function = 1
	Alt0   Function = 4 // pins 14, 15: PL011
	Alt5   Function = 2 // pins 14, 15: mini UART
)

// Pins is how many the chip has.
const Pins = 54

const (
	gpfsel    = 0x200000
	gpset     = 0x20001C
	gpclr     = 0x200028
	gplev     = 0x200034
	gppud     = 0x200094
	gppudclk  = 0x200098
	pullDelay = 150 // reads of a register, where the manual asks for 150 cycles
)

// GPIO is the pins. Its users take turns.
type GPIO struct{ Registers reg.Space }

func checkPin(pin int) error {
	if pin < 0 || pin >= Pins {
		return com.Errorf(com.ErrInvalid, "pin %d of %d", pin, Pins)
	}
	return nil
}

// Select connects a pin. The error is com.ErrInvalid for a pin that is not there.
func (g GPIO) Select(pin int, f Function) error {
	if err := checkPin(pin); err != nil {
		return err
	}
	at, shift := gpfsel+4*uint32(pin/10), 3*uint(pin%10)
	v := g.Registers.Read32(at)
	g.Registers.Write32(at, v&^(7<<shift)|uint32(f&7)<<shift)
	return nil
}

// Float takes the pull resistors off a pin (section 6.1, GPPUD and GPPUDCLK).
func (g GPIO) Float(pin int) error {
	if err := checkPin(pin); err != nil {
		return err
	}
	clock := gppudclk + 4*uint32(pin/32)
	g.Registers.Write32(gppud, 0)
	g.settle()
	g.Registers.Write32(clock, 1<<uint(pin%32))
	g.settle()
	g.Registers.Write32(clock, 0)
	return nil
}

func (g GPIO) settle() {
	for range pullDelay {
		g.Registers.Read32(gppud)
	}
}

// Set drives a pin that is an output.
func (g GPIO) Set(pin int, high bool) error {
	if err := checkPin(pin); err != nil {
		return err
	}
	at := uint32(gpclr)
	if high {
		at = gpset
	}
	g.Registers.Write32(at+4*uint32(pin/32), 1<<uint(pin%32))
	return nil
}

// Get reads a pin.
func (g GPIO) Get(pin int) (high bool, err error) {
	if err := checkPin(pin); err != nil {
		return false, err
	}
	return g.Registers.Read32(gplev+4*uint32(pin/32))>>uint(pin%32)&1 == 1, nil
}
