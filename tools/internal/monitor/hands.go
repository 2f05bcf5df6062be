package monitor

import (
	"github.com/mmlite/mmlite/contracts/audio"
)

// hands are what a page does to the card.
type hands struct {
	s    *session
	port audio.Port // once something was played
}

// monitorVoices is the voice quota of a page's port.
const monitorVoices = 128

// do does what a message says.
func (h *hands) do(b []byte, f *flow) error {
	m, err := parse(b)
	if err != nil {
		return err
	}
	switch m.kind {
	case msgTaken:
		return f.take(m.taken)
	case msgMIDI:
		return h.play(m.midi)
	case msgSilent:
		return h.silence()
	}
	return nil
}

// play plays a message on a port of the page's own.
func (h *hands) play(midi uint32) error {
	if h.s.synth == nil {
		return nil // the page shows that there is nothing to play on
	}
	if h.port == nil {
		p, err := h.s.synth.Open(h.s.ctx, audio.PortOptions{Name: ClientName, Voices: monitorVoices, Effects: true})
		if err != nil {
			return err
		}
		h.port = p
	}
	return h.port.Short(midi)
}

// allNotesOff and sustain are control changes (MIDI 1.0, channel mode messages).
const allNotesOff, sustain = 123, 64

// silence lets go of all keys.
func (h *hands) silence() error {
	if h.port == nil {
		return nil
	}
	for channel := range uint32(16) {
		for _, controller := range []uint32{sustain, allNotesOff} {
			if err := h.port.Short(0xB0 | channel | controller<<8); err != nil {
				return err
			}
		}
	}
	return nil
}

// letGo is due when the page has gone.
func (h *hands) letGo() {
	if h.port != nil {
		h.port.Release()
	}
}
