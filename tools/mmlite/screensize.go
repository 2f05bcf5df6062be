package main

import (
	"strconv"
	"strings"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
)

// screenSize is the size of a screen as a person writes it: 640x480.
type screenSize string

// parse returns the pixels.
func (s screenSize) parse() (width, height int, err error) {
	w, h, ok := strings.Cut(strings.ToLower(string(s)), "x")
	width, e1 := strconv.Atoi(w)
	height, e2 := strconv.Atoi(h)
	in := func(n int) bool { return n >= machine.MinDisplay && n <= machine.MaxDisplay }
	if !ok || e1 != nil || e2 != nil || !in(width) || !in(height) {
		return 0, 0, com.Errorf(com.ErrInvalid, "a screen of %q: want WIDTHxHEIGHT, as in 640x480, each from %d to %d pixels", string(s), machine.MinDisplay, machine.MaxDisplay)
	}
	return width, height, nil
}

// Validate implements kong's check of a flag.
func (s screenSize) Validate() error {
	_, _, err := s.parse()
	return err
}
