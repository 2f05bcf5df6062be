package pci

import (
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/host"
)

// shared maps a file of the folder of a device.
func shared(t *testing.T, path string, size int) []byte {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(int64(size)); err != nil {
		t.Fatal(err)
	}
	b, err := unix.Mmap(int(f.Fd()), 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Munmap(b) })
	return b
}

// TestDevice opens a card behind the memory of a PCI device, a folder as there are
// under /sys/bus/pci/devices. The card is rung by the device's register, and the
// program waits for what comes by looking, since no futex reaches it.
func TestDevice(t *testing.T) {
	const number = 5
	dir := t.TempDir()
	registers := shared(t, filepath.Join(dir, "resource0"), 4096)
	mem := shared(t, filepath.Join(dir, "resource2"), link.MinWindow)
	doors, err := link.FormatDoors(mem, 9, true)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := doors.Number(); ok {
		t.Error("a number that nobody set")
	}
	doors.SetNumber(number)
	var card sync.WaitGroup
	var peer atomic.Uint32
	card.Go(func() { // looks at its door; nobody rings it here
		m := host.New()
		idler := m.NewIdler(machine.Spare)
		defer idler.Close()
		for atomic.LoadUint32(doors.Knock(0)) == 0 {
			idler.Idle(nil, m.Now().Add(machine.Millisecond))
		}
		_, p := doors.Caller(0)
		peer.Store(p)
		_, err := doors.Open(0)
		doors.Reply(0, atomic.LoadUint32(doors.Knock(0)), err)
	})
	w, err := Open(context.Background(), dir, "test", host.New())
	card.Wait()
	if err != nil {
		t.Fatal(err)
	}
	bell := func() uint32 { return binary.NativeEndian.Uint32(registers[doorbell:]) }
	if peer.Load() != noPeer || bell() != number<<16 {
		t.Errorf("peer %#x, doorbell %#x", peer.Load(), bell())
	}
	// A word that changes without a futex is seen.
	var word uint32
	idler := w.Machine.NewIdler(machine.Spare)
	go atomic.StoreUint32(&word, 1)
	deadline := w.Machine.Now().Add(5 * machine.Second)
	for atomic.LoadUint32(&word) == 0 {
		idler.Idle([]machine.Word{{Addr: &word}}, deadline)
		if w.Machine.Now() > deadline {
			t.Fatal("asleep")
		}
	}
	idler.Close()
	binary.NativeEndian.PutUint32(registers[doorbell:], 0)
	if err := w.Close(); err != nil || bell() != number<<16 {
		t.Errorf("leaves without a ring: %v", err)
	}
}

// TestDeviceWithoutRegisters: the card is then not rung, and that does no harm.
func TestDeviceWithoutRegisters(t *testing.T) {
	m := &memory{}
	if m.ringer(3) != nil {
		t.Error("rings by nothing")
	}
	if mapRegisters(filepath.Join(t.TempDir(), "resource0")) != nil {
		t.Error("registers that are not there")
	}
}
