// Package wait joins threads that may wait with threads that must not.
//
// The threads of a period (SYNTH, MIXER, AUDIO) may run on a real-time processor
// and share no lock with those that serve calls. What they have for them they
// store in atomic words, and then signal a List; a serving thread waits in the
// List until a condition over such words holds, its deadline comes, or its caller
// gives up. What is to be taken apart slowly they leave to a Reaper.
package wait

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
)

// Room is how many threads can wait in one List at a time.
const Room = 64

// List is where threads wait until a condition holds. The zero List is empty. It
// must not be copied.
type List struct {
	count atomic.Int32
	slots [Room]atomic.Pointer[thread.Event]
}

// Signal has all who wait look at their conditions again. It neither waits nor
// allocates, and any goroutine may call it. It is due after each change that can
// make a condition true.
func (l *List) Signal() {
	if l.count.Load() == 0 {
		return
	}
	for i := range l.slots {
		if e := l.slots[i].Load(); e != nil {
			e.Signal()
		}
	}
}

// Until waits until cond is true, and returns nil at once then. cond is called on
// the calling thread, at first and after each Signal, and must not wait.
//
// The errors are com.ErrCanceled and com.ErrTimeout as ctx says (nil never does),
// com.ErrBusy if Room threads wait already, and com.ErrInvalid on a goroutine that
// is no thread, where cond was false.
func (l *List) Until(ctx context.Context, cond func() bool) error {
	return l.until(ctx, machine.Forever, cond)
}

// UntilTime is Until that also returns com.ErrTimeout when the clock shows at.
func (l *List) UntilTime(ctx context.Context, at machine.Time, cond func() bool) error {
	return l.until(ctx, at, cond)
}

func (l *List) until(ctx context.Context, at machine.Time, cond func() bool) error {
	if cond() {
		return nil
	}
	if err := over(ctx); err != nil {
		return err
	}
	t := thread.Current()
	if t == nil {
		return com.Errorf(com.ErrInvalid, "a goroutine that is no thread cannot wait here")
	}
	e := t.Waker()
	i := l.enter(e)
	if i < 0 {
		return com.Errorf(com.ErrBusy, "%d threads wait already", Room)
	}
	defer l.leave(i)
	if own, ok := ctx.(waking); ok {
		key := own.WakeAtEnd(e)
		defer own.ForgetEnd(key)
	} else if ctx != nil && ctx.Done() != nil {
		stop := context.AfterFunc(ctx, e.Signal)
		defer stop()
	}
	limit := min(at, deadline(ctx))
	for {
		if cond() {
			return nil
		}
		if err := over(ctx); err != nil {
			return err
		}
		if err := e.WaitOn(t, limit); err != nil {
			if cond() {
				return nil
			}
			return err
		}
	}
}

func (l *List) enter(e *thread.Event) int {
	l.count.Add(1)
	for i := range l.slots {
		if l.slots[i].CompareAndSwap(nil, e) {
			return i
		}
	}
	l.count.Add(-1)
	return -1
}

func (l *List) leave(i int) {
	l.slots[i].Store(nil)
	l.count.Add(-1)
}

// over returns the code for why ctx has ended, or nil.
func over(ctx context.Context) error {
	if ctx == nil {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return com.CodeOf(err)
	}
	return nil
}

// deadline is that of ctx on the machine's clock. A context counts by the wall
// clock; what is left by it is left here.
func deadline(ctx context.Context) machine.Time {
	if ctx == nil {
		return machine.Forever
	}
	d, ok := ctx.Deadline()
	if !ok {
		return machine.Forever
	}
	return thread.Now().Add(machine.FromStd(max(time.Until(d), 0)))
}

// waking is a context that wakes threads when it ends by itself, as that of a call
// over a link does: it needs no goroutine for it, and allocates nothing.
type waking interface {
	// WakeAtEnd has e signaled, until ForgetEnd of what it returns.
	WakeAtEnd(e interface{ Signal() }) (key int)
	ForgetEnd(key int)
}
