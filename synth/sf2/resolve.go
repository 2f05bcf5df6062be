package sf2

import (
	"fmt"

	"github.com/mmlite/mmlite/synth/bank"
	"github.com/mmlite/mmlite/synth/riff"
)

// Caps on what a file may expand to. The largest banks in the wild stay well below; a small file
// whose preset zones all name one instrument of many zones would otherwise fill the memory.
const (
	maxRegions    = 1 << 17
	maxModulators = 1 << 19
	maxWork       = 1 << 23 // pairs of zones tried and modulators compared
)

// attenuationScale is what the E-mu hardware made of initialAttenuation.
const attenuationScale = 0.4

// instrument is an instrument with all its zones.
type instrument struct {
	zones []zone
	// regions holds what the zones come to where a preset adds nothing, made on first use.
	regions []*bank.Region
	// models holds their modulators likewise.
	models [][]bank.Modulator
}

type resolver struct {
	f        *riff.File
	h        *hydra
	pool     *pool
	opt      Options
	defaults []modulator
	insts    []instrument
	plain    []bank.Modulator // the defaults converted

	regions, modulators, work int
	dropped                   int // regions whose sample cannot be used
}

func newResolver(f *riff.File, h *hydra, p *pool, opt Options, version uint32) *resolver {
	return &resolver{f: f, h: h, pool: p, opt: opt, defaults: defaultModulators(opt, version)}
}

// presets reads and resolves everything.
func (r *resolver) presets() ([]*bank.Preset, error) {
	r.readInstruments()
	f, h := r.f, r.h
	k := kind{
		what: "instrument", link: genInstrument, presetLevel: true, bags: &h.pbag,
		gens:    spans{f: f, index: &h.pbag, field: 0, into: &h.pgen, limit: h.pgen.len()},
		mods:    spans{f: f, index: &h.pbag, field: 2, into: &h.pmod, limit: h.pmod.len()},
		targets: len(r.insts),
	}
	bags := spans{f: f, index: &h.phdr, field: 24, into: &h.pbag, limit: h.pbag.len() - 1}
	seen := make(map[[2]int]bool)
	var out []*bank.Preset
	for i := range h.phdr.len() - 1 {
		from, to := bags.of(i)
		zones := k.readZones(f, from, to)
		p := r.header(i)
		if p == nil {
			continue
		}
		if id := [2]int{h.phdr.u16(i, 22), int(p.Program)}; seen[id] {
			f.Notes.Add(h.phdr.offset(i), "phdr", "preset %q has bank %d and program %d as one before it; left out", p.Name, id[0], id[1])
			continue
		} else {
			seen[id] = true
		}
		for z := range zones {
			if err := r.expand(p, &zones[z]); err != nil {
				return nil, fmt.Errorf("sf2: preset %q: %w", p.Name, err)
			}
		}
		if len(p.Regions) == 0 {
			f.Notes.Add(h.phdr.offset(i), "phdr", "preset %q plays nothing", p.Name)
		}
		out = append(out, p)
	}
	k.note(f)
	if r.dropped > 0 {
		f.Notes.Add(h.shdr.off, "shdr", "%d zones play samples that are left out", r.dropped)
	}
	return out, nil
}

// header returns the preset of record i without its regions, or nil if it has numbers that MIDI
// cannot select.
func (r *resolver) header(i int) *bank.Preset {
	t := &r.h.phdr
	program, number := t.u16(i, 20), t.u16(i, 22)
	p := &bank.Preset{Name: name(t.at(i)), Program: uint8(program & 127)}
	switch {
	case program > 127 || number >= 1<<14:
		r.f.Notes.Add(t.offset(i), t.name, "preset %q has bank %d and program %d, which MIDI cannot select; left out", p.Name, number, program)
		return nil
	case number == 128:
		p.Drum = true
	case number > 128:
		p.MSB, p.LSB = uint8(number>>7), uint8(number&127)
		r.f.Notes.Add(t.offset(i), t.name, "preset %q has bank %d; taken as %d:%d of controllers 0 and 32", p.Name, number, p.MSB, p.LSB)
	default:
		p.MSB = uint8(number)
	}
	return p
}

func (r *resolver) readInstruments() {
	f, h := r.f, r.h
	k := kind{
		what: "sample", link: genSampleID, bags: &h.ibag,
		gens:    spans{f: f, index: &h.ibag, field: 0, into: &h.igen, limit: h.igen.len()},
		mods:    spans{f: f, index: &h.ibag, field: 2, into: &h.imod, limit: h.imod.len()},
		targets: h.shdr.len() - 1,
	}
	bags := spans{f: f, index: &h.inst, field: 20, into: &h.ibag, limit: h.ibag.len() - 1}
	r.insts = make([]instrument, h.inst.len()-1)
	for i := range r.insts {
		from, to := bags.of(i)
		zones := k.readZones(f, from, to)
		for z := range zones {
			zones[z].mods = merge(r.defaults, zones[z].mods, replace)
		}
		r.insts[i].zones = zones
	}
	k.note(f)
}

