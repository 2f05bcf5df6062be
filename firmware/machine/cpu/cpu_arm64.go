package cpu

// Cycles returns the virtual count of the generic timer (Arm ARM, D12.1.2).
func Cycles() uint64

// Pause tells the processor n times that the loop it is in waits for another
// one.
func Pause(n uint32)

// G returns a number that is unique to the running goroutine as long as it lives.
func G() uintptr

func frequency() uint64

func detect() Features {
	hz := frequency()
	return Features{Counter: hz != 0, Rate: hz, Goroutine: true}
}
