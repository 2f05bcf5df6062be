package thread

import (
	"sync"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
)

// Mutex is a lock that a thread owns. Waiting threads get it in the order in which
// they came, whatever processor they are of. While a thread waits for it, the
// scheduling entity says whom for, so that a policy can let the owner inherit its
// urgency. The zero Mutex is free. It must not be copied.
//
// An owner that runs in the place of a more urgent thread, because that one waits,
// runs on what was booked for the constraint of that one and uses it up; its
// processor time is charged to its own activity all the same. So a constraint pays
// for the wait, and accounts show who ran.
//
// A thread that ends while it owns mutexes frees them, and they are marked as
// abandoned: what they protect may be in disorder.
type Mutex struct {
	owner     atomic.Pointer[Thread]
	waiting   atomic.Bool
	abandoned atomic.Bool
	lk        sync.Mutex // over the queue, for a few instructions
	queue     waiters
	held      *Mutex // the one that the owner came to own before
}

// Lock makes the calling thread the owner, once the mutex is free. It panics with
// a com.ErrWouldDeadlock if the thread owns it already, or if its owner waits, by
// way of other mutexes, for the caller.
func (m *Mutex) Lock() { m.LockOn(must("Mutex.Lock")) }

// LockOn is Lock for the thread that is running, which saves finding it.
func (m *Mutex) LockOn(t *Thread) {
	if !t.p.section.Wanted() && m.owner.CompareAndSwap(nil, t) {
		m.held, t.held = t.held, m
		return
	}
	m.slowLock(t, machine.Forever)
}

// LockUntil is Lock with a deadline, at which it returns com.ErrTimeout.
func (m *Mutex) LockUntil(deadline machine.Time) error {
	t := must("Mutex.LockUntil")
	if m.slowLock(t, deadline) == timedOut {
		return com.ErrTimeout
	}
	return nil
}

// TryLock makes the calling thread the owner if the mutex is free, and reports
// whether it was.
func (m *Mutex) TryLock() bool {
	t := must("Mutex.TryLock")
	if !m.owner.CompareAndSwap(nil, t) {
		return false
	}
	m.held, t.held = t.held, m
	return true
}

func (m *Mutex) slowLock(t *Thread, deadline machine.Time) wake {
	was := t.enter()
	defer t.leave(was)
	if m.owner.CompareAndSwap(nil, t) {
		m.held, t.held = t.held, m
		return granted
	}
	m.lookOut(t)
	t.aboutToBlock()
	m.lk.Lock()
	m.queue.push(t)
	m.waiting.Store(true)
	if m.owner.CompareAndSwap(nil, t) { // freed before its owner could see us
		m.leave(t)
		m.lk.Unlock()
		m.held, t.held = t.held, m
		return granted
	}
	if o := m.owner.Load(); o != nil && o.p == t.p {
		t.ent.Waits = &o.ent
	}
	m.lk.Unlock()
	why := t.park((*mutexWait)(m), deadline)
	t.ent.Waits = nil
	if why == granted {
		m.held, t.held = t.held, m
	}
	return why
}

// lookOut panics if t would wait for itself. The chain is followed among the
// threads of one processor, where it cannot change meanwhile.
func (m *Mutex) lookOut(t *Thread) {
	for o, n := m.owner.Load(), 0; o != nil && o.p == t.p && n < 1000; n++ {
		if o == t {
			how := "a mutex it owns"
			if n > 0 {
				how = "a mutex whose owner waits for it"
			}
			panic(com.Errorf(com.ErrWouldDeadlock, "thread %s locks %s", t.name, how))
		}
		w, ok := o.on.(*mutexWait)
		if !ok {
			return
		}
		o = (*Mutex)(w).owner.Load()
	}
}

// Unlock frees the mutex or passes it on. While the policy has promises to keep
// and the thread that gets it is more urgent, the calling one gives way at once.
// It panics if the calling thread does not own the mutex.
func (m *Mutex) Unlock() { m.UnlockOn(must("Mutex.Unlock")) }

