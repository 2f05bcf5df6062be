package thread

import (
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/trace"
)

// SetTrace has the processor write its decisions to log from its next dispatch
// on, or to none if log is nil. A log is one processor's: the error is
// com.ErrBusy while another one writes to it, and com.ErrClosed.
func (p *Processor) SetTrace(log *trace.Log) error {
	if log != nil && !log.Attach() {
		if p.Trace() == log {
			return nil
		}
		return com.Errorf(com.ErrBusy, "processor %s: another one writes to this log", p.cfg.Name)
	}
	if !p.ask(func(p *Processor) { p.setTrace(log, p.now()) }) {
		if log != nil {
			log.Detach()
		}
		return com.ErrClosed
	}
	return nil
}

// Trace returns the log that the processor writes to, or nil. Any goroutine may
// read it.
func (p *Processor) Trace() *trace.Log { return p.logged.Load() }

// setTrace changes to a log that is attached, and has it begin with who there is
// and what decides.
func (p *Processor) setTrace(log *trace.Log, now machine.Time) {
	if p.log != nil {
		p.log.Detach()
	}
	p.log = log
	p.logged.Store(log)
	if log == nil {
		return
	}
	p.notePolicy(now)
	for t, n := p.all, p.count; n > 0; t, n = t.next, n-1 {
		t.logged = nil
		log.Begin(uint32(t.id), t.name, t.ent.Activity)
		if t.state == Ready || t.state == Running {
			p.note(now, trace.Ready, t, 0, 0)
		}
	}
	if t := p.current; t != nil && t.state == Running {
		p.noteRun(now, t, machine.Forever)
	}
}

// note writes a record about a thread, or about none. Whoever calls it has looked
// whether there is a log.
func (p *Processor) note(now machine.Time, k trace.Kind, t *Thread, a, b int64) {
	if t == nil {
		p.log.Add(now, k, sched.RightNone, 0, 0, a, b)
		return
	}
	p.log.Add(now, k, sched.RightNone, t.number(p.log), uint32(t.id), a, b)
}

func (p *Processor) noteRun(now machine.Time, t *Thread, until machine.Time) {
	right := sched.RightNone
	if p.explain != nil {
		right = p.explain.Right(&t.ent)
	}
	slice := int64(-1)
	if until != machine.Forever {
		slice = int64(max(until.Sub(now), 0))
	}
	p.log.Add(now, trace.Run, right, t.number(p.log), uint32(t.id), slice, 0)
}

func (p *Processor) notePolicy(now machine.Time) {
	a, b := trace.PolicyValues(p.policy.Name())
	p.note(now, trace.Policy, nil, a, b)
}

// number returns the number of the thread's activity in a log, which it
// remembers.
func (t *Thread) number(log *trace.Log) uint16 {
	if a := t.ent.Activity; t.logged != log || t.numbered != a {
		t.logged, t.numbered = log, a
		t.activity = log.Number(a)
	}
	return t.activity
}

// setPolicy makes a policy the processor's, without telling it of any thread.
func (p *Processor) setPolicy(policy sched.Policy) {
	p.policy = policy
	p.explain, _ = policy.(sched.Explainer)
	p.promiser, _ = policy.(sched.Promiser)
}

// Punctuality is how well a processor keeps time.
type Punctuality struct {
	// Wakeup is how long after an alarm, the start of a constraint, or a signal from
	// outside of threads the thread ran that it was for.
	Wakeup trace.Histogram
	// Overrun is how late threads gave way whose slices had ended.
	Overrun trace.Histogram
	// Slack is how long before their deadlines constraints ended, those that were
	// in time.
	Slack trace.Histogram
	// Late is how long after their deadlines the others ended.
	Late trace.Histogram
	// Missed is how many deadlines have passed before their constraints had ended.
	Missed uint64
}

// wakes takes note that t comes to run which was due at a known time.
func (p *Processor) wakes(t *Thread, now machine.Time) {
	late := max(now.Sub(t.due), 0)
	t.due = 0
	p.kept.Wakeup.Add(late)
	if p.log != nil {
		p.note(now, trace.Wake, t, int64(late), 0)
	}
}

// late takes note that the slice of t ended so many counts ago.
func (p *Processor) late(t *Thread, counts uint64, now machine.Time) {
	d := p.time.span(counts)
	p.kept.Overrun.Add(d)
	if counts <= p.overrun {
		return
	}
	t.overruns++
	if p.log != nil {
		p.note(now, trace.Overrun, t, int64(d), 0)
	}
}
