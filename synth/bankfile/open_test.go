package bankfile

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/synth/sf2"
)

func TestDLS(t *testing.T) {
	data, err := os.ReadFile("../dls/testdata/test1.dls")
	if err != nil {
		t.Fatal(err)
	}
	b, format, notes, err := Open(data, Options{})
	if err != nil || format != DLS || len(notes) > 0 || b.Find(true, 0, 0, 0) == nil {
		t.Errorf("format %q, notes %v, error %v", format, notes, err)
	}
	if _, format, _, err = Open(data[:1000], Options{}); err == nil || format != DLS {
		t.Errorf("a file cut short: format %q, error %v", format, err)
	}
}

func TestSilent(t *testing.T) {
	data, err := os.ReadFile("../dls/testdata/test1.dls")
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.ReplaceAll(data, []byte("fmt \x10\x00\x00\x00\x01\x00"), []byte("fmt \x10\x00\x00\x00\x11\x00"))
	b, format, notes, err := Open(data, Options{})
	if !errors.Is(err, ErrSilent) || !strings.Contains(err.Error(), "0x11 is not PCM") || b != nil || format != DLS || len(notes) < 6 {
		t.Errorf("bank %v, format %q, notes %v, error %v", b, format, notes, err)
	}
}

func TestSoundFont(t *testing.T) {
	file := func(major byte) []byte {
		return []byte("RIFF\x1c\x00\x00\x00sfbkLIST\x10\x00\x00\x00INFOifil\x04\x00\x00\x00" + string([]byte{major, 0, 1, 0}))
	}
	if _, format, _, err := Open(file(2), Options{}); format != SoundFont2 || err == nil || !strings.Contains(err.Error(), "smpl") {
		t.Errorf("a bank without samples: format %q, error %v", format, err)
	}
	if _, format, _, err := Open(file(3), Options{}); format != SoundFont2 || !errors.Is(err, sf2.ErrCompressed) {
		t.Errorf("SF3: format %q, error %v, want ErrCompressed", format, err)
	}
}

func TestOthers(t *testing.T) {
	for data, want := range map[string]string{
		"":                               "empty",
		"RIFF":                           "this is a text",
		"RIFF\x04\x00\x00\x00WAVE":       "WAV recording",
		"RIFF\x04\x00\x00\x00RMID":       ".rmi",
		"RIFF\x04\x00\x00\x00\x00\x01ab": `form "\x00\x01ab"`,
		"\x1f\x8b\x08\x00\x00":           "gunzip",
		"PK\x03\x04aaaa":                 "ZIP archive",
		"MThd\x00\x00\x00\x06":           "MIDI file",
		"OggS\x00":                       "Ogg",
		"<region> sample=a.wav key=60":   "SFZ",
		"// piano\n<group>\n":            "SFZ",
		"hello":                          "a text",
		"caf\xc3":                        "a text",
		"\x00\x01\x02":                   "too few",
		strings.Repeat("\x00", 5000):     "zeros",
		"\x89PNG\r\n\x1a\n0000":          "89 50 4e 47",
		"<!DOCTYPE html>":                "web page",
		"version https://git-lfs.github": "Git LFS",
	} {
		_, format, _, err := Open([]byte(data), Options{})
		if !errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), want) || format != "" {
			t.Errorf("%.20q: format %q, error %v, want one on %q", data, format, err, want)
		}
	}
}
