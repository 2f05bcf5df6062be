package main

import (
	"fmt"
	"os"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched/simulate"
	"github.com/mmlite/mmlite/tools/internal/lanes"
)

// writeSimPicture draws the beginning of a simulated run, as far as it was kept,
// to a PNG file. With from and to both 0 it shows some time around the first miss.
func writeSimPicture(path string, r *simulate.Result, from, to machine.Time) error {
	p := simLanes(r)
	return writeFile(path, func(f *os.File) error {
		return p.WritePNG(f, lanes.Options{From: machine.Duration(from), To: machine.Duration(to)})
	})
}

// simLanes makes the lanes of a simulated run.
func simLanes(r *simulate.Result) *lanes.Picture {
	to := kept(r)
	p := &lanes.Picture{Title: fmt.Sprintf("%s: %s", r.Policy, r.Title), To: to}
	if to < machine.Time(r.Run) {
		p.Notes = append(p.Notes, fmt.Sprintf("the first %.1f s of %v", machine.Duration(to).Seconds(), r.Run))
	}
	for i := range r.Activities {
		a := &r.Activities[i]
		l := lanes.Lane{Name: a.Name, Amount: a.Amount, Period: a.Period, Denied: a.Refused}
		if a.Grant.Amount == 0 && !a.Refused {
			l.Amount, l.Period = 0, 0 // the policy has no reservations
		}
		p.Lanes = append(p.Lanes, l)
	}
	for _, s := range r.Slices {
		if s.From < to {
			l := &p.Lanes[s.Activity]
			l.Slices = append(l.Slices, lanes.Span{From: s.From, To: min(s.To, to)})
		}
	}
	for _, s := range r.Spans {
		if s.From >= to {
			break
		}
		l := &p.Lanes[s.Activity]
		l.Runs = append(l.Runs, lanes.Run{From: s.From, To: min(s.To, to), Right: s.Right})
		for i := range min(len(p.Lanes), 64) {
			if s.Waiting>>uint(i)&1 != 0 {
				p.Lanes[i].Waits = append(p.Lanes[i].Waits, lanes.Span{From: s.From, To: min(s.To, to)})
			}
		}
	}
	// A job that was dropped has asked for nothing; the others of its thread tell
	// whether the policy would have answered.
	constrained := make([]bool, len(r.Threads))
	for i := range r.Jobs {
		constrained[r.Jobs[i].Thread] = constrained[r.Jobs[i].Thread] || r.Jobs[i].Constrained
	}
	for i := range r.Jobs {
		j := &r.Jobs[i]
		if j.Release >= to {
			continue
		}
		c := lanes.Constraint{Thread: r.Threads[j.Thread].Name, Start: j.Release, Deadline: j.Deadline, Estimate: j.Estimate, Used: j.Used, Verdict: lanes.Wished}
		switch {
		case j.Constrained && j.Promised:
			c.Verdict = lanes.Promised
		case j.Constrained, j.Dropped && constrained[j.Thread]:
			c.Verdict = lanes.Refused
		}
		c.Dropped = j.Dropped
		if j.Done <= to {
			c.End = j.Done
		}
		l := &p.Lanes[j.Activity]
		l.Constraints = append(l.Constraints, c)
	}
	p.Sort()
	return p
}

// kept returns up to when all that happened was kept.
func kept(r *simulate.Result) machine.Time {
	to := machine.Time(r.Run)
	if n := len(r.Spans); n >= simulate.MaxSpans {
		to = min(to, r.Spans[n-1].To)
	}
	if n := len(r.Slices); n >= simulate.MaxSpans {
		to = min(to, r.Slices[n-1].To)
	}
	if n := len(r.Jobs); n >= simulate.MaxSpans {
		to = min(to, r.Jobs[n-1].Release)
	}
	return to
}
