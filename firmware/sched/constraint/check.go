package constraint

import (
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
)

// Check walks all that the policy keeps and returns an error of com.ErrCorrupt that
// names the first thing that is not as it must be. It is for tests; its time grows
// with everything there is.
func (p *Policy) Check() error {
	for _, check := range []func() error{p.checkGraph, p.checkReservations, p.checkBookings, p.checkRecords, p.checkQueues} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func corrupt(format string, args ...any) error { return com.Errorf(com.ErrCorrupt, format, args...) }

// checkGraph walks each pass of the hyperperiod.
func (p *Policy) checkGraph() error {
	g := p.g
	if p.now < p.nodeFrom || p.now >= p.nodeEnd {
		return corrupt("the current node is from %v to %v, and it is %v", p.nodeFrom, p.nodeEnd, p.now)
	}
	if p.quiet <= p.now || p.quiet > min(p.nodeEnd, p.starts.first(), p.deadlines.first()) {
		return corrupt("it is quiet until %v, and it is %v", p.quiet, p.now)
	}
	visits := make([]int32, len(g.nodes))
	for pass := range int64(1) << uint(g.depth) {
		at := machine.Duration(pass) * g.base
		i := g.enter(g.root, pass)
		for steps := 0; i != none; steps++ {
			n := &g.nodes[i]
			if steps > len(g.nodes) || n.slice <= 0 {
				return corrupt("node %d: slice %v after %d steps", i, n.slice, steps)
			}
			if n.period != g.base<<uint(n.level) || at%n.period != n.at {
				return corrupt("node %d: period %v at %v, and its place is %v", i, n.period, n.at, at%n.period)
			}
			if n.first != g.epoch+machine.Time(n.at+n.slice-n.useful) || n.useful != max(n.slice-p.cfg.Allowance, 0) {
				return corrupt("node %d: %v of %v are useful from %v on", i, n.useful, n.slice, n.first)
			}
			visits[i]++
			at += n.slice
			i = g.enter(n.next, pass)
		}
		if at != machine.Duration(pass+1)*g.base {
			return corrupt("pass %d is %v long, not %v", pass, at-machine.Duration(pass)*g.base, g.base)
		}
	}
	for i := range g.nodes {
		if n := &g.nodes[i]; !n.branch && visits[i] != 1<<uint(g.depth-int(n.level)) {
			return corrupt("node %d of every %v is passed %d times in %v", i, n.period, visits[i], g.base<<uint(g.depth))
		}
	}
	return nil
}

// checkReservations compares the slices with what was granted, and that with what
// was asked for.
func (p *Policy) checkReservations() error {
	var sum float64
	for _, act := range p.reserved {
		if act.nodes == none || act.ask.act != act {
			return corrupt("activity %s has a reservation and no slice", act.a.Name)
		}
		for i := act.nodes; i != none; i = p.g.nodes[i].same {
			n := &p.g.nodes[i]
			if n.owner != act || n.branch || n.kept {
				return corrupt("node %d is not of activity %s", i, act.a.Name)
			}
			sum += float64(n.slice) / float64(n.period)
		}
		g := act.grant
		if g != p.granted(act) {
			return corrupt("activity %s was granted %v of %v, and has %v", act.a.Name, g.Amount, g.Period, p.granted(act))
		}
		if g.Period > act.ask.period || g.Amount < share(act.ask.amount, act.ask.period, g.Period) {
			return corrupt("activity %s asked for %v of %v, and has %v of %v", act.a.Name, act.ask.amount, act.ask.period, g.Amount, g.Period)
		}
	}
	if sum > float64(p.cfg.Limit)/1000+1e-6 {
		return corrupt("%.1f %% are reserved", 100*sum)
	}
	return nil
}

// checkBookings looks whether what is booked of each node is feasible.
func (p *Policy) checkBookings() error {
	all := p.pool.all
	used := 0
	for i := range p.g.nodes {
		n := &p.g.nodes[i]
		count := int32(0)
		prev := none
		for b := n.books; b != none; b = all[b].next {
			r := all[b].rec
			if all[b].node != int32(i) || all[b].prev != prev || all[b].amount <= 0 {
				return corrupt("node %d: booking of %v, of node %d", i, all[b].amount, all[b].node)
			}
			if prev != none && r.deadline < all[prev].rec.deadline {
				return corrupt("node %d: bookings are out of order", i)
			}
			if !r.promised() || n.branch {
				return corrupt("node %d: booked for a constraint that is not promised", i)
			}
			if n.owner != nil && n.owner != r.act {
				return corrupt("node %d of %s: booked for another", i, n.owner.a.Name)
			}
			from := max(r.start, p.now)
			for d := n.books; d != none; d = all[d].next {
				to := all[d].rec.deadline
				if to <= from {
					continue
				}
				if sum := p.within(n, from, to); sum > n.cum(to)-n.cum(from) {
					return corrupt("node %d: %v are booked from %v to %v, which has %v", i, sum, from, to, n.cum(to)-n.cum(from))
				}
			}
			prev = b
			count++
		}
		if count != n.count {
			return corrupt("node %d has %d bookings, not %d", i, count, n.count)
		}
		used += int(count)
	}
	if used != p.pool.used {
		return corrupt("%d bookings are in use, not %d", used, p.pool.used)
	}
	return nil
}

// within adds up what is booked of n inside an interval.
func (p *Policy) within(n *node, from, to machine.Time) (sum machine.Duration) {
	all := p.pool.all
	for b := n.books; b != none; b = all[b].next {
		if r := all[b].rec; max(r.start, p.now) >= from && r.deadline <= to {
			sum += all[b].amount
		}
	}
	return sum
}

func (p *Policy) checkRecords() error {
	for i, x := range p.deadlines.heap {
		r := x.rec
		if x != &r.due || x.index != i+1 || x.at != r.deadline || r.deadline <= p.now {
			return corrupt("a promised constraint has its deadline at %v, and it is %v", r.deadline, p.now)
		}
		total := machine.Duration(0)
		for k := r.books; k != none; k = p.pool.all[k].also {
			if p.pool.all[k].rec != r {
				return corrupt("a booking has two constraints")
			}
			total += p.pool.all[k].amount
		}
		if total != r.total || r.thread != nil && total > p.want(r) {
			return corrupt("%v are booked for a constraint that says %v and wants %v", total, r.total, p.want(r))
		}
	}
	for i, x := range p.starts.heap {
		if r := x.rec; x != &r.begin || x.index != i+1 || r.start <= p.now || r.thread == nil || !r.thread.held {
			return corrupt("a constraint waits for its start at %v, and it is %v", r.start, p.now)
		}
	}
	return nil
}

func (p *Policy) checkQueues() error {
	check := func(q *list[activity]) error {
		for l := q.head; l != nil; {
			if act := l.of; l.in != q || !act.ready() || &act.rr != l {
				return corrupt("an activity with nobody ready takes its turn")
			}
			if l = l.next; l == q.head {
				break
			}
		}
		return nil
	}
	if err := check(&p.ring); err != nil {
		return err
	}
	if err := check(&p.woken); err != nil {
		return err
	}
	for _, act := range p.acts {
		if act.ready() != (act.rr.in != nil) {
			return corrupt("activity %s is ready and has no turn, or is not and has", act.a.Name)
		}
		for _, q := range []*list[thread]{&act.run, &act.urgent} {
			for l := q.head; l != nil; {
				if t := l.of; !t.ready || t.held || t.act != act || (q == &act.urgent) != (t.top != nil && !t.top.promised() && !t.top.delayed) {
					return corrupt("a thread of activity %s is in the wrong queue", act.a.Name)
				}
				if l = l.next; l == q.head {
					break
				}
			}
		}
	}
	return nil
}
