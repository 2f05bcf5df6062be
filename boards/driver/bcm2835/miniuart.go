package bcm2835

import "github.com/mmlite/mmlite/boards/driver/reg"

// The mini UART (section 2.2). Interrupt enable bits are those of the errata: bit 0
// receives, bit 1 transmits, bits 2 and 3 are needed for either.
const (
	auxEnables = 0x215004
	muIO       = 0x215040
	muIER      = 0x215044
	muIIR      = 0x215048
	muLCR      = 0x21504C
	muMCR      = 0x215050
	muLSR      = 0x215054
	muCNTL     = 0x215060
	muBAUD     = 0x215068

	muReceive   = 0xD // receive interrupt
	muDataReady = 1 << 0
	muRoom      = 1 << 5
	// patience is how often a port is asked whether it has room: more than a byte
	// takes at 9600 baud on the slowest bus, and an end if the port does not run.
	patience = 1 << 20
)

// MiniUART is the second serial port, from the chip's own clock: for a console.
type MiniUART struct{ Registers reg.Space }

// Setup starts the port with 8 bits and no parity, interrupting when bytes come in. It
// takes pins 14 and 15 if pins is set, on which nothing else may be then. core is the
// clock of the core in Hz, 250 MHz unless configured otherwise.
func (u MiniUART) Setup(core, baud int, pins bool) {
	r := u.Registers
	r.Write32(auxEnables, r.Read32(auxEnables)|1)
	r.Write32(muCNTL, 0)
	r.Write32(muIER, 0)
	r.Write32(muLCR, 3) // the manual says 1; bit 1 is needed for 8 bits
	r.Write32(muMCR, 0)
	r.Write32(muIIR, 0xC6) // clear both FIFOs
	if baud > 0 {
		r.Write32(muBAUD, uint32(min(max(core/(8*baud)-1, 0), 0xFFFF)))
	}
	if pins {
		portPins(r, Alt5)
	}
	r.Write32(muIER, muReceive)
	r.Write32(muCNTL, 3)
}

// portPins gives the two pins of the header to a serial port.
func portPins(r reg.Space, f Function) {
	g := GPIO{r}
	for _, pin := range []int{14, 15} {
		_ = g.Select(pin, f) // these pins are there
		_ = g.Float(pin)
	}
}

// Read takes what has come in, without waiting: n may be 0. It never fails.
func (u MiniUART) Read(b []byte) (n int, err error) {
	for n < len(b) && u.Registers.Read32(muLSR)&muDataReady != 0 {
		b[n] = byte(u.Registers.Read32(muIO))
		n++
	}
	return n, nil
}

// Write sends b, waiting for room. Bytes for which there is never room are dropped:
// a console keeps nobody from working. It never fails.
func (u MiniUART) Write(b []byte) (int, error) {
	for _, c := range b {
		u.WriteByte(c)
	}
	return len(b), nil
}

// WriteByte sends one byte, or drops it, and returns nil. It neither allocates nor
// grows the stack much: the runtime's own last words go through it.
func (u MiniUART) WriteByte(c byte) error {
	for range patience {
		if u.Registers.Read32(muLSR)&muRoom != 0 {
			u.Registers.Write32(muIO, uint32(c))
			break
		}
	}
	return nil
}
