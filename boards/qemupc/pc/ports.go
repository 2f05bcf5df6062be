//go:build tamago && amd64

package pc

func in8(port uint16) uint8
func in16(port uint16) uint16
func in32(port uint16) uint32
func out8(port uint16, v uint8)
func out16(port uint16, v uint16)
func out32(port uint16, v uint32)

// Ports is the processor's space of ports: register space of the older devices.
type Ports struct{}

// Read8 reads a port, as do Read16 and Read32.
func (Ports) Read8(at uint32) uint8 { return in8(uint16(at)) }

// Read16 is Read8 for 16 bits.
func (Ports) Read16(at uint32) uint16 { return in16(uint16(at)) }

// Read32 is Read8 for 32 bits.
func (Ports) Read32(at uint32) uint32 { return in32(uint16(at)) }

// Write8 writes a port, as do Write16 and Write32.
func (Ports) Write8(at uint32, v uint8) { out8(uint16(at), v) }

// Write16 is Write8 for 16 bits.
func (Ports) Write16(at uint32, v uint16) { out16(uint16(at), v) }

// Write32 is Write8 for 32 bits.
func (Ports) Write32(at uint32, v uint32) { out32(uint16(at), v) }
