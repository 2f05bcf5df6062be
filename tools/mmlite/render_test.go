package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"gitlab.com/gomidi/midi/v2"
	"gitlab.com/gomidi/midi/v2/smf"
)

// TestStemsAddUpToTheWhole renders three channels, the effects on, and adds them up.
func TestStemsAddUpToTheWhole(t *testing.T) {
	dir := t.TempDir()
	var track smf.Track
	for ch, program := range map[uint8]uint8{0: 0, 3: 48, 9: 0} {
		track.Add(0, midi.ProgramChange(ch, program))
		track.Add(0, midi.ControlChange(ch, 91, 80))
		track.Add(0, midi.ControlChange(ch, 7, 60))
	}
	track.Add(0, midi.ControlChange(5, 7, 3)) // a channel without notes
	for i := range uint8(8) {
		for _, ch := range []uint8{0, 3, 9} {
			track.Add(0, midi.NoteOn(ch, 40+i*3, 60))
			track.Add(60, midi.NoteOff(ch, 40+i*3))
		}
	}
	track.Close(0)
	f := smf.New()
	f.TimeFormat = smf.MetricTicks(480)
	if err := f.Add(track); err != nil {
		t.Fatal(err)
	}
	name, out := filepath.Join(dir, "song.mid"), filepath.Join(dir, "whole.wav")
	if err := f.WriteFile(name); err != nil {
		t.Fatal(err)
	}
	text, errs, err := mmlite(t, dir, "render", "--json", "--stems", "-o", out, name)
	if err != nil {
		t.Fatal(err, errs)
	}
	var r stemReport
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Stems) != 3 || r.Stems[0].Channel != 1 || r.Stems[1].Channel != 4 || r.Stems[2].Channel != 10 {
		t.Fatalf("%+v", r)
	}
	whole, err := readSound(out)
	if err != nil {
		t.Fatal(err)
	}
	sum := make([]float32, len(whole.Left))
	for _, s := range r.Stems {
		part, err := readSound(s.File)
		if err != nil {
			t.Fatal(err)
		}
		loud := float32(0)
		for i := range min(len(part.Left), len(sum)) {
			sum[i] += part.Left[i]
			loud = max(loud, part.Left[i])
		}
		if loud < 0.003 {
			t.Errorf("%s peaks at %g", s.File, loud)
		}
	}
	// The limiter looks ahead: the whole comes later by what it looks.
	best, lag := math.Inf(1), 0
	for d := range 1000 {
		worst := 0.0
		for i := d; i < len(sum); i++ {
			worst = max(worst, math.Abs(float64(whole.Left[i]-sum[i-d])))
		}
		if worst < best {
			best, lag = worst, d
		}
	}
	if best > 2.0/32768 {
		t.Errorf("the stems differ from the whole by %g, %d frames apart", best, lag)
	}
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range left {
		if e.Name()[0] == '.' {
			t.Errorf("%s was left behind", e.Name())
		}
	}
}
