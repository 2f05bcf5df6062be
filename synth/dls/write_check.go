package dls

import (
	"errors"
	"fmt"
	"math"
)

// Limits of the writer: those of Level 1 where it states one, else what a reader can be expected
// to hold.
const (
	writeMaxRegions     = 16
	writeMaxDrumRegions = 128
	writeMaxLayers      = 4096
	writeMaxItems       = 32767
	writeMaxBytes       = math.MaxUint32 / 2
)

// check says what in the file breaks a rule of the format.
func (f *FileSpec) check() error {
	if len(f.Instruments) > writeMaxItems || len(f.Waves) > writeMaxItems {
		return fmt.Errorf("%d instruments and %d waves, at most %d of each",
			len(f.Instruments), len(f.Waves), writeMaxItems)
	}
	if err := checkText(f.Name, f.Copyright, f.Engineer, f.Comment); err != nil {
		return err
	}
	total := 0
	for i := range f.Waves {
		w := &f.Waves[i]
		if err := w.check(); err != nil {
			return fmt.Errorf("wave %d %q: %w", i, w.Name, err)
		}
		if total += 2 * len(w.PCM); total > writeMaxBytes {
			return fmt.Errorf("more than %d bytes of samples", int64(writeMaxBytes))
		}
	}
	seen := map[uint32]string{}
	for i := range f.Instruments {
		ins := &f.Instruments[i]
		if err := ins.check(f.Waves); err != nil {
			return fmt.Errorf("instrument %d %q: %w", i, ins.Name, err)
		}
		id := uint32(ins.MSB)<<16 | uint32(ins.LSB)<<8 | uint32(ins.Program)
		if ins.Drum {
			id |= 1 << 31
		}
		if other, ok := seen[id]; ok {
			return fmt.Errorf("instrument %d %q: bank and program are those of %q", i, ins.Name, other)
		}
		seen[id] = ins.Name
	}
	return nil
}

func (w *WaveSpec) check() error {
	if w.Rate < 1000 || w.Rate > 192000 {
		return fmt.Errorf("rate %d outside 1000..192000 Hz", w.Rate)
	}
	if len(w.PCM) == 0 {
		return errors.New("no samples")
	}
	if w.Sample.LoopRelease {
		return errors.New("a loop until release is of Level 2, for the layers that play the wave")
	}
	if err := checkText(w.Name); err != nil {
		return err
	}
	return w.Sample.check(len(w.PCM))
}

func (s *SampleSpec) check(frames int) error {
	if s.Unity > 127 {
		return fmt.Errorf("unity note %d outside 0..127", s.Unity)
	}
	if s.LoopLength == 0 {
		return nil
	}
	if uint64(s.LoopStart)+uint64(s.LoopLength) > uint64(frames) {
		return fmt.Errorf("loop of %d from %d ends beyond %d samples", s.LoopLength, s.LoopStart, frames)
	}
	return nil
}

func (ins *InstrumentSpec) check(waves []WaveSpec) error {
	if ins.MSB > 127 || ins.LSB > 127 || ins.Program > 127 {
		return fmt.Errorf("bank %d:%d program %d outside 0..127", ins.MSB, ins.LSB, ins.Program)
	}
	limit := writeMaxRegions
	if ins.Drum {
		limit = writeMaxDrumRegions
		if len(ins.Articulation) > 0 {
			return errors.New("a drum kit has articulations in its regions only")
		}
	}
	plain := 0
	for i := range ins.Regions {
		if !ins.Regions[i].Layer {
			plain++
		}
	}
	if n := len(ins.Regions); n == 0 || plain > limit {
		return fmt.Errorf("%d regions, must be 1..%d", plain, limit)
	} else if n > writeMaxLayers {
		return fmt.Errorf("%d regions with layers, at most %d", n, writeMaxLayers)
	}
	if err := errors.Join(checkText(ins.Name), checkBlocks(ins.Articulation, ins.Level2, false)); err != nil {
		return err
	}
	var taken [128]bool
	for i := range ins.Regions {
		r := &ins.Regions[i]
		if err := r.check(waves, ins.Drum); err != nil {
			return fmt.Errorf("region %d (keys %d..%d): %w", i, r.KeyLow, r.KeyHigh, err)
		}
		if r.Layer {
			continue
		}
		for k := r.KeyLow; k <= r.KeyHigh; k++ {
			if taken[k] {
				return fmt.Errorf("region %d (keys %d..%d): key %d has a region already", i, r.KeyLow, r.KeyHigh, k)
			}
			taken[k] = true
		}
	}
	return nil
}

func (r *RegionSpec) check(waves []WaveSpec, drum bool) error {
	switch {
	case r.KeyLow > r.KeyHigh || r.KeyHigh > 127:
		return errors.New("keys must rise and lie in 0..127")
	case r.Layer && (r.VelLow > r.VelHigh || r.VelHigh > 127 || r.VelHigh == 0):
		return fmt.Errorf("velocities %d..%d must rise and lie in 0..127", r.VelLow, r.VelHigh)
	case !r.Layer && (r.VelLow != 0 || r.VelHigh != 0):
		return errors.New("velocities are for layers")
	case r.KeyGroup > 15:
		return fmt.Errorf("key group %d outside 0..15", r.KeyGroup)
	case r.KeyGroup > 0 && !drum && !r.Layer:
		return errors.New("key groups are for drum kits")
	case r.Wave < 0 || r.Wave >= len(waves):
		return fmt.Errorf("wave %d of %d", r.Wave, len(waves))
	case len(r.Articulation) > 0 && !drum:
		return errors.New("only regions of drum kits have articulations of their own")
	}
	if r.Sample != nil {
		if r.Sample.LoopRelease && !r.Layer {
			return errors.New("a loop until release is of Level 2, for layers")
		}
		if err := r.Sample.check(len(waves[r.Wave].PCM)); err != nil {
			return err
		}
	}
	return checkBlocks(r.Articulation, r.Level2, drum)
}

func checkText(texts ...string) error {
	for _, t := range texts {
		if len(t) > 4096 {
			return fmt.Errorf("a text of %d bytes, at most 4096", len(t))
		}
		for _, c := range []byte(t) {
			if c == 0 {
				return fmt.Errorf("text %q holds a zero byte", t)
			}
		}
	}
	return nil
}
