package bcm2835

import "github.com/mmlite/mmlite/boards/driver/reg"

// Interrupt lines of peripherals (section 7.5, table of ARM peripherals interrupts).
const (
	LineAux   = 29 // the mini UART
	LinePL011 = 57
)

const (
	irqPending = 0xB204
	irqEnable  = 0xB210
	irqDisable = 0xB21C
	lines      = 64
)

// Interrupts is the interrupt controller.
type Interrupts struct{ Registers reg.Space }

// Enable lets a line interrupt the first core. Lines that are not there are ignored.
func (i Interrupts) Enable(line int, on bool) {
	if line < 0 || line >= lines {
		return
	}
	at := uint32(irqEnable)
	if !on {
		at = irqDisable
	}
	i.Registers.Write32(at+4*uint32(line/32), 1<<uint(line%32))
}

// Pending reports whether an enabled line asks for service.
func (i Interrupts) Pending(line int) bool {
	if line < 0 || line >= lines {
		return false
	}
	return i.Registers.Read32(irqPending+4*uint32(line/32))>>uint(line%32)&1 == 1
}

// Registers beside each core, from BaseLocal (QA7, section 4).
const (
	localTimer = 0x40
	localCores = 4
)

// RouteTimer has the physical timer of a core, secure and not, interrupt that core.
func RouteTimer(local reg.Space, core int) {
	if core >= 0 && core < localCores {
		local.Write32(localTimer+4*uint32(core), 3)
	}
}
