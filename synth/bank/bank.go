// Package bank is the instrument model that DLS and SoundFont files resolve
// into, and that the voice engine plays.
//
// A reader does all that can be done once: it merges zones, applies the file's
// defaults, turns every generator or connection into a value of Region.Gen or a
// Modulator, and hands the result to New, which checks and indexes it. After
// that a Bank never changes and may be read by any number of goroutines.
//
// Sources: SoundFont Technical Specification 2.04, sections 8.1 (generators)
// and 8.2 to 9.5 (modulators); MMA Downloadable Sounds Level 1 v1.1b and
// Level 2.2, sections 1.6 to 1.14 (articulation).
package bank

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Limits that New holds a bank to.
const (
	MaxPresets       = 16384   // in a bank
	MaxRegions       = 1 << 16 // in a preset
	MaxTotalRegions  = 1 << 20 // in a bank
	MaxModulators    = 256     // in a region
	MaxSampleFrames  = 1 << 30 // in a sample
	MinSampleRate    = 50      // Hz
	MaxSampleRate    = 400000  // Hz
	maxGeneratorSize = 1 << 20 // magnitude of any value of Region.Gen
)

// ErrInvalid is wrapped by every error of New.
var ErrInvalid = errors.New("bank: invalid")

// Bank is a checked, indexed set of presets. Make it with New.
type Bank struct {
	Name    string
	presets []*Preset
}

// New checks presets, builds their lookup tables and returns the bank. It owns
// the presets from then on. Where two presets have the same drum flag, bank
// numbers and program, the first wins and the rest are dropped, as players do
// with such files.
//
// Loops and offsets that a file lies about are put right silently: an end
// beyond the sample is cut to it, a loop that is empty or outside the region is
// dropped. What cannot be put right (no sample, NaN, a sample rate outside
// MinSampleRate..MaxSampleRate, more than the limits above) is an error that
// wraps ErrInvalid and names the preset and region.
func New(name string, presets []*Preset) (*Bank, error) {
	if len(presets) > MaxPresets {
		return nil, fmt.Errorf("%w: %d presets, at most %d", ErrInvalid, len(presets), MaxPresets)
	}
	total := 0
	kept := make([]*Preset, 0, len(presets))
	for i, p := range presets {
		if p == nil {
			return nil, fmt.Errorf("%w: preset %d is nil", ErrInvalid, i)
		}
		if p.MSB > 127 || p.LSB > 127 || p.Program > 127 {
			return nil, fmt.Errorf("%w: preset %d %q: bank %d:%d program %d outside 0..127",
				ErrInvalid, i, p.Name, p.MSB, p.LSB, p.Program)
		}
		if total += len(p.Regions); total > MaxTotalRegions {
			return nil, fmt.Errorf("%w: more than %d regions", ErrInvalid, MaxTotalRegions)
		}
		if p.Make == nil {
			if err := p.Build(); err != nil {
				return nil, fmt.Errorf("%w: preset %d %q: %w", ErrInvalid, i, p.Name, err)
			}
		}
		kept = append(kept, p)
	}
	slices.SortStableFunc(kept, func(a, b *Preset) int { return cmp.Compare(a.id(), b.id()) })
	kept = slices.CompactFunc(kept, func(a, b *Preset) bool { return a.id() == b.id() })
	return &Bank{Name: name, presets: kept}, nil
}

// Presets lists the presets ordered by drum flag (melodic first), MSB, LSB and
// program. The slice belongs to the bank and must not be changed.
func (b *Bank) Presets() []*Preset { return b.presets }

// Find returns the preset with exactly these numbers, or nil. It allocates
// nothing.
func (b *Bank) Find(drum bool, msb, lsb, program uint8) *Preset {
	id := presetID(drum, msb, lsb, program)
	lo, hi := 0, len(b.presets)
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		if b.presets[m].id() < id {
			lo = m + 1
		} else {
			hi = m
		}
	}
	if lo < len(b.presets) && b.presets[lo].id() == id {
		return b.presets[lo]
	}
	return nil
}

func presetID(drum bool, msb, lsb, program uint8) uint32 {
	id := uint32(msb)<<14 | uint32(lsb)<<7 | uint32(program)
	if drum {
		id |= 1 << 21
	}
	return id
}
