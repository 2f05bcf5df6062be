// Package armv7 is an ARMv7-A processor under the Go runtime and nothing else: its
// generic timer, a tick that has the running goroutine give way, sleep, the goroutine
// that serves interrupts, and what becomes of faults. The start itself, with page
// tables that map everything one to one but for the first page, is TamaGo's.
//
// Interrupts never run Go code. A gate notes down that a device asked, and makes the
// goroutine runnable that serves devices. The virtual timer asks the running
// goroutine every two milliseconds to give way, so that those that look at nothing
// starve nobody: but for loops without calls, which no function's entry interrupts.
//
// Sources: ARM Architecture Reference Manual, ARMv7-A and ARMv7-R edition ("ARM
// ARM"); ARM Generic Interrupt Controller Architecture version 2.0; Broadcom,
// BCM2836 ARM-local peripherals (QA7 rev 3.4); the runtime of TamaGo 1.26.
package armv7
