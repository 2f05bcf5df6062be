package pci

import (
	"encoding/binary"
	"errors"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
)

// fakeBus is the ports of configuration mechanism 1 and the devices behind them.
type fakeBus struct {
	address uint32
	devices map[uint32]*fakeDevice // by the selector without a register
	reads   int
}

type fakeDevice struct {
	config [256]byte
	masks  map[uint8]uint32 // bits of address registers that can be set; all others are fixed
}

func (f *fakeBus) device() (*fakeDevice, uint8) {
	if f.address>>31 == 0 {
		return nil, 0
	}
	return f.devices[f.address&^configEnable&^0xFF], uint8(f.address)
}

func (f *fakeBus) Read8(at uint32) uint8   { return uint8(f.Read32(at&^3) >> (8 * (at & 3))) }
func (f *fakeBus) Read16(at uint32) uint16 { return uint16(f.Read32(at&^3) >> (8 * (at & 3))) }
func (f *fakeBus) Read32(at uint32) uint32 {
	f.reads++
	if d, r := f.device(); d != nil && at == configData {
		return binary.LittleEndian.Uint32(d.config[r:])
	}
	return 0xFFFFFFFF
}

func (f *fakeBus) Write8(uint32, uint8) {}
func (f *fakeBus) Write16(at uint32, v uint16) {
	d, r := f.device()
	if d == nil || at&^2 != configData {
		return
	}
	binary.LittleEndian.PutUint16(d.config[uint32(r)+at&2:], v)
}

func (f *fakeBus) Write32(at uint32, v uint32) {
	if at == configAddress {
		f.address = v
		return
	}
	d, r := f.device()
	if d == nil || at != configData {
		return
	}
	if r >= regBAR && r < regBAR+24 {
		old := binary.LittleEndian.Uint32(d.config[r:])
		mask, low := d.masks[r], uint32(0)
		if mask == 0 {
			return
		}
		if low = old & 15; old&1 != 0 {
			low = old & 3
		}
		v = v&mask | low
		if r >= 4+regBAR && d.config[r-4]>>1&3 == 2 && d.config[r-4]&1 == 0 {
			v = v & mask // the upper half has no flags
			v &= mask
		}
	}
	binary.LittleEndian.PutUint32(d.config[r:], v)
}

// plug puts a device of a kind at an address.
func (f *fakeBus) plug(a Address, vendor, device uint16) *fakeDevice {
	d := &fakeDevice{masks: map[uint8]uint32{}}
	binary.LittleEndian.PutUint16(d.config[0:], vendor)
	binary.LittleEndian.PutUint16(d.config[2:], device)
	if f.devices == nil {
		f.devices = map[uint32]*fakeDevice{}
	}
	f.devices[selector(a, 0)&^configEnable] = d
	return d
}

func (d *fakeDevice) put32(at int, v uint32) { binary.LittleEndian.PutUint32(d.config[at:], v) }

func TestDevices(t *testing.T) {
	f := &fakeBus{}
	f.plug(Address{0, 0, 0}, 0x8086, 0x1237)
	f.plug(Address{0, 1, 0}, 0x8086, 0x7000).config[regHeaderType] = headerMulti
	f.plug(Address{0, 1, 3}, 0x8086, 0x7113)
	f.plug(Address{0, 2, 1}, 0x1111, 0x2222) // behind a slot without function 0: not there
	bridge := f.plug(Address{0, 5, 0}, 0x1b36, 0x0001)
	bridge.config[regHeaderType] = headerBridge
	bridge.config[regSecondary] = 3
	inner := f.plug(Address{3, 4, 0}, 0x1af4, 0x1110)
	inner.put32(regClass, 0x05000001)
	loop := f.plug(Address{3, 5, 0}, 0x1b36, 0x0001) // a bridge that leads back
	loop.config[regHeaderType] = headerBridge
	var got []string
	for _, d := range New(f).Devices() {
		got = append(got, d.String())
	}
	want := []string{"00:00.0 8086:1237 class 000000", "00:01.0 8086:7000 class 000000", "00:01.3 8086:7113 class 000000",
		"00:05.0 1b36:0001 class 000000", "03:04.0 1af4:1110 class 050000", "03:05.0 1b36:0001 class 000000"}
	if len(got) != len(want) {
		t.Fatalf("%q", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%q, want %q", got[i], want[i])
		}
	}
	if d, err := New(f).Find(0x1af4, 0x1110); err != nil || d.Bus != 3 {
		t.Error(d, err)
	}
	if _, err := New(f).Find(1, 2); !errors.Is(err, com.ErrNotFound) {
		t.Error(err)
	}
}

