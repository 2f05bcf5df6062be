package sf2

import (
	"github.com/mmlite/mmlite/synth/riff"
)

// maxZoneModulators is how many modulators of one zone are kept. Four zones (local and global,
// of preset and instrument) and the defaults then stay below bank.MaxModulators.
const maxZoneModulators = 60

// zone is one zone of a preset or an instrument, or the two merged: what its generators set.
type zone struct {
	// gens holds the generators in set.
	gens [numGenerators]int16
	set  uint64 // bit n: generator n stands in the zone
	// Ranges are inclusive.
	keyLow, keyHigh, velLow, velHigh uint8
	// target is the instrument or sample, -1 in a global zone.
	target int
	mods   []modulator
	offset int // of the zone's bag in the file
}

func newZone() zone { return zone{keyHigh: 127, velHigh: 127, target: -1} }

// over returns the zone with what it does not set taken from the global zone g
// (section 9.4: a local generator supersedes the global one, ranges included).
func (z *zone) over(g *zone) zone {
	m := *z
	for n := range numGenerators {
		if g.set&^z.set&(1<<n) != 0 {
			m.gens[n] = g.gens[n]
		}
	}
	m.set |= g.set
	if z.set&(1<<genKeyRange) == 0 {
		m.keyLow, m.keyHigh = g.keyLow, g.keyHigh
	}
	if z.set&(1<<genVelRange) == 0 {
		m.velLow, m.velHigh = g.velLow, g.velHigh
	}
	m.mods = merge(g.mods, z.mods, replace)
	return m
}

// kind is a level of the hierarchy with its tables.
type kind struct {
	what           string    // for notes
	link           generator // the generator that ends a zone: instrument or sampleID
	bags           *table
	gens, mods     spans
	targets        int // how many things link may name
	presetLevel    bool
	unknown, tails int // generators left out, for one note in the end
}

// readZones reads the zones of bags [from, to), merged with their global zone.
func (k *kind) readZones(f *riff.File, from, to int) []zone {
	var global *zone
	out := make([]zone, 0, to-from)
	for bag := from; bag < to; bag++ {
		z := newZone()
		z.offset = k.bags.offset(bag)
		k.readGenerators(f, &z, bag)
		k.readModulators(f, &z, bag)
		switch {
		case z.target >= k.targets:
			f.Notes.Add(z.offset, k.bags.name, "the zone names %s %d, there are %d; left out", k.what, z.target, k.targets)
		case z.target >= 0 && global != nil:
			out = append(out, z.over(global))
		case z.target >= 0:
			out = append(out, z)
		case bag == from:
			global = &z
		case z.set != 0 || len(z.mods) > 0:
			f.Notes.Add(z.offset, k.bags.name, "a zone that names no %s and is not the first one; left out", k.what)
		}
	}
	return out
}

func (k *kind) readGenerators(f *riff.File, z *zone, bag int) {
	from, to := k.gens.of(bag)
	t := k.gens.into
	for i := from; i < to; i++ {
		if z.target >= 0 {
			k.tails += to - i // what follows the link is ignored (section 8.1.2)
			return
		}
		n, amount := generator(t.u16(i, 0)), t.u16(i, 2)
		if n >= numGenerators || rules[n].level == unused || k.presetLevel && rules[n].level == instrumentOnly {
			k.unknown++
			continue
		}
		switch n {
		case k.link:
			z.target = amount
			continue
		case genKeyRange, genVelRange:
			low, high := uint8(amount), min(uint8(amount>>8), 127)
			if low > high {
				f.Notes.Add(t.offset(i), t.name, "a range from %d to %d holds nothing", low, high)
			}
			if n == genKeyRange {
				z.keyLow, z.keyHigh = low, high
			} else {
				z.velLow, z.velHigh = low, high
			}
		case genInstrument, genSampleID:
			k.unknown++ // the link of the other level
			continue
		}
		z.gens[n] = int16(amount)
		z.set |= 1 << n
	}
}

func (k *kind) readModulators(f *riff.File, z *zone, bag int) {
	if k.mods.into.len() == 0 {
		return
	}
	from, to := k.mods.of(bag)
	if to-from > maxZoneModulators {
		f.Notes.Add(z.offset, k.bags.name, "a zone of %d modulators; %d are kept", to-from, maxZoneModulators)
		to = from + maxZoneModulators
	}
	if from == to {
		return
	}
	own := make([]modulator, 0, to-from)
	for i := from; i < to; i++ {
		m := readModulator(k.mods.into.at(i))
		if why := m.fault(len(own), to-from); why != "" {
			f.Notes.Add(k.mods.into.offset(i), k.mods.into.name, "%s; the modulator is left out", why)
			m = modulator{to: alone, silent: true}
		}
		own = append(own, m)
	}
	z.mods = merge(nil, own, replace)
}

// note says once how many generators a level left out.
func (k *kind) note(f *riff.File) {
	t := k.gens.into
	if k.unknown > 0 {
		f.Notes.Add(t.off, t.name, "%d generators that mean nothing at this level are left out", k.unknown)
	}
	if k.tails > 0 {
		f.Notes.Add(t.off, t.name, "%d generators after the one that ends their zone are left out", k.tails)
	}
}
