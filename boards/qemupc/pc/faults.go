//go:build tamago && amd64

package pc

import (
	"runtime"
	"strconv"
	_ "unsafe"

	"github.com/mmlite/mmlite/boards/metal/gort"
)

// What the gate of faults notes down of the last one.
var (
	faultVector, faultCode  uint64
	faultPC, faultSP        uint64
	faultAddress            uint64
	recovery                bool // faults of goroutines become panics
	raisePC, diePC, g0      uintptr
	faultNames              = [...]string{0: "division", 6: "no such instruction", 8: "double fault", 13: "general protection", 14: "page", 16: "x87", 19: "floating point"}
	raiseFunction, dieEntry = sigpanic, die
)

const (
	vectorDivide     = 0
	vectorInvalid    = 6
	vectorDouble     = 8
	vectorProtection = 13
	vectorPage       = 14

	// Of the code of a page's fault (Intel SDM volume 3, 5.7).
	accessPresent = 1 << 0
	accessFetch   = 1 << 4
)

// sigpanic is what a fault of a goroutine looks like in Go: a call, by the very
// instruction that failed. By this name the runtime knows that no pointer of that
// function is to be trusted any more, save those its deferred calls use.
//
//go:linkname sigpanic runtime.sigpanic
func sigpanic() {
	code, at := layout.Signal()
	vector, access := code&0xff, code>>8
	switch {
	case vector == vectorDivide:
		panic(gort.Fault("integer divide by zero"))
	case vector == vectorInvalid:
		panic(gort.NoInstruction)
	case vector == vectorPage && access&accessPresent == 0:
		panic(gort.At(at, "there is nothing at address", ""))
	case vector == vectorPage && access&accessFetch != 0:
		panic(gort.At(at, "what is at address", " is not to be executed"))
	case vector == vectorPage:
		panic(gort.At(at, "what is at address", " is not to be written to"))
	case vector == vectorProtection:
		panic(gort.Fault("an address that cannot be"))
	}
	panic(gort.Fault("processor fault " + strconv.Itoa(int(vector))))
}

// die says what it was that nobody can go on after, and ends.
func die() {
	name := "fault"
	if int(faultVector) < len(faultNames) && faultNames[faultVector] != "" {
		name = faultNames[faultVector]
	}
	gort.Died(name, uintptr(faultVector), uintptr(faultCode), uintptr(faultPC), uintptr(faultAddress), uintptr(faultSP))
	exit(2)
}

// initFaults lets the gate of faults find its way.
// It is called on the runtime's own stack.
func initFaults() {
	raisePC, diePC = gort.CodeOf(raiseFunction), gort.CodeOf(dieEntry)
	g, _ := runtime.GetG()
	g0 = uintptr(g)
}
