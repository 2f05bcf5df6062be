//go:build tamago && amd64

package main

import (
	"unicode/utf8"

	"github.com/mmlite/mmlite/boards/driver/i8042"
	"github.com/mmlite/mmlite/boards/driver/reg"
	"github.com/mmlite/mmlite/boards/driver/uart16550"
	"github.com/mmlite/mmlite/boards/metal"
	"github.com/mmlite/mmlite/contracts/input"
	"github.com/mmlite/mmlite/firmware/com"
)

// Wiring of a PC (IBM PC AT Technical Reference, system interrupts).
const (
	com1     = 0x3f8
	com1Line = 4
	baud     = 115200
)

// raw writes as the runtime does.
type raw struct{}

func (raw) Write(p []byte) (int, error) {
	print(string(p))
	return len(p), nil
}

// openSerial has the console write to the first serial port, and before that is
// found, or if it is not, as the runtime does.
func (b *board) openSerial() {
	var err error
	if b.serial, err = uart16550.Open(reg.At(b.ports, com1), baud); err != nil {
		b.problem("no serial port: %s", com.TextOf(err))
		return
	}
	b.console = metal.NewlineWriter(b.serial)
}

// listen has what is typed come in by interrupt. The line is open before the port
// may raise it: an edge that nobody saw would be its last.
func (b *board) listen() {
	if b.serial == nil {
		return
	}
	var buf [64]byte
	b.attach("serial port", com1Line, false, func() { b.serial.Interrupt() })
	b.serial.Notify(func() {
		for n := b.serial.Read(buf[:]); n > 0; n = b.serial.Read(buf[:]) {
			b.terminal.Input(buf[:n])
		}
	})
}

// post tells programs of a key. The keyboard's codes are all such as can be told.
func (b *board) post(k i8042.Key) {
	in := b.input.Load()
	if in == nil {
		return
	}
	if u := k.Code.Usage(); u != 0 {
		_ = in.Post([]input.Event{{Kind: input.Key, Code: uint32(u), Down: k.Down}})
		if k.Code == i8042.Pause { // it says nothing when it is let go
			_ = in.Post([]input.Event{{Kind: input.Key, Code: uint32(u)}})
		}
	}
	if k.Rune >= ' ' {
		_ = in.Post([]input.Event{{Kind: input.Text, Code: uint32(k.Rune)}})
	}
}

// openKeyboard has what is typed on the keyboard come in, too.
func (b *board) openKeyboard() {
	k, err := i8042.Open(b.ports, func(k i8042.Key) {
		var buf [utf8.UTFMax]byte
		b.post(k)
		switch {
		case !k.Down:
		case k.Code == i8042.Up:
			b.terminal.Input([]byte("\x1b[A"))
		case k.Code == i8042.Down:
			b.terminal.Input([]byte("\x1b[B"))
		case k.Rune != 0:
			b.terminal.Input(buf[:utf8.EncodeRune(buf[:], k.Rune)])
		}
	})
	if err != nil {
		b.problem("no keyboard: %s", com.TextOf(err))
		return
	}
	b.attach("keyboard", i8042.Line, false, func() {
		for k.Interrupt() {
		}
	})
	for k.Interrupt() { // what was typed before raised the line for good
	}
}
