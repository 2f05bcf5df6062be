package constraint

import (
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

// Accounts tells what activities were promised; see sched.Accountant.
func (p *Policy) Accounts(now machine.Time, yield func(*sched.Account) bool) {
	for l := p.known.head; l != nil; {
		act := l.of.act
		x := &l.of.account
		x.Activity, x.Asked, x.Granted = act.a, sched.Grant{Amount: act.ask.amount, Period: act.ask.period}, act.grant
		x.Window, x.Last = act.ask.period, l.of.tally.Last(now)
		if !yield(x) {
			return
		}
		if l = l.next; l == p.known.head {
			return
		}
	}
}

// Right returns by what right e runs, whom the last Pick returned.
func (p *Policy) Right(e *sched.Entity) sched.Right {
	if t := p.cur.thread; t == nil || t.e != e {
		return sched.RightNone
	}
	return [...]sched.Right{booked: sched.RightBooked, own: sched.RightOwn, missed: sched.RightStandby, spare: sched.RightSpare, idle: sched.RightNone}[p.cur.kind]
}

// answered counts what a constraint was told.
func (r *record) answered() {
	r.yes = r.promised()
	switch l := r.act.ledger; {
	case l == nil:
	case r.yes:
		l.account.Accepted++
	default:
		l.account.Refused++
	}
}

// ended counts a constraint that was promised and is ended too late.
func (r *record) ended(now machine.Time) {
	if l := r.act.ledger; l != nil && r.yes && now > r.deadline {
		l.account.Missed++
	}
}

// tallied adds up what activities with reservations get: the one that t runs on
// behalf of, and the one by whose right it runs in the place of another.
func (p *Policy) tallied(t *thread, used machine.Duration, now machine.Time) {
	if t.act.ask.act != nil {
		t.act.ledger.tally.Add(used, now)
	}
	if act := p.cur.act; act != t.act && p.cur.thread == t && p.cur.kind <= own && act.ask.act != nil {
		act.ledger.tally.Add(used, now)
	}
}

// Slices calls yield for each reserved slice of the timetable, as it is now, between
// two times, in order, until it returns false. It is for pictures.
func (p *Policy) Slices(from, to machine.Time, yield func(a *sched.Activity, from, to machine.Time) bool) {
	g := p.g
	pass := int64(from-g.epoch) / int64(g.base)
	if from < g.epoch {
		pass--
	}
	for at := g.epoch + machine.Time(pass*int64(g.base)); at < to; pass++ {
		for i := g.enter(g.root, pass); i != none && at < to; i = g.enter(g.nodes[i].next, pass) {
			n := &g.nodes[i]
			end := at + machine.Time(n.slice)
			if n.owner != nil && end > from && !yield(n.owner.a, max(at, from), min(end, to)) {
				return
			}
			at = end
		}
	}
}
