package pci

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/machine"
)

// memory is a mapped window.
type memory struct {
	file  *os.File
	bytes []byte
	// device is set if it is a PCI device's: nobody in this computer is at the other
	// end, so no futex reaches it.
	device    bool
	registers []byte // of the device, to ring by; nil if there are none
}

// openMemory maps what path names, and gives the doorbells if there are any.
func openMemory(path string, m machine.Machine) (*memory, *bells, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist) && !strings.ContainsRune(path, filepath.Separator):
		name := path
		if path, err = Socket(name); err != nil {
			return nil, nil, err
		}
		if _, err = os.Stat(path); err != nil {
			return nil, nil, com.Errorf(com.ErrNotFound, "no card called %q is booted here: start one with: mmlite boot --name %s", name, name)
		}
		return openServer(path)
	case errors.Is(err, os.ErrNotExist):
		return nil, nil, com.Errorf(com.ErrNotFound, "%s is not there; pci: alone looks for a card, and mmlite boot starts one", path)
	case err != nil:
		return nil, nil, com.Errorf(com.CodeOf(err), "%v", err)
	case info.Mode()&os.ModeSocket != 0:
		return openServer(path)
	case info.IsDir(): // of the device
		path = filepath.Join(path, "resource2")
	}
	device := filepath.Base(path) == "resource2"
	if device {
		// A device that no driver has touched does not decode its addresses yet.
		_ = os.WriteFile(filepath.Join(filepath.Dir(path), "enable"), []byte("1"), 0)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		if errors.Is(err, os.ErrPermission) {
			return nil, nil, com.Errorf(com.ErrPermission, "%v: that takes root, or a udev rule that gives you the device", err)
		}
		return nil, nil, com.Errorf(com.CodeOf(err), "%v", err)
	}
	mem, err := mapMemory(f)
	if err != nil {
		return nil, nil, err
	}
	if device {
		mem.device = true
		mem.registers = mapRegisters(filepath.Join(filepath.Dir(path), "resource0"))
	}
	return mem, nil, nil
}

// Registers of an ivshmem device (QEMU, "Device Specification for Inter-VM shared
// memory device", section "PCI device registers").
const (
	registersSize = 256
	doorbell      = 12
)

// mapRegisters maps a device's registers. Without them the card is not rung, and
// looks from time to time.
func mapRegisters(path string) []byte {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil
	}
	defer f.Close()
	b, err := unix.Mmap(int(f.Fd()), 0, registersSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil
	}
	return b
}

// ringer returns what rings the peer with a number by the device's doorbell
// register, or nil.
func (m *memory) ringer(number uint16) func(*uint32) {
	if len(m.registers) < registersSize {
		return nil
	}
	bell := (*uint32)(unsafe.Pointer(&m.registers[doorbell]))
	return func(*uint32) { atomic.StoreUint32(bell, uint32(number)<<16) }
}

// mapMemory maps all of f, which belongs to the memory from then on.
func mapMemory(f *os.File) (*memory, error) {
	size, err := f.Seek(0, 2)
	if err == nil && size == 0 {
		var info os.FileInfo
		if info, err = f.Stat(); err == nil {
			size = info.Size()
		}
	}
	if err == nil && (size < link.MinWindow || size > 1<<40) {
		err = com.Errorf(com.ErrProtocol, "%s: a window of %d bytes, and a card's has %d at least", f.Name(), size, link.MinWindow)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	mem, err := unix.Mmap(int(f.Fd()), 0, int(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		f.Close()
		return nil, com.Errorf(com.ErrNoMemory, "%s: mapping %d bytes: %v", f.Name(), size, err)
	}
	return &memory{file: f, bytes: mem}, nil
}

// claim takes one of n doors for as long as the memory is open: by a lock of the
// open file, which the system gives back when the program ends, however that is.
func (m *memory) claim(n int) (int, error) {
	for i := range n {
		lock := unix.Flock_t{Type: unix.F_WRLCK, Whence: 0, Start: int64(i), Len: 1}
		switch err := unix.FcntlFlock(m.file.Fd(), unix.F_OFD_SETLK, &lock); {
		case err == nil:
			return i, nil
		case !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EACCES):
			return 0, com.Errorf(com.CodeOf(err), "locking a door: %v", err)
		}
	}
	return 0, com.Errorf(com.ErrBusy, "all %d doors of the card are taken by other programs", n)
}

func (m *memory) close() error {
	err := unix.Munmap(m.bytes)
	if m.registers != nil {
		unix.Munmap(m.registers)
	}
	if e := m.file.Close(); err == nil {
		err = e
	}
	return err
}

// replace puts memory of this program in the place of the window.
func (m *memory) replace() error {
	_, err := unix.MmapPtr(-1, 0, unsafe.Pointer(&m.bytes[0]), uintptr(len(m.bytes)),
		unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_FIXED|unix.MAP_NORESERVE)
	if err != nil {
		return com.Errorf(com.ErrNoMemory, "memory in the place of the window: %v", err)
	}
	return nil
}

// ivshmem is the device that QEMU gives a shared window.
const (
	vendorQEMU    = "0x1af4"
	deviceIVSHMEM = "0x1110"
)

// devices lists the devices of this computer that may be cards: the ivshmem devices.
func devices() ([]string, error) {
	dirs, err := filepath.Glob("/sys/bus/pci/devices/*")
	if err != nil {
		return nil, err
	}
	var all []string
	for _, dir := range dirs {
		is := func(name, want string) bool {
			b, err := os.ReadFile(filepath.Join(dir, name))
			return err == nil && strings.TrimSpace(string(b)) == want
		}
		if is("vendor", vendorQEMU) && is("device", deviceIVSHMEM) {
			all = append(all, filepath.Join(dir, "resource2"))
		}
	}
	return all, nil
}
