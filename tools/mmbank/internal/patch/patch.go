// Package patch holds the bank's instruments: how each of the 128 General MIDI programs and each
// drum of the standard kit is synthesized, articulated and spread over the keyboard.
package patch

import (
	"github.com/mmlite/mmlite/tools/mmbank/internal/exact"
	"github.com/mmlite/mmlite/tools/mmbank/internal/sound"
)

// A Zone is a range of keys that plays one wave.
type Zone struct {
	Low, High int
	// Root is the key at which the wave plays at its own rate, before fine tuning.
	Root int
	Wave *sound.Wave
}

// An Envelope is the volume of a note over time. Decay and Release are rates, as DLS has them: the
// time a fall of 96 dB would take. Sustain is the level held, in decibels (0 is the peak).
type Envelope struct {
	Attack, Decay, Sustain, Release float64
}

// A Filter is the low-pass of Level 2: its corner in hertz at velocity 0 and key 60 (0 is no
// filter), and how far velocity 127 raises it and each key moves it, in cents. A note starts Strike
// cents above that and comes down in Fall seconds, as the high partials of what is struck or plucked
// die first.
type Filter struct {
	Hertz, Velocity, Key, Strike, Fall float64
}

// A Program is one melodic instrument.
type Program struct {
	Name  string
	Zones []Zone
	Env   Envelope
	// KeyDecay is added to the decay time from key 0 to key 127, in cents of time; negative makes
	// high notes shorter.
	KeyDecay float64
	// Vibrato is the depth in cents of the low-frequency oscillator by itself, Wheel the depth
	// that controller 1 adds, Hertz its rate (0 is 5.2 Hz), Onset its delay in seconds.
	Vibrato, Wheel, Hertz, Onset float64
	// Tremolo is the depth of the oscillator on volume, in decibels.
	Tremolo float64
	Filter  Filter
	// Trim corrects the measured loudness, in decibels.
	Trim float64
	// Test is the key at which loudness is measured; 0 is 60.
	Test int
}

// A Drum is one key of the kit.
type Drum struct {
	Key  int
	Name string
	Wave *sound.Wave
	// Tune shifts the wave, in cents.
	Tune float64
	// Decay is the time of a fall of 96 dB for looped waves; 0 plays the wave as it is.
	Decay float64
	// Pan is -1 (left) to 1 (right); Group 1..15 cuts off others of the group.
	Pan   float64
	Group int
	// Filter is the low-pass of Level 2.
	Filter Filter
	// Trim corrects the measured loudness, in decibels.
	Trim float64
}

// dying is the filter of a struck or plucked string whose brightness is gone in so many seconds.
func dying(hertz, seconds float64) Filter {
	return Filter{Hertz: hertz, Velocity: 2900, Key: 55, Strike: 3000, Fall: seconds}
}

// spread makes zones of waves from their roots: each root has its zone reach four keys down, so that
// waves are mostly played at or above the pitch they were made at and lose nothing.
func spread(wave func(root int) *sound.Wave, roots ...int) []Zone {
	zones := zonesOf(roots)
	for i := range zones {
		zones[i].Wave = wave(zones[i].Root)
	}
	return zones
}

func zonesOf(roots []int) []Zone {
	zones := make([]Zone, len(roots))
	for i, r := range roots {
		zones[i] = Zone{Low: r - 4, High: 127, Root: r}
		if i > 0 {
			zones[i-1].High = r - 5
		}
	}
	zones[0].Low = 0
	return zones
}

// A peak is a bump in a spectral envelope: decibels at its centre, and its width in octaves.
type peak struct{ hz, db, width float64 }

// shape returns the gain of a set of peaks at a frequency.
func shape(f float64, peaks ...peak) float64 {
	db := 0.0
	for _, p := range peaks {
		x := exact.Log2(f/p.hz) / p.width
		db += float64(p.db * exact.Exp(-x*x))
	}
	return exact.Gain(db)
}

// rolloff is a spectral slope: flat below hz, falling by db per octave above it.
func rolloff(f, hz, db float64) float64 {
	x := f / hz
	return exact.Pow(1+float64(x*x), -db/12.04)
}
