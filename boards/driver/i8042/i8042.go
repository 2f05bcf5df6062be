// Package i8042 is the keyboard of a PC: the controller behind ports 0x60 and 0x64,
// and the scan codes that come through it, as keys and text.
//
// The sources are IBM, "Personal System/2 Hardware Interface Technical Reference"
// (1990), sections Keyboard and Auxiliary Device Controller, and Keyboards (scan
// code set 1, which the controller translates to).
package i8042

import (
	"sync"

	"github.com/mmlite/mmlite/boards/driver/reg"
	"github.com/mmlite/mmlite/firmware/com"
)

const (
	portData    = 0x60
	portCommand = 0x64 // status when read

	statusOutput = 1 << 0 // there is a byte to be read
	statusInput  = 1 << 1 // the last one written was not taken yet
	statusMouse  = 1 << 5 // the byte is of the second device

	cmdRead       = 0x20 // the configuration
	cmdWrite      = 0x60
	cmdNoMouse    = 0xA7
	cmdTest       = 0xAA
	cmdNoKeyboard = 0xAD
	cmdKeyboard   = 0xAE
	testPassed    = 0x55
	scanOn        = 0xF4

	configIRQ       = 1 << 0
	configNoClock   = 1 << 4
	configTranslate = 1 << 6

	patience = 1 << 16 // readings of the status
	burst    = 64      // bytes that one interrupt takes
)

// Line is the input of the interrupt controller that the keyboard is wired to.
const Line = 1

// Keyboard is the keyboard.
type Keyboard struct {
	ports   reg.Space
	mu      sync.Mutex
	decoder Decoder
	out     func(Key)
}

// Open takes the keyboard into use. out gets each key, from Interrupt; it may only
// hand it on. The error is com.ErrNotFound if there is no controller.
func Open(ports reg.Space, out func(Key)) (*Keyboard, error) {
	k := &Keyboard{ports: ports, out: out}
	if ports.Read8(portCommand) == 0xFF || !k.command(cmdNoKeyboard) || !k.command(cmdNoMouse) {
		return nil, com.Errorf(com.ErrNotFound, "i8042: no keyboard controller answers")
	}
	k.drain()
	if !k.command(cmdTest) {
		return nil, com.Errorf(com.ErrNotFound, "i8042: no keyboard controller answers")
	}
	if v, ok := k.read(); !ok || v != testPassed {
		return nil, com.Errorf(com.ErrNotFound, "i8042: the keyboard controller fails its test (%#02x)", v)
	}
	k.command(cmdRead)
	config, ok := k.read()
	if !ok {
		return nil, com.Errorf(com.ErrNotFound, "i8042: the keyboard controller does not tell its configuration")
	}
	if !k.command(cmdWrite) || !k.write(config&^configNoClock|configIRQ|configTranslate) || !k.command(cmdKeyboard) || !k.write(scanOn) {
		return nil, com.Errorf(com.ErrNotFound, "i8042: the keyboard controller takes nothing")
	}
	return k, nil
}

// ready waits until the controller takes a byte.
func (k *Keyboard) ready() bool {
	for range patience {
		if k.ports.Read8(portCommand)&statusInput == 0 {
			return true
		}
	}
	return false
}

func (k *Keyboard) command(c uint8) bool {
	if !k.ready() {
		return false
	}
	k.ports.Write8(portCommand, c)
	return true
}

func (k *Keyboard) write(v uint8) bool {
	if !k.ready() {
		return false
	}
	k.ports.Write8(portData, v)
	return true
}

func (k *Keyboard) read() (uint8, bool) {
	for range patience {
		if k.ports.Read8(portCommand)&statusOutput != 0 {
			return k.ports.Read8(portData), true
		}
	}
	return 0, false
}

// drain throws away what was typed before.
func (k *Keyboard) drain() {
	for range burst {
		if k.ports.Read8(portCommand)&statusOutput == 0 {
			return
		}
		k.ports.Read8(portData)
	}
}

// Interrupt is the interrupt routine: it reports whether there was a byte. What the
// keyboard answers to commands is passed over.
func (k *Keyboard) Interrupt() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	some := false
	for range burst {
		s := k.ports.Read8(portCommand)
		if s&statusOutput == 0 || s == 0xFF {
			break
		}
		b := k.ports.Read8(portData)
		some = true
		if s&statusMouse != 0 {
			continue
		}
		if key, ok := k.decoder.Feed(b); ok {
			k.out(key)
		}
	}
	return some
}
