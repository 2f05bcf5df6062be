package dls

import (
	"encoding/binary"

	"github.com/mmlite/mmlite/synth/bank"
	"github.com/mmlite/mmlite/synth/riff"
)

// drumFlag is the bit of an instrument's bank number that makes it a drum kit.
const drumFlag = 1 << 31

// instrument reads one instrument, whose regions are resolved when it is built, or returns nil,
// with a note, for one that cannot be used.
func (r *reader) instrument(ins riff.Chunk) *bank.Preset {
	if !r.holds(ins) {
		return nil
	}
	var insh, lrgn riff.Chunk
	p := &bank.Preset{TuneShiftsKey: true}
	for k := range r.f.Children(ins) {
		switch k.Name() {
		case "insh":
			insh = k
		case "lrgn":
			lrgn = k
		case "INFO":
			p.Name = r.info(k)
		}
	}
	if len(insh.Body) < 12 {
		r.f.Notes.Add(ins.Offset, "ins ", "instrument %q has no header; left out", p.Name)
		return nil
	}
	le := binary.LittleEndian
	stated, locale, program := le.Uint32(insh.Body), le.Uint32(insh.Body[4:]), le.Uint32(insh.Body[8:])
	if locale&^(drumFlag|0x7f7f) != 0 || program > 127 {
		r.f.Notes.Add(insh.Offset, "insh", "instrument %q has bank %#x and program %d; bits that mean nothing are left out", p.Name, locale, program)
	}
	p.Drum = locale&drumFlag != 0
	p.LSB, p.MSB, p.Program = uint8(locale&0x7f), uint8(locale>>8&0x7f), uint8(program&0x7f)

	p.Make = func() ([]*bank.Region, error) { return r.regionsOf(p.Name, ins, insh, lrgn, stated) }
	return p
}

// regionsOf resolves the regions of an instrument. The errors are those of riff.File.Err.
func (r *reader) regionsOf(name string, ins, insh, lrgn riff.Chunk, stated uint32) ([]*bank.Region, error) {
	common := r.articulation(ins)
	if common == nil {
		common = r.articulate(nil, false, ins.Offset)
	}
	n := uint32(0)
	var out []*bank.Region
	var pairs phases
	for k := range r.f.Children(lrgn) {
		if !k.List("rgn ") && !k.List("rgn2") {
			r.f.Notes.Add(k.Offset, k.Name(), "not a region; left out")
			continue
		}
		if n++; r.regions >= maxRegions {
			if !r.full {
				r.full = true
				r.f.Notes.Add(k.Offset, "rgn ", "more than %d regions in the file; the rest is left out", maxRegions)
			}
			break
		}
		out = r.region(out, k, common, &pairs)
	}
	pairs.place()
	if n != stated && !r.full {
		r.f.Notes.Add(insh.Offset, "insh", "instrument %q announces %d regions and has %d", name, stated, n)
	}
	if len(out) == 0 {
		r.f.Notes.Add(ins.Offset, "ins ", "instrument %q plays nothing", name)
	}
	return out, r.f.Err()
}

// Option bits of rgnh and bits of the channel of wlnk.
const (
	optSelfNonExclusive = 1
	channelRight        = 2
)

// region appends what a region plays: one region of the model, or two where its wave is stereo.
func (r *reader) region(out []*bank.Region, rgn riff.Chunk, common *articulator, pairs *phases) []*bank.Region {
	if !r.holds(rgn) {
		return out
	}
	var rgnh, wsmp, wlnk riff.Chunk
	for k := range r.f.Children(rgn) {
		switch k.Name() {
		case "rgnh":
			rgnh = k
		case "wsmp":
			wsmp = k
		case "wlnk":
			wlnk = k
		}
	}
	if len(rgnh.Body) < 12 || len(wlnk.Body) < 12 {
		r.f.Notes.Add(rgn.Offset, rgn.Name(), "a region without header or wave; left out")
		return out
	}
	le := binary.LittleEndian
	cue := le.Uint32(wlnk.Body[8:])
	w := r.waves.get(cue)
	if w == nil {
		r.f.Notes.Add(wlnk.Offset, "wlnk", "a region plays wave %d, which there is not or cannot be used; left out", cue)
		return out
	}
	art := r.articulation(rgn)
	if art == nil {
		art = common
	}
	proto := r.keys(rgnh)
	proto.Modulators, proto.Gen, proto.Shutdown = art.mods, art.gen, art.shutdown
	if !art.level2 && !rgn.List("rgn2") {
		proto.PanLaw = bank.PanRoot
		proto.LFOVolumeDown = !r.opt.BipolarTremolo
	}
	info, ok := defaultSample, false
	if wsmp.Body != nil {
		info, ok = readSampleInfo(r.f, wsmp)
	}
	switch {
	case ok: // a region's settings replace the wave's as a whole
	case w.hasWsmp:
		info = w.wsmp
	default:
		info = defaultSample
	}
	for i, s := range w.channels {
		reg := *proto
		info.apply(r.f, rgn.Offset, &reg, s)
		if len(w.channels) == 2 {
			reg.Gen[bank.Pan] = float32(1000*i - 500)
		}
		out = append(out, &reg)
		r.regions++
		pairs.add(&reg, le.Uint16(wlnk.Body[2:]), le.Uint32(wlnk.Body[4:]))
	}
	return out
}

// keys returns a region with the ranges and options of its header.
func (r *reader) keys(rgnh riff.Chunk) *bank.Region {
	le := binary.LittleEndian
	b := rgnh.Body
	reg := bank.NewRegion()
	reg.ModEnvConvex, reg.LFOSine = false, true
	field := func(at int) uint8 { return uint8(min(le.Uint16(b[at:]), 127)) }
	reg.KeyLow, reg.KeyHigh, reg.VelLow, reg.VelHigh = field(0), field(2), field(4), field(6)
	if reg.VelLow == 0 && reg.VelHigh == 0 {
		r.f.Notes.Add(rgnh.Offset, "rgnh", "no velocity plays the region; taken as all")
		reg.VelHigh = 127
	}
	if reg.KeyLow > reg.KeyHigh || reg.VelLow > reg.VelHigh {
		r.f.Notes.Add(rgnh.Offset, "rgnh", "keys %d to %d, velocities %d to %d hold nothing", reg.KeyLow, reg.KeyHigh, reg.VelLow, reg.VelHigh)
	}
	reg.Overlap = le.Uint16(b[8:])&optSelfNonExclusive != 0
	reg.Exclusive = le.Uint16(b[10:])
	return reg
}

// phases collects the regions of an instrument that are phase locked. Where one of a group plays
// the right channel, the group is a stereo sound and its mono halves go to the sides; elsewhere
// the channel bits say nothing, since every mono region names the left one.
type phases struct {
	members map[uint16][]*bank.Region
	right   map[*bank.Region]bool
}

func (p *phases) add(reg *bank.Region, group uint16, channel uint32) {
	if group == 0 {
		return
	}
	if p.members == nil {
		p.members = make(map[uint16][]*bank.Region)
		p.right = make(map[*bank.Region]bool)
	}
	p.members[group] = append(p.members[group], reg)
	if channel == channelRight {
		p.right[reg] = true
	}
}

// place moves the halves of stereo sounds to their sides.
func (p *phases) place() {
	for _, group := range p.members {
		stereo := false
		for _, reg := range group {
			stereo = stereo || p.right[reg]
		}
		for _, reg := range group {
			switch {
			case p.right[reg]:
				reg.Gen[bank.Pan] = 500
			case stereo:
				reg.Gen[bank.Pan] = -500
			}
		}
	}
}
