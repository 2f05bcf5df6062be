//go:build gousb

package usb

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/google/gousb"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link/stream"
)

// inFlight is how many transfers from the card are under way at once.
const inFlight = 4

// newContext begins with libusb. The package panics where the library cannot.
func newContext() (c *gousb.Context, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = com.Errorf(com.ErrNotSupported, "libusb: %v", r)
		}
	}()
	return gousb.NewContext(), nil
}

// linkOf is the number and the setting of the link's interface.
func linkOf(d *gousb.DeviceDesc) (number, setting int, ok bool) {
	for _, c := range d.Configs {
		for _, i := range c.Interfaces {
			for _, s := range i.AltSettings {
				if s.Class == classVendor && s.SubClass == subclassLink && s.Protocol == protocolLink {
					return s.Number, s.Alternate, true
				}
			}
		}
	}
	return 0, 0, false
}

// Find returns the cards that are plugged in, as libusb sees them.
func Find() ([]Device, error) {
	c, err := newContext()
	if err != nil {
		return nil, err
	}
	defer c.Close()
	opened, err := c.OpenDevices(func(d *gousb.DeviceDesc) bool {
		_, _, ok := linkOf(d)
		return ok
	})
	var all []Device
	for _, d := range opened {
		number, _, _ := linkOf(d.Desc)
		serial, _ := d.SerialNumber() // a card that says none is found by being the only one
		product, _ := d.Product()
		all = append(all, Device{Serial: serial, Product: product, Path: place(d.Desc), Interface: uint32(number)})
		d.Close()
	}
	if len(all) == 0 && err != nil {
		return nil, meaning("", err)
	}
	return all, nil
}

// place names a device as long as it is plugged in.
func place(d *gousb.DeviceDesc) string { return fmt.Sprintf("libusb:%d:%d", d.Bus, d.Address) }

// meaning says what an error of libusb means for the link.
func meaning(serial string, err error) error {
	switch {
	case errors.Is(err, gousb.ErrorBusy):
		return com.Errorf(com.ErrBusy, "card usb:%s: another program has it", serial)
	case errors.Is(err, gousb.ErrorAccess):
		return com.Errorf(com.ErrPermission, "card usb:%s: you may not open it: %v", serial, err)
	case errors.Is(err, gousb.ErrorNotSupported):
		return com.Errorf(com.ErrNotSupported, "card usb:%s: %v: on Windows its link's interface needs the driver WinUSB", serial, err)
	}
	return com.Errorf(com.ErrGone, "card usb:%s: %v", serial, err)
}

// library is the carrier over libusb.
type library struct {
	serial  string
	context *gousb.Context
	device  *gousb.Device
	config  *gousb.Config
	link    *gousb.Interface
	in      *gousb.ReadStream
	out     *gousb.OutEndpoint

	ctx    context.Context
	cancel context.CancelFunc
	send   sync.Mutex // held by who uses out
	come   sync.Mutex // and in
	once   sync.Once
}

// claim opens a device and takes the link's interface from whatever driver has it.
func claim(d Device) (stream.Carrier, error) {
	c, err := newContext()
	if err != nil {
		return nil, err
	}
	l := &library{serial: d.Serial, context: c}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	opened, err := c.OpenDevices(func(desc *gousb.DeviceDesc) bool { return place(desc) == d.Path })
	for i, o := range opened {
		if i == 0 {
			l.device = o
		} else {
			o.Close()
		}
	}
	switch {
	case l.device != nil:
		err = l.open()
	case err == nil:
		err = gousb.ErrorNoDevice
	}
	if err != nil {
		l.Close()
		return nil, meaning(d.Serial, err)
	}
	return l, nil
}

// open claims the interface and begins to read.
func (l *library) open() error {
	// Not every system has drivers that can be detached.
	if err := l.device.SetAutoDetach(true); err != nil && !errors.Is(err, gousb.ErrorNotSupported) {
		return err
	}
	number, setting, ok := linkOf(l.device.Desc)
	if !ok {
		return gousb.ErrorNotFound
	}
	active, err := l.device.ActiveConfigNum()
	if err != nil {
		return err
	}
	if l.config, err = l.device.Config(active); err != nil {
		return err
	}
	// Setting the interface clears what an earlier owner left of its endpoints (USB
	// 2.0, 9.1.1.5).
	if l.link, err = l.config.Interface(number, setting); err != nil {
		return err
	}
	if l.out, err = l.link.OutEndpoint(linkOut); err != nil {
		return err
	}
	in, err := l.link.InEndpoint(linkIn &^ 0x80)
	if err != nil {
		return err
	}
	l.in, err = in.NewStream(stream.MaxBlock, inFlight)
	return err
}

// Size implements stream.Carrier.
func (l *library) Size() int { return stream.MaxBlock }

// Send implements stream.Carrier.
func (l *library) Send(block []byte) error {
	l.send.Lock()
	defer l.send.Unlock()
	if l.ctx.Err() != nil {
		return com.Errorf(com.ErrClosed, "the link was closed")
	}
	if _, err := l.out.WriteContext(l.ctx, block); err != nil {
		return l.failure(err)
	}
	return nil
}

// Receive implements stream.Carrier. A read of the stream never goes beyond one
// transfer, and a transfer is a block.
func (l *library) Receive(block []byte) (int, error) {
	l.come.Lock()
	defer l.come.Unlock()
	for {
		if l.ctx.Err() != nil {
			return 0, com.Errorf(com.ErrClosed, "the link was closed")
		}
		n, err := l.in.ReadContext(l.ctx, block)
		if err != nil {
			return 0, l.failure(err)
		}
		if n > 0 {
			return n, nil
		}
	}
}

func (l *library) failure(err error) error {
	if l.ctx.Err() != nil {
		return com.Errorf(com.ErrClosed, "the link was closed")
	}
	return com.Errorf(com.ErrGone, "the card was unplugged, or halted its link: %v", err)
}

// Close implements stream.Carrier. What is under way ends first.
func (l *library) Close() error {
	l.once.Do(func() {
		l.cancel()
		l.send.Lock()
		defer l.send.Unlock()
		l.come.Lock()
		defer l.come.Unlock()
		if l.in != nil {
			_ = l.in.Close() // that transfers were canceled is no news
		}
		if l.link != nil {
			l.link.Close()
		}
		if l.config != nil {
			_ = l.config.Close() // nothing can be done about it
		}
		if l.device != nil {
			_ = l.device.Close()
		}
		_ = l.context.Close()
	})
	return nil
}
