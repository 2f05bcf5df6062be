package mutate

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/com"
)

// Options say how a draining cell treats those who meet a closed door.
type Options struct {
	// Wait makes what callers and mutators wait on; Block if nil.
	Wait Waiter
	// Tank is how many callers at most wait at a closed door; one more gets
	// com.ErrBusy. Zero means 1024. A negative number holds nobody: all get
	// com.ErrBusy, as callers with deadlines may want.
	Tank int
}

// Draining is a binding that knows who is inside. Each call enters and exits:
//
//	in, err := cell.Enter()
//	if err != nil {
//		return err
//	}
//	defer in.Exit()
//	return in.Impl().Method(...)
//
// A call that enters the cell again from inside waits for itself if a mutator
// came between; only the mutator's deadline ends that. The zero Draining is a
// closed one. A Draining must not be copied.
type Draining[T any] struct {
	current atomic.Pointer[Binding[T]]
	mutator atomic.Pointer[Event] // set when the mutation under way ends
	held    atomic.Int32
	wait    Waiter
	tank    int32
	before  []*Binding[T] // swapped out, perhaps not drained; the mutator's
}

// Binding is one implementation's time in a draining cell.
type Binding[T any] struct {
	inside  atomic.Int64
	impl    T
	door    Event                 // if set, this is no implementation but a closed door
	drained atomic.Pointer[Event] // set when inside comes to zero
	wait    Waiter
}

// Init puts the first implementation in. It must not run beside other calls.
// The error is com.ErrInvalid for nil and com.ErrExists where there is one.
func (c *Draining[T]) Init(impl T, o Options) error {
	if any(impl) == nil {
		return errNil
	}
	if c.current.Load() != nil {
		return com.Errorf(com.ErrExists, "cell is in use")
	}
	c.wait, c.tank = o.Wait, int32(max(-1, min(o.Tank, 1<<20)))
	if c.wait == nil {
		c.wait = Block
	}
	if o.Tank == 0 {
		c.tank = 1024
	}
	c.current.Store(&Binding[T]{impl: impl, wait: c.wait})
	return nil
}

// Enter returns the implementation of the moment, which stays complete until
// Exit. It waits while a mutator excludes callers. The error is com.ErrGone
// from a closed cell and com.ErrBusy when the holding tank is full.
func (c *Draining[T]) Enter() (*Binding[T], error) {
	b := c.current.Load()
	if b != nil {
		// Whoever replaces b stores first and counts afterwards; we count first
		// and look afterwards. So either it sees us or we see it.
		b.inside.Add(1)
		if c.current.Load() == b && b.door == nil {
			return b, nil
		}
		b.Exit()
	}
	return c.EnterContext(context.Background())
}

// EnterContext is Enter for callers with a deadline, whose passing at a closed
// door is an error.
func (c *Draining[T]) EnterContext(ctx context.Context) (*Binding[T], error) {
	for {
		b := c.current.Load()
		if b == nil {
			return nil, com.ErrGone
		}
		if b.door != nil {
			if err := c.hold(ctx, b.door); err != nil {
				return nil, err
			}
			continue
		}
		b.inside.Add(1)
		if c.current.Load() == b {
			return b, nil
		}
		b.Exit()
	}
}

// hold waits at a closed door.
func (c *Draining[T]) hold(ctx context.Context, door Event) error {
	defer c.held.Add(-1)
	if c.held.Add(1) > max(0, c.tank) {
		return com.Errorf(com.ErrBusy, "object is being replaced")
	}
	if err := door.Wait(ctx); err != nil {
		return fmt.Errorf("object is being replaced: %w", err)
	}
	return nil
}

// Impl returns the implementation, borrowed until Exit.
func (b *Binding[T]) Impl() T { return b.impl }

// Exit ends one call that entered. There is one Exit to each Enter.
func (b *Binding[T]) Exit() {
	if b.inside.Add(-1) == 0 {
		if e := b.drained.Load(); e != nil && b.drained.CompareAndSwap(e, nil) {
			(*e).Set()
		}
	}
}

// Callers returns how many calls are inside now.
func (b *Binding[T]) Callers() int { return int(b.inside.Load()) }

