package thread

import (
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
)

// Source is something that another process fills, such as a ring: it can be
// looked at, and it can be armed, which asks the other side to change a doorbell
// word (and machine.Ring it) when there is something. All of it is called by the
// processor that the waiting thread belongs to.
type Source interface {
	// Look reports whether there is something. It costs nanoseconds.
	Look() bool
	// Arm asks for the doorbell. It reads the doorbell word, says that it is armed,
	// and looks again, in this order. If there is something after all it reports
	// ready; else it returns the word with the value read. Disarm follows in both
	// cases.
	Arm() (doorbell machine.Word, ready bool)
	// Disarm says that nobody sleeps any more.
	Disarm()
}

// WaitWord waits until the word differs from old, and returns nil then. The word
// may lie in memory that another process shares, and must stay mapped meanwhile.
// Whoever changes it calls machine.Ring. The error is com.ErrTimeout at the
// deadline.
func WaitWord(word *uint32, old uint32, deadline machine.Time) error {
	return must("WaitWord").WaitWord(word, old, deadline)
}

// Wait waits until the source has something, and returns nil then. The error is
// com.ErrTimeout at the deadline.
func Wait(s Source, deadline machine.Time) error {
	return must("Wait").Wait(s, deadline)
}

// WaitWord is WaitWord for the thread that is running, which saves finding it.
func (t *Thread) WaitWord(word *uint32, old uint32, deadline machine.Time) error {
	if atomic.LoadUint32(word) != old {
		t.hurry()
		return nil
	}
	t.word, t.old, t.source = word, old, nil
	return t.watch(deadline)
}

// Wait is Wait for the thread that is running.
func (t *Thread) Wait(s Source, deadline machine.Time) error {
	if s.Look() {
		t.hurry()
		return nil
	}
	t.source = s
	return t.watch(deadline)
}

// hurry has a checkpoint once in a while where waits end before they begin, so
// that a busy source does not keep others waiting for ever.
func (t *Thread) hurry() {
	if t.rush++; t.rush >= yieldBatch {
		t.rush = 0
		t.Checkpoint()
	}
}

func (t *Thread) watch(deadline machine.Time) error {
	p := t.p
	was := t.enter()
	defer t.leave(was)
	t.aboutToBlock()
	if p.runnable == 1 && t.quick(deadline) {
		t.source, t.word = nil, nil
		return nil
	}
	p.watches = append(p.watches, t)
	why := t.park((*watchWait)(t), deadline)
	t.source, t.word = nil, nil
	if why == timedOut {
		return com.ErrTimeout
	}
	return nil
}

// quick looks for what t alone waits for, on its own stack and without telling
// the policy. It gives up when anything else happens or the time is over.
func (t *Thread) quick(deadline machine.Time) bool {
	p := t.p
	l := &p.look
	if l.limit == 0 || l.score == 0 {
		return false
	}
	start := p.time.read()
	t.stretchTo(start)
	if start >= p.check || !p.inbox.empty() {
		if p.serve(start); p.runnable > 1 {
			return false
		}
		p.recheck()
	}
	p.charge(start, p.time.at(start))
	end := min(start+l.limit, p.time.count(min(deadline, p.alarms.first())))
	for c := start; ; c = p.time.read() {
		if t.arrived() {
			p.idleTime += c - start
			p.started, t.mark = c, c
			l.won()
			return true
		}
		if c >= end || p.pending() {
			p.idleTime += c - start
			p.started, t.mark = c, c
			if p.looked = c >= end; p.looked {
				l.lost()
			}
			return false
		}
	}
}

// arrived reports whether there is what t waits for.
func (t *Thread) arrived() bool {
	if t.source != nil {
		return t.source.Look()
	}
	return atomic.LoadUint32(t.word) != t.old
}

// watchWait is a thread in its role as one that waits for a word.
type watchWait Thread

func (w *watchWait) cancel(t *Thread) bool {
	for i, o := range t.p.watches {
		if o == t {
			t.p.unwatch(i)
			return true
		}
	}
	return false
}

func (w *watchWait) waits() string { return "word" }

func (p *Processor) unwatch(i int) {
	last := len(p.watches) - 1
	copy(p.watches[i:], p.watches[i+1:])
	p.watches[last] = nil
	p.watches = p.watches[:last]
}

// pollWatches readies the threads whose words have changed.
func (p *Processor) pollWatches() {
	for i := 0; i < len(p.watches); {
		t := p.watches[i]
		if t.arrived() {
			p.unwatch(i)
			p.ready(t, granted)
		} else {
			i++
		}
	}
}
