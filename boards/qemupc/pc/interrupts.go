//go:build tamago && amd64

package pc

import (
	"math"
	"math/bits"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/cpu"
)

// What the gates and Go share.
var (
	pending    uint32  // devices whose routine is to be called
	kicked     bool    // who is in Sleep, or will be next, is to wake
	sleeper    uintptr // the goroutine in Sleep
	slice      uint32  // how long a goroutine may run before it is asked to give way
	ticks      uint32
	preemption bool // the timer may ask goroutines to give way
)

func kick()
func halt(count uint32)
func interruptsOff()
func interruptsOn()

// Addresses of the interrupt controllers, and registers of the local one (Intel SDM
// volume 3, table 12-1) and of the other (Intel 82093AA, 3.1).
const (
	lapicBase  = 0xfee00000
	ioapicBase = 0xfec00000

	lapicEOI      = 0x0b0
	lapicSpurious = 0x0f0
	lapicTimer    = 0x320
	lapicInitial  = 0x380
	lapicCurrent  = 0x390
	lapicDivide   = 0x3e0

	ioapicSelect  = 0x00
	ioapicWindow  = 0x10
	ioapicVersion = 0x01
	ioapicTable   = 0x10
)

func register(at uintptr) *uint32 { return (*uint32)(unsafe.Pointer(at)) }

func lapicRead(r uintptr) uint32     { return atomic.LoadUint32(register(lapicBase + r)) }
func lapicWrite(r uintptr, v uint32) { atomic.StoreUint32(register(lapicBase+r), v) }

// initInterrupts switches the local controller on. Its timer counts once and does
// nothing before slice is set.
func initInterrupts() {
	lapicWrite(lapicSpurious, 1<<8|vectorSpurious)
	lapicWrite(lapicDivide, 0xb) // by one
	lapicWrite(lapicTimer, vectorTimer)
}

// timerRate is how often a second the timer counts.
var timerRate uint64

// timerCount is what the timer has to count for d.
func timerCount(d machine.Duration) uint32 {
	hi, lo := bits.Mul64(uint64(max(d, 0)), timerRate)
	if hi != 0 || lo/uint64(machine.Second) > math.MaxUint32 {
		return math.MaxUint32
	}
	return max(1, uint32(lo/uint64(machine.Second)))
}

// Spans of time of the scheduler under this one.
const (
	// timeSlice is how long a goroutine runs while others wait.
	timeSlice = 2 * machine.Millisecond
	// longestHalt bounds a sleep, in case of doubt.
	longestHalt = machine.Second
)

// idle is called by the Go runtime when it has nothing to do before the time until,
// which is 0 if it has nothing to do at all.
func idle(until int64) {
	d := longestHalt
	if until != 0 && until != math.MaxInt64 {
		d = min(d, machine.Duration(until-nanotime()))
		if d <= 0 {
			return
		}
	}
	halt(timerCount(d))
}

// routines are what is called for the devices. They are set before their interrupts
// are let in.
var routines [Vectors]func()

// vectorsUsed is how many are taken.
var vectorsUsed int

// NewVector has routine called when the interrupt of the vector that is returned has
// come: by Serve, so by one goroutine at a time. It has to have the device take its
// request back. The error is com.ErrQuota.
func NewVector(routine func()) (vector uint8, err error) {
	if vectorsUsed == Vectors {
		return 0, com.Errorf(com.ErrQuota, "all %d interrupt vectors are taken", Vectors)
	}
	routines[vectorsUsed] = routine
	vectorsUsed++
	return FirstVector + uint8(vectorsUsed-1), nil
}

// MessageAddress is where devices write the vector of an interrupt by message to
// (Intel SDM volume 3, 12.11.1).
const MessageAddress = lapicBase

// Line has the interrupt line of that number raise vector. level says that it is
// active as long as the device asks, and shared, as those of PCI are. The error is
// com.ErrNotFound.
func Line(line uint8, vector uint8, level bool) error {
	sel, win := register(ioapicBase+ioapicSelect), register(ioapicBase+ioapicWindow)
	access := func(r uint32, v *uint32) uint32 {
		atomic.StoreUint32(sel, r)
		if v != nil {
			atomic.StoreUint32(win, *v)
		}
		return atomic.LoadUint32(win)
	}
	if n := access(ioapicVersion, nil)>>16&0xff + 1; uint32(line) >= n {
		return com.Errorf(com.ErrNotFound, "there is no interrupt line %d", line)
	}
	high, low := uint32(0), uint32(vector)
	if level {
		low |= 1 << 15
	}
	access(ioapicTable+2*uint32(line)+1, &high)
	access(ioapicTable+2*uint32(line), &low)
	return nil
}

// Serve calls the routines of the devices that have asked for it. It is called on
// one goroutine at a time, and reports whether any did.
func (*CPU) Serve() (did bool) {
	for atomic.LoadUint32(&pending) != 0 {
		set := atomic.SwapUint32(&pending, 0)
		for ; set != 0; set &= set - 1 {
			i := bits.TrailingZeros32(set)
			if f := routines[i]; f != nil {
				f()
			}
			served.Add(1)
			lapicWrite(lapicEOI, 0)
		}
		did = true
	}
	return did
}

var served atomic.Uint64

// Kick ends Sleep, now or the next time. Any goroutine may call it.
func (*CPU) Kick() { kick() }

// Sleep lets other goroutines run, and the processor rest, until the time until, a
// Kick since Attend, or an interrupt.
func (c *CPU) Sleep(until machine.Time) {
	const longest = time.Hour
	d := min(until.Sub(c.Now()).Std(), longest)
	if d <= 0 {
		return
	}
	sleeper = cpu.G()
	time.Sleep(d)
	sleeper = 0
	if late := c.Now().Sub(until); late > 0 {
		lateness.most = max(lateness.most, late)
		if late > lateLong {
			lateness.long++
		}
	}
}

// lateness is by how much sleeps ended after their time.
var lateness struct {
	most machine.Duration
	long uint64 // ended later than lateLong
}

const lateLong = 5 * machine.Millisecond

// Attend says that who calls Sleep is about to look whether there is a reason not
// to. Kicks from now on count.
func (*CPU) Attend() { kicked = false }
