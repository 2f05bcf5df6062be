// Package acpi is the fixed hardware of ACPI on a PC: the timer that a clock is
// measured against, and the register that switches the machine off.
//
// The sources are "Advanced Configuration and Power Interface Specification" 6.5,
// sections 4.8.2.1 (power management timer) and 4.8.3.2 (PM1 control), Intel 82371AB
// (PIIX4) section 7.1 and ICH9 section 13.1 for where those registers are.
package acpi

import (
	"github.com/mmlite/mmlite/boards/driver/pci"
	"github.com/mmlite/mmlite/boards/driver/reg"
	"github.com/mmlite/mmlite/firmware/com"
)

// Rate is how many times a second the timer counts.
const Rate = 3579545

const (
	mask     = 1<<24 - 1 // of the timer: it has 24 bits everywhere
	regBase  = 0x40      // of the PM function's configuration
	pm1      = 4         // from the base
	timer    = 8
	sleepOn  = 1 << 13
	patience = 1 << 16 // readings of a timer that does not move
)

// bridges are the devices in whose configuration the base is.
var bridges = [][2]uint16{
	{0x8086, 0x7113}, // PIIX4, the chip set of QEMU's machine pc
	{0x8086, 0x2918}, // ICH9, that of q35
}

// Fixed is the fixed hardware.
type Fixed struct{ registers reg.Space }

// Find looks for the fixed hardware of a PC. The error is com.ErrNotFound.
func Find(bus *pci.Bus, ports reg.Space) (*Fixed, error) {
	for _, b := range bridges {
		d, err := bus.Find(b[0], b[1])
		if err != nil {
			continue
		}
		base := d.Read32(regBase)
		if base&1 == 0 || base&0xFFC0 == 0 {
			return nil, com.Errorf(com.ErrNotFound, "acpi: %s has no base address (%#x)", d, base)
		}
		return &Fixed{reg.At(ports, base&0xFFC0)}, nil
	}
	return nil, com.Errorf(com.ErrNotFound, "acpi: no chip set that is known")
}

// Count is what the timer shows: 24 bits, Rate of them a second.
func (f *Fixed) Count() uint32 { return f.registers.Read32(timer) & mask }

// edge waits for the timer to count on, and returns it and the cycles then.
func (f *Fixed) edge(cycles func() uint64) (count uint32, at uint64, ok bool) {
	was := f.Count()
	for range patience {
		if count = f.Count(); count != was {
			return count, cycles(), true
		}
	}
	return 0, 0, false
}

// Measure counts how many cycles a second there are, by ticks of the timer: 357954
// are 100 ms, which gives some parts in a million. It takes 1 to 1<<23. The errors
// are com.ErrInvalid, and com.ErrNotFound if the timer does not count.
func (f *Fixed) Measure(cycles func() uint64, ticks uint32) (hz float64, err error) {
	if ticks == 0 || ticks > 1<<23 {
		return 0, com.Errorf(com.ErrInvalid, "acpi: %d ticks", ticks)
	}
	began, c0, ok := f.edge(cycles)
	last := began
	for still := 0; ok && (last-began)&mask < ticks; {
		now := f.Count()
		if now != last {
			still = 0
		} else if still++; still == patience {
			ok = false
		}
		last = now
	}
	ended, c1, moves := f.edge(cycles)
	if !ok || !moves {
		return 0, com.Errorf(com.ErrNotFound, "acpi: the timer does not count")
	}
	return float64(c1-c0) * Rate / float64((ended-began)&mask), nil
}

// Off switches the machine off: it asks for sleep type 0, which is soft-off in
// PIIX4 and in the chip sets that QEMU emulates. Other machines name the type in
// their DSDT. It returns if the machine stays on.
func (f *Fixed) Off() { f.registers.Write16(pm1, sleepOn) }

// exitPort is where QEMU's device isa-debug-exit is put.
const exitPort = 0xF4

// Exit ends QEMU with the exit status code<<1|1, if it has the device
// isa-debug-exit at port 0xF4; otherwise it does nothing.
func Exit(ports reg.Space, code uint8) { ports.Write32(exitPort, uint32(code)) }
