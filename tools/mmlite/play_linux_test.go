package main

import (
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestPlayDoesNotWaitForPipes gives pipes that nobody writes to; opening one would
// wait for ever.
func TestPlayDoesNotWaitForPipes(t *testing.T) {
	dir := t.TempDir()
	out, pipe := filepath.Join(dir, "x.wav"), filepath.Join(dir, "pipe")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{pipe}, {"--bank", pipe}} {
		_, errs, err := mmlite(t, dir, append([]string{"play", "--out", out}, args...)...)
		if err == nil || !strings.Contains(errs, "not a regular file") {
			t.Errorf("%v: %v, %s", args, err, errs)
		}
	}
}
