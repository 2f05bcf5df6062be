package sf2

import (
	"fmt"
	"slices"

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

// instrument is an instrument with all its zones, read when a preset first plays it.
type instrument struct {
	read  bool
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
	instBags spans // of the instruments
	preBags  spans // of the presets
	instKind kind
	preKind  kind
	plain    []bank.Modulator // the defaults converted

	regions, modulators, work int
	dropped                   int // regions whose sample cannot be used
}

func newResolver(f *riff.File, h *hydra, p *pool, opt Options, version uint32) *resolver {
	return &resolver{
		f: f, h: h, pool: p, opt: opt, defaults: defaultModulators(opt, version),
		insts:    make([]instrument, h.inst.len()-1),
		instBags: newSpans(f, &h.inst, 20, &h.ibag, h.ibag.len()-1),
		preBags:  newSpans(f, &h.phdr, 24, &h.pbag, h.pbag.len()-1),
		instKind: kind{
			what: "sample", link: genSampleID, bags: &h.ibag,
			gens:    newSpans(f, &h.ibag, 0, &h.igen, h.igen.len()),
			mods:    newSpans(f, &h.ibag, 2, &h.imod, h.imod.len()),
			targets: h.shdr.len() - 1,
		},
		preKind: kind{
			what: "instrument", link: genInstrument, presetLevel: true, bags: &h.pbag,
			gens:    newSpans(f, &h.pbag, 0, &h.pgen, h.pgen.len()),
			mods:    newSpans(f, &h.pbag, 2, &h.pmod, h.pmod.len()),
			targets: h.inst.len() - 1,
		},
	}
}

// presets returns the presets, whose regions are made when they are built.
func (r *resolver) presets() []*bank.Preset {
	seen := make(map[[2]int]bool)
	var out []*bank.Preset
	for i := range r.h.phdr.len() - 1 {
		p := r.header(i)
		if p == nil {
			continue
		}
		id := [2]int{r.h.phdr.u16(i, 22), int(p.Program)}
		if seen[id] {
			r.f.Notes.Add(r.h.phdr.offset(i), "phdr", "preset %q has bank %d and program %d as one before it; left out", p.Name, id[0], id[1])
			continue
		}
		seen[id] = true
		p.Make = func() ([]*bank.Region, error) { return r.regionsOf(i, p.Name) }
		out = append(out, p)
	}
	return out
}

// all makes the regions of all presets.
func (r *resolver) all(presets []*bank.Preset) error {
	for _, p := range presets {
		var err error
		if p.Regions, err = p.Make(); err != nil {
			return err
		}
		p.Make = nil
	}
	r.instKind.note(r.f)
	r.preKind.note(r.f)
	if r.dropped > 0 {
		r.f.Notes.Add(r.h.shdr.off, "shdr", "%d zones play samples that are left out", r.dropped)
	}
	return nil
}

// regionsOf resolves the preset of record i.
func (r *resolver) regionsOf(i int, name string) ([]*bank.Region, error) {
	from, to := r.preBags.of(i)
	zones := r.preKind.readZones(r.f, from, to)
	var out []*bank.Region
	for z := range zones {
		var err error
		if out, err = r.expand(out, &zones[z]); err != nil {
			return nil, fmt.Errorf("sf2: preset %q: %w", name, err)
		}
	}
	if len(out) == 0 {
		r.f.Notes.Add(r.h.phdr.offset(i), "phdr", "preset %q plays nothing", name)
	}
	return slices.Clip(out), nil
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

// instrument returns instrument i with its zones.
func (r *resolver) instrument(i int) *instrument {
	in := &r.insts[i]
	if in.read {
		return in
	}
	in.read = true
	from, to := r.instBags.of(i)
	in.zones = r.instKind.readZones(r.f, from, to)
	for z := range in.zones {
		in.zones[z].mods = merge(r.defaults, in.zones[z].mods, replace)
	}
	in.models = make([][]bank.Modulator, len(in.zones))
	in.regions = make([]*bank.Region, len(in.zones))
	return in
}

// expand appends the regions of one preset zone: one for each zone of its instrument that it
// shares keys and velocities with.
func (r *resolver) expand(out []*bank.Region, pz *zone) ([]*bank.Region, error) {
	in := r.instrument(pz.target)
	plain := pz.plain()
	for i := range in.zones {
		iz := &in.zones[i]
		if r.work += 1 + len(pz.mods)*len(iz.mods); r.work > maxWork {
			return nil, fmt.Errorf("its zones combine in too many ways")
		}
		low, high := max(pz.keyLow, iz.keyLow), min(pz.keyHigh, iz.keyHigh)
		soft, loud := max(pz.velLow, iz.velLow), min(pz.velHigh, iz.velHigh)
		if low > high || soft > loud {
			continue
		}
		if plain && in.regions[i] != nil {
			out = append(out, in.regions[i])
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
			out = append(out, reg)
		}
		if r.regions++; r.regions > maxRegions || r.modulators > maxModulators {
			return nil, fmt.Errorf("the bank expands to more than %d regions or %d modulators", maxRegions, maxModulators)
		}
	}
	return out, nil
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
	n := uint32(s.pcm.Len())
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
