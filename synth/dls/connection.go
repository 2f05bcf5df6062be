package dls

import (
	"github.com/mmlite/mmlite/synth/bank"
)

// defaultConnections are the inferred connections whose source is a controller or the note. Those
// of RPN 1 and 2 are the engine's; key to pitch is the scale tuning. The two effect sends are of
// Level 2, and as a General MIDI device is expected to have them, Level 1 gets them too.
var defaultConnections = []struct {
	link
	mod bank.Modulator
}{
	{link{srcVelocity, srcNone, dstGain}, bank.Modulator{Source: concaveDown(bank.Source{Kind: bank.SourceVelocity}), Amount: 960, Dest: bank.Attenuation}},
	{link{srcCC7, srcNone, dstGain}, bank.Modulator{Source: concaveDown(controller(7)), Amount: 960, Dest: bank.Attenuation}},
	{link{srcCC11, srcNone, dstGain}, bank.Modulator{Source: concaveDown(controller(11)), Amount: 960, Dest: bank.Attenuation}},
	{link{srcCC10, srcNone, dstPan}, bank.Modulator{Source: bipolar(controller(10)), Amount: 500, Dest: bank.Pan}},
	{link{srcPitchWheel, srcRPN0, dstPitch}, bank.Modulator{
		Source:  bipolar(bank.Source{Kind: bank.SourcePitchWheel}),
		Control: bank.Source{Kind: bank.SourceBendRange, Over128: true}, Amount: 12800, Dest: bank.Pitch}},
	{link{srcCC91, srcNone, dstReverb}, bank.Modulator{Source: over128(controller(91)), Amount: 1000, Dest: bank.ReverbSend}},
	{link{srcCC93, srcNone, dstChorus}, bank.Modulator{Source: over128(controller(93)), Amount: 1000, Dest: bank.ChorusSend}},
}

func controller(cc uint8) bank.Source { return bank.Source{Kind: bank.SourceCC, CC: cc} }

// concaveDown is the curve of velocity, volume and expression: 40*log10(127/x) dB for an amount
// of 960.
func concaveDown(s bank.Source) bank.Source {
	s.Curve, s.Negative, s.Bipolar, s.Over128 = bank.Concave, true, false, false
	return s
}

func bipolar(s bank.Source) bank.Source { s.Bipolar = true; return s }
func over128(s bank.Source) bank.Source { s.Over128 = true; return s }

// value says where a destination stands in the model and what one unit of its scale, of 1/65536,
// is worth there.
type value struct {
	dest  bank.Dest
	scale float32
}

var values = map[uint16]value{
	dstGain:         {bank.Attenuation, -1},
	dstPitch:        {bank.Pitch, 1},
	dstPan:          {bank.Pan, 1},
	dstChorus:       {bank.ChorusSend, 1},
	dstReverb:       {bank.ReverbSend, 1},
	dstLFOFreq:      {bank.ModLFOFreq, 1},
	dstLFODelay:     {bank.ModLFODelay, 1},
	dstVibFreq:      {bank.VibLFOFreq, 1},
	dstVibDelay:     {bank.VibLFODelay, 1},
	dstEG1Attack:    {bank.VolEnvAttack, 1},
	dstEG1Decay:     {bank.VolEnvDecay, 1},
	dstEG1Release:   {bank.VolEnvRelease, 1},
	dstEG1Sustain:   {bank.VolEnvSustain, -1},
	dstEG1Delay:     {bank.VolEnvDelay, 1},
	dstEG1Hold:      {bank.VolEnvHold, 1},
	dstEG2Attack:    {bank.ModEnvAttack, 1},
	dstEG2Decay:     {bank.ModEnvDecay, 1},
	dstEG2Release:   {bank.ModEnvRelease, 1},
	dstEG2Sustain:   {bank.ModEnvSustain, -1},
	dstEG2Delay:     {bank.ModEnvDelay, 1},
	dstEG2Hold:      {bank.ModEnvHold, 1},
	dstFilterCutoff: {bank.FilterCutoff, 1},
	dstFilterQ:      {bank.FilterQ, 1},
}

// depths are the connections from an oscillator or envelope: values of the depth in the model.
// The volume envelope's effect on the level is understood.
var depths = map[[2]uint16]value{
	{srcLFO, dstPitch}:        {bank.ModLFOToPitch, 1},
	{srcLFO, dstGain}:         {bank.ModLFOToVolume, 1},
	{srcLFO, dstFilterCutoff}: {bank.ModLFOToCutoff, 1},
	{srcVibrato, dstPitch}:    {bank.VibLFOToPitch, 1},
	{srcEG2, dstPitch}:        {bank.ModEnvToPitch, 1},
	{srcEG2, dstFilterCutoff}: {bank.ModEnvToCutoff, 1},
}

// generated reports whether a source is made by the voice itself.
func generated(src uint16) bool {
	return src == srcLFO || src == srcVibrato || src == srcEG1 || src == srcEG2
}

// normalize puts an oscillator or envelope into the source and a lone controller too: which of
// the two inputs a file writes first does not matter, as they are multiplied.
func (b *Block) normalize() {
	swap := generated(b.Control) && !generated(b.Source) || b.Source == srcNone && b.Control != srcNone
	if !swap {
		return
	}
	b.Source, b.Control = b.Control, b.Source
	source := b.Transform >> trnSource
	control := b.Transform >> trnControl & trnInput
	b.Transform = b.Transform&trnCurve | control<<trnSource | source<<trnControl
}

