// Package uart16550 is the serial port of a PC: a console that is written by looking
// and read by interrupt, or by looking.
//
// The source is National Semiconductor, "PC16550D Universal Asynchronous
// Receiver/Transmitter with FIFOs" (1995), section 8, registers.
package uart16550

import (
	"sync"

	"github.com/mmlite/mmlite/boards/driver/reg"
	"github.com/mmlite/mmlite/firmware/com"
)

const (
	regData     = 0 // and the divisor's low half
	regEnable   = 1 // and its high half
	regIdentify = 2 // and FIFO control
	regLine     = 3
	regModem    = 4
	regStatus   = 5
	regScratch  = 7

	fifoOn       = 0x07 // on, both cleared
	line8N1      = 0x03
	lineDivisor  = 0x80
	modemOn      = 0x0B // DTR, RTS, and OUT2, behind which the interrupt is
	enableRead   = 0x01
	statusData   = 0x01
	statusRoom   = 0x20
	identifyNone = 0x01

	fifo    = 16
	queue   = 1024
	patient = 1 << 20 // looks for room before a byte is dropped
)

// Clock is what the divisor divides, in bits a second.
const Clock = 115200

// Port is a serial port. Its methods may be called from any goroutine.
type Port struct {
	r reg.Space

	out sync.Mutex

	in      sync.Mutex
	queue   [queue]byte
	head, n int
	lost    uint64
	notify  func()
}

// Open takes the port into use, at rate bits a second, 8 bits, no parity. The errors
// are com.ErrInvalid, and com.ErrNotFound if no such port is there.
func Open(r reg.Space, rate int) (*Port, error) {
	if rate < 50 || rate > Clock || Clock%rate != 0 {
		return nil, com.Errorf(com.ErrInvalid, "uart16550: %d bits a second do not divide %d", rate, Clock)
	}
	for _, v := range []uint8{0x5A, 0xA5} {
		if r.Write8(regScratch, v); r.Read8(regScratch) != v {
			return nil, com.Errorf(com.ErrNotFound, "uart16550: no serial port answers")
		}
	}
	divisor := Clock / rate
	r.Write8(regEnable, 0)
	r.Write8(regLine, lineDivisor|line8N1)
	r.Write8(regData, uint8(divisor))
	r.Write8(regEnable, uint8(divisor>>8))
	r.Write8(regLine, line8N1)
	r.Write8(regIdentify, fifoOn)
	r.Write8(regModem, modemOn)
	return &Port{r: r}, nil
}

// Notify has what comes in interrupt: notify is called for it, by Interrupt, and may
// only signal.
func (p *Port) Notify(notify func()) {
	p.in.Lock()
	p.notify = notify
	p.in.Unlock()
	p.r.Write8(regEnable, enableRead)
}

// Write writes all of b, waiting for the port. What a port does not take for long is
// dropped; the result says so with com.ErrTimeout.
func (p *Port) Write(b []byte) (int, error) {
	p.out.Lock()
	defer p.out.Unlock()
	for i := 0; i < len(b); {
		tries := 0
		for p.r.Read8(regStatus)&statusRoom == 0 {
			if tries++; tries == patient {
				return i, com.Errorf(com.ErrTimeout, "uart16550: the port takes nothing")
			}
		}
		for n := 0; n < fifo && i < len(b); n++ { // all of its queue is empty
			p.r.Write8(regData, b[i])
			i++
		}
	}
	return len(b), nil
}

// take fetches what has come in.
func (p *Port) take() (any bool) {
	p.in.Lock()
	defer p.in.Unlock()
	for range queue { // a port that is not there any more always has data
		if p.r.Read8(regStatus)&statusData == 0 {
			break
		}
		c := p.r.Read8(regData)
		any = true
		if p.n == queue {
			p.lost++
			continue
		}
		p.queue[(p.head+p.n)%queue] = c
		p.n++
	}
	return any
}

// Interrupt is the interrupt routine; it reports whether the interrupt was the
// port's.
func (p *Port) Interrupt() bool {
	mine := p.r.Read8(regIdentify)&identifyNone == 0
	if any := p.take(); any {
		p.in.Lock()
		f := p.notify
		p.in.Unlock()
		if f != nil {
			f()
		}
		mine = true
	}
	return mine
}

// Read reads what has come in into b and returns how much that was, without waiting.
func (p *Port) Read(b []byte) int {
	p.take()
	p.in.Lock()
	defer p.in.Unlock()
	n := min(len(b), p.n)
	for i := range n {
		b[i] = p.queue[(p.head+i)%queue]
	}
	p.head = (p.head + n) % queue
	p.n -= n
	return n
}

// Lost is how many bytes came in that nobody read in time.
func (p *Port) Lost() uint64 {
	p.in.Lock()
	defer p.in.Unlock()
	return p.lost
}
