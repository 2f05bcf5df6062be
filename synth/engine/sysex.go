package engine

// System exclusive messages that the engine understands: universal GM 1 and 2 on
// and off, DLS on and off, DLS voice allocation, master volume, balance and tuning,
// GM 2 global parameters and key-based controllers, octave and single note tuning;
// those of Roland GS (gs.go) and Yamaha XG (xg.go); and F0 7D 4D 4D 01 vv F7 of
// this synthesizer's own, which turns the effects off (0) and on.

// mode is which standard's rules for banks hold.
type mode uint8

const (
	modeGS  mode = iota // controller 0 selects variations, channel 10 has kits
	modeGM              // controllers 0 and 32 have no meaning
	modeXG              // controller 0 of 126 or 127 makes a rhythm channel
	modeGM2             // controller 0 of 120 makes a rhythm channel, of 121 a melodic one
)

const longestSysEx = 512

// known says whether data begins as a message that sysex acts on.
func known(data []byte) bool {
	if len(data) < 6 || len(data) > longestSysEx || data[0] != 0xF0 || data[len(data)-1] != 0xF7 {
		return false
	}
	switch data[1] {
	case 0x7E, 0x7F, 0x41, 0x43, 0x7D:
		return true
	}
	return false
}

// reset returns every channel to power-on and fades what sounds.
func (e *Engine) reset(m mode) {
	e.mode, e.master, e.fineTune, e.coarseTune, e.balance = m, 1, 0, 0, 0
	e.tunings = [tunings][128]float32{}
	e.effects.stop()
	e.effects.settings.reset()
	e.effects.apply()
	for _, v := range e.active {
		e.fade(v)
	}
	for i := range e.channel {
		c := &e.channel[i]
		c.number = uint8(i)
		c.powerOn()
		e.selectPreset(c)
	}
}

func (e *Engine) sysex(d []byte) {
	body := d[1 : len(d)-1]
	switch body[0] {
	case 0x7E:
		e.universal(body)
	case 0x7F:
		e.realtime(body)
	case 0x41:
		if len(body) >= 8 && body[2] == 0x42 && body[3] == 0x12 && rolandSum(body[4:]) {
			e.roland(body[4 : len(body)-1])
		}
	case 0x43:
		if len(body) >= 7 && body[1]>>4 == 1 && body[2] == 0x4C {
			e.yamaha(body[3:6], body[6:])
		}
	case 0x7D:
		if len(body) == 5 && body[1] == 0x4D && body[2] == 0x4D && body[3] == 1 {
			e.SetEffects(body[4] != 0)
		}
	}
}

func (e *Engine) universal(b []byte) {
	if len(b) < 4 {
		return
	}
	switch {
	case b[2] == 0x09 && (b[3] == 1 || b[3] == 3): // GM 1 on, GM 2 on
		if b[3] == 1 {
			e.reset(modeGM)
		} else {
			e.reset(modeGM2)
		}
	case b[2] == 0x09 && b[3] == 2: // GM off
		e.reset(modeGS)
	case b[2] == 0x0A && (b[3] == 1 || b[3] == 2): // DLS on, off
		e.reset(modeGS)
	case b[2] == 0x0A && b[3] == 3: // voice allocation off
		e.byRank = false
	case b[2] == 0x0A && b[3] == 4:
		e.byRank = true
	case b[2] == 0x08:
		e.tune(b[3], b[4:])
	}
}

// tune is a message of the tuning standard.
func (e *Engine) tune(kind byte, b []byte) {
	switch {
	case kind == 0x02: // single note tuning change
		e.noteTuning(b)
	case kind == 0x07 && len(b) > 1: // the same with a bank, of which there is one
		e.noteTuning(b[1:])
	case kind == 0x08 || kind == 0x09:
		e.octaveTuning(b, kind == 0x09)
	}
}

func (e *Engine) realtime(b []byte) {
	if len(b) < 6 {
		return
	}
	switch {
	case b[2] == 0x08:
		e.tune(b[3], b[4:])
		return
	case b[2] == 0x0A && b[3] == 1:
		e.keyControl(b[4:])
		return
	case b[2] == 0x04 && b[3] == 5:
		e.globalParameters(b[4:])
		return
	case b[2] != 0x04:
		return
	}
	value := int(b[5])<<7 | int(b[4])
	switch b[3] {
	case 1: // master volume, square law as for controller 7
		v := float32(value) / 16383
		e.master = v * v
	case 2: // master balance
		e.balance = float32(value-8192) * (500.0 / 8192)
	case 3: // master fine tuning
		e.fineTune = float64(value-8192) * (100.0 / 8192)
	case 4: // master coarse tuning
		e.coarseTune = float64(int(b[5])-64) * 100
	default:
		return
	}
	e.touchAll()
}

// rolandSum checks the last byte of address, data and sum.
func rolandSum(b []byte) bool {
	sum := byte(0)
	for _, x := range b {
		sum += x
	}
	return sum&127 == 0
}

// globalParameters is GM 2's global parameter control: lengths of a slot path, of
// parameters and of values, the path, and pairs. Slots are 01 01, reverberation,
// and 01 02, chorus.
func (e *Engine) globalParameters(b []byte) {
	if len(b) < 5 || b[0] != 1 || b[1] != 1 || b[2] != 1 || b[3] != 1 {
		return
	}
	for p := b[5:]; len(p) >= 2; p = p[2:] {
		e.effects.settings.global(b[4], p[0], p[1])
	}
	e.effects.apply()
}

// keyControl is GM 2's key-based controllers, for rhythm parts: channel, key, and
// pairs of a controller and its value.
func (e *Engine) keyControl(b []byte) {
	if len(b) < 2 || b[0] >= channels {
		return
	}
	c := &e.channel[b[0]]
	if !c.rhythm {
		return
	}
	for p := b[2:]; len(p) >= 2; p = p[2:] {
		switch p[0] {
		case ccVolume:
			// 64 is as the kit has it; more is not possible here.
			c.setDrum(drumLevel, b[1], min(p[1], 64)*2-min(p[1]/64, 1))
		case ccPan:
			c.setDrum(drumPan, b[1], p[1])
		case ccReverb:
			c.setDrum(drumReverb, b[1], p[1])
		case ccChorus:
			c.setDrum(drumChorus, b[1], p[1])
		}
	}
	e.touch(c)
}
