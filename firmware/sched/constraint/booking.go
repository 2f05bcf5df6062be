package constraint

import (
	"slices"

	"github.com/mmlite/mmlite/firmware/machine"
)

// booking is an amount of a node's time between its record's start and deadline.
type booking struct {
	rec        *record
	amount     machine.Duration
	lent       machine.Duration // by the outer constraint, when it was made
	lost       machine.Duration // taken by a critical constraint that is being tried
	node       int32
	next, prev int32 // of the node, by deadline
	also       int32 // next one of the record
}

// bookings are all there are, through links, and those not in use.
type bookings struct {
	all  []booking
	head int32
	used int
	// moves has all move with each new one, as they do when there is no room: tests
	// find who holds on to where they were.
	moves bool
}

// room makes sure that n more can be made without allocating.
func (b *bookings) room(n int) {
	for free := len(b.all) - b.used; free < n; free++ {
		b.all = append(b.all, booking{next: b.head})
		b.head = int32(len(b.all) - 1)
	}
}

func (b *bookings) get() int32 {
	if b.head == none {
		b.room(max(64, len(b.all)))
	}
	if b.moves {
		old := b.all
		b.all = slices.Clone(old)
		clear(old)
	}
	i := b.head
	b.head = b.all[i].next
	b.used++
	return i
}

func (b *bookings) put(i int32) {
	b.all[i] = booking{next: b.head}
	b.head = i
	b.used--
}

// book adds to what a record has booked of a node.
func (p *Policy) book(g *graph, i int32, r *record, amount machine.Duration) {
	n, all := &g.nodes[i], p.pool.all
	for b := r.books; b != none; b = all[b].also {
		if all[b].node == i {
			all[b].amount += amount
			r.total += amount
			return
		}
	}
	k := p.pool.get()
	all = p.pool.all
	before, after := none, n.books
	for after != none && !r.precedes(all[after].rec) {
		before, after = after, all[after].next
	}
	all[k] = booking{rec: r, amount: amount, node: i, next: after, prev: before, also: r.books}
	r.books = k
	if before == none {
		n.books = k
	} else {
		all[before].next = k
	}
	if after != none {
		all[after].prev = k
	}
	n.count++
	r.total += amount
}

// precedes orders the bookings of a node: by deadline, the inner constraint of a
// thread before its outer one, and else in the order in which they came.
func (r *record) precedes(o *record) bool {
	return r.deadline < o.deadline || r.deadline == o.deadline && r.thread != nil && r.thread == o.thread && r.depth > o.depth
}

// unbook takes a booking away. The record's list is put right by the caller if it
// does so itself.
func (p *Policy) unbook(g *graph, k int32) {
	all := p.pool.all
	b := &all[k]
	r := b.rec
	if r.books == k {
		r.books = b.also
	} else {
		for o := r.books; ; o = all[o].also {
			if all[o].also == k {
				all[o].also = b.also
				break
			}
		}
	}
	r.total -= b.amount
	n := &g.nodes[b.node]
	if b.prev == none {
		n.books = b.next
	} else {
		all[b.prev].next = b.next
	}
	if b.next != none {
		all[b.next].prev = b.prev
	}
	n.count--
	p.pool.put(k)
}

// unbookAll takes away all that a record has booked.
func (p *Policy) unbookAll(r *record) {
	for r.books != none {
		p.unbook(p.g, r.books)
	}
}

// avail returns how much more of node n can be booked between start and deadline.
// For each interval from a start to a deadline that contains these, what is booked
// within must not exceed the node's time. Intervals that also contain all of what
// lender may use do not count, for it lends the time.
func (p *Policy) avail(n *node, start, deadline machine.Time, lender *record) machine.Duration {
	best := p.availFrom(n, start, deadline, lender, start)
	if start > p.now {
		best = min(best, p.availFrom(n, start, deadline, lender, p.now))
		for b := n.books; b != none; b = p.pool.all[b].next {
			if s := p.pool.all[b].rec.start; s > p.now && s < start {
				best = min(best, p.availFrom(n, start, deadline, lender, s))
			}
		}
	}
	return max(best, 0)
}

// availFrom is avail for the intervals that begin at from.
func (p *Policy) availFrom(n *node, start, deadline machine.Time, lender *record, from machine.Time) machine.Duration {
	best := machine.Duration(1<<63 - 1)
	base := n.cum(from)
	sum := machine.Duration(0)
	inside := false
	lent := machine.Forever
	if lender != nil && from <= max(lender.start, p.now) {
		lent = lender.deadline
	}
	all := p.pool.all
	for b := n.books; b != none; b = all[b].next {
		r := all[b].rec
		if !inside && r.deadline > deadline {
			inside = true
			if deadline < lent {
				best = min(best, n.cum(deadline)-base-sum)
			}
		}
		if max(r.start, p.now) >= from {
			sum += all[b].amount
			if r.deadline >= deadline && r.deadline < lent {
				best = min(best, n.cum(r.deadline)-base-sum)
			}
		}
	}
	if !inside && deadline < lent {
		best = min(best, n.cum(deadline)-base-sum)
	}
	return best
}

// fill books need for r in nodes of its activity, then in free ones. It returns
// what is missing.
func (p *Policy) fill(g *graph, r *record, need machine.Duration) machine.Duration {
	if a := r.act; !r.owed {
		i := a.nodes
		if g != p.g {
			i = a.tried
		}
		for ; i != none && need > 0; i = g.nodes[i].same {
			need -= p.fillNode(g, i, r, need)
		}
	}
	if need <= 0 {
		return 0
	}
	for i := g.free; i != none && need > 0; i = g.nodes[i].same {
		need -= p.fillNode(g, i, r, need)
	}
	return max(need, 0)
}

func (p *Policy) fillNode(g *graph, i int32, r *record, need machine.Duration) machine.Duration {
	n := &g.nodes[i]
	if n.count >= maxBooked {
		return 0
	}
	x := min(need, p.avail(n, max(r.start, p.now), r.deadline, nil))
	if x > 0 {
		p.book(g, i, r, x)
	}
	return x
}
