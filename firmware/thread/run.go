package thread

import (
	"context"
	"iter"
	"runtime"
	"strings"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
)

// Run drives the processor on the calling goroutine until ctx is done or Stop is
// called. Then it ends all threads, lets them unwind, and returns nil; the
// processor is closed. Goroutines that are in RunUntil stop driving. A processor
// of kind RealTime, whose threads stay on Run's operating system thread, must not
// have been driven before. The errors are com.ErrBusy if it is in Run already,
// com.ErrClosed, and com.ErrWouldDeadlock, in virtual time, if every thread waits
// for what can never happen; com.ErrBusy also if a thread would not end.
//
// A thread that calls runtime.Goexit ends the goroutine of Run with it, but only
// once the processor has stopped.
func (p *Processor) Run(ctx context.Context) (err error) {
	if !p.drive.takeForRun(func() {
		p.running.Store(true)
		p.Wake() // whoever drives leaves it to us
	}) {
		return p.inRunError()
	}
	defer func() {
		p.running.Store(false)
		p.drive.giveForRun()
	}()
	if p.closed.Load() {
		return com.ErrClosed
	}
	p.inRun = true
	defer func() { p.inRun = false }()
	if p.cfg.Kind == machine.RealTime {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		leave, err := enterRealTime(p.cfg.Machine)
		defer leave()
		p.realTime, p.entered = err, true
	}
	stop := context.AfterFunc(ctx, p.Stop)
	defer stop()
	p.cond, p.until, p.stalled = nil, machine.Forever, false
	defer p.endRun(&err)
	p.loop()
	return nil
}

// endRun ends all threads, unless a substitute has done so, also where a thread
// has called Goexit.
func (p *Processor) endRun(err *error) {
	if v := recover(); v != nil {
		panic(v)
	}
	if !p.finished {
		p.finishRun()
	} else if p.count > 0 {
		p.result = p.shutdown() // who would not end has come back since
	}
	*err = p.result
}

func (p *Processor) finishRun() {
	p.result = nil
	if p.stalled {
		p.result = p.stall()
	}
	if e := p.shutdown(); p.result == nil {
		p.result = e
	}
	p.finished = true
}

func enterRealTime(m machine.Machine) (leave func(), err error) {
	rt, ok := m.(machine.RealTimer)
	if !ok {
		return func() {}, com.Errorf(com.ErrNotSupported, "this machine has no real-time threads")
	}
	if leave, err = rt.EnterRealTime(); err != nil {
		return func() {}, err
	}
	return leave, nil
}

// loop runs threads until the driver wants its goroutine back. Others may do so in
// its place, while a thread that was left behind has the goroutine.
func (p *Processor) loop() {
	h := &p.over
	if h.after == 0 {
		stale := false
		p.turns(nil, &stale, false)
		return
	}
	outer, way, stale := h.way, new(course), false
	h.way, p.absent = way, false
	h.wakes()
	defer func() {
		if stale {
			<-way.over
		}
		h.way, p.absent = outer, outer != nil && outer.absent
		h.dozes()
	}()
	p.turns(way, &stale, false)
}

// turns is loop on one goroutine. It sets stale if another has taken over.
func (p *Processor) turns(way *course, stale *bool, substitute bool) {
	back := false
	gen := p.over.gen.Load()
	defer func() {
		if back {
			return
		}
		if v := recover(); v != nil {
			panic(v)
		}
		if p.inRun || substitute {
			p.turns(way, stale, substitute) // a thread called Goexit: the others go on
		}
	}()
	for {
		n := p.handoff
		p.handoff = nil
		if n == nil {
			if n = p.next(p.time.both()); n == nil {
				break
			}
		}
		// No function of its own: after a switch the processor mispredicts every
		// return, so each frame between here and there costs some nanoseconds.
		if n.resume == nil {
			n.resume, _ = iter.Pull(n.body)
		}
		n.resume()
		if p.over.gen.Load() != gen {
			// The thread was left behind and has come to a checkpoint. It can be resumed
			// now, by whoever drives.
			*stale = true
			p.postFunc(func(p *Processor) {
				p.rejoin(n)
				if !substitute {
					p.back(way)
				}
			})
			break
		}
	}
	back = true
}

// Stop has Run end all threads and return. Any goroutine may call it.
func (p *Processor) Stop() {
	p.stopping.Store(true)
	p.Wake()
}

// RunUntil drives the processor on the calling goroutine, which must be no thread
// and not locked to an operating system thread, until cond is true or the
// deadline has come. It is how a program in virtual time lets its card work while
// it waits. A nil cond is never true, and then the deadline is no error.
//
// cond is called between threads, by this or by a thread's goroutine; it must not
// wait, nor ask p for its Status, and once true it stays so. If something else
// than a thread of p makes it true, Wake is due.
//
// Several goroutines may be in RunUntil; they take turns. The errors are
// com.ErrTimeout; com.ErrBusy if the processor is in Run; com.ErrClosed;
// com.ErrWouldDeadlock if, in virtual time, nothing can ever happen any more
// unless another goroutine does something.
func (p *Processor) RunUntil(cond func() bool, deadline machine.Time) error {
	if t := Current(); t != nil {
		panic("thread: RunUntil by thread " + t.name)
	}
	p.drivers.Add(1)
	defer p.drivers.Add(-1)
	if !p.drive.take() {
		return p.inRunError()
	}
	mine := true
	defer func() {
		if mine {
			p.drive.give()
		}
	}()
	for gave := false; ; {
		if p.closed.Load() {
			return com.ErrClosed
		}
		p.cond, p.until, p.stalled, p.keep, p.shared = cond, deadline, false, gave, false
		p.loop()
		p.cond, p.until = nil, machine.Forever
		switch {
		case cond != nil && cond():
			return nil
		case p.running.Load():
			return p.inRunError()
		case p.shared:
			gave = true
			p.drive.give()
			runtime.Gosched()
			if mine = p.drive.take(); !mine {
				return p.inRunError()
			}
			continue
		case p.stopping.Load():
			return com.ErrClosed
		case p.stalled:
			return p.stall()
		case cond == nil:
			return nil
		}
		return com.ErrTimeout
	}
}

