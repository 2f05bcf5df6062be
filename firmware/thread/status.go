package thread

import (
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

// Info is what is known of one thread.
type Info struct {
	ID       uint64
	Name     string
	Activity string // "" if it has none
	State    State
	Waits    string // what a blocked thread waits for
	Priority int

	CPU      machine.Duration // processor time used
	Switches uint64           // how often it was given the processor
	Stretch  machine.Duration // longest time between two checkpoints
	Overruns uint64           // how often it gave way too late, by OverrunAllowance
	Left     uint64           // how often the processor went on without it
	Away     machine.Duration // longest time that it then ran beside the others
	Missed   uint64           // deadlines that passed before its constraint had ended
}

// Status is what is known of a processor.
type Status struct {
	Name     string
	Policy   string
	Kind     machine.Kind
	Threads  int
	Runnable int
	Promises int              // reservations and constraints in force
	Up       machine.Duration // since it was made
	Idle     machine.Duration // time spent looking and sleeping
	Switches uint64
	// RealTime is why a processor of kind RealTime has no raised operating system
	// thread: nil if it has, com.ErrInvalid while it is not in Run.
	RealTime error
	Punctuality
}

// ask has the processor answer a question between threads, or answers it here if
// the caller drives it or nobody does. It reports false if the processor has
// stopped.
func (p *Processor) ask(fn func(p *Processor)) bool {
	if t := Current(); t != nil && t.p == p {
		was := t.enter()
		defer t.leave(was)
		fn(p)
		return true
	}
	if p.drive.try() { // nobody drives
		defer p.drive.give()
		if p.closed.Load() {
			return false
		}
		p.drain()
		fn(p)
		return true
	}
	done := make(chan struct{})
	if !p.tell(func(p *Processor) {
		fn(p)
		close(done)
		p.drive.again()
	}) {
		return false
	}
	if t := Current(); t != nil {
		t.Await(func() { p.answer(done) })
	} else {
		p.answer(done)
	}
	return true
}

// answer waits until a message has been served: by whoever drives, or here once
// nobody does any more.
func (p *Processor) answer(done chan struct{}) {
	if p.drive.takeUnless(func() bool { return ended(done) }) {
		p.drain()
		p.drive.give()
	}
	<-done
}

func ended(done chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// Threads appends what is known of each thread, oldest first, to dst. Any
// goroutine may call it; it waits for the processor's next dispatch. After the
// processor has stopped there are none.
func (p *Processor) Threads(dst []Info) []Info {
	p.ask(func(p *Processor) {
		if p.current != nil && p.current.state == Running {
			p.charge(p.time.both())
		}
		for t, n := p.all, p.count; n > 0; t, n = t.next, n-1 {
			dst = append(dst, t.info())
		}
	})
	return dst
}

func (t *Thread) info() Info {
	p := t.p
	in := Info{
		ID:       t.id,
		Name:     t.name,
		State:    t.state,
		Priority: t.ent.Priority,
		CPU:      p.time.span(t.used),
		Switches: t.switches,
		Stretch:  p.time.span(t.stretch),
		Overruns: t.overruns,
		Left:     t.lefts,
		Away:     p.time.span(t.away),
		Missed:   t.misses,
	}
	if a := t.ent.Activity; a != nil {
		in.Activity = a.Name
	}
	if t.state == LeftBehind {
		if c := p.time.read(); c > t.leftAt {
			in.Away = max(in.Away, p.time.span(c-t.leftAt))
		}
	}
	if t.state == Blocked {
		in.Waits = "time"
		if t.on != nil {
			in.Waits = t.on.waits()
		}
	}
	return in
}

// Status returns what is known of the processor, as Threads does. The error is
// com.ErrClosed after it has stopped.
func (p *Processor) Status() (Status, error) {
	var s Status
	if !p.ask(func(p *Processor) {
		s = Status{
			Name:     p.cfg.Name,
			Policy:   p.policy.Name(),
			Kind:     p.cfg.Kind,
			Threads:  p.count,
			Runnable: p.runnable,
			Promises: p.policy.Promises(),
			Up:       p.time.span(p.time.read() - p.born),
			Idle:     p.time.span(p.idleTime),
			Switches: p.switches,
			RealTime: p.realTime,

			Punctuality: p.kept,
		}
		if p.cfg.Kind == machine.RealTime && !p.entered {
			s.RealTime = com.ErrInvalid
		}
	}) {
		return s, com.ErrClosed
	}
	return s, nil
}

// SetPolicy puts another policy in the place of the processor's, while its
// threads run. The error is com.ErrBusy while the old one has promises to keep,
// com.ErrClosed, or what the new one has against a thread; then nothing changes.
func (p *Processor) SetPolicy(policy sched.Policy) error {
	var err error
	if !p.ask(func(p *Processor) { err = p.exchange(policy) }) {
		return com.ErrClosed
	}
	return err
}

// PolicyEpoch returns how often the policy has been exchanged. Any goroutine may
// call it, so that what depends on the policy need not ask it every time.
func (p *Processor) PolicyEpoch() uint32 { return p.epoch.Load() }

func (p *Processor) exchange(policy sched.Policy) error {
	old := p.policy
	if n := old.Promises(); n > 0 {
		return com.Errorf(com.ErrBusy, "policy %s has %d promises to keep", old.Name(), n)
	}
	if p.current != nil && p.current.state == Running {
		p.charge(p.time.both())
	}
	now := p.now()
	each := func(n int, fn func(t *Thread) error) (int, error) {
		for t, i := p.all, 0; i < n; t, i = t.next, i+1 {
			if err := fn(t); err != nil {
				return i, err
			}
		}
		return n, nil
	}
	leave := func(from sched.Policy) func(t *Thread) error {
		return func(t *Thread) error {
			from.Remove(&t.ent, now)
			t.ent.Policy = nil
			return nil
		}
	}
	join := func(to sched.Policy) func(t *Thread) error {
		return func(t *Thread) error {
			err := to.Add(&t.ent, now)
			if err == nil && (t.state == Ready || t.state == Running) {
				to.Ready(&t.ent, now)
			} else if err == nil && t.ent.Waits != nil {
				to.Inherit(&t.ent, now)
			}
			return err
		}
	}
	each(p.count, leave(old))
	each(p.count, func(t *Thread) error { t.void(); return nil }) // the policy has forgotten them
	if n, err := each(p.count, join(policy)); err != nil {
		each(n, leave(policy))
		if _, e := each(p.count, join(old)); e != nil {
			return com.Errorf(com.ErrFailed, "policy %s does not take its own threads back: %v", old.Name(), e)
		}
		return err
	}
	p.setPolicy(policy)
	p.epoch.Add(1)
	if p.log != nil {
		p.notePolicy(now)
	}
	p.resched, p.check = true, 0
	return nil
}
