package usb

import (
	"bytes"
	"errors"
	"sync"
	"time"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
)

// Player plays messages on a port of the card's synthesizer.
type Player struct {
	open func() (audio.Port, error)
	logf func(format string, args ...any)

	mu     sync.Mutex
	port   audio.Port
	failed bool
	used   bool // something may sound
}

// NewPlayer returns a player on the port that open returns, which is asked for it at
// the first message. logf writes to the card's log.
func NewPlayer(open func() (audio.Port, error), logf func(format string, args ...any)) *Player {
	return &Player{open: open, logf: logf}
}

// A port that has too many messages in a period has the host wait, for as many
// periods as would be strange.
const (
	busyPause = time.Millisecond
	busyTries = 50
)

// Universal identity request and reply (MIDI 1.0, "Device Inquiry"); 7D is the
// number of manufacturers that are none.
var (
	identityRequest = []byte{0xF0, 0x7E, 0x7F, 0x06, 0x01, 0xF7}
	identityReply   = []byte{0xF0, 0x7E, 0x7F, 0x06, 0x02, 0x7D, 'M', 'M', 0, 0, 1, 0, 0, 0, 0xF7}
)

// Message implements MIDI.
func (p *Player) Message(msg []byte, answer func([]byte)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(msg) == len(identityRequest) && bytes.Equal(msg[3:], identityRequest[3:]) && msg[1] == 0x7E {
		answer(identityReply)
		return
	}
	if msg[0] > 0xF0 && msg[0] != 0xFF {
		return // clocks and songs are for sequencers
	}
	if !p.ready() {
		return
	}
	p.used = true
	for range busyTries {
		if err := p.send(msg); !errors.Is(err, com.ErrBusy) {
			return
		}
		time.Sleep(busyPause)
	}
}

func (p *Player) send(msg []byte) error {
	if msg[0] == 0xF0 {
		return p.port.SysEx(msg)
	}
	var v uint32
	for i, b := range msg {
		v |= uint32(b) << (8 * i)
	}
	return p.port.Short(v)
}

// ready reports whether there is a port.
func (p *Player) ready() bool {
	if p.port == nil && !p.failed {
		port, err := p.open()
		if err != nil {
			p.failed = true
			p.logf("USB-MIDI plays nothing: %v", err)
			return false
		}
		p.port = port
	}
	return p.port != nil
}

// Controllers that let go: pedals, and all notes off.
var letGo = []uint32{64, 66, 67, 69, 123}

// Release implements MIDI.
func (p *Player) Release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.port == nil || !p.used {
		return
	}
	p.used = false
	for channel := range uint32(16) {
		for _, c := range letGo {
			_ = p.port.Short(0xB0 | channel | c<<8) // the card may be stopping
		}
	}
}

// Close gives the port back.
func (p *Player) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failed = true
	if p.port != nil {
		p.port.Release()
		p.port = nil
	}
}
