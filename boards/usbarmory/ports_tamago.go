//go:build tamago && arm

package main

import (
	"time"

	"github.com/usbarmory/tamago/soc/nxp/uart"
)

// look is how often a serial port is looked at while nothing comes: the port holds 32
// bytes, which at 115,200 baud are 2.8 ms.
const look = 2 * time.Millisecond

// port is a serial port whose Read waits.
type port struct{ *uart.UART }

// Read implements io.Reader.
func (p port) Read(b []byte) (n int, err error) {
	for len(b) > 0 {
		for n < len(b) {
			c, ok := p.Rx()
			if !ok {
				break
			}
			b[n] = c
			n++
		}
		if n > 0 {
			break
		}
		time.Sleep(look)
	}
	return n, nil
}

// Write implements io.Writer.
func (p port) Write(b []byte) (int, error) {
	for _, c := range b {
		p.Tx(c)
	}
	return len(b), nil
}

// Close is never called while the board runs.
func (p port) Close() error { return nil }
