package thread

import (
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/trace"
)

// frame is what the mechanism keeps of a constraint that a thread has begun, to
// tell whether its deadline was met. Promises are the policy's.
type frame struct {
	estimate machine.Duration
	deadline machine.Time // from the resolution on, while delayed
	delayed  bool
	missed   bool
}

// push takes note of a constraint that has been begun.
func (t *Thread) push(c sched.Constraint, promised bool, now machine.Time) {
	p := t.p
	t.frames = append(t.frames, frame{c.Estimate, c.Deadline, c.Delayed, false})
	if c.Delayed {
		if p.log != nil {
			p.note(now, trace.Prepared, t, int64(c.Estimate), int64(c.Deadline))
		}
		return
	}
	t.deadline = min(t.deadline, c.Deadline)
	if p.log != nil {
		p.noteBegun(now, t, c.Estimate, c.Deadline, promised)
		if c.Start > now {
			p.note(now, trace.Starts, t, int64(c.Start), 0)
		}
	}
}

func (p *Processor) noteBegun(now machine.Time, t *Thread, estimate machine.Duration, deadline machine.Time, promised bool) {
	k := trace.BeginRefused
	if promised {
		k = trace.Promised
	}
	p.note(now, k, t, int64(estimate), int64(deadline))
}

// resolved takes note that the policy has resolved the innermost constraint of t,
// if that was delayed.
func (t *Thread) resolved(now machine.Time) {
	f := &t.frames[len(t.frames)-1]
	if !f.delayed {
		return
	}
	p := t.p
	f.delayed = false
	f.deadline = now.Add(machine.Duration(f.deadline))
	t.deadline = min(t.deadline, f.deadline)
	if p.log != nil && p.promiser != nil {
		p.noteBegun(now, t, f.estimate, f.deadline, p.promiser.Promised(&t.ent, now))
	}
}

// pop takes note that the innermost constraint has ended.
func (t *Thread) pop(taken machine.Duration, now machine.Time) {
	n := len(t.frames) - 1
	if n < 0 {
		return
	}
	p := t.p
	t.missing(now)
	f := t.frames[n]
	t.frames = t.frames[:n]
	t.nearest()
	deadline := f.deadline
	switch {
	case f.delayed:
		deadline = machine.Forever
	case now <= deadline:
		p.kept.Slack.Add(deadline.Sub(now))
	default:
		p.kept.Late.Add(now.Sub(deadline))
	}
	if p.log != nil {
		p.note(now, trace.End, t, int64(taken), int64(deadline))
	}
}

// missing takes note of the deadlines that have passed.
func (t *Thread) missing(now machine.Time) {
	if now <= t.deadline {
		return
	}
	p := t.p
	for i := range t.frames {
		if f := &t.frames[i]; !f.delayed && !f.missed && now > f.deadline {
			f.missed = true
			p.kept.Missed++
			t.misses++
			if p.log != nil {
				p.note(now, trace.Miss, t, int64(f.deadline), 0)
			}
		}
	}
	t.nearest()
}

// nearest finds the next deadline that may be missed.
func (t *Thread) nearest() {
	t.deadline = machine.Forever
	for i := range t.frames {
		if f := &t.frames[i]; !f.delayed && !f.missed {
			t.deadline = min(t.deadline, f.deadline)
		}
	}
}

// void takes note that the policy has dropped all constraints of t.
func (t *Thread) void() {
	t.frames = t.frames[:0]
	t.deadline = machine.Forever
}
