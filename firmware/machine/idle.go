package machine

import "sync/atomic"

// Word is a 32-bit word to be watched, and the value at which it is not worth
// waking. The word may lie in memory that another process shares; it is aligned
// to four bytes.
type Word struct {
	Addr *uint32
	Old  uint32
}

// Changed reports whether the word differs from Old.
func (w Word) Changed() bool { return atomic.LoadUint32(w.Addr) != w.Old }

// Idler lets one virtual processor sleep.
type Idler interface {
	// Idle sleeps until Wake is called, a watched word differs from its Old, or
	// the clock reaches until; it may return sooner, for no reason. A Wake since
	// the last Idle returned makes it return at once. Only one goroutine at a time
	// may be in Idle. It keeps no reference to watch.
	//
	// The result is false if nothing could ever end the sleep, and then it did not
	// sleep. Only a machine in virtual time can know.
	Idle(watch []Word, until Time) bool

	// Wake ends the sleep, now or the next time. Any goroutine may call it, also
	// when nobody sleeps: no wake is lost. It neither blocks nor allocates.
	Wake()

	// Close gives back what the idler holds. Idle must not be called any more;
	// Wake may.
	Close()
}
