package main

import (
	"testing"
	"unicode/utf8"
)

// TestBarFits keeps a bar and what is before it on one line.
func TestBarFits(t *testing.T) {
	const text = "Overture for a Small Machine  0:10 of 1:00  37 voices  load 3.2 %  underruns 0"
	for _, columns := range []int{1, 20, 40, 80, 200} {
		fit := fitBar(text, columns)
		if all := utf8.RuneCountInString(fit) + barWidth(columns) + len(" 100% ||"); columns >= 20 && all >= columns {
			t.Errorf("%d of %d columns: %q", all, columns, fit)
		}
		if columns == 200 && fit != text {
			t.Errorf("200 columns: %q", fit)
		}
	}
}
