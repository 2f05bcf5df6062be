// Package ivshmem is the card's end of QEMU's shared memory device: the window that
// the link's doors lie in, and doorbells both ways where the device is of the
// doorbell kind.
//
// The source is QEMU, "Device Specification for Inter-VM shared memory device"
// (docs/specs/ivshmem-spec): base addresses, registers of revision 1, interrupts by
// MSI-X.
package ivshmem

import (
	"github.com/mmlite/mmlite/boards/driver/pci"
	"github.com/mmlite/mmlite/boards/driver/reg"
	"github.com/mmlite/mmlite/firmware/com"
)

// PCI identification of the device.
const (
	Vendor = 0x1AF4
	ID     = 0x1110
)

// Registers behind base address 0, and where the memory is.
const (
	regPosition = 8
	regDoorbell = 12
	registersAt = 0
	memoryAt    = 2
)

// NoPeer is a peer that cannot be rung.
const NoPeer = 0xFFFFFFFF

// Device is one window. Its methods may be called from any goroutine.
type Device struct {
	registers reg.Space
	window    []byte
	msix      *pci.MSIX // nil without doorbells
	id        uint16
}

// Configuration is what is needed of a PCI device; *pci.Device has it.
type Configuration interface {
	Enable()
	Registers(i int) (reg.Space, error)
	Bytes(i int) ([]byte, error)
	MSIX() (*pci.MSIX, error)
}

// Open takes the device into use. The errors are those of the device's base
// addresses, com.ErrNotFound if there is no memory behind it, com.ErrInvalid if a
// doorbell device's server has not given it a number.
func Open(dev Configuration) (*Device, error) {
	dev.Enable()
	window, err := dev.Bytes(memoryAt)
	if err != nil {
		return nil, com.Errorf(com.CodeOf(err), "ivshmem: no shared memory: %v", err)
	}
	d := &Device{window: window}
	if d.msix, err = dev.MSIX(); com.CodeOf(err) == com.ErrNotFound {
		return d, nil // the plain kind
	} else if err != nil {
		return nil, err
	}
	if d.registers, err = dev.Registers(registersAt); err != nil {
		return nil, err
	}
	// The device has a number before the machine starts; -1 means that its server
	// went away.
	n := int32(d.registers.Read32(regPosition))
	if n < 0 || n > 0xFFFF {
		return nil, com.Errorf(com.ErrInvalid, "ivshmem: the device has the number %d", n)
	}
	d.id = uint16(n)
	return d, nil
}

// Window is the shared memory.
func (d *Device) Window() []byte { return d.window }

// Bells reports whether there are doorbells.
func (d *Device) Bells() bool { return d.msix != nil }

// ID is the card's own number among the peers, 0 without doorbells.
func (d *Device) ID() uint16 { return d.id }

// Enable has peers that ring interrupt by a write of data to address. The error is
// com.ErrNotSupported without doorbells.
func (d *Device) Enable(address uint64, data uint32) error {
	if d.msix == nil {
		return com.Errorf(com.ErrNotSupported, "ivshmem: this device has no doorbells")
	}
	return d.msix.Enable(0, address, data)
}

// Ring rings for a peer. One that is not there, or that is no peer's number, is
// passed over.
func (d *Device) Ring(peer uint32) {
	if d.registers != nil && peer <= 0xFFFF {
		d.registers.Write32(regDoorbell, peer<<16)
	}
}
