// Package waiting makes events for cells and namespaces on a card: threads of any
// virtual processor and ordinary goroutines may wait for the same one, each in
// its own way, and neither stops the other.
package waiting

import (
	"context"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/mutate"
	"github.com/mmlite/mmlite/firmware/thread"
)

// Event returns an event. The function is a mutate.Waiter.
func Event() mutate.Event { return &event{} }

// event keeps those who wait in a stack that Set takes away as a whole.
type event struct {
	set     atomic.Bool
	waiters atomic.Pointer[waiter]
}

// waiter is one who waits. A thread.Event belongs to one processor, so each has
// one of its own.
type waiter struct {
	next   *waiter
	thread thread.Event
	signal func()
}

// Set implements mutate.Event.
func (e *event) Set() {
	e.set.Store(true)
	for w := e.waiters.Swap(nil); w != nil; w = w.next {
		w.signal()
	}
}

// Wait implements mutate.Event. A waiter whose context ended is forgotten at Set.
func (e *event) Wait(ctx context.Context) error {
	if e.set.Load() {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	w := &waiter{}
	t := thread.Current()
	var ready chan struct{}
	if t != nil {
		w.signal = w.thread.Signal
	} else {
		ready = make(chan struct{})
		w.signal = func() { close(ready) }
	}
	for {
		w.next = e.waiters.Load()
		if e.waiters.CompareAndSwap(w.next, w) {
			break
		}
	}
	// Who sets stores first and takes the stack afterwards; we did the opposite,
	// so one of us sees the other.
	if e.set.Load() {
		return nil
	}
	if t == nil {
		select {
		case <-ready:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if ctx.Done() != nil {
		defer context.AfterFunc(ctx, w.signal)()
	}
	for !e.set.Load() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.thread.WaitOn(t, machine.Forever); err != nil {
			return err
		}
	}
	return nil
}
