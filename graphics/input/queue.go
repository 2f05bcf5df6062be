package input

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/mmlite/mmlite/contracts/input"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/thread/wait"
)

const (
	room  = 256 // events that a queue holds
	batch = 64  // that are taken at a time
)

// queue is a ring of events. It implements input.Queue.
type queue struct {
	com.Object
	in    *Input
	view  *view // whose it is; nil for the card's own
	kinds uint32
	list  wait.List
	gone  atomic.Bool

	// Under in.mu.
	events  [room]input.Event
	read    int
	count   int
	dropped uint64
}

// open makes a queue for a client, or for the card itself.
func (in *Input) open(o input.QueueOptions, v *view) (input.Queue, error) {
	q := &queue{in: in, view: v, kinds: o.Kinds}
	if q.kinds == 0 {
		q.kinds = ^uint32(0)
	}
	in.mu.Lock() //mm:blocking held for a few instructions
	defer in.mu.Unlock()
	switch {
	case len(in.queues) >= maxQueues:
		return nil, com.Errorf(com.ErrQuota, "%d queues of input are open, and no more are allowed", maxQueues)
	case v != nil && v.queues >= v.most:
		return nil, com.Errorf(com.ErrQuota, "this client has %d queues of input, and may have no more", v.most)
	}
	if v != nil {
		v.queues++
	}
	in.queues = append(in.queues, q)
	in.AddRef()
	q.Init(q, q.final, input.QueueType.For(q))
	return q, nil
}

func (q *queue) final() {
	in := q.in
	in.mu.Lock() //mm:blocking held for a few instructions
	if i := slices.Index(in.queues, q); i >= 0 {
		in.queues = slices.Delete(in.queues, i, i+1)
	}
	in.dropped += q.dropped
	if q.view != nil {
		q.view.queues--
	}
	in.mu.Unlock()
	q.gone.Store(true)
	q.list.Signal()
	in.Release()
}

// put adds an event, or joins it with the last one. The caller holds in.mu.
func (q *queue) put(e *input.Event) {
	if q.kinds>>e.Kind&1 == 0 {
		return
	}
	if q.count > 0 {
		last := &q.events[(q.read+q.count-1)%room]
		switch {
		case e.Kind == input.Pointer && last.Kind == input.Pointer:
			*last = *e
			return
		case e.Kind == input.Wheel && last.Kind == input.Wheel && last.Modifiers == e.Modifiers:
			x, y := last.X+e.X, last.Y+e.Y
			if x >= -farthest && x < farthest && y >= -farthest && y < farthest {
				*last = *e
				last.X, last.Y = x, y
				return
			}
		}
	}
	if q.count == room {
		q.dropped++
		return
	}
	q.events[(q.read+q.count)%room] = *e
	q.count++
	q.list.Signal()
}

// any reports whether there is something to take.
func (q *queue) any() bool {
	q.in.mu.Lock() //mm:blocking held for a few instructions
	defer q.in.mu.Unlock()
	return q.count > 0
}

// Next implements input.Queue.
func (q *queue) Next(ctx context.Context) (events []input.Event, dropped uint64, err error) {
	if err := q.list.Until(ctx, func() bool { return q.gone.Load() || q.any() }); err != nil {
		return nil, 0, err
	}
	if q.gone.Load() {
		return nil, 0, com.Errorf(com.ErrClosed, "the queue")
	}
	return q.Poll(ctx)
}

// Poll implements input.Queue.
func (q *queue) Poll(context.Context) (events []input.Event, dropped uint64, err error) {
	q.in.mu.Lock() //mm:blocking held for a few instructions
	defer q.in.mu.Unlock()
	n := min(q.count, batch)
	if n > 0 {
		events = make([]input.Event, n)
	}
	for i := range events {
		events[i] = q.events[(q.read+i)%room]
	}
	q.read, q.count = (q.read+n)%room, q.count-n
	return events, q.dropped, nil
}
