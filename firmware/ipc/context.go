package ipc

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
)

// callContext is the context of a call being served. It costs nothing until it
// is asked for: most calls never look.
type callContext struct {
	in       *Incoming
	deadline int64 // on the driver's clock; 0 for none
	wall     time.Time
	listed   bool

	touched atomic.Bool // what follows is not as in a call that has just come

	mu    sync.Mutex
	calls uint64 // so many before this one
	err   error
	done  chan struct{}
	after []atEnd
}

// atEnd is what is to happen when the context ends: one of the two.
type atEnd struct {
	call func()
	wake interface{ Signal() }
}

func (x *callContext) reset() {
	if x.touched.Swap(false) {
		x.mu.Lock() //mm:blocking held for a few instructions
		clear(x.after)
		x.calls++
		x.err, x.done, x.after = nil, nil, x.after[:0]
		x.mu.Unlock()
	}
	x.deadline, x.listed = 0, false
}

func (x *callContext) setDeadline(now int64, left time.Duration) {
	left += deadlineSlack
	if left <= 0 { // the sum overflowed: as good as never
		return
	}
	x.deadline = now + int64(left)
	if x.deadline < now {
		x.deadline = 0
	}
}

// Context returns the caller's context: its deadline, and cancellation when the
// caller gives up or goes away. It is valid until the call returns. Its
// AfterFunc runs on whoever reads the link; thread code uses that to be woken,
// Err to look.
func (in *Incoming) Context() context.Context {
	x := &in.ctx
	x.in = in
	if !x.listed && in.header.kind == kindCall {
		x.listed = true
		if x.deadline != 0 {
			x.wall = time.Now().Add(time.Duration(x.deadline - in.conn.drv.Now()))
		}
		c := in.conn
		sec := c.guard.lock()
		if len(c.incoming) < maxCancel {
			c.incoming[in.header.call] = in
		}
		c.guard.unlock(sec)
	}
	return x
}

// end forgets a call that has run.
func (x *callContext) end(c *Conn, call uint32) {
	if !x.listed {
		return
	}
	x.listed = false
	sec := c.guard.lock()
	if c.incoming[call] == x.in {
		delete(c.incoming, call)
	}
	c.guard.unlock(sec)
}

// cancel ends the context from within the call.
func (x *callContext) cancel(code com.Code) { happen(x.over(code)) }

// over ends the context, and returns what is to happen then, which may take locks.
// Who ends it from outside of the call has it listed, and the connection locked.
func (x *callContext) over(code com.Code) (after []atEnd) {
	x.mu.Lock() //mm:blocking held for a few instructions
	defer x.mu.Unlock()
	if x.err != nil {
		return nil
	}
	x.touched.Store(true)
	x.err = code
	if x.done != nil {
		close(x.done)
	}
	after, x.after = x.after, nil
	return after
}

func happen(after []atEnd) {
	for _, a := range after {
		switch {
		case a.call != nil:
			a.call()
		case a.wake != nil:
			a.wake.Signal()
		}
	}
}

// Deadline implements context.Context.
func (x *callContext) Deadline() (time.Time, bool) { return x.wall, x.deadline != 0 }

// Err implements context.Context.
func (x *callContext) Err() error {
	x.mu.Lock() //mm:blocking held for a few instructions
	err := x.err
	x.mu.Unlock()
	if err == nil && x.deadline != 0 && x.in.conn.drv.Now() > x.deadline {
		x.cancel(com.ErrTimeout)
		return com.ErrTimeout
	}
	return err
}

// Done implements context.Context. Only goroutines may wait for it.
func (x *callContext) Done() <-chan struct{} {
	x.mu.Lock() //mm:blocking held for a few instructions
	defer x.mu.Unlock()
	x.touched.Store(true)
	if x.done == nil {
		x.done = make(chan struct{})
		if x.err != nil {
			close(x.done)
		}
	}
	return x.done
}

// Value implements context.Context; there are none.
func (x *callContext) Value(any) any { return nil }

// AfterFunc lets context.AfterFunc work without a goroutine: f runs once the
// context is cancelled.
func (x *callContext) AfterFunc(f func()) (stop func() bool) {
	x.mu.Lock() //mm:blocking held for a few instructions
	if x.err != nil {
		x.mu.Unlock()
		f()
		return func() bool { return false }
	}
	x.touched.Store(true)
	i, of := len(x.after), x.calls
	x.after = append(x.after, atEnd{call: f})
	x.mu.Unlock()
	return func() bool {
		x.mu.Lock() //mm:blocking held for a few instructions
		defer x.mu.Unlock()
		if of == x.calls && i < len(x.after) && x.after[i].call != nil {
			x.after[i] = atEnd{}
			return true
		}
		return false
	}
}

// WakeAtEnd is AfterFunc without an allocation, for a thread that waits: e is
// signaled once the context is cancelled, until ForgetEnd(key). Of one thread's, the
// last is forgotten first.
func (x *callContext) WakeAtEnd(e interface{ Signal() }) (key int) {
	x.mu.Lock() //mm:blocking held for a few instructions
	if x.err != nil {
		x.mu.Unlock()
		e.Signal()
		return -1
	}
	x.touched.Store(true)
	key = len(x.after)
	x.after = append(x.after, atEnd{wake: e})
	x.mu.Unlock()
	return key
}

// ForgetEnd takes back a WakeAtEnd.
func (x *callContext) ForgetEnd(key int) {
	x.mu.Lock() //mm:blocking held for a few instructions
	defer x.mu.Unlock()
	switch n := len(x.after); {
	case key < 0 || key >= n || x.after[key].wake == nil:
	case key == n-1:
		x.after = x.after[:key] // to be used again: a call may wait often
	default:
		x.after[key] = atEnd{}
	}
}
