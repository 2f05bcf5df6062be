// Package usb is the host's way to a card on the Universal Serial Bus: it finds the
// link's interface, claims it, and moves blocks through its bulk endpoints.
//
// On Linux that is usbfs (the kernel's Documentation/driver-api/usb/usb.rst, "The
// usbfs filesystem", and linux/usbdevice_fs.h), without a library. With the tag gousb
// it is libusb, by cgo, on every system that has it. A card has one owner at a time:
// the Broker, a process that the first program starts, which gives each program a
// stream of its own over the card's session.
package usb

import (
	"context"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link/stream"
)

// How the link's interface is found on a device (boards/driver/usb says the same).
const (
	classVendor  = 0xFF
	subclassLink = 'M'
	protocolLink = 1

	linkOut = 0x01
	linkIn  = 0x81
)

// Device is a card that is plugged in.
type Device struct {
	Serial    string // its serial number, by which usb:SERIAL names it
	Product   string
	Path      string // of the device's file
	Interface uint32 // the number of the link's interface
}

// Choose returns the card with a serial number, or the only one there is if serial
// is empty. The errors are com.ErrNotFound, com.ErrInvalid if there are several, and
// those of Find.
func Choose(serial string) (Device, error) {
	all, err := Find()
	if err != nil {
		return Device{}, err
	}
	names := ""
	for _, d := range all {
		if serial == d.Serial && serial != "" {
			return d, nil
		}
		names += " usb:" + d.Serial
	}
	switch {
	case len(all) == 0:
		return Device{}, com.Errorf(com.ErrNotFound, "no card is plugged into this computer's USB")
	case serial != "":
		return Device{}, com.Errorf(com.ErrNotFound, "no card usb:%s is plugged in; there are:%s", serial, names)
	case len(all) > 1:
		return Device{}, com.Errorf(com.ErrInvalid, "several cards are plugged in: say which of%s", names)
	}
	return all[0], nil
}

// Connect claims a card and begins a session with it. The errors are com.ErrBusy if
// another program has it, com.ErrPermission, com.ErrGone and those of
// stream.Connect.
func Connect(ctx context.Context, d Device) (*stream.Session, error) {
	c, err := claim(d)
	if err != nil {
		return nil, err
	}
	return stream.Connect(ctx, c)
}
