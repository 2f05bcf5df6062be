package lanes

import "github.com/mmlite/mmlite/firmware/machine"

// detail is how much time the lower part of a picture shows unless it is told.
const detail = 100 * machine.Millisecond

// window returns what the lanes show: what was asked for, or else some time around
// the first failure, the first miss, or the beginning.
func (p *Picture) window(o *Options) Span {
	from, to := p.Bounds()
	if o.From != 0 || o.To != 0 {
		w := Span{from.Add(o.From), from.Add(o.To)}
		if o.To == 0 {
			w.To = to
		}
		return w
	}
	if to.Sub(from) <= detail+detail/2 {
		return Span{from, to}
	}
	at, found := p.first(to, (*Constraint).Failed)
	if !found {
		at, found = p.first(to, (*Constraint).Missed)
	}
	start := from
	if found {
		start = max(from, at.Add(-detail/2))
	}
	start = min(start, to.Add(-detail))
	return Span{start, start.Add(detail)}
}

// first returns the earliest deadline of the constraints for which is holds.
func (p *Picture) first(now machine.Time, is func(*Constraint, machine.Time) bool) (at machine.Time, found bool) {
	at = machine.Forever
	for i := range p.Lanes {
		for k := range p.Lanes[i].Constraints {
			if c := &p.Lanes[i].Constraints[k]; is(c, now) {
				at, found = min(at, c.Deadline), true
			}
		}
	}
	return at, found
}
