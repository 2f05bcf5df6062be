package usb

import (
	"encoding/binary"
	"unicode/utf16"
)

// Types of descriptors (table 9-5, the class definitions, and the notices).
const (
	descDevice      = 1
	descConfig      = 2
	descString      = 3
	descInterface   = 4
	descEndpoint    = 5
	descQualifier   = 6
	descOtherSpeed  = 7
	descAssociation = 11
	descBOS         = 15
	descCapability  = 16
	descCSInterface = 0x24
	descCSEndpoint  = 0x25
)

// Numbers of strings. String 0 is the list of languages.
const (
	stringMaker = 1 + iota
	stringProduct
	stringSerial
	stringLink
	stringMIDI
	numStrings
)

// Addresses of endpoints, and numbers of interfaces.
const (
	LinkOut = 0x01
	LinkIn  = 0x81
	MIDIOut = 0x02
	MIDIIn  = 0x82

	InterfaceControl = 0 // of the audio function
	InterfaceMIDI    = 1
	InterfaceLink    = 2
	numInterfaces    = 3
)

// How the link's interface is found.
const (
	ClassVendor  = 0xFF
	SubclassLink = 'M'
	ProtocolLink = 1
)

// Vendor and Product are the numbers by which pid.codes has devices be told apart
// that are not sold: "for testing only". Boards that have numbers set their own; a
// host looks for the link's interface, not for them.
const (
	Vendor  = 0x1209
	Product = 0x0001
)

const (
	controlPacket = 64  // of endpoint 0, at either speed (5.5.3)
	fullPacket    = 64  // of bulk endpoints at full speed (5.8.3)
	highPacket    = 512 // and at high speed
	usbVersion    = 0x0210
	powerUnits    = 250 // 500 mA in units of 2 mA
)

// device returns the device descriptor (9.6.1). The class is that of devices with
// interface associations.
func (f *Function) device() []byte {
	b := []byte{18, descDevice}
	b = binary.LittleEndian.AppendUint16(b, usbVersion)
	b = append(b, 0xEF, 2, 1, controlPacket)
	for _, v := range []uint16{f.cfg.Vendor, f.cfg.Product, f.cfg.Release} {
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	return append(b, stringMaker, stringProduct, stringSerial, 1)
}

// qualifier returns what the device would be at the other speed (9.6.2).
func qualifier() []byte {
	b := []byte{10, descQualifier}
	b = binary.LittleEndian.AppendUint16(b, usbVersion)
	return append(b, 0xEF, 2, 1, controlPacket, 1, 0)
}

// configuration returns the configuration and all that belongs to it (9.6.3), as
// type kind, with packets of bulk endpoints of the given size.
func configuration(kind byte, packet uint16) []byte {
	b := []byte{9, kind, 0, 0, numInterfaces, 1, 0, 0x80, powerUnits}
	b = append(b, 8, descAssociation, InterfaceControl, 2, 1, 3, 0, stringMIDI)
	b = appendMIDI(b, packet)
	b = append(b, 8, descAssociation, InterfaceLink, 1, ClassVendor, SubclassLink, ProtocolLink, stringLink)
	b = append(b, 9, descInterface, InterfaceLink, 0, 2, ClassVendor, SubclassLink, ProtocolLink, stringLink)
	b = appendBulk(b, LinkOut, packet)
	b = appendBulk(b, LinkIn, packet)
	binary.LittleEndian.PutUint16(b[2:], uint16(len(b)))
	return b
}

// appendBulk adds a bulk endpoint (9.6.6).
func appendBulk(b []byte, address byte, packet uint16, more ...byte) []byte {
	b = append(b, byte(7+len(more)), descEndpoint, address, 2)
	b = binary.LittleEndian.AppendUint16(b, packet)
	return append(append(b, 0), more...)
}

// Identifiers of jacks, and their types (MIDI 6.1.2, appendix A).
const (
	jackEmbeddedIn  = 1 // what the host writes to
	jackExternalIn  = 2
	jackEmbeddedOut = 3 // what the host reads from
	jackExternalOut = 4

	embedded = 1
	external = 2
)

// appendMIDI adds the audio function: a control interface without controls (Audio
// 4.3) and the MIDI streaming one (MIDI 6.1), whose jacks lead from the host to the
// synthesizer and back.
func appendMIDI(b []byte, packet uint16) []byte {
	b = append(b, 9, descInterface, InterfaceControl, 0, 0, 1, 1, 0, stringMIDI)
	b = append(b, 9, descCSInterface, 1, 0x00, 0x01, 9, 0, 1, InterfaceMIDI)

	b = append(b, 9, descInterface, InterfaceMIDI, 0, 2, 1, 3, 0, stringMIDI)
	start := len(b)
	b = append(b, 7, descCSInterface, 1, 0x00, 0x01, 0, 0)
	b = append(b, 6, descCSInterface, 2, embedded, jackEmbeddedIn, stringMIDI)
	b = append(b, 6, descCSInterface, 2, external, jackExternalIn, 0)
	b = append(b, 9, descCSInterface, 3, embedded, jackEmbeddedOut, 1, jackExternalIn, 1, stringMIDI)
	b = append(b, 9, descCSInterface, 3, external, jackExternalOut, 1, jackEmbeddedIn, 1, 0)
	b = appendBulk(b, MIDIOut, packet, 0, 0) // an audio endpoint has two bytes more (MIDI 6.2.1)
	b = append(b, 5, descCSEndpoint, 1, 1, jackEmbeddedIn)
	b = appendBulk(b, MIDIIn, packet, 0, 0)
	b = append(b, 5, descCSEndpoint, 1, 1, jackEmbeddedOut)
	binary.LittleEndian.PutUint16(b[start+5:], uint16(len(b)-start))
	return b
}

// text returns a string descriptor (9.6.7), nil for one that is not there.
func (f *Function) text(index byte, language uint16) []byte {
	const english = 0x0409
	if index == 0 {
		return []byte{4, descString, english & 0xFF, english >> 8}
	}
	if index >= numStrings || language != english {
		return nil
	}
	s := [numStrings]string{"", f.cfg.Maker, f.cfg.Name, f.cfg.Serial, "MMLite link", f.cfg.Name}[index]
	units := utf16.Encode([]rune(s))
	units = units[:min(len(units), 126)]
	b := []byte{byte(2 + 2*len(units)), descString}
	for _, u := range units {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}
