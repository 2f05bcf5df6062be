package thread

import (
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/cpu"
)

// lookState decides how long to look before sleeping. Sleeping and being woken
// costs tens of microseconds where the other side answers within one, but two
// that look at each other on one processor get nowhere; so looking is given up
// when it keeps failing, and taken up again when sleeps turn out to have been
// short.
type lookState struct {
	limit uint64 // in counts; 0: never look
	short uint64 // a sleep that looking would have spared, being woken included
	score int    // above 0: look
}

const (
	lookScoreMax = 16
	lookWin      = 4
	lookLearn    = 2
)

func (l *lookState) init(p *Processor) {
	d := p.cfg.Look
	if d == 0 {
		d = DefaultLook
	}
	if d < 0 || p.virtual || p.cfg.Machine.Processors() < 2 {
		return
	}
	l.limit = p.time.counts(d)
	l.short = l.limit + l.limit/2
	l.score = lookScoreMax
}

func (l *lookState) won() { l.score = min(l.score+lookWin, lookScoreMax) }

func (l *lookState) lost() { l.score = max(l.score-1, 0) }

// learn takes note of a sleep before which nobody looked and which something
// ended.
func (l *lookState) learn(slept uint64) {
	if l.score == 0 && slept < l.short {
		l.score = lookLearn
	}
}

// around looks for something to do for a while. It reports whether there is.
func (l *lookState) around(p *Processor, until machine.Time) bool {
	if l.limit == 0 || l.score == 0 {
		return false
	}
	start := p.time.read()
	end := min(start+l.limit, p.time.count(until))
	for c := start; ; c = p.time.read() {
		if p.pending() {
			p.idleTime += c - start
			l.won()
			return true
		}
		if c >= end {
			p.idleTime += c - start
			if end == start+l.limit {
				l.lost()
			}
			return c >= p.time.count(until)
		}
		cpu.Pause(1)
	}
}

// pending reports whether the inbox or a watched word has something.
func (p *Processor) pending() bool {
	if !p.inbox.empty() || p.stopping.Load() {
		return true
	}
	for _, t := range p.watches {
		if t.arrived() {
			return true
		}
	}
	return p.cond != nil && p.cond()
}
