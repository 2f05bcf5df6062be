package engine

import "github.com/mmlite/mmlite/synth/bank"

// Controllers that the engine itself acts on; the rest reach voices through
// their modulators only.
const (
	ccBankMSB        = 0
	ccGlideTime      = 5
	ccDataMSB        = 6
	ccVolume         = 7
	ccBalance        = 8
	ccPan            = 10
	ccExpression     = 11
	ccBankLSB        = 32
	ccDataLSB        = 38
	ccSustain        = 64
	ccGlide          = 65
	ccSostenuto      = 66
	ccSoft           = 67
	ccGlideFrom      = 84
	ccSound1         = 70 // the first of ten sound controllers
	ccSound10        = 79
	ccReverb         = 91
	ccChorus         = 93
	ccIncrement      = 96
	ccDecrement      = 97
	ccNRPNLSB        = 98
	ccNRPNMSB        = 99
	ccRPNLSB         = 100
	ccRPNMSB         = 101
	ccAllSoundOff    = 120
	ccResetAll       = 121
	ccLocalControl   = 122
	ccAllNotesOff    = 123
	ccMono           = 126
	ccPoly           = 127
	noParameter      = 0x3FFF
	parameterIsNRPN  = 1 << 14
	rpnBendRange     = 0
	rpnFineTune      = 1
	rpnCoarseTune    = 2
	rpnTuning        = 3 // program of the tuning standard
	rpnTuningBank    = 4
	rpnModulation    = 5 // depth of controller 1 (GM 2)
	bendCentre       = 0x2000
	softPedalCB      = 30 // what the soft pedal takes from notes that start under it
	defaultReverb    = 40
	defaultBendRange = 2
)

// channel is the state of one MIDI channel.
type channel struct {
	number       uint8
	rhythm       bool
	program      uint8
	bankMSB      uint8
	bankLSB      uint8
	preset       *bank.Preset
	presetBank   *bank.Bank
	cc           [128]uint8
	polyPressure [128]uint8
	pressure     uint8
	bend         uint16  // 0..16383
	bendRange    float32 // semitones
	fineTune     float64 // cents
	coarseTune   int     // semitones
	parameter    uint16  // RPN, or NRPN with parameterIsNRPN
	lastKey      int16   // of the last note-on, -1 is none
	glideFrom    int16   // key that controller 84 has set for the next note, -1 is none
	rhythmNext   bool    // what the next program change makes of rhythm (XG, GM 2)
	mono         bool
	keys         keyStack
	generator    int     // that NRPN 120 has selected
	modDepth     float32 // of controller 1, 1 is as the instrument has it
	shift        int     // of the part, semitones
	shape        shape
	tuning       tuning
	drums        *drumKit // tones that were changed, nil for none
	drumMap      uint8    // of GS, 1 or 2; 0 for a melodic part
}

func (c *channel) sustained() bool { return c.cc[ccSustain] >= 64 }

// powerOn puts everything to its state after power-on.
func (c *channel) powerOn() {
	*c = channel{number: c.number, rhythm: c.number == rhythmChannel, drums: c.drums}
	c.rhythmNext = c.rhythm
	if c.rhythm {
		c.drumMap = 1
	}
	c.drums.reset()
	for i := ccSound1; i <= ccSound10; i++ {
		c.cc[i] = 64
	}
	c.modDepth = 1
	c.tuning.program = -1
	c.cc[ccVolume], c.cc[ccPan], c.cc[ccBalance] = 100, 64, 64
	c.cc[ccReverb] = defaultReverb
	c.bendRange = defaultBendRange
	c.lastKey = -1
	c.resetControllers()
}

// resetControllers is controller 121 (RP-015): it leaves volume, pan, program,
// banks, sends and the values of parameters alone.
func (c *channel) resetControllers() {
	c.cc[1], c.cc[33] = 0, 0
	c.cc[ccExpression], c.cc[ccExpression+32] = 127, 127
	for i := ccSustain; i <= 69; i++ {
		c.cc[i] = 0
	}
	clear(c.polyPressure[:])
	c.pressure = 0
	c.bend = bendCentre
	c.parameter = noParameter
	c.glideFrom = -1
}

// glide is the key from which a note on key begins, and the time in seconds that
// it takes to get there: portamento by controllers 5, 65 and 84. No time is no
// glide.
func (c *channel) glide(key uint8) (from int, seconds float64) {
	from = -1
	if c.cc[ccGlide] >= 64 {
		from = int(c.lastKey)
	}
	if c.glideFrom >= 0 {
		from = int(c.glideFrom)
	}
	c.glideFrom, c.lastKey = -1, int16(key)
	if from < 0 || from == int(key) {
		return 0, 0
	}
	return from, float64(int(c.cc[ccGlideTime])<<7|int(c.cc[ccGlideTime+32])) / 1000
}

