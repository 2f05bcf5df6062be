package convert

import (
	"fmt"
	"math"

	"github.com/mmlite/mmlite/synth/bank"
	"github.com/mmlite/mmlite/synth/dls"
)

// Sources and destinations of connections (DLS Level 2.2, table 9).
const (
	none, lfo, velocity, key, eg2, wheel, polyPressure, pressure, vibrato = 0, 1, 2, 3, 5, 6, 7, 8, 9
	controllers, bendRange                                                = 0x080, 0x100

	gainAt, pitchAt, panAt = 0x001, 0x003, 0x004
	shutdownAt             = 0x20d
	absoluteZero           = math.MinInt32
)

// place is where a value of the model goes.
type place struct {
	source, destination uint16
	sign                float32
}

// places of the destinations of the model. Those with a source are depths of an oscillator or an
// envelope.
var places = map[bank.Dest]place{
	bank.Attenuation:    {none, gainAt, -1},
	bank.Pitch:          {none, pitchAt, 1},
	bank.Pan:            {none, panAt, 1},
	bank.ReverbSend:     {none, 0x081, 1},
	bank.ChorusSend:     {none, 0x080, 1},
	bank.ModLFODelay:    {none, 0x105, 1},
	bank.ModLFOFreq:     {none, 0x104, 1},
	bank.ModLFOToPitch:  {lfo, pitchAt, 1},
	bank.ModLFOToCutoff: {lfo, 0x500, 1},
	bank.ModLFOToVolume: {lfo, gainAt, 1},
	bank.VibLFODelay:    {none, 0x115, 1},
	bank.VibLFOFreq:     {none, 0x114, 1},
	bank.VibLFOToPitch:  {vibrato, pitchAt, 1},
	bank.ModEnvDelay:    {none, 0x30f, 1},
	bank.ModEnvAttack:   {none, 0x30a, 1},
	bank.ModEnvHold:     {none, 0x310, 1},
	bank.ModEnvDecay:    {none, 0x30b, 1},
	bank.ModEnvSustain:  {none, 0x30e, -1},
	bank.ModEnvRelease:  {none, 0x30d, 1},
	bank.ModEnvToPitch:  {eg2, pitchAt, 1},
	bank.ModEnvToCutoff: {eg2, 0x500, 1},
	bank.VolEnvDelay:    {none, 0x20b, 1},
	bank.VolEnvAttack:   {none, 0x206, 1},
	bank.VolEnvHold:     {none, 0x20c, 1},
	bank.VolEnvDecay:    {none, 0x207, 1},
	bank.VolEnvSustain:  {none, 0x20a, -1},
	bank.VolEnvRelease:  {none, 0x209, 1},
	bank.FilterCutoff:   {none, 0x500, 1},
	bank.FilterQ:        {none, 0x501, 1},
}

// perKey are the generators that stretch a time by the key, and the time they stretch.
var perKey = map[bank.Dest]bank.Dest{
	bank.VolEnvKeyToHold:  bank.VolEnvHold,
	bank.VolEnvKeyToDecay: bank.VolEnvDecay,
	bank.ModEnvKeyToHold:  bank.ModEnvHold,
	bank.ModEnvKeyToDecay: bank.ModEnvDecay,
}

// articulation converts generators and modulators.
func (c *converter) articulation(r *bank.Region) []dls.Block {
	var out []dls.Block
	add := func(source, control, destination, transform uint16, scale float64) {
		out = append(out, dls.Block{Source: source, Control: control, Destination: destination, Transform: transform, Scale: fixed(scale)})
	}
	gen := r.Gen
	if r.FixedKey >= 0 { // one pitch for all keys
		gen[bank.Pitch] += gen[bank.ScaleTuning] * (float32(r.FixedKey) - r.Root)
		gen[bank.ScaleTuning] = 0
	}
	for from, to := range perKey {
		if v := gen[from]; v != 0 && gen[to] > instant {
			gen[to] += 60 * v // the format counts keys from 0
		}
	}
	for d := range bank.NumDest {
		p, ok := places[d]
		v := gen[d]
		switch {
		case !ok || d == bank.Attenuation || v == defaults[d]:
			continue // elsewhere, or as it is without a word
		case d == bank.Pitch:
			if gen[bank.ScaleTuning] == 100 {
				continue // in the root
			}
		case d == bank.FilterCutoff && v >= openCutoff:
			continue
		case d == bank.VolEnvSustain || d == bank.ModEnvSustain:
			v = 1000 - v
		}
		add(p.source, none, p.destination, 0, float64(v))
	}
	for _, d := range [...]bank.Dest{bank.VolEnvKeyToHold, bank.VolEnvKeyToDecay, bank.ModEnvKeyToHold, bank.ModEnvKeyToDecay} {
		if v := gen[d]; v != 0 {
			add(key, none, places[perKey[d]].destination, 0, -128*float64(v))
		}
	}
	if gen[bank.ScaleTuning] != 100 {
		add(key, none, pitchAt, 0, 128*float64(gen[bank.ScaleTuning]))
	}
	if r.FixedKey >= 0 && (gen[bank.VolEnvKeyToDecay] != 0 || gen[bank.VolEnvKeyToHold] != 0) {
		c.lose("envelopes of a fixed key")
	}
	if r.Exclusive != 0 {
		add(none, none, shutdownAt, 0, float64(r.Shutdown))
	}
	c.unsaid(r)
	return append(out, c.modulators(r)...)
}

