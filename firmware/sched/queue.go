package sched

// queue is a ring of runnable entities through their own links, so that nothing
// is allocated. The zero value is empty.
type queue struct {
	head *Entity
}

func (q *queue) pushBack(e *Entity) {
	if q.head == nil {
		e.next, e.prev = e, e
		q.head = e
		return
	}
	last := q.head.prev
	e.next, e.prev = q.head, last
	last.next, q.head.prev = e, e
}

func (q *queue) remove(e *Entity) {
	if e.next == e {
		q.head = nil
	} else {
		e.next.prev, e.prev.next = e.prev, e.next
		if q.head == e {
			q.head = e.next
		}
	}
	e.next, e.prev = nil, nil
}

// rotate makes the head the last.
func (q *queue) rotate() {
	if q.head != nil {
		q.head = q.head.next
	}
}
