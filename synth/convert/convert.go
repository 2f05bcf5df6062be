// Package convert turns banks of any format read here into Downloadable Sounds files.
//
// The regions of the instrument model become regions of Level 2 (MMA "DLS Level 2.2", 2006), or of
// Level 1 where a region needs nothing more than a range of keys, so that instruments keep
// their layers, velocities, filters and stereo pairs. What Downloadable Sounds has no place for is left out
// and counted by kind.
package convert

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/mmlite/mmlite/synth/bank"
	"github.com/mmlite/mmlite/synth/dls"
)

// Loss is something that the file does not hold.
type Loss struct {
	Kind  string `json:"kind"`  // what, for people
	Count int    `json:"count"` // regions, samples or instruments that had it
}

// ErrUnloaded says that a bank was opened by parts, and its samples are not in memory.
var ErrUnloaded = errors.New("convert: a sample is not loaded")

// ToDLS describes a file with what b holds, which must have been built whole with all samples. The
// file's waves are views of the samples. Losses are sorted by their number.
func ToDLS(b *bank.Bank) (*dls.FileSpec, []Loss, error) {
	c := &converter{
		file: &dls.FileSpec{Name: b.Name, Version: [4]uint16{1, 0, 0, 0}},
		at:   map[cut]int{}, lost: map[string]int{},
	}
	for _, p := range b.Presets() {
		if err := p.Build(); err != nil {
			return nil, nil, fmt.Errorf("convert: instrument %q: %w", p.Name, err)
		}
		if err := c.preset(p); err != nil {
			return nil, nil, fmt.Errorf("convert: instrument %q: %w", p.Name, err)
		}
	}
	losses := make([]Loss, 0, len(c.lost))
	for kind, n := range c.lost {
		losses = append(losses, Loss{kind, n})
	}
	slices.SortFunc(losses, func(a, b Loss) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Kind, b.Kind))
	})
	return c.file, losses, nil
}

// cut is a part of a sample; a file has one wave for each.
type cut struct {
	s          *bank.Sample
	start, end uint32
}

type converter struct {
	file *dls.FileSpec
	at   map[cut]int
	lost map[string]int
}

func (c *converter) lose(kind string) { c.lost[kind]++ }

// maxRegions is what the writer takes for one instrument.
const maxRegions = 4096

// Limits of Level 1.
const plainRegions, plainKit = 16, 128

func (c *converter) preset(p *bank.Preset) error {
	if len(p.All()) == 0 {
		c.lose("instruments that play nothing")
		return nil
	}
	ins := dls.InstrumentSpec{Name: p.Name, MSB: p.MSB, LSB: p.LSB, Program: p.Program, Drum: p.Drum}
	groups := map[uint16]uint16{}
	var taken [128]bool
	layered := false
	for _, r := range p.All() {
		switch {
		case r.KeyLow > r.KeyHigh || r.VelLow > r.VelHigh || r.VelHigh == 0:
			c.lose("regions that no note reaches")
			continue
		case r.Start >= r.End:
			c.lose("regions without samples")
			continue
		case len(ins.Regions) == maxRegions:
			c.lose("regions beyond 4096 of an instrument")
			continue
		}
		reg, err := c.region(r, groups)
		if err != nil {
			return err
		}
		// A region of Level 1 has its keys for itself.
		layered = layered || r.VelLow > 0 || r.VelHigh < 127 || reg.KeyGroup != 0 && !p.Drum || reg.Sample.LoopRelease
		for k := r.KeyLow; k <= r.KeyHigh; k++ {
			layered = layered || taken[k]
			taken[k] = true
		}
		reg.VelLow, reg.VelHigh = r.VelLow, r.VelHigh
		ins.Regions = append(ins.Regions, reg)
	}
	if len(ins.Regions) == 0 {
		c.lose("instruments that play nothing")
		return nil
	}
	// Readers take the regions of one level only: if some need Level 2, all are of it.
	layered = layered || len(ins.Regions) > plainKit || len(ins.Regions) > plainRegions && !p.Drum
	for i := range ins.Regions {
		r := &ins.Regions[i]
		if r.Layer = layered; !layered {
			r.VelLow, r.VelHigh = 0, 0
		}
	}
	share(&ins)
	c.file.Instruments = append(c.file.Instruments, ins)
	return nil
}

