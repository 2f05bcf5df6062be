// Package ac97 is the sound device of a PC with an AC'97 codec behind an ICH bus
// master, as the device end of the card's mixer: it plays stereo from a ring of
// descriptors in memory and interrupts at the end of each.
//
// The sources are Intel, "82801AA (ICH) I/O Controller Hub AC '97 Programmer's
// Reference Manual" (the bus master: descriptor list, CIV, LVI, SR, PICB, CR and the
// global registers), and Intel, "Audio Codec '97", revision 2.3, section 5.7 (the
// codec: volumes, vendor, extended audio).
package ac97

import (
	"runtime"
	"sync/atomic"

	"github.com/mmlite/mmlite/boards/driver/reg"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/mixer/format"
	"github.com/mmlite/mmlite/mixer/output"
)

// PCI identification of the device in the ICH that this drives.
const (
	Vendor = 0x8086
	ID     = 0x2415
)

// Registers of the codec (AC'97, table 5.7).
const (
	namReset      = 0x00
	namMaster     = 0x02
	namPCM        = 0x18
	namExtendedID = 0x28
	namExtended   = 0x2A
	namFrontRate  = 0x2C
	namVendor1    = 0x7C
	namVendor2    = 0x7E

	variableRate = 1 // in both extended registers
)

// Registers of the bus master (ICH manual, "Native Audio Bus Master Control
// Registers"): those of PCM out, and the global ones.
const (
	poBDBAR    = 0x10
	poCIV      = 0x14
	poLVI      = 0x15
	poSR       = 0x16
	poPICB     = 0x18
	poCR       = 0x1B
	globalCnt  = 0x2C
	globalStat = 0x30

	srHalted    = 1 << 0 // DCH
	srEvents    = 0x1C   // FIFOE, BCIS, LVBCI: cleared by writing them back
	crRun       = 1 << 0
	crReset     = 1 << 1
	crLastIRQ   = 1 << 2
	crFIFOIRQ   = 1 << 3
	crDoneIRQ   = 1 << 4
	crPlay      = crDoneIRQ | crFIFOIRQ | crLastIRQ | crRun
	coldReset   = 1 << 1 // 0 holds the codec in reset
	codecReady  = 1 << 8
	descriptors = 32
	bytesFrame  = 4
	interrupts  = 1 << 31 // of a descriptor: at its end
)

const (
	// MaxQueue is how many periods may be queued: with all descriptors in use a full
	// ring could not be told from an empty one.
	MaxQueue  = descriptors - 2
	maxPeriod = 0xFFFE / 2 // a descriptor's length is of 16 bits

	readyTime  = machine.Second     // for the codec to come out of reset
	resetTime  = machine.Second / 2 // for the bus master
	stallTime  = 2 * machine.Second
	stallStep  = machine.Second / 10 // how much of a gap counts: we may not have run
	beginTime  = machine.Second / 50
	maxRestart = 16
)

// Config is what the device is given.
type Config struct {
	Mixer  reg.Space // base address 0, the codec
	Master reg.Space // base address 1, the bus master
	// DMA is AreaSize(Period) bytes, aligned to 8, that the device finds at Address
	// and that belong to it until Close.
	DMA     []byte
	Address uint32
	Clock   machine.Clock
	// Rate is in frames a second, 8000 to 48000. A codec without variable rate plays
	// 48000: ask Rate of the device.
	Rate   int
	Period int // frames, 16 to 32767
	Queue  int // periods, 2 to MaxQueue
	// Volume is the PCM volume register: 0x0808 is 0 dB by the standard, 0 is full
	// scale in QEMU's emulation.
	Volume uint16
	// Polled is set where nobody calls Interrupt.
	Polled bool
}

// AreaSize is how much memory the device takes.
func AreaSize(period int) int { return descriptors * (8 + period*bytesFrame) }

// Device plays. It implements output.Device and output.Timed.
type Device struct {
	cfg     Config
	rate    int
	buffers []byte
	encoder *format.Encoder
	event   atomic.Pointer[thread.Event]

	// AUDIO's own. Periods are counted from the first; period k is descriptor k
	// modulo 32, for ever.
	written uint64 // submitted
	done    uint64 // that the device is through with
	given   uint64 // that it may play
	started bool
	running bool
	ending  bool // nothing follows for a while
	resting bool // and all has left
	fresh   bool // set going, and not seen to move since

	lastLeft  uint32 // of the current descriptor, to see whether it moves
	lastLook  machine.Time
	still     machine.Duration
	restarts  int // since it last went well
	steps     int // that it was seen to go since the last of them
	underruns atomic.Uint64
	failure   atomic.Pointer[error]

	seq   atomic.Uint32 // odd while the words change
	words [3]atomic.Uint64
	heard atomic.Uint64 // the most that Played has said
}