// UnlockOn is Unlock for the thread that is running, which saves finding it.
func (m *Mutex) UnlockOn(t *Thread) {
	if m.release(t) {
		return
	}
	was := t.enter()
	if m.pass(t) && t.p.resched && t.p.policy.Promises() > 0 {
		t.makeWay()
	}
	t.leave(was)
}

// makeWay has the policy decide again who runs.
func (t *Thread) makeWay() {
	p := t.p
	c, now := p.time.both()
	t.giveWay(c, now)
	t.state = Ready
	if n := p.next(c, now); n != t {
		p.handoff = n
		t.yield(struct{}{})
	}
}

// release takes the mutex off what t owns, and frees it. It reports false if
// somebody waits for it.
func (m *Mutex) release(t *Thread) (freed bool) {
	if m.owner.Load() != t {
		panic(com.Errorf(com.ErrInvalid, "thread %s unlocks a mutex it does not own", t.name))
	}
	if t.held == m {
		t.held = m.held
	} else {
		h := t.held
		for h.held != m {
			h = h.held
		}
		h.held = m.held
	}
	m.held = nil
	return m.free()
}

// free lets nobody own the mutex. It reports false if somebody waits for it, and
// then pass is due.
func (m *Mutex) free() bool {
	if m.waiting.Load() {
		return false
	}
	m.owner.Store(nil)
	return !m.waiting.Load()
}

// pass lets the first that waits own the mutex, or nobody. It runs on p, and
// reports whether another thread of p owns it now.
func (m *Mutex) pass(t *Thread) (passed bool) {
	p := t.p
	freed := m.owner.Load() != t // and somebody who came in between may own it already
	m.lk.Lock()
	next := m.queue.first
	switch {
	case freed && (next == nil || !m.owner.CompareAndSwap(nil, next)):
		m.lk.Unlock()
		return false
	case !freed:
		m.owner.Store(next)
		if next == nil {
			m.lk.Unlock()
			return false
		}
	}
	m.leave(next)
	if m.queue.first != nil {
		m.bequeath(next, p)
	}
	m.lk.Unlock()
	if next.p != p {
		next.p.post(&next.node)
		return false
	}
	p.ready(next, granted)
	return true
}

// bequeath tells p's policy whom its threads have come to wait for. Another processor's
// entities are not p's to touch, and inherit nothing across.
func (m *Mutex) bequeath(owner *Thread, p *Processor) {
	first := m.queue.first
	for t := first; ; {
		if t.p == p {
			t.ent.Waits = nil
			if owner.p == p {
				t.ent.Waits = &owner.ent
			}
			p.policy.Inherit(&t.ent, p.now())
		}
		if t = t.qnext; t == first {
			return
		}
	}
}

func (m *Mutex) leave(t *Thread) {
	m.queue.remove(t)
	if m.queue.first == nil {
		m.waiting.Store(false)
	}
}

// Abandoned reports whether a thread has ended while it owned the mutex, and
// takes the mark away. The owner asks.
func (m *Mutex) Abandoned() bool {
	return m.abandoned.Load() && m.abandoned.Swap(false)
}

// abandon frees all that an ending thread owns, and returns how many that were.
func (t *Thread) abandon() (n int) {
	for m := t.held; m != nil; n++ {
		next := m.held
		m.held = nil
		m.abandoned.Store(true)
		if !m.free() {
			m.pass(t)
		}
		m = next
	}
	t.held = nil
	return n
}

// mutexWait is a mutex in its role as what a thread waits in.
type mutexWait Mutex

func (w *mutexWait) cancel(t *Thread) bool {
	m := (*Mutex)(w)
	m.lk.Lock()
	defer m.lk.Unlock()
	if t.qnext == nil {
		return false
	}
	m.leave(t)
	return true
}

func (w *mutexWait) waits() string { return "mutex" }
