//go:build tamago && arm

package armv7

import (
	"math"
	"math/bits"
	"runtime"
	"runtime/goos"
	"time"

	"github.com/usbarmory/tamago/arm"
)

// What the gates and Go share.
var (
	kicked       bool      // a device has asked, and nobody is awake who serves it
	sleeper      uintptr   // the goroutine that serves them, asleep
	slice        uint32    // how long a goroutine may run before it is asked to give way
	ticks        uint32    //
	ticking      uint32    // 1 once the tick is on
	preemption   bool      // the tick may ask goroutines to give way
	acknowledged uint32    // by the gate of an interrupt controller
	quiet        [3]uint32 // of the gates: an address, and two words to write there
)

func localGate()
func controllerGate()
func undefinedGate()
func prefetchGate()
func dataGate()
func halt(count, on uint32)
func mask()
func unmask()
func startTick(count uint32)
func frequency() uint32
func now() uint64

// timeSlice is how long a goroutine runs while others wait.
const timeSlice = 2 * time.Millisecond

// Nanotime is the generic timer's count in nanoseconds. The runtime calls it before
// anything is set up, so the rate is read every time; fallback is used where nobody
// has set it.
//
//go:nosplit
func Nanotime(fallback uint32) int64 {
	f := uint64(frequency())
	if f == 0 {
		f = uint64(fallback)
	}
	high, low := bits.Mul64(now(), 1_000_000_000)
	q, _ := bits.Div64(high, low, f)
	return int64(q)
}

// Gate is how interrupts reach the processor.
type Gate struct {
	code  func()
	quiet [3]uint32
}

// Local is the gate of a BCM2836, for the first core: the registers beside it say
// what asks. Peripherals are kept quiet, once one has asked, by writing the two words
// to address, and until Serve has served them.
func Local(address, first, second uint32) Gate {
	return Gate{localGate, [3]uint32{address, first, second}}
}

// Controller is the gate of a generic interrupt controller, with its processor
// interface at address. Nothing may be enabled there but the virtual timer, and the
// physical one, which ends sleeps.
func Controller(address uint32) Gate { return Gate{controllerGate, [3]uint32{address}} }

// Start takes interrupts through gate, has the tick interrupt goroutines, and faults
// become panics of theirs. It is called once, on the goroutine of main. The error
// says that none of that can be.
func Start(cpu *arm.CPU, gate Gate) error {
	if err := layout.Check(); err != nil {
		return err
	}
	mask()
	initFaults()
	quiet = gate.quiet
	t := arm.SystemVectorTable()
	t.Undefined, t.PrefetchAbort, t.DataAbort, t.IRQ = undefinedGate, prefetchGate, dataGate, gate.code
	cpu.SetVectorTable(t)
	recovery, preemption = true, true
	slice = uint32(uint64(frequency()) * uint64(timeSlice) / uint64(time.Second))
	ticking = 1
	goos.Idle = Idle
	startTick(slice)
	unmask()
	return nil
}

// Serve calls routine each time that a device has asked, and loud then, which lets
// devices ask again. It does not return.
func Serve(routine, loud func()) {
	const longest = math.MaxInt64 / 4 // the time it ends at has to be one
	g, _ := runtime.GetG()
	for {
		sleeper = uintptr(g)
		time.Sleep(longest)
		sleeper = 0
		routine()
		loud()
	}
}

// Ticks is how often the tick has come, modulo 2^32.
func Ticks() uint32 { return ticks }

// Preempts reports whether the tick asks goroutines to give way.
func Preempts() bool { return preemption }

// Idle is called by the Go runtime when it has nothing to do before the time until,
// which is 0 or the last there is if it has nothing to do at all (goos.Idle).
func Idle(until int64) {
	const longest = int64(time.Second) // in case of doubt
	d := longest
	if until != 0 && until != math.MaxInt64 {
		if d = min(d, until-goos.Nanotime()); d <= 0 {
			return
		}
	}
	halt(uint32(uint64(d)*uint64(frequency())/uint64(time.Second))+1, 1)
}
