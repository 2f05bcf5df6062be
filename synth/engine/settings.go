package engine

import (
	"github.com/mmlite/mmlite/synth/engine/effect"
	"github.com/mmlite/mmlite/synth/internal/exact"
)

// effectSettings are the effects' parameters as MIDI sets them: GM 2 (global
// parameter control), GS (patch common 40 01 3x) and XG (effect 1, 02 01 xx). All
// numbers are 0 to 127 unless said otherwise.
type effectSettings struct {
	reverb reverbSettings
	chorus chorusSettings
}

type reverbSettings struct {
	kind  character
	time  uint8   // as GM 2 and GS count it
	exact float64 // seconds, in place of time if not 0 (XG)
	dull  uint8   // 0 to 7
	level uint8   // 64 is as the room has it
	delay uint8   // milliseconds
}

type chorusSettings struct {
	level, feedback, rate, depth, toReverb uint8
	delay                                  float64 // milliseconds
}

// character is a kind of room, in the order of GS.
type character uint8

const (
	room1 character = iota
	room2
	room3
	hall1
	hall2
	plate
	echo
	panningEcho
	noReverb
)

// characters are the rooms. The times of GS's macros and of GM 2's types come out
// as GM 2 has them: 1.1, 1.3 and 1.5 s, 1.8 s twice, 1.3 s. Echoes are rooms of
// their feedback, behind a delay.
var characters = [noReverb]struct {
	time              float64 // of what exp((value-40)/40) says
	high, size, width float64
	macro             reverbSettings
}{
	room1:       {0.404, 0.30, 0.50, 0.8, reverbSettings{time: 80, dull: 3}},
	room2:       {0.871, 0.35, 0.60, 0.8, reverbSettings{time: 56, dull: 4}},
	room3:       {0.823, 0.45, 0.75, 0.9, reverbSettings{time: 64}},
	hall1:       {0.809, 0.45, 0.90, 1.0, reverbSettings{time: 72, dull: 4}},
	hall2:       {0.988, 0.45, 1.00, 1.0, reverbSettings{time: 64}},
	plate:       {0.392, 0.80, 0.70, 1.0, reverbSettings{time: 88}},
	echo:        {0.6, 0.5, 1.25, 0.3, reverbSettings{time: 32, delay: 100}},
	panningEcho: {0.6, 0.5, 1.25, 1.0, reverbSettings{time: 64, delay: 100}},
}

// chorusMacros are the eight of GS; the first six are GM 2's types.
var chorusMacros = [8]chorusSettings{
	{level: 64, feedback: 0, delay: 18, rate: 3, depth: 5},
	{level: 64, feedback: 5, delay: 12, rate: 9, depth: 19},
	{level: 64, feedback: 8, delay: 12, rate: 3, depth: 19},
	{level: 64, feedback: 16, delay: 10, rate: 9, depth: 16},
	{level: 64, feedback: 64, delay: 20, rate: 2, depth: 24},
	{level: 64, feedback: 112, delay: 3, rate: 1, depth: 5},
	{level: 64, feedback: 0, delay: 80, rate: 0, depth: 0},
	{level: 64, feedback: 80, delay: 80, rate: 0, depth: 0},
}

const (
	defaultChorus = 2
	// reverbGain and chorusGain are the effects' levels at 64. The reverberation is
	// about as loud as FluidSynth's, by measurement; the chorus 8 dB softer, which
	// is the most that does not drown what is sent in full.
	reverbGain = 0.6
	chorusGain = 2.5
)

func (s *effectSettings) reset() {
	s.setReverb(hall2)
	s.chorus = chorusMacros[defaultChorus]
}

func (s *effectSettings) setReverb(k character) {
	if k >= noReverb {
		s.reverb = reverbSettings{kind: hall2}
		return
	}
	s.reverb = characters[k].macro
	s.reverb.kind, s.reverb.level = k, 64
}

func (s *effectSettings) room() effect.Room {
	r := &s.reverb
	c := &characters[r.kind]
	time := r.exact
	if time == 0 {
		time = c.time * exact.Exp2((float64(r.time)-40)*0.025*(1/ln2))
	}
	return effect.Room{
		Time: time, High: c.high * (1 - float64(0.08*float64(r.dull))), Size: c.size,
		Delay: float64(r.delay) / 1000, Width: c.width, Level: reverbGain * float64(r.level) / 64,
	}
}

