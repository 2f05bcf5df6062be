// Package bankfile turns the bank's instruments into a DLS file: it measures and balances their
// loudness, quantizes their waves, and expresses their articulation as connections.
package bankfile

import (
	"fmt"
	"math"

	"github.com/mmlite/mmlite/synth/dls"
	"github.com/mmlite/mmlite/tools/mmbank/internal/exact"
	"github.com/mmlite/mmlite/tools/mmbank/internal/patch"
	"github.com/mmlite/mmlite/tools/mmbank/internal/sound"
)

// target is the A-weighted level, in decibels of full scale, of the loudest part of a note of every
// program; drumTarget that of a drum's stroke.
const (
	target     = -19.0
	drumTarget = -17.5
)

// A Row of the table of sizes.
type Row struct {
	Program int // 0..127; 128 is the kit
	Name    string
	Waves   int // waves that no program before it uses
	Samples int // in those
	Gain    float64
}

// builder collects the waves that instruments share.
type builder struct {
	file  dls.FileSpec
	index map[*sound.Wave]int
}

// Build makes the whole bank and a table of what it is made of.
func Build() (*dls.FileSpec, []Row) {
	b := &builder{index: map[*sound.Wave]int{}}
	b.file.Name = "MMLite General MIDI"
	b.file.Copyright = "MMLite authors, BSD-3-Clause"
	b.file.Engineer = "tools/mmbank"
	b.file.Comment = "Synthesized from formulas; no recording went into it."
	b.file.Version = [4]uint16{1, 0, 0, 0}
	var rows []Row
	programs, drums := patch.Bank()
	for i, p := range programs {
		before := len(b.file.Waves)
		gain := b.program(i, &p)
		rows = append(rows, b.row(i, p.Name, before, gain))
	}
	before := len(b.file.Waves)
	b.kit(drums)
	rows = append(rows, b.row(128, "Standard Kit", before, 0))
	return &b.file, rows
}

func (b *builder) row(program int, name string, before int, gain float64) Row {
	r := Row{Program: program, Name: name, Waves: len(b.file.Waves) - before, Gain: gain}
	for _, w := range b.file.Waves[before:] {
		r.Samples += len(w.PCM)
	}
	return r
}

// program adds an instrument and returns the gain of the zone that was balanced.
func (b *builder) program(number int, p *patch.Program) float64 {
	ins := dls.InstrumentSpec{Name: p.Name, Program: uint8(number),
		Articulation: articulation(p), Level2: filter(p.Filter)}
	gains := balance(p)
	shown := 0.0
	for i, z := range p.Zones {
		gain := math.Min(0, float64(exact.Round(gains[i]*4))/4)
		if z.Low <= p.Test && p.Test <= z.High {
			shown = gain
		}
		s := dls.SampleSpec{Unity: uint8(z.Root), Gain: int32(exact.Round(gain * 655360))}
		if z.Wave.Hertz > 0 {
			s.FineTune = int16(exact.Round(exact.Cents(exact.Hertz(float64(z.Root)), z.Wave.Hertz)))
		}
		ins.Regions = append(ins.Regions, b.region(z.Low, z.High, z.Wave, s))
	}
	b.file.Instruments = append(b.file.Instruments, ins)
	return shown
}

// level measures a program's loudness at a key, as one of its zones plays it.
func level(p *patch.Program, z *patch.Zone, key int) float64 {
	e := p.Env
	rate := exact.Round(float64(z.Wave.Rate) * exact.Exp2(float64(key-z.Root)/12))
	return sound.Loudest(z.Wave.Play(1.6, e.Attack, e.Decay, e.Sustain), rate, 0.3)
}

// balance returns the gains of a program's zones, in decibels: the zone of the test key reaches the
// target at that key, and the others meet their neighbours where they border on them, so that a
// scale has no steps.
func balance(p *patch.Program) []float64 {
	gains := make([]float64, len(p.Zones))
	at := 0
	for i, z := range p.Zones {
		if z.Low <= p.Test && p.Test <= z.High {
			at = i
		}
	}
	gains[at] = target + p.Trim - level(p, &p.Zones[at], p.Test)
	for i := at + 1; i < len(p.Zones); i++ {
		border := p.Zones[i].Low
		gains[i] = gains[i-1] + level(p, &p.Zones[i-1], border) - level(p, &p.Zones[i], border)
	}
	for i := at - 1; i >= 0; i-- {
		border := p.Zones[i+1].Low
		gains[i] = gains[i+1] + level(p, &p.Zones[i+1], border) - level(p, &p.Zones[i], border)
	}
	return gains
}

// kit adds the drum kit.
func (b *builder) kit(drums []patch.Drum) {
	kit := dls.InstrumentSpec{Name: "Standard Kit", Drum: true}
	for _, d := range drums {
		level := sound.Loudest(d.Wave.Play(0.6, 0, d.Decay, -96), d.Wave.Rate, 0.08)
		gain := math.Min(0, float64(exact.Round((drumTarget+d.Trim-level)*4))/4)
		// A tuning beyond half a semitone moves the unity note.
		semis := exact.Round(d.Tune / 100)
		s := dls.SampleSpec{Unity: uint8(d.Key - semis), FineTune: int16(exact.Round(d.Tune) - 100*semis),
			Gain: int32(exact.Round(gain * 655360))}
		if d.Wave.Name == "" {
			d.Wave.Name = d.Name
		}
		r := b.region(d.Key, d.Key, d.Wave, s)
		r.KeyGroup = uint8(d.Group)
		r.SelfNonExclusive = d.Group == 0
		r.Articulation = drumArticulation(&d)
		r.Level2 = filter(d.Filter)
		kit.Regions = append(kit.Regions, r)
	}
	b.file.Instruments = append(b.file.Instruments, kit)
}

// region refers to a wave, adding it when it is new. The region says how to play the wave unless
// the wave says the same.
func (b *builder) region(low, high int, w *sound.Wave, s dls.SampleSpec) dls.RegionSpec {
	s.LoopStart, s.LoopLength = uint32(w.Loop), uint32(w.Len)
	r := dls.RegionSpec{KeyLow: uint8(low), KeyHigh: uint8(high)}
	i, ok := b.index[w]
	if !ok {
		i = len(b.file.Waves)
		b.index[w] = i
		b.file.Waves = append(b.file.Waves, dls.WaveSpec{
			Name: fmt.Sprintf("%s %d", w.Name, s.Unity), Rate: uint32(w.Rate), PCM: quantize(w.Data), Sample: s})
	}
	if r.Wave = i; b.file.Waves[i].Sample != s {
		r.Sample = &s
	}
	return r
}

// quantize rounds samples to 16 bits.
func quantize(x []float64) []int16 {
	out := make([]int16, len(x))
	for i, v := range x {
		out[i] = int16(exact.Round(math.Max(-1, math.Min(1, v)) * 32767))
	}
	return out
}
