// Package mutatetest runs tests of waiting code on one virtual processor made of
// coroutines, in whatever order a test chooses. Code that blocks on Go's own
// primitives instead of the events it was given stops such a processor for good,
// as it would one of a card.
package mutatetest

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/mmlite/mmlite/firmware/mutate"
)

// Processor runs threads one at a time. The zero Processor is ready for use. All
// its methods are called from the test's goroutine or from its threads.
type Processor struct {
	threads []*thread
	running *thread
}

type thread struct {
	next  func() (struct{}, bool)
	stop  func()
	yield func(struct{}) bool
	wants *event
	until context.Context // of the wait
}

// ready reports whether the thread has what it waits for, or waits no more.
func (t *thread) ready() bool {
	return t.wants == nil || t.wants.set || t.until.Err() != nil
}

type event struct {
	cpu *Processor
	set bool
}

func (e *event) Set() { e.set = true }

func (e *event) Wait(ctx context.Context) error {
	for !e.set {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		e.cpu.running.wants, e.cpu.running.until = e, ctx
		e.cpu.Pause()
	}
	return nil
}

// Event makes an event on which the processor's threads can wait. The method
// value is a mutate.Waiter.
func (p *Processor) Event() mutate.Event { return &event{cpu: p} }

// errStopped unwinds a thread of a run that was given up.
var errStopped = errors.New("stopped")

// Pause lets others run.
func (p *Processor) Pause() {
	if !p.running.yield(struct{}{}) {
		panic(errStopped)
	}
}

// Start makes a thread, which begins when Run chooses it.
func (p *Processor) Start(f func()) {
	t := &thread{}
	t.next, t.stop = iter.Pull(func(yield func(struct{}) bool) {
		t.yield = yield
		defer func() {
			if r := recover(); r != nil && r != errStopped {
				panic(r)
			}
		}()
		f()
	})
	p.threads = append(p.threads, t)
}

// Run resumes threads until all have ended; choose picks one of the n that can
// run. When none can, expire is called once, to end the contexts of those that
// wait; if it is nil or does not help, threads wait for ever, and that is the
// error.
func (p *Processor) Run(choose func(n int) int, expire func()) error {
	for len(p.threads) > 0 {
		var ready []int
		for i, t := range p.threads {
			if t.ready() {
				ready = append(ready, i)
			}
		}
		if len(ready) == 0 {
			if expire == nil {
				return fmt.Errorf("%d threads wait for ever", len(p.threads))
			}
			expire()
			expire = nil
			continue
		}
		i := ready[choose(len(ready))]
		t := p.threads[i]
		t.wants, p.running = nil, t
		if _, more := t.next(); !more {
			p.threads = append(p.threads[:i], p.threads[i+1:]...)
		}
	}
	return nil
}

// Stop unwinds the threads that are left.
func (p *Processor) Stop() {
	for _, t := range p.threads {
		p.running = t
		t.stop()
	}
	p.threads = nil
}
