package thread

import "sync/atomic"

// node is a message to a processor: something that other goroutines ask of it.
// Whoever embeds one sees to it that it is in an inbox at most once.
type node struct {
	next atomic.Pointer[node]
	item delivery
}

// delivery is done by the processor, on its goroutine.
type delivery interface {
	deliver(p *Processor)
}

// inbox is a queue with many producers, which never wait for anything, and one
// consumer (Vyukov's intrusive queue). A producer stopped between its two stores
// hides what follows until it goes on, and it wakes the processor after them.
type inbox struct {
	head atomic.Pointer[node]
	tail *node
	stub node
}

func (q *inbox) init() {
	q.head.Store(&q.stub)
	q.tail = &q.stub
}

func (q *inbox) push(n *node) {
	n.next.Store(nil)
	q.head.Swap(n).next.Store(n)
}

// empty is for the consumer. It is not true while a push is under way.
func (q *inbox) empty() bool {
	return q.head.Load() == &q.stub && q.tail == &q.stub
}

func (q *inbox) pop() *node {
	tail := q.tail
	next := tail.next.Load()
	if tail == &q.stub {
		if next == nil {
			return nil
		}
		q.tail = next
		tail, next = next, next.next.Load()
	}
	if next != nil {
		q.tail = next
		return tail
	}
	if tail != q.head.Load() {
		return nil
	}
	q.push(&q.stub)
	if next = tail.next.Load(); next != nil {
		q.tail = next
		return tail
	}
	return nil
}

// post sends a message from any goroutine.
func (p *Processor) post(n *node) {
	p.inbox.push(n)
	p.idler.Wake()
}

// kick is a message without content: it has the running thread's next checkpoint
// look whether the driver wants its goroutine back.
type kick Processor

func (k *kick) deliver(p *Processor) { p.kicked.Store(false) }

// Wake has the processor look again, for a RunUntil whose condition another
// goroutine has made true. It neither waits nor allocates.
func (p *Processor) Wake() {
	if !p.kicked.Swap(true) {
		p.post(&p.kick)
	}
}

// task is a message that is a function. It runs between threads and must not
// wait for anything.
type task struct {
	node node
	fn   func(p *Processor)
}

func (k *task) deliver(p *Processor) { k.fn(p) }

func (p *Processor) postFunc(fn func(p *Processor)) {
	k := &task{fn: fn}
	k.node.item = k
	p.post(&k.node)
}