// Open starts the device; it plays nothing yet. The errors are com.ErrInvalid, and
// com.ErrNotFound if there is no working codec.
func Open(cfg Config) (*Device, error) {
	switch {
	case cfg.Rate < 8000 || cfg.Rate > 48000 || cfg.Period < 16 || cfg.Period > maxPeriod || cfg.Queue < 2 || cfg.Queue > MaxQueue:
		return nil, com.Errorf(com.ErrInvalid, "ac97: %d Hz with %d periods of %d frames", cfg.Rate, cfg.Queue, cfg.Period)
	case len(cfg.DMA) < AreaSize(cfg.Period) || cfg.Address&7 != 0 || uint64(cfg.Address)+uint64(len(cfg.DMA)) > 1<<32:
		return nil, com.Errorf(com.ErrInvalid, "ac97: %d bytes of memory at %#x, and it takes %d", len(cfg.DMA), cfg.Address, AreaSize(cfg.Period))
	}
	d := &Device{cfg: cfg, buffers: cfg.DMA[descriptors*8:]}
	var err error
	if d.encoder, err = format.NewEncoder(format.S16, false, 0); err != nil {
		return nil, err
	}
	if err := d.reset(); err != nil {
		return nil, err
	}
	d.list()
	d.publish()
	return d, nil
}

// until waits for what a register should say.
func (d *Device) until(limit machine.Duration, ready func() bool) bool {
	for end := d.cfg.Clock.Now().Add(limit); !ready(); runtime.Gosched() {
		if d.cfg.Clock.Now() > end {
			return false
		}
	}
	return true
}

// reset brings codec and bus master up.
func (d *Device) reset() error {
	m, c := d.cfg.Master, d.cfg.Mixer
	m.Write32(globalCnt, coldReset)
	if !d.until(readyTime, func() bool { s := m.Read32(globalStat); return s&codecReady != 0 && s != 0xFFFFFFFF }) {
		return com.Errorf(com.ErrNotFound, "ac97: no codec answers")
	}
	m.Write8(poCR, 0)
	m.Write8(poCR, crReset)
	if !d.until(resetTime, func() bool { return m.Read8(poCR)&crReset == 0 }) {
		return com.Errorf(com.ErrNotFound, "ac97: the bus master does not come out of reset")
	}
	c.Write16(namReset, 0)
	v1, v2 := c.Read16(namVendor1), c.Read16(namVendor2)
	if v1 == 0xFFFF && v2 == 0xFFFF || v1 == 0 && v2 == 0 {
		return com.Errorf(com.ErrNotFound, "ac97: the codec does not say what it is (%04x%04x)", v1, v2)
	}
	c.Write16(namMaster, 0)
	c.Write16(namPCM, d.cfg.Volume)
	if c.Read16(namMaster)&0x8000 != 0 || c.Read16(namPCM)&0x8000 != d.cfg.Volume&0x8000 {
		return com.Errorf(com.ErrNotFound, "ac97: the codec %04x%04x stays mute: is it one for sound?", v1, v2)
	}
	d.rate = 48000 // fixed, unless it can be varied (AC'97, 5.8.3)
	if c.Read16(namExtendedID)&variableRate != 0 && d.cfg.Rate != d.rate {
		c.Write16(namExtended, c.Read16(namExtended)|variableRate)
		c.Write16(namFrontRate, uint16(d.cfg.Rate))
		// The codec answers with the rate it took.
		if d.rate = int(c.Read16(namFrontRate)); d.rate < 4000 || d.rate > 48000 {
			return com.Errorf(com.ErrNotFound, "ac97: the codec %04x%04x took %d Hz for %d Hz", v1, v2, d.rate, d.cfg.Rate)
		}
	}
	return nil
}

// list writes the descriptors, which stay as they are.
func (d *Device) list() {
	list := reg.Memory(d.cfg.DMA)
	size := uint32(d.cfg.Period * bytesFrame)
	for i := range uint32(descriptors) {
		list.Write32(8*i, d.cfg.Address+descriptors*8+i*size)
		list.Write32(8*i+4, uint32(d.cfg.Period*2)|interrupts)
	}
}

// Close stops the device, which does not touch its memory from then on.
func (d *Device) Close() error {
	d.fail(com.Errorf(com.ErrGone, "ac97: closed"))
	d.cfg.Master.Write8(poCR, 0)
	d.cfg.Master.Write8(poCR, crReset)
	if !d.until(resetTime, func() bool { return d.cfg.Master.Read8(poCR)&crReset == 0 }) {
		return com.Errorf(com.ErrTimeout, "ac97: the bus master does not stop")
	}
	return nil
}

// Interrupt is the interrupt routine: it clears what the device has to say, and
// reports whether that was anything. Any goroutine may call it.
func (d *Device) Interrupt() bool {
	sr := d.cfg.Master.Read16(poSR)
	if sr&srEvents == 0 || sr == 0xFFFF {
		return false
	}
	d.cfg.Master.Write16(poSR, sr&srEvents)
	if ev := d.event.Load(); ev != nil {
		ev.Signal()
	}
	return true
}

var (
	_ output.Device = (*Device)(nil)
	_ output.Timed  = (*Device)(nil)
)
