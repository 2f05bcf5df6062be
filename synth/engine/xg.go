package engine

// Yamaha XG: parameter changes of system, effects, parts and drum setups. A
// message may set several addresses in a row.

// yamaha carries out a message: three bytes of address and the data.
func (e *Engine) yamaha(address, data []byte) {
	high, mid, low := address[0], address[1], address[2]
	if high == 0 && mid == 0 && low == 0 && len(data) >= 4 { // master tune, nibbles of 0.1 cent
		value := int(data[0]&15)<<12 | int(data[1]&15)<<8 | int(data[2]&15)<<4 | int(data[3]&15)
		e.fineTune = float64(min(max(value-1024, -1024), 1023)) * 0.1
		e.touchAll()
		return
	}
	if high == 2 && mid == 1 && (low == 0 || low == 0x20) {
		data = data[:1] // a type has two bytes, of which the second is a shade of the first
	}
	for i, value := range data {
		at := int(low) + i
		if at > 127 {
			return
		}
		switch {
		case high == 0 && mid == 0:
			e.xgSystem(uint8(at), value)
		case high == 2 && mid == 1:
			if e.effects.settings.xg(uint8(at), value) {
				e.effects.apply()
			}
		case high == 8 && mid < channels:
			e.xgPart(&e.channel[mid], uint8(at), value)
		case high>>4 == 3:
			e.xgDrum(mid, uint8(at), value)
		}
	}
}

func (e *Engine) xgSystem(address, value uint8) {
	switch address {
	case 0x04: // master volume
		v := float32(value) / 127
		e.master = v * v
	case 0x06: // transposition
		e.coarseTune = float64(min(max(int(value)-64, -24), 24) * 100)
	case 0x7D: // drum setup reset
		for i := range e.kits {
			e.kits[i].reset()
		}
	case 0x7E, 0x7F: // XG on, all parameters reset
		e.reset(modeXG)
	}
	e.touchAll()
}

func (e *Engine) xgPart(c *channel, address, value uint8) {
	switch address {
	case 0x01:
		c.bankMSB = value
	case 0x02:
		c.bankLSB = value
	case 0x03:
		c.program = value
		e.selectPreset(c)
	case 0x05:
		c.mono = value == 0
		c.keys.clear()
	case 0x07: // part mode
		c.rhythm, c.rhythmNext, c.drumMap = value != 0, value != 0, value
		e.selectPreset(c)
	case 0x08:
		c.shift = min(max(int(value)-64, -24), 24)
	case 0x0B:
		c.cc[ccVolume] = value
	case 0x0E:
		c.cc[ccPan] = max(value, 1)
	case 0x12:
		c.cc[ccChorus] = value
	case 0x13:
		c.cc[ccReverb] = value
	case 0x15, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x1B, 0x1C:
		c.setSound([...]int{
			soundVibratoRate, soundVibratoDepth, soundVibratoDelay, soundCutoff,
			soundResonance, soundAttack, soundDecay, soundRelease,
		}[address-0x15], value)
	case 0x23: // bend range
		c.bendRange = float32(min(max(int(value)-64, 0), 24))
	default:
		if address < 0x41 || address > 0x4C {
			return
		}
		c.tuning.scaleNote(int(address-0x41), float32(int(value)-64))
	}
	e.touch(c)
}

// xgDrums are the parameters of setDrum by their addresses.
var xgDrums = map[uint8]uint8{
	0: drumPitch, 1: drumFine, 2: drumLevel, 4: drumPan, 5: drumReverb, 6: drumChorus,
	0x0B: 0, 0x0C: 1, 0x0D: 2, 0x0E: 3,
}

func (e *Engine) xgDrum(key, address, value uint8) {
	if parameter, ok := xgDrums[address]; ok {
		e.setDrums(0, parameter, key, value)
	}
}
