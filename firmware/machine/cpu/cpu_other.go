//go:build !amd64 && !arm64 && !arm && !riscv64

package cpu

import "runtime"

// Cycles returns 0: no counter is known here.
func Cycles() uint64 { return 0 }

// Pause waits for about n times the length of an empty loop.
func Pause(n uint32) {
	for range n {
		nothing()
	}
}

//go:noinline
func nothing() {}

// G returns the running goroutine's number, read off the head of its stack
// trace: about a microsecond.
func G() uintptr {
	var buf [32]byte
	n := runtime.Stack(buf[:], false)
	const head = len("goroutine ")
	var id uintptr
	for _, c := range buf[min(head, n):n] {
		if c < '0' || c > '9' {
			break
		}
		id = id*10 + uintptr(c-'0')
	}
	return id
}

func detect() Features { return Features{} }
