//go:build tamago && arm

package main

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/usbarmory/tamago/soc/nxp/imx6ul"
	controller "github.com/usbarmory/tamago/soc/nxp/usb"

	"github.com/mmlite/mmlite/boards/driver/reg"
	"github.com/mmlite/mmlite/boards/driver/usb"
)

// pipes is the card's function on the USB controller of the plug. TamaGo's driver
// looks at the controller by turns with everything else, so the processor never
// rests; its way with interrupts does not let a host configure the device twice.
type pipes struct {
	f         *usb.Function
	endpoints []*controller.EndpointDescriptor
	up        atomic.Bool // configured by a host
}

const (
	// rest is after how long a pipe to the host looks whether it is to end.
	rest       = 20 * time.Millisecond
	inSize     = 16384
	highPacket = 512
	fullPacket = 64
	portStatus = 0x184 // PORTSC1 (IMX6ULLRM 56.6.26): bits 26 and 27 are the speed
	highSpeed  = 2

	requestSetAddress       = 5
	requestSetConfiguration = 9
	requestClearFeature     = 1
	toDevice                = 0
	toEndpoint              = 2
)

var errRefused = errors.New("refused") // the driver answers with STALL

// serveUSB has the card appear on the bus. It does not return.
func serveUSB(p *pipes) {
	for _, address := range []uint8{usb.LinkOut, usb.LinkIn, usb.MIDIOut, usb.MIDIIn} {
		e := &controller.EndpointDescriptor{}
		e.SetDefaults()
		e.EndpointAddress, e.Attributes, e.MaxPacketSize, e.Zero = address, controller.BULK, highPacket, false
		if address&0x80 != 0 {
			e.Function = p.transmit(address)
		} else {
			e.Function = p.receive(address)
		}
		p.endpoints = append(p.endpoints, e)
	}
	device := &controller.Device{
		// Only the endpoints are looked at: the function answers for its descriptors.
		Configurations: []*controller.ConfigurationDescriptor{{
			ConfigurationValue: 1, Interfaces: []*controller.InterfaceDescriptor{{Endpoints: p.endpoints}},
		}},
		Setup: p.setup,
	}
	imx6ul.USB1.Init()
	imx6ul.USB1.DeviceMode()
	imx6ul.USB1.Start(device)
}

// setup answers what comes to endpoint 0. The driver has swapped the bytes of Value.
func (p *pipes) setup(d *controller.SetupData) (in []byte, ack, done bool, err error) {
	s := usb.Setup{RequestType: d.RequestType, Request: d.Request, Value: d.Value<<8 | d.Value>>8, Index: d.Index, Length: d.Length}
	if s.RequestType == toDevice && s.Request == requestSetAddress {
		p.reset() // a bus reset comes before it, which the driver does not tell of
	}
	reply, ok := p.f.Control(s, nil)
	if !ok {
		return nil, false, true, errRefused
	}
	switch {
	case s.RequestType == toDevice && s.Request == requestSetAddress:
		return nil, false, false, nil // the driver's part follows
	case s.RequestType == toDevice && s.Request == requestSetConfiguration:
		p.up.Store(s.Value != 0)
		return nil, false, false, nil
	case s.RequestType == toEndpoint && s.Request == requestClearFeature:
		return nil, false, false, nil
	case s.In() && len(reply) > 0:
		return reply, false, true, nil
	}
	return nil, true, true, nil
}

func (p *pipes) reset() {
	high := true
	if b, err := reg.Bytes(imx6ul.USB1_BASE, 0x200); err == nil {
		high = reg.Memory(b).Read32(portStatus)>>26&3 == highSpeed
	}
	packet := uint16(fullPacket)
	if high {
		packet = highPacket
	}
	for _, e := range p.endpoints {
		e.MaxPacketSize = packet
	}
	p.up.Store(false)
	p.f.Reset(high)
}

// receive takes what has come. The driver keeps nothing of it.
func (p *pipes) receive(address uint8) controller.EndpointFunction {
	return func(data []byte, err error) ([]byte, error) {
		if err == nil && len(data) > 0 {
			err = p.f.Receive(address, data, nil)
		}
		return nil, halted(err)
	}
}

// transmit waits for something to send, and gives up soon: the driver looks then
// whether the pipe is to end.
func (p *pipes) transmit(address uint8) controller.EndpointFunction {
	buf := make([]byte, inSize)
	return func([]byte, error) ([]byte, error) {
		cancel := make(chan struct{})
		timer := time.AfterFunc(rest, func() { close(cancel) })
		n, err := p.f.Transmit(address, buf, cancel)
		timer.Stop()
		if err != nil && !errors.Is(err, usb.ErrCanceled) {
			time.Sleep(rest)
		}
		return buf[:n], halted(err)
	}
}

// halted returns an error only for an endpoint that is to answer STALL.
func halted(err error) error {
	if errors.Is(err, usb.ErrStall) {
		return err
	}
	return nil
}
