package sim

import (
	"container/heap"

	"github.com/mmlite/mmlite/firmware/machine"
)

// event is a function to be called at a time. Events of one time happen in the
// order in which they were made.
type event struct {
	at  machine.Time
	seq uint64
	fn  func()
}

type eventHeap []*event

func (h eventHeap) Len() int { return len(h) }
func (h eventHeap) Less(i, j int) bool {
	if h[i].at != h[j].at {
		return h[i].at < h[j].at
	}
	return h[i].seq < h[j].seq
}
func (h eventHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *eventHeap) Push(x any)   { *h = append(*h, x.(*event)) }
func (h *eventHeap) Pop() any {
	old := *h
	last := len(old) - 1
	ev := old[last]
	old[last] = nil
	*h = old[:last]
	return ev
}

type eventQueue struct {
	heap eventHeap
	seq  uint64
}

func (q *eventQueue) first() *event {
	if len(q.heap) == 0 {
		return nil
	}
	return q.heap[0]
}

func (q *eventQueue) pop() { heap.Pop(&q.heap) }

// At has fn called when the clock reaches t, or at the next chance if that is
// past. fn is an interrupt routine: it may signal events and ask for further
// ones, and must not block.
func (m *Machine) At(t machine.Time, fn func()) {
	m.events.seq++
	heap.Push(&m.events.heap, &event{at: max(t, m.Now()), seq: m.events.seq, fn: fn})
}

// After has fn called after d, as At does.
func (m *Machine) After(d machine.Duration, fn func()) { m.At(m.Now().Add(max(d, 0)), fn) }

// Every has fn called every period, first after one, until it returns false.
// A period that is not positive is taken as a nanosecond.
func (m *Machine) Every(period machine.Duration, fn func() bool) {
	period = max(period, 1)
	var tick func()
	next := m.Now()
	tick = func() {
		if fn() {
			next = next.Add(period)
			m.At(next, tick)
		}
	}
	next = next.Add(period)
	m.At(next, tick)
}
