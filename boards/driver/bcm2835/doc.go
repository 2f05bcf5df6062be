// Package bcm2835 drives the peripherals of the Raspberry Pi's system on a chip that
// a card needs: two serial ports, sound by pulse widths and DMA, the mailbox to the
// graphics processor and the frame buffer got through it, pins, interrupt lines,
// random numbers, the watchdog.
//
// Sections are those of Broadcom, "BCM2835 ARM Peripherals" (2012), which holds for
// the BCM2836 of the Pi 2 with the peripherals at another address; its errata are
// heeded. The mailbox and its tags are described in the wiki of
// github.com/raspberrypi/firmware ("Mailbox property interface"), the registers beside
// each processor core in Broadcom, "BCM2836 ARM-local peripherals" (QA7 rev 3.4).
//
// Every driver works on a reg.Space that begins at the peripherals' base address,
// where offsets are those of the manual less 0x7E000000.
package bcm2835

// Bases of the peripherals as the processor sees them.
const (
	BasePi1 = 0x20000000 // BCM2835: Zero, 1
	BasePi2 = 0x3F000000 // BCM2836, BCM2837: 2, 3
	// Size is how much of the address space they take.
	Size = 0x01000000
	// BaseLocal is that of the registers beside the cores, from the BCM2836 on.
	BaseLocal = 0x40000000
)
