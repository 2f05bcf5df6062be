package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// network gives the first Ethernet interface the address that QEMU's user network
// expects.
func network() error {
	name := ""
	all, err := filepath.Glob("/sys/class/net/*/device")
	if err != nil {
		return err
	}
	for _, d := range all {
		name = filepath.Base(filepath.Dir(d))
	}
	if name == "" {
		return fmt.Errorf("no network interface")
	}
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	for _, r := range []struct {
		request uint
		ip      [4]byte
	}{{unix.SIOCSIFADDR, [4]byte{10, 0, 2, 15}}, {unix.SIOCSIFNETMASK, [4]byte{255, 255, 255, 0}}} {
		var q [40]byte // struct ifreq
		copy(q[:15], name)
		binary.NativeEndian.PutUint16(q[16:], unix.AF_INET)
		copy(q[20:], r.ip[:])
		if err := ioctl(s, r.request, &q); err != nil {
			return fmt.Errorf("address of %s: %w", name, err)
		}
	}
	for _, dev := range []string{name, "lo"} {
		var q [40]byte
		copy(q[:15], dev)
		binary.NativeEndian.PutUint16(q[16:], unix.IFF_UP|unix.IFF_RUNNING)
		if err := ioctl(s, unix.SIOCSIFFLAGS, &q); err != nil {
			return fmt.Errorf("%s up: %w", dev, err)
		}
	}
	return nil
}

func ioctl(fd int, request uint, q *[40]byte) error {
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), uintptr(request), uintptr(unsafe.Pointer(q)))
	if errno != 0 {
		return errno
	}
	return nil
}

const vhci = "/sys/devices/platform/vhci_hcd.0/"

// attach imports the device at address and hands the connection to the kernel.
func attach(ctx context.Context, address string) error {
	var c net.Conn
	err := wait(ctx, "server at "+address, func() bool {
		var err error
		c, err = net.Dial("tcp", address)
		return err == nil
	})
	if err != nil {
		return err
	}
	ask := append([]byte{1, 0x11, 0x80, 3, 0, 0, 0, 0}, make([]byte, 32)...)
	copy(ask[8:], "1-1")
	if _, err := c.Write(ask); err != nil {
		return err
	}
	reply := make([]byte, 8+312)
	if _, err := io.ReadFull(c, reply); err != nil {
		return fmt.Errorf("import: %w", err)
	}
	where := reply[8+256+32:]
	be := binary.BigEndian
	f, err := c.(*net.TCPConn).File()
	if err != nil {
		return err
	}
	defer f.Close()
	c.Close()
	id := be.Uint32(where)<<16 | be.Uint32(where[4:])
	line := fmt.Sprintf("0 %d %d %d", f.Fd(), id, be.Uint32(where[8:]))
	if err := os.WriteFile(vhci+"attach", []byte(line), 0); err != nil {
		return fmt.Errorf("attach %s: %w", line, err)
	}
	return nil
}

// enumerated waits until the kernel has taken the device, and tells as what.
func enumerated(ctx context.Context) error {
	var device string
	err := wait(ctx, "device with an interface of its own", func() bool {
		for _, class := range glob("/sys/bus/usb/devices/*:1.2/bInterfaceClass") {
			if read(class) == "ff" {
				device = strings.TrimSuffix(filepath.Dir(class), ":1.2")
				return true
			}
		}
		return false
	})
	if err != nil {
		return err
	}
	d := device + "/"
	say("device %s, %s, serial %s, %s Mbit/s, USB %s", read(d+"manufacturer"), read(d+"product"), read(d+"serial"), read(d+"speed"), read(d+"version"))
	if err := wait(ctx, "sound card", func() bool { return rawDevice("MMLite card") != "" }); err != nil {
		return fmt.Errorf("%w; there are: %s", err, read("/proc/asound/cards"))
	}
	for _, want := range [][2]string{{"product", "MMLite card"}, {"speed", "480"}, {"version", "2.10"}} {
		if got := read(d + want[0]); got != want[1] {
			return fmt.Errorf("%s is %q, not %q", want[0], got, want[1])
		}
	}
	return nil
}

func glob(pattern string) []string {
	all, err := filepath.Glob(pattern)
	if err != nil {
		return nil
	}
	return all
}

func read(name string) string {
	b, err := os.ReadFile(name)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}
