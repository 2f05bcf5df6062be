package thread

import (
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
)

// Event is something that happens and that threads wait for. Signal may be called
// from everywhere: it is the one thing an interrupt routine, which is what any
// goroutine that is no thread counts as, may do. It neither waits nor allocates.
//
// The zero Event is not signaled and resets itself: each Signal lets one thread
// go on, now or when it comes to wait; further ones until then add nothing.
// ManualEvent makes one that stays signaled until Reset and lets all go on.
//
// The threads that wait for an event are of one processor, the first's. An Event
// must not be copied.
type Event struct {
	signaled atomic.Bool
	waiting  atomic.Bool // somebody is, or is about to be, in the queue
	queued   atomic.Bool // node is in the inbox
	home     atomic.Pointer[Processor]
	node     node
	rung     uint64 // home's count when node was put there, for whoever takes it out
	manual   bool
	queue    waiters // the home processor's
}

// ManualEvent returns an event that stays signaled until Reset.
func ManualEvent() *Event { return &Event{manual: true} }

// Signal has the event happen.
func (e *Event) Signal() {
	if e.waiting.Load() {
		if t := Current(); t != nil && t.p == e.home.Load() {
			if was, ok := t.tryEnter(); ok {
				e.signalLocal(t.p)
				t.leave(was)
				return
			}
		}
	} else if e.signaled.Load() {
		return
	}
	e.signaled.Store(true)
	if e.waiting.Load() && !e.queued.Swap(true) {
		home := e.home.Load()
		e.rung = home.time.read()
		home.post(&e.node)
	}
}

// signalLocal is Signal on the home processor.
func (e *Event) signalLocal(p *Processor) {
	if !e.manual && e.queue.first != nil {
		e.release(p) // from hand to hand
		return
	}
	e.signaled.Store(true)
	if e.waiting.Load() {
		e.admit(p)
	}
}

// release lets the first that waits go on.
func (e *Event) release(p *Processor) {
	t := e.queue.pop()
	if e.queue.first == nil {
		e.waiting.Store(false)
	}
	p.ready(t, granted)
}

// signalHome is Signal by a processor itself, between threads.
func (e *Event) signalHome(p *Processor) {
	e.signaled.Store(true)
	switch home := e.home.Load(); {
	case home == p:
		e.admit(p)
	case e.waiting.Load() && !e.queued.Swap(true):
		e.rung = home.time.read()
		home.post(&e.node)
	}
}

// Reset has it not happened.
func (e *Event) Reset() { e.signaled.Store(false) }

// Signaled reports whether it has happened and nobody has gone on for it.
func (e *Event) Signaled() bool { return e.signaled.Load() }

// deliver is what the message to the home processor does. Only here is node known
// to be out of the inbox.
func (e *Event) deliver(p *Processor) {
	p.cause = p.time.when(e.rung)
	e.queued.Store(false)
	e.admit(p)
	p.cause = 0
}

// admit lets go on whoever may, on the home processor.
func (e *Event) admit(p *Processor) {
	for e.queue.first != nil {
		if e.manual {
			if !e.signaled.Load() {
				return
			}
		} else if !e.signaled.Swap(false) {
			return
		}
		e.release(p)
	}
}

// take reports whether the event has happened, and uses it up if it resets itself.
func (e *Event) take() bool {
	if e.manual {
		return e.signaled.Load()
	}
	return e.signaled.Load() && e.signaled.Swap(false)
}

// Wait waits until the event happens, and returns nil then. Threads go on in the
// order in which they came. The error is com.ErrTimeout at the deadline, and
// com.ErrInvalid if threads of another processor have waited for it.
func (e *Event) Wait(deadline machine.Time) error {
	if e.take() {
		return nil
	}
	return e.WaitOn(must("Event.Wait"), deadline)
}

// WaitOn is Wait for the thread that is running, which saves finding it.
func (e *Event) WaitOn(t *Thread, deadline machine.Time) error {
	p := t.p
	if home := e.home.Load(); home != p {
		if home != nil || !e.settle(p) {
			return com.Errorf(com.ErrInvalid, "event is waited for on two processors")
		}
	}
	was := t.enter()
	t.aboutToBlock()
	e.queue.push(t)
	if e.queue.first == t {
		e.waiting.Store(true)
		if e.take() { // signaled before it could see us
			e.leave(t)
			t.leave(was)
			return nil
		}
	}
	why := t.park((*eventWait)(e), deadline)
	t.leave(was)
	if why == timedOut {
		return com.ErrTimeout
	}
	return nil
}

// settle makes p the event's processor.
func (e *Event) settle(p *Processor) bool {
	if !e.home.CompareAndSwap(nil, p) {
		return e.home.Load() == p
	}
	e.node.item = e
	return true
}

func (e *Event) leave(t *Thread) {
	e.queue.remove(t)
	if e.queue.first == nil {
		e.waiting.Store(false)
	}
}

// eventWait is an event in its role as what a thread waits in.
type eventWait Event

func (w *eventWait) cancel(t *Thread) bool {
	if t.qnext == nil {
		return false
	}
	(*Event)(w).leave(t)
	return true
}

func (w *eventWait) waits() string { return "event" }
