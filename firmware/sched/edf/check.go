package edf

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/mmlite/mmlite/firmware/com"
)

// Check walks the policy's state and returns com.ErrCorrupt with the first thing
// that is not as it has to be, else nil. It is for tests: it looks at everything.
func (p *Policy) Check() error {
	for _, err := range []error{p.checkHeap(&p.due), p.checkHeap(&p.timers), p.checkServers(), p.checkTasks(), p.checkAccepted()} {
		if err != nil {
			return err
		}
	}
	return nil
}

func broken(format string, args ...any) error {
	return com.Errorf(com.ErrCorrupt, "scheduler: "+format, args...)
}

func (p *Policy) checkHeap(h *heap) error {
	for i := range h.slots {
		s := &h.slots[i]
		if s.entry.in != h || s.entry.at != i {
			return broken("an entry is not where it says")
		}
		if i > 0 && s.before(&h.slots[(i-1)/2]) {
			return broken("a heap is out of order at %d", i)
		}
		switch e := s.entry; {
		case (e.server == nil) == (e.constraint == nil):
			return broken("an entry that is no promise, or two")
		case e.server != nil && s.key != e.server.deadline:
			return broken("a server at %v has deadline %v", s.key, e.server.deadline)
		case e.constraint != nil && h == &p.due && s.key != e.constraint.deadline:
			return broken("a constraint at %v has deadline %v", s.key, e.constraint.deadline)
		case e.constraint != nil && h == &p.timers && s.key != e.constraint.start:
			return broken("a constraint at %v has start %v", s.key, e.constraint.start)
		}
	}
	return nil
}

func (p *Policy) checkServers() error {
	sum := uint64(0)
	for i, s := range p.servers {
		name := s.activity.Name
		sum += s.share
		want := &p.due
		if s.budget <= 0 {
			want = &p.timers
		}
		if !s.busy() {
			want = nil
		}
		switch {
		case s.index != i || p.of[s.activity] != s:
			return broken("server %s is not where it says", name)
		case s.busy() && s.budget > s.amount:
			return broken("server %s has %v of %v", name, s.budget, s.amount)
		case s.amount < MinAmount || s.amount > s.period || s.period < MinPeriod || s.period > MaxPeriod:
			return broken("server %s has %v of every %v", name, s.amount, s.period)
		case s.share != shareOf(s.amount, s.period):
			return broken("server %s has a wrong share", name)
		case s.in != want:
			return broken("server %s, busy %v with budget %v, is in the wrong heap", name, s.busy(), s.budget)
		}
	}
	if len(p.groups) != len(p.known) {
		return broken("%d activities are counted, %d known", len(p.groups), len(p.known))
	}
	if len(p.of) != len(p.servers) {
		return broken("%d servers, %d activities", len(p.servers), len(p.of))
	}
	if sum != p.share || sum > uint64(p.cfg.Limit)*one/1000+uint64(len(p.servers)) {
		return broken("shares add up to %d, not %d", sum, p.share)
	}
	return nil
}