func (p *Processor) inRunError() error {
	return com.Errorf(com.ErrBusy, "processor %s is in Run", p.cfg.Name)
}

// RunFor drives the processor for d, as RunUntil does.
func (p *Processor) RunFor(d machine.Duration) error {
	return p.RunUntil(nil, p.Now().Add(d))
}

// Call adopts the calling goroutine for the length of fn: a new thread of p runs
// fn while the caller waits, or drives the processor where nobody does (for one
// of kind RealTime it waits for Run). On a
// thread of p, fn is simply called. The error is nil if fn returned, a *Failure if
// it did not, or com.ErrClosed.
func (p *Processor) Call(name string, a Attributes, fn func(t *Thread)) error {
	if t := Current(); t != nil {
		if t.p != p {
			panic("thread: Call by a thread of another processor")
		}
		fn(t)
		return nil
	}
	var failure *Failure
	done := make(chan struct{})
	exit := a.Exit
	a.Exit = func(t *Thread, f *Failure) {
		failure = f
		defer close(done)
		if exit != nil {
			exit(t, f)
		}
	}
	if _, err := p.Spawn(name, a, fn); err != nil {
		return err
	}
	own := p.cfg.Kind == machine.RealTime && !p.virtual // nobody but Run may drive it
	for !own && !p.running.Load() && !ended(done) {
		switch err := p.RunUntil(func() bool { return ended(done) }, machine.Forever); {
		case err == nil:
		case com.CodeOf(err) == com.ErrBusy:
			runtime.Gosched()
		default:
			return err
		}
	}
	<-done
	if failure != nil {
		return failure
	}
	return nil
}

// Close ends all threads of a processor that is not in Run, and closes it. The
// goroutine must be one that could call RunUntil. The error is com.ErrBusy if a
// thread would not end, and then it is left behind.
func (p *Processor) Close() error {
	if !p.drive.take() {
		return p.inRunError()
	}
	defer p.drive.give()
	if p.closed.Load() {
		return nil
	}
	return p.shutdown()
}

const (
	// shutdownRound is how long threads get to unwind before those are told again
	// that wait in their deferred calls.
	shutdownRound  = 50 * machine.Millisecond
	shutdownRounds = 100
)

// shutdown ends all threads and closes the processor.
func (p *Processor) shutdown() error {
	p.gate.Lock()
	p.closed.Store(true)
	p.gate.Unlock()
	p.drain()
	p.cond = func() bool { return p.count == 0 }
	for range shutdownRounds {
		if p.count == 0 {
			break
		}
		for t, n := p.all, p.count; n > 0; n-- {
			following := t.next
			t.unwinding = false
			p.kill(t)
			t = following
		}
		p.until = p.now().Add(shutdownRound)
		p.stalled = false
		p.loop()
	}
	p.cond, p.until = nil, machine.Forever
	p.dismiss()
	if p.count > 0 {
		var names []string
		for t, n := p.all, p.count; n > 0; t, n = t.next, n-1 {
			names = append(names, t.name)
		}
		return com.Errorf(com.ErrBusy, "processor %s: these threads did not end: %s", p.cfg.Name, strings.Join(names, ", "))
	}
	p.over.end()
	if p.log != nil {
		p.log.Detach()
	}
	p.idler.Close()
	return nil
}

// stall describes a processor whose threads all wait for ever.
func (p *Processor) stall() error {
	var b strings.Builder
	for t, n := p.all, p.count; n > 0; t, n = t.next, n-1 {
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(t.name)
		if t.on != nil {
			b.WriteString(" (" + t.on.waits() + ")")
		}
	}
	if b.Len() == 0 {
		b.WriteString("there are no threads")
	}
	return com.Errorf(com.ErrWouldDeadlock, "processor %s: nothing can happen any more: %s", p.cfg.Name, b.String())
}

// Kill ends the thread: it unwinds where it waits, or at its next checkpoint. Any
// goroutine may call it; on the thread itself it does not return. A thread in
// Await unwinds when that is over. Constraints that the thread has begun are ended.
func (t *Thread) Kill() {
	p := t.p
	if c := Current(); c != nil && c.p == p {
		was := c.enter()
		p.kill(t)
		if c == t && t.mayUnwind() {
			t.unwind()
		}
		c.leave(was)
		return
	}
	p.tell(func(p *Processor) { p.kill(t) })
}

func (p *Processor) kill(t *Thread) {
	if t.state == Done {
		return
	}
	t.killed = true
	switch {
	case t.resume == nil && t.state == Ready:
		p.drop(t)
		t.report(&Failure{Thread: t.name, Err: com.ErrCanceled})
	case (t.state == Ready || t.state == LeftBehind) && t.mayUnwind():
		t.unbind()
	case t.state == Blocked && t.mayUnwind():
		t.unbind()
		if t.on == nil || t.on.cancel(t) {
			p.ready(t, undone)
		}
	}
	if t.cancelAwait != nil {
		t.cancelAwait()
	}
}

// Join waits until t has ended, and returns nil then. The error is
// com.ErrTimeout at the deadline. Threads of one processor may join.
func (t *Thread) Join(deadline machine.Time) error { return t.ended.Wait(deadline) }
