package engine

// System exclusive messages that the engine understands: universal GM on and
// off, DLS on and off, DLS voice allocation, master volume and tuning; Roland GS
// reset, drum part and master volume; Yamaha XG on, part mode.

// mode is which standard's rules for banks hold.
type mode uint8

const (
	modeGS mode = iota // controller 0 selects variations, channel 10 has kits
	modeGM             // controllers 0 and 32 have no meaning
	modeXG             // controller 0 of 126 or 127 makes a rhythm channel
)

const longestSysEx = 32

// known says whether data begins as a message that sysex acts on.
func known(data []byte) bool {
	if len(data) < 6 || len(data) > longestSysEx || data[0] != 0xF0 || data[len(data)-1] != 0xF7 {
		return false
	}
	switch data[1] {
	case 0x7E, 0x7F, 0x41, 0x43:
		return true
	}
	return false
}

// reset returns every channel to power-on and fades what sounds.
func (e *Engine) reset(m mode) {
	e.mode, e.master, e.fineTune, e.coarseTune = m, 1, 0, 0
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
			e.yamaha(body[3:6], body[6])
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
			e.reset(modeGS)
		}
	case b[2] == 0x09 && b[3] == 2: // GM off
		e.reset(modeGS)
	case b[2] == 0x0A && (b[3] == 1 || b[3] == 2): // DLS on, off
		e.reset(modeGS)
	case b[2] == 0x0A && b[3] == 3: // voice allocation off
		e.byRank = false
	case b[2] == 0x0A && b[3] == 4:
		e.byRank = true
	}
}

func (e *Engine) realtime(b []byte) {
	if len(b) < 6 || b[2] != 0x04 {
		return
	}
	value := int(b[5])<<7 | int(b[4])
	switch b[3] {
	case 1: // master volume, square law as for controller 7
		v := float32(value) / 16383
		e.master = v * v
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

func (e *Engine) roland(b []byte) {
	if b[0] != 0x40 || len(b) < 4 {
		return
	}
	switch {
	case b[1] == 0 && b[2] == 0x7F: // GS reset
		e.reset(modeGS)
	case b[1] == 0 && b[2] == 0x04: // master volume
		v := float32(b[3]&127) / 127
		e.master = v * v
		e.touchAll()
	case b[1]>>4 == 1 && b[2] == 0x15: // use for rhythm part
		c := &e.channel[gsPart(b[1]&15)]
		c.rhythm = b[3] != 0
		e.selectPreset(c)
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

func (e *Engine) yamaha(address []byte, value byte) {
	switch {
	case address[0] == 0 && address[1] == 0 && address[2] == 0x7E: // XG on
		e.reset(modeXG)
	case address[0] == 0 && address[1] == 0 && address[2] == 0x04: // master volume
		v := float32(value&127) / 127
		e.master = v * v
		e.touchAll()
	case address[0] == 8 && address[1] < channels && address[2] == 7: // part mode
		c := &e.channel[address[1]]
		c.rhythm = value != 0
		e.selectPreset(c)
	}
}
