package monitor

import (
	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/contracts/input"
)

// hands are what a page does to the card.
type hands struct {
	s    *session
	port audio.Port // once something was played
	down map[pressed]bool
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
	case msgInput:
		return h.post(m.input)
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

// post hands on what was done, and keeps what is down.
func (h *hands) post(events []input.Event) error {
	if h.s.input == nil {
		return nil
	}
	for _, e := range events {
		if e.Kind == input.Key || e.Kind == input.Button {
			h.down[pressed{e.Kind, e.Code}] = e.Down
		}
	}
	return h.s.input.Post(events)
}

// pressed is a key or a button.
type pressed struct {
	kind input.Kind
	code uint32
}

// letGo is due when the page has gone: what it held is let go, its notes end.
func (h *hands) letGo() {
	for p, down := range h.down {
		if down {
			_ = h.s.input.Post([]input.Event{{Kind: p.kind, Code: p.code}}) // the card may have gone as well
		}
	}
	if h.port != nil {
		h.port.Release()
	}
}
