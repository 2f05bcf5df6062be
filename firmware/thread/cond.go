package thread

import (
	"sync"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
)

// Cond is a condition that threads wait for under a mutex. L is set before the
// first use. A Cond must not be copied.
type Cond struct {
	// L protects what the condition is about.
	L *Mutex

	lk    sync.Mutex // over the queue, for a few instructions
	queue waiters
}

// Wait unlocks L, waits for Signal or Broadcast, and locks L again, also when it
// returns com.ErrTimeout at the deadline and when the thread is ended. As others
// may have run between, the caller looks at the condition again.
func (c *Cond) Wait(deadline machine.Time) error {
	t := must("Cond.Wait")
	if c.L.owner.Load() != t {
		panic(com.Errorf(com.ErrInvalid, "thread %s waits for a condition without owning its mutex", t.name))
	}
	was := t.enter()
	t.aboutToBlock()
	c.lk.Lock()
	c.queue.push(t)
	c.lk.Unlock()
	if !c.L.release(t) {
		c.L.pass(t)
	}
	defer func() {
		t.enter()
		t.shield++ // the caller's deferred calls rely on L
		c.L.LockOn(t)
		t.shield--
		t.leave(was)
	}()
	if t.park((*condWait)(c), deadline) == timedOut {
		return com.ErrTimeout
	}
	return nil
}

// Signal lets the thread go on that has waited longest, if any. The caller need
// not own L.
func (c *Cond) Signal() { c.wake(1) }

// Broadcast lets all go on.
func (c *Cond) Broadcast() { c.wake(-1) }

func (c *Cond) wake(n int) {
	me := must("Cond.Signal")
	was := me.enter()
	defer me.leave(was)
	for ; n != 0; n-- {
		c.lk.Lock()
		if c.queue.first == nil {
			c.lk.Unlock()
			return
		}
		t := c.queue.pop()
		c.lk.Unlock()
		t.wake()
	}
}

// condWait is a condition in its role as what a thread waits in.
type condWait Cond

func (w *condWait) cancel(t *Thread) bool {
	c := (*Cond)(w)
	c.lk.Lock()
	defer c.lk.Unlock()
	if t.qnext == nil {
		return false
	}
	c.queue.remove(t)
	return true
}

func (w *condWait) waits() string { return "condition" }