func (p *Policy) checkTasks() error {
	begun, turns, drives, unborn := 0, 0, 0, 0
	for i, t := range p.tasks {
		if t.group != p.groups[t.ent.Activity] {
			return broken("task %d is counted for the wrong activity", i)
		}
		held := 0
		for j := range t.depth {
			k := &t.stack[j]
			if !k.begun && !k.delayed {
				held++
				if k.in != &p.timers {
					return broken("task %d: a constraint will not begin", i)
				}
			}
			if k.rest < 0 || k.rest > k.estimate+p.cfg.Blocking || !k.accepted && k.rest != 0 {
				return broken("task %d: a rest of %v, of %v, accepted %v", i, k.rest, k.estimate, k.accepted)
			}
			if k.accepted != slices.Contains(p.accepted, k) {
				return broken("task %d: accepted or not", i)
			}
		}
		begun += t.depth
		unborn += held
		able := held == 0 && (t.runnable || t.waitsOn != nil && t.waitsOn.able)
		drive := t.driver()
		if !able {
			drive = nil
		}
		turn := t.runnable && held == 0
		if turn {
			turns++
		}
		if drive != nil {
			drives++
		}
		switch {
		case t.index != i || t.ent.Policy != any(t):
			return broken("task %d is not where it says", i)
		case t.held != held:
			return broken("task %d: held by %d, says %d", i, held, t.held)
		case t.able != able:
			return broken("task %d: able %v", i, t.able)
		case t.runnable && t.waitsOn != nil:
			return broken("task %d waits and runs", i)
		case t.drives != drive || drive != nil && drive.in != &p.due:
			return broken("task %d is driven by the wrong promise", i)
		case turn != (t.links[spare].in != nil):
			return broken("task %d has a turn: %v", i, !turn)
		case t.server != p.of[t.ent.Activity]:
			return broken("task %d is under the wrong server", i)
		case able && t.server != nil && t.links[own].in != &t.server.normal && t.links[own].in != &t.server.urgent:
			return broken("task %d is not in its server", i)
		case able && t.server != nil && t.urgent() != (t.links[own].in == &t.server.urgent):
			return broken("task %d is in the wrong queue of its server", i)
		case (!able || t.server == nil) && t.links[own].in != nil:
			return broken("task %d is in a server", i)
		}
		for w := t.waiters; w != nil; w = w.wnext {
			if w.waitsOn != t || w.wnext != nil && w.wnext.wprev != w {
				return broken("task %d: those who wait for it do not", i)
			}
		}
	}
	for _, r := range []*ring{&p.turn, &p.woken} {
		for t := r.head; t != nil; t = t.links[spare].next {
			turns--
			if t.links[spare].in != r || t.links[spare].next.links[spare].prev != t {
				return broken("a queue is torn")
			}
			if t.links[spare].next == r.head {
				break
			}
		}
	}
	for i := range p.due.slots {
		if p.due.slots[i].entry.constraint != nil {
			drives--
		}
	}
	for i := range p.timers.slots {
		if p.timers.slots[i].entry.constraint != nil {
			unborn--
		}
	}
	if begun != p.begun || turns != 0 || drives != 0 || unborn != 0 {
		return broken("constraints %d of %d, turns %+d, drives %+d, not begun %+d", p.begun, begun, turns, drives, unborn)
	}
	return nil
}

func (p *Policy) checkAccepted() error {
	if !slices.IsSortedFunc(p.accepted, func(a, b *constraint) int { return cmp.Compare(a.deadline, b.deadline) }) {
		return broken("accepted constraints out of order")
	}
	if len(p.accepted) > p.cfg.Constraints {
		return broken("%d accepted constraints", len(p.accepted))
	}
	for _, k := range p.accepted {
		if !k.accepted || k.marked {
			return broken("a constraint among the accepted is not")
		}
		for i := range k.lent {
			if k.lent[i] < 0 {
				return broken("%v were lent", k.lent[i])
			}
		}
	}
	return nil
}

// Dump describes the policy's state for people: servers, and threads with their
// constraints, in the order in which they came.
func (p *Policy) Dump() string {
	var b []byte
	b = fmt.Appendf(b, "edf: %.1f %% of %.1f %% reserved, %d constraints, %d accepted, %d promises due\n",
		float64(p.share)*100/one, float64(p.cfg.Limit)/10, p.begun, len(p.accepted), len(p.due.slots))
	for _, s := range p.servers {
		state := "idle"
		switch s.in {
		case &p.due:
			state = "due"
		case &p.timers:
			state = "used up"
		}
		b = fmt.Appendf(b, "server %s: %v of every %v, %s, %v left until %v, used %v in %d periods", s.activity.Name, s.amount, s.period,
			state, s.budget, s.deadline, s.used, s.refills)
		if s.missed > 0 {
			b = fmt.Appendf(b, ", missed %d", s.missed)
		}
		b = append(b, '\n')
	}
	for i, t := range p.tasks {
		state := "waits"
		switch {
		case t.held > 0:
			state = "held"
		case t.runnable:
			state = "ready"
		case t.able:
			state = "inherited"
		}
		b = fmt.Appendf(b, "thread %d", i)
		if a := t.ent.Activity; a != nil {
			b = fmt.Appendf(b, " (%s)", a.Name)
		}
		b = fmt.Appendf(b, ": %s, ran %v, %v of its turn left\n", state, t.ran, max(t.left, 0))
		for j := range t.depth {
			b = t.stack[j].dump(b)
		}
	}
	return string(b)
}

func (k *constraint) dump(b []byte) []byte {
	state := "not promised"
	switch {
	case k.delayed:
		state = "delayed"
	case k.accepted:
		state = "promised"
	}
	if k.critical {
		state += ", critical"
	}
	if !k.begun && !k.delayed {
		state += ", not begun"
	}
	return fmt.Appendf(b, "  constraint %s: %v of %v left, from %v to %v\n", state, k.rest, k.estimate, k.start, k.deadline)
}
