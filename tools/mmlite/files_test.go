package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/synth/gm"
)

func TestMayWrite(t *testing.T) {
	dir := t.TempDir()
	song, other := filepath.Join(dir, "song"), filepath.Join(dir, "other")
	for _, name := range []string{song, other} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ path, from, want string }{
		{"", song, ""},
		{other, song, ""},
		{filepath.Join(dir, "new"), song, ""},
		{filepath.Join(dir, "new"), "", ""},
		{filepath.Join(dir, ".", "song"), song, "would replace"},
		{dir, song, "a folder"},
		{os.DevNull, song, "a device"},
		{filepath.Join(dir, "no", "x"), song, "no folder"},
		{filepath.Join(song, "x"), song, "cannot write"},
	} {
		if runtime.GOOS == "windows" && c.path == os.DevNull {
			continue // it is no file there
		}
		err := mayWrite(c.path, other+"?", c.from)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q from %q: %v, want %q", c.path, c.from, err, c.want)
		}
		if c.want != "" && !strings.Contains(c.want, "replace") {
			if err := writeFile(c.path, func(f *os.File) error { return nil }); err == nil {
				t.Errorf("%q was written", c.path)
			}
		}
	}
}

// TestInputsAreNotReplaced gives commands that make a sound the name of what they
// make it from.
func TestInputsAreNotReplaced(t *testing.T) {
	dir := shortFolder(t)
	_, smf := gm.Tune()
	song := filepath.Join(dir, "song.mid")
	if err := os.WriteFile(song, smf, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"play", "--out", song, song}, {"render", "-o", song, song}, {"render", "--stems", "-o", song, song},
		{"play", "--out", song, "--realtime", "--device", "null", song},
	} {
		if _, errs, err := mmlite(t, dir, args...); err == nil || !strings.Contains(errs, "would replace") {
			t.Errorf("%v: %v %s", args, err, errs)
		}
		if b, err := os.ReadFile(song); err != nil || !bytes.Equal(b, smf) {
			t.Fatalf("%v: the song is %d bytes, %v", args, len(b), err)
		}
	}
}

func TestConvertReadsOnlyWhatHasAnEnd(t *testing.T) {
	c := bankConvertCmd{File: os.DevNull, Out: filepath.Join(t.TempDir(), "x.dls")}
	if err := c.Run(context.Background(), &globals{}); err == nil || !strings.Contains(err.Error(), "regular") && runtime.GOOS != "windows" {
		t.Error(err)
	}
}
