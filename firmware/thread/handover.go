package thread

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread/section"
	"github.com/mmlite/mmlite/firmware/trace"
)

// DefaultHandOver is how long a thread of a spare processor may go without a
// checkpoint before the processor goes on without it.
const DefaultHandOver = 100 * machine.Millisecond

// drainTime is how long a store of one processor of the machine may take to be
// seen by another: stores leave a processor's buffer within microseconds, and at
// each interrupt. The hand-over waits so long between saying that it comes and
// looking whether the thread is in this package, which spares every primitive a
// fence (Morrison and Afek, "Temporally Bounding TSO for Fence-Free Asymmetric
// Synchronization", ASPLOS 2015).
const drainTime = machine.Millisecond

// handover lets a processor go on without a thread that gives way too late. A
// timer, which runs while the processor does and not while it sleeps, puts a probe
// into the inbox. If nobody has taken that out for long, then a thread runs that
// has no checkpoints; if it is outside of this package, and others are ready, a
// fresh goroutine drives the processor on.
//
// Who has the processor's state: its driver and threads say in Processor.section
// when they work with it. The timer takes it, under mu, only if they do not, after
// it has said that it wants to be asked; from then on they do so when they come in, under mu.
type handover struct {
	after  machine.Duration // 0: never
	armed  atomic.Bool
	dozing atomic.Bool // nobody drives, or the driver sleeps
	posted atomic.Bool // the probe is in the inbox
	done   atomic.Bool
	probe  node
	timer  *time.Timer
	gen    atomic.Uint64 // how often the driver has changed

	// The timer's.
	ticked, since machine.Time
	announced     bool

	mu     sync.Mutex
	behind int  // threads left behind
	held   bool // the timer has mu, and perhaps the processor's state

	way *course // the driver's
}

// course is one call of loop, which may pass from goroutine to goroutine.
type course struct {
	over chan struct{} // made when it first passes on, closed at its end
	// absent says that the goroutine it began on is under a thread that was left
	// behind. What that goroutine drives the processor for has to wait for it.
	absent bool
	cond   func() bool
	until  machine.Time
}

// away has the course pass on from the goroutine that it began on.
func (p *Processor) away(way *course) {
	way.over = make(chan struct{})
	way.absent, way.cond, way.until = true, p.cond, p.until
	p.absent, p.cond, p.until = true, nil, machine.Forever
}

// back has it end when that goroutine wants.
func (p *Processor) back(way *course) {
	way.absent = false
	if p.over.way == way { // and not ending the threads meanwhile
		p.absent, p.cond, p.until = false, way.cond, way.until
	}
}

func (h *handover) init(p *Processor) {
	h.dozing.Store(true)
	d := p.cfg.HandOver
	if d == 0 {
		d = DefaultHandOver
	}
	if d < 0 || p.virtual || p.poller != nil || p.cfg.Kind != machine.Spare {
		return
	}
	h.after = max(d, 2*drainTime)
	h.probe.item = (*probe)(h)
	h.timer = time.AfterFunc(time.Hour, func() { p.oversee() })
	h.timer.Stop()
}

// probe is a message that is answered by being delivered.
type probe handover

func (m *probe) deliver(*Processor) { m.posted.Store(false) }

// wakes has the timer run while the processor does.
func (h *handover) wakes() {
	if h.after == 0 {
		return
	}
	h.dozing.Store(false)
	if !h.armed.Load() && h.armed.CompareAndSwap(false, true) {
		h.timer.Reset((h.after / 2).Std())
	}
}

// dozes lets the timer end.
func (h *handover) dozes() {
	if h.after != 0 {
		h.dozing.Store(true)
	}
}

// end is at the processor's.
func (h *handover) end() {
	if h.after != 0 {
		h.done.Store(true)
		h.timer.Stop()
	}
}

// oversee is what the timer does.
func (p *Processor) oversee() {
	h := &p.over
	now := p.cfg.Machine.Now()
	again := h.after / 2
	stopped := now.Sub(h.ticked) > 2*h.after // was this whole process, perhaps
	h.ticked = now
	switch {
	case h.done.Load():
		return
	case h.announced:
		p.lookAfter()
	case h.dozing.Load():
		h.armed.Store(false)
		if h.dozing.Load() || !h.armed.CompareAndSwap(false, true) {
			return
		}
	case !h.posted.Load():
		h.since = now
		h.posted.Store(true)
		// With a wake: should the system stop this goroutine within the push, it hides
		// what others push, whose wakes are over by then.
		p.post(&h.probe)
	case stopped:
		h.since = now
	case now.Sub(h.since) >= h.after:
		h.mu.Lock()
		h.announced = true
		p.section.Want(true)
		h.mu.Unlock()
		again = drainTime
	}
	h.timer.Reset(again.Std())
}

