// Package usbip offers a USB function to other computers, or to this one's kernel,
// over the network: the server of USB/IP 1.1.1, as the Linux kernel's
// Documentation/usb/usbip_protocol.rst describes it. To the function it is a
// controller; what a host does with its driver vhci-hcd is what it does with a
// card that is plugged in.
package usbip

import (
	"encoding/binary"

	"github.com/mmlite/mmlite/boards/driver/usb"
)

// Numbers of the protocol, which are big endian.
const (
	version = 0x0111

	reqDevlist = 0x8005
	repDevlist = 0x0005
	reqImport  = 0x8003
	repImport  = 0x0003

	statusOK   = 0
	statusBusy = 2
	statusNone = 4

	cmdSubmit = 1
	cmdUnlink = 2
	retSubmit = 3
	retUnlink = 4

	busIDSize  = 32
	pathSize   = 256
	headerSize = 48
	speedFull  = 2
	speedHigh  = 3

	dirOut = 0
	dirIn  = 1

	noPackets = 0xFFFFFFFF // number_of_packets of a transfer that is not isochronous
)

// Errors of transfers are those of Linux.
const (
	errNoEntry   = -2   // ENOENT: no such endpoint
	errStall     = -32  // EPIPE
	errReset     = -104 // ECONNRESET: it was unlinked
	errShutdown  = -108 // ESHUTDOWN: the endpoint is closed
	errTooMany   = -105 // ENOBUFS
	errOversized = -90  // EMSGSIZE
)

// Limits of one host.
const (
	maxTransfer = 1 << 20 // bytes of a transfer
	maxPending  = 256     // transfers of one endpoint at a time
)

// request is a header of 48 bytes.
type request struct {
	command, seq, devid, direction, endpoint uint32

	// cmdSubmit
	flags, length, packets uint32
	setup                  usb.Setup
	// cmdUnlink
	unlink uint32
}

// parse reads a header.
func parse(b *[headerSize]byte) request {
	word := func(i int) uint32 { return binary.BigEndian.Uint32(b[4*i:]) }
	r := request{command: word(0), seq: word(1), devid: word(2), direction: word(3), endpoint: word(4)}
	if r.command == cmdUnlink {
		r.unlink = word(5)
		return r
	}
	r.flags, r.length, r.packets = word(5), word(6), word(8)
	r.setup = usb.ParseSetup([8]byte(b[40:48]))
	return r
}

// appendReturn adds the header of an answer to a transfer.
func appendReturn(b []byte, seq uint32, status int32, length int) []byte {
	for _, v := range []uint32{retSubmit, seq, 0, 0, 0, uint32(status), uint32(length), 0, 0, 0, 0, 0} {
		b = binary.BigEndian.AppendUint32(b, v)
	}
	return b
}

func appendUnlinked(b []byte, seq uint32, status int32) []byte {
	for _, v := range []uint32{retUnlink, seq, 0, 0, 0, uint32(status), 0, 0, 0, 0, 0, 0} {
		b = binary.BigEndian.AppendUint32(b, v)
	}
	return b
}

// appendOp adds the header of an answer before import.
func appendOp(b []byte, code uint16, status uint32) []byte {
	b = binary.BigEndian.AppendUint16(b, version)
	b = binary.BigEndian.AppendUint16(b, code)
	return binary.BigEndian.AppendUint32(b, status)
}

// busID is the card's place on a bus that has nothing else.
const (
	busID  = "1-1"
	busNum = 1
	devNum = 2
)

// appendDevice describes the device, from its own descriptors.
func appendDevice(b, device, config []byte, speed uint32) []byte {
	at := len(b)
	b = append(b, make([]byte, pathSize+busIDSize)...)
	copy(b[at:], "/sys/devices/mmlite/usb1/"+busID)
	copy(b[at+pathSize:], busID)
	for _, v := range []uint32{busNum, devNum, speed} {
		b = binary.BigEndian.AppendUint32(b, v)
	}
	for _, i := range []int{8, 10, 12} { // vendor, product, release
		b = append(b, device[i+1], device[i])
	}
	// Class, subclass, protocol; the value of the configuration that is set, and how
	// many there are; the number of interfaces.
	return append(b, device[4], device[5], device[6], 0, device[17], config[4])
}

// appendInterfaces adds the classes of a configuration's interfaces.
func appendInterfaces(b, config []byte) []byte {
	for at := 0; at+9 <= len(config) && config[at] > 0; at += int(config[at]) {
		if config[at+1] == 4 {
			b = append(b, config[at+5], config[at+6], config[at+7], 0)
		}
	}
	return b
}