// connect puts one connection into the articulation. It reports false for one that the model has
// no place for.
func (a *articulator) connect(b *Block) bool {
	amount := float32(b.Scale) / 65536
	switch {
	case ignored(b.Destination), b.Source == srcEG1 && b.Destination == dstGain,
		b.Destination == dstKey, b.Source == srcRPN1, b.Source == srcRPN2:
		return true
	case b.Source == srcKey && b.Destination == dstPitch:
		// Keys are tuned around the sample's own, whatever the scale. By the letter the whole key
		// number would be scaled, which would put untuned drums octaves away from their pitch.
		a.gen[bank.ScaleTuning] = min(max(amount/128, -1200), 1200)
		return true
	case b.Destination == dstEG1Shutdown:
		if b.Source != srcNone {
			return false
		}
		a.shutdown = timeValue(b.Scale)
		return true
	}
	if generated(b.Source) {
		v, ok := depths[[2]uint16{b.Source, b.Destination}]
		if !ok {
			return false
		}
		if b.Control == srcNone {
			a.gen[v.dest] = limit(v.dest, amount*v.scale)
			return true
		}
		source, ok := input(b.Control, b.Transform>>trnControl)
		if ok {
			a.mods = append(a.mods, bank.Modulator{Source: source, Amount: limit(v.dest, amount*v.scale), Dest: v.dest})
		}
		return ok
	}
	v, ok := values[b.Destination]
	if !ok {
		return false
	}
	if b.Source == srcNone {
		a.set(v, b.Scale)
		return true
	}
	return a.modulate(b, v, amount*v.scale)
}

// set puts in a value that hangs on nothing.
func (a *articulator) set(v value, scale int32) {
	amount := float32(scale) / 65536 * v.scale
	switch {
	case frozenAtZero(v.dest):
		amount = timeValue(scale)
	case v.dest == bank.Attenuation && scale == absoluteZero:
		amount = silence
	case v.dest == bank.VolEnvSustain || v.dest == bank.ModEnvSustain:
		amount = min(max(1000+amount, 0), 1000)
	case v.dest == bank.FilterCutoff:
		amount = min(amount, openCutoff)
	}
	a.gen[v.dest] = limit(v.dest, amount)
}

// modulate adds a connection from a controller or from the note.
func (a *articulator) modulate(b *Block, v value, amount float32) bool {
	curve := b.Transform >> trnSource
	if curve&trnCurve == 0 {
		curve |= b.Transform & trnCurve // the output's curve is all that Level 1 has
	}
	source, ok := input(b.Source, curve)
	if !ok {
		return false
	}
	control, ok := input(b.Control, b.Transform>>trnControl)
	if !ok {
		return false
	}
	switch b.Source {
	case srcPitchWheel:
		source.Bipolar = true
	case srcCC10:
		source.Bipolar = source.Bipolar || b.Destination == dstPan
	case srcVelocity, srcCC7, srcCC11:
		if b.Destination == dstGain && source.Curve == bank.Concave {
			// These lower the level. Level 1 counts that as positive, Level 2 as negative.
			source, amount = concaveDown(source), max(amount, -amount)
		}
	}
	a.mods = append(a.mods, bank.Modulator{Source: source, Control: control, Amount: limit(v.dest, amount), Dest: v.dest})
	return true
}

// input returns the model's source for an input with its field of a transform in the lowest bits.
func input(src, transform uint16) (bank.Source, bool) {
	s := bank.Source{Over128: true}
	switch {
	case src == srcNone:
		return bank.Source{}, true
	case src == srcVelocity:
		s.Kind = bank.SourceVelocity
	case src == srcKey:
		s.Kind = bank.SourceKey
	case src == srcPitchWheel:
		s.Kind, s.Over128 = bank.SourcePitchWheel, false
	case src == srcPolyPressure:
		s.Kind = bank.SourcePolyPressure
	case src == srcChannelPressure:
		s.Kind = bank.SourceChannelPressure
	case src == srcRPN0:
		s.Kind = bank.SourceBendRange
	case src >= srcCC && src <= srcCCEnd:
		s.Kind, s.CC = bank.SourceCC, uint8(src-srcCC)
	default:
		return bank.Source{}, false
	}
	if s.CC == 10 && s.Kind == bank.SourceCC {
		s.Over128 = false // so that the middle is the middle
	}
	curve := transform & trnCurve
	if curve > 3 {
		return bank.Source{}, false
	}
	s.Curve = bank.Linear + bank.Curve(curve)
	s.Bipolar = transform&trnBipolar != 0
	s.Negative = transform&trnInverted != 0
	return s, true
}

// timeValue returns a time in time cents. Absolute zero, and what is so short that a 16.16 number
// of time cents holds nothing shorter, is no time at all.
func timeValue(scale int32) float32 {
	if scale == absoluteZero {
		return instant
	}
	return min(max(float32(scale)/65536, instant), maxTime)
}

// maxTime is 100 seconds in time cents; Level 2 stops at 40.
const maxTime = 7973

// limit keeps an amount of a destination within what any player could mean by it, so that a file
// that lies about units cannot blast.
func limit(d bank.Dest, amount float32) float32 {
	low, high := float32(-16384), float32(16384)
	switch d {
	case bank.Attenuation:
		low = -maxGain
	case bank.ModLFOToVolume:
		low, high = -960, 960
	case bank.ModLFOToPitch, bank.VibLFOToPitch, bank.ModEnvToPitch, bank.Pitch:
		low, high = -12800, 12800
	case bank.Pan, bank.ReverbSend, bank.ChorusSend, bank.VolEnvSustain, bank.ModEnvSustain:
		low, high = -1000, 1000
	case bank.ModLFOFreq, bank.VibLFOFreq:
		low, high = -16000, 4500 // 1 mHz to 100 Hz
	}
	if frozenAtZero(d) {
		low, high = instant, -instant
	}
	return min(max(amount, low), high)
}

// maxGain is how much louder than its wave, in cB, a region may be made.
const maxGain = 240
