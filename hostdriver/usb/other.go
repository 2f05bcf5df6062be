//go:build !linux && !gousb

package usb

import (
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link/stream"
)

var errSystem = com.Errorf(com.ErrNotSupported, "this driver reaches cards over USB on Linux, or on any system by libusb if it was built with: go build -tags gousb; their USB-MIDI interface works on every system")

// Find returns the cards that are plugged in. This system is not asked.
func Find() ([]Device, error) { return nil, errSystem }

func claim(Device) (stream.Carrier, error) { return nil, errSystem }
