package thread

import (
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/trace"
)

// BeginConstraint asks the policy that the calling thread get c.Estimate of the
// processor between c.Start and c.Deadline; with a start in the future it waits
// until then. schedulable says whether that is promised; if not, the code that
// follows may run all the same, and is expected to do less. EndConstraint is due
// in both cases. The errors, com.ErrNotSupported where the policy knows no
// constraints and com.ErrInvalid, leave nothing to end.
func BeginConstraint(c sched.Constraint) (schedulable bool, err error) {
	t := must("BeginConstraint")
	was := t.enter()
	defer t.leave(was)
	now := t.settle()
	schedulable, err = t.p.policy.Begin(&t.ent, c, now)
	if err == nil {
		t.push(c, schedulable, now)
		t.begun(c, now)
	}
	return schedulable, err
}

// begun gives way after a constraint has been begun.
func (t *Thread) begun(c sched.Constraint, now machine.Time) {
	if c.Start > now && !c.Delayed {
		t.aboutToBlock()
		t.due = c.Start
	}
	t.again()
}

// Promised reports whether the calling thread's innermost constraint is promised:
// for one that was delayed, after the wait. com.ErrNotSupported where the policy
// does not know.
func Promised() (bool, error) {
	t := must("Promised")
	was := t.enter()
	defer t.leave(was)
	if t.p.promiser == nil {
		return false, com.ErrNotSupported
	}
	now := t.settle()
	yes := t.p.promiser.Promised(&t.ent, now)
	if len(t.frames) > 0 {
		t.resolved(now)
	}
	t.again()
	return yes, nil
}

// EndConstraint ends the calling thread's innermost constraint and returns the
// time that the code took, as if it had had the processor to itself: the next
// estimate.
func EndConstraint() (taken machine.Duration, err error) {
	t := must("EndConstraint")
	was := t.enter()
	defer t.leave(was)
	now := t.settle()
	taken, err = t.p.policy.End(&t.ent, now)
	if err == nil {
		t.pop(taken, now)
		t.again()
	}
	return taken, err
}

// NextConstraint ends the innermost constraint and begins another in one step, so
// that a periodic thread never has a gap between the two.
func NextConstraint(c sched.Constraint) (taken machine.Duration, schedulable bool, err error) {
	t := must("NextConstraint")
	was := t.enter()
	defer t.leave(was)
	now := t.settle()
	taken, schedulable, err = t.p.policy.EndBegin(&t.ent, c, now)
	if err == nil {
		t.pop(taken, now)
		t.push(c, schedulable, now)
		t.begun(c, now)
	}
	return taken, schedulable, err
}

// Reserve gives an activity amount of every period on the calling thread's
// processor, in place of what it had there; see sched.Policy. An amount of 0 ends
// the reservation.
func Reserve(a *sched.Activity, amount, period machine.Duration) (sched.Grant, error) {
	t := must("Reserve")
	was := t.enter()
	defer t.leave(was)
	now := t.settle()
	g, err := t.p.reserve(t, a, amount, period, now)
	if err == nil {
		t.again()
	}
	return g, err
}

// Reserve is the function Reserve for any goroutine, which waits for the
// processor's next dispatch. The error is also com.ErrClosed.
func (p *Processor) Reserve(a *sched.Activity, amount, period machine.Duration) (g sched.Grant, err error) {
	if !p.ask(func(p *Processor) {
		if p.current != nil && p.current.state == Running {
			p.charge(p.time.both())
		}
		g, err = p.reserve(nil, a, amount, period, p.now())
		p.resched, p.check = true, 0
	}) {
		return g, com.ErrClosed
	}
	return g, err
}

func (p *Processor) reserve(t *Thread, a *sched.Activity, amount, period machine.Duration, now machine.Time) (sched.Grant, error) {
	g, err := p.policy.Reserve(a, amount, period, now)
	if p.log != nil {
		k, id := trace.Reserved, uint32(0)
		if err != nil {
			k = trace.ReserveRefused
		} else {
			amount, period = g.Amount, g.Period
		}
		if t != nil {
			id = uint32(t.id)
		}
		p.log.Add(now, k, sched.RightNone, p.log.Number(a), id, int64(amount), int64(period))
	}
	return g, err
}

// unbind ends all constraints of a thread that is to end, so that none holds it
// back.
func (t *Thread) unbind() {
	now := t.p.now()
	for {
		taken, err := t.p.policy.End(&t.ent, now)
		if err != nil {
			return
		}
		t.pop(taken, now)
	}
}

// settle brings the accounts up to now.
func (t *Thread) settle() machine.Time {
	c, now := t.p.time.both()
	t.stretchTo(c)
	t.p.charge(c, now)
	return now
}

// again asks the policy again who runs.
func (t *Thread) again() {
	t.p.resched = true
	t.attend(t.p.time.read())
}
