package machine

import "github.com/mmlite/mmlite/firmware/com"

// MaxCode is the longest piece of code that a machine is given, in bytes.
const MaxCode = 1 << 20

// Coder is a machine that runs code made while it runs. A machine without it, or one
// whose system allows no such thing, has what is linked.
type Coder interface {
	// NewCode copies code, which does not depend on its place but begins at a multiple
	// of 4096, to memory that can be executed and, where the machine can tell the two
	// apart, no longer written. The error is com.ErrInvalid for no code or more than
	// MaxCode, com.ErrNotSupported where the system allows none to be executed, and
	// com.ErrNoMemory.
	NewCode(code []byte) (Code, error)
}

// Code is code in its place.
type Code interface {
	// Entry is the address of its first byte, valid until Release.
	Entry() uintptr
	// Release takes the code away. Nobody may be in it. It is an error to do so twice.
	Release() error
}

// CheckCode returns com.ErrInvalid for code that no machine takes.
func CheckCode(code []byte) error {
	if len(code) < 1 || len(code) > MaxCode {
		return com.Errorf(com.ErrInvalid, "code of %d bytes, and 1 to %d are possible", len(code), MaxCode)
	}
	return nil
}
