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
	noParameter      = 0x3FFF
	parameterIsNRPN  = 1 << 14
	rpnBendRange     = 0
	rpnFineTune      = 1
	rpnCoarseTune    = 2
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
}

func (c *channel) sustained() bool { return c.cc[ccSustain] >= 64 }

// powerOn puts everything to its state after power-on.
func (c *channel) powerOn() {
	*c = channel{number: c.number, rhythm: c.number == rhythmChannel}
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
	case ccAllNotesOff, 124, 125, 126, 127:
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
			if e.mode == modeXG {
				c.rhythm = value == 127 || value == 126 || value == 0 && c.number == rhythmChannel
			}
		}
	case ccBankLSB:
		if e.mode != modeGM {
			c.bankLSB = value
		}
	case ccDataMSB, ccDataLSB:
		e.dataEntry(c, number == ccDataLSB, value)
	case ccIncrement, ccDecrement:
		e.dataStep(c, number == ccIncrement)
	case ccRPNLSB:
		c.parameter = c.parameter&0x3F80 | uint16(value)
	case ccRPNMSB:
		c.parameter = c.parameter&0x7F | uint16(value)<<7
	case ccNRPNLSB:
		c.parameter = c.parameter&0x3F80 | uint16(value) | parameterIsNRPN
	case ccNRPNMSB:
		c.parameter = c.parameter&0x7F | uint16(value)<<7 | parameterIsNRPN
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

// dataEntry sets the selected registered parameter; RPN 0 to 2 are known.
func (e *Engine) dataEntry(c *channel, low bool, value uint8) {
	msb, lsb := c.cc[ccDataMSB], c.cc[ccDataLSB]
	switch c.parameter {
	case rpnBendRange:
		if !low {
			lsb = 0
		}
		c.bendRange = float32(msb) + float32(min(lsb, 99))/100
	case rpnFineTune:
		c.fineTune = float64(int(msb)<<7|int(lsb)-8192) * (100.0 / 8192)
	case rpnCoarseTune:
		if !low {
			c.coarseTune = int(value) - 64
		}
	default:
		return
	}
	e.touch(c)
}

// dataStep is data increment and decrement: one semitone of bend range or coarse
// tuning, one step of fine tuning.
func (e *Engine) dataStep(c *channel, up bool) {
	step := -1
	if up {
		step = 1
	}
	value := min(max(int(c.cc[ccDataMSB])+step, 0), 127)
	switch c.parameter {
	case rpnBendRange:
		value = min(max(int(c.bendRange)+step, 0), 127)
	case rpnCoarseTune:
		value = min(max(c.coarseTune+64+step, 0), 127)
	case rpnFineTune:
		value = min(max(int(c.cc[ccDataMSB])<<7|int(c.cc[ccDataLSB])+step, 0), 16383)
		c.cc[ccDataMSB], c.cc[ccDataLSB] = uint8(value>>7), uint8(value&127)
		e.dataEntry(c, true, c.cc[ccDataLSB])
		return
	default:
		return
	}
	c.cc[ccDataMSB] = uint8(value)
	e.dataEntry(c, false, uint8(value))
}

// selectPreset finds what the channel's bank and program stand for. Where no
// bank has it, a melodic channel falls back to the bank without LSB, to bank 0
// and to program 0 of it, a rhythm channel to the standard kit.
func (e *Engine) selectPreset(c *channel) {
	msb, lsb := c.bankMSB, c.bankLSB
	if c.rhythm {
		msb, lsb = 0, 0
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