const ln2 = 0.69314718055994530942

func (s *effectSettings) voices() effect.Voices {
	c := &s.chorus
	return effect.Voices{
		Level: chorusGain * float64(c.level) / 64, Feedback: 0.00763 * float64(c.feedback),
		Delay: c.delay / 1000, Rate: 0.122 * float64(c.rate), Depth: (float64(c.depth) + 1) / 3200,
		ToReverb: 0.00787 * float64(c.toReverb),
	}
}

// global is a parameter of GM 2's global parameter control: slot 1 is the
// reverberation, slot 2 the chorus.
func (s *effectSettings) global(slot, parameter, value uint8) {
	r, c := &s.reverb, &s.chorus
	switch int(slot)<<8 | int(parameter) {
	case 0x100:
		if value < 5 {
			s.setReverb(character(value))
			r.time = [...]uint8{44, 50, 56, 64, 64}[value]
			r.exact = exact.Exp2((float64(r.time) - 40) * 0.025 * (1 / ln2))
		} else if value == 8 {
			s.setReverb(plate)
		}
	case 0x101:
		r.exact = exact.Exp2((float64(value) - 40) * 0.025 * (1 / ln2))
	case 0x200:
		if int(value) < 6 {
			*c = chorusMacros[value]
		}
	case 0x201:
		c.rate = value
	case 0x202:
		c.depth = value
	case 0x203:
		c.feedback = value
	case 0x204:
		c.toReverb = value
	}
}

// gs is the parameter 40 01 address of GS. It says whether there is such a one.
func (s *effectSettings) gs(address, value uint8) bool {
	r, c := &s.reverb, &s.chorus
	switch address {
	case 0x30:
		if character(value) < noReverb {
			s.setReverb(character(value))
		}
	case 0x31:
		if character(value) < noReverb {
			r.kind = character(value)
		}
	case 0x32:
		r.dull = min(value, 7)
	case 0x33:
		r.level = value
	case 0x34:
		r.time, r.exact = value, 0
	case 0x37:
		r.delay = value
	case 0x38:
		if int(value) < len(chorusMacros) {
			*c = chorusMacros[value]
		}
	case 0x3A:
		c.level = value
	case 0x3B:
		c.feedback = value
	case 0x3C:
		c.delay = float64(value) * 0.16
	case 0x3D:
		c.rate = value
	case 0x3E:
		c.depth = value
	case 0x3F:
		c.toReverb = value
	default:
		return false
	}
	return true
}

// xgRooms are XG's types of reverberation.
var xgRooms = map[uint8]character{
	0: noReverb, 1: hall2, 2: room2, 3: hall1, 4: plate, 16: room1, 17: hall2, 18: hall2, 19: room3,
}

// xg is the parameter 02 01 address of XG. It says whether there is such a one.
func (s *effectSettings) xg(address, value uint8) bool {
	r, c := &s.reverb, &s.chorus
	switch address {
	case 0x00:
		if k, ok := xgRooms[value]; ok {
			s.setReverb(k)
		}
	case 0x02:
		r.exact = xgSeconds(value)
	case 0x0C:
		r.level = value
	case 0x20:
		level := c.level
		switch value {
		case 0:
			c.level = 0
			return true
		case 67:
			*c = chorusMacros[5]
		case 66:
			*c = chorusMacros[3]
		default:
			*c = chorusMacros[defaultChorus]
		}
		c.level = max(level, 1)
	case 0x2C:
		c.level = value
	case 0x2E:
		c.toReverb = value
	default:
		return false
	}
	return true
}

// xgSeconds is XG's table of reverberation times.
func xgSeconds(value uint8) float64 {
	v := float64(min(value, 69))
	switch {
	case v <= 47:
		return 0.3 + float64(v*0.1)
	case v <= 57:
		return 5 + float64((v-47)*0.5)
	case v <= 67:
		return 10 + (v - 57)
	}
	return 20 + float64((v-67)*5)
}
