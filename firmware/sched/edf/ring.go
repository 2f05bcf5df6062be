package edf

// The rings a task can be in, at most one of each kind.
const (
	spare = iota // those that share spare time
	own          // those of one server
)

type link struct {
	in         *ring
	next, prev *task
}

// ring is a queue of tasks through their own links. The zero value is an empty
// one of kind spare.
type ring struct {
	head *task
	link int
}

// push puts t at the end.
func (r *ring) push(t *task) {
	l := &t.links[r.link]
	l.in = r
	if r.head == nil {
		l.next, l.prev = t, t
		r.head = t
		return
	}
	last := r.head.links[r.link].prev
	l.next, l.prev = r.head, last
	last.links[r.link].next, r.head.links[r.link].prev = t, t
}

func (r *ring) remove(t *task) {
	l := &t.links[r.link]
	if l.next == t {
		r.head = nil
	} else {
		l.next.links[r.link].prev, l.prev.links[r.link].next = l.prev, l.next
		if r.head == t {
			r.head = l.next
		}
	}
	*l = link{}
}

// last has t, from whatever ring of this kind it is in, be the last of this one.
func (r *ring) last(t *task) {
	l := &t.links[r.link]
	if l.in == r && r.head == t {
		r.head = l.next
		return
	}
	l.in.remove(t)
	r.push(t)
}

// single reports whether nobody or only one is in.
func (r *ring) single() bool { return r.head == nil || r.head.links[r.link].next == r.head }
