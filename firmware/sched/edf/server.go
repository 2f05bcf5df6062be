package edf

import (
	"math/bits"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

// server is a constant-bandwidth server: the reservation of an activity.
type server struct {
	entry
	// Admission looks at these of all servers: they share a cache line with the entry.
	share    uint64           // amount/period in units of 2^-32, rounded up
	budget   machine.Duration // what is left; less than 0 after an overrun
	deadline machine.Time

	activity       *sched.Activity
	group          *group
	index          int // in Policy.servers
	amount, period machine.Duration

	urgent, normal ring // its threads that can run: those in unkept constraints, the others

	used    machine.Duration // time charged to its budget
	refills uint64
	missed  uint64 // periods it lost because somebody did not give way
}

const one = 1 << 32 // a share of the whole processor

func shareOf(amount, period machine.Duration) uint64 {
	return (uint64(amount)<<32 + uint64(period) - 1) / uint64(period)
}

// part returns the share of a span, rounded up, and 0 for spans below 0.
func part(share uint64, d machine.Duration) machine.Duration {
	if d <= 0 {
		return 0
	}
	hi, lo := bits.Mul64(share, uint64(d))
	lo, carry := bits.Add64(lo, one-1, 0)
	hi += carry
	return machine.Duration(hi<<32 | lo>>32)
}

func (s *server) busy() bool { return s.urgent.head != nil || s.normal.head != nil }

// stale reports whether a server that was idle has to start anew: its budget is
// more than its share of the time left.
func (s *server) stale(now machine.Time) bool {
	left := s.deadline.Sub(now)
	if left <= 0 {
		return true
	}
	return int64(s.budget)*int64(s.period) > int64(left)*int64(s.amount) // none is above a second
}

// renew gives a full budget until a period from now. What was taken too much before
// is taken from it, unless that was longer ago than a period.
func (s *server) renew(now machine.Time) {
	debt := min(s.budget, 0)
	if s.deadline.Add(s.period) <= now {
		debt = 0
	}
	s.budget = max(s.amount+debt, 0)
	s.deadline = now.Add(s.period)
	s.refills++
}

// refill is the end of a period of a busy server, its deadline.
func (s *server) refill(now machine.Time) {
	if now.Sub(s.deadline) >= s.period {
		s.missed += uint64(now.Sub(s.deadline) / s.period)
		s.renew(now)
		return
	}
	s.budget = min(s.budget+s.amount, s.amount)
	s.deadline = s.deadline.Add(s.period)
	s.refills++
}

// place puts a server into the heap where it belongs: by its deadline among what is
// due, if it has budget, or among the timers for its next budget.
func (p *Policy) place(s *server) {
	if s.in != nil {
		s.in.remove(&s.entry)
	}
	if !s.busy() {
		return
	}
	p.seq++
	if s.budget > 0 {
		p.due.push(&s.entry, s.deadline, p.seq)
	} else {
		p.timers.push(&s.entry, s.deadline, p.seq)
	}
}

// join puts t among the threads of its server that can run, or takes it out.
func (p *Policy) join(t *task, now machine.Time) {
	s := t.server
	if s == nil {
		return
	}
	if !t.able {
		p.leave(t, now)
		return
	}
	r := &s.normal
	if t.urgent() {
		r = &s.urgent
	}
	switch t.links[own].in {
	case r:
		return
	case nil:
		idle := !s.busy()
		t.ownLeft = p.cfg.Quantum
		r.push(t)
		if idle {
			if s.stale(now) {
				s.renew(now)
			}
			p.place(s)
		}
	default:
		r.last(t)
	}
}

// leave takes t out of its server, which becomes idle after the last.
func (p *Policy) leave(t *task, now machine.Time) {
	r := t.links[own].in
	if r == nil {
		return
	}
	r.remove(t)
	if !t.server.busy() {
		p.place(t.server)
	}
}

// Reserve gives an activity amount of every period. An activity with threads that can run
// begins a period at once, if all other promises can be kept then, or else with the
// end of the periods that have begun. Amounts below MinAmount are raised, periods
// above MaxPeriod are scaled down with their amount. The errors are com.ErrInvalid
// for an amount below 0 or above the period, or a period below MinPeriod;
// com.ErrQuota if it does not fit, and then the grant says what would and nothing
// has changed.
func (p *Policy) Reserve(a *sched.Activity, amount, period machine.Duration, now machine.Time) (sched.Grant, error) {
	switch {
	case a == nil:
		return sched.Grant{}, com.Errorf(com.ErrInvalid, "reservation: for no activity")
	case amount == 0:
		p.cancel(a, now)
		return sched.Grant{Period: max(period, 0)}, nil
	case amount < 0 || amount > period:
		return sched.Grant{}, com.Errorf(com.ErrInvalid, "reservation: %v of every %v", amount, period)
	case period < MinPeriod:
		return sched.Grant{}, com.Errorf(com.ErrInvalid, "reservation: period %v is below %v", period, MinPeriod)
	}
	asked := sched.Grant{Amount: amount, Period: period}
	if period > MaxPeriod {
		hi, lo := bits.Mul64(uint64(amount), uint64(MaxPeriod))
		q, r := bits.Div64(hi, lo, uint64(period))
		if r > 0 {
			q++
		}
		amount, period = machine.Duration(q), MaxPeriod
	}
	amount = max(amount, MinAmount)
	p.catchUp(now)
	granted := sched.Grant{Amount: amount, Period: period}

	s := p.of[a]
	var was server
	if s != nil {
		was = *s
	} else {
		s = &server{activity: a, group: p.enlist(a), index: len(p.servers), deadline: now}
		s.entry.server = s
		s.urgent.link, s.normal.link = own, own
		p.servers = append(p.servers, s)
		p.of[a] = s
		if cap(p.scratch) < len(p.servers) {
			p.scratch = make([]demand, 0, 2*len(p.servers))
		}
		p.room()
	}
	others := p.share - s.share
	if p.grant(s, &was, others, amount, period, now) {
		for _, t := range p.tasks {
			if t.server == nil && t.ent.Activity == a {
				t.server = s
				p.settle(t, now)
			}
		}
		p.place(s)
		s.group.reserved(asked, granted, now)
		return granted, nil
	}
	// The largest amount that fits, by halving: what fits is an interval from 0 on.
	lo, hi := machine.Duration(0), amount
	for hi-lo > 1 {
		if mid := lo + (hi-lo)/2; mid >= MinAmount && p.grant(s, &was, others, mid, period, now) {
			lo = mid
		} else if mid < MinAmount {
			lo = mid
		} else {
			hi = mid
		}
	}
	if lo < MinAmount {
		lo = 0
	}
	s.amount, s.period, s.share, s.budget, s.deadline = was.amount, was.period, was.share, was.budget, was.deadline
	p.share = others + was.share
	if was.activity == nil {
		p.drop(s)
	}
	return sched.Grant{Amount: lo, Period: period}, com.Errorf(com.ErrQuota, "reservation: %v of every %v does not fit, %v would", amount, period, lo)
}

// grant sets a server's parameters, and reports whether all promises can be kept
// with them.
func (p *Policy) grant(s, was *server, others uint64, amount, period machine.Duration, now machine.Time) bool {
	s.amount, s.period, s.share = amount, period, shareOf(amount, period)
	p.share = others + s.share
	if p.share > uint64(p.cfg.Limit)*one/1000+uint64(len(p.servers)) { // each is rounded up
		return false
	}
	s.budget, s.deadline = amount, now.Add(period)
	if p.feasibleAll(now) {
		return true
	}
	if was.activity != nil && was.deadline > now && was.budget <= amount && was.deadline <= now.Add(period) {
		s.budget, s.deadline = was.budget, was.deadline
		if p.feasibleAll(now) {
			return true
		}
	}
	s.budget, s.deadline = 0, now
	for _, o := range p.servers {
		if o != s && o.busy() {
			s.deadline = max(s.deadline, o.deadline)
		}
	}
	return p.feasibleAll(now)
}

// cancel ends the reservation of an activity, if it has one.
func (p *Policy) cancel(a *sched.Activity, now machine.Time) {
	s := p.of[a]
	if s == nil {
		return
	}
	for _, t := range p.tasks {
		if t.server == s {
			p.leave(t, now)
			t.server = nil
		}
	}
	p.share -= s.share
	s.group.reserved(sched.Grant{}, sched.Grant{}, now)
	p.drop(s)
	if p.running.entry == &s.entry {
		p.running.entry, p.running.on = nil, nil
	}
}

func (p *Policy) drop(s *server) {
	last := len(p.servers) - 1
	p.servers[s.index] = p.servers[last]
	p.servers[s.index].index = s.index
	p.servers[last] = nil
	p.servers = p.servers[:last]
	delete(p.of, s.activity)
	p.dismiss(s.group)
}
