package constraint

import (
	"fmt"
	"strings"
)

// Dump returns the timetable as text: a line for each node in the order of the walk,
// with its bookings below.
func (p *Policy) Dump() string {
	d := dumper{p: p}
	d.printf("base %v, epoch %v, now %v in node %d, %d reservations\n", p.g.base, p.g.epoch, p.now, p.node, len(p.reserved))
	d.chain(p.g.root, none, "")
	for _, act := range p.reserved {
		d.printf("%s: asked for %v of every %v, has %v of every %v\n", act.a.Name, act.ask.amount, act.ask.period, act.grant.Amount, act.grant.Period)
	}
	return d.String()
}

type dumper struct {
	strings.Builder
	p *Policy
}

func (d *dumper) printf(format string, args ...any) {
	fmt.Fprintf(d, format, args...)
}

func (d *dumper) chain(i, after int32, indent string) {
	for i != after {
		n := &d.p.g.nodes[i]
		what := "free"
		switch {
		case n.branch:
			what = "branch"
		case n.owner != nil:
			what = n.owner.a.Name
		case n.kept:
			what = "kept free"
		}
		d.printf("%snode %d: %v of every %v at %v, %s\n", indent, i, n.slice, n.period, n.at, what)
		for b := n.books; b != none; b = d.p.pool.all[b].next {
			x := d.p.pool.all[b]
			who := "what was left"
			if t := x.rec.thread; t != nil {
				who = fmt.Sprint(t.e.Owner)
			}
			d.printf("%s  booked %v from %v to %v for %s\n", indent, x.amount, x.rec.start, x.rec.deadline, who)
		}
		if n.branch {
			d.chain(n.child[0], n.next, indent+"  0 ")
			d.chain(n.child[1], n.next, indent+"  1 ")
		}
		i = n.next
	}
}
