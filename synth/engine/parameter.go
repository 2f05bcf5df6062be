package engine

import "github.com/mmlite/mmlite/synth/bank"

// Registered and non-registered parameters: RPN 0 to 5 (MIDI 1.0, GM 2 section
// 3.4), SoundFont's NRPN 120 (2.04, section 9.6), GS's and XG's NRPN 1 for sounds
// and 20 to 31 for single drums.

const (
	nrpnSound     = 1
	nrpnDrums     = 0x14 // the first that names a key
	nrpnGenerator = 120
)

// shape is what a part's sound is changed by: offsets to the generators of all its
// voices.
type shape struct {
	used  bool
	nrpn  [bank.NumDest]float32 // of SoundFont
	sound [8]int8               // of the sound controllers, by NRPN 1 and system exclusive; 0 is none
}

// The sounds' aspects, in the order of controllers 71 to 78.
const (
	soundResonance = iota
	soundRelease
	soundAttack
	soundCutoff
	soundDecay
	soundVibratoRate
	soundVibratoDepth
	soundVibratoDelay
)

// soundSteps is what one step of an aspect is worth.
var soundSteps = [8]struct {
	dest bank.Dest
	step float32
}{
	{bank.FilterQ, 3}, {bank.VolEnvRelease, 60}, {bank.VolEnvAttack, 60}, {bank.FilterCutoff, 60},
	{bank.VolEnvDecay, 60}, {bank.VibLFOFreq, 25}, {bank.VibLFOToPitch, 0.8}, {bank.VibLFODelay, 60},
}

// soundOf finds the aspect that NRPN 1 means by its low number.
func soundOf(lsb uint8) (int, bool) {
	switch lsb {
	case 8:
		return soundVibratoRate, true
	case 9:
		return soundVibratoDepth, true
	case 10:
		return soundVibratoDelay, true
	case 32:
		return soundCutoff, true
	case 33:
		return soundResonance, true
	case 99:
		return soundAttack, true
	case 100:
		return soundDecay, true
	case 102:
		return soundRelease, true
	}
	return 0, false
}

func (c *channel) setSound(aspect int, value uint8) {
	c.shape.sound[aspect] = int8(value) - 64
	c.shape.used = true
}

// form adds the part's offsets to the generators of a voice.
func (e *Engine) form(v *voice, gen *[bank.NumDest]float32) {
	c := v.channel
	if c.shape.used {
		for d, x := range c.shape.nrpn {
			gen[d] += x
		}
	}
	for i, s := range soundSteps {
		n := int(c.shape.sound[i])
		if value := c.cc[ccSound1+1+i]; value != 64 && !v.listens(ccSound1+1+uint8(i)) {
			n += int(value) - 64
		}
		if n == 0 {
			continue
		}
		if s.dest == bank.FilterCutoff {
			// From where it is heard, not from where an open filter stands.
			gen[s.dest] = min(gen[s.dest], cutoffHigh)
		}
		gen[s.dest] += float32(float32(n) * s.step)
	}
}

// listens says whether the region has a modulator of its own for a controller.
func (v *voice) listens(cc uint8) bool {
	for i := range v.region.Modulators {
		m := &v.region.Modulators[i]
		for _, s := range [2]*bank.Source{&m.Source, &m.Control} {
			if s.Kind == bank.SourceCC && s.CC == cc {
				return true
			}
		}
	}
	return false
}

// soundControlled says whether a sound controller is away from its middle.
func (c *channel) soundControlled() bool {
	for i := range soundSteps {
		if c.cc[ccSound1+1+i] != 64 {
			return true
		}
	}
	return false
}

// countGenerator is the low number of NRPN 120: below 100 it selects a generator,
// 100 to 102 add a hundred, a thousand and ten thousand to the number.
func (c *channel) countGenerator(value uint8) {
	switch {
	case value < 100:
		c.generator += int(value)
	case value == 100:
		c.generator += 100
	case value == 101:
		c.generator += 1000
	case value == 102:
		c.generator += 10000
	}
	c.generator = min(c.generator, 1<<15)
}

