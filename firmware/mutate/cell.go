// Package mutate is bindings whose implementation can be replaced while it is
// called, which MMLite calls mutation (Helander and Forin 1998, section 2.4):
// upgrading a component, interposing a filter, specializing a loop, turning an
// object into a proxy of one that moved away.
//
// A [Cell] is a pointer: callers fetch it with one atomic load and may go on in
// the old implementation for as long as their call lasts. A [Draining] cell
// counts who enters and leaves, so that a mutator can wait until nobody is in
// the old implementation any more, and can keep newcomers outside meanwhile:
// mutual exclusion by reference counts and a holding tank (Cowan et al., "Fast
// Concurrent Dynamic Linking for an Adaptive Operating System", 1996).
//
// A cell holds one reference to its implementation on behalf of who made it and
// does no counting: what goes in is handed over, what comes out is owned.
package mutate

import (
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/com"
)

// Cell is a binding that costs its callers one atomic load. T is a contract.
// The zero Cell is a closed one. A Cell must not be copied.
type Cell[T any] struct {
	impl atomic.Pointer[T]
}

// Init puts the first implementation in. The error is com.ErrInvalid for nil
// and com.ErrExists where there is one already.
func (c *Cell[T]) Init(impl T) error {
	if any(impl) == nil {
		return errNil
	}
	if !c.impl.CompareAndSwap(nil, &impl) {
		return com.Errorf(com.ErrExists, "cell is in use")
	}
	return nil
}

// Load returns the implementation of the moment, borrowed for one call, or
// com.ErrGone from a closed cell. The cell may let go of it at any time: its
// memory lasts, but whoever replaces it decides when its life ends.
func (c *Cell[T]) Load() (T, error) {
	p := c.impl.Load()
	if p == nil {
		var none T
		return none, com.ErrGone
	}
	return *p, nil
}

// Swap puts impl in place and returns what was there, in which callers may
// still be. The error is com.ErrInvalid for nil and com.ErrGone from a closed
// cell; impl stays the caller's then.
func (c *Cell[T]) Swap(impl T) (old T, err error) {
	return c.Update(func(T) (T, error) { return impl, nil })
}

// Update replaces the implementation by what change makes of it, a filter in
// front of it for instance, with nobody else replacing it in between. Change
// may be called several times, while callers are inside, and is best cheap. An
// error of change leaves the cell as it is and is returned.
func (c *Cell[T]) Update(change func(old T) (T, error)) (old T, err error) {
	var none T
	for {
		p := c.impl.Load()
		if p == nil {
			return none, com.ErrGone
		}
		impl, err := change(*p)
		if err != nil {
			return none, err
		}
		if any(impl) == nil {
			return none, errNil
		}
		if c.impl.CompareAndSwap(p, &impl) {
			return *p, nil
		}
	}
}

// Close ends the cell: later calls through it give com.ErrGone. It returns the
// last implementation, or com.ErrGone if the cell was closed before.
func (c *Cell[T]) Close() (old T, err error) {
	p := c.impl.Swap(nil)
	if p == nil {
		return old, com.ErrGone
	}
	return *p, nil
}

var errNil = com.Errorf(com.ErrInvalid, "cell needs an implementation")