// control7 carries out a control change.
func (e *Engine) control7(c *channel, number, value uint8) {
	old := c.cc[number]
	switch number {
	case ccAllSoundOff:
		for _, v := range e.active {
			if v.channel == c {
				e.fade(v)
			}
		}
		return
	case ccResetAll:
		c.resetControllers()
		e.releasePedals(c)
		e.touch(c)
		return
	case ccLocalControl:
		return
	case ccAllNotesOff, 124, 125, ccMono, ccPoly:
		if number >= ccMono {
			c.mono = number == ccMono
		}
		c.keys.clear()
		for _, v := range e.active {
			if v.channel == c {
				e.release(v)
			}
		}
		return
	}
	c.cc[number] = value
	switch number {
	case ccBankMSB:
		if e.mode != modeGM {
			c.bankMSB = value
			switch e.mode {
			case modeXG:
				c.rhythmNext = value == 127 || value == 126 || value == 0 && c.number == rhythmChannel
			case modeGM2:
				c.rhythmNext = value == 120 || value != 121 && c.number == rhythmChannel
			}
		}
	case ccBankLSB:
		if e.mode != modeGM {
			c.bankLSB = value
		}
	case ccDataMSB, ccDataLSB:
		e.dataEntry(c, number == ccDataLSB)
	case ccIncrement, ccDecrement:
		e.dataStep(c, number == ccIncrement)
	case ccRPNLSB:
		c.parameter = c.parameter&0x3F80 | uint16(value)
	case ccRPNMSB:
		c.parameter = c.parameter&0x7F | uint16(value)<<7
	case ccNRPNLSB:
		c.parameter = c.parameter&0x3F80 | uint16(value) | parameterIsNRPN
		c.countGenerator(value)
	case ccNRPNMSB:
		c.parameter = c.parameter&0x7F | uint16(value)<<7 | parameterIsNRPN
		c.generator = 0
	case ccGlideFrom:
		c.glideFrom = int16(value)
	case ccSustain:
		if old >= 64 && value < 64 {
			e.releasePedals(c)
		}
	case ccSostenuto:
		if old < 64 && value >= 64 {
			for _, v := range e.active {
				if v.channel == c && v.held {
					v.sostenuto = true
				}
			}
		} else if old >= 64 && value < 64 {
			e.releasePedals(c)
		}
	}
	if old != value {
		e.touch(c)
	}
}

// releasePedals lets go the notes that only pedals held.
func (e *Engine) releasePedals(c *channel) {
	for _, v := range e.active {
		if v.channel != c {
			continue
		}
		if c.cc[ccSostenuto] < 64 {
			v.sostenuto = false
		}
		if !v.held && v.pedalled && !v.sostenuto && !c.sustained() {
			e.letGo(v)
		}
	}
}

// selectPreset finds what the channel's bank and program stand for. Where no
// bank has it, a melodic channel falls back to the bank without LSB, to bank 0
// and to program 0 of it, a rhythm channel to the standard kit.
func (e *Engine) selectPreset(c *channel) {
	msb, lsb := c.bankMSB, c.bankLSB
	if c.rhythm {
		msb, lsb = 0, 0
	}
	if e.mode == modeGM2 && !c.rhythm && msb == 121 && e.find(c, lsb, 0, c.program) {
		return // a bank of GS numbers its variations by controller 0
	}
	if e.find(c, msb, lsb, c.program) || lsb != 0 && e.find(c, msb, 0, c.program) ||
		msb != 0 && e.find(c, 0, 0, c.program) || e.find(c, 0, 0, 0) {
		return
	}
	c.preset, c.presetBank = nil, nil
}

func (e *Engine) find(c *channel, msb, lsb, program uint8) bool {
	for i := len(e.banks) - 1; i >= 0; i-- {
		if p := e.banks[i].Find(c.rhythm, msb, lsb, program); p != nil {
			if e.selected != nil && p != c.preset {
				e.selected(p)
			}
			c.preset, c.presetBank = p, e.banks[i]
			return true
		}
	}
	return false
}

// touch makes the channel's voices compute their modulators anew.
func (e *Engine) touch(c *channel) {
	for _, v := range e.active {
		if v.channel == c {
			v.dirty = true
		}
	}
}

func (e *Engine) touchAll() {
	for _, v := range e.active {
		v.dirty = true
	}
}
