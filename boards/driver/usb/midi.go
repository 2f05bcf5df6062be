package usb

import "bytes"

const (
	// maxSysEx is the longest system exclusive message in bytes, F0 and F7 included,
	// as audio.Port takes them; longer ones are dropped whole.
	maxSysEx = 4096
	// midiWaiting is how many event packets wait for a host that does not read.
	midiWaiting = 256
)

// sizes are the bytes of MIDI in an event packet, by its code index number (MIDI 4,
// table 4-1). 0 and 1 are reserved.
var sizes = [16]int{0, 0, 2, 3, 3, 1, 2, 3, 3, 3, 3, 3, 2, 2, 3, 1}

// decoder makes messages of event packets. Whatever it is fed, what comes out is
// well-formed.
type decoder struct {
	sysex []byte
	over  bool // the message is too long and is dropped
}

func (d *decoder) reset() { d.sysex, d.over = d.sysex[:0], false }

// feed hands the messages that a transfer completes to emit, which must not keep
// them. Bytes behind the last whole packet are none.
func (d *decoder) feed(data []byte, emit func(msg []byte)) {
	for ; len(data) >= 4; data = data[4:] {
		if data[0]>>4 == 0 { // cable 0 is the only one
			d.packet(data[0]&15, data[1:4], emit)
		}
	}
}

// packet takes one event packet.
func (d *decoder) packet(code byte, b []byte, emit func([]byte)) {
	b = b[:sizes[code]]
	switch {
	case len(b) == 0:
		return
	case code == 5 && b[0] >= 0xF4 && b[0] != 0xF7, code == 15 && b[0] >= 0xF8:
		emit(b) // a single byte
	case code == 4, code >= 5 && code <= 7, code == 15:
		// A code for single bytes may carry a stream of them.
		d.exclusive(b, emit)
	case code == 2 || code == 3:
		if s := b[0]; (s == 0xF2) == (code == 3) && (code == 3 || s == 0xF1 || s == 0xF3) && plain(b[1:]) {
			emit(b)
		}
	case b[0]>>4 == code && plain(b[1:]):
		emit(b)
	}
}

// plain reports whether all bytes are data.
func plain(b []byte) bool {
	for _, v := range b {
		if v >= 0x80 {
			return false
		}
	}
	return true
}

// exclusive takes bytes of a system exclusive message.
func (d *decoder) exclusive(b []byte, emit func([]byte)) {
	for _, v := range b {
		switch {
		case v == 0xF0:
			d.sysex, d.over = append(d.sysex[:0], v), false
		case v == 0xF7:
			if len(d.sysex) > 0 && !d.over {
				d.sysex = append(d.sysex, v)
				emit(d.sysex)
			}
			d.reset()
		case v >= 0x80: // it was cut short
			d.reset()
		case len(d.sysex) == 0:
		case len(d.sysex) == maxSysEx-1:
			d.over = true
		default:
			d.sysex = append(d.sysex, v)
		}
	}
}

// encode hands a message to put as event packets of cable 0. A message that is none
// makes no packets.
func encode(msg []byte, put func([4]byte) bool) bool {
	if len(msg) == 0 {
		return true
	}
	if msg[0] != 0xF0 {
		code := msg[0] >> 4
		switch {
		case code < 8 || len(msg) > 3:
			return true
		case code == 15:
			code = [...]byte{0, 5, 2, 3}[len(msg)]
			if msg[0] >= 0xF8 {
				code = 15
			}
		}
		if sizes[code] != len(msg) {
			return true
		}
		return put(packet(code, msg))
	}
	for len(msg) > 3 {
		if !put(packet(4, msg[:3])) {
			return false
		}
		msg = msg[3:]
	}
	return put(packet(4+byte(len(msg)), msg))
}

func packet(code byte, b []byte) (p [4]byte) {
	p[0] = code
	copy(p[1:], b)
	return p
}

// play plays what came to the MIDI endpoint.
func (f *Function) play(data []byte) {
	f.playing.Lock()
	defer f.playing.Unlock()
	f.mu.Lock()
	epoch := f.epoch
	f.mu.Unlock()
	if f.midiOf != epoch { // the rest of a message from before does not come
		f.midi.reset()
		f.midiOf = epoch
	}
	f.midi.feed(data, func(msg []byte) {
		if f.cfg.MIDI != nil {
			f.cfg.MIDI.Message(msg, f.SendMIDI)
		}
	})
}

// SendMIDI sends a message to the host through the MIDI interface. A host that does
// not read them misses some.
func (f *Function) SendMIDI(msg []byte) {
	msg = bytes.Clone(msg)
	encode(msg, func(p [4]byte) bool {
		select {
		case f.midiOut <- p:
			return true
		default:
			return false
		}
	})
}

// transmitMIDI fills buf with event packets, as many as wait.
func (f *Function) transmitMIDI(buf []byte, changed, cancel <-chan struct{}) (int, error) {
	if len(buf) < 4 {
		return 0, ErrCanceled
	}
	select {
	case p := <-f.midiOut:
		n := copy(buf, p[:])
		for len(buf)-n >= 4 {
			select {
			case p = <-f.midiOut:
				n += copy(buf[n:], p[:])
				continue
			default:
			}
			break
		}
		return n, nil
	case <-changed:
		return 0, f.ended(MIDIIn)
	case <-cancel:
		return 0, ErrCanceled
	}
}
