package acpi

import (
	"errors"
	"math"
	"testing"

	"github.com/mmlite/mmlite/boards/driver/pci"
	"github.com/mmlite/mmlite/boards/driver/reg"
	"github.com/mmlite/mmlite/firmware/com"
)

// fake is a PC with one chip set function, and time that passes with each reading.
type fake struct {
	reg.Space
	address, id, base uint32
	ns                uint64
	step              uint64 // ns a reading takes
	slept             uint16
	exit              uint32
}

func (f *fake) Read32(at uint32) uint32 {
	switch {
	case at == 0xCFC && f.address == 1<<31|31<<11:
		return f.id
	case at == 0xCFC && f.address == 1<<31|31<<11|regBase:
		return f.base
	case at == 0x608:
		f.ns += f.step
		return uint32(f.ns*Rate/1e9) | 0xAB000000 // the upper bits mean nothing
	}
	return 0xFFFFFFFF
}

func (f *fake) Write32(at, v uint32) {
	switch at {
	case 0xCF8:
		f.address = v
	case exitPort:
		f.exit = v
	}
}

func (f *fake) Write16(at uint32, v uint16) {
	if at == 0x604 {
		f.slept = v
	}
}

func pc() *fake { return &fake{Space: reg.Memory(nil), id: 0x29188086, base: 0x601, step: 700} }

func TestMeasure(t *testing.T) {
	for _, start := range []uint64{0, 4_686_000_000} { // the second passes the end of 24 bits
		f := pc()
		f.ns = start
		fixed, err := Find(pci.New(f), f)
		if err != nil {
			t.Fatal(err)
		}
		hz, err := fixed.Measure(func() uint64 { return f.ns * 25 / 10 }, 357954)
		if err != nil || math.Abs(hz/2.5e9-1) > 20e-6 {
			t.Errorf("%.0f Hz, %v", hz, err)
		}
		fixed.Off()
		if f.slept != 0x2000 {
			t.Errorf("%#x", f.slept)
		}
	}
}

func TestStands(t *testing.T) {
	f := pc()
	fixed, err := Find(pci.New(f), f)
	if err != nil {
		t.Fatal(err)
	}
	f.step = 0
	if _, err := fixed.Measure(func() uint64 { return 0 }, 1000); !errors.Is(err, com.ErrNotFound) {
		t.Error(err)
	}
	for _, n := range []uint32{0, 1 << 24} {
		if _, err := fixed.Measure(func() uint64 { return 0 }, n); !errors.Is(err, com.ErrInvalid) {
			t.Error(err)
		}
	}
}

func TestAbsent(t *testing.T) {
	for _, f := range []*fake{{Space: reg.Memory(nil)}, {Space: reg.Memory(nil), id: 0x29188086}, {Space: reg.Memory(nil), id: 0x12345678, base: 0x601}} {
		if _, err := Find(pci.New(f), f); !errors.Is(err, com.ErrNotFound) {
			t.Error(err)
		}
	}
	f := pc()
	Exit(f, 3)
	if f.exit != 3 {
		t.Error(f.exit)
	}
}