func TestBARs(t *testing.T) {
	f := &fakeBus{}
	d := f.plug(Address{0, 4, 0}, 0x1af4, 0x1110)
	d.put32(0x10, 0xC001)                                   // 256 ports
	d.masks[0x10] = 0x0000FF00                              // of 16 bits only
	d.put32(0x14, 0xFEBF1000)                               // 4 KiB
	d.masks[0x14] = 0xFFFFF000                              //
	d.put32(0x18, 0xE000000C)                               // 256 MiB, 64 bits
	d.masks[0x18] = 0xF0000000                              //
	d.put32(0x1C, 0x00000001)                               //
	d.masks[0x1C] = 0xFFFFFFFF                              //
	d.put32(0x20, 0xFEBF0000)                               // never answers: nothing there
	d.masks[0x20], d.masks[0x24] = 0, 0xFFFFF000            //
	d.put32(0x24, 0xFEBF3004)                               // 64 bits in the last register
	binary.LittleEndian.PutUint16(d.config[regCommand:], 3) //
	d.config[regLine], d.config[regPin] = 11, 1             //
	dev, err := New(f).Find(0x1af4, 0x1110)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []BAR{
		{Port: true, Base: 0xC000, Size: 256},
		{Base: 0xFEBF1000, Size: 4096},
		{Prefetch: true, Base: 0x1_E000_0000, Size: 256 << 20},
	} {
		if got, err := dev.BAR(i); err != nil || got != want {
			t.Errorf("%d: %+v %v", i, got, err)
		}
	}
	for i, want := range map[int]error{-1: com.ErrInvalid, 6: com.ErrInvalid, 5: com.ErrInvalid, 4: com.ErrInvalid} {
		if b, err := dev.BAR(i); !errors.Is(err, want) {
			t.Errorf("%d: %+v %v", i, b, err)
		}
	}
	if dev.Read16(regCommand) != 3 || dev.Read32(0x14) != 0xFEBF1000 {
		t.Error("asking for the size has changed the device")
	}
	if line, err := dev.Line(); err != nil || line != 11 {
		t.Error(line, err)
	}
	d.config[regLine] = 0xFF
	if _, err := dev.Line(); !errors.Is(err, com.ErrNotFound) {
		t.Error(err)
	}
	dev.Enable()
	if dev.Read16(regCommand) != 7 {
		t.Errorf("%#x", dev.Read16(regCommand))
	}
	if s, err := dev.Registers(0); err != nil || s == nil {
		t.Error(err)
	}
	if _, err := dev.Bytes(0); !errors.Is(err, com.ErrInvalid) {
		t.Error(err)
	}
}

func TestMSIX(t *testing.T) {
	f := &fakeBus{}
	d := f.plug(Address{0, 4, 0}, 0x1af4, 0x1110)
	binary.LittleEndian.PutUint16(d.config[regStatus:], statusCapabilities)
	d.config[regCapability] = 0x40
	d.config[0x40], d.config[0x41] = 0x09, 0x51 // the lower bits of a pointer mean nothing
	d.config[0x50], d.config[0x51] = CapMSIX, 0
	binary.LittleEndian.PutUint16(d.config[0x52:], 1) // two vectors
	d.put32(0x54, 0x20|1)                             // at 0x20 behind base address 1
	dev, err := New(f).Find(0x1af4, 0x1110)
	if err != nil {
		t.Fatal(err)
	}
	table := make([]byte, 4096)
	m, err := dev.msix(func(_ *Device, i int) ([]byte, error) {
		if i != 1 {
			t.Errorf("base address %d", i)
		}
		return table, nil
	})
	if err != nil || m.Len() != 2 {
		t.Fatal(m, err)
	}
	if err := m.Enable(1, 0xFEE00000, 0x41); err != nil {
		t.Fatal(err)
	}
	le := binary.LittleEndian
	if le.Uint32(table[0x30:]) != 0xFEE00000 || le.Uint32(table[0x34:]) != 0 || le.Uint32(table[0x38:]) != 0x41 || le.Uint32(table[0x3C:]) != 0 {
		t.Errorf("% x", table[0x20:0x40])
	}
	if le.Uint32(table[0x2C:]) != msixMaskOne {
		t.Error("the other vector is not masked")
	}
	if got := dev.Read16(0x52); got != msixEnable|1 {
		t.Errorf("%#x", got)
	}
	if dev.Read16(regCommand)&commandNoINTx == 0 {
		t.Error("the pin is in use")
	}
	if err := m.Mask(1, true); err != nil || le.Uint32(table[0x3C:]) != msixMaskOne {
		t.Error(err)
	}
	if !errors.Is(m.Enable(2, 0, 0), com.ErrInvalid) || !errors.Is(m.Enable(-1, 0, 0), com.ErrInvalid) || !errors.Is(m.Mask(2, true), com.ErrInvalid) {
		t.Error("a vector that is not there")
	}
	table = table[:0x3F]
	if _, err := dev.msix(func(*Device, int) ([]byte, error) { return table, nil }); !errors.Is(err, com.ErrInvalid) {
		t.Error(err)
	}
}

// FuzzConfig: whatever a device says in its configuration, looking at it ends, and
// what is returned is sane.
func FuzzConfig(f *testing.F) {
	f.Add([]byte{0xF4, 0x1A, 0x10, 0x11}, uint32(0xFFFFF000))
	circle := make([]byte, 256)
	copy(circle, []byte{0xF4, 0x1A, 0x10, 0x11, 0, 0, 0x10, 0})
	circle[regHeaderType], circle[regCapability], circle[0x40], circle[0x41] = 0x81, 0x40, 1, 0x40
	f.Add(circle, uint32(0))
	f.Fuzz(func(t *testing.T, config []byte, mask uint32) {
		bus := &fakeBus{}
		d := bus.plug(Address{0, 3, 0}, 0, 0)
		copy(d.config[:], config)
		for at := uint8(regBAR); at < regBAR+24; at += 4 {
			d.masks[at] = mask
		}
		for _, dev := range New(bus).Devices() {
			for i := range 6 {
				b, err := dev.BAR(i)
				if err == nil && (b.Size == 0 || b.Size&(b.Size-1) != 0 || b.Base == 0 || b.Base%b.Size != 0 || b.Port && b.Base+b.Size > 1<<16) {
					t.Fatalf("%+v", b)
				}
			}
			for id := range 256 {
				if at, err := dev.Capability(uint8(id)); err == nil && at < 64 {
					t.Fatalf("capability at %d", at)
				}
			}
			m, err := dev.msix(func(*Device, int) ([]byte, error) { return make([]byte, 1<<16), nil })
			if err == nil {
				_ = m.Enable(m.Len()-1, 0xFEE00000, 1)
			}
		}
		if bus.reads > 60000 {
			t.Fatalf("%d reads", bus.reads)
		}
	})
}
