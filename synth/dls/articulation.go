package dls

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/mmlite/mmlite/synth/bank"
	"github.com/mmlite/mmlite/synth/riff"
)

// instant is the time of the model that is none at all; absoluteZero becomes it.
const instant = -32768

// silence is an attenuation, in cB, that nothing is heard of.
const silence = 16384

// articulator is an articulation in the terms of the model. Regions without one of their own share
// their instrument's.
type articulator struct {
	gen      [bank.NumDest]float32
	mods     []bank.Modulator
	shutdown float32 // time cents
	// level2 says that the articulation uses the richer set of Level 2.
	level2 bool
}

// quickShutdown is 15 ms in time cents, the default of Level 2; Level 1 says as fast as possible.
var quickShutdown = float32(1200 * math.Log2(0.015))

// defaultGen holds the values of all connections that a file leaves out (Level 1, table 1;
// Level 2, table 8).
var defaultGen = func() (g [bank.NumDest]float32) {
	five := float32(1200*math.Log2(5.0/440) + 6900)
	tenth := float32(1200 * math.Log2(0.010))
	g[bank.ModLFOFreq], g[bank.VibLFOFreq] = five, five
	g[bank.ModLFODelay], g[bank.VibLFODelay] = tenth, tenth
	g[bank.ScaleTuning] = 100
	g[bank.FilterCutoff] = openCutoff
	for d := range g {
		if frozenAtZero(bank.Dest(d)) && g[d] == 0 {
			g[d] = instant
		}
	}
	return g
}()

// openCutoff is the model's cutoff of a filter that does nothing.
const openCutoff = 13500

// frozenAtZero reports whether a destination is a time, for which absoluteZero means none.
func frozenAtZero(d bank.Dest) bool {
	switch d {
	case bank.ModLFODelay, bank.VibLFODelay,
		bank.ModEnvDelay, bank.ModEnvAttack, bank.ModEnvHold, bank.ModEnvDecay, bank.ModEnvRelease,
		bank.VolEnvDelay, bank.VolEnvAttack, bank.VolEnvHold, bank.VolEnvDecay, bank.VolEnvRelease:
		return true
	}
	return false
}

// link identifies a connection: a later one of the same link replaces an earlier one.
type link struct{ source, control, destination uint16 }

// articulation reads the articulation lists among the chunks of an instrument or a region. It
// returns nil where there is none, or none whose conditions hold.
func (r *reader) articulation(owner riff.Chunk) *articulator {
	var list []Block
	found, level2 := false, false
	for k := range r.f.Children(owner) {
		if !k.List("lart") && !k.List("lar2") {
			continue
		}
		if !r.holds(k) {
			continue
		}
		found = true
		for c := range r.f.Children(k) {
			switch c.Name() {
			case "art1", "art2":
				level2 = level2 || c.Name() == "art2" || k.Name() == "lar2"
				list = r.blocks(list, c)
			case "cdl ":
			default:
				r.f.Notes.Add(c.Offset, c.Name(), "not an articulation; left out")
			}
		}
	}
	if !found {
		return nil
	}
	return r.articulate(list, level2, owner.Offset)
}

// blocks appends the connections of an articulation chunk.
func (r *reader) blocks(list []Block, c riff.Chunk) []Block {
	b := c.Body
	if len(b) < 8 {
		r.f.Notes.Add(c.Offset, c.Name(), "%d bytes are too few; left out", len(b))
		return list
	}
	le := binary.LittleEndian
	skip, n := le.Uint32(b), int64(le.Uint32(b[4:]))
	if skip < 8 || int64(skip) > int64(len(b)) {
		r.f.Notes.Add(c.Offset, c.Name(), "a header of %d bytes; taken as 8", skip)
		skip = 8
	}
	b = b[skip:]
	const size = 12
	if n > int64(len(b)/size) {
		r.f.Notes.Add(c.Offset, c.Name(), "%d connections announced, there are %d", n, len(b)/size)
		n = int64(len(b) / size)
	}
	if most := int64(maxBlocks - len(list)); n > most {
		r.f.Notes.Add(c.Offset, c.Name(), "more than %d connections; the rest is left out", maxBlocks)
		n = most
	}
	for i := range int(n) {
		e := b[size*i:]
		list = append(list, Block{
			Source: le.Uint16(e), Control: le.Uint16(e[2:]), Destination: le.Uint16(e[4:]),
			Transform: le.Uint16(e[6:]), Scale: int32(le.Uint32(e[8:])),
		})
	}
	return list
}

// articulate resolves connections, over the defaults, into the model.
func (r *reader) articulate(list []Block, level2 bool, at int) *articulator {
	a := &articulator{gen: defaultGen, shutdown: quickShutdown, level2: level2}
	stated := make(map[link]bool, len(list))
	left := 0
	for i := range slices.Backward(list) {
		b := list[i]
		b.normalize()
		l := link{b.Source, b.Control, b.Destination}
		if stated[l] {
			r.f.Notes.Add(at, "art1", "connection %v stands there again; the later one counts", list[i])
			continue
		}
		stated[l] = true
		if !a.connect(&b) {
			left++
		}
	}
	if left > 0 {
		r.f.Notes.Add(at, "art1", "%d connections that mean nothing to this player are left out", left)
	}
	slices.Reverse(a.mods)
	if !level2 {
		a.attenuate()
	}
	for i := range defaultConnections {
		d := &defaultConnections[i]
		if !stated[d.link] {
			a.mods = append(a.mods, d.mod)
		}
	}
	a.mods = slices.DeleteFunc(a.mods, func(m bank.Modulator) bool {
		return m.Amount == 0 || a.frozen(m.Dest)
	})
	if len(a.mods) > bank.MaxModulators {
		r.f.Notes.Add(at, "art1", "%d modulating connections; %d are kept", len(a.mods), bank.MaxModulators)
		a.mods = a.mods[:bank.MaxModulators]
	}
	a.mods = slices.Clip(a.mods)
	return a
}

// attenuate turns the sign of the oscillator's effect on the level. Level 1 calls that destination
// an attenuation, and its worked example has a positive scale lower the level where the
// oscillator is at its peak; Level 2 calls it a gain.
func (a *articulator) attenuate() {
	a.gen[bank.ModLFOToVolume] = 0 - a.gen[bank.ModLFOToVolume]
	for i := range a.mods {
		if m := &a.mods[i]; m.Dest == bank.ModLFOToVolume {
			m.Amount = -m.Amount
		}
	}
}

// frozen reports whether the file set a destination to absoluteZero, so that nothing may move it.
func (a *articulator) frozen(d bank.Dest) bool {
	switch {
	case d == bank.Attenuation:
		return a.gen[d] >= silence
	case d < bank.NumDest && frozenAtZero(d):
		return a.gen[d] <= instant
	}
	return false
}
