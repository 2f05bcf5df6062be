package ivshmem

import (
	"encoding/binary"
	"errors"
	"testing"

	"github.com/mmlite/mmlite/boards/driver/pci"
	"github.com/mmlite/mmlite/boards/driver/reg"
	"github.com/mmlite/mmlite/firmware/com"
)

// device is a PCI device with two base addresses.
type device struct {
	enabled   bool
	registers []byte
	memory    []byte
	msix      error
}

func (d *device) Enable()                            { d.enabled = true }
func (d *device) Registers(i int) (reg.Space, error) { return reg.Memory(d.registers), nil }
func (d *device) MSIX() (*pci.MSIX, error) {
	if d.msix != nil {
		return nil, d.msix
	}
	return &pci.MSIX{}, nil
}

func (d *device) Bytes(i int) ([]byte, error) {
	if d.memory == nil || i != memoryAt {
		return nil, com.Errorf(com.ErrNotFound, "nothing there")
	}
	return d.memory, nil
}

func TestDoorbell(t *testing.T) {
	dev := &device{registers: make([]byte, 256), memory: make([]byte, 4096)}
	binary.LittleEndian.PutUint32(dev.registers[regPosition:], 5)
	d, err := Open(dev)
	if err != nil {
		t.Fatal(err)
	}
	if !dev.enabled || !d.Bells() || d.ID() != 5 || len(d.Window()) != 4096 {
		t.Errorf("%+v", d)
	}
	bell := func() uint32 { return binary.LittleEndian.Uint32(dev.registers[regDoorbell:]) }
	d.Ring(3)
	if bell() != 3<<16 {
		t.Errorf("%#x", bell())
	}
	for _, nobody := range []uint32{NoPeer, 1 << 16} {
		if d.Ring(nobody); bell() != 3<<16 {
			t.Errorf("rang for %#x: %#x", nobody, bell())
		}
	}
	if !errors.Is(d.Enable(0xFEE00000, 1), com.ErrInvalid) {
		t.Error("a vector that is not there")
	}
}

func TestPlain(t *testing.T) {
	dev := &device{memory: make([]byte, 4096), msix: com.Errorf(com.ErrNotFound, "none")}
	d, err := Open(dev)
	if err != nil || d.Bells() {
		t.Fatal(d, err)
	}
	d.Ring(1)
	if !errors.Is(d.Enable(0, 0), com.ErrNotSupported) {
		t.Error("interrupts without doorbells")
	}
}

func TestRefused(t *testing.T) {
	for name, dev := range map[string]*device{
		"no memory":    {},
		"wrong vector": {memory: make([]byte, 4096), msix: com.Errorf(com.ErrInvalid, "beyond")},
		"no number":    {memory: make([]byte, 4096), registers: []byte{8: 0xFF, 9: 0xFF, 10: 0xFF, 11: 0xFF, 15: 0}},
		"gone":         {memory: make([]byte, 4096)},
	} {
		if d, err := Open(dev); err == nil {
			t.Errorf("%s: %+v", name, d)
		}
	}
}
