//go:build tamago && arm

package main

import (
	_ "unsafe"

	"github.com/usbarmory/tamago/arm"
	"github.com/usbarmory/tamago/soc/nxp/imx6ul"

	"github.com/mmlite/mmlite/boards/driver/reg"
)

// The memory map: 512 MB of DDR3 from 0x80000000 on, of which the Go runtime has the
// first part. The image is linked with the tag linkramsize, which leaves the size to
// this board.
//
//go:linkname ramSize runtime/goos.RamSize
var ramSize uint32 = 0x08000000

const (
	cardAt  = 0x88000000
	cardEnd = 0xA0000000
)

// cardSpan is what the runtime leaves over, cached.
func cardSpan() ([]byte, error) {
	imx6ul.ARM.ConfigureMMU(cardAt, cardEnd, 0, arm.MemoryRegion|arm.TTE_EXECUTE_NEVER)
	return reg.Bytes(cardAt, cardEnd-cardAt)
}
