// Package metal is what boards without an operating system share: the machine that
// the firmware sees there, a console with a few commands, and the start of a card
// that says what is wrong with its board and keeps what works.
//
// There is one processor, and one virtual processor, which is of both kinds. The Go
// runtime idles, and halts the processor, where that one sleeps; helper goroutines
// run meanwhile. Interrupt routines run between the steps of threads, on the virtual
// processor's own goroutine.
package metal
