package bank

import (
	"fmt"
	"sync/atomic"
)

// Preset is one instrument as a program change selects it. It must not be copied; see As.
type Preset struct {
	Name string
	// MSB and LSB are the values of controllers 0 and 32 that select the
	// preset's bank, 0..127. A SoundFont bank number 0..127 is MSB with LSB 0;
	// SoundFont bank 128 is Drum with MSB 0.
	MSB, LSB uint8
	// Program is 0..127.
	Program uint8
	// Drum presets are found by rhythm channels only.
	Drum bool
	// TuneShiftsKey says that RPN 2 (coarse tune) moves the key before regions
	// are chosen, as DLS has it, and not the pitch, as SoundFont players do.
	TuneShiftsKey bool
	// Regions are what the maker of the bank gives New; they are All's once it
	// is built.
	Regions []*Region
	// Make, where it is set, makes the regions when Build is called, instead of
	// Regions. It is called once, on the goroutine that builds.
	Make func() ([]*Region, error)

	built atomic.Pointer[built]
}

// built is what notes are looked up in.
type built struct {
	regions []*Region
	first   [129]uint32 // byKey[first[k]:first[k+1]] are the regions of key k
	byKey   []*Region
	err     error
}

func (p *Preset) id() uint32 { return presetID(p.Drum, p.MSB, p.LSB, p.Program) }

// Build makes and checks the regions of a preset that was made without them; on others it
// does nothing. Presets of one bank must be built by one goroutine at a time,
// while any number may play them. A preset whose regions are faulty has none
// from then on; each call returns the error.
func (p *Preset) Build() error {
	if b := p.built.Load(); b != nil {
		return b.err
	}
	regions, err := p.Regions, error(nil)
	if p.Make != nil {
		regions, err = p.Make()
	}
	b := &built{}
	if err == nil {
		err = b.index(regions)
	}
	if err != nil {
		b = &built{err: err}
	}
	p.built.Store(b)
	return err
}

// Ready reports whether the preset's regions are there.
func (p *Preset) Ready() bool { return p.built.Load() != nil }

// All returns the regions in file order, none before Build. The slice belongs to
// the preset.
func (p *Preset) All() []*Region {
	if b := p.built.Load(); b != nil {
		return b.regions
	}
	return nil
}

// Key returns the regions whose key range holds key (0..127), in file order;
// the caller compares velocities with Region.HasVelocity. It allocates nothing;
// the slice belongs to the preset. A key outside 0..127 has no regions, nor has
// one of a preset that was not built.
func (p *Preset) Key(key int) []*Region {
	b := p.built.Load()
	if key < 0 || key > 127 || b == nil || b.byKey == nil {
		return nil
	}
	return b.byKey[b.first[key]:b.first[key+1]]
}

// Loaded reports whether all that a note of this key and velocity plays is there. It
// allocates nothing.
func (p *Preset) Loaded(key int, velocity uint8) bool {
	if !p.Ready() {
		return false
	}
	for _, r := range p.Key(key) {
		if !r.HasVelocity(velocity) {
			continue
		}
		if _, ok := r.Sample.PCM(); !ok {
			return false
		}
	}
	return true
}

// As returns a preset that plays what p does, which must have been built, under
// other numbers.
func (p *Preset) As(drum bool, msb, lsb, program uint8) *Preset {
	q := &Preset{Name: p.Name, MSB: msb, LSB: lsb, Program: program, Drum: drum, TuneShiftsKey: p.TuneShiftsKey}
	q.built.Store(p.built.Load())
	return q
}

// Within returns what is left of a preset, which must have been built, for keys low to
// high.
func (p *Preset) Within(low, high uint8) (*Preset, error) {
	q := p.As(p.Drum, p.MSB, p.LSB, p.Program)
	all := p.built.Load()
	if low == 0 && high >= 127 || all.err != nil {
		return q, all.err
	}
	var some []*Region
	for _, r := range all.regions {
		if r.KeyLow <= high && r.KeyHigh >= low {
			some = append(some, r)
		}
	}
	b := &built{}
	if err := b.index(some); err != nil {
		return nil, err
	}
	q.built.Store(b)
	return q, nil
}

// Samples returns the samples that the regions play, each once.
func (p *Preset) Samples() []*Sample {
	var out []*Sample
	seen := make(map[*Sample]bool)
	for _, r := range p.All() {
		if !seen[r.Sample] {
			seen[r.Sample] = true
			out = append(out, r.Sample)
		}
	}
	return out
}

// Missing calls yield for every sample of the preset that is not loaded, each
// once, until it returns false. The preset must have been built.
func (p *Preset) Missing(yield func(*Sample) bool) {
	for _, s := range p.Samples() {
		if _, ok := s.PCM(); !ok && !yield(s) {
			return
		}
	}
}

// index checks the regions and makes the table by key.
func (b *built) index(regions []*Region) error {
	if len(regions) > MaxRegions {
		return fmt.Errorf("%d regions, at most %d", len(regions), MaxRegions)
	}
	n := 0
	for i, r := range regions {
		if r == nil {
			return fmt.Errorf("region %d is nil", i)
		}
		if err := r.prepare(); err != nil {
			return fmt.Errorf("region %d: %w", i, err)
		}
		if r.KeyHigh >= r.KeyLow {
			n += min(int(r.KeyHigh), 127) - int(r.KeyLow) + 1
		}
	}
	if n > maxPlaces {
		return fmt.Errorf("its regions stand at %d places of its keys, at most %d", n, maxPlaces)
	}
	b.regions = regions
	b.byKey = make([]*Region, 0, max(n, 0))
	for k := range 128 {
		b.first[k] = uint32(len(b.byKey))
		for _, r := range regions {
			if int(r.KeyLow) <= k && k <= int(r.KeyHigh) {
				b.byKey = append(b.byKey, r)
			}
		}
	}
	b.first[128] = uint32(len(b.byKey))
	return nil
}

// maxPlaces bounds the table by key of a preset, where a region counts once for each
// key: 8,192 regions over all keys.
const maxPlaces = 1 << 20
