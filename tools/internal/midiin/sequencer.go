package midiin

import "encoding/binary"

// Events of the ALSA sequencer (linux/include/uapi/sound/asequencer.h).
const (
	seqEvent = 28 // bytes of an event without its data

	seqNoteOn       = 6
	seqNoteOff      = 7
	seqKeyPress     = 8
	seqController   = 10
	seqProgram      = 11
	seqChanPress    = 12
	seqPitchBend    = 13
	seqControl14    = 14
	seqNonReg       = 15
	seqReg          = 16
	seqReset        = 41
	seqSensing      = 42
	seqUnsubscribed = 67
	seqSysEx        = 130

	seqLengthMask = 3 << 2
	seqVariable   = 1 << 2
)

// sequencer turns what is read from the ALSA sequencer into messages.
type sequencer struct {
	stream Stream // of system exclusive messages, which come in pieces
	gone   func() // a sender has left
}

// take takes events from the front of data, as many as are whole, and returns how
// many bytes those were.
func (q *sequencer) take(data []byte, emit func(msg []byte)) int {
	at := 0
	for len(data)-at >= seqEvent {
		e := data[at : at+seqEvent]
		size := seqEvent
		if e[1]&seqLengthMask == seqVariable {
			n := int(binary.NativeEndian.Uint32(e[16:]) & 0x3FFFFFFF)
			// Data is padded to whole events.
			size += (min(n, 1<<20) + seqEvent - 1) / seqEvent * seqEvent
			if len(data)-at < size {
				break
			}
			if e[0] == seqSysEx {
				q.stream.Feed(data[at+seqEvent:at+seqEvent+min(n, 1<<20)], emit)
			}
		} else {
			q.fixed(e, emit)
		}
		at += size
	}
	return at
}

// fixed decodes an event without further data.
func (q *sequencer) fixed(e []byte, emit func(msg []byte)) {
	d := e[16:]
	ch := d[0] & 15
	param, value := binary.NativeEndian.Uint32(d[4:]), int32(binary.NativeEndian.Uint32(d[8:]))
	low := func(v int32) byte { return byte(v) & 0x7F }
	control := func(number, v byte) { emit([]byte{0xB0 | ch, number & 0x7F, v & 0x7F}) }
	switch e[0] {
	case seqNoteOn:
		emit([]byte{0x90 | ch, d[1] & 0x7F, d[2] & 0x7F})
	case seqNoteOff:
		emit([]byte{0x80 | ch, d[1] & 0x7F, d[2] & 0x7F})
	case seqKeyPress:
		emit([]byte{0xA0 | ch, d[1] & 0x7F, d[2] & 0x7F})
	case seqController:
		control(byte(param), low(value))
	case seqProgram:
		emit([]byte{0xC0 | ch, low(value)})
	case seqChanPress:
		emit([]byte{0xD0 | ch, low(value)})
	case seqPitchBend:
		v := min(max(value, -8192), 8191) + 8192
		emit([]byte{0xE0 | ch, low(v), low(v >> 7)})
	case seqControl14:
		if param < 32 {
			control(byte(param), low(value>>7))
			control(byte(param)+32, low(value))
		} else {
			control(byte(param), low(value))
		}
	case seqNonReg, seqReg:
		number := byte(98)
		if e[0] == seqReg {
			number = 100
		}
		control(number+1, byte(param>>7))
		control(number, byte(param))
		control(6, low(value>>7))
		control(38, low(value))
	case seqReset:
		emit([]byte{0xFF})
	case seqSensing:
		emit([]byte{0xFE})
	case seqUnsubscribed:
		if q.gone != nil {
			q.gone()
		}
	}
}
