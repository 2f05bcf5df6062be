package compare

import (
	"fmt"
	"slices"

	"github.com/mmlite/mmlite/synth/engine"
	"gitlab.com/gomidi/midi/v2/smf"
)

// Event is a message of a song at its time from the start.
type Event struct {
	Seconds float64
	Tick    float64 // length of a tick at that time, seconds
	Message []byte
}

// Exact is the time of an event, rounded to a frame.
func (e Event) Exact() int { return int(e.Seconds*Rate + 0.5) }

// Blocked is the frame at which the reference's player hands the event out.
func (e Event) Blocked() int { return engine.PlayerFrame(e.Seconds, e.Tick, Rate) }

// ReadSong reads a Standard MIDI File of format 0 or 1 with metric time.
func ReadSong(path string) (events []Event, notes []Note, err error) {
	f, err := smf.ReadFile(path)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	division, ok := f.TimeFormat.(smf.MetricTicks)
	if !ok {
		return nil, nil, fmt.Errorf("%s: time is not metric", path)
	}
	type timed struct {
		tick    int64
		message smf.Message
	}
	var all []timed
	for _, track := range f.Tracks {
		tick := int64(0)
		for _, ev := range track {
			tick += int64(ev.Delta)
			all = append(all, timed{tick, ev.Message})
		}
	}
	slices.SortStableFunc(all, func(a, b timed) int { return int(a.tick - b.tick) })
	seconds, last, perTick := 0.0, int64(0), 0.5/float64(division)
	for _, ev := range all {
		seconds += float64(ev.tick-last) * perTick
		last = ev.tick
		var bpm float64
		if ev.message.GetMetaTempo(&bpm) {
			perTick = 60 / bpm / float64(division)
			continue
		}
		b := ev.message.Bytes()
		if len(b) == 0 || b[0] < 0x80 || b[0] == 0xFF {
			continue
		}
		events = append(events, Event{seconds, perTick, b})
		if b[0]>>4 == 9 && len(b) > 2 && b[2] > 0 {
			notes = append(notes, Note{seconds, b[0] & 15, b[1]})
		}
	}
	return events, notes, nil
}

// Play renders a song with e, which must be at its start, and tail seconds more.
// Events come at the frames that when gives.
func Play(e *engine.Engine, events []Event, when func(Event) int, tail float64) ([]Frame, error) {
	const period = 256
	var l, r [period]float32
	length := tail
	if len(events) > 0 {
		length += events[len(events)-1].Seconds
	}
	total := int(length*Rate) + 1
	out := make([]Frame, 0, total+period)
	for at := 0; at < total; at += period {
		for len(events) > 0 {
			frame := when(events[0])
			if frame >= at+period {
				break
			}
			b := events[0].Message
			var err error
			switch {
			case b[0] == 0xF0:
				err = e.SysEx(frame-at, b)
			case len(b) == 2:
				err = e.Event(frame-at, b[0], b[1], 0)
			case len(b) == 3:
				err = e.Event(frame-at, b[0], b[1], b[2])
			}
			if err != nil {
				return nil, err
			}
			events = events[1:]
		}
		e.Render(l[:], r[:])
		for i := range l {
			out = append(out, Frame{l[i], r[i]})
		}
	}
	return out, nil
}
