package sched

import "github.com/mmlite/mmlite/firmware/machine"

// Quantum is how long a thread runs under round robin while others wait, unless
// the policy was made with another one. It is Rialto's.
const Quantum = 10 * machine.Millisecond

// RoundRobin gives each runnable thread a quantum in turn. Threads that are
// always runnable get equal shares, even to within one quantum.
//
// A thread that blocks keeps what is left of its quantum, and when it is ready
// again it runs that before those whose turn has not been interrupted; then it
// goes to the end of the queue like everybody. So a thread that waits for calls
// answers at the next checkpoint of one that computes, and still gets no more
// than a quantum in each round.
type RoundRobin struct {
	fifo
	woken   queue // back with something left
	quantum machine.Duration
}

// NewRoundRobin returns the policy with the given quantum, or Quantum if that is
// not positive.
func NewRoundRobin(quantum machine.Duration) *RoundRobin {
	if quantum <= 0 {
		quantum = Quantum
	}
	return &RoundRobin{quantum: quantum}
}

// Name returns "roundrobin".
func (r *RoundRobin) Name() string { return "roundrobin" }

// Add takes in a blocked entity, which starts at the end of the queue.
func (r *RoundRobin) Add(e *Entity, now machine.Time) error {
	err := r.fifo.Add(e, now)
	if err == nil {
		e.left = 0
	}
	return err
}

// Remove drops an entity.
func (r *RoundRobin) Remove(e *Entity, _ machine.Time) {
	r.leave(e, absent)
}

// Block takes a runnable entity out of its queue.
func (r *RoundRobin) Block(e *Entity, _ machine.Time) {
	if e.state != absent {
		r.leave(e, blocked)
	}
}

func (r *RoundRobin) leave(e *Entity, to state) {
	switch e.state {
	case runnable:
		r.run.remove(e)
	case resumed:
		r.woken.remove(e)
	}
	e.state = to
}

// Ready puts e before those in their turn, who are to give way, if it has
// something left, or else at the end of the queue.
func (r *RoundRobin) Ready(e *Entity, _ machine.Time) (preempt bool) {
	if e.state != blocked {
		return false
	}
	if e.left <= 0 {
		e.state = runnable
		r.run.pushBack(e)
		return false
	}
	preempt = r.woken.head == nil && r.run.head != nil
	e.state = resumed
	r.woken.pushBack(e)
	return preempt
}

// last puts a runnable e at the end. It gets a new quantum when its turn comes, not
// before, lest it block and be back with it.
func (r *RoundRobin) last(e *Entity) {
	if r.run.head == e {
		r.run.rotate()
		return
	}
	r.leave(e, runnable)
	r.run.pushBack(e)
}

// Yield sends the running entity to the end of the queue without what is left.
func (r *RoundRobin) Yield(e *Entity, _ machine.Time) {
	switch {
	case r.run.head == e: // the usual case, without a call
		e.left = 0
		r.run.head = e.next
	case e.state == runnable || e.state == resumed:
		e.left = 0
		r.last(e)
	}
}

// Charge takes the time from the quantum. Once that is used up the entity goes
// to the end of the queue. Time used beyond it is taken from the next one, up to
// most of a quantum, so that shares stay even though threads give way late.
func (r *RoundRobin) Charge(e *Entity, used machine.Duration, _ machine.Time) {
	e.left -= used
	if e.left > 0 || e.state == absent || e.state == blocked {
		return
	}
	r.last(e)
}

// Pick returns who is first, for the rest of its quantum. The time of one that is
// alone is its quantum's all the same, so that the accounts are kept.
func (r *RoundRobin) Pick(now machine.Time) (*Entity, machine.Time) {
	e := r.woken.head
	if e == nil {
		e = r.run.head
	}
	if e == nil {
		return nil, machine.Forever
	}
	if e.left <= 0 {
		e.left = max(e.left+r.quantum, r.quantum/8)
	}
	return e, now.Add(e.left)
}

var _ Policy = (*RoundRobin)(nil)
