package riff

import (
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"Piano\x00rest": "Piano", "Piano": "Piano", "": "", "  a b  ": "  a b",
		"\xe9t\xe9\x01\x80": "été??", strings.Repeat("x", 1000): strings.Repeat("x", 256),
	} {
		if got := Text([]byte(in)); got != want {
			t.Errorf("Text(%q) = %q, want %q", in, got, want)
		}
	}
}
