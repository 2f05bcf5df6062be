package mutate

import (
	"context"
	"sync"
)

// Event is something that happens once. It is an alias for its method set, so
// that packages agree on it without importing one another.
type Event = interface {
	// Wait returns nil once Set was called, at once if it was before, or the
	// error of ctx when that ends first.
	Wait(ctx context.Context) error
	// Set lets go all who wait, now or later. Calling it again changes
	// nothing. It does not block.
	Set()
}

// Waiter makes an Event on which the callers of a cell can wait: threads of the
// card by the thread package, which only then can run others meanwhile;
// goroutines of a host by [Block].
type Waiter = func() Event

// Block is the Waiter for ordinary goroutines. It must not be used for threads
// of a card, whose virtual processor it would stop.
func Block() Event { return &blocking{set: make(chan struct{})} }

type blocking struct {
	once sync.Once
	set  chan struct{}
}

func (e *blocking) Set() { e.once.Do(func() { close(e.set) }) }

func (e *blocking) Wait(ctx context.Context) error {
	select {
	case <-e.set:
		return nil
	default:
	}
	select {
	case <-e.set:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
