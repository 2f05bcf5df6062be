package cpu

// Cycles returns 0: no counter of this architecture can be counted on.
func Cycles() uint64 { return 0 }

// Pause waits for about n times the length of an empty loop. YIELD is no
// instruction of the oldest processors this may run on.
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
