// Package cpu holds the few things a processor's instruction set offers and Go
// does not: a counter that is cheaper to read than the clock, the hint that a
// loop is only looking, and the running goroutine's identity. Each is a few
// lines of assembly per architecture, with a slow equal in Go elsewhere.
package cpu

// Features says what the functions of this package are worth here.
type Features struct {
	// Counter reports that Cycles counts evenly at all speeds and in all sleep
	// states of the processor, alike on all processors of the machine.
	Counter bool
	// Rate is how often it counts a second, where the processor tells; 0 where it
	// has to be measured.
	Rate uint64
	// Goroutine reports that G costs nanoseconds.
	Goroutine bool
}

// Detect finds out about the processor that runs it.
func Detect() Features { return detect() }
