package bank

import (
	"errors"
	"fmt"
)

// Dest is what a value of Region.Gen or a Modulator acts on.
//
// Units: "tc" are time cents, 1200*log2(seconds), where -32768 or less is zero
// seconds; "cents abs" are 1200*log2(f / 8.1758 Hz), so 6900 is 440 Hz; cB is a
// tenth of a decibel; permille is a thousandth.
type Dest uint16

const (
	Attenuation      Dest = iota // cB, positive is quieter, 10 cB are 1 dB truly: a SoundFont reader multiplies initialAttenuation by 0.4, as players do; a DLS reader negates gains
	Pitch                        // cents; coarse and fine tuning together
	ScaleTuning                  // cents per key, 100
	FilterCutoff                 // cents abs; 13500 or more is open
	FilterQ                      // cB above no resonance
	Pan                          // permille, -500 left to 500 right
	ReverbSend                   // permille
	ChorusSend                   // permille
	ModLFODelay                  // tc
	ModLFOFreq                   // cents abs
	ModLFOToPitch                // cents at the LFO's peak
	ModLFOToCutoff               // cents at the LFO's peak
	ModLFOToVolume               // cB at the LFO's peak, positive is louder
	VibLFODelay                  // tc
	VibLFOFreq                   // cents abs
	VibLFOToPitch                // cents at the LFO's peak
	ModEnvDelay                  // tc
	ModEnvAttack                 // tc
	ModEnvHold                   // tc
	ModEnvDecay                  // tc for full scale to zero
	ModEnvSustain                // permille BELOW full scale: 0 sustains at the peak
	ModEnvRelease                // tc for full scale to zero
	ModEnvKeyToHold              // tc per key below 60
	ModEnvKeyToDecay             // tc per key below 60
	ModEnvToPitch                // cents at full scale
	ModEnvToCutoff               // cents at full scale
	VolEnvDelay                  // tc
	VolEnvAttack                 // tc, linear in amplitude
	VolEnvHold                   // tc
	VolEnvDecay                  // tc for Region.VolEnvRange
	VolEnvSustain                // permille of Region.VolEnvRange BELOW the peak
	VolEnvRelease                // tc for Region.VolEnvRange
	VolEnvKeyToHold              // tc per key below 60
	VolEnvKeyToDecay             // tc per key below 60
	StartOffset                  // frames, used at note-on only
	EndOffset                    // frames, used at note-on only
	LoopStartOffset              // frames, used at note-on only
	LoopEndOffset                // frames, used at note-on only
	NumDest

	// ToModulator + i as destination feeds modulator i of the same region,
	// whose Source is then SourceLink.
	ToModulator Dest = 0x100
)

var destNames = [NumDest]string{
	"attenuation", "pitch", "scale tuning", "filter cutoff", "filter Q", "pan", "reverb send", "chorus send",
	"mod LFO delay", "mod LFO frequency", "mod LFO to pitch", "mod LFO to cutoff", "mod LFO to volume",
	"vibrato LFO delay", "vibrato LFO frequency", "vibrato LFO to pitch",
	"mod envelope delay", "mod envelope attack", "mod envelope hold", "mod envelope decay", "mod envelope sustain",
	"mod envelope release", "mod envelope key to hold", "mod envelope key to decay", "mod envelope to pitch",
	"mod envelope to cutoff", "volume envelope delay", "volume envelope attack", "volume envelope hold",
	"volume envelope decay", "volume envelope sustain", "volume envelope release", "volume envelope key to hold",
	"volume envelope key to decay", "start offset", "end offset", "loop start offset", "loop end offset",
}

func (d Dest) String() string {
	if d < NumDest {
		return destNames[d]
	}
	if d >= ToModulator && d < ToModulator+MaxModulators {
		return fmt.Sprintf("modulator %d", d-ToModulator)
	}
	return fmt.Sprintf("destination %d", uint16(d))
}

// SourceKind says where a modulator's input comes from.
type SourceKind uint8

const (
	SourceNone            SourceKind = iota // counts as 1, whatever the transform
	SourceVelocity                          // of the note-on, 0..127
	SourceKey                               // of the note-on, 0..127
	SourcePolyPressure                      // 0..127
	SourceChannelPressure                   // 0..127
	SourcePitchWheel                        // 0..16383
	SourceBendRange                         // RPN 0 in semitones, a 7-bit value; fractions are cents
	SourceCC                                // controller Source.CC, 0..127
	SourceLink                              // the sum of modulators whose destination is this one, as it is
	numSources
)

// Curve is the shape of a transform from 0..1 to 0..1.
type Curve uint8

const (
	Linear  Curve = iota
	Concave       // 400/960*log10(127/(127-x)) of x in 0..127; slow start, steep end
	Convex        // mirror image of Concave
	Switch        // 0 below the middle, else 1
	numCurves
)

// Source is one input of a modulator with its transform (SoundFont 2.04,
// section 8.2).
//
// The raw value is divided by its range: 128 for 7-bit values and 16384 for the
// wheel, so that 64 and 8192 are the exact middle and the top is just below 1 (as
// the text has it), but 127 for values that Concave or Convex shape, so that 127
// and 0 are their exact ends. Negative turns it around (1-x), Bipolar maps it to
// -1..1, and Curve shapes it, both sides of the middle alike if Bipolar.
//
// The common SoundFont and DLS case "velocity or volume to attenuation" is
// {Curve: Concave, Negative: true} with an amount of 960: 40*log10(127/v) dB.
type Source struct {
	Kind     SourceKind
	CC       uint8 // for SourceCC, 0..127
	Curve    Curve
	Bipolar  bool
	Negative bool
	// Over128 divides 7-bit values by 128 even where a curve shapes them.
	Over128 bool
}

// Modulator adds Amount * Source * Control to a destination, in its unit,
// whenever one of the inputs changes. SourceNone counts as 1.
//
// DLS connections with an LFO or an envelope as source are modulators (or
// values of Gen) of the depth: LFO*CC1 to pitch is {Source: CC1, Dest:
// ModLFOToPitch}. Destinations that DLS calls frozen must get no modulators. A
// SoundFont reader adds the default modulators (section 8.4) except velocity to
// filter cutoff, which players leave out; the pitch wheel is {Source:
// SourcePitchWheel Bipolar, Control: SourceBendRange, Amount: 12800, Dest:
// Pitch}. Channel tuning (RPN 1, 2) is the engine's and needs no modulator.
type Modulator struct {
	Source, Control Source
	Amount          float32
	Dest            Dest
	// Abs takes the magnitude of the result (SoundFont transform 2).
	Abs bool
}

func (s Source) check() error {
	switch {
	case s.Kind >= numSources:
		return fmt.Errorf("source kind %d", s.Kind)
	case s.CC > 127:
		return fmt.Errorf("controller %d", s.CC)
	case s.Curve >= numCurves:
		return fmt.Errorf("curve %d", s.Curve)
	}
	return nil
}

func (m *Modulator) check(count int) error {
	if err := m.Source.check(); err != nil {
		return err
	}
	if err := m.Control.check(); err != nil {
		return err
	}
	if m.Control.Kind == SourceLink {
		return errors.New("a link cannot be the control")
	}
	if !inRange(m.Amount) {
		return fmt.Errorf("amount %g", m.Amount)
	}
	if m.Dest >= NumDest && (m.Dest < ToModulator || int(m.Dest-ToModulator) >= count) {
		return fmt.Errorf("no %v", m.Dest)
	}
	return nil
}
