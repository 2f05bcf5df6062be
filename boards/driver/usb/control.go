package usb

// Setup is what a control transfer begins with (9.3).
type Setup struct {
	RequestType, Request uint8
	Value, Index, Length uint16
}

// ParseSetup reads the eight bytes of a setup packet.
func ParseSetup(b [8]byte) Setup {
	return Setup{b[0], b[1], uint16(b[2]) | uint16(b[3])<<8, uint16(b[4]) | uint16(b[5])<<8, uint16(b[6]) | uint16(b[7])<<8}
}

// In reports whether data travels to the host.
func (s Setup) In() bool { return s.RequestType&0x80 != 0 }

// Standard requests (table 9-4).
const (
	getStatus        = 0
	clearFeature     = 1
	setFeature       = 3
	setAddress       = 5
	getDescriptor    = 6
	getConfiguration = 8
	setConfiguration = 9
	getInterface     = 10
	setInterface     = 11

	featureHalt = 0 // table 9-6
)

// Whom a request is for, with its type: bits of RequestType (table 9-2).
const (
	toDevice    = 0x00
	toInterface = 0x01
	toEndpoint  = 0x02
	vendor      = 0x40
	in          = 0x80
)

// Control answers a control transfer; data is what came with it. What is returned
// is for the host, at most Length bytes, and the function's own. Without ok the
// request is refused: the controller stalls endpoint 0 until the next one (9.2.7).
// Controllers that set the address themselves need not ask.
func (f *Function) Control(s Setup, data []byte) (reply []byte, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !s.In() && len(data) != int(s.Length) {
		return nil, false
	}
	reply, ok = f.answer(s)
	return reply[:min(len(reply), int(s.Length))], ok
}

// answer answers requests in the states that allow them (9.4). None that is known
// has data from the host.
func (f *Function) answer(s Setup) ([]byte, bool) {
	switch s.RequestType {
	case in | toDevice:
		return f.askDevice(s)
	case toDevice:
		return nil, s.Length == 0 && f.tellDevice(s)
	case in | toInterface:
		return f.askInterface(s)
	case toInterface:
		// There are no alternate settings (9.4.10) and no features (9.4.9).
		return nil, s.Request == setInterface && s.Value == 0 && s.Length == 0 && f.hasInterface(s.Index)
	case in | toEndpoint:
		e := f.endpoint(s.Index)
		if s.Request != getStatus || s.Value != 0 || s.Length != 2 || e < 0 {
			return nil, false
		}
		if e > 0 && f.pipes[e-1].halted {
			return []byte{1, 0}, true
		}
		return []byte{0, 0}, true
	case toEndpoint:
		return nil, f.tellEndpoint(s)
	case in | vendor | toDevice:
		if s.Request == vendorCode && s.Index == msDescriptor && s.Value == 0 {
			return windows(), true
		}
	}
	// No request of the audio and MIDI classes is for a function without controls
	// (Audio 5.2, MIDI 7).
	return nil, false
}

func (f *Function) askDevice(s Setup) ([]byte, bool) {
	switch {
	case s.Request == getDescriptor:
		b := f.descriptor(byte(s.Value>>8), byte(s.Value), s.Index)
		return b, b != nil
	case s.Request == getStatus && s.Value == 0 && s.Index == 0 && s.Length == 2:
		return []byte{0, 0}, true // powered by the bus; does not wake the host
	case s.Request == getConfiguration && s.Value == 0 && s.Index == 0 && s.Length == 1:
		return []byte{f.configured}, true
	}
	return nil, false
}

// descriptor returns one of the device's (9.4.3), nil for one that it has not.
func (f *Function) descriptor(kind, index byte, language uint16) []byte {
	if kind == descString {
		return f.text(index, language)
	}
	if index != 0 {
		return nil
	}
	packet, other := uint16(fullPacket), uint16(highPacket)
	if f.high {
		packet, other = other, packet
	}
	switch kind {
	case descDevice:
		return f.device()
	case descConfig:
		return configuration(descConfig, packet)
	case descQualifier:
		return qualifier()
	case descOtherSpeed:
		return configuration(descOtherSpeed, other)
	case descBOS:
		return bos()
	}
	return nil
}

func (f *Function) tellDevice(s Setup) bool {
	switch {
	case s.Request == setAddress && s.Index == 0 && s.Value < 128:
		if f.configured != 0 {
			return false // 9.4.6: not specified, so refused
		}
		return true
	case s.Request == setConfiguration && s.Index == 0 && s.Value <= 1:
		f.configure(byte(s.Value))
		return true
	}
	return false
}

func (f *Function) askInterface(s Setup) ([]byte, bool) {
	switch {
	case !f.hasInterface(s.Index) || s.Value != 0:
		return nil, false
	case s.Request == getStatus && s.Length == 2:
		return []byte{0, 0}, true
	case s.Request == getInterface && s.Length == 1:
		return []byte{0}, true
	}
	return nil, false
}

func (f *Function) hasInterface(n uint16) bool { return f.configured != 0 && n < numInterfaces }

// endpoint returns the number of the pipe at an address, plus one; 0 for endpoint 0,
// and -1 where there is none.
func (f *Function) endpoint(address uint16) int {
	if address&^0x80 == 0 {
		return 0
	}
	for i := range f.pipes {
		if f.configured != 0 && uint16(f.pipes[i].address) == address {
			return i + 1
		}
	}
	return -1
}

// tellEndpoint sets and clears the halt feature (9.4.1, 9.4.9). Clearing it begins
// with the first data packet's toggle again, even where it was not set (9.4.5).
func (f *Function) tellEndpoint(s Setup) bool {
	e := f.endpoint(s.Index)
	if s.Value != featureHalt || s.Length != 0 || e < 0 || s.Request != clearFeature && s.Request != setFeature {
		return false
	}
	if e == 0 {
		return true // each setup packet clears it
	}
	f.halt(&f.pipes[e-1], s.Request == setFeature)
	return true
}
