// Package gort is what boards without an operating system know of the Go runtime that
// they run under beyond what it says of itself: where it keeps what gates of interrupts
// and faults have to look at, and how a fault becomes a panic of the goroutine that did
// it. What is of one processor alone is in boards/metal/armv7 and boards/qemupc/pc.
//
// Sources: runtime/runtime2.go, runtime/time.go, runtime/signal_unix.go and
// runtime/stack.go of TamaGo's Go 1.26.
package gort
