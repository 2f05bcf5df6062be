package thread

import (
	"fmt"
	"runtime/debug"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/cpu"
	"github.com/mmlite/mmlite/firmware/trace"
)

// Failure says how a thread ended that did not return.
type Failure struct {
	// Thread is the thread's name.
	Thread string
	// Err is com.ErrPanic, com.ErrCanceled for a thread that was ended, or what the
	// policy had against taking it in.
	Err error
	// Value is what it panicked with.
	Value any
	// Stack is the stack at the panic.
	Stack []byte
	// Held is how many mutexes it owned at its end.
	Held int
}

// Error gives it in one line.
func (f *Failure) Error() string {
	s := "thread " + f.Thread
	if f.Value != nil {
		s += fmt.Sprintf(" panicked: %v", f.Value)
	} else {
		s += ": " + f.Err.Error()
	}
	if f.Held > 0 {
		s += fmt.Sprintf(" (owning %d mutexes)", f.Held)
	}
	return s
}

// Unwrap returns Err.
func (f *Failure) Unwrap() error { return f.Err }

// unwind is what a thread that is to end panics with.
type unwind struct{ t *Thread }

func (u *unwind) Error() string { return "thread " + u.t.name + " is ending" }

// Spawn makes a thread that runs fn, soon. Any goroutine may call it. The error
// is com.ErrClosed once the processor stops, or what the policy says where the
// caller is a thread of p; for other callers a refusal by the policy is reported
// to Exit.
func (p *Processor) Spawn(name string, a Attributes, fn func(t *Thread)) (*Thread, error) {
	t := &Thread{p: p, name: name, fn: fn, exit: a.Exit, id: p.spawned.Add(1)}
	if t.exit == nil {
		t.exit = orphaned
	}
	t.ent.Owner = t
	t.ent.Activity = a.Activity
	t.ent.Priority = a.Priority
	t.alarm.thread = t
	t.node.item = t
	t.ended.manual = true
	t.deadline = machine.Forever
	c := Current()
	if c != nil && a.Activity == nil {
		t.ent.Activity = c.ent.Activity
	}
	if c != nil && c.p == p {
		if p.closed.Load() {
			return nil, com.ErrClosed
		}
		was := c.enter()
		err := p.admit(t)
		c.leave(was)
		return t, err
	}
	if !p.tell(func(p *Processor) {
		if err := p.admit(t); err != nil {
			t.state = Done
			t.report(&Failure{Thread: name, Err: err})
		}
	}) {
		return nil, com.ErrClosed
	}
	return t, nil
}

// tell has the processor do something between threads. It reports false if the
// processor stops.
func (p *Processor) tell(fn func(p *Processor)) bool {
	p.gate.Lock()
	defer p.gate.Unlock()
	if p.closed.Load() {
		return false
	}
	p.postFunc(fn)
	return true
}

func (p *Processor) admit(t *Thread) error {
	if err := p.policy.Add(&t.ent, p.now()); err != nil {
		return err
	}
	if p.log != nil {
		p.log.Begin(uint32(t.id), t.name, t.ent.Activity)
	}
	if p.all == nil {
		t.next, t.prev = t, t
		p.all = t
	} else {
		last := p.all.prev
		t.next, t.prev = p.all, last
		last.next, p.all.prev = t, t
	}
	p.count++
	p.alarms.room(p.count + len(p.alarms.heap))
	if cap(p.watches) < p.count {
		p.watches = append(make([]*Thread, 0, 2*p.count), p.watches...)
		p.words = make([]machine.Word, 0, 2*p.count)
	}
	p.ready(t, granted)
	return nil
}

// drop takes a thread that does not run off the lists.
func (p *Processor) drop(t *Thread) {
	if t.state == Ready || t.state == Running {
		p.runnable--
	}
	now := p.now()
	if p.log != nil {
		p.note(now, trace.Exit, t, 0, 0)
		p.log.Ended(uint32(t.id))
	}
	p.policy.Remove(&t.ent, now)
	p.alarms.clear(&t.alarm)
	if t.next == t {
		p.all = nil
	} else {
		t.next.prev, t.prev.next = t.prev, t.next
		if p.all == t {
			p.all = t.next
		}
	}
	p.count--
	t.after = nil
	t.state = Done
	t.ended.Signal()
}

// body is the thread's coroutine.
func (t *Thread) body(yield func(struct{}) bool) {
	t.yield = yield
	t.g = cpu.G()
	threads.set(t.g, t)
	returned := false
	defer func() {
		var f *Failure
		if v := recover(); v != nil {
			f = &Failure{Thread: t.name, Err: com.ErrPanic, Value: v, Stack: debug.Stack()}
			if u, ok := v.(*unwind); ok && u.t == t {
				f.Err, f.Value, f.Stack = com.ErrCanceled, nil, nil
			}
		} else if !returned {
			f = &Failure{Thread: t.name, Err: com.ErrPanic, Value: "runtime.Goexit on a thread", Stack: debug.Stack()}
		}
		t.finish(f)
	}()
	if !t.killed {
		t.leave(0)
		t.fn(t)
	} else {
		panic(&unwind{t})
	}
	returned = true
}

// finish ends the thread on its own stack.
func (t *Thread) finish(f *Failure) {
	p := t.p
	t.enter()
	t.shield++       // the end is not ended
	if t.on != nil { // a panic of somebody else's code between threads
		t.on.cancel(t)
		t.on = nil
	}
	n := t.abandon()
	if f == nil && n > 0 {
		f = &Failure{Thread: t.name, Err: com.ErrFailed}
	}
	if f != nil {
		f.Held = n
	}
	t.leave(0)
	t.report(f)
	t.enter()
	t.abandon()
	c, now := p.time.both()
	t.stretchTo(c)
	p.charge(c, now)
	p.drop(t)
	threads.set(t.g, nil)
	t.locals = [slots]any{}
}

// orphaned is the exit of a thread whose spawner does not care: the processor's, or
// a line on the console.
func orphaned(t *Thread, f *Failure) {
	switch exit := t.p.cfg.Exit; {
	case f == nil || f.Err == com.ErrCanceled:
	case exit != nil:
		exit(t, f)
	default:
		fmt.Fprintf(t.p.cfg.Machine.Console(), "%v\n%s", f, f.Stack)
	}
}

// report tells the owner. A panic of the owner's function is logged.
func (t *Thread) report(f *Failure) {
	defer func() {
		if v := recover(); v != nil {
			fmt.Fprintf(t.p.cfg.Machine.Console(), "thread %s: its exit function panicked: %v\n", t.name, v)
		}
	}()
	t.exit(t, f)
}
