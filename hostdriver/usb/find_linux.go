//go:build !gousb

package usb

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// sysfs is where the kernel shows the devices it has enumerated.
const sysfs = "/sys/bus/usb/devices"

// Find returns the cards that are plugged in, in the order of their places.
func Find() ([]Device, error) { return find(sysfs) }

func find(root string) ([]Device, error) {
	// An interface is called BUS-PORT[.PORT...]:CONFIGURATION.INTERFACE.
	interfaces, err := filepath.Glob(filepath.Join(root, "*:*"))
	if err != nil {
		return nil, err
	}
	var all []Device
	for _, dir := range interfaces {
		if number(dir, "bInterfaceClass", 16) != classVendor || number(dir, "bInterfaceSubClass", 16) != subclassLink ||
			number(dir, "bInterfaceProtocol", 16) != protocolLink {
			continue
		}
		name, _, _ := strings.Cut(filepath.Base(dir), ":")
		device := filepath.Join(root, name)
		bus, dev := number(device, "busnum", 10), number(device, "devnum", 10)
		if bus < 0 || dev < 0 {
			continue // it has just gone
		}
		all = append(all, Device{
			Serial: word(device, "serial"), Product: word(device, "product"),
			Path:      fmt.Sprintf("/dev/bus/usb/%03d/%03d", bus, dev),
			Interface: uint32(max(number(dir, "bInterfaceNumber", 16), 0)),
		})
	}
	return all, nil
}

// word reads an attribute, "" if it is not there.
func word(dir, name string) string {
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// number reads a number, -1 if it is not there.
func number(dir, name string, base int) int {
	n, err := strconv.ParseUint(word(dir, name), base, 16)
	if err != nil {
		return -1
	}
	return int(n)
}
