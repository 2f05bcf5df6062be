package thread

// waiters is a queue of threads through their own links. A thread is in at most
// one; its qnext is nil outside.
type waiters struct {
	first *Thread
}

func (q *waiters) push(t *Thread) {
	if q.first == nil {
		t.qnext, t.qprev = t, t
		q.first = t
		return
	}
	last := q.first.qprev
	t.qnext, t.qprev = q.first, last
	last.qnext, q.first.qprev = t, t
}

func (q *waiters) remove(t *Thread) {
	if t.qnext == t {
		q.first = nil
	} else {
		t.qnext.qprev, t.qprev.qnext = t.qprev, t.qnext
		if q.first == t {
			q.first = t.qnext
		}
	}
	t.qnext, t.qprev = nil, nil
}

// pop takes out the one that has waited longest; there is one.
func (q *waiters) pop() *Thread {
	t := q.first
	q.remove(t)
	return t
}
