package main

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/tools/internal/lanes"
)

func sortEvents(e *events) {
	slices.SortStableFunc(e.waits, func(a, b wait) int { return cmp.Compare(a.from, b.from) })
	slices.SortStableFunc(e.constraints, func(a, b constraintEvent) int { return cmp.Compare(a.start, b.start) })
}

// picture makes the lanes of a recording, a lane for each activity of a processor.
func (r *recording) picture(played []*events) *lanes.Picture {
	p := &lanes.Picture{From: r.from, To: r.to}
	for i, k := range r.tracks {
		title := k.processor + ", " + k.policy
		if i == 0 {
			p.Title = r.card + ": " + lanes.Short(r.to.Sub(r.from))
		}
		if n := k.lost(); n > 0 {
			p.Notes = append(p.Notes, fmt.Sprintf("%s: %d records were lost; nothing is shown where they are missing", k.processor, n))
		}
		if k.advice != "" {
			p.Notes = append(p.Notes, fmt.Sprintf("%s: %s", k.processor, k.advice))
		}
		p.Lanes = append(p.Lanes, k.lanes(title, played[i])...)
	}
	p.Sort()
	return p
}

// lanes makes the lanes of a processor: activities with promises first, then those
// that used most.
func (k *track) lanes(group string, e *events) []lanes.Lane {
	byNumber := map[uint16]*lanes.Lane{}
	var list []*lanes.Lane
	lane := func(activity uint16) *lanes.Lane {
		l := byNumber[activity]
		if l == nil {
			l = &lanes.Lane{Group: group, Name: k.activity(activity)}
			g := k.reserved[l.Name]
			l.Amount, l.Period = g.Amount, g.Period
			byNumber[activity] = l
			list = append(list, l)
		}
		return l
	}
	used := map[*lanes.Lane]machine.Duration{}
	for i := range e.slices {
		s := &e.slices[i]
		l := lane(s.activity)
		l.Runs = append(l.Runs, lanes.Run{From: s.from, To: s.to, Right: s.right})
		if s.right == sched.RightOwn && s.granted > 0 {
			// What is left of the slice is reserved, too, even if it is not used.
			l.Slices = append(l.Slices, lanes.Span{From: s.from, To: max(s.from.Add(s.granted), s.to)})
		}
		used[l] += s.to.Sub(s.from)
	}
	for _, w := range e.waits {
		l := lane(w.activity)
		l.Waits = append(l.Waits, lanes.Span{From: w.from, To: w.to})
	}
	for i := range e.constraints {
		c := &e.constraints[i]
		if c.delayed {
			continue // it waits for an event
		}
		l := lane(c.activity)
		verdict := lanes.Promised
		if !c.promised {
			verdict = lanes.Refused
		}
		l.Constraints = append(l.Constraints, lanes.Constraint{
			Thread: k.thread(c.thread), Start: c.start, Deadline: c.deadline, Estimate: c.estimate, End: c.end, Used: c.taken, Verdict: verdict,
		})
	}
	slices.SortStableFunc(list, func(a, b *lanes.Lane) int {
		promised := func(l *lanes.Lane) int {
			if l.Amount > 0 || len(l.Constraints) > 0 {
				return 0
			}
			return 1
		}
		return cmp.Or(cmp.Compare(promised(a), promised(b)), cmp.Compare(used[b], used[a]))
	})
	out := make([]lanes.Lane, len(list))
	for i, l := range list {
		out[i] = *l
	}
	return out
}

func (k *track) activity(n uint16) string {
	if name := k.acts[n]; name != "" {
		return name
	}
	if n == 0 {
		return "(none)"
	}
	return fmt.Sprintf("activity %d", n)
}

func (k *track) thread(n uint32) string {
	if name := k.threads[n]; name != "" {
		return name
	}
	return fmt.Sprintf("thread %d", n)
}
