package edf

import (
	"math"
	"slices"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

// group is what is counted of an activity that has threads or a reservation.
type group struct {
	sched.Account
	tally sched.Tally
	users int // threads, and one for a reservation
}

// enlist returns the group of an activity, with one more user.
func (p *Policy) enlist(a *sched.Activity) *group {
	if a == nil {
		return nil
	}
	g := p.groups[a]
	if g == nil {
		g = &group{Account: sched.Account{Activity: a}}
		p.groups[a] = g
		p.known = append(p.known, g)
	}
	g.users++
	return g
}

// dismiss takes one user from a group, which is forgotten after the last.
func (p *Policy) dismiss(g *group) {
	if g == nil {
		return
	}
	if g.users--; g.users == 0 {
		delete(p.groups, g.Activity)
		i := slices.Index(p.known, g)
		p.known = slices.Delete(p.known, i, i+1)
	}
}

// reserved notes a reservation, or its end. A window that holds n amounts whatever
// happens is as long as n+1 periods, less one amount.
func (g *group) reserved(asked, granted sched.Grant, now machine.Time) {
	g.Asked, g.Granted, g.Window = asked, granted, 0
	if granted.Amount > 0 {
		n := (asked.Amount-1)/granted.Amount + 1
		if g.Window = math.MaxInt64; n < math.MaxInt64/granted.Period-1 {
			g.Window = (n+1)*granted.Period - granted.Amount
		}
	}
	g.tally.Restart(granted.Period, now)
}

// answered counts what a constraint was told.
func (k *constraint) answered() {
	g := k.task.group
	if k.yes = k.accepted; g == nil {
		return
	}
	if k.accepted {
		g.Accepted++
	} else {
		g.Refused++
	}
}

// ended counts a constraint that was promised and is ended too late.
func (k *constraint) ended(now machine.Time) {
	if g := k.task.group; g != nil && k.yes && now > k.deadline {
		g.Missed++
	}
}

// Accounts tells what activities were promised; see sched.Accountant.
func (p *Policy) Accounts(now machine.Time, yield func(*sched.Account) bool) {
	for _, g := range p.known {
		g.Last = g.tally.Last(now)
		if !yield(&g.Account) {
			return
		}
	}
}

// Right returns by what right e runs, whom the last Pick returned: an accepted
// constraint's, its reservation's or none but spare time.
func (p *Policy) Right(e *sched.Entity) sched.Right {
	r := &p.running
	if r.task == nil || r.task.ent != e {
		return sched.RightNone
	}
	switch {
	case r.entry == nil:
		return sched.RightSpare
	case r.entry.constraint != nil:
		return sched.RightBooked
	}
	return sched.RightOwn
}
