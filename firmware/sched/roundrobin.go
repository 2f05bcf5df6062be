package sched

import "github.com/mmlite/mmlite/firmware/machine"

// Quantum is how long a thread runs under round robin while others wait, unless
// the policy was made with another one. It is Rialto's.
const Quantum = 10 * machine.Millisecond

// RoundRobin gives each runnable thread a quantum in turn. Threads that are
// always runnable get equal shares, even to within one quantum. A thread that
// blocks goes to the end of the queue with a new quantum when it is ready again.
type RoundRobin struct {
	fifo
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

// Ready appends e to the queue. Whoever runs finishes its quantum.
func (r *RoundRobin) Ready(e *Entity, _ machine.Time) bool {
	if e.state == blocked {
		e.state = runnable
		e.left = r.quantum
		r.run.pushBack(e)
	}
	return false
}

// Yield sends the running entity to the end of the queue with a new quantum.
func (r *RoundRobin) Yield(e *Entity, now machine.Time) {
	if r.run.head == e {
		e.left = r.quantum
		r.run.rotate()
	}
}

// Charge takes the time from the quantum. Once that is used up the entity goes
// to the end of the queue. Time used beyond it is taken from the next one, up to
// one quantum, so that shares stay even though threads give way late.
func (r *RoundRobin) Charge(e *Entity, used machine.Duration, _ machine.Time) {
	e.left -= used
	if e.left > 0 || e.state != runnable {
		return
	}
	e.left += r.quantum
	if e.left <= 0 {
		e.left = r.quantum / 8
	}
	if r.run.head == e {
		r.run.rotate()
	}
}

// Pick returns the head of the queue for the rest of its quantum. The time of
// one that is alone is its quantum's all the same, so that the accounts are kept.
func (r *RoundRobin) Pick(now machine.Time) (*Entity, machine.Time) {
	e := r.run.head
	if e == nil {
		return nil, machine.Forever
	}
	return e, now.Add(e.left)
}

var _ Policy = (*RoundRobin)(nil)
