package dmusic

import (
	"bytes"
	"io"
	"sort"

	"gitlab.com/gomidi/midi/v2/smf"

	"github.com/mmlite/mmlite/firmware/com"
)

// Segment is a piece of music: events at times from its beginning.
type Segment struct {
	Name   string
	Events []Event // in order of time
	Length Time    // after which it may begin again
}

// Limits on files.
const (
	maxFile   = 16 << 20
	maxEvents = 1 << 19
)

// ReadSegment reads a Standard MIDI File. The tracks of format 2 play at the same
// time, as those of format 1.
func ReadSegment(r io.Reader) (s *Segment, err error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, com.Errorf(com.ErrInvalid, "a MIDI file of more than %d bytes", maxFile)
	}
	if err := checkChunks(data); err != nil {
		return nil, err
	}
	defer func() {
		if v := recover(); v != nil { // a reader that trusts its input is not to end the program
			s, err = nil, com.Errorf(com.ErrCorrupt, "damaged MIDI file: %v", v)
		}
	}()
	f, err := smf.ReadFrom(bytes.NewReader(data))
	if err != nil {
		return nil, com.Errorf(com.ErrCorrupt, "damaged MIDI file: %v", err)
	}
	return segmentOf(f)
}

// checkChunks refuses files whose chunks do not lie in them, so that a length that
// lies costs nothing.
func checkChunks(data []byte) error {
	if len(data) < 14 || string(data[:4]) != "MThd" {
		return com.Errorf(com.ErrProtocol, "this is no Standard MIDI File")
	}
	for at := 0; at+8 <= len(data); {
		n := uint64(data[at+4])<<24 | uint64(data[at+5])<<16 | uint64(data[at+6])<<8 | uint64(data[at+7])
		if n > uint64(len(data)-at-8) {
			return com.Errorf(com.ErrCorrupt, "a MIDI file whose chunk at byte %d is cut short", at)
		}
		at += 8 + int(n)
	}
	return nil
}

type tickEvent struct {
	tick  uint64
	data  []byte
	tempo uint32 // us a quarter note, or 0
}

func segmentOf(f *smf.SMF) (*Segment, error) {
	division, micros, err := timing(f)
	if err != nil {
		return nil, err
	}
	s := &Segment{}
	var list []tickEvent
	end := uint64(0)
	for _, track := range f.Tracks {
		tick := uint64(0)
		for _, ev := range track {
			tick += uint64(ev.Delta)
			var name string
			if b := []byte(ev.Message); ev.Message.GetMetaTrackName(&name) && s.Name == "" {
				s.Name = name
			} else if e, ok := eventOf(tick, b); ok {
				list = append(list, e)
			}
			if len(list) > maxEvents {
				return nil, com.Errorf(com.ErrInvalid, "a MIDI file of more than %d events", maxEvents)
			}
		}
		end = max(end, tick)
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].tick < list[j].tick })
	// Time is counted in parts of a tick's microseconds, which are whole numbers.
	parts, last := uint64(0), uint64(0)
	at := func(tick uint64) Time {
		return Time((float64(parts) + float64(tick-last)*float64(micros)) * 1000 / float64(division))
	}
	for _, e := range list {
		if e.tempo == 0 {
			x := Event{Time: at(e.tick)}
			if e.data[0] == 0xF0 {
				x.SysEx = e.data
			} else {
				for i, b := range e.data {
					x.Message |= uint32(b) << (8 * i)
				}
			}
			s.Events = append(s.Events, x)
		} else if _, metric := f.TimeFormat.(smf.MetricTicks); metric {
			parts, last, micros = parts+(e.tick-last)*micros, e.tick, uint64(e.tempo)
		}
	}
	s.Length = at(end)
	return s, nil
}

// timing returns ticks and microseconds of a quarter note, or of a second for files
// in time code.
func timing(f *smf.SMF) (division, micros uint64, err error) {
	micros = 500_000
	switch t := f.TimeFormat.(type) {
	case smf.MetricTicks:
		division = uint64(t.Resolution())
	case smf.TimeCode:
		micros, division = 1_000_000, uint64(t.FramesPerSecond)*uint64(t.SubFrames)
		if t.FramesPerSecond == 29 { // drop frame: 29.97
			micros, division = 100_000_000, 2997*uint64(t.SubFrames)
		}
	}
	if division == 0 {
		return 0, 0, com.Errorf(com.ErrCorrupt, "the MIDI file says that a beat has no ticks")
	}
	return division, micros, nil
}

// eventOf takes what a segment holds out of a file's events.
func eventOf(tick uint64, b []byte) (e tickEvent, ok bool) {
	switch {
	case len(b) >= 6 && b[0] == 0xFF && b[1] == 0x51 && b[2] == 3:
		tempo := uint32(b[3])<<16 | uint32(b[4])<<8 | uint32(b[5])
		return tickEvent{tick: tick, tempo: tempo}, tempo > 0
	case len(b) >= 2 && len(b) <= 3 && b[0] >= 0x80 && b[0] < 0xF0:
		return tickEvent{tick: tick, data: b}, true
	case len(b) >= 2 && len(b) <= 4096 && b[0] == 0xF0 && b[len(b)-1] == 0xF7:
		return tickEvent{tick: tick, data: b}, true
	}
	return e, false
}