// Drain waits until no call is inside. It is for bindings that are out of their
// cell: only then does the number not rise again.
func (b *Binding[T]) Drain(ctx context.Context) error {
	for b.inside.Load() != 0 {
		e := b.drained.Load()
		if e == nil {
			n := b.wait()
			if e = &n; !b.drained.CompareAndSwap(nil, e) {
				continue
			}
		}
		// Who exits last counts first and looks for e afterwards; we do the
		// opposite, so one of us sees the other.
		if b.inside.Load() == 0 {
			if b.drained.CompareAndSwap(e, nil) {
				(*e).Set()
			}
			return nil
		}
		if err := (*e).Wait(ctx); err != nil {
			return fmt.Errorf("%d callers still inside: %w", b.Callers(), err)
		}
	}
	return nil
}

// lock makes the caller the only mutator until unlock.
func (c *Draining[T]) lock(ctx context.Context) error {
	if c.wait == nil {
		return com.ErrGone
	}
	e := c.wait()
	for !c.mutator.CompareAndSwap(nil, &e) {
		if other := c.mutator.Load(); other != nil {
			if err := (*other).Wait(ctx); err != nil {
				return fmt.Errorf("another mutation is under way: %w", err)
			}
		}
	}
	return nil
}

func (c *Draining[T]) unlock() { (*c.mutator.Swap(nil)).Set() }

// Swap puts impl in place at once and returns the binding before it. New calls
// go to impl while old ones may still be inside; Drain waits for those, then
// the old implementation is the caller's. Only another mutation under way keeps
// Swap waiting. The error is com.ErrInvalid for nil, com.ErrGone from a closed
// cell, or that of ctx; impl stays the caller's then.
func (c *Draining[T]) Swap(ctx context.Context, impl T) (*Binding[T], error) {
	if any(impl) == nil {
		return nil, errNil
	}
	return c.swap(ctx, &Binding[T]{impl: impl, wait: c.wait})
}

// Close ends the cell: calls give com.ErrGone, those held at a closed door too.
// It returns the last binding, to Drain, or com.ErrGone if closed before.
func (c *Draining[T]) Close(ctx context.Context) (*Binding[T], error) { return c.swap(ctx, nil) }

func (c *Draining[T]) swap(ctx context.Context, b *Binding[T]) (*Binding[T], error) {
	if err := c.lock(ctx); err != nil {
		return nil, err
	}
	defer c.unlock()
	old := c.current.Load()
	if old == nil {
		return nil, com.ErrGone
	}
	c.current.Store(b)
	c.forget()
	c.before = append(c.before, old)
	return old, nil
}

// forget drops earlier bindings that nobody is inside any more.
func (c *Draining[T]) forget() {
	c.before = slices.DeleteFunc(c.before, func(b *Binding[T]) bool { return b.Callers() == 0 })
}

// Replace puts impl in place when no call is inside and returns what was there,
// which is the caller's from then on. New calls wait meanwhile. If ctx ends
// first everything stays as it was and the calls go on.
func (c *Draining[T]) Replace(ctx context.Context, impl T) (old T, err error) {
	err = c.Mutate(ctx, func(was T) (T, error) {
		old = was
		return impl, nil
	})
	if err != nil {
		var none T
		return none, err
	}
	return old, nil
}

// Mutate runs change with no call inside, neither in the current implementation
// nor in those swapped out before, and puts what it returns in place: change may carry over the state of the old implementation. Returning the old
// one is allowed. New calls wait at the door meanwhile. If ctx ends before the
// last call left, or change fails or panics, the old implementation stays.
func (c *Draining[T]) Mutate(ctx context.Context, change func(old T) (T, error)) error {
	if err := c.lock(ctx); err != nil {
		return err
	}
	defer c.unlock()
	old := c.current.Load()
	if old == nil {
		return com.ErrGone
	}
	door := c.wait()
	next := old
	c.current.Store(&Binding[T]{door: door, wait: c.wait})
	defer func() {
		c.current.Store(next)
		door.Set()
	}()
	for _, b := range append(c.before, old) {
		if err := b.Drain(ctx); err != nil {
			return err
		}
	}
	c.forget()
	impl, err := change(old.impl)
	if err != nil {
		return err
	}
	if any(impl) == nil {
		return errNil
	}
	next = &Binding[T]{impl: impl, wait: c.wait}
	return nil
}

// Callers returns how many calls are inside and how many wait at the door.
func (c *Draining[T]) Callers() (inside, held int) {
	if b := c.current.Load(); b != nil && b.door == nil {
		inside = b.Callers()
	}
	return inside, int(c.held.Load())
}
