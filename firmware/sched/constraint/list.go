package constraint

// link is a place in a list, embedded in what is listed.
type link[T any] struct {
	next, prev *link[T]
	in         *list[T]
	of         *T
}

// list is a ring of links, so that nothing is allocated. The zero list is empty.
type list[T any] struct {
	head *link[T]
}

func (q *list[T]) first() *T {
	if q.head == nil {
		return nil
	}
	return q.head.of
}

func (q *list[T]) empty() bool { return q.head == nil }

func (q *list[T]) pushBack(l *link[T]) {
	l.in = q
	if q.head == nil {
		l.next, l.prev = l, l
		q.head = l
		return
	}
	last := q.head.prev
	l.next, l.prev = q.head, last
	last.next, q.head.prev = l, l
}

func (q *list[T]) pushFront(l *link[T]) {
	q.pushBack(l)
	q.head = l
}

// leave takes l out of the list it is in, if any.
func (l *link[T]) leave() {
	q := l.in
	if q == nil {
		return
	}
	if l.next == l {
		q.head = nil
	} else {
		l.next.prev, l.prev.next = l.prev, l.next
		if q.head == l {
			q.head = l.next
		}
	}
	l.next, l.prev, l.in = nil, nil, nil
}

// last makes l the last of its list.
func (l *link[T]) last() {
	q := l.in
	if q.head == l {
		q.head = l.next
		return
	}
	l.leave()
	q.pushBack(l)
}
