//go:build tamago && amd64

// Package pc is an x86-64 PC under the Go runtime and nothing else: how it starts,
// its clock, interrupts and sleep, and what becomes of faults. The start itself, with
// page tables that map the first six gigabytes one to one but for the first page, is
// TamaGo's.
//
// Interrupts never run Go code. A gate notes down which device asked, and makes the
// goroutine runnable that sleeps in CPU.Sleep; that one calls the device's routine
// (CPU.Serve), as do the virtual processors at their checkpoints. A timer asks the
// running goroutine every two milliseconds to give way, so that those that look at
// nothing starve nobody: but for loops without calls, which no function's entry
// interrupts.
//
// Sources: Intel 64 and IA-32 Architectures Software Developer's Manual ("Intel
// SDM"), volume 3; Intel 82093AA I/O APIC; Intel 8259A; the runtime of TamaGo 1.26.
package pc

import (
	"runtime/goos"
	_ "unsafe"

	_ "github.com/usbarmory/tamago/amd64" // the start, and random numbers
	"github.com/usbarmory/tamago/soc/intel/rtc"

	"github.com/mmlite/mmlite/firmware/machine"
)

// The machine's memory, as physical addresses. What is below DMA is the firmware
// BIOS's and the page tables'.
const (
	DMAStart = 0x02000000
	DMASize  = 0x02000000

	tablesStart = DMAStart + DMASize // page tables, of which each divides a larger page
	tablesSize  = 0x00100000
	CodeStart   = 0x04200000 // code that is made while the card runs
	CodeSize    = 0x01000000

	GoStart = 0x10000000 // as package amd64 has it
	GoSize  = 0x08000000
	HighRAM = GoStart + GoSize // and what follows, up to the end of what there is
)

//go:linkname ramSize runtime/goos.RamSize
var ramSize uint64 = GoSize

// CPU is the processor, of which there is one.
type CPU struct{}

const (
	com1       = 0x3f8
	com1Status = com1 + 5
	sendable   = 1 << 5
)

// printk writes what the runtime itself has to say.
//
//go:linkname printk runtime/goos.Printk
//go:nosplit
func printk(c byte) {
	for n := 0; in8(com1Status)&sendable == 0 && n < 1<<16; n++ {
	}
	out8(com1, c)
}

func enableVectors() uint32

// vectors is what the processor has switched on of its vector registers; see Intel
// SDM volume 1, 13.1.
var vectors uint32

// start runs on the runtime's own stack, before any goroutine.
//
//go:linkname start runtime/goos.Hwinit1
func start() {
	interruptsOff()
	initFaults()
	initTables()
	initInterrupts()
	vectors = enableVectors()
	calibrate()
	if t, err := (&rtc.RTC{}).Now(); err == nil {
		clockOff = t.UnixNano() - since()
	}
	goos.Idle = idle
	goos.Exit = exit
	slice = timerCount(timeSlice)
	lapicWrite(lapicInitial, slice)
	interruptsOn()
}

// Start lets goroutines be interrupted and faults be recovered from. It is called
// once, on the goroutine of main. The error says that neither can be, and nothing
// else is amiss.
func (*CPU) Start() error {
	if err := layout.Check(); err != nil {
		return err
	}
	preemption, recovery = true, true
	return nil
}

// Facts are for people.
type Facts struct {
	CycleRate uint64 `json:"cycles_per_second"`
	TimerRate uint64 `json:"timer_per_second"`
	Spread    uint64 `json:"clock_spread_ppm"` // between two measurements
	AVX       bool   `json:"avx"`
	Preempts  bool   `json:"preempts"`
	Guarded   bool   `json:"guarded"` // nothing but the program is executed, and that is not written to
	Ticks     uint32 `json:"ticks"`
	Served    uint64 `json:"interrupts"`
	Latest    int64  `json:"latest_wakeup_us"`
	Late      uint64 `json:"late_wakeups"` // by more than 5 ms
}

// Facts returns what was found out.
func (*CPU) Facts() Facts {
	return Facts{tscRate, timerRate, spread, vectors&4 != 0, preemption, guarded, ticks, served.Load(), int64(lateness.most / machine.Microsecond), lateness.long}
}
