//go:build tamago && arm

package main

import (
	"runtime/goos"
	_ "unsafe"

	"github.com/usbarmory/tamago/arm"

	"github.com/mmlite/mmlite/boards/driver/bcm2835"
	"github.com/mmlite/mmlite/boards/metal/armv7"
)

// The memory map. The runtime's 64 KB of vectors, page tables and exception stacks
// begin at ramStart, the image after them.
//
//go:linkname ramStart runtime/goos.RamStart
var ramStart uint32 = 0x00100000

//go:linkname ramSize runtime/goos.RamSize
var ramSize uint32 = 0x08000000

//go:linkname ramStackOffset runtime/goos.RamStackOffset
var ramStackOffset uint32 = 0x00100000

// Memory beyond Go's.
const (
	mailboxAt  = 0x00008000 // in the first megabyte, which is not cached
	cardAt     = 0x08100000
	cardEnd    = 0x28000000
	dmaAt      = cardEnd    // samples for the DMA controller, not cached
	dmaEnd     = 0x28100000 // the graphics processor's part is above on every Pi 2
	peripheral = bcm2835.BasePi2
)

var cpu = &arm.CPU{}

// Assembly.
func load(address uint32) uint32
func store(address, v uint32)
func rest()

// nanotime is the generic timer's, of 62.5 MHz in QEMU, 19.2 MHz on the board.
//
//go:linkname nanotime runtime/goos.Nanotime
//go:nosplit
func nanotime() int64 { return armv7.Nanotime(19_200_000) }

// printk is where the runtime's own words go: to the mini UART, which may not run.
//
//go:linkname printk runtime/goos.Printk
//go:nosplit
func printk(c byte) {
	for range 1 << 16 {
		if load(peripheral+0x215054)&0x20 != 0 {
			store(peripheral+0x215040, uint32(c))
			return
		}
	}
}

//go:linkname initRNG runtime/goos.InitRNG
func initRNG() { bcm2835.StartRandom(direct{}) }

//go:linkname getRandomData runtime/goos.GetRandomData
func getRandomData(b []byte) {
	if !bcm2835.Random(direct{}, b) {
		// Without the generator: the time, which is no secret, and none is kept here.
		x := uint64(nanotime()) | 1
		for i := range b {
			x ^= x << 13
			x ^= x >> 7
			x ^= x << 17
			b[i] = byte(x)
		}
	}
}

// direct is the peripherals before there is a heap.
type direct struct{}

func (direct) Read8(at uint32) uint8       { return uint8(load(peripheral + at&^3)) }
func (direct) Read16(at uint32) uint16     { return uint16(load(peripheral + at&^3)) }
func (direct) Read32(at uint32) uint32     { return load(peripheral + at) }
func (direct) Write8(at uint32, v uint8)   { store(peripheral+at, uint32(v)) }
func (direct) Write16(at uint32, v uint16) { store(peripheral+at, uint32(v)) }
func (direct) Write32(at uint32, v uint32) { store(peripheral+at, v) }

// hwinit1 is called once the runtime runs and before anything else.
//
//go:linkname hwinit1 runtime/goos.Hwinit1
func hwinit1() {
	cpu.Init(ramStart)
	cpu.EnableVFP()
	cpu.EnableSMP()
	cpu.InitMMU()
	cpu.EnableCache()
	// The physical timer, secure or not, and the virtual one; see bcm2835.RouteTimer.
	store(bcm2835.BaseLocal+0x40, 0xB)
	goos.Idle = armv7.Idle
	bcm2835.MiniUART{Registers: direct{}}.Setup(250_000_000, 115200, false)
}