// unsaid counts what the format says otherwise or not at all.
func (c *converter) unsaid(r *bank.Region) {
	if r.FixedVelocity >= 0 {
		c.lose("generator: fixed velocity")
	}
	for _, d := range [...]bank.Dest{bank.StartOffset, bank.EndOffset, bank.LoopStartOffset, bank.LoopEndOffset} {
		if r.Gen[d] != 0 {
			c.lose("generator: " + d.String())
		}
	}
	if !r.LFOSine && (r.Gen[bank.ModLFOToPitch] != 0 || r.Gen[bank.VibLFOToPitch] != 0 || r.Gen[bank.ModLFOToVolume] != 0 || r.Gen[bank.ModLFOToCutoff] != 0) {
		c.lose("shape: triangular oscillators become sines")
	}
	if r.ModEnvConvex && (r.Gen[bank.ModEnvToPitch] != 0 || r.Gen[bank.ModEnvToCutoff] != 0) && r.Gen[bank.ModEnvAttack] > shortAttack {
		c.lose("shape: convex attacks of the modulation envelope become linear")
	}
}

const (
	openCutoff  = 13500
	instant     = -32768
	shortAttack = -7973 // 10 ms
)

// defaults are the values that a region has where its articulation says nothing.
var defaults = func() (g [bank.NumDest]float32) {
	five := float32(1200*math.Log2(5.0/440) + 6900)
	tenth := float32(1200 * math.Log2(0.010))
	g[bank.ModLFOFreq], g[bank.VibLFOFreq] = five, five
	g[bank.ModLFODelay], g[bank.VibLFODelay] = tenth, tenth
	for _, d := range [...]bank.Dest{
		bank.ModEnvDelay, bank.ModEnvAttack, bank.ModEnvHold, bank.ModEnvDecay, bank.ModEnvRelease,
		bank.VolEnvDelay, bank.VolEnvAttack, bank.VolEnvHold, bank.VolEnvDecay, bank.VolEnvRelease,
	} {
		g[d] = instant
	}
	return g
}()

// fixed is a number with 16 binary places.
func fixed(v float64) int32 {
	return int32(min(max(math.Round(v*65536), math.MinInt32), math.MaxInt32))
}

// modulators converts the modulators, and takes back those connections that the format has by
// default and the region has not.
func (c *converter) modulators(r *bank.Region) []dls.Block {
	var out []dls.Block
	said := map[[3]uint16]bool{}
	for i := range r.Modulators {
		b, why := modulator(&r.Modulators[i])
		if why != "" {
			c.lose("modulator: " + why)
			continue
		}
		id := [3]uint16{b.Source, b.Control, b.Destination}
		if said[id] {
			c.lose("modulator: a second one of the same inputs and destination")
			continue
		}
		said[id] = true
		out = append(out, b)
	}
	for _, d := range defaultConnections {
		if !said[d] {
			out = append(out, dls.Block{Source: d[0], Control: d[1], Destination: d[2]})
		}
	}
	return out
}

// defaultConnections act unless a file says otherwise (Level 2.2, table 8).
var defaultConnections = [][3]uint16{
	{velocity, none, gainAt}, {controllers + 7, none, gainAt}, {controllers + 11, none, gainAt},
	{controllers + 10, none, panAt}, {wheel, bendRange, pitchAt},
	{controllers + 91, none, 0x081}, {controllers + 93, none, 0x080},
}

// modulator converts one, or says why it cannot.
func modulator(m *bank.Modulator) (b dls.Block, why string) {
	p, ok := places[m.Dest]
	switch {
	case m.Abs:
		return b, "absolute transform"
	case m.Dest >= bank.NumDest || m.Source.Kind == bank.SourceLink:
		return b, "link to another modulator"
	case !ok:
		return b, "to " + m.Dest.String()
	}
	source, st, ok := input(m.Source)
	if !ok {
		return b, fmt.Sprintf("source of kind %d", m.Source.Kind)
	}
	control, ct, ok := input(m.Control)
	if !ok {
		return b, fmt.Sprintf("source of kind %d", m.Control.Kind)
	}
	amount := float64(m.Amount)
	if m.Dest != bank.VolEnvSustain && m.Dest != bank.ModEnvSustain {
		amount *= float64(p.sign)
	} else {
		amount = -amount
	}
	b = dls.Block{Source: source, Control: control, Destination: p.destination, Transform: st<<10 | ct<<4, Scale: fixed(amount)}
	if p.source == none {
		if m.Dest == bank.Attenuation && m.Source.Curve == bank.Concave && (!m.Source.Negative || m.Source.Bipolar) {
			switch source {
			case velocity, controllers + 7, controllers + 11:
				return b, "a level that falls as " + name(m.Source) + " rises"
			}
		}
		return b, ""
	}
	if control != none {
		if source != none {
			return b, "two inputs of an oscillator or envelope's depth"
		}
		source, st = control, ct
	}
	b.Source, b.Control, b.Transform = p.source, source, st<<4
	return b, ""
}

// input converts a source and its transform.
func input(s bank.Source) (source, transform uint16, ok bool) {
	switch s.Kind {
	case bank.SourceNone:
		return none, 0, true
	case bank.SourceVelocity:
		source = velocity
	case bank.SourceKey:
		source = key
	case bank.SourcePolyPressure:
		source = polyPressure
	case bank.SourceChannelPressure:
		source = pressure
	case bank.SourcePitchWheel:
		source = wheel
	case bank.SourceBendRange:
		source = bendRange
	case bank.SourceCC:
		source = controllers + uint16(s.CC)
	default:
		return 0, 0, false
	}
	transform = uint16(s.Curve)
	if s.Bipolar {
		transform |= 0x10
	}
	if s.Negative {
		transform |= 0x20
	}
	return source, transform, true
}

func name(s bank.Source) string {
	if s.Kind == bank.SourceCC {
		return fmt.Sprintf("controller %d", s.CC)
	}
	return "velocity"
}
