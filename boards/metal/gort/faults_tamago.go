//go:build tamago

package gort

import (
	"runtime"
	"strconv"
	"unsafe"
)

// Fault is the error a goroutine panics with that did what the processor cannot do.
type Fault string

// Error implements runtime.Error.
func (f Fault) Error() string { return "runtime error: " + string(f) }

// RuntimeError implements runtime.Error.
func (Fault) RuntimeError() {}

var _ runtime.Error = Fault("")

// Faults that all processors know.
const (
	NoInstruction = Fault("an instruction that this processor does not have")
	Nil           = Fault("invalid memory address or nil pointer dereference")
)

// At is a fault at an address: the nil pointer's, if it is in the first page, or else
// what comes before and after the address.
func At(address uintptr, before, after string) Fault {
	const page = 4096
	if address < page {
		return Nil
	}
	return Fault(before + " 0x" + strconv.FormatUint(uint64(address), 16) + after)
}

// Signal returns what the gate of a fault has left with the goroutine that did it,
// which is the one that asks.
func (l *Layout) Signal() (code, address uintptr) {
	g, _ := runtime.GetG()
	return word(uintptr(g), l.Sigcode0), word(uintptr(g), l.Sigcode1)
}

// First returns the goroutine of the runtime's own stack. Any goroutine may ask.
func (l *Layout) First() uintptr {
	g, _ := runtime.GetG()
	return word(word(uintptr(g), l.M), l.G0)
}

// CodeOf returns where a function's code begins.
func CodeOf(f func()) uintptr { return **(**uintptr)(unsafe.Pointer(&f)) }

var died bool

// Died says what it was that nobody can go on after, the first time that it is called:
// name is the fault's, code and status what the processor says of it.
func Died(name string, code, status, pc, address, sp uintptr) {
	if died {
		return
	}
	died = true
	print("\r\ncard: ", name, " (", code, ", status ", status, ") at ", unsafe.Pointer(pc), ", address ", unsafe.Pointer(address), ", stack ", unsafe.Pointer(sp), "\r\n")
	if f := runtime.FuncForPC(pc); f != nil {
		print("card: in ", f.Name(), "\r\n")
	}
}
