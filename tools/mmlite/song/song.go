// Package song turns a Standard MIDI File into events at frames of a port's
// clock. Reading the file is gomidi's; what is done here is the tempo map, which
// is kept exact: no rounding error grows with the length of the song.
package song

import (
	"bytes"
	"fmt"
	"math/bits"
	"sort"

	"gitlab.com/gomidi/midi/v2/smf"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/synth/engine"
)

// Limits on what a file may hold.
const (
	MaxBytes  = 64 << 20
	maxEvents = 4 << 20
)

// Event is one message: a short one, or a system exclusive one if SysEx is set.
type Event struct {
	audio.Event
	SysEx []byte // F0 and F7 included
}

// Song is what is to be played.
type Song struct {
	Title  string // from the file; may be empty
	Events []Event
	Frames uint64 // at which the file ends
}

// message is an event before tempo is known.
type message struct {
	tick  uint64
	order int // keeps the order of the file within a tick
	data  []byte
	tempo uint32 // microseconds a quarter note; 0 for no change
}

// Parse reads a Standard MIDI File of format 0, 1 or 2 for a card of rate frames
// a second. The tracks of format 2 follow each other.
func Parse(file []byte, rate uint32) (*Song, error) { return parse(file, rate, (*clock).frame) }

// ParseForPlayer is Parse with events at the frames at which FluidSynth's player
// would send them, in steps of 64. Two renders then differ by the synthesizers
// alone; see engine.PlayerFrame.
func ParseForPlayer(file []byte, rate uint32) (*Song, error) {
	return parse(file, rate, func(c *clock, tick uint64) (uint64, error) {
		whole, part, err := c.at(tick)
		if err != nil {
			return 0, err
		}
		den := float64(million * c.division)
		seconds := (float64(whole) + float64(part)/den) / float64(rate)
		return uint64(engine.PlayerFrame(seconds, float64(c.micros)/den, int(rate))), nil
	})
}

func parse(file []byte, rate uint32, at func(*clock, uint64) (uint64, error)) (s *Song, err error) {
	if len(file) > MaxBytes {
		return nil, com.Errorf(com.ErrInvalid, "a MIDI file of %d bytes; the most is %d", len(file), MaxBytes)
	}
	if !bytes.HasPrefix(file, []byte("MThd")) {
		return nil, com.Errorf(com.ErrProtocol, "this is no Standard MIDI File: it does not begin with MThd")
	}
	if err := check(file); err != nil {
		return nil, err
	}
	defer func() {
		if v := recover(); v != nil { // a reader that trusts its input is not to end the program
			s, err = nil, com.Errorf(com.ErrCorrupt, "damaged MIDI file: %v", v)
		}
	}()
	f, err := smf.ReadFrom(bytes.NewReader(file))
	if err != nil {
		return nil, com.Errorf(com.ErrCorrupt, "damaged MIDI file: %v", err)
	}
	list, end, title, err := collect(f)
	if err != nil {
		return nil, err
	}
	clock, err := newClock(f, rate)
	if err != nil {
		return nil, err
	}
	s = &Song{Title: title, Events: make([]Event, 0, len(list))}
	for _, m := range list {
		frame, err := at(clock, m.tick)
		if err != nil {
			return nil, err
		}
		if m.tempo != 0 {
			clock.tempo(m.tick, m.tempo)
			continue
		}
		e := Event{Event: audio.Event{Frame: frame}}
		switch {
		case m.data[0] == 0xF0:
			e.SysEx = m.data
		default:
			for i, b := range m.data {
				e.Message |= uint32(b) << (8 * i)
			}
		}
		s.Events = append(s.Events, e)
	}
	s.Frames, err = clock.frame(end)
	return s, err
}