// lookAfter leaves the running thread behind if it still runs, and somebody else
// could.
func (p *Processor) lookAfter() {
	h := &p.over
	h.mu.Lock()
	defer h.mu.Unlock()
	h.announced, h.held = false, true
	defer func() {
		h.held = false
		p.calm()
	}()
	if p.section.Inside() || !h.posted.Load() || h.done.Load() {
		return
	}
	// The processor's state is ours until mu is given back.
	c, now := p.time.both()
	p.pollAt = 0
	p.taken = true
	p.serve(c)
	p.taken = false
	t := p.current
	if t == nil || t.state != Running || p.runnable < 2 && !p.stopping.Load() {
		p.check = 0 // what has been served may concern it
		return
	}
	p.leaveBehind(t, c, now)
	way := h.way
	if way.over == nil {
		p.away(way)
	}
	go p.substitute(way)
}

// calm has nobody ask any more, if there is no reason to. It is called under mu.
func (p *Processor) calm() {
	if h := &p.over; h.behind == 0 && !h.announced && !h.held {
		p.section.Want(false)
	}
}

func (p *Processor) leaveBehind(t *Thread, c uint64, now machine.Time) {
	h := &p.over
	if p.log != nil {
		p.note(now, trace.LeftBehind, t, int64(p.time.span(c-min(c, t.mark))), 0)
	}
	t.giveWay(c, now)
	t.state = LeftBehind
	t.behind = true
	t.lefts++
	t.leftAt = c
	h.behind++
	p.runnable--
	p.policy.Block(&t.ent, now)
	p.current = nil
	p.section.Force()
	h.gen.Add(1)
	t.aboutToBlock() // for the processor it is away
}

// substitute drives the processor on a goroutine of its own.
func (p *Processor) substitute(way *course) {
	stale := false // another one does
	// Calls of their own, so that a thread that calls Goexit in the first does not
	// take the second with it.
	defer func() {
		if !stale {
			close(way.over)
		}
	}()
	defer func() {
		if v := recover(); v != nil {
			panic(v)
		}
		if !stale && p.inRun && !p.closed.Load() {
			p.finishRun() // who called Run may be under a thread that does not come back
		}
	}()
	p.turns(way, &stale, true)
}

// enter begins work with the processor's state by the thread that runs. It returns
// what leave is to be called with. If the processor has gone on without the thread
// it waits until it is its turn again.
func (t *Thread) enter() (was uint32) {
	was, ok := t.p.section.Begin()
	if !ok {
		return t.ask(was)
	}
	return was
}

// tryEnter is enter for what must not wait: it reports false if the processor has
// gone on without the thread.
func (t *Thread) tryEnter() (was uint32, ok bool) {
	s, h := &t.p.section, &t.p.over
	if !s.Wanted() {
		return t.enter(), true
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if t.behind {
		return 0, false
	}
	return s.Force(), true
}

// Enter begins a section in which the processor does not go on without t, the
// thread that is running: for code that works with what it shares with other
// threads of the processor, and has no lock for it. If the processor has gone on
// already, t first waits until it is its turn again, so a lock that other threads
// of the processor wait for in Go's own way is taken within a section, not around
// it. Leave ends the section with what Enter returned. Sections may be within each
// other, and may wait, which lets others run as ever. Both cost a nanosecond or two.
func (t *Thread) Enter() (section uint32) { return t.enter() }

// Leave ends a section. With 0 it ends all that the thread is in.
func (t *Thread) Leave(section uint32) { t.leave(section) }

// Section is for Enter and Leave by code that does not know the running thread, but
// that it is one of p.
func (p *Processor) Section() *section.State { return &p.section }

// askRunning is ask for the thread that is running, which need not be known, or a message that
// is being delivered.
func (p *Processor) askRunning(was uint32) uint32 {
	if t := Current(); t != nil && t.p == p {
		return t.ask(was)
	}
	return was
}

// leave ends it.
func (t *Thread) leave(was uint32) { t.p.section.Leave(was) }

// ask comes in where a hand-over is under way or has been.
func (t *Thread) ask(was uint32) uint32 {
	p := t.p
	h := &p.over
	h.mu.Lock()
	behind := t.behind
	if !behind {
		p.section.Force()
	}
	h.mu.Unlock()
	if behind {
		t.yield(struct{}{}) // to the goroutine that drove it; see turns
		return 0
	}
	return was
}

// rejoin has a thread that was left behind, and that has come to a checkpoint
// since, be one of the others.
func (p *Processor) rejoin(t *Thread) {
	h := &p.over
	if !p.taken { // mu, by the timer
		h.mu.Lock()
		defer h.mu.Unlock()
	}
	t.behind = false
	h.behind--
	p.calm()
	c, now := p.time.both()
	t.stretchTo(c)
	if c > t.leftAt {
		away := c - t.leftAt
		t.used += away
		t.away = max(t.away, away)
		if a := t.ent.Activity; a != nil {
			a.Charge(p.time.span(away))
		}
	}
	if p.log != nil {
		p.note(now, trace.Rejoined, t, int64(p.time.span(c-min(c, t.leftAt))), 0)
	}
	t.state = Blocked
	p.ready(t, granted)
}
