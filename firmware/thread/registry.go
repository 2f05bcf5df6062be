package thread

import (
	"sync"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/machine/cpu"
)

// registry finds a thread by its goroutine. Readers take no lock: a table of
// atomic slots with linear probing, replaced as a whole when it grows. The key of
// a thread that ended stays, for the runtime uses goroutine structures again; so
// there are never more keys than there were goroutines at a time.
type registry struct {
	mu    sync.Mutex
	table atomic.Pointer[regTable]
	keys  int
}

type regTable struct {
	shift uint
	slots []regSlot
}

type regSlot struct {
	g atomic.Uintptr
	t atomic.Pointer[Thread]
}

// threads is keyed by goroutine, and those are the process's, not a card's.
var threads registry

func (rt *regTable) start(g uintptr) uint {
	return uint(uint64(g)*0x9e3779b97f4a7c15>>rt.shift) & uint(len(rt.slots)-1)
}

func (rt *regTable) find(g uintptr) *regSlot {
	for i := rt.start(g); ; i++ {
		s := &rt.slots[i&uint(len(rt.slots)-1)]
		if k := s.g.Load(); k == g || k == 0 {
			return s
		}
	}
}

func newRegTable(bits uint) *regTable {
	return &regTable{shift: 64 - bits, slots: make([]regSlot, 1<<bits)}
}

// set makes g the goroutine of t, or of no thread if t is nil.
func (r *registry) set(g uintptr, t *Thread) {
	r.mu.Lock()
	defer r.mu.Unlock()
	rt := r.table.Load()
	if rt == nil {
		rt = newRegTable(8)
		r.table.Store(rt)
	}
	s := rt.find(g)
	if s.g.Load() == g {
		s.t.Store(t)
		return
	}
	if 2*(r.keys+1) > len(rt.slots) {
		bigger := newRegTable(64 - rt.shift + 1)
		for i := range rt.slots {
			old := &rt.slots[i]
			if k := old.g.Load(); k != 0 {
				n := bigger.find(k)
				n.t.Store(old.t.Load())
				n.g.Store(k)
			}
		}
		rt = bigger
		s = rt.find(g)
		r.table.Store(rt)
	}
	s.t.Store(t)
	s.g.Store(g)
	r.keys++
}

// Current returns the thread that the caller runs on, or nil if its goroutine is
// no thread. It costs a few nanoseconds.
func Current() *Thread {
	rt := threads.table.Load()
	if rt == nil {
		return nil
	}
	g := cpu.G()
	for i := rt.start(g); ; i++ {
		s := &rt.slots[i&uint(len(rt.slots)-1)]
		switch s.g.Load() {
		case g:
			return s.t.Load()
		case 0:
			return nil
		}
	}
}

// must returns the current thread and panics on a goroutine that is none.
func must(what string) *Thread {
	t := Current()
	running := false
	if t != nil {
		was := t.enter()
		running = t.state == Running
		t.leave(was)
	}
	if !running {
		panic("thread: " + what + " by a goroutine that is not a running thread; see Processor.Call")
	}
	return t
}
