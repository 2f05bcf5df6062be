// Package pci finds the devices of a PC's PCI buses and what they need: base
// addresses, capabilities, message-signalled interrupts.
//
// The source is the PCI Local Bus Specification, revision 3.0 (2004): configuration
// mechanism 1 (3.2.2.3.2), the configuration header (6.1), base addresses (6.2.5),
// the list of capabilities (6.7), MSI-X (6.8.2), and for bridges the PCI-to-PCI
// Bridge Architecture Specification 1.2, chapter 3. The addresses are those that the
// PC's own firmware has given out.
package pci

import (
	"fmt"
	"sync"

	"github.com/mmlite/mmlite/boards/driver/reg"
	"github.com/mmlite/mmlite/firmware/com"
)

// The ports of configuration mechanism 1.
const (
	configAddress = 0xCF8
	configData    = 0xCFC
	configEnable  = 1 << 31
)

// Registers of the header.
const (
	regID         = 0x00
	regCommand    = 0x04
	regStatus     = 0x06
	regClass      = 0x08
	regHeaderType = 0x0E
	regBAR        = 0x10
	regSecondary  = 0x19 // of a bridge
	regCapability = 0x34
	regLine       = 0x3C
	regPin        = 0x3D
)

const (
	commandPorts  = 1 << 0
	commandMemory = 1 << 1
	commandMaster = 1 << 2
	commandNoINTx = 1 << 10

	statusCapabilities = 1 << 4
	headerMulti        = 0x80
	headerBridge       = 1

	absent = 0xFFFF
)

// MaxDevices bounds how many devices are looked at.
const MaxDevices = 256

// Bus reaches the configuration of all devices. Its methods, and those of its
// devices, may be called from any goroutine.
type Bus struct {
	ports reg.Space
	mu    sync.Mutex // the address port and the data port are used together
}

// New returns the buses behind the ports of a PC.
func New(ports reg.Space) *Bus { return &Bus{ports: ports} }

// Address is where a device is.
type Address struct{ Bus, Slot, Function uint8 }

func (a Address) String() string { return fmt.Sprintf("%02x:%02x.%d", a.Bus, a.Slot, a.Function) }

func (b *Bus) read32(a Address, at uint8) uint32 {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ports.Write32(configAddress, selector(a, at))
	return b.ports.Read32(configData)
}

func (b *Bus) write32(a Address, at uint8, v uint32) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ports.Write32(configAddress, selector(a, at))
	b.ports.Write32(configData, v)
}

func (b *Bus) write16(a Address, at uint8, v uint16) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ports.Write32(configAddress, selector(a, at))
	b.ports.Write16(configData+uint32(at&2), v)
}

func selector(a Address, at uint8) uint32 {
	return configEnable | uint32(a.Bus)<<16 | uint32(a.Slot&31)<<11 | uint32(a.Function&7)<<8 | uint32(at&0xFC)
}

// Devices lists the devices on bus 0 and on the buses behind its bridges, in the
// order of their addresses bus by bus.
func (b *Bus) Devices() []*Device {
	var list []*Device
	var seen [256]bool
	buses := []uint8{0}
	seen[0] = true
	for len(buses) > 0 {
		bus := buses[0]
		buses = buses[1:]
		for slot := range uint8(32) {
			for function := range uint8(8) {
				a := Address{bus, slot, function}
				id := b.read32(a, regID)
				if id&0xFFFF == absent || id == 0 {
					if function == 0 {
						break
					}
					continue
				}
				if len(list) == MaxDevices {
					return list
				}
				d := &Device{bus: b, Address: a, Vendor: uint16(id), ID: uint16(id >> 16), Class: b.read32(a, regClass) >> 8}
				list = append(list, d)
				header := d.Read8(regHeaderType)
				if header&^headerMulti == headerBridge {
					// A bridge that was never set up, or that lies, names a bus already seen.
					if to := d.Read8(regSecondary); !seen[to] {
						seen[to] = true
						buses = append(buses, to)
					}
				}
				if function == 0 && header&headerMulti == 0 {
					break
				}
			}
		}
	}
	return list
}

// Find returns the first device of a kind. The error is com.ErrNotFound.
func (b *Bus) Find(vendor, device uint16) (*Device, error) {
	for _, d := range b.Devices() {
		if d.Vendor == vendor && d.ID == device {
			return d, nil
		}
	}
	return nil, com.Errorf(com.ErrNotFound, "no PCI device %04x:%04x is there", vendor, device)
}
