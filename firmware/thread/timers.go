package thread

import "github.com/mmlite/mmlite/firmware/machine"

// alarm is an entry of a processor's heap of times: a thread's time-out or a
// Timer.
type alarm struct {
	at     machine.Time
	seq    uint64
	index  int // in the heap, from 1; 0 if not set
	thread *Thread
	timer  *Timer
}

// alarms is a binary heap by time, first come first served among equals.
type alarms struct {
	heap []*alarm
	seq  uint64
}

// room makes sure that n alarms can be set without allocating.
func (h *alarms) room(n int) {
	if cap(h.heap) < n {
		bigger := make([]*alarm, len(h.heap), 2*n)
		copy(bigger, h.heap)
		h.heap = bigger
	}
}

func (h *alarms) first() machine.Time {
	if len(h.heap) == 0 {
		return machine.Forever
	}
	return h.heap[0].at
}

func (h *alarms) before(i, j int) bool {
	a, b := h.heap[i], h.heap[j]
	if a.at != b.at {
		return a.at < b.at
	}
	return a.seq < b.seq
}

func (h *alarms) swap(i, j int) {
	h.heap[i], h.heap[j] = h.heap[j], h.heap[i]
	h.heap[i].index, h.heap[j].index = i+1, j+1
}

func (h *alarms) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if !h.before(i, parent) {
			break
		}
		h.swap(i, parent)
		i = parent
	}
}

func (h *alarms) down(i int) {
	for {
		c := 2*i + 1
		if c >= len(h.heap) {
			return
		}
		if c+1 < len(h.heap) && h.before(c+1, c) {
			c++
		}
		if !h.before(c, i) {
			return
		}
		h.swap(i, c)
		i = c
	}
}

func (h *alarms) set(a *alarm, at machine.Time) {
	h.clear(a)
	h.seq++
	a.at, a.seq = at, h.seq
	h.heap = append(h.heap, a)
	a.index = len(h.heap)
	h.up(a.index - 1)
}

func (h *alarms) clear(a *alarm) {
	if a.index == 0 {
		return
	}
	i, last := a.index-1, len(h.heap)-1
	if i != last {
		h.swap(i, last)
	}
	h.heap[last] = nil
	h.heap = h.heap[:last]
	a.index = 0
	if i != last {
		h.down(i)
		h.up(i)
	}
}

// fire takes out and serves all alarms up to now.
func (p *Processor) fire(now machine.Time) {
	for p.alarms.first() <= now {
		a := p.alarms.heap[0]
		p.alarms.clear(a)
		p.cause = a.at
		if a.timer != nil {
			a.timer.fired(p, now)
			continue
		}
		t := a.thread
		if t.on == nil || t.on.cancel(t) {
			p.ready(t, timedOut)
		}
	}
	p.cause = 0
}

// Timer signals an event at a time, once or again and again. It belongs to one
// processor, whose threads alone may set and stop it. It is made by NewTimer.
type Timer struct {
	p       *Processor
	alarm   alarm
	event   *Event
	period  machine.Duration
	overran uint64
}

// NewTimer returns a timer of the calling thread's processor that signals ev.
func NewTimer(ev *Event) *Timer {
	p := must("NewTimer").p // which does not change
	tm := &Timer{p: p, event: ev}
	tm.alarm.timer = tm
	return tm
}

// Set has the timer signal at the given time, and every period after it if that
// is positive, in place of what it was set to. Times are those of the first and
// multiples of the period after it, however late the signals come.
func (tm *Timer) Set(at machine.Time, period machine.Duration) {
	t := tm.check("Timer.Set")
	was := t.enter()
	defer t.leave(was)
	tm.period, tm.overran = max(period, 0), 0
	tm.p.alarms.set(&tm.alarm, at)
	tm.p.soon(at)
}

// Stop has the timer signal no more. It reports whether it was set.
func (tm *Timer) Stop() bool {
	t := tm.check("Timer.Stop")
	was := t.enter()
	defer t.leave(was)
	set := tm.alarm.index != 0
	tm.p.alarms.clear(&tm.alarm)
	return set
}

// Overruns returns how many periods have passed without a signal of their own,
// since Set, because the processor came too late for them.
func (tm *Timer) Overruns() uint64 {
	t := tm.check("Timer.Overruns")
	was := t.enter()
	defer t.leave(was)
	return tm.overran
}

func (tm *Timer) check(what string) *Thread {
	t := must(what)
	if t.p != tm.p {
		panic("thread: " + what + " by a thread of another processor")
	}
	return t
}

func (tm *Timer) fired(p *Processor, now machine.Time) {
	if tm.period > 0 {
		missed := int64(now.Sub(tm.alarm.at) / tm.period)
		tm.overran += uint64(missed)
		p.alarms.set(&tm.alarm, tm.alarm.at.Add(tm.period*machine.Duration(missed+1)))
	}
	tm.event.signalHome(p)
}
