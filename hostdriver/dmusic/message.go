package dmusic

// Messages are short MIDI messages, the status in the lowest byte. Channels count
// from 0; channel 9 plays drums.

// NoteOn presses a key, 0 to 127, with a velocity of 1 to 127.
func NoteOn(channel, key, velocity uint8) uint32 { return message(0x90, channel, key, velocity) }

// NoteOff lets a key go.
func NoteOff(channel, key uint8) uint32 { return message(0x80, channel, key, 0) }

// Control sets a controller.
func Control(channel, controller, value uint8) uint32 {
	return message(0xB0, channel, controller, value)
}

// Program chooses an instrument.
func Program(channel, program uint8) uint32 { return message(0xC0, channel, program, 0) }

// Bend bends all notes of a channel; 8192 is the middle, 0 and 16383 the ends.
func Bend(channel uint8, bend uint16) uint32 {
	return message(0xE0, channel, uint8(bend&0x7F), uint8(bend>>7))
}

func message(status, channel, a, b uint8) uint32 {
	return uint32(status|channel&0x0F) | uint32(a&0x7F)<<8 | uint32(b&0x7F)<<16
}

// Messages choose the instrument of a patch on a channel: what comes first are the
// banks.
func (p Patch) Messages(channel uint8) []uint32 {
	return []uint32{Control(channel, 0, uint8(p.Bank>>7)), Control(channel, 32, uint8(p.Bank&0x7F)), Program(channel, p.Program)}
}
