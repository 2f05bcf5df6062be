package thread

// Unwinding marks what a thread that is to end panics with, for code that
// recovers from the panics of others and must let this one pass.
func (*unwind) Unwinding() bool { return true }
