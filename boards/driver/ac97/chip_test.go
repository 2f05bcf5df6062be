package ac97

import (
	"encoding/binary"

	"github.com/mmlite/mmlite/firmware/machine"
)

const dmaBase = 0x2000000

// chip is a codec and its bus master, as the manuals describe them.
type chip struct {
	now machine.Time
	dma []byte

	// What is wrong with it.
	noCodec, notReady, mute, fixed, stuck, deaf, gone bool

	mixer                [64]uint16
	global               uint32
	bdbar                uint32
	civ, lvi, piv, cr    uint8
	sr, picb             uint16
	address              uint32 // of what is played next
	heard                []int16
	interrupts, restarts int
}

func newChip(period int) *chip {
	c := &chip{dma: make([]byte, AreaSize(period)), sr: srHalted, global: codecReady}
	return c
}

func (c *chip) Now() machine.Time { c.now += 20_000; return c.now }

// fetch begins the next descriptor.
func (c *chip) fetch() {
	c.civ = c.piv
	c.piv = (c.piv + 1) % descriptors
	at := c.bdbar + 8*uint32(c.civ) - dmaBase
	c.address = binary.LittleEndian.Uint32(c.dma[at:])
	c.picb = uint16(binary.LittleEndian.Uint32(c.dma[at+4:]))
}

// play has so many samples pass.
func (c *chip) play(samples int, rate int) {
	c.now += machine.Time(int64(samples/2) * int64(machine.Second) / int64(rate))
	for range samples {
		if c.stuck || c.cr&crRun == 0 || c.sr&srHalted != 0 {
			return
		}
		at := c.address - dmaBase
		c.heard = append(c.heard, int16(binary.LittleEndian.Uint16(c.dma[at:])))
		c.address += 2
		if c.picb--; c.picb > 0 {
			continue
		}
		c.sr |= 1 << 3
		c.interrupts++
		if c.civ == c.lvi {
			c.sr |= srHalted | 1<<1 | 1<<2
			return
		}
		c.fetch()
	}
}

// master is the bus master's registers.
type master struct{ *chip }

func (m master) Read8(at uint32) uint8 {
	if m.gone {
		return 0xFF
	}
	return map[uint32]uint8{poCIV: m.civ, poLVI: m.lvi, poCR: m.cr}[at]
}

func (m master) Read16(at uint32) uint16 {
	switch {
	case m.gone:
		return 0xFFFF
	case at == poSR:
		return m.sr
	case at == poPICB:
		return m.picb
	}
	return 0
}

func (m master) Read32(at uint32) uint32 {
	switch {
	case m.gone, m.noCodec:
		return 0xFFFFFFFF
	case at == globalStat && !m.notReady:
		return m.global
	}
	return 0
}

func (m master) Write8(at uint32, v uint8) {
	switch at {
	case poLVI:
		m.lvi = v
		if m.cr&crRun != 0 && m.sr&srHalted != 0 && !m.deaf {
			m.sr &^= srHalted | 1<<1
			m.fetch()
		}
	case poCR:
		switch {
		case v&crReset != 0:
			m.cr, m.civ, m.lvi, m.piv, m.picb, m.sr = 0, 0, 0, 0, 0, srHalted
		case v&crRun == 0:
			m.cr = v
			m.sr |= srHalted
		default:
			m.restarts++
			m.cr = v
			m.sr &^= srHalted | 1<<1
			m.fetch()
		}
	}
}

func (m master) Write16(at uint32, v uint16) {
	if at == poSR {
		m.sr &^= v & srEvents
	}
}

func (m master) Write32(at uint32, v uint32) {
	switch at {
	case poBDBAR:
		m.bdbar = v
	case globalCnt:
	}
}

// codec is the codec's registers.
type codec struct{ *chip }

func (c codec) Read8(uint32) uint8   { return 0xFF }
func (c codec) Read32(uint32) uint32 { return 0xFFFFFFFF }
func (c codec) Read16(at uint32) uint16 {
	switch {
	case c.gone || c.noCodec:
		return 0xFFFF
	case at == namVendor1:
		return 0x8384
	case at == namVendor2:
		return 0x7600
	case at == namExtendedID && !c.fixed:
		return variableRate
	}
	return c.mixer[at/2]
}

func (c codec) Write8(uint32, uint8)   {}
func (c codec) Write32(uint32, uint32) {}
func (c codec) Write16(at uint32, v uint16) {
	switch {
	case c.mute && (at == namMaster || at == namPCM):
		v |= 0x8000
	case at == namFrontRate && c.mixer[namExtended/2]&variableRate == 0:
		v = 48000
	}
	c.mixer[at/2] = v
}
