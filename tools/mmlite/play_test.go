package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gitlab.com/gomidi/midi/v2"
	"gitlab.com/gomidi/midi/v2/smf"
)

// TestPlayRefusesWhatHasNoEnd gives devices where songs and banks are wanted. Read
// to their end, they would take all memory.
func TestPlayRefusesWhatHasNoEnd(t *testing.T) {
	if info, err := os.Stat("/dev/zero"); err != nil || info.Mode().IsRegular() {
		t.Skip("this system has no /dev/zero")
	}
	dir := t.TempDir()
	out := filepath.Join(dir, "x.wav")
	for _, args := range [][]string{{"/dev/zero"}, {"--bank", "/dev/zero"}} {
		_, errs, err := mmlite(t, dir, append([]string{"play", "--out", out}, args...)...)
		if err == nil || !strings.Contains(errs, "/dev/zero is not a regular file") {
			t.Errorf("%v: %v, %s", args, err, errs)
		}
	}
}

func TestSongsAreReadBeforeFilesAreWritten(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken.mid")
	if err := os.WriteFile(broken, []byte("MThd broken"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := (&playCmd{Files: []string{broken}}).readable(); err == nil {
		t.Error("a damaged song was found readable")
	}
	if err := (&playCmd{}).readable(); err != nil {
		t.Errorf("the tune that comes along: %v", err)
	}
}

// TestListenAndKeep plays through a device and into a file.
func TestListenAndKeep(t *testing.T) {
	dir := shortFolder(t)
	var track smf.Track
	track.Add(0, midi.NoteOn(0, 60, 100))
	track.Add(240, midi.NoteOff(0, 60))
	track.Close(0)
	f := smf.New()
	f.TimeFormat = smf.MetricTicks(480)
	if err := f.Add(track); err != nil {
		t.Fatal(err)
	}
	name, out := filepath.Join(dir, "song.mid"), filepath.Join(dir, "kept.wav")
	if err := f.WriteFile(name); err != nil {
		t.Fatal(err)
	}
	if _, errs, err := mmlite(t, dir, "play", "--realtime", "--device", "null", "--out", out, name); err != nil {
		t.Fatal(err, errs)
	}
	s, err := readSound(out)
	if err != nil {
		t.Fatal(err)
	}
	loud := float32(0)
	for _, v := range s.Left {
		loud = max(loud, v)
	}
	if s.Rate != 44100 || len(s.Left) < 44100/4 || loud < 0.01 {
		t.Errorf("%d frames at %d Hz, peak %g", len(s.Left), s.Rate, loud)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".kept*")); left != nil {
		t.Error(left)
	}
}

// TestNumbersAreCheckedBeforeACardIsStarted: nothing is written, and no card speaks.
func TestNumbersAreCheckedBeforeACardIsStarted(t *testing.T) {
	dir := t.TempDir()
	for _, args := range [][]string{
		{"play", "--voices", "5"}, {"play", "--gain", "11"}, {"play", "--gain=-1"}, {"play", "--gain", "NaN"}, {"render", "--voices", "2000", "--out", "x.wav"},
		{"run", "--period", "3"}, {"run", "--rate", "200000"}, {"run", "--memory", "1"}, {"run", "--queue", "0"},
	} {
		_, errs, err := mmlite(t, dir, args...)
		flag, _, _ := strings.Cut(args[1], "=")
		if err == nil || !strings.Contains(errs, flag) || !strings.Contains(errs, "want ") || strings.Contains(errs, "card:") {
			t.Errorf("%v: %v, %s", args, err, errs)
		}
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
	_, errs, err := mmlite(t, dir, "--card", "hosted:other", "play", "--policy", "realtime=edf")
	if err == nil || !strings.Contains(errs, "mmlite run --policy realtime=edf") {
		t.Errorf("%v, %s", err, errs)
	}
}
