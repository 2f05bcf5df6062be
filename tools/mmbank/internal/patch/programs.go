package patch

import "github.com/mmlite/mmlite/tools/mmbank/internal/sound"

// familyTrim sets the families against each other: of two equally loud sounds the one that is held
// carries a melody, so solo instruments get a little more, backgrounds and beds a little less.
var familyTrim = [16]float64{0, 0, 0.5, 0, 1, 1.5, -0.5, 2, 2.5, 2.5, 1.5, -1.5, -1, 0.5, 0, 0}

// Bank returns the 128 melodic programs of General MIDI in order, and the standard kit. They share
// waves, so one call makes both.
func Bank() ([]Program, []Drum) {
	var all []Program
	kit := drums()
	for _, family := range []func() []Program{
		pianos, chromatic, organs, guitars, basses, solostrings, ensembles, brass,
		reeds, pipes, leads, pads, fx, ethnic,
	} {
		all = append(all, family()...)
	}
	all = append(append(all, percussive(kit)...), effects()...)
	// Programs that differ in how they are played, not in what sounds.
	for to, from := range map[int]int{44: 48, 85: 54, 102: 90, 110: 40} {
		all[to].Zones = all[from].Zones
	}
	for i := range all {
		all[i].Trim += familyTrim[i/8]
	}
	labelled := map[*sound.Wave]bool{}
	for i := range all {
		p := &all[i]
		if p.Test == 0 {
			p.Test = 60
		}
		if p.Hertz == 0 {
			p.Hertz = 5.2
		}
		if p.Wheel == 0 {
			p.Wheel = 30
		}
		for _, z := range p.Zones {
			if !labelled[z.Wave] && z.Wave.Name == "" {
				z.Wave.Name = p.Name
			}
			labelled[z.Wave] = true
		}
	}
	return all, kit
}