// share moves an articulation that all regions have to the instrument.
func share(ins *dls.InstrumentSpec) {
	first := ins.Regions[0].Level2
	if ins.Drum { // kits have theirs in the regions
		return
	}
	for i := range ins.Regions {
		if !slices.Equal(ins.Regions[i].Level2, first) {
			return
		}
	}
	ins.Level2 = first
	for i := range ins.Regions {
		ins.Regions[i].Level2 = nil
	}
}

// region converts all but the velocities.
func (c *converter) region(r *bank.Region, groups map[uint16]uint16) (dls.RegionSpec, error) {
	reg := dls.RegionSpec{KeyLow: r.KeyLow, KeyHigh: min(r.KeyHigh, 127), SelfNonExclusive: r.Overlap}
	wave, err := c.wave(r)
	if err != nil {
		return reg, err
	}
	reg.Wave = wave
	if r.Exclusive != 0 {
		if _, ok := groups[r.Exclusive]; !ok && len(groups) < 15 {
			groups[r.Exclusive] = uint16(len(groups) + 1)
		}
		if reg.KeyGroup = uint8(groups[r.Exclusive]); reg.KeyGroup == 0 {
			c.lose("exclusive classes beyond 15 of an instrument")
		}
	}
	s := c.sample(r)
	reg.Sample = &s
	reg.Level2 = c.articulation(r)
	return reg, nil
}

// wave returns the number of the wave that a region plays.
func (c *converter) wave(r *bank.Region) (int, error) {
	pcm, ok := r.Sample.PCM()
	if !ok {
		return 0, fmt.Errorf("%w: %q", ErrUnloaded, r.Sample.Name)
	}
	at := cut{r.Sample, r.Start, r.End}
	if i, ok := c.at[at]; ok {
		return i, nil
	}
	if pcm.Low != nil {
		c.lose("samples of 24 bits, of which 16 are kept")
	}
	rate := uint32(math.Round(float64(r.Sample.Rate)))
	if rate < minRate || rate > maxRate {
		return 0, fmt.Errorf("sample %q: a rate of %g Hz, and %d to %d are possible", r.Sample.Name, r.Sample.Rate, minRate, maxRate)
	}
	i := len(c.file.Waves)
	c.at[at] = i
	c.file.Waves = append(c.file.Waves, dls.WaveSpec{
		Name: r.Sample.Name, Rate: rate, PCM: pcm.Data[r.Start:r.End], Sample: dls.SampleSpec{Unity: 60},
	})
	return i, nil
}

// Rates that the writer takes, in Hz.
const minRate, maxRate = 1000, 192000

// sample converts tuning, level and loop.
func (c *converter) sample(r *bank.Region) dls.SampleSpec {
	root := float64(r.Root)
	if r.FixedKey < 0 && r.Gen[bank.ScaleTuning] == 100 {
		root -= float64(r.Gen[bank.Pitch]) / 100 // else it is in the articulation
	}
	unity := min(max(math.Round(root), 0), 127)
	fine := min(max(math.Round(100*(unity-root)), math.MinInt16), math.MaxInt16)
	s := dls.SampleSpec{Unity: uint8(unity), FineTune: int16(fine), Gain: gain(r.Gen[bank.Attenuation])}
	if r.Loop != bank.LoopNone {
		low, high := max(r.LoopStart, r.Start), min(r.LoopEnd, r.End)
		if low < high {
			s.LoopStart, s.LoopLength = low-r.Start, high-low
			s.LoopRelease = r.Loop == bank.LoopUntilRelease
		}
	}
	return s
}

// gain is an attenuation in cB as the file has it.
func gain(cb float32) int32 {
	return int32(math.Round(min(max(float64(-cb), -9600), 9600) * 65536))
}
