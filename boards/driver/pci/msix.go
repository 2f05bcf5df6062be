package pci

import (
	"github.com/mmlite/mmlite/boards/driver/reg"
	"github.com/mmlite/mmlite/firmware/com"
)

// Capabilities that drivers ask for.
const (
	CapMSI  = 0x05
	CapMSIX = 0x11
)

// maxCapabilities is how many fit between the header and the end.
const maxCapabilities = (256 - 64) / 4

// Capability returns where a capability begins in the configuration. The error is
// com.ErrNotFound.
func (d *Device) Capability(id uint8) (at uint8, err error) {
	if d.Read16(regStatus)&statusCapabilities != 0 {
		at = d.Read8(regCapability) &^ 3
		for n := 0; at >= 64 && n < maxCapabilities; n++ { // a list may run in a circle
			head := d.Read16(at)
			if uint8(head) == id {
				return at, nil
			}
			at = uint8(head>>8) &^ 3
		}
	}
	return 0, com.Errorf(com.ErrNotFound, "%s has no capability %#02x", d, id)
}

const (
	msixEnable   = 1 << 15
	msixMaskAll  = 1 << 14
	msixLast     = 0x7FF
	msixEntry    = 16
	msixMaskOne  = 1
	msixControl  = 2
	msixTable    = 4
	msixPosition = 7 // which base address the table is behind
)

// MSIX is a device's table of message-signalled interrupts.
type MSIX struct {
	device *Device
	at     uint8
	table  reg.Space
	n      int
}

// MSIX returns the device's table. The device must be enabled. The errors are
// com.ErrNotFound if it has none, com.ErrInvalid if what it says of it is wrong.
func (d *Device) MSIX() (*MSIX, error) { return d.msix((*Device).Bytes) }

func (d *Device) msix(bytes func(*Device, int) ([]byte, error)) (*MSIX, error) {
	at, err := d.Capability(CapMSIX)
	if err != nil {
		return nil, err
	}
	if at > 256-12 {
		return nil, com.Errorf(com.ErrInvalid, "%s: MSI-X at %#x", d, at)
	}
	n := int(d.Read16(at+msixControl)&msixLast) + 1
	where := d.Read32(at + msixTable)
	mem, err := bytes(d, int(where&msixPosition))
	if err != nil {
		return nil, err
	}
	offset := uint64(where &^ msixPosition)
	if offset+uint64(n*msixEntry) > uint64(len(mem)) {
		return nil, com.Errorf(com.ErrInvalid, "%s: %d MSI-X entries at %#x of %d bytes", d, n, offset, len(mem))
	}
	return &MSIX{device: d, at: at, table: reg.Memory(mem[offset:]), n: n}, nil
}

// Len is how many vectors there are.
func (m *MSIX) Len() int { return m.n }

// Enable has vector i write data to address, and takes the pin out of use. The error
// is com.ErrInvalid.
func (m *MSIX) Enable(i int, address uint64, data uint32) error {
	if i < 0 || i >= m.n || address&3 != 0 {
		return com.Errorf(com.ErrInvalid, "%s: MSI-X vector %d of %d to %#x", m.device, i, m.n, address)
	}
	control := m.device.Read16(m.at + msixControl)
	// Masked while it changes; the others keep the mask they have (6.8.2.2).
	if control&msixEnable == 0 {
		m.device.Write16(m.at+msixControl, control|msixEnable|msixMaskAll)
		for k := range m.n {
			m.table.Write32(uint32(k*msixEntry+12), msixMaskOne)
		}
	}
	entry := uint32(i * msixEntry)
	m.table.Write32(entry+12, msixMaskOne)
	m.table.Write32(entry, uint32(address))
	m.table.Write32(entry+4, uint32(address>>32))
	m.table.Write32(entry+8, data)
	m.table.Write32(entry+12, 0)
	m.device.Write16(regCommand, m.device.Read16(regCommand)|commandNoINTx)
	m.device.Write16(m.at+msixControl, control&^msixMaskAll|msixEnable)
	return nil
}

// Mask keeps vector i from coming; it comes once unmasked if it was due. The error
// is com.ErrInvalid.
func (m *MSIX) Mask(i int, masked bool) error {
	if i < 0 || i >= m.n {
		return com.Errorf(com.ErrInvalid, "%s: MSI-X vector %d of %d", m.device, i, m.n)
	}
	v := uint32(0)
	if masked {
		v = msixMaskOne
	}
	m.table.Write32(uint32(i*msixEntry+12), v)
	return nil
}
