package wait

import (
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/thread"
)

// Task is a piece of clean-up. It is embedded in what is to be cleaned up, so
// that leaving it to a Reaper costs nothing. It is left once.
type Task struct {
	// Do does it, on the reaper's thread. It may wait.
	Do   func()
	next *Task
}

// Reaper does clean-up on a thread of its own, for threads that have no time for
// it and for the last release of an object, which must not wait.
type Reaper struct {
	tasks   atomic.Pointer[Task] // a stack
	event   thread.Event
	thread  *thread.Thread
	closing atomic.Bool
}

// NewReaper makes a reaper with a thread of p, which runs on behalf of a.
func NewReaper(p *thread.Processor, name string, a *sched.Activity) (*Reaper, error) {
	r := &Reaper{}
	t, err := p.Spawn(name, thread.Attributes{Activity: a}, r.run)
	if err != nil {
		return nil, err
	}
	r.thread = t
	return r, nil
}

// Leave has a task done soon. It neither waits nor allocates, and any goroutine
// may call it.
func (r *Reaper) Leave(t *Task) {
	for {
		first := r.tasks.Load()
		t.next = first
		if r.tasks.CompareAndSwap(first, t) {
			r.event.Signal()
			return
		}
	}
}

// Close ends the thread once it has done what was left to it.
func (r *Reaper) Close() {
	r.closing.Store(true)
	r.event.Signal()
}

func (r *Reaper) run(t *thread.Thread) {
	for {
		if first := r.tasks.Swap(nil); first != nil {
			for task := oldest(first); task != nil; {
				next := task.next
				task.next = nil
				task.Do()
				task = next
			}
			continue
		}
		if r.closing.Load() {
			return
		}
		if r.event.WaitOn(t, machine.Forever) != nil {
			return
		}
	}
}

// oldest turns a stack around.
func oldest(t *Task) (first *Task) {
	for t != nil {
		next := t.next
		t.next = first
		first, t = t, next
	}
	return first
}
