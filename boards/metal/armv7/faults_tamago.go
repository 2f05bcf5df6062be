//go:build tamago && arm

package armv7

import (
	"runtime"
	"runtime/goos"
	"strconv"
	"unsafe"
)

// What the gates of faults note down of the last one.
var (
	faultKind, faultStatus  uint32
	faultPC, faultSP        uint32
	faultAddress            uint32
	recovery                bool // faults of goroutines become panics
	raisePC, diePC, g0      uintptr
	died                    bool
	raiseFunction, dieEntry = sigpanic, die
)

const (
	kindUndefined = 1
	kindPrefetch  = 3
	kindData      = 4
)

// fault is the error a goroutine panics with that did what the processor cannot do.
type fault string

func (f fault) Error() string { return "runtime error: " + string(f) }
func (fault) RuntimeError()   {}

var _ runtime.Error = fault("")

// sigpanic is what a fault of a goroutine looks like in Go: a call, by the very
// instruction that failed. By this name the runtime knows that no pointer of that
// function is to be trusted any more, save those its deferred calls use, and where
// its link register is.
//
//go:linkname sigpanic runtime.sigpanic
func sigpanic() {
	gp, _ := runtime.GetG()
	kind := *(*uintptr)(unsafe.Pointer(uintptr(gp) + gSigcode0))
	at := *(*uintptr)(unsafe.Pointer(uintptr(gp) + gSigcode1))
	switch {
	case kind == kindUndefined:
		panic(fault("an instruction that this processor does not have"))
	case at < 4096:
		panic(fault("invalid memory address or nil pointer dereference"))
	case kind == kindPrefetch:
		panic(fault("there is no code at address 0x" + strconv.FormatUint(uint64(at), 16)))
	}
	panic(fault("there is nothing at address 0x" + strconv.FormatUint(uint64(at), 16)))
}

// die says what it was that nobody can go on after, and ends.
func die() {
	if !died {
		died = true
		name := "fault"
		switch faultKind {
		case kindUndefined:
			name = "no such instruction"
		case kindPrefetch:
			name = "code abort"
		case kindData:
			name = "data abort"
		}
		print("\r\ncard: ", name, " (status ", faultStatus, ") at ", unsafe.Pointer(uintptr(faultPC)), ", address ", unsafe.Pointer(uintptr(faultAddress)), ", stack ", unsafe.Pointer(uintptr(faultSP)), "\r\n")
		if f := runtime.FuncForPC(uintptr(faultPC)); f != nil {
			print("card: in ", f.Name(), "\r\n")
		}
	}
	goos.Exit(2)
}

func codeOf(f func()) uintptr { return **(**uintptr)(unsafe.Pointer(&f)) }

// initFaults lets the gates of faults find their way.
func initFaults() {
	raisePC, diePC = codeOf(raiseFunction), codeOf(dieEntry)
	g, _ := runtime.GetG()
	m := *(*uintptr)(unsafe.Pointer(uintptr(g) + gM))
	g0 = *(*uintptr)(unsafe.Pointer(m + mG0))
}
