//go:build tamago && amd64

package pc

import (
	"encoding/binary"
	"unsafe"
)

// Vectors of interrupts. Those of devices are of one priority class, so that one
// is in service at a time; the timer's is above them (Intel SDM volume 3, 12.8.3.1).
const (
	FirstVector = 0x40
	Vectors     = 16

	vectorTimer    = 0xf0
	vectorSpurious = 0xff
	faults         = 32
)

// The stacks that gates switch to (Intel SDM volume 3, 7.14.5), so that nothing is
// ever pushed on a goroutine's, of which there may be next to nothing left.
const (
	stackInterrupt = 1 + iota
	stackFault
	stackDouble
	stackCount = iota
	stackSize  = 16 << 10
)

var (
	stacks [stackCount][stackSize]byte
	gdt    [5]uint64
	tss    [104]byte
	idt    [256][2]uint64
)

const (
	selectorCode = 0x08
	selectorData = 0x10
	selectorTask = 0x18

	// fiveBytes is how long a CALL is: the tables of gates are made of them.
	fiveBytes = 5
)

// pointer is what LGDT and LIDT take.
type pointer [10]byte

func makePointer(at unsafe.Pointer, size uintptr) (p pointer) {
	binary.LittleEndian.PutUint16(p[0:], uint16(size-1))
	binary.LittleEndian.PutUint64(p[2:], uint64(uintptr(at)))
	return p
}

func loadGDT(p *pointer)
func loadIDT(p *pointer)
func gates() (fault, device, timer, spurious uintptr)

// gate makes an interrupt gate, which keeps interrupts out (Intel SDM volume 3,
// figure 7-8).
func gate(to uintptr, stack uint64) [2]uint64 {
	a := uint64(to)
	return [2]uint64{
		a&0xffff | selectorCode<<16 | stack<<32 | 0x8e<<40 | (a>>16&0xffff)<<48,
		a >> 32,
	}
}

// initTables gives the processor its segments, task state and gates. Interrupts are
// off.
func initTables() {
	le := binary.LittleEndian
	for i := range stacks {
		top := uintptr(unsafe.Pointer(&stacks[i])) + stackSize
		le.PutUint64(tss[0x24+8*i:], uint64(top&^15))
	}
	le.PutUint16(tss[0x66:], uint16(len(tss))) // no map of ports
	at := uint64(uintptr(unsafe.Pointer(&tss)))
	gdt = [5]uint64{
		0,
		0x00209a0000000000, // 64-bit code
		0x0000920000000000, // data
		uint64(len(tss)-1) | (at&0xffffff)<<16 | 0x89<<40 | (at>>24&0xff)<<56,
		at >> 32,
	}
	p := makePointer(unsafe.Pointer(&gdt), unsafe.Sizeof(gdt))
	loadGDT(&p)
	fault, device, timer, spurious := gates()
	for i := range uintptr(faults) {
		stack := uint64(stackFault)
		if i == vectorDouble {
			stack = stackDouble
		}
		idt[i] = gate(fault+i*fiveBytes, stack)
	}
	for i := range uintptr(Vectors) {
		idt[FirstVector+i] = gate(device+i*fiveBytes, stackInterrupt)
	}
	idt[vectorTimer] = gate(timer, stackInterrupt)
	idt[vectorSpurious] = gate(spurious, stackInterrupt)
	p = makePointer(unsafe.Pointer(&idt), unsafe.Sizeof(idt))
	loadIDT(&p)
}
