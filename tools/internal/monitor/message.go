package monitor

import (
	"encoding/binary"

	"github.com/mmlite/mmlite/contracts/input"
	"github.com/mmlite/mmlite/firmware/com"
)

// What a page's message on the control socket begins with.
const (
	msgTaken  = 0 // uint32: a status message was taken
	msgMIDI   = 1 // up to three bytes: a channel message
	msgSilent = 2 // nothing: all notes of this page end
	msgInput  = 3 // inputs, each of inputBytes
)

// inputBytes is the length of one input: its kind, whether it is down, a code of 32
// bits, x and y of 16.
const inputBytes = 1 + 1 + 4 + 2 + 2

// message is what a page says.
type message struct {
	kind  byte
	taken uint32
	midi  uint32 // status in the lowest byte
	input []input.Event
}

// parse reads a message. Whatever is not as it should be is ErrProtocol.
func parse(b []byte) (m message, err error) {
	if len(b) == 0 {
		return m, com.Errorf(com.ErrProtocol, "an empty message")
	}
	m.kind, b = b[0], b[1:]
	switch m.kind {
	case msgTaken:
		if len(b) == 4 {
			m.taken = binary.LittleEndian.Uint32(b)
			return m, nil
		}
	case msgMIDI:
		if v, ok := channelMessage(b); ok {
			m.midi = v
			return m, nil
		}
	case msgInput:
		if m.input = events(b); m.input != nil {
			return m, nil
		}
	case msgSilent:
		if len(b) == 0 {
			return m, nil
		}
	}
	return m, com.Errorf(com.ErrProtocol, "a message of kind %d with %d bytes", m.kind, len(b))
}

// events reads inputs; nil if they are none that a card would take.
func events(b []byte) (list []input.Event) {
	if len(b)%inputBytes != 0 {
		return nil
	}
	for ; len(b) > 0; b = b[inputBytes:] {
		e := input.Event{
			Kind: input.Kind(b[0]), Down: b[1] == 1, Code: binary.LittleEndian.Uint32(b[2:]),
			X: int32(int16(binary.LittleEndian.Uint16(b[6:]))), Y: int32(int16(binary.LittleEndian.Uint16(b[8:]))),
		}
		if e.Check() != nil {
			return nil
		}
		list = append(list, e)
	}
	return list
}

// channelMessage packs a MIDI channel message (MIDI 1.0 Detailed Specification,
// table 1) of the length that its status asks for.
func channelMessage(b []byte) (v uint32, ok bool) {
	if len(b) < 2 || b[0] < 0x80 || b[0] >= 0xF0 {
		return 0, false
	}
	want := 3
	if k := b[0] & 0xF0; k == 0xC0 || k == 0xD0 {
		want = 2
	}
	if len(b) != want {
		return 0, false
	}
	for i, d := range b {
		if i > 0 && d >= 0x80 {
			return 0, false
		}
		v |= uint32(d) << (8 * i)
	}
	return v, true
}