// collect gathers the messages of all tracks in order of time.
func collect(f *smf.SMF) (list []message, end uint64, title string, err error) {
	start := uint64(0)
	for _, track := range f.Tracks {
		tick := uint64(0)
		if f.Format() == 2 {
			tick = start
		}
		for _, ev := range track {
			tick += uint64(ev.Delta)
			if len(list) >= maxEvents {
				return nil, 0, "", com.Errorf(com.ErrInvalid, "a MIDI file of more than %d events", maxEvents)
			}
			b := []byte(ev.Message)
			var micros float64
			var text string
			switch {
			case ev.Message.GetMetaTrackName(&text):
				if title == "" {
					title = text
				}
			case len(b) >= 6 && b[0] == 0xFF && b[1] == 0x51 && b[2] == 3:
				micros = float64(uint32(b[3])<<16 | uint32(b[4])<<8 | uint32(b[5]))
				if micros > 0 {
					list = append(list, message{tick: tick, order: len(list), tempo: uint32(micros)})
				}
			case len(b) >= 1 && b[0] >= 0x80 && b[0] < 0xF0:
				if n := 3; len(b) <= n {
					list = append(list, message{tick: tick, order: len(list), data: b})
				}
			case len(b) >= 2 && b[0] == 0xF0:
				if b[len(b)-1] != 0xF7 {
					b = append(append([]byte(nil), b...), 0xF7)
				}
				list = append(list, message{tick: tick, order: len(list), data: b})
			}
		}
		end = max(end, tick)
		start = tick
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].tick < list[j].tick })
	return list, end, title, nil
}

// clock turns ticks into frames. It keeps the fraction of a frame at the last
// tempo change as an exact remainder.
type clock struct {
	rate     uint64
	division uint64 // ticks a quarter note, or ticks in 1,000,000 us for SMPTE
	micros   uint64 // a quarter note
	smpte    bool

	tick  uint64 // of the last tempo change
	whole uint64 // frames at that tick
	part  uint64 // numerator of the rest, over 10^6 * division
}

const million = 1_000_000

func newClock(f *smf.SMF, rate uint32) (*clock, error) {
	if rate == 0 {
		return nil, com.Errorf(com.ErrInvalid, "a card without sound cannot play")
	}
	c := &clock{rate: uint64(rate), micros: 500_000}
	switch t := f.TimeFormat.(type) {
	case smf.MetricTicks:
		c.division = uint64(t.Resolution())
	case smf.TimeCode:
		c.division = uint64(t.FramesPerSecond) * uint64(t.SubFrames)
		c.micros, c.smpte = million, true
		if t.FramesPerSecond == 29 { // drop frame: 29.97
			c.division, c.micros = 2997*uint64(t.SubFrames), 100*million
		}
	}
	if c.division == 0 {
		return nil, com.Errorf(com.ErrCorrupt, "the MIDI file says that a beat has no ticks")
	}
	return c, nil
}

// at returns the frame at tick and the exact rest.
func (c *clock) at(tick uint64) (whole, part uint64, err error) {
	// ticks * micros * rate / (10^6 * division), in 128 bits.
	den := million * c.division
	hi, lo := bits.Mul64(tick-c.tick, c.micros)
	if hi != 0 {
		return 0, 0, errTooLong()
	}
	hi, lo = bits.Mul64(lo, c.rate)
	lo, carry := bits.Add64(lo, c.part, 0)
	hi += carry
	if hi >= den {
		return 0, 0, errTooLong()
	}
	q, r := bits.Div64(hi, lo, den)
	if q > 1<<50 || c.whole > 1<<50 {
		return 0, 0, errTooLong()
	}
	return c.whole + q, r, nil
}

func errTooLong() error {
	return com.Errorf(com.ErrInvalid, "the MIDI file lasts for years")
}

func (c *clock) frame(tick uint64) (uint64, error) {
	whole, _, err := c.at(tick)
	return whole, err
}

// tempo changes the tempo at tick, which is not before the last change.
func (c *clock) tempo(tick uint64, micros uint32) {
	if c.smpte {
		return // such files count in time, not in beats
	}
	whole, part, err := c.at(tick)
	if err != nil {
		return // frame has reported it
	}
	c.whole, c.part, c.tick, c.micros = whole, part, tick, uint64(micros)
}

// String says how long the song is.
func (s *Song) String() string { return fmt.Sprintf("%d events", len(s.Events)) }
