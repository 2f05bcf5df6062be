package edf

import (
	"cmp"
	"slices"

	"github.com/mmlite/mmlite/firmware/machine"
)

// demand is the most that a server can ask for: amount by the time at, and its
// share from there on.
type demand struct {
	at     machine.Time
	amount machine.Duration
	share  uint64
}

// demand returns what a server may ask for from now on. An idle one can wake at any
// time; the most it can ask for then is as if it woke now.
func (s *server) demand(now machine.Time) demand {
	if !s.busy() && s.stale(now) {
		return demand{now.Add(s.period), s.amount, s.share}
	}
	return demand{s.deadline, max(s.budget, 0), s.share}
}

// lag returns by how much at most servers are behind their shares.
func (p *Policy) lag(now machine.Time) (sum machine.Duration) {
	for i := range p.due.slots {
		s := p.due.slots[i].entry.server
		if s == nil {
			continue
		}
		left := s.deadline.Sub(now)
		if left < 0 {
			sum += s.budget + part(s.share, -left)
			continue
		}
		// The product is below 2^62: no share is above 2^32, no time left above a
		// period. Rounding the share's part down makes the lag larger.
		if v := s.budget - machine.Duration(s.share*uint64(left)>>32); v > 0 {
			sum += v
		}
	}
	return sum
}

// pledge is what an accepted constraint can still ask for. That of one whose thread waits
// is kept for it as long as it could be used, but not against another that wakes
// up.
func (c *constraint) pledge(now machine.Time, waking bool) machine.Duration {
	if c.begun && !c.task.able {
		if waking {
			return 0
		}
		return min(c.rest, max(c.deadline.Sub(now), 0))
	}
	return c.rest
}

// feasible reports whether all that is promised can be done, if it was before a
// demand with the given start and deadline was added to it. With waking, the rests of other
// threads that wait do not count.
func (p *Policy) feasible(start, deadline, now machine.Time, waking bool) bool {
	sum := p.cfg.Blocking + p.lag(now)
	fits := true
	for _, c := range p.accepted {
		sum += c.pledge(now, waking)
		if c.deadline >= deadline && c.deadline > now {
			if d := c.deadline.Sub(now); sum+part(p.share, d) > d {
				fits = false
				break
			}
		}
	}
	// The servers' lags were counted as if all were due at once, which is quick and
	// too much.
	if !fits && !p.feasibleFrom(deadline, now, waking) {
		return false
	}
	return p.feasibleLater(start, deadline, now, waking)
}

// feasibleAll is feasible for all times from now on.
func (p *Policy) feasibleAll(now machine.Time) bool {
	return p.feasibleFrom(now, now, false) && p.feasibleLater(machine.Forever, now, now, false)
}

// feasibleFrom tests the intervals that begin now and end at the given time or later.
// What is asked for grows at deadlines by what is due, and in between by the servers'
// shares, which together are below one; so deadlines are all that need be tested.
func (p *Policy) feasibleFrom(from, now machine.Time, waking bool) bool {
	ds := p.scratch[:0]
	for _, s := range p.servers {
		ds = append(ds, s.demand(now))
	}
	slices.SortFunc(ds, func(a, b demand) int { return cmp.Compare(a.at, b.at) })
	sum, share, last := p.cfg.Blocking, uint64(0), now
	i := 0
	advance := func(to machine.Time) {
		if to > last {
			sum += part(share, to.Sub(last))
			last = to
		}
	}
	upTo := func(end machine.Time) bool {
		for ; i < len(ds) && ds[i].at <= end; i++ {
			d := ds[i]
			advance(d.at)
			sum += d.amount
			if d.at < now {
				sum += part(d.share, now.Sub(d.at))
			}
			share += d.share
			next := i+1 == len(ds) || ds[i+1].at != d.at
			if next && d.at >= from && d.at > now && sum > d.at.Sub(now) {
				return false
			}
		}
		return true
	}
	for k, c := range p.accepted {
		if !upTo(c.deadline) {
			return false
		}
		advance(c.deadline)
		sum += c.pledge(now, waking)
		if k+1 < len(p.accepted) && p.accepted[k+1].deadline == c.deadline {
			continue
		}
		if c.deadline >= from && c.deadline > now && sum > c.deadline.Sub(now) {
			return false
		}
	}
	return upTo(machine.Forever)
}

// feasibleLater tests the intervals that begin with accepted constraints after now, up to start,
// and end at the given deadline or later. Servers ask for no more than their share of each.
func (p *Policy) feasibleLater(start, deadline, now machine.Time, waking bool) bool {
	// The shortest interval, with the demand of the longest: quick, and too much.
	sum, fits := p.cfg.Blocking, true
	for _, c := range p.accepted {
		if c.begun {
			continue
		}
		sum += c.pledge(now, waking)
		if c.deadline >= deadline {
			if d := c.deadline.Sub(start); sum+part(p.share, d) > d {
				fits = false
				break
			}
		}
	}
	if fits {
		return true
	}
	for _, first := range p.accepted {
		if first.begun || first.start <= now || first.start > start {
			continue
		}
		sum := p.cfg.Blocking
		for _, c := range p.accepted {
			if c.begun || c.start < first.start {
				continue
			}
			sum += c.pledge(now, waking)
			if c.deadline >= deadline {
				if d := c.deadline.Sub(first.start); sum+part(p.share, d) > d {
					return false
				}
			}
		}
	}
	return true
}
