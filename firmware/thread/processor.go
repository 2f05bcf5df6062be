package thread

import (
	"math"
	"sync"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/thread/section"
	"github.com/mmlite/mmlite/firmware/trace"
)

// Config is what a virtual processor is made of.
type Config struct {
	// Name is for people.
	Name string
	// Machine is where the time, the sleep and the memory come from.
	Machine machine.Machine
	// Policy decides who runs. It belongs to the processor from then on. Nil means
	// round robin with its usual quantum.
	Policy sched.Policy
	// Kind RealTime has Run take an operating system thread of its own, raised
	// above the others where that is granted (see Status.RealTime).
	Kind machine.Kind
	// Look is how long the processor looks before it sleeps, when nobody is ready:
	// DefaultLook if 0, not at all if negative. It also stops looking by itself
	// where there is one processor and while looking keeps failing.
	Look machine.Duration
	// HandOver is how long a thread of a spare processor may go without a checkpoint
	// while others are ready, before the processor goes on without it:
	// DefaultHandOver if 0, for ever if negative. Real-time processors, machines in
	// virtual time and those that must be polled never go on without a thread.
	HandOver machine.Duration
	// Exit is called on every thread that ends by a failure and has no Exit of its
	// own. Nil has the failure written to the console.
	Exit func(t *Thread, f *Failure)
	// Trace, if not nil, is what the processor writes its decisions to from the
	// start; see SetTrace. A log that another processor writes to is not taken.
	Trace *trace.Log
}

// DefaultLook is how long a processor looks before it sleeps.
const DefaultLook = 20 * machine.Microsecond

// pollEvery is how often, at the most, the words that threads wait for are
// looked at while other threads run.
const pollEvery = 2 * machine.Microsecond

// OverrunAllowance is how late a thread may give way after the end of its slice
// before that counts as an overrun: the time between checkpoints that components
// promise.
const OverrunAllowance = 50 * machine.Microsecond

// Processor is a virtual processor: it runs its threads, one at a time, on the
// goroutine that calls Run or RunUntil.
type Processor struct {
	time    timebase
	section section.State // who works with what follows; see handover
	policy  sched.Policy
	log     *trace.Log // or nil
	idler   machine.Idler
	poller  machine.Poller
	cfg     Config
	virtual bool

	drive    driving
	drivers  atomic.Int32
	keep     bool        // the driver does not hand over before the next sleep
	shared   bool        // it hands over
	running  atomic.Bool // Run drives, or waits to
	inRun    bool        // Run drives
	finished bool        // it has ended all threads, or tried
	result   error       // with this result
	over     handover
	gate     sync.Mutex // between messages and closing
	closed   atomic.Bool
	stopping atomic.Bool

	inbox   inbox
	kick    node // an empty message, in the inbox while kicked
	kicked  atomic.Bool
	alarms  alarms
	watches []*Thread
	words   []machine.Word // scratch for Idle

	all      *Thread // ring of all threads, oldest first
	count    int
	spawned  atomic.Uint64
	runnable int
	current  *Thread // the one whose turn it is
	handoff  *Thread
	cond     func() bool
	until    machine.Time // of the driver
	absent   bool         // who drives does so in another's place, who cannot yet
	taken    bool         // the timer of the hand-over has it for a moment
	stalled  bool
	looked   bool // the last thread to stop has looked already

	started  uint64 // count at which current's time began to run
	sliceEnd uint64
	check    uint64 // count at which a checkpoint has something to do
	resched  bool   // the policy wants to be asked at the next one
	pollAt   uint64
	pollStep uint64
	calmStep uint64
	overrun  uint64 // OverrunAllowance in counts

	look  lookState
	early early

	explain  sched.Explainer // the policy, or nil
	promiser sched.Promiser  // the policy, or nil
	epoch    atomic.Uint32   // exchanges of the policy
	cause    machine.Time    // when what makes threads ready now was due, if that is known
	kept     Punctuality
	logged   atomic.Pointer[trace.Log]

	helpers  []*helper
	switches uint64
	idleTime uint64
	born     uint64
	realTime error // what Run got, for Status
	entered  bool
}

// NewProcessor returns a processor without threads that nobody drives yet. It is
// to be closed, by Run's return or by Close.
func NewProcessor(cfg Config) *Processor {
	if cfg.Policy == nil {
		cfg.Policy = sched.NewRoundRobin(0)
	}
	if cfg.Name == "" {
		cfg.Name = "vp"
	}
	p := &Processor{cfg: cfg, virtual: cfg.Machine.Virtual(), until: machine.Forever}
	p.inbox.init()
	p.section.Ask = p.askRunning
	p.section.Force()
	p.drive.init()
	p.kick.item = (*kick)(p)
	p.time.init(cfg.Machine)
	p.idler = cfg.Machine.NewIdler(cfg.Kind)
	p.poller, _ = cfg.Machine.(machine.Poller)
	p.over.init(p)
	p.pollStep = p.time.counts(pollEvery)
	p.calmStep = p.time.counts(calmYield)
	p.overrun = p.time.counts(OverrunAllowance)
	p.look.init(p)
	p.early.init(p)
	p.born = p.time.read()
	p.alarms.room(16)
	p.check = math.MaxUint64
	p.setPolicy(cfg.Policy)
	if cfg.Trace != nil && cfg.Trace.Attach() {
		p.setTrace(cfg.Trace, p.now())
	}
	return p
}

// Name returns the processor's name.
func (p *Processor) Name() string { return p.cfg.Name }

