package engine

import "github.com/mmlite/mmlite/synth/bank"

// drumKit is what has been changed about the single drums of a rhythm part: by
// NRPN 20 to 31, GS and XG drum setup and GM 2 key-based controllers.
type drumKit struct {
	used bool
	tone [128]drumTone
}

// drumTone holds a drum's changes as steps from what the kit has; the zero value
// changes nothing.
type drumTone struct {
	pitch, fine    int8  // semitones, cents
	cutoff, q      int8  // as sound controllers
	attack, decay  int8  //
	level          uint8 // 127 minus the level
	pan            uint8 // 1 to 127, 64 is the middle; 0 is as the kit has it
	reverb, chorus uint8 // 127 minus the share of the part's
}

// Parameters of setDrum that have other names elsewhere.
const (
	drumPitch  = 4
	drumFine   = 5
	drumLevel  = 6
	drumPan    = 8
	drumReverb = 9
	drumChorus = 10
)

func (k *drumKit) reset() {
	if k.used {
		*k = drumKit{}
	}
}

// setDrum sets a parameter of the drum on key: by the order of NRPN 20 to 31. It
// says whether it knows it.
func (c *channel) setDrum(parameter, key, value uint8) bool {
	t := &c.drums.tone[key]
	step := int8(value) - 64
	switch parameter {
	case 0:
		t.cutoff = step
	case 1:
		t.q = step
	case 2:
		t.attack = step
	case 3:
		t.decay = step
	case drumPitch:
		t.pitch = step
	case drumFine:
		t.fine = step
	case drumLevel:
		t.level = 127 - value
	case drumPan:
		t.pan = max(value, 1)
	case drumReverb:
		t.reverb = 127 - value
	case drumChorus:
		t.chorus = 127 - value
	default:
		return false
	}
	c.drums.used = true
	return true
}

// drum applies the changes to a drum's generators.
func (e *Engine) drum(v *voice, gen *[bank.NumDest]float32) {
	t := &v.channel.drums.tone[v.key]
	gen[bank.Pitch] += float32(int(t.pitch)*100 + int(t.fine))
	if t.level > 0 {
		gen[bank.Attenuation] += float32(960 * e.curves.bend(float32(t.level)*(1.0/127)))
	}
	if t.pan > 0 {
		gen[bank.Pan] = float32(int(t.pan)-64) * (500.0 / 63)
	}
	gen[bank.ReverbSend] *= float32(127-t.reverb) * (1.0 / 127)
	gen[bank.ChorusSend] *= float32(127-t.chorus) * (1.0 / 127)
	if t.cutoff != 0 {
		gen[bank.FilterCutoff] = min(gen[bank.FilterCutoff], cutoffHigh) + float32(float32(t.cutoff)*soundSteps[soundCutoff].step)
	}
	gen[bank.FilterQ] += float32(float32(t.q) * soundSteps[soundResonance].step)
	gen[bank.VolEnvAttack] += float32(float32(t.attack) * soundSteps[soundAttack].step)
	gen[bank.VolEnvDecay] += float32(float32(t.decay) * soundSteps[soundDecay].step)
}

// setDrums is setDrum on every rhythm channel whose drums are of a map; 0 is any.
func (e *Engine) setDrums(drumMap, parameter, key, value uint8) {
	for i := range e.channel {
		c := &e.channel[i]
		if c.rhythm && (drumMap == 0 || c.drumMap == drumMap) && c.setDrum(parameter, key, value) {
			e.touch(c)
		}
	}
}
