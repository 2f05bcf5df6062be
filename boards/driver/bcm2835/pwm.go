package bcm2835

import (
	"runtime"

	"github.com/mmlite/mmlite/boards/driver/reg"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
)

// Registers of the pulse width modulator (section 9.6).
const (
	pwmBase    = 0x20C000
	pwmControl = pwmBase + 0x00
	pwmStatus  = pwmBase + 0x04
	pwmDMA     = pwmBase + 0x08
	pwmRange1  = pwmBase + 0x10
	pwmFIFO    = pwmBase + 0x18
	pwmRange2  = pwmBase + 0x20
	pwmFIFOBus = 0x7E000000 + pwmFIFO // as the DMA controller sees it

	pwmEnable    = 1<<0 | 1<<8  // PWENn
	pwmUseFIFO   = 1<<5 | 1<<13 // USEFn: both take words from the FIFO by turns
	pwmMarkSpace = 1<<7 | 1<<15 // MSENn: one pulse in each range
	pwmClear     = 1 << 6       // CLRF1
	pwmFull      = 1 << 0       // FULL1
	pwmEmpty     = 1 << 1       // EMPT1
	pwmErrors    = 0x13C        // WERR1, RERR1, GAPO1, GAPO2, BERR, cleared by writing them
	pwmRequest   = 1<<31 | 7<<8 | 7
)

// Registers of its clock, which the manual's section 6.3 leaves out and its errata
// name; they are like those of the general purpose clocks there.
const (
	clockPWM      = 0x1010A0
	clockDivisor  = 0x1010A4
	clockPassword = 0x5A000000
	clockSource   = 6 // PLLD
	clockEnable   = 1 << 4
	clockKill     = 1 << 5
	clockBusy     = 1 << 7
)

// PLLD is the rate in Hz of the clock that the modulator's is divided from, as the
// firmware of all boards sets it.
const PLLD = 500_000_000

const (
	pwmDivider   = 2
	clockTime    = 10 * machine.Millisecond
	probeTime    = 20 * machine.Millisecond
	mostFIFO     = 64 // words, of which there are 16
	leastRange   = 256
	mostRange    = 1 << 15
	oversampling = 4
)

// modulator is the two channels of the PWM.
type modulator struct {
	r     reg.Space
	clock machine.Clock
	limit uint32 // the range: values are 0 to limit
}

// until waits for what a register should say.
func (m *modulator) until(limit machine.Duration, ready func() bool) bool {
	for end := m.clock.Now().Add(limit); !ready(); runtime.Gosched() {
		if m.clock.Now() > end {
			return ready()
		}
	}
	return true
}

// start sets clock and modulator going, and looks whether they do. The error is
// com.ErrNotFound.
func (m *modulator) start() error {
	r := m.r
	r.Write32(pwmControl, 0)
	if err := m.startClock(); err != nil {
		return err
	}
	r.Write32(pwmRange1, m.limit)
	r.Write32(pwmRange2, m.limit)
	if got := r.Read32(pwmRange1); got != m.limit {
		return com.Errorf(com.ErrNotFound, "pwm: this machine has none (its range is set to %d, and reads %d)", m.limit, got)
	}
	m.enable()
	if err := m.probe(); err != nil {
		r.Write32(pwmControl, 0)
		return err
	}
	// Whose turn it is begins anew.
	r.Write32(pwmControl, 0)
	m.enable()
	r.Write32(pwmDMA, pwmRequest)
	return nil
}

func (m *modulator) enable() {
	m.r.Write32(pwmControl, pwmClear)
	m.r.Write32(pwmStatus, pwmErrors)
	m.r.Write32(pwmControl, pwmEnable|pwmUseFIFO|pwmMarkSpace)
}

// startClock divides the clock (section 6.3: it is changed only while not busy).
func (m *modulator) startClock() error {
	r := m.r
	r.Write32(clockPWM, clockPassword|clockSource)
	idle := func() bool { return r.Read32(clockPWM)&clockBusy == 0 }
	if !m.until(clockTime, idle) {
		r.Write32(clockPWM, clockPassword|clockKill|clockSource)
		if !m.until(clockTime, idle) {
			return com.Errorf(com.ErrNotFound, "pwm: its clock does not stop to be set")
		}
	}
	r.Write32(clockDivisor, clockPassword|pwmDivider<<12)
	r.Write32(clockPWM, clockPassword|clockSource)
	r.Write32(clockPWM, clockPassword|clockSource|clockEnable)
	return nil
}

// probe fills the FIFO and waits until it has run empty: a machine where nothing
// moves would have a DMA controller wait, or spin, for ever.
func (m *modulator) probe() error {
	n := 0
	for ; m.r.Read32(pwmStatus)&pwmFull == 0; n += 2 {
		if n == mostFIFO {
			return com.Errorf(com.ErrNotFound, "pwm: it takes no samples: its FIFO does not fill")
		}
		m.r.Write32(pwmFIFO, m.limit/2)
		m.r.Write32(pwmFIFO, m.limit/2)
	}
	if n == 0 || !m.until(probeTime, func() bool { return m.r.Read32(pwmStatus)&pwmEmpty != 0 }) {
		return com.Errorf(com.ErrNotFound, "pwm: it stands still: is its clock running?")
	}
	return nil
}

// stop has the outputs low.
func (m *modulator) stop() {
	m.r.Write32(pwmDMA, 0)
	m.r.Write32(pwmControl, 0)
}
