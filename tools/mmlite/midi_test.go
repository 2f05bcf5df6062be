package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMIDIPlaysWhatComesIn plays a file as if it were a cable, into a WAV file.
func TestMIDIPlaysWhatComesIn(t *testing.T) {
	dir := t.TempDir()
	cable, out := filepath.Join(dir, "cable"), filepath.Join(dir, "out.wav")
	if err := os.WriteFile(cable, []byte{0xF8, 0xC0, 19, 0x90, 60, 100, 64, 100, 0xFE, 67, 100}, 0o600); err != nil {
		t.Fatal(err)
	}
	text, errs, err := mmlite(t, dir, "midi", "--json", "--device", "wav:"+out, "--voices", "64", cable)
	if err != nil {
		t.Fatal(err, errs)
	}
	var rep midiReport
	if err := json.Unmarshal([]byte(text), &rep); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	// A program change, three notes and active sensing; the clock is not passed on.
	if rep.Messages != 5 || rep.Dropped != 0 || rep.Peak < 3 {
		t.Errorf("%+v", rep)
	}
	s, err := readSound(out)
	if err != nil {
		t.Fatal(err)
	}
	peak := float32(0)
	for _, v := range s.Left {
		peak = max(peak, v)
	}
	if peak < 0.005 {
		t.Errorf("a peak of %g in %d frames", peak, len(s.Left))
	}
	if _, errs, err := mmlite(t, dir, "midi", "--device", "null", filepath.Join(dir, "nothing")); err == nil || !strings.Contains(errs, "--list") {
		t.Errorf("a source that is not there: %v, %s", err, errs)
	}
	if text, _, err := mmlite(t, dir, "midi", "--list"); err != nil || !strings.Contains(text, "standard input") {
		t.Errorf("%v, %s", err, text)
	}
}
