//go:build tamago && amd64

package pc

import (
	"runtime"
	"strconv"
	"unsafe"
)

// What the gate of faults notes down of the last one.
var (
	faultVector, faultCode  uint64
	faultPC, faultSP        uint64
	faultAddress            uint64
	recovery                bool // faults of goroutines become panics
	raisePC, diePC, g0      uintptr
	died                    bool
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

// fault is the error a goroutine panics with that did what the processor cannot do.
type fault string

func (f fault) Error() string { return "runtime error: " + string(f) }
func (fault) RuntimeError()   {}

var _ runtime.Error = fault("")

// sigpanic is what a fault of a goroutine looks like in Go: a call, by the very
// instruction that failed. By this name the runtime knows that no pointer of that
// function is to be trusted any more, save those its deferred calls use.
//
//go:linkname sigpanic runtime.sigpanic
func sigpanic() {
	gp, _ := runtime.GetG()
	code := *(*uintptr)(unsafe.Pointer(uintptr(gp) + gSigcode0))
	code, access := code&0xff, code>>8
	at := *(*uintptr)(unsafe.Pointer(uintptr(gp) + gSigcode1))
	switch {
	case code == vectorDivide:
		panic(fault("integer divide by zero"))
	case code == vectorInvalid:
		panic(fault("an instruction that this processor does not have"))
	case code == vectorPage && at < 4096:
		panic(fault("invalid memory address or nil pointer dereference"))
	case code == vectorPage && access&accessFetch != 0 && access&accessPresent != 0:
		panic(fault("what is at address 0x" + strconv.FormatUint(uint64(at), 16) + " is not to be executed"))
	case code == vectorPage && access&accessPresent != 0:
		panic(fault("what is at address 0x" + strconv.FormatUint(uint64(at), 16) + " is not to be written to"))
	case code == vectorPage:
		panic(fault("there is nothing at address 0x" + strconv.FormatUint(uint64(at), 16)))
	case code == vectorProtection:
		panic(fault("an address that cannot be"))
	}
	panic(fault("processor fault " + strconv.Itoa(int(code))))
}

// die says what it was that nobody can go on after, and ends.
func die() {
	if !died {
		died = true
		name := "fault"
		if int(faultVector) < len(faultNames) && faultNames[faultVector] != "" {
			name = faultNames[faultVector]
		}
		print("\r\ncard: ", name, " (vector ", faultVector, ", code ", faultCode, ") at ", unsafe.Pointer(uintptr(faultPC)), ", address ", unsafe.Pointer(uintptr(faultAddress)), ", stack ", unsafe.Pointer(uintptr(faultSP)), "\r\n")
		if f := runtime.FuncForPC(uintptr(faultPC)); f != nil {
			print("card: in ", f.Name(), "\r\n")
		}
	}
	exit(2)
}

func codeOf(f func()) uintptr { return **(**uintptr)(unsafe.Pointer(&f)) }

// initFaults lets the gate of faults find its way.
// It is called on the runtime's own stack.
func initFaults() {
	raisePC, diePC = codeOf(raiseFunction), codeOf(dieEntry)
	g, _ := runtime.GetG()
	g0 = uintptr(g)
}