// nrpnScale is what a step of NRPN 120 is worth, by SoundFont generator (section
// 8.1.2); the destination of those that have none is NumDest.
var nrpnScale = func() (t [60]struct {
	dest bank.Dest
	step float32
}) {
	for i := range t {
		t[i].dest = bank.NumDest
	}
	set := func(first int, step float32, dests ...bank.Dest) {
		for i, d := range dests {
			t[first+i].dest, t[first+i].step = d, step
		}
	}
	set(0, 1, bank.StartOffset, bank.EndOffset, bank.LoopStartOffset, bank.LoopEndOffset)
	set(4, 32768, bank.StartOffset)
	set(5, 2, bank.ModLFOToPitch, bank.VibLFOToPitch, bank.ModEnvToPitch, bank.FilterCutoff)
	set(9, 1, bank.FilterQ)
	set(10, 2, bank.ModLFOToCutoff, bank.ModEnvToCutoff)
	set(12, 32768, bank.EndOffset)
	set(13, 1, bank.ModLFOToVolume)
	set(15, 1, bank.ChorusSend, bank.ReverbSend, bank.Pan)
	set(21, 2, bank.ModLFODelay)
	set(22, 4, bank.ModLFOFreq)
	set(23, 2, bank.VibLFODelay)
	set(24, 4, bank.VibLFOFreq)
	set(25, 2, bank.ModEnvDelay, bank.ModEnvAttack, bank.ModEnvHold, bank.ModEnvDecay)
	set(29, 1, bank.ModEnvSustain)
	set(30, 2, bank.ModEnvRelease)
	set(31, 1, bank.ModEnvKeyToHold, bank.ModEnvKeyToDecay)
	set(33, 2, bank.VolEnvDelay, bank.VolEnvAttack, bank.VolEnvHold, bank.VolEnvDecay)
	set(37, 1, bank.VolEnvSustain)
	set(38, 2, bank.VolEnvRelease)
	set(39, 1, bank.VolEnvKeyToHold, bank.VolEnvKeyToDecay)
	set(45, 32768, bank.LoopStartOffset)
	set(48, 1, bank.Attenuation)
	set(50, 32768, bank.LoopEndOffset)
	set(51, 100, bank.Pitch)
	set(52, 1, bank.Pitch)
	set(56, 1, bank.ScaleTuning)
	return t
}()

// dataEntry sets the selected parameter from controllers 6 and 38, low says which
// has come.
func (e *Engine) dataEntry(c *channel, low bool) {
	msb, lsb := c.cc[ccDataMSB], c.cc[ccDataLSB]
	switch c.parameter {
	case rpnBendRange:
		if !low {
			lsb = 0
		}
		c.bendRange = float32(msb) + float32(min(lsb, 99))/100
	case rpnFineTune:
		c.fineTune = float64(int(msb)<<7|int(lsb)-8192) * (100.0 / 8192)
	case rpnCoarseTune:
		if low {
			return
		}
		c.coarseTune = int(msb) - 64
	case rpnTuning:
		if low {
			return
		}
		c.tuning.program = int16(msb)
	case rpnModulation:
		if !low {
			lsb = 0
		}
		c.modDepth = (float32(msb) + float32(lsb)/128) * 2 // controller 1 has half a semitone
	default:
		if c.parameter&parameterIsNRPN == 0 || !e.nrpn(c, msb, lsb, low) {
			return
		}
	}
	e.touch(c)
}

// nrpn sets a non-registered parameter. It says whether it knows it.
func (e *Engine) nrpn(c *channel, msb, lsb uint8, low bool) bool {
	high, number := uint8(c.parameter>>7&127), uint8(c.parameter&127)
	switch {
	case high == nrpnGenerator:
		if c.generator >= len(nrpnScale) || nrpnScale[c.generator].dest == bank.NumDest || number >= 100 {
			return false
		}
		n := &nrpnScale[c.generator]
		c.shape.nrpn[n.dest] = float32(float32(int(msb)<<7|int(lsb)-8192) * n.step)
		c.shape.used = true
	case low:
		return false
	case high == nrpnSound:
		aspect, ok := soundOf(number)
		if !ok {
			return false
		}
		c.setSound(aspect, msb)
	case high >= nrpnDrums && high < nrpnDrums+0x0C && c.rhythm:
		return c.setDrum(high-nrpnDrums, number, msb)
	default:
		return false
	}
	return true
}

// dataStep is data increment and decrement: one semitone of bend range, coarse
// tuning or modulation depth, one step of all else.
func (e *Engine) dataStep(c *channel, up bool) {
	step := -1
	if up {
		step = 1
	}
	msb, lsb := int(c.cc[ccDataMSB]), int(c.cc[ccDataLSB])
	switch {
	case c.parameter == noParameter:
		return
	case c.parameter == rpnBendRange:
		msb, lsb = int(c.bendRange)+step, 0
	case c.parameter == rpnCoarseTune:
		msb = c.coarseTune + 64 + step
	case c.parameter == rpnTuning, c.parameter == rpnModulation,
		c.parameter&parameterIsNRPN != 0 && c.parameter>>7&127 != nrpnGenerator:
		msb += step
	default:
		value := min(max(msb<<7|lsb+step, 0), 16383)
		c.cc[ccDataMSB], c.cc[ccDataLSB] = uint8(value>>7), uint8(value&127)
		e.dataEntry(c, true)
		return
	}
	c.cc[ccDataMSB], c.cc[ccDataLSB] = uint8(min(max(msb, 0), 127)), uint8(lsb)
	e.dataEntry(c, false)
}
