package cpu

// Cycles returns the time-stamp counter. It is not ordered with the
// instructions around it, which is good enough for charging time.
func Cycles() uint64

// Pause tells the processor n times that the loop it is in waits for another
// one. Each costs 10 to 50 ns.
func Pause(n uint32)

// Fetch has so many lines of 64 bytes come into the caches, from the one that at is in
// on, without waiting for them. at need not be the address of anything.
func Fetch(at uintptr, lines uint32)

// G returns a number that is unique to the running goroutine as long as it lives.
func G() uintptr

func cpuid(leaf, sub uint32) (a, b, c, d uint32)

// Extended leaf 0x80000007, EDX bit 8: the counter runs at a constant rate in
// all power states (Intel SDM volume 3, 18.17.1; AMD APM volume 3, E.4.6).
func detect() Features {
	f := Features{Goroutine: true}
	if top, _, _, _ := cpuid(0x80000000, 0); top >= 0x80000007 {
		_, _, _, d := cpuid(0x80000007, 0)
		f.Counter = d&(1<<8) != 0
	}
	return f
}
