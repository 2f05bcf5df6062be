// Package midiin takes MIDI from the outside as it comes: a stream of bytes, as a
// cable, a raw device or a pipe has it, or the sequencer of ALSA, whose kernel
// interface is spoken directly.
package midiin

// MaxSysEx is how long a system exclusive message may be, F0 and F7 included.
// Longer ones are dropped whole.
const MaxSysEx = 4096

// Stream cuts a stream of bytes into messages (MIDI 1.0 Detailed Specification,
// section "Data Format" and appendix "Running Status"). Whatever it is fed, what
// comes out is well-formed. The zero value is ready.
type Stream struct {
	status byte // running; 0: none
	msg    [3]byte
	have   int // bytes of the message, status included
	sysex  []byte
	within bool // a system exclusive message, whether kept or not
	lost   uint64
}

// Lost is how many bytes belonged to no message, or to one that was too long or cut
// short.
func (s *Stream) Lost() uint64 { return s.lost }

// length is that of a message with its status.
func length(status byte) int {
	switch {
	case status < 0xC0, status >= 0xE0 && status < 0xF0, status == 0xF2:
		return 3
	case status < 0xE0, status == 0xF1, status == 0xF3:
		return 2
	}
	return 1
}

// Feed hands every message that data completes to emit, which must not keep it:
// with its status byte even where the stream left that out, and real-time messages
// at once, wherever they stand. System exclusive messages come whole.
func (s *Stream) Feed(data []byte, emit func(msg []byte)) {
	for _, b := range data {
		switch {
		case b >= 0xF8: // real time, even between the bytes of another one
			emit([]byte{b})
		case b == 0xF7 && s.within:
			s.within = false
			if len(s.sysex) == MaxSysEx {
				s.lost += MaxSysEx + 1
			} else if len(s.sysex) > 0 {
				s.sysex = append(s.sysex, b)
				emit(s.sysex)
			}
			s.sysex = s.sysex[:0]
		case b >= 0x80:
			s.begin(b, emit)
		case s.within:
			if len(s.sysex) < MaxSysEx {
				s.sysex = append(s.sysex, b)
			} else {
				s.lost++
			}
		case s.have == 0 && s.status == 0:
			s.lost++
		default:
			if s.have == 0 {
				s.msg[0], s.have = s.status, 1
			}
			s.msg[s.have] = b
			s.have++
			s.finish(emit)
		}
	}
}

// begin takes a status byte below the real-time ones.
func (s *Stream) begin(b byte, emit func([]byte)) {
	s.lost += uint64(s.have + len(s.sysex)) // what it interrupts
	s.have, s.sysex, s.within = 0, s.sysex[:0], false
	switch {
	case b == 0xF0:
		s.within = true
		s.sysex = append(s.sysex, b)
		s.status = 0
	case b == 0xF4, b == 0xF5, b == 0xF7: // undefined, or the end of nothing
		s.lost++
		s.status = 0
	default:
		s.msg[0], s.have = b, 1
		s.status = 0
		if b < 0xF0 {
			s.status = b
		}
		s.finish(emit)
	}
}

func (s *Stream) finish(emit func([]byte)) {
	if s.have == length(s.msg[0]) {
		s.have = 0
		emit(s.msg[:length(s.msg[0])])
	}
}
