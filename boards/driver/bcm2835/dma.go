package bcm2835

import (
	"github.com/mmlite/mmlite/boards/driver/reg"
	"github.com/mmlite/mmlite/firmware/com"
)

// The DMA controller (section 4.2.1.2). Channels from 7 on are lite ones, whose
// transfers are shorter.
const (
	dmaBase    = 0x007000
	dmaChannel = 0x100
	dmaEnable  = dmaBase + 0xFF0
	fullDMA    = 7

	dmaCS     = 0x00
	dmaBlock  = 0x04
	dmaSource = 0x0C

	dmaActive   = 1 << 0
	dmaFlags    = 1<<1 | 1<<2 // END and INT, cleared by writing them
	dmaFailed   = 1 << 8
	dmaPriority = 8<<16 | 15<<20 // and that of panic
	dmaWait     = 1 << 28        // for outstanding writes
	dmaAbort    = 1 << 30
	dmaReset    = 1 << 31

	// Transfer information (DMA_TI).
	tiWait        = 1 << 3 // for each write's response
	tiDestRequest = 1 << 6
	tiSourceNext  = 1 << 8
	tiPWM         = 5 << 16 // section 4.2.1.3: whose requests are waited for

	blockSize = 32
)

// tagDMA asks which channels the graphics processor leaves.
const tagDMA = 0x00060001

// DMAChannel returns a channel that the graphics processor leaves to others, of those
// that are not lite. The error is com.ErrNotFound if it leaves none.
func (m *Mailbox) DMAChannel() (int, error) {
	w := []uint32{0}
	if err := m.Ask(Tag{tagDMA, w}); err != nil {
		return 0, err
	}
	for n := fullDMA - 1; n >= 0; n-- {
		if w[0]>>n&1 == 1 {
			return n, nil
		}
	}
	return 0, com.Errorf(com.ErrNotFound, "the graphics processor leaves no DMA channel (%#x)", w[0])
}

// circle is a DMA channel that goes round in memory for ever.
type circle struct {
	r       reg.Space // of the channel
	all     reg.Space
	channel int
	bus     uint32 // address of the samples, as the controller sees it
	size    uint32 // of them, in bytes
}

// begin has cells of samples, which blocks has room for a control block each, be
// written to a register that asks for them.
func (c *circle) begin(blocks reg.Space, blocksBus uint32, cells int, to, request uint32) {
	cell := c.size / uint32(cells)
	for i := range uint32(cells) {
		b := reg.At(blocks, i*blockSize)
		next := blocksBus
		if i+1 < uint32(cells) {
			next += (i + 1) * blockSize
		}
		for at, v := range []uint32{tiWait | tiDestRequest | tiSourceNext | request, c.bus + i*cell, to, cell, 0, next, 0, 0} {
			b.Write32(uint32(4*at), v)
		}
	}
	c.all.Write32(dmaEnable, c.all.Read32(dmaEnable)|1<<c.channel)
	c.r.Write32(dmaCS, dmaReset)
	c.r.Write32(dmaCS, dmaFlags)
	c.r.Write32(dmaBlock, blocksBus)
	c.r.Write32(dmaCS, dmaActive|dmaPriority|dmaWait)
}

// at is how many bytes of a round have been fetched. It reports false if the channel
// has failed or is somewhere else.
func (c *circle) at() (bytes uint32, ok bool) {
	off := c.r.Read32(dmaSource) - c.bus
	if c.r.Read32(dmaCS)&(dmaFailed|dmaActive) != dmaActive || off > c.size {
		return 0, false
	}
	return off % c.size, true
}

func (c *circle) end() {
	c.r.Write32(dmaCS, dmaAbort)
	c.r.Write32(dmaCS, dmaReset)
}
