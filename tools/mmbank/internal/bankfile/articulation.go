package bankfile

import (
	"math"

	"github.com/mmlite/mmlite/synth/dls"
	"github.com/mmlite/mmlite/tools/mmbank/internal/exact"
	"github.com/mmlite/mmlite/tools/mmbank/internal/patch"
)

// Numbers of the specification: sources, controls and destinations of connections.
const (
	none, lfo, velocity, key, wheel = 0, 1, 2, 3, 0x81

	toGain, toPitch, toPan = 1, 3, 4
	lfoRate, lfoDelay      = 0x104, 0x105
	attack, decay          = 0x206, 0x207
	release, sustain       = 0x209, 0x20A
	envelope2              = 5
	decay2, sustain2       = 0x30B, 0x30E
	release2               = 0x30D
	cutoff                 = 0x500
)

// seconds is a time in the file's unit, 16.16 time cents, rounded to whole cents; at most 20 or, for
// decays, 40 seconds may stand in a file.
func seconds(s, most float64) int32 {
	if s <= 0 {
		return math.MinInt32
	}
	return int32(exact.Round(1200*exact.Log2(math.Min(s, most)))) * 65536
}

// hertz is a frequency in 16.16 cents of absolute pitch, A4 = 6900.
func hertz(f float64) int32 {
	return int32(exact.Round(float64(1200*exact.Log2(f/440))+6900)) * 65536
}

// held is a sustain level: decibels down become per mille of the envelope's 96.
func held(db float64) int32 { return int32(exact.Round((96+db)/96*1000)) << 16 }

// envelope writes the volume envelope. keyDecay is the change of decay over the keyboard, in cents
// of time; the decay given is that of key 60.
func envelope(e patch.Envelope, keyDecay float64) []dls.Block {
	var bs []dls.Block
	if e.Attack > 0 {
		bs = append(bs, dls.Block{Destination: attack, Scale: seconds(e.Attack, 20)})
	}
	if e.Sustain < 0 {
		whole := e.Decay * exact.Exp2(-keyDecay*60/128/1200)
		bs = append(bs, dls.Block{Destination: decay, Scale: seconds(whole, 40)},
			dls.Block{Destination: sustain, Scale: held(e.Sustain)})
		if keyDecay != 0 {
			bs = append(bs, dls.Block{Source: key, Destination: decay, Scale: int32(exact.Round(keyDecay)) * 65536})
		}
	}
	return append(bs, dls.Block{Destination: release, Scale: seconds(e.Release, 20)})
}

// articulation writes what all regions of a program share.
func articulation(p *patch.Program) []dls.Block {
	bs := envelope(p.Env, p.KeyDecay)
	bs = append(bs, dls.Block{Destination: lfoRate, Scale: hertz(p.Hertz)},
		dls.Block{Source: lfo, Control: wheel, Destination: toPitch, Scale: int32(exact.Round(p.Wheel)) * 65536})
	if p.Onset > 0 {
		bs = append(bs, dls.Block{Destination: lfoDelay, Scale: seconds(p.Onset, 10)})
	}
	if p.Vibrato > 0 {
		bs = append(bs, dls.Block{Source: lfo, Destination: toPitch, Scale: int32(exact.Round(p.Vibrato)) * 65536})
	}
	if p.Tremolo > 0 {
		bs = append(bs, dls.Block{Source: lfo, Destination: toGain, Scale: int32(exact.Round(p.Tremolo*10)) * 65536})
	}
	return bs
}

// drumArticulation lets a drum sound to its end whatever becomes of the key: one-shots hold and
// release at the limit, looped ones die away at the same rate before and after the release.
func drumArticulation(d *patch.Drum) []dls.Block {
	e := patch.Envelope{Release: 20}
	if d.Decay > 0 {
		e = patch.Envelope{Decay: d.Decay, Sustain: -96, Release: d.Decay}
	}
	bs := envelope(e, 0)
	if d.Pan != 0 {
		bs = append(bs, dls.Block{Destination: toPan, Scale: int32(exact.Round(d.Pan*500)) * 65536})
	}
	return bs
}

// filter writes the Level 2 low-pass.
func filter(f patch.Filter) []dls.Block {
	if f.Hertz == 0 {
		return nil
	}
	bs := []dls.Block{{Destination: cutoff, Scale: hertz(f.Hertz * exact.Exp2(-f.Key*60/1200))}}
	if f.Key != 0 {
		bs = append(bs, dls.Block{Source: key, Destination: cutoff, Scale: int32(exact.Round(f.Key*128)) * 65536})
	}
	if f.Velocity != 0 {
		bs = append(bs, dls.Block{Source: velocity, Destination: cutoff, Scale: int32(exact.Round(f.Velocity)) * 65536})
	}
	if f.Strike != 0 {
		bs = append(bs, dls.Block{Source: envelope2, Destination: cutoff, Scale: int32(exact.Round(f.Strike)) * 65536},
			dls.Block{Destination: decay2, Scale: seconds(f.Fall, 40)},
			dls.Block{Destination: sustain2, Scale: 0},
			dls.Block{Destination: release2, Scale: seconds(f.Fall, 20)})
	}
	return bs
}
