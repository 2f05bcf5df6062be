package thread

import (
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/trace"
)

// State is what a thread is at.
type State uint8

// The states of a thread.
const (
	born       State = iota // not yet taken in
	Ready                   // waits for the processor
	Running                 // has the processor
	Blocked                 // waits for something else
	Done                    // ended
	LeftBehind              // runs, without a checkpoint for long, beside the processor
)

func (s State) String() string {
	return [...]string{"new", "ready", "running", "blocked", "done", "left behind"}[s]
}

// Slot is a place of a thread's own for one layer above.
type Slot uint8

// The slots there are.
const (
	SlotCall      Slot = iota // of the RPC layer: the call being served
	SlotNamespace             // the namespace names are looked up in
	SlotUser                  // of whoever spawned the thread
	slots
)

// wake says why a thread goes on.
type wake uint8

const (
	granted  wake = iota // it got what it waited for
	timedOut             // the time came first
	undone               // it is to end
)

// canceler is what a thread waits in.
type canceler interface {
	// cancel takes t out, and reports false if it has been let go on already.
	cancel(t *Thread) bool
	// waits names the thing, for people.
	waits() string
}

// Attributes are what a thread is made with.
type Attributes struct {
	// Activity is what the thread runs on behalf of. Nil means that of the thread
	// that spawns it, or none.
	Activity *sched.Activity
	// Priority is the policy's to interpret.
	Priority int
	// Exit, if not nil, is called at the thread's end, on it, with nil if its
	// function returned. A thread that is ended before it has begun has Exit called
	// by the processor, so Exit must then not wait for anything; its Failure is of
	// com.ErrCanceled in that case.
	Exit func(t *Thread, f *Failure)
}

// Thread is a thread of one virtual processor. What a switch touches comes first.
type Thread struct {
	ent    sched.Entity
	p      *Processor
	state  State
	why    wake
	killed bool   // it is to end
	calm   bool   // yields come often enough not to read the counter every time
	rush   uint32 // yields and waits since it was read

	used     uint64 // counts
	switches uint64
	mark     uint64 // count at the last checkpoint
	stretch  uint64 // longest between two

	due      machine.Time // when it should have run that is ready, 0 if not known
	deadline machine.Time // of its constraints that have not been missed, the next
	resume   func() (struct{}, bool)
	yield    func(struct{}) bool
	g, sp    uintptr // its goroutine, and where that gave way
	after    *Thread // who came to run after it the last time
	on       canceler

	unwinding bool // it has been told that it is to end
	shield    int  // above 0: not now
	hook      func()
	alarm     alarm
	node      node // in the inbox of p when another processor lets it go on

	qnext, qprev *Thread // among those that wait for the same
	next, prev   *Thread // among all of p
	held         *Mutex  // locks it owns, newest first

	word   *uint32
	old    uint32
	source Source

	cancelAwait func() // while in AwaitContext
	locals      [slots]any
	ended       Event
	waker       Event
	name        string
	id          uint64
	fn          func(*Thread)
	exit        func(*Thread, *Failure)

	overruns uint64
	frames   []frame // the constraints it has begun, outermost first
	misses   uint64

	behind   bool            // it was left behind, and does not know it yet; under the processor's over.mu
	lefts    uint64          // how often
	leftAt   uint64          // count at which
	away     uint64          // longest time until it rejoined
	logged   *trace.Log      // in which
	numbered *sched.Activity // this one
	activity uint16          // has this number
}

// park waits until something makes the thread ready, or the time comes.
func (t *Thread) park(on canceler, deadline machine.Time) wake {
	p := t.p
	if t.killed && t.mayUnwind() && (on == nil || on.cancel(t)) {
		t.unwind()
	}
	c := p.time.read()
	now := p.time.at(c)
	t.giveWay(c, now)
	t.on = on
	if deadline != machine.Forever {
		p.alarms.set(&t.alarm, deadline)
	}
	t.state = Blocked
	p.runnable--
	p.policy.Block(&t.ent, now)
	if p.log != nil {
		p.note(now, trace.Block, t, int64(deadline), 0)
	}
	if n := p.next(c, now); n != t {
		p.handoff = n
		t.here()
		t.yield(struct{}{})
	}
	t.on = nil
	p.alarms.clear(&t.alarm)
	if t.killed && t.mayUnwind() && t.why == undone {
		t.unwind()
	}
	return t.why
}

// giveWay closes the accounts of a turn at count c, which is now.
func (t *Thread) giveWay(c uint64, now machine.Time) {
	p := t.p
	t.stretchTo(c)
	if c > p.sliceEnd {
		p.late(t, c-p.sliceEnd, now)
	}
	if now > t.deadline {
		t.missing(now)
	}
	p.charge(c, now)
}

// stretchTo ends a stretch without checkpoint at count c.
func (t *Thread) stretchTo(c uint64) {
	if c > t.mark {
		t.stretch = max(t.stretch, c-t.mark)
		t.mark = c
	}
}

func (t *Thread) mayUnwind() bool { return !t.unwinding && t.shield == 0 }

func (t *Thread) unwind() {
	t.unwinding = true
	t.leave(0)
	panic(&unwind{t})
}

// aboutToBlock calls the hook, once.
func (t *Thread) aboutToBlock() {
	if h := t.hook; h != nil {
		t.hook = nil
		h()
	}
}

// Name returns the thread's name.
func (t *Thread) Name() string { return t.name }

// ID returns the thread's number among those of its processor, from 1.
func (t *Thread) ID() uint64 { return t.id }

// Processor returns what the thread runs on.
func (t *Thread) Processor() *Processor { return t.p }

// Waker is an event of the thread's own, for whatever it waits for in turn, which
// saves making one each time. Only the thread waits for it; who has signaled it late,
// for what it waited for before, makes it look once in vain.
func (t *Thread) Waker() *Event { return &t.waker }

// Local returns what is in a slot of the thread. Only the thread itself may ask.
func (t *Thread) Local(s Slot) any { return t.locals[s] }

// SetLocal puts v in a slot of the thread, for itself only.
func (t *Thread) SetLocal(s Slot, v any) { t.locals[s] = v }

// OnBlock has fn called, once, just before the thread next waits for anything (not
// when it gives way at a checkpoint), or when the processor goes on without it. It
// replaces an earlier fn; nil takes it back. fn may signal events and spawn, and
// must not wait: it runs on the thread, within a section, or on a goroutine that has
// the processor meanwhile and is no thread. It is for the leader of a pool, which
// calls objects that may or may not block, to hand over its place in time. It
// returns whether the earlier one has yet to be called.
func (t *Thread) OnBlock(fn func()) (pending bool) {
	was := t.enter()
	pending = t.hook != nil
	t.hook = fn
	t.leave(was)
	return pending
}

// Activity returns what the thread runs on behalf of, or nil.
func (t *Thread) Activity() *sched.Activity { return t.ent.Activity }

// SetActivity has the running thread go on on behalf of a, and returns what it
// was. What it used up to now is charged to the old one.
func (t *Thread) SetActivity(a *sched.Activity) (old *sched.Activity) {
	old = t.ent.Activity
	if a == old {
		return old
	}
	was := t.enter()
	p := t.p
	c, now := p.time.both()
	p.charge(c, now)
	t.ent.Activity = a
	p.policy.Moved(&t.ent, old, now)
	if p.policy.Promises() > 0 { // the slice may not be the new one's
		p.resched, p.check = true, 0
	}
	t.leave(was)
	return old
}
