package thread

import "github.com/mmlite/mmlite/firmware/machine"

// Checkpoint lets the scheduler switch to another thread if the slice of this one
// is over or something more urgent has come up, and does nothing else in about 15
// ns. Components call it at least every 50 microseconds of work. On a goroutine
// that is no thread it does nothing.
func Checkpoint() {
	if t := Current(); t != nil {
		t.Checkpoint()
	}
}

// Yield lets every other ready thread of the policy's choice run first. On a
// goroutine that is no thread it does nothing.
func Yield() {
	if t := Current(); t != nil {
		t.Yield()
	}
}

// Sleep waits for d; see SleepUntil.
func Sleep(d machine.Duration) {
	t := must("Sleep")
	t.SleepUntil(t.now().Add(d))
}

// SleepUntil waits until the clock shows at. It gives way even if that is past.
func SleepUntil(at machine.Time) { must("SleepUntil").SleepUntil(at) }

// Now returns the time of the calling thread's processor. It does not wait.
func Now() machine.Time {
	t := Current()
	if t == nil {
		must("Now")
	}
	return t.now()
}

// now is the time by the cycle counter, or that of the machine if the processor has
// gone on without the thread.
func (t *Thread) now() machine.Time {
	was, ok := t.tryEnter()
	if !ok {
		return t.p.Now()
	}
	now := t.p.now()
	t.leave(was)
	return now
}

// Checkpoint is the function Checkpoint for the thread that is running, which
// saves finding it.
func (t *Thread) Checkpoint() {
	p := t.p
	was := t.enter()
	c := p.time.read()
	t.stretchTo(c)
	if c >= p.check || !p.inbox.empty() || t.killed {
		t.attend(c)
	}
	t.leave(was)
}

// attend does what is due at a checkpoint at count c, and gives way if the policy
// says so.
func (t *Thread) attend(c uint64) {
	p := t.p
	if t.killed && t.mayUnwind() {
		t.unwind()
	}
	p.serve(c)
	now := p.time.at(c)
	wanted := p.wanted(now)
	if c < p.sliceEnd && !p.resched && !wanted {
		p.recheck()
		return
	}
	t.giveWay(c, now)
	if !wanted {
		if e, until := p.policy.Pick(now); e == &t.ent {
			p.dispatch(t, c, until)
			return
		}
	}
	t.state = Ready
	if n := p.next(c, now); n != t {
		p.handoff = n
		t.here()
		t.yield(struct{}{})
	}
	if t.killed && t.mayUnwind() {
		t.unwind()
	}
}

// serve does between two instructions of a thread what next does between
// threads.
func (p *Processor) serve(c uint64) {
	p.drain()
	if p.alarms.first() != machine.Forever {
		if now := p.time.at(c); p.alarms.first() <= now {
			p.fire(now)
		}
	}
	if c >= p.pollAt {
		p.pollAt = c + p.pollStep
		p.pollWatches()
		if p.poller != nil {
			p.poller.Poll()
		}
	}
}

// recheck computes when a checkpoint next has something to do.
func (p *Processor) recheck() {
	p.check = p.sliceEnd
	if next := min(p.alarms.first(), p.until); next != machine.Forever {
		p.check = min(p.check, p.time.count(next))
	}
	switch {
	case p.resched, p.cond != nil && p.virtual: // where time may stand still
		p.check = 0
	case len(p.watches) > 0, p.cond != nil, p.poller != nil:
		p.check = min(p.check, p.pollAt)
	}
}

const (
	// yieldBatch yields with nobody else ready pass before the counter is read
	// again, if the last as many took no longer than calmYield each.
	yieldBatch = 16
	calmYield  = 100 * machine.Nanosecond
)

// Yield is the function Yield for the thread that is running, which saves finding
// it.
func (t *Thread) Yield() {
	p := t.p
	was := t.enter()
	if p.runnable == 1 && p.inbox.empty() && !t.killed && t.calm {
		if t.rush++; t.rush < yieldBatch {
			t.leave(was)
			return
		}
	}
	c := p.time.read()
	n := uint64(max(t.rush, 1))
	t.rush = 0
	t.calm = c-t.mark <= n*p.calmStep
	t.stretchTo(c)
	if t.killed && t.mayUnwind() {
		t.unwind()
	}
	now := p.time.at(c)
	if c >= p.check || !p.inbox.empty() {
		p.serve(c)
		p.recheck()
		if p.runnable == 1 && c < p.sliceEnd && !p.wanted(now) {
			t.leave(was)
			return
		}
	} else if p.runnable == 1 {
		t.leave(was)
		return
	}
	t.giveWay(c, now)
	p.policy.Yield(&t.ent, now)
	t.state = Ready
	if n := p.next(c, now); n != t {
		p.handoff = n
		t.here()
		t.yield(struct{}{})
	}
	if t.killed && t.mayUnwind() {
		t.unwind()
	}
	t.leave(was)
}

// SleepUntil is the function SleepUntil for the thread that is running.
func (t *Thread) SleepUntil(at machine.Time) {
	was := t.enter()
	t.aboutToBlock()
	t.park(nil, at)
	t.leave(was)
}
