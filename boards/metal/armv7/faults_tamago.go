//go:build tamago && arm

package armv7

import (
	"runtime/goos"
	_ "unsafe"

	"github.com/mmlite/mmlite/boards/metal/gort"
)

// What the gates of faults note down of the last one.
var (
	faultKind, faultStatus  uint32
	faultPC, faultSP        uint32
	faultAddress            uint32
	recovery                bool // faults of goroutines become panics
	raisePC, diePC, g0      uintptr
	raiseFunction, dieEntry = sigpanic, die
)

const (
	kindUndefined = 1
	kindPrefetch  = 3
	kindData      = 4
)

// sigpanic is what a fault of a goroutine looks like in Go: a call, by the very
// instruction that failed. By this name the runtime knows that no pointer of that
// function is to be trusted any more, save those its deferred calls use, and where
// its link register is.
//
//go:linkname sigpanic runtime.sigpanic
func sigpanic() {
	switch kind, at := layout.Signal(); kind {
	case kindUndefined:
		panic(gort.NoInstruction)
	case kindPrefetch:
		panic(gort.At(at, "there is no code at address", ""))
	default:
		panic(gort.At(at, "there is nothing at address", ""))
	}
}

// die says what it was that nobody can go on after, and ends.
func die() {
	name := "fault"
	switch faultKind {
	case kindUndefined:
		name = "no such instruction"
	case kindPrefetch:
		name = "code abort"
	case kindData:
		name = "data abort"
	}
	gort.Died(name, uintptr(faultKind), uintptr(faultStatus), uintptr(faultPC), uintptr(faultAddress), uintptr(faultSP))
	goos.Exit(2)
}

// initFaults lets the gates of faults find their way.
func initFaults() {
	raisePC, diePC = gort.CodeOf(raiseFunction), gort.CodeOf(dieEntry)
	g0 = layout.First()
}
