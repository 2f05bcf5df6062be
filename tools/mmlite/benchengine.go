package main

import (
	"bytes"
	"fmt"
	"os"

	"gitlab.com/gomidi/midi/v2"
	"gitlab.com/gomidi/midi/v2/smf"

	"github.com/mmlite/mmlite/synth/bankfile"
	"github.com/mmlite/mmlite/synth/engine"
	"github.com/mmlite/mmlite/synth/gm"
	"github.com/mmlite/mmlite/tools/mmlite/song"
)

// benchRate is in frames a second.
const benchRate = 44100

// engineChild renders a song to nowhere with the voice engine alone.
type engineChild struct {
	Bank     string `type:"existingfile"`
	Interp   string `enum:"linear,cubic,sinc" default:"cubic"`
	Portable bool
	Song     string `arg:"" type:"existingfile"`
}

// Run implements kong.
func (c *engineChild) Run() error {
	data := gm.Bank()
	if c.Bank != "" {
		var err error
		if data, err = os.ReadFile(c.Bank); err != nil {
			return err
		}
	}
	b, _, _, err := bankfile.Open(data, bankfile.Options{})
	if err != nil {
		return err
	}
	file, err := os.ReadFile(c.Song)
	if err != nil {
		return err
	}
	s, err := song.Parse(file, benchRate)
	if err != nil {
		return err
	}
	e, err := engine.New(engine.Config{
		SampleRate: benchRate, Portable: c.Portable,
		Interpolation: map[string]engine.Interpolation{"linear": engine.Linear, "cubic": engine.Cubic, "sinc": engine.Sinc}[c.Interp],
	})
	if err != nil {
		return err
	}
	if err := e.SetBank(b); err != nil {
		return err
	}
	return renderAll(e, s)
}

// renderAll renders a song in periods, to nowhere.
func renderAll(e *engine.Engine, s *song.Song) error {
	const period = 256
	var left, right [period]float32
	events := s.Events
	for at := uint64(0); at < s.Frames; at += period {
		for ; len(events) > 0 && events[0].Frame < at+period; events = events[1:] {
			offset, err := int(events[0].Frame-at), error(nil)
			if m := events[0].Message; events[0].SysEx != nil {
				err = e.SysEx(offset, events[0].SysEx)
			} else {
				err = e.Event(offset, byte(m), byte(m>>8), byte(m>>16))
			}
			if err != nil {
				return err
			}
		}
		e.Render(left[:], right[:])
	}
	return nil
}

// heldSong holds so many notes of an organ, which has one looped voice for each,
// for a minute.
func heldSong(voices int) []byte {
	const ticks = 480
	var t smf.Track
	t.Add(0, smf.MetaTempo(120))
	var channels []uint8
	for c := range uint8(16) {
		if c == 9 {
			continue
		}
		channels = append(channels, c)
		t.Add(0, midi.ProgramChange(c, 16))
		t.Add(0, midi.ControlChange(c, 7, 40))
		t.Add(0, midi.ControlChange(c, 10, c*8))
	}
	note := func(i int) (channel, key uint8) {
		return channels[i%len(channels)], uint8(48 + i/len(channels)*2)
	}
	for i := range voices {
		c, k := note(i)
		t.Add(0, midi.NoteOn(c, k, 60))
	}
	wait := uint32(heldSeconds * 2 * ticks)
	for i := range voices {
		c, k := note(i)
		t.Add(wait, midi.NoteOff(c, k))
		wait = 0
	}
	t.Close(wait)
	f := smf.New()
	f.TimeFormat = smf.MetricTicks(ticks)
	_ = f.Add(t) // it fails for tracks that are not closed
	var b bytes.Buffer
	_, _ = f.WriteTo(&b) // to memory
	return b.Bytes()
}

// songSeconds is how long a song is.
func songSeconds(path string) (float64, error) {
	file, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	s, err := song.Parse(file, benchRate)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	return max(float64(s.Frames)/benchRate, 1), nil
}
