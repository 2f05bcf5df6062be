package pci

import (
	"fmt"

	"github.com/mmlite/mmlite/boards/driver/reg"
	"github.com/mmlite/mmlite/firmware/com"
)

// Device is one function of a PCI device.
type Device struct {
	Address
	Vendor, ID uint16
	// Class is the class code: base class, sub-class, interface.
	Class uint32

	bus *Bus
}

func (d *Device) String() string {
	return fmt.Sprintf("%s %04x:%04x class %06x", d.Address, d.Vendor, d.ID, d.Class)
}

// Read8 reads a register of the device's configuration.
func (d *Device) Read8(at uint8) uint8 { return uint8(d.Read32(at&^3) >> (8 * (at & 3))) }

// Read16 reads a register of the device's configuration; at is even.
func (d *Device) Read16(at uint8) uint16 { return uint16(d.Read32(at&^3) >> (8 * (at & 2))) }

// Read32 reads a register of the device's configuration; at is divisible by four.
func (d *Device) Read32(at uint8) uint32 { return d.bus.read32(d.Address, at) }

// Write16 writes a register of the device's configuration; at is even.
func (d *Device) Write16(at uint8, v uint16) { d.bus.write16(d.Address, at, v) }

// Write32 writes a register of the device's configuration; at is divisible by four.
func (d *Device) Write32(at uint8, v uint32) { d.bus.write32(d.Address, at, v) }

// Enable has the device answer at its addresses and be a bus master.
func (d *Device) Enable() {
	d.Write16(regCommand, d.Read16(regCommand)|commandPorts|commandMemory|commandMaster)
}

// Line returns the input of the interrupt controller that the device's INTx pin is
// wired to. The error is com.ErrNotFound if it has no pin or none was wired.
func (d *Device) Line() (uint8, error) {
	line, pin := d.Read8(regLine), d.Read8(regPin)
	if pin == 0 || pin > 4 || line == 0xFF {
		return 0, com.Errorf(com.ErrNotFound, "%s has no interrupt line", d)
	}
	return line, nil
}

// BAR is a base address of a device.
type BAR struct {
	Port     bool   // in port space, else in memory
	Prefetch bool   // reading has no effect
	Base     uint64 // as the PC's firmware set it
	Size     uint64 // in bytes
}

// BAR returns base address i, 0 to 5. While it asks for the size the device does not
// answer at its addresses. The errors are com.ErrInvalid, and com.ErrNotFound if the
// device has no such address or none was given out.
func (d *Device) BAR(i int) (BAR, error) {
	last := 6
	if d.Read8(regHeaderType)&^headerMulti == headerBridge {
		last = 2
	}
	if i < 0 || i >= last {
		return BAR{}, com.Errorf(com.ErrInvalid, "%s: base address %d", d, i)
	}
	at := uint8(regBAR + 4*i)
	command := d.Read16(regCommand)
	d.Write16(regCommand, command&^(commandPorts|commandMemory))
	defer d.Write16(regCommand, command)
	low := d.Read32(at)
	if low&1 != 0 {
		// A device may have only the lower 16 of the size's bits (6.2.5.1).
		size := uint64(-(d.ones(at, low) &^ 3) & 0xFFFF)
		return d.check(i, BAR{Port: true, Base: uint64(low &^ 3), Size: size})
	}
	b := BAR{Prefetch: low&8 != 0, Base: uint64(low &^ 15)}
	mask := uint64(d.ones(at, low)&^15) | 0xFFFFFFFF<<32
	if low>>1&3 == 2 { // 64 bits
		if i+1 >= last {
			return BAR{}, com.Errorf(com.ErrInvalid, "%s: base address %d has no upper half", d, i)
		}
		high := d.Read32(at + 4)
		b.Base |= uint64(high) << 32
		mask = uint64(uint32(mask)) | uint64(d.ones(at+4, high))<<32
	}
	if uint32(mask) == 0 && mask>>32 == 0xFFFFFFFF && low>>1&3 != 2 {
		return BAR{}, com.Errorf(com.ErrNotFound, "%s has no base address %d", d, i)
	}
	b.Size = -mask
	return d.check(i, b)
}

// ones returns which bits of an address register can be set.
func (d *Device) ones(at uint8, old uint32) uint32 {
	d.Write32(at, 0xFFFFFFFF)
	v := d.Read32(at)
	d.Write32(at, old)
	return v
}

func (d *Device) check(i int, b BAR) (BAR, error) {
	if b.Base == 0 || b.Size == 0 {
		return BAR{}, com.Errorf(com.ErrNotFound, "%s has no base address %d", d, i)
	}
	if b.Size&(b.Size-1) != 0 || b.Base&(b.Size-1) != 0 || b.Base+b.Size < b.Base || b.Port && b.Base+b.Size > 1<<16 {
		return BAR{}, com.Errorf(com.ErrInvalid, "%s: base address %d: %d bytes at %#x", d, i, b.Size, b.Base)
	}
	return b, nil
}

// Bytes is the memory at base address i, on a machine whose addresses are physical
// ones. The errors are those of BAR and reg.Bytes.
func (d *Device) Bytes(i int) ([]byte, error) {
	b, err := d.BAR(i)
	if err != nil {
		return nil, err
	}
	if b.Port {
		return nil, com.Errorf(com.ErrInvalid, "%s: base address %d is of ports", d, i)
	}
	return reg.Bytes(b.Base, b.Size)
}

// Registers is the registers at base address i, whether in memory or behind ports.
// The errors are those of BAR and reg.Bytes.
func (d *Device) Registers(i int) (reg.Space, error) {
	b, err := d.BAR(i)
	if err != nil {
		return nil, err
	}
	if b.Port {
		return reg.At(d.bus.ports, uint32(b.Base)), nil
	}
	mem, err := reg.Bytes(b.Base, b.Size)
	if err != nil {
		return nil, err
	}
	return reg.Memory(mem), nil
}
