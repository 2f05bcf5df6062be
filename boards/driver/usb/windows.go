package usb

import (
	"encoding/binary"
	"unicode/utf16"
)

// So that Windows gives the link's interface to WinUSB without being asked, the
// device says so in Microsoft OS 2.0 descriptors, which the platform capability of
// its BOS points to. Other systems pass over them.

const (
	vendorCode   = 'M'        // the request that fetches them
	msDescriptor = 7          // MS_OS_20_DESCRIPTOR_INDEX
	windows81    = 0x06030000 // the first that reads them
)

// linkInterface is the class of devices that programs on Windows ask for.
const linkInterface = "{9D5B4C1E-6B0D-4B3F-9B0A-4D4D4C697465}"

// platform is MS_OS_20_PLATFORM_CAPABILITY_ID, D8DD60DF-4589-4CC7-9CD2-659D9E648A9F.
var platform = [16]byte{0xDF, 0x60, 0xDD, 0xD8, 0x89, 0x45, 0xC7, 0x4C, 0x9C, 0xD2, 0x65, 0x9D, 0x9E, 0x64, 0x8A, 0x9F}

// bos returns the binary device object store: no link power management, and where
// the descriptors for Windows are.
func bos() []byte {
	b := []byte{5, descBOS, 0, 0, 2}
	b = append(b, 7, descCapability, 2, 0, 0, 0, 0)
	b = append(b, 28, descCapability, 5, 0)
	b = append(b, platform[:]...)
	b = binary.LittleEndian.AppendUint32(b, windows81)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(windows())))
	b = append(b, vendorCode, 0)
	binary.LittleEndian.PutUint16(b[2:], uint16(len(b)))
	return b
}

// windows returns the descriptor set: the function of the link's interface is
// WinUSB's.
func windows() []byte {
	name, guids := wide("DeviceInterfaceGUIDs\x00"), wide(linkInterface+"\x00\x00")
	words := func(b []byte, v ...uint16) []byte {
		for _, w := range v {
			b = binary.LittleEndian.AppendUint16(b, w)
		}
		return b
	}
	property := words(nil, uint16(10+len(name)+len(guids)), 4, 7, uint16(len(name)))
	property = append(property, name...)
	property = append(words(property, uint16(len(guids))), guids...)
	compatible := append(words(nil, 20, 3), "WINUSB\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"...)

	function := uint16(8 + len(compatible) + len(property))
	b := words(nil, 10, 0, windows81&0xFFFF, windows81>>16, 10+8+function)
	b = words(b, 8, 1, 0, 8+function)           // configuration 0
	b = words(b, 8, 2, InterfaceLink, function) // from this interface on
	return append(append(b, compatible...), property...)
}

func wide(s string) (b []byte) {
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}
