// Package machine says what hardware is, as Go interfaces: a clock, a way to
// sleep until something happens, memory that holds no Go pointers, a console.
// Everything above sees hardware and operating system through this package
// alone, so the same firmware runs in a process (machine/host), in virtual time
// (machine/sim) and on the metal (the boards).
//
// It is the Machine Initialization, Timer and Interrupt part of MMLite's base
// menu (Helander and Forin 1998, section 3): an interrupt routine, here a
// goroutine of the host or of a driver, may do one thing only, which is to wake
// a thread.
package machine

import "io"

// Machine is one computer as the firmware sees it. Its methods may be called
// from any goroutine.
type Machine interface {
	Clock

	// CycleRate returns how many times a second the processor's counter
	// (cpu.Cycles) counts, or 0 where that counter does not exist, does not count
	// evenly, or does not run with this machine's time. Where it is 0, the clock
	// takes its place.
	CycleRate() uint64

	// Processors returns how many processors this machine may use now, at least 1.
	// With one, looking at a word before sleeping is of no use: whoever would
	// change it cannot run meanwhile.
	Processors() int

	// NewIdler returns a way to sleep for one virtual processor.
	NewIdler(kind Kind) Idler

	// Ring wakes everybody, in this process or another, who sleeps in an Idler
	// that watches word. The word must have been changed before. Where the system
	// has no such means the sleepers look from time to time and Ring may do
	// nothing for those in other processes.
	Ring(word *uint32)

	// NewMemory returns zeroed memory of at least size bytes, aligned to 4096.
	// The error is com.ErrInvalid for a size that is not positive and
	// com.ErrNoMemory where there is not so much.
	NewMemory(size int) (Memory, error)

	// Console returns where the firmware's messages go. Writes do not fail in a
	// way that matters and are safe from several goroutines.
	Console() io.Writer

	// Virtual reports that time stands still except while the machine is idle or
	// told to let it pass. Work that would be given to a helper goroutine is then
	// done at once, so that a run is repeatable.
	Virtual() bool
}

// Kind says for which kind of virtual processor something is.
type Kind uint8

const (
	// Spare processors run threads without promises, and sleep in a way that lets
	// the system use their place meanwhile.
	Spare Kind = iota
	// RealTime processors run threads with reservations or constraints on an
	// operating system thread of their own.
	RealTime
)

func (k Kind) String() string {
	if k == RealTime {
		return "realtime"
	}
	return "spare"
}

// RealTimer is a machine that can raise the calling operating system thread
// above the ordinary ones.
type RealTimer interface {
	// EnterRealTime raises the calling thread, which must be locked to its
	// goroutine, and returns what undoes it. On error nothing was changed and the
	// caller goes on without.
	EnterRealTime() (leave func(), err error)
}

// RealTimeReporter is a RealTimer that can say what came of it.
type RealTimeReporter interface {
	// RealTime returns what EnterRealTime was last granted, on whatever thread. Any
	// goroutine may ask.
	RealTime() RealTimeGrant
}

// RealTimeGrant says in words what a real-time processor runs under.
type RealTimeGrant struct {
	// Got is what was granted and by whom, "" before anything was asked for.
	Got string
	// Advice says what is lost by what was not granted, and how to get it. It is ""
	// if nothing is missing.
	Advice string
}

// Poller is a machine without preemption, which has to be given the processor
// from time to time to serve its interrupts.
type Poller interface {
	// Poll serves what is pending and returns soon. Virtual processors call it
	// every few microseconds at their checkpoints and at every dispatch.
	Poll()
}

// Memory is a span of memory that the garbage collector does not look into: it
// must never hold Go pointers.
type Memory interface {
	// Bytes returns the whole span. It is valid until Release.
	Bytes() []byte
	// Release gives the span back. It is an error to do so twice.
	Release() error
}
