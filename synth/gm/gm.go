// Package gm carries the General MIDI bank that every card can play from, and a tune to try it on:
// 128 programs and the standard drum kit, as a DLS file of Level 1 whose filters, of Level 2, are
// in lists that a Level 1 reader skips. All of it was synthesized and composed for this project by
// tools/mmbank, which regenerates the files byte for byte:
//
//	go run ./tools/mmbank -o synth/gm/gm.dls -tune synth/gm/overture.mid
package gm

import _ "embed" // for the files

//go:embed gm.dls
var bank []byte

//go:embed overture.mid
var overture []byte

// Bank returns the bank, a DLS file. The bytes are shared and must not be changed.
func Bank() []byte { return bank }

// Tune returns the name of the tune and a Standard MIDI File of it. The bytes are shared and must
// not be changed.
func Tune() (name string, smf []byte) { return "Overture for a Small Machine", overture }
