package bcm2835

import (
	"github.com/mmlite/mmlite/boards/driver/reg"
	"github.com/mmlite/mmlite/firmware/com"
)

// The PL011 UART (section 13; ARM, "PrimeCell UART (PL011) Technical Reference Manual",
// DDI 0183, chapter 3).
const (
	plDR   = 0x201000
	plRSR  = 0x201004
	plFR   = 0x201018
	plIBRD = 0x201024
	plFBRD = 0x201028
	plLCRH = 0x20102C
	plCR   = 0x201030
	plIFLS = 0x201034
	plIMSC = 0x201038
	plICR  = 0x201044

	plEmpty   = 1 << 4 // FR: nothing to read
	plFull    = 1 << 5 // FR: no room
	plFIFOs   = 1 << 4 // LCRH
	plBits8   = 3 << 5 // LCRH
	plEnable  = 1<<0 | 1<<8 | 1<<9
	plRTS     = 1<<14 | 1<<15 // CR: hardware flow control both ways
	plArrived = 1<<4 | 1<<6   // IMSC: bytes have come, or one rests in the FIFO
	plErrors  = 0xF << 8      // DR: overrun, break, parity, framing
)

// PL011 is the first serial port: 16 bytes each way, up to a sixteenth of its clock.
type PL011 struct {
	Registers reg.Space
	// Errors counts bytes that came with an error: of framing, or after others had
	// been lost.
	Errors uint64
}

// PL011Config says how the port is used.
type PL011Config struct {
	Clock int // Hz, as the mailbox tells it or config.txt has set it
	Baud  int
	Pins  bool // takes pins 14 and 15
	Flow  bool // hardware flow control; its pins, 16 and 17, are taken too if Pins is set
}

// Setup starts the port with 8 bits and no parity, interrupting when bytes come in.
// The error is com.ErrInvalid for a rate that the clock does not give within 2 %.
func (u *PL011) Setup(c PL011Config) error {
	integer, fraction, err := plDivisor(c.Clock, c.Baud)
	if err != nil {
		return err
	}
	r := u.Registers
	r.Write32(plCR, 0)
	r.Write32(plIMSC, 0)
	r.Write32(plLCRH, 0)
	r.Write32(plICR, 0x7FF)
	if c.Pins {
		portPins(r, Alt0)
		if c.Flow {
			g := GPIO{r}
			const alt3 = 7
			_, _ = g.Select(16, alt3), g.Select(17, alt3)
		}
	}
	r.Write32(plIBRD, integer)
	r.Write32(plFBRD, fraction)
	r.Write32(plLCRH, plFIFOs|plBits8) // written after the divisor, which takes effect by it
	r.Write32(plIFLS, 0)               // tell at one eighth
	cr := uint32(plEnable)
	if c.Flow {
		cr |= plRTS
	}
	r.Write32(plCR, cr)
	r.Write32(plIMSC, plArrived)
	return nil
}

// plDivisor is clock/(16*baud) in 64ths (DDI 0183, 3.3.6).
func plDivisor(clock, baud int) (integer, fraction uint32, err error) {
	if clock <= 0 || baud <= 0 || baud > clock {
		return 0, 0, com.Errorf(com.ErrInvalid, "serial port: %d baud from a clock of %d Hz", baud, clock)
	}
	d := (4*int64(clock) + int64(baud)/2) / int64(baud)
	if d < 64 || d > 65535*64 {
		return 0, 0, com.Errorf(com.ErrInvalid, "serial port: %d baud from a clock of %d Hz: it gives %d to %d", baud, clock, clock/16/65535+1, clock/16)
	}
	if got := 4 * int64(clock) / d; got < int64(baud)*98/100 || got > int64(baud)*102/100 {
		return 0, 0, com.Errorf(com.ErrInvalid, "serial port: %d baud from a clock of %d Hz would be %d", baud, clock, got)
	}
	return uint32(d >> 6), uint32(d & 63), nil
}

// Read takes what has come in, without waiting: n may be 0. It never fails; see
// Errors.
func (u *PL011) Read(b []byte) (n int, err error) {
	for n < len(b) && u.Registers.Read32(plFR)&plEmpty == 0 {
		v := u.Registers.Read32(plDR)
		if v&plErrors != 0 {
			u.Errors++
			u.Registers.Write32(plRSR, 0)
		}
		b[n] = byte(v)
		n++
	}
	return n, nil
}

// Put sends as much of b as the queue takes without waiting, and returns how much that was.
func (u *PL011) Put(b []byte) (n int) {
	for n < len(b) && u.Registers.Read32(plFR)&plFull == 0 {
		u.Registers.Write32(plDR, uint32(b[n]))
		n++
	}
	return n
}

// Acknowledge clears the port's interrupts, except for what still waits to be read.
func (u *PL011) Acknowledge() { u.Registers.Write32(plICR, 0x7FF) }
