package constraint

import (
	"cmp"
	"slices"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

// Reserve gives an activity amount of every period; see sched.Policy. In any window
// of the period asked for the activity gets the amount asked for. The grant says
// by which slices: at least that fraction, of a period at most as long, which is
// the base of the timetable times a power of two. An activity keeps its reservation
// when its last thread ends, until it is given 0.
//
// The reservation is there at once, or the error says why not and nothing has
// changed: com.ErrInvalid for an amount that is negative or above the period, and
// for a period shorter than Config.MinPeriod; com.ErrQuota if there is no room, and
// com.ErrBusy if there is, but not without shorting somebody in the windows that are
// under way, so that it may be asked again in a while. With both the grant says which
// amount would fit at the moment. Other activities keep what they have in every
// window, and constraints that are promised stay so.
//
// No thread runs meanwhile. The search is bounded, and takes some microseconds for a
// timetable with room, and some milliseconds where many periods are to be fitted.
func (p *Policy) Reserve(a *sched.Activity, amount, period machine.Duration, now machine.Time) (sched.Grant, error) {
	switch {
	case a == nil:
		return sched.Grant{}, com.Errorf(com.ErrInvalid, "reservation: no activity")
	case amount < 0, amount > 0 && (period <= 0 || amount > period):
		return sched.Grant{}, com.Errorf(com.ErrInvalid, "reservation of %s: %v of every %v", a.Name, amount, period)
	case amount > 0 && period < p.cfg.MinPeriod:
		return sched.Grant{}, com.Errorf(com.ErrInvalid, "reservation of %s: a period of %v, the shortest is %v", a.Name, period, p.cfg.MinPeriod)
	}
	p.settle(now)
	act := p.lookup(a)
	if amount == 0 {
		p.unreserve(act)
		return sched.Grant{}, nil
	}
	x := ask{act, amount, period}
	if ok, busy := p.try(x, thorough, true); !ok {
		g := sched.Grant{Amount: p.fitting(x), Period: period}
		p.forget(act)
		code := com.ErrQuota
		if busy {
			code = com.ErrBusy
		}
		return g, com.Errorf(code, "reservation of %s: %v of every %v; %v would fit now", a.Name, amount, period, g.Amount)
	}
	if act.ask.act == nil {
		p.reserved = append(p.reserved, act)
	}
	act.ask, act.since = x, p.now
	for _, o := range p.reserved {
		was := o.grant
		if o.grant = p.granted(o); o.grant.Period != was.Period {
			o.ledger.tally.Restart(o.grant.Period, p.now)
		}
	}
	return act.grant, nil
}

// Reserved returns what an activity has been granted, or nothing.
func (p *Policy) Reserved(a *sched.Activity) sched.Grant {
	if act := p.acts[a]; act != nil {
		return act.grant
	}
	return sched.Grant{}
}

// granted adds up the slices of an activity, by its longest period.
func (p *Policy) granted(act *activity) sched.Grant {
	var g sched.Grant
	for i := act.nodes; i != none; i = p.g.nodes[i].same {
		g.Period = max(g.Period, p.g.nodes[i].period)
	}
	for i := act.nodes; i != none; i = p.g.nodes[i].same {
		n := &p.g.nodes[i]
		g.Amount += (n.slice - p.cfg.Allowance) * (g.Period / n.period)
	}
	return g
}

// unreserve frees the slices of an activity. What is booked in them stays.
func (p *Policy) unreserve(act *activity) {
	for i := act.nodes; i != none; i = p.g.nodes[i].same {
		p.g.nodes[i].owner = nil
	}
	act.nodes = none
	p.g.sort(func(a *activity) *int32 { return &a.nodes })
	act.rest.leave()
	act.ask, act.grant, act.since = ask{}, sched.Grant{}, -1
	act.ledger.tally.Restart(0, p.now)
	p.reserved = slices.DeleteFunc(p.reserved, func(a *activity) bool { return a == act })
	if len(p.reserved) == 0 {
		if g := p.layout(p.cfg.MaxPeriod, nil, 0); g != nil {
			g.shift(p.now)
			p.adopt(g, nil, true)
		}
	}
	p.forget(act)
}

// fitting returns the largest amount that x could have, found by halving.
func (p *Policy) fitting(x ask) machine.Duration {
	lo, hi := machine.Duration(0), x.amount
	for range 10 {
		mid := lo + (hi-lo)/2
		if mid <= lo {
			break
		}
		if ok, _ := p.try(ask{x.act, mid, x.period}, quick, false); ok {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo
}

// try looks for a timetable with x in place of what its activity has, and puts it
// in force if commit is set. busy says that there is one that cannot be put in force
// now.
func (p *Policy) try(x ask, e effort, commit bool) (ok, busy bool) {
	g := p.g
	root := g.chain(g.root, none, x.act)
	if g.base <= x.period && (len(p.reserved) > 0 && p.reserved[0] != x.act || len(p.reserved) > 1) {
		// Nobody moves but x.
		if p.insert(&root, g.base, x) {
			if n := p.assemble(g.base, g.epoch, root); len(n.nodes) <= maxNodes && p.adopt(n, nil, commit) {
				return true, false
			}
		}
	}
	asks := []ask{x}
	for _, o := range p.reserved {
		if o != x.act {
			asks = append(asks, o.ask)
		}
	}
	for _, base := range p.bases(asks, e.bases) {
		n := p.layout(base, asks, e.tries)
		if n == nil {
			continue
		}
		busy = true
		for _, epoch := range p.epochs(n, x.act, e.epochs) {
			n.shift(epoch)
			if debts, ok := p.debts(n, x.act); ok && p.adopt(n, debts, commit) {
				return true, false
			}
		}
	}
	return false, busy
}

// epochs returns times to begin a new timetable at: those at which a slice of
// somebody comes when it would have come in the old one, the next ones first.
func (p *Policy) epochs(n *graph, but *activity, most int) []machine.Time {
	type candidate struct{ next, epoch machine.Time }
	var all []candidate
	hyper := machine.Time(n.base << uint(n.depth))
	past := func(t machine.Time) machine.Time {
		if t > p.now {
			t -= (t - p.now + hyper - 1) / hyper * hyper
		}
		return t
	}
	for _, act := range p.reserved {
		if act == but {
			continue
		}
		next := p.upcoming(act)
		for i := act.tried; i != none; i = n.nodes[i].same {
			all = append(all, candidate{next, past(next - machine.Time(n.nodes[i].at))})
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(a.next, b.next) })
	var out []machine.Time
	for _, c := range all[:min(len(all), most)] {
		out = append(out, c.epoch)
	}
	return append(out, p.now)
}

// upcoming returns when the current or next slice of an activity begins, or
// machine.Forever if it has none.
func (p *Policy) upcoming(act *activity) machine.Time {
	next := machine.Forever
	for i := act.nodes; i != none; i = p.g.nodes[i].same {
		n := &p.g.nodes[i]
		at := p.g.occurrence(n, p.now)
		if at+machine.Time(n.slice) <= p.now {
			at += machine.Time(n.period)
		}
		next = min(next, at)
	}
	return next
}

// debt is what an activity would miss in the windows that both timetables are
// part of.
type debt struct {
	act    *activity
	amount machine.Duration
	by     machine.Time
}

// debts returns what is owed to activities if n takes the place of the current
// timetable now: where they would have had more by some time under the old one.
// It reports false if that comes too soon to be paid. Who has nobody ready now, or
// has reserved at this very moment, has no window that counts.
func (p *Policy) debts(n *graph, but *activity) (all []debt, ok bool) {
	for _, act := range p.reserved {
		if act == but || !act.ready() || act.since == p.now {
			continue
		}
		if all, ok = p.debtsTo(all, n, act); !ok {
			return nil, false
		}
	}
	return all, true
}

// debtsTo compares the time that both timetables give an activity up to each moment
// of the next window. As much as the new one is behind at some time is owed by the
// moment at which it begins to be.
func (p *Policy) debtsTo(all []debt, n *graph, act *activity) ([]debt, bool) {
	horizon := p.now.Add(min(act.ask.period, p.cfg.MaxPeriod))
	var times []machine.Time
	sum := func(g *graph, head int32, t machine.Time) (total machine.Duration) {
		for i := head; i != none; i = g.nodes[i].same {
			total += g.nodes[i].cum(t)
		}
		return total
	}
	collect := func(g *graph, head int32) {
		for i := head; i != none; i = g.nodes[i].same {
			o := &g.nodes[i]
			for at := g.occurrence(o, p.now) + machine.Time(o.slice-o.useful); at < horizon; at += machine.Time(o.period) {
				times = append(times, at, at+machine.Time(o.useful))
			}
		}
	}
	collect(p.g, act.nodes)
	collect(n, act.tried)
	times = append(times, horizon)
	slices.Sort(times)
	before, after := sum(p.g, act.nodes, p.now), sum(n, act.tried, p.now)
	most, last := machine.Duration(0), p.now
	for _, t := range times {
		if t <= p.now || t > horizon {
			continue
		}
		behind := sum(p.g, act.nodes, t) - before - (sum(n, act.tried, t) - after)
		if more := behind - most; more > 0 {
			d := debt{act, more, max(last, t-machine.Time(more))}
			if d.by.Sub(p.now) < more {
				return nil, false
			}
			all = append(all, d)
			most = behind
		}
		last = t
	}
	return all, true
}

// adopt books everything that is promised anew in g, and what is owed besides, and
// puts g in force if that succeeds and commit is set. If not, nothing has changed.
func (p *Policy) adopt(g *graph, debts []debt, commit bool) bool {
	var owed []*record
	for _, d := range debts {
		r := p.newRecord()
		r.act, r.start, r.deadline, r.estimate, r.need, r.owed = d.act, p.now, d.by, d.amount, d.amount, true
		d.act.residues++
		p.residues++
		r.total = p.want(r) // of nothing yet
		p.deadlines.add(&r.due, r.deadline)
		owed = append(owed, r)
	}
	var all []*record
	for _, x := range p.deadlines.heap {
		r := x.rec
		r.old, r.oldTotal = r.books, r.total
		r.books, r.total = none, 0
		all = append(all, r)
	}
	slices.SortStableFunc(all, func(a, b *record) int {
		return cmp.Or(cmp.Compare(a.deadline, b.deadline), cmp.Compare(a.due.seq, b.due.seq))
	})
	ok := true
	for _, r := range all {
		if p.fill(g, r, r.oldTotal) > 0 {
			ok = false
			break
		}
	}
	if ok && commit {
		for _, r := range all {
			for k := r.old; k != none; {
				following := p.pool.all[k].also
				p.pool.put(k)
				k = following
			}
			r.old = none
		}
		p.install(g)
		return true
	}
	for _, r := range all {
		for r.books != none {
			p.unbook(g, r.books)
		}
		r.books, r.total, r.old = r.old, r.oldTotal, none
	}
	for _, r := range owed {
		r.total = 0
		p.drop(r)
	}
	return ok
}
