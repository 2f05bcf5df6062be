package sf2

import (
	"slices"

	"github.com/mmlite/mmlite/synth/bank"
)

// defaultModulators are the ten of section 8.4. Two amounts follow the players that banks are
// voiced with (FluidSynth, Polyphone) and not the text: the pan controller spans 500 permille to
// each side, where the text's 1000 would reach the edge half way, and velocity to filter cutoff,
// which version 2.01 and 2.04 define differently, is 0 unless Options ask for it. Its identity
// still follows the version of the file, as banks name it to turn it off.
func defaultModulators(opt Options, version uint32) []modulator {
	velocitySwitch := uint16(0)
	if version < version204 {
		velocitySwitch = 0x0d02
	}
	velocityToCutoff := int32(0)
	if opt.VelocityToCutoff {
		velocityToCutoff = -2400
	}
	return []modulator{
		{src: 0x0502, dest: uint16(genInitialAttenuation), amount: 960, to: alone},
		{src: 0x0102, dest: uint16(genInitialFilterFc), amtSrc: velocitySwitch, amount: velocityToCutoff, to: alone},
		{src: 0x000d, dest: uint16(genVibLfoToPitch), amount: 50, to: alone},
		{src: 0x0081, dest: uint16(genVibLfoToPitch), amount: 50, to: alone},
		{src: 0x0587, dest: uint16(genInitialAttenuation), amount: 960, to: alone},
		{src: 0x028a, dest: uint16(genPan), amount: 500, to: alone},
		{src: 0x058b, dest: uint16(genInitialAttenuation), amount: 960, to: alone},
		{src: 0x00db, dest: uint16(genReverbEffectsSend), amount: 200, to: alone},
		{src: 0x00dd, dest: uint16(genChorusEffectsSend), amount: 200, to: alone},
		{src: 0x020e, dest: uint16(genFineTune), amtSrc: 0x0010, amount: 12700, to: alone},
	}
}

// modelModulators converts a merged list. Modulators that add nothing are left out: silent ones,
// those of amount 0, and chains that end in no generator.
func modelModulators(list []modulator) []bank.Modulator {
	out := make([]bank.Modulator, 0, len(list))
	var place [bank.MaxModulators]int16
	for i := range list {
		place[i] = -1
		if reaches(list, i) {
			place[i] = int16(len(out))
			out = append(out, modelModulator(&list[i]))
		}
	}
	for i := range list {
		if to := list[i].to; place[i] >= 0 && to != alone {
			out[place[i]].Dest = bank.ToModulator + bank.Dest(place[to])
		}
	}
	return slices.Clip(out)
}

// reaches reports whether modulator i moves a generator, by itself or through those it feeds.
func reaches(list []modulator, i int) bool {
	for range list {
		m := &list[i]
		switch {
		case m.silent || m.amount == 0:
			return false
		case m.to == alone:
			return true
		case !isLink(list[m.to].src):
			return false
		}
		i = int(m.to)
	}
	return false // a cycle
}

func modelModulator(m *modulator) bank.Modulator {
	out := bank.Modulator{
		Source: modelSource(m.src), Control: modelSource(m.amtSrc),
		Amount: float32(m.amount), Abs: m.trans == transAbsolute,
	}
	// The wheel's 12700 cents stand for a range of 127 semitones, which is 100 cents each; the
	// model counts in 128 parts.
	for _, s := range []bank.Source{out.Source, out.Control} {
		if s.Kind == bank.SourceBendRange {
			out.Amount *= 128.0 / 127
		}
	}
	if m.to == alone {
		t := destination(m.dest)
		out.Dest = t.dest
		out.Amount = min(max(out.Amount*t.scale, -maxAmount), maxAmount)
	}
	return out
}

func modelSource(src uint16) bank.Source {
	s := bank.Source{
		Curve:    bank.Linear + bank.Curve(src>>srcCurve),
		Bipolar:  src&srcBipolar != 0,
		Negative: src&srcNegative != 0,
	}
	if src&srcCC != 0 {
		s.Kind, s.CC = bank.SourceCC, uint8(src&srcIndex)
		return s
	}
	switch src & srcIndex {
	case srcVelocity:
		s.Kind = bank.SourceVelocity
	case srcKey:
		s.Kind = bank.SourceKey
	case srcPolyPressure:
		s.Kind = bank.SourcePolyPressure
	case srcChannelPressure:
		s.Kind = bank.SourceChannelPressure
	case srcPitchWheel:
		s.Kind = bank.SourcePitchWheel
	case srcPitchWheelRange:
		s.Kind, s.Over128 = bank.SourceBendRange, true
	case srcLink:
		s.Kind = bank.SourceLink
	default:
		return bank.Source{}
	}
	return s
}
