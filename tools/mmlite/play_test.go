package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
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