// expand adds to p the regions of one preset zone: one for each zone of its instrument that it
// shares keys and velocities with.
func (r *resolver) expand(p *bank.Preset, pz *zone) error {
	in := &r.insts[pz.target]
	if in.models == nil {
		in.models = make([][]bank.Modulator, len(in.zones))
		in.regions = make([]*bank.Region, len(in.zones))
	}
	plain := pz.plain()
	for i := range in.zones {
		iz := &in.zones[i]
		if r.work += 1 + len(pz.mods)*len(iz.mods); r.work > maxWork {
			return fmt.Errorf("its zones combine in too many ways")
		}
		low, high := max(pz.keyLow, iz.keyLow), min(pz.keyHigh, iz.keyHigh)
		soft, loud := max(pz.velLow, iz.velLow), min(pz.velHigh, iz.velHigh)
		if low > high || soft > loud {
			continue
		}
		if plain && in.regions[i] != nil {
			p.Regions = append(p.Regions, in.regions[i])
		} else {
			s := r.pool.get(iz.target)
			if s.pcm == nil {
				r.dropped++
				continue
			}
			mods := r.zoneModulators(in, i, pz)
			reg := r.region(pz, iz, s)
			if reg.Loop != bank.LoopNone {
				r.pool.noteLoop(iz.target, reg)
			}
			reg.KeyLow, reg.KeyHigh, reg.VelLow, reg.VelHigh = low, high, soft, loud
			reg.Modulators = mods
			if plain {
				in.regions[i] = reg
			}
			p.Regions = append(p.Regions, reg)
		}
		if r.regions++; r.regions > maxRegions || r.modulators > maxModulators {
			return fmt.Errorf("the bank expands to more than %d regions or %d modulators", maxRegions, maxModulators)
		}
	}
	return nil
}

// plain reports whether a preset zone changes nothing of its instrument.
func (z *zone) plain() bool {
	const ranges = 1<<genKeyRange | 1<<genVelRange
	return z.set&^ranges == 0 && len(z.mods) == 0 &&
		z.keyLow == 0 && z.keyHigh == 127 && z.velLow == 0 && z.velHigh == 127
}

// zoneModulators returns the modulators of instrument zone i under preset zone pz. Zones without
// modulators of their own share the defaults.
func (r *resolver) zoneModulators(in *instrument, i int, pz *zone) []bank.Modulator {
	list := in.zones[i].mods
	if len(pz.mods) > 0 {
		m := modelModulators(merge(list, pz.mods, add))
		r.modulators += len(m)
		return m
	}
	if in.models[i] == nil {
		in.models[i] = r.model(list)
	}
	return in.models[i]
}

// model converts list, the defaults only once.
func (r *resolver) model(list []modulator) []bank.Modulator {
	if len(list) == len(r.defaults) && &list[0] == &r.defaults[0] {
		if r.plain == nil {
			r.plain = modelModulators(list)
		}
		return r.plain
	}
	m := modelModulators(list)
	r.modulators += len(m)
	return m
}

// region resolves the generators of a preset zone and an instrument zone (section 9.4).
func (r *resolver) region(pz, iz *zone, s *sample) *bank.Region {
	reg := bank.NewRegion()
	reg.Sample = s.pcm
	sum := func(n generator) int32 {
		v := int32(rules[n].def)
		if iz.set&(1<<n) != 0 {
			v = int32(iz.gens[n])
		}
		if pz.set&(1<<n) != 0 {
			v += int32(pz.gens[n])
		}
		return v
	}
	clamped := func(n generator) int32 { return min(max(sum(n), int32(rules[n].min)), int32(rules[n].max)) }
	for _, n := range copied {
		v := clamped(n)
		if isTime(n) && sum(n) <= instant {
			v = instant
		}
		reg.Gen[targets[n].dest] = float32(v)
	}
	scale := float32(attenuationScale)
	if r.opt.FullAttenuation {
		scale = 1
	}
	reg.Gen[bank.Attenuation] = float32(clamped(genInitialAttenuation)) * scale
	reg.Gen[bank.Pitch] = float32(100*clamped(genCoarseTune) + clamped(genFineTune))

	reg.Root = s.root
	if key := clamped(genOverridingRootKey); key >= 0 {
		reg.Root = float32(key) + s.correction
	}
	reg.FixedKey = int8(clamped(genKeynum))
	reg.FixedVelocity = int8(clamped(genVelocity))
	reg.Exclusive = uint16(clamped(genExclusiveClass))
	switch sum(genSampleModes) & 3 {
	case 1:
		reg.Loop = bank.LoopForever
	case 3:
		reg.Loop = bank.LoopUntilRelease
	}
	n := uint32(len(s.pcm.Data))
	address := func(base uint32, fine, coarseOffset generator) uint32 {
		at := int64(base) + int64(sum(fine)) + coarse*int64(sum(coarseOffset))
		return uint32(min(max(at, 0), int64(n)))
	}
	reg.Start = address(0, genStartAddrsOffset, genStartAddrsCoarseOffset)
	reg.End = address(n, genEndAddrsOffset, genEndAddrsCoarseOffset)
	reg.LoopStart = address(s.loopStart, genStartloopAddrsOffset, genStartloopAddrsCoarseOffset)
	reg.LoopEnd = address(s.loopEnd, genEndloopAddrsOffset, genEndloopAddrsCoarseOffset)
	return reg
}

// instant is the time that files write for none at all; it is no logarithm.
const instant = -32768

// isTime reports whether a generator is in absolute time cents.
func isTime(n generator) bool {
	switch n {
	case genDelayModLFO, genDelayVibLFO,
		genDelayModEnv, genAttackModEnv, genHoldModEnv, genDecayModEnv, genReleaseModEnv,
		genDelayVolEnv, genAttackVolEnv, genHoldVolEnv, genDecayVolEnv, genReleaseVolEnv:
		return true
	}
	return false
}
