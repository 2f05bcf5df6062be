//go:build tamago && arm

package main

import (
	"github.com/usbarmory/tamago/arm/gic"
	"github.com/usbarmory/tamago/soc/nxp/imx6ul"

	"github.com/mmlite/mmlite/boards/metal/armv7"
)

// Interrupts of the processor's own timers (Cortex-A7 TRM, 8.2.4).
const (
	virtualTimer  = 27
	secureTimer   = 29
	physicalTimer = 30
)

// startInterrupts has the tick interrupt goroutines, and faults become panics. No
// device interrupts: TamaGo's drivers are asked by turns.
func startInterrupts() error {
	secure := imx6ul.ARM.Secure()
	imx6ul.GIC.Init(secure, false)
	for _, id := range []int{virtualTimer, secureTimer, physicalTimer} {
		imx6ul.GIC.EnableInterrupt(id, secure)
	}
	return armv7.Start(imx6ul.ARM, armv7.Controller(imx6ul.GIC_BASE+gic.GICC_OFF))
}
