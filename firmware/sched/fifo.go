package sched

import (
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
)

// fifo is what null and round robin share: runnable entities in the order in
// which they became so.
type fifo struct {
	NoPromises
	run queue
}

// Add takes in a blocked entity.
func (f *fifo) Add(e *Entity, _ machine.Time) error {
	if e.state != absent {
		return com.Errorf(com.ErrInvalid, "scheduler: entity added twice")
	}
	e.state = blocked
	return nil
}

// Remove drops an entity.
func (f *fifo) Remove(e *Entity, _ machine.Time) {
	if e.state == runnable {
		f.run.remove(e)
	}
	e.state = absent
}

// Block takes a runnable entity out of the queue.
func (f *fifo) Block(e *Entity, _ machine.Time) {
	if e.state == runnable {
		f.run.remove(e)
		e.state = blocked
	}
}

// Inherit has no meaning without priorities.
func (f *fifo) Inherit(*Entity, machine.Time) {}

// Moved has no meaning where activities get no shares.
func (f *fifo) Moved(*Entity, *Activity, machine.Time) {}

// Yield sends the running entity to the end of the queue.
func (f *fifo) Yield(e *Entity, _ machine.Time) {
	if f.run.head == e {
		f.run.rotate()
	}
}

// Null runs each thread until it blocks or yields, the longest ready first. It
// is for systems with one thread, or with threads that trust each other.
type Null struct {
	fifo
}

// NewNull returns the null policy.
func NewNull() *Null { return new(Null) }

// Name returns "null".
func (n *Null) Name() string { return "null" }

// Ready appends e to the queue. Nobody has to give way.
func (n *Null) Ready(e *Entity, _ machine.Time) bool {
	if e.state == blocked {
		e.state = runnable
		n.run.pushBack(e)
	}
	return false
}

// Charge takes no notice.
func (n *Null) Charge(*Entity, machine.Duration, machine.Time) {}

// Pick returns the head of the queue, for as long as it likes.
func (n *Null) Pick(machine.Time) (*Entity, machine.Time) {
	return n.run.head, machine.Forever
}

var _ Policy = (*Null)(nil)
