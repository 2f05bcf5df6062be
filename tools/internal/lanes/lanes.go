// Package lanes draws what a scheduler promised and what it delivered: a lane for
// each activity, with the slices that were reserved for it as light boxes, the time
// it ran as solid bars in the colour of the right by which it ran, and its time
// constraints as brackets from their start to their deadline. What came too late is
// red, and nothing else is.
//
// The words are Rialto's (Jones, Rosu and Rosu 1997): an activity's reservation is
// so much of every period, a constraint is an estimate to be delivered between a
// start and a deadline, and what nobody reserved or left unused is spare.
package lanes

import (
	"fmt"
	"slices"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

// Verdict is how the answer to a constraint was.
type Verdict uint8

// The answers that there are.
const (
	Promised Verdict = iota // it was accepted
	Refused                 // it did not fit, and the thread was told so
	Wished                  // the policy has no constraints: a deadline that only the thread knows
)

// Picture is what is drawn.
type Picture struct {
	Title string
	// Notes are lines below the title: what was lost, what was not granted.
	Notes []string
	// From and To are what the data covers. Both 0: from the first event to the
	// last one.
	From, To machine.Time
	Lanes    []Lane
}

// Lane is an activity on a processor. All lists are in the order of their starts.
type Lane struct {
	// Group is the processor. Lanes of a group compete with each other; those of
	// different groups do not. Lanes of a group stand together.
	Group string
	Name  string
	// Amount of every Period is what it was promised, or asked for if that was
	// refused; 0 without a reservation.
	Amount, Period machine.Duration
	// Denied says that the reservation was refused.
	Denied bool

	Slices      []Span // reserved for it; overlapping ones are one
	Runs        []Run
	Waits       []Span // it had work and did not run
	Constraints []Constraint
}

// asked says what an activity has reserved.
func (l *Lane) asked() string {
	switch {
	case l.Amount == 0:
		return ""
	case l.Denied:
		return "denied " + Short(l.Amount) + " of " + Short(l.Period)
	}
	return Short(l.Amount) + " of " + Short(l.Period)
}

// Short writes a span of time with three digits: "5.80ms".
func Short(d machine.Duration) string {
	for _, u := range []struct {
		unit machine.Duration
		name string
	}{{machine.Second, "s"}, {machine.Millisecond, "ms"}, {machine.Microsecond, "us"}} {
		if d < u.unit {
			continue
		}
		if d%u.unit == 0 {
			return fmt.Sprintf("%d%s", d/u.unit, u.name)
		}
		v := float64(d) / float64(u.unit)
		digits := 2
		if v >= 10 {
			digits--
		}
		if v >= 100 {
			digits--
		}
		return fmt.Sprintf("%.*f%s", digits, v, u.name)
	}
	return fmt.Sprintf("%dns", d)
}

// Span is time from From up to To.
type Span struct{ From, To machine.Time }

// Run is time on the processor.
type Run struct {
	From, To machine.Time
	Right    sched.Right
}

// Constraint is a time constraint and what came of it.
type Constraint struct {
	Thread   string
	Start    machine.Time
	Deadline machine.Time
	Estimate machine.Duration // 0 if there was none
	// End is when it ended; 0 if it had not when the data ends.
	End machine.Time
	// Used is the processor time that it took, 0 if that is not known.
	Used    machine.Duration
	Verdict Verdict
	// Dropped says that the work was given up before it began.
	Dropped bool
}

// Missed reports whether the constraint ended after its deadline, or was still
// open at the time now, past it.
func (c *Constraint) Missed(now machine.Time) bool {
	if c.Dropped {
		return true
	}
	if c.End == 0 {
		return now > c.Deadline
	}
	return c.End > c.Deadline
}

// Broken reports whether a promise was broken: it was promised, did not use more
// than its estimate, and missed.
func (c *Constraint) Broken(now machine.Time) bool {
	return c.Verdict == Promised && c.Missed(now) && (c.Used == 0 || c.Estimate == 0 || c.Used <= c.Estimate)
}

// Failed reports whether a miss is the scheduler's: a promise was broken, or the
// policy makes none. One that was refused, or used more than it had asked for, is
// late as well, but nobody had promised otherwise.
func (c *Constraint) Failed(now machine.Time) bool {
	return c.Broken(now) || c.Verdict == Wished && c.Missed(now)
}

// end is when the constraint was over, as far as is known.
func (c *Constraint) end(now machine.Time) machine.Time {
	if c.Dropped {
		return c.Deadline
	}
	if c.End == 0 {
		return now
	}
	return c.End
}

// Bounds returns what the data covers.
func (p *Picture) Bounds() (from, to machine.Time) {
	if p.From != 0 || p.To != 0 {
		return p.From, p.To
	}
	from = machine.Forever
	see := func(a, b machine.Time) { from, to = min(from, a), max(to, b) }
	for i := range p.Lanes {
		l := &p.Lanes[i]
		for _, s := range l.Slices {
			see(s.From, s.To)
		}
		for _, r := range l.Runs {
			see(r.From, r.To)
		}
		for _, w := range l.Waits {
			see(w.From, w.To)
		}
		for _, c := range l.Constraints {
			see(c.Start, max(c.Start, c.End))
		}
	}
	if from > to {
		from = to
	}
	return from, to
}

// Sort puts all lists in the order of their starts, as Draw and Blame want them.
func (p *Picture) Sort() {
	for i := range p.Lanes {
		l := &p.Lanes[i]
		spans := func(a, b Span) int { return int(min(max(a.From-b.From, -1), 1)) }
		slices.SortStableFunc(l.Slices, spans)
		slices.SortStableFunc(l.Waits, spans)
		slices.SortStableFunc(l.Runs, func(a, b Run) int { return int(min(max(a.From-b.From, -1), 1)) })
		slices.SortStableFunc(l.Constraints, func(a, b Constraint) int { return int(min(max(a.Start-b.Start, -1), 1)) })
	}
}
