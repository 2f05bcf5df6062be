package cpu

// Cycles returns 0: whether the counters may be read is up to the system.
func Cycles() uint64 { return 0 }

// Pause waits for about n times the length of an empty loop. PAUSE belongs to an
// extension that not every processor has.
func Pause(n uint32) {
	for range n {
		nothing()
	}
}

//go:noinline
func nothing() {}

// G returns a number that is unique to the running goroutine as long as it lives.
func G() uintptr

func detect() Features { return Features{Goroutine: true} }