// Machine returns the machine that the processor belongs to.
func (p *Processor) Machine() machine.Machine { return p.cfg.Machine }

// Running reports whether some goroutine is in Run. Otherwise the processor is
// driven by RunUntil.
func (p *Processor) Running() bool { return p.running.Load() }

// Now returns the time: the machine's.
func (p *Processor) Now() machine.Time { return p.cfg.Machine.Now() }

// now is the time by the cycle counter, for whoever drives.
func (p *Processor) now() machine.Time { return p.time.at(p.time.read()) }

// charge ends the running time of the current thread at count c, which is now.
func (p *Processor) charge(c uint64, now machine.Time) {
	t := p.current
	if t == nil || c <= p.started {
		return
	}
	used := c - p.started
	p.started = c
	t.used += used
	d := p.time.span(used)
	if a := t.ent.Activity; a != nil {
		a.Charge(d)
	}
	p.policy.Charge(&t.ent, d, now)
}

// ready makes a blocked thread ready, for the given reason.
func (p *Processor) ready(t *Thread, why wake) {
	if t.state != Blocked && t.state != born {
		return
	}
	t.why = why
	t.state = Ready
	t.due = p.cause
	p.runnable++
	now := p.now()
	if p.log != nil {
		p.note(now, trace.Ready, t, 0, 0)
	}
	if p.policy.Ready(&t.ent, now) {
		p.resched, p.check = true, 0
	}
	if len(t.frames) > 0 {
		t.resolved(now)
	}
}

// deliver makes a thread ready that another processor let go on.
func (t *Thread) deliver(p *Processor) { p.ready(t, granted) }

// wake makes t ready from wherever the caller is.
func (t *Thread) wake() {
	if c := Current(); c != nil && c.p == t.p {
		t.p.ready(t, granted)
		return
	}
	t.p.post(&t.node)
}

// drain serves the inbox.
func (p *Processor) drain() {
	for !p.inbox.empty() {
		n := p.inbox.pop()
		if n == nil {
			return // a push is under way and will wake us
		}
		n.item.deliver(p)
	}
}

// soon makes sure that the running thread notices the time at.
func (p *Processor) soon(at machine.Time) {
	if p.runnable > 0 {
		p.check = min(p.check, p.time.count(at))
	}
}

// next runs the scheduler, from count c on, which is now, until a thread is to
// run. It returns nil if the driver wants its goroutine back. It is called on the
// driver's stack or on that of the thread that has just stopped running.
func (p *Processor) next(c uint64, now machine.Time) *Thread {
	looked := p.looked
	p.looked = false
	for ; ; c, now = p.time.both() {
		if !p.inbox.empty() {
			p.drain()
		}
		if p.alarms.first() <= now {
			p.fire(now)
		}
		if len(p.watches) > 0 && (p.runnable == 0 || c >= p.pollAt) {
			p.pollWatches()
			p.pollAt = c + p.pollStep
		}
		if p.poller != nil {
			p.poller.Poll()
		}
		if p.wanted(now) {
			return nil
		}
		e, until := p.policy.Pick(now)
		if e != nil {
			t := e.Owner.(*Thread)
			p.dispatch(t, c, until)
			return t
		}
		until = min(until, p.alarms.first(), p.until)
		if !looked && p.look.around(p, until) {
			continue
		}
		looked = true
		if !p.inRun && p.drivers.Load() > 1 && !p.keep && !p.absent {
			p.shared = true
			return nil
		}
		if !p.sleep(until) {
			p.stalled = true
			return nil
		}
		p.keep = false
	}
}

// wanted reports whether the driver wants its goroutine back.
func (p *Processor) wanted(now machine.Time) bool {
	if p.stopping.Load() && !p.closed.Load() || !p.inRun && p.running.Load() && !p.absent {
		return true
	}
	return p.cond != nil && p.cond() || now >= p.until
}

// dispatch makes t current from count c to the given time.
func (p *Processor) dispatch(t *Thread, c uint64, until machine.Time) {
	p.sliceEnd = p.time.count(until)
	p.resched = false
	p.recheck()
	p.started = c
	t.mark = c
	if t.due != 0 {
		p.wakes(t, p.time.at(c))
	}
	if p.current != t || t.state != Running {
		p.switches++
		t.switches++
	}
	if p.log != nil {
		p.noteRun(p.time.at(c), t, until)
	}
	if p.count >= fetchFrom {
		p.comes(t)
	}
	p.current = t
	t.state = Running
}

// sleep idles until something happens. The result is false if nothing ever can.
func (p *Processor) sleep(until machine.Time) bool {
	c := p.time.read()
	words := p.words[:0]
	armed := 0
	ready := false
	for _, t := range p.watches {
		if t.source == nil {
			words = append(words, machine.Word{Addr: t.word, Old: t.old})
			continue
		}
		w, now := t.source.Arm()
		armed++
		if now {
			ready = true
			break
		}
		words = append(words, w)
	}
	p.words = words
	if p.log != nil {
		p.note(p.time.at(c), trace.Idle, nil, int64(until), 0)
	}
	more := true
	if !ready {
		p.over.dozes()
		more = p.idler.Idle(words, p.early.until(p, until))
		p.over.wakes()
	}
	if armed > 0 {
		for _, t := range p.watches {
			if t.source != nil {
				t.source.Disarm()
				if armed--; armed == 0 {
					break
				}
			}
		}
	}
	if !ready {
		p.early.look(p, until, p.time.read())
	}
	end := p.time.read()
	p.idleTime += end - c
	if end < p.time.count(until) {
		p.look.learn(end - c)
	}
	return more
}
