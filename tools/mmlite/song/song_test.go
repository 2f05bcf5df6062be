package song

import (
	"bytes"
	"math"
	"testing"

	"gitlab.com/gomidi/midi/v2"
	"gitlab.com/gomidi/midi/v2/smf"
)

func build(t *testing.T, tracks ...smf.Track) []byte {
	t.Helper()
	f := smf.New()
	f.TimeFormat = smf.MetricTicks(480)
	for _, tr := range tracks {
		tr.Close(0)
		if err := f.Add(tr); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if _, err := f.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTempoMapIsExact(t *testing.T) {
	var tempo, notes smf.Track
	// 10,000 changes between tempos that divide nothing evenly.
	for i := range 10000 {
		tempo.Add(7, smf.MetaTempo(97+float64(i%13)))
	}
	notes.Add(70000, midi.NoteOn(3, 60, 100))
	notes.Add(1, midi.NoteOff(3, 60))
	s, err := Parse(build(t, tempo, notes), 44100)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Events) != 2 {
		t.Fatalf("%d events", len(s.Events))
	}
	// The same sum in one go.
	num := 0.0
	last := 500000.0
	for i := range 10000 {
		num += 7 * last
		last = math.Round(60e6 / (97 + float64(i%13)))
	}
	want := num / 480 * 44100 / 1e6
	if got := float64(s.Events[0].Frame); got > want+1 || got < want-1.5 {
		t.Fatalf("note at frame %v, want %v", got, want)
	}
	if s.Events[0].Message != 0x643C93 {
		t.Fatalf("message %#x", s.Events[0].Message)
	}
}

func TestPlayerTimingIsNear(t *testing.T) {
	var tempo, notes smf.Track
	tempo.Add(0, smf.MetaTempo(133))
	for i := range uint32(300) {
		notes.Add(31+i%7, midi.NoteOn(1, uint8(40+i%40), 100))
	}
	file := build(t, tempo, notes)
	exact, err := Parse(file, 44100)
	if err != nil {
		t.Fatal(err)
	}
	player, err := ParseForPlayer(file, 44100)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range player.Events {
		// Half a tick early, rounded up to a block, less the rounding to milliseconds.
		if d := int64(e.Frame) - int64(exact.Events[i].Frame); e.Frame%64 != 0 || d < -100 || d > 130 {
			t.Fatalf("event %d at frame %d, exactly %d", i, e.Frame, exact.Events[i].Frame)
		}
	}
}

func TestDamagedFilesAreRefused(t *testing.T) {
	var tr smf.Track
	tr.Add(0, midi.NoteOn(0, 60, 100))
	tr.Add(480, midi.NoteOff(0, 60))
	good := build(t, tr)
	if _, err := Parse(good, 44100); err != nil {
		t.Fatal(err)
	}
	for n := range len(good) - 4 {
		if s, err := Parse(good[:n], 44100); err == nil && len(s.Events) == 2 {
			t.Errorf("cut at %d of %d: read as if whole", n, len(good))
		}
	}
	if _, err := Parse([]byte("RIFF...."), 44100); err == nil {
		t.Error("no MIDI file, no error")
	}
	if _, err := Parse(good, 0); err == nil {
		t.Error("no rate, no error")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("MThd\x00\x00\x00\x06\x00\x00\x00\x01\x00\x60MTrk\x00\x00\x00\x08\x00\x90\x3c\x40\x00\xff\x2f\x00"))
	f.Add([]byte("MThd\x00\x00\x00\x06\x00\x01\x00\x01\xe2\x50MTrk\x00\x00\x00\x04\x00\xff\x2f\x00"))
	f.Fuzz(func(t *testing.T, file []byte) {
		s, err := Parse(file, 48000)
		if err != nil {
			return
		}
		for i := 1; i < len(s.Events); i++ {
			if s.Events[i].Frame < s.Events[i-1].Frame {
				t.Fatal("events out of order")
			}
		}
	})
}
