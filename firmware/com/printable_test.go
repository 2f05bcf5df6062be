package com_test

import (
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
)

func TestPrintable(t *testing.T) {
	for s, want := range map[string]string{
		"":                        "",
		"Böhm, Orgel 2 (links)":   "Böhm, Orgel 2 (links)",
		"a\x1b[2Jb\nc\td\x00\x7f": "a?[2Jb?c?d??",
		"5\u009bm\u202ex\xff\xc0": "5?m?x??",
	} {
		if got := com.Printable(s); got != want {
			t.Errorf("%q became %q, want %q", s, got, want)
		}
	}
}
