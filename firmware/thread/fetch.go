package thread

import (
	"unsafe"

	"github.com/mmlite/mmlite/firmware/machine/cpu"
)

// With thousands of threads a switch is a row of waits for memory: what is known of
// the thread, then the runtime's structure of its goroutine, then its stack. Threads
// that take turns come in the same order again; so each remembers who came after it,
// and while it is being switched to, what the next one needs is fetched, and the
// record of the one after that, where the next but one is found.

const (
	// fetchFrom is from how many threads on that is worth it.
	fetchFrom = 256
	// Lines of 64 bytes: of a Thread, what a switch touches comes first; of the
	// runtime's goroutine; and of the stack below and above where it gave way.
	fetchThread = 4
	fetchG      = 7
	fetchBelow  = 5
	fetchAbove  = 5
)

// comes takes note that t comes to run, and fetches those that may come then.
func (p *Processor) comes(t *Thread) {
	if q := p.current; q != nil && q != t && q.after != t {
		q.after = t
	}
	n := t.after
	if n == nil {
		return
	}
	cpu.Fetch(n.g, fetchG)
	cpu.Fetch(n.sp-64*fetchBelow, fetchBelow+fetchAbove)
	if nn := n.after; nn != nil {
		cpu.Fetch(uintptr(unsafe.Pointer(nn)), fetchThread)
	}
}

// here notes where the stack is at which t gives way. It may move later, and then
// the wrong thing is fetched.
func (t *Thread) here() {
	var mark byte
	t.sp = uintptr(unsafe.Pointer(&mark))
}
