package com

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable returns s with a question mark in the place of each character that is
// none to be seen: what others call themselves is shown on terminals, where such
// characters are commands.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}
