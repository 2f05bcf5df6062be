package jit

import "unsafe"

// Call runs code from its first instruction until it returns, with args in DI. While
// it runs, a garbage collection waits for it, so it should return within some
// microseconds. args is memory that does not move, or a variable of the caller's.
//
//go:noescape
func Call(entry uintptr, args unsafe.Pointer)
