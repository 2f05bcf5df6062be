package thread

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/mmlite/mmlite/firmware/machine"
)

// maxHelpers is how many idle helper goroutines a processor keeps.
const maxHelpers = 4

// helper is a goroutine that does what would stop the processor.
type helper struct {
	work  chan func()
	done  Event
	value any // what the work panicked with
	stack []byte
}

func (h *helper) run() {
	for fn := range h.work {
		h.do(fn)
	}
}

func (h *helper) do(fn func()) {
	returned := false
	defer func() {
		if v := recover(); v != nil {
			h.value, h.stack = v, debug.Stack()
		} else if !returned {
			h.value, h.stack = "runtime.Goexit in Await", debug.Stack()
			go h.run() // Goexit takes this goroutine with it
		}
		h.done.Signal()
	}()
	fn()
	returned = true
}

// AwaitPanic is what Await panics with if its function did.
type AwaitPanic struct {
	// Value is what the function panicked with.
	Value any
	// Stack is the helper's stack at the panic.
	Stack []byte
}

// Error gives the value and the stack.
func (e *AwaitPanic) Error() string {
	return fmt.Sprintf("in Await: %v\n%s", e.Value, e.Stack)
}

// Await runs fn on a helper goroutine while other threads run, and returns when
// fn has. It is for whatever blocks in Go's own ways: channels, files, sockets. fn
// must not use this package's waiting primitives. A panic of fn goes on in the
// caller as an *AwaitPanic. A thread that is to be ended is so once fn returns.
// In virtual time fn is called at once, on the thread.
func Await(fn func()) { must("Await").Await(fn) }

// AwaitContext is Await for work that can be given up: the context that fn gets
// ends with ctx, or when the thread is to be ended.
func AwaitContext(ctx context.Context, fn func(ctx context.Context)) {
	t := must("AwaitContext")
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	was := t.enter()
	if t.killed && t.mayUnwind() {
		t.unwind()
	}
	t.cancelAwait = cancel
	t.leave(was)
	defer func() {
		was := t.enter()
		t.cancelAwait = nil
		t.leave(was)
	}()
	t.Await(func() { fn(ctx) })
}

// Await is the function Await for the thread that is running.
func (t *Thread) Await(fn func()) {
	p := t.p
	was := t.enter()
	defer t.leave(was)
	t.aboutToBlock()
	if p.virtual {
		t.leave(was)
		fn()
		t.Checkpoint()
		return
	}
	h := p.helper()
	h.work <- fn
	if p.cfg.Kind == machine.Spare && p.runnable == 1 {
		// The helper is next on this very processor of Go's; most work is done
		// before another one would have been woken for it.
		runtime.Gosched()
	}
	t.shield++
	err := h.done.WaitOn(t, machine.Forever)
	t.shield--
	if err != nil {
		panic(err) // the event is this helper's, which is this processor's
	}
	value, stack := h.value, h.stack
	h.value, h.stack = nil, nil
	p.giveBack(h)
	if value != nil {
		panic(&AwaitPanic{Value: value, Stack: stack})
	}
	if t.killed && t.mayUnwind() {
		t.unwind()
	}
}

// helper returns one that is idle.
func (p *Processor) helper() *helper {
	if n := len(p.helpers); n > 0 {
		h := p.helpers[n-1]
		p.helpers[n-1] = nil
		p.helpers = p.helpers[:n-1]
		return h
	}
	h := &helper{work: make(chan func(), 1)}
	go h.run()
	return h
}

func (p *Processor) giveBack(h *helper) {
	if len(p.helpers) >= maxHelpers {
		close(h.work)
		return
	}
	p.helpers = append(p.helpers, h)
}

// dismiss ends the idle helpers.
func (p *Processor) dismiss() {
	for _, h := range p.helpers {
		close(h.work)
	}
	p.helpers = nil
}
