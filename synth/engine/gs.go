package engine

// Roland GS: data set 1 messages of the address map 40 and 41. A message may set
// several addresses in a row.

// roland carries out a message: three bytes of address, then data.
func (e *Engine) roland(b []byte) {
	if len(b) < 4 {
		return
	}
	switch {
	case b[0] == 0x40 && b[1] == 0 && b[2] == 0 && len(b) >= 7: // master tune, nibbles of 0.1 cent
		value := int(b[3]&15)<<12 | int(b[4]&15)<<8 | int(b[5]&15)<<4 | int(b[6]&15)
		e.fineTune = float64(min(max(value-1024, -1000), 1000)) * 0.1
		e.touchAll()
		return
	case b[0] == 0 && b[1] == 0 && b[2] == 0x7F: // mode set of later devices
		e.reset(modeGS)
		return
	case b[0] == 0x41: // drum setup: map and parameter, key
		e.gsDrum(b[1]>>4+1, b[1]&15, b[2], b[3])
		return
	case b[0] != 0x40:
		return
	case b[1]>>4 == 1 && b[2] == 0: // tone number: bank and program
		c := &e.channel[gsPart(b[1]&15)]
		c.bankMSB = b[3]
		if len(b) > 4 {
			c.program = b[4]
		}
		e.selectPreset(c)
		return
	}
	for i, value := range b[3:] {
		address := int(b[2]) + i
		if address > 127 {
			return
		}
		switch b[1] >> 4 {
		case 0:
			e.gsCommon(b[1], uint8(address), value)
		case 1:
			e.gsPartSet(&e.channel[gsPart(b[1]&15)], uint8(address), value)
		case 2:
			if address == 0x10 { // bend range
				c := &e.channel[gsPart(b[1]&15)]
				c.bendRange = float32(min(max(int(value)-64, 0), 24))
				e.touch(c)
			}
		}
	}
}

// gsCommon sets a system parameter, 40 00, or one common to the patch, 40 01.
func (e *Engine) gsCommon(page, address, value uint8) {
	switch {
	case page == 1:
		if e.effects.settings.gs(address, value) {
			e.effects.apply()
		}
	case page != 0:
	case address == 0x7F:
		e.reset(modeGS)
	case address == 0x04: // master volume
		v := float32(value) / 127
		e.master = v * v
		e.touchAll()
	case address == 0x05: // master key shift
		e.coarseTune = float64(min(max(int(value)-64, -24), 24) * 100)
		e.touchAll()
	case address == 0x06: // master pan
		e.balance = float32(int(value)-64) * (500.0 / 63)
		e.touchAll()
	}
}

// gsPartSet sets a parameter of a part, 40 1x.
func (e *Engine) gsPartSet(c *channel, address, value uint8) {
	switch address {
	case 0x13: // mono, poly
		c.mono = value == 0
		c.keys.clear()
	case 0x15: // use for rhythm part
		c.rhythm, c.rhythmNext, c.drumMap = value != 0, value != 0, value
		e.selectPreset(c)
	case 0x16:
		c.shift = min(max(int(value)-64, -24), 24)
	case 0x19:
		c.cc[ccVolume] = value
	case 0x1C:
		c.cc[ccPan] = max(value, 1) // 0 is at random, which nobody misses
	case 0x21:
		c.cc[ccChorus] = value
	case 0x22:
		c.cc[ccReverb] = value
	default:
		switch {
		case address >= 0x30 && address <= 0x37:
			c.setSound([...]int{
				soundVibratoRate, soundVibratoDepth, soundCutoff, soundResonance,
				soundAttack, soundDecay, soundRelease, soundVibratoDelay,
			}[address-0x30], value)
		case address >= 0x40 && address <= 0x4B:
			c.tuning.scaleNote(int(address-0x40), float32(int(value)-64))
		default:
			return
		}
	}
	e.touch(c)
}

// gsDrum sets a parameter of a drum of a map.
func (e *Engine) gsDrum(drumMap, parameter, key, value uint8) {
	switch parameter {
	case 1:
		e.setDrums(drumMap, drumPitch, key, value)
	case 2:
		e.setDrums(drumMap, drumLevel, key, value)
	case 4:
		e.setDrums(drumMap, drumPan, key, value)
	case 5:
		e.setDrums(drumMap, drumReverb, key, value)
	case 6:
		e.setDrums(drumMap, drumChorus, key, value)
	}
}

// gsPart is the channel of a GS part number: part 0 is channel 10.
func gsPart(part byte) byte {
	switch {
	case part == 0:
		return rhythmChannel
	case part <= rhythmChannel:
		return part - 1
	}
	return part
}
