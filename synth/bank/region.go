package bank

import (
	"errors"
	"fmt"
)

// LoopMode says what happens at LoopEnd.
type LoopMode uint8

const (
	// LoopNone plays from Start to End once.
	LoopNone LoopMode = iota
	// LoopForever repeats [LoopStart, LoopEnd) until the voice is silent.
	LoopForever
	// LoopUntilRelease repeats it until the key goes up (and the pedal), then
	// plays on to End.
	LoopUntilRelease
)

// PanLaw says how Gen[Pan] becomes two gains; all are equal power.
type PanLaw uint8

const (
	// PanSine is sin and cos of a quarter circle (SoundFont players, DLS 2).
	PanSine PanLaw = iota
	// PanRoot is the square root of the share (DLS 1).
	PanRoot
)

// Region is a sample over a range of keys and velocities, with everything
// needed to play it.
//
// What points stands first, so that the collector looks at the first few words
// of a region only; a large bank has tens of thousands.
type Region struct {
	Sample *Sample
	// Modulators are summed onto Gen while the note plays. Nothing is added to
	// them: the reader puts in the format's defaults (see Modulator).
	Modulators []Modulator

	// Ranges are inclusive; 0..127 both if the file says nothing. An inverted
	// range holds no key.
	KeyLow, KeyHigh, VelLow, VelHigh uint8

	// Exclusive, if not 0, is the exclusive class (SoundFont) or key group
	// (DLS): a new note silences other notes of the same class on its channel
	// that another note-on started, over Shutdown.
	Exclusive uint16
	// Overlap is DLS's self-non-exclusive flag: without it, a second note-on of
	// the same key on the same channel releases the first.
	Overlap bool
	// Shutdown is the release time (time cents, see Gen) of a note that its
	// exclusive class silences: -200 matches SoundFont players, DLS 2 says 15 ms
	// (-7271).
	Shutdown float32

	// Start, End, LoopStart and LoopEnd are frames of Sample.Data, all offsets
	// of the file applied. End and LoopEnd are the first frame after.
	Start, End, LoopStart, LoopEnd uint32
	Loop                           LoopMode

	// Root is the key at which the sample sounds at its own rate; a fraction
	// carries the sample's pitch correction (+50 cents correction: Root - 0.5).
	// With key k the voice's pitch above that rate is
	// Gen[ScaleTuning]*(k-Root) + Gen[Pitch] cents, modulation aside.
	Root float32
	// FixedKey and FixedVelocity, if not negative, replace the key and velocity
	// of the note in all that follows region choice (SoundFont generators 46
	// and 47). Use NewRegion to get -1.
	FixedKey, FixedVelocity int8

	// PlayerTuning tunes as SoundFont players do: a voice sounds at the whole cent
	// at or below its pitch, and the pitch wheel spans 127/128 of its range. Both
	// are too small to hear in one voice, but banks are voiced by ear on such
	// players, and how fast the layers of an instrument beat depends on the first.
	// NewRegion sets it; it means nothing where LFOSine is set, as DLS tunes
	// exactly.
	PlayerTuning bool

	// VolEnvRange is what the volume envelope spans in cB: VolEnvDecay and
	// VolEnvRelease are the time to fall by this much, and a VolEnvSustain of
	// 1000 is this far down. DLS: 960. SoundFont: 1000 in the text, 960 in
	// FluidSynth.
	VolEnvRange float32
	// ModEnvConvex: the modulation envelope's attack follows the convex curve
	// (SoundFont) and is not linear (DLS).
	ModEnvConvex bool
	// LFOSine: both LFOs are sines (DLS) and not triangles (SoundFont).
	LFOSine bool
	// LFOVolumeDown: the modulation LFO only lowers the volume, between 0 and
	// ModLFOToVolume (DLS 1), and does not swing to both sides of it (SoundFont,
	// DLS 2).
	LFOVolumeDown bool
	PanLaw        PanLaw

	// Gen holds the value of every destination before modulation, in the units
	// given at the constants. Start from NewRegion, which has the SoundFont
	// defaults.
	Gen [NumDest]float32
}

// NewRegion returns a region over all keys and velocities with the defaults of
// SoundFont 2.04 (section 8.1.3) in Gen, no modulators and no sample. A DLS
// reader overwrites what DLS defines otherwise.
func NewRegion() *Region {
	r := &Region{
		KeyHigh: 127, VelHigh: 127, FixedKey: -1, FixedVelocity: -1,
		Shutdown: -200, Root: 60, VolEnvRange: 960, ModEnvConvex: true, PlayerTuning: true,
	}
	r.Gen[ScaleTuning] = 100
	r.Gen[FilterCutoff] = 13500
	for _, d := range []Dest{
		ModLFODelay, VibLFODelay,
		ModEnvDelay, ModEnvAttack, ModEnvHold, ModEnvDecay, ModEnvRelease,
		VolEnvDelay, VolEnvAttack, VolEnvHold, VolEnvDecay, VolEnvRelease,
	} {
		r.Gen[d] = -12000
	}
	return r
}

// HasVelocity says whether the velocity range holds v.
func (r *Region) HasVelocity(v uint8) bool { return r.VelLow <= v && v <= r.VelHigh }

func (r *Region) prepare() error {
	s := r.Sample
	switch {
	case s == nil:
		return errors.New("no sample")
	case !(s.Rate >= MinSampleRate && s.Rate <= MaxSampleRate):
		return fmt.Errorf("sample %q: rate %g Hz outside %d..%d", s.Name, s.Rate, MinSampleRate, MaxSampleRate)
	case s.Len() < 0 || s.Len() > MaxSampleFrames:
		return fmt.Errorf("sample %q: %d frames, at most %d", s.Name, s.Len(), MaxSampleFrames)
	case s.Low != nil && len(s.Low) < len(s.Data):
		return fmt.Errorf("sample %q: %d low bytes for %d frames", s.Name, len(s.Low), len(s.Data))
	case len(r.Modulators) > MaxModulators:
		return fmt.Errorf("%d modulators, at most %d", len(r.Modulators), MaxModulators)
	case !(r.Root >= -256 && r.Root <= 256):
		return fmt.Errorf("root key %g", r.Root)
	case !(r.VolEnvRange > 0 && r.VolEnvRange <= 2000):
		return fmt.Errorf("volume envelope range %g cB", r.VolEnvRange)
	case !inRange(r.Shutdown):
		return fmt.Errorf("shutdown time %g", r.Shutdown)
	}
	for d, v := range r.Gen {
		if !inRange(v) {
			return fmt.Errorf("%v is %g", Dest(d), v)
		}
	}
	for i := range r.Modulators {
		if err := r.Modulators[i].check(len(r.Modulators)); err != nil {
			return fmt.Errorf("modulator %d: %w", i, err)
		}
	}
	// A region that several presets share may be playing: what is right already is not written.
	n := uint32(s.Len())
	lower(&r.End, n)
	lower(&r.Start, r.End)
	lower(&r.LoopEnd, r.End)
	if r.Loop != LoopNone && (r.Loop > LoopUntilRelease || r.LoopStart >= r.LoopEnd || r.LoopEnd <= r.Start) {
		r.Loop = LoopNone
	}
	return nil
}

func lower(v *uint32, most uint32) {
	if *v > most {
		*v = most
	}
}

// inRange is false for NaN too.
func inRange(v float32) bool { return v >= -maxGeneratorSize && v <= maxGeneratorSize }
