//go:build !amd64

package cpu

// Fetch does nothing here; see the one of amd64.
func Fetch(at uintptr, lines uint32) {}
