package synth

import (
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/synth/engine"
)

const (
	// glance is how much work, by the clock, is done between checkpoints.
	glance = 20 * machine.Microsecond
	// batchUnits is about how much work the engine does between two calls of its
	// checkpoint, in its units.
	batchUnits = 1000
	// trusted is how much work has to be done, in units, until what it took says
	// something: the first windows touch memory and code for the first time.
	trusted = 200_000
	// voiceUnits is what a voice costs for 64 frames, while there is none to measure.
	voiceUnits = 100
	// overhead is what a window costs beside the engine's work.
	overhead = 20 * machine.Microsecond
	// settles is how many windows a cut takes to show: voices fade for 8 ms.
	settles = 3
	// regains is how many windows pass between two steps back up.
	regains = 16
)

// pacer keeps a port within the time that it is given for each window. It learns
// what a unit of the engine's work takes on this processor, tells the output what
// the next window will need, and lets no more voices sound than fit: those of
// least worth fade at once when there is less time, and the quota comes back by
// and by when there is more. The port's thread alone uses it.
type pacer struct {
	spent, work float64 // of the last windows, the later ones more: ns and units
	each        float64 // units a voice, for a window, with those that fade beside it
	ahead       float64 // units forecast for this window
	total       uint64  // units, since the beginning
	share       float64 // part of forecasts that comes true: they are upper bounds
	quota       int     // of voices, at the moment
	most        int     // of the port
	hold        int     // windows until a cut shows
	short       int     // windows in which too much still sounds
	calm        int     // windows in which there was time for more

	t       *thread.Thread
	budget  machine.Duration // for this window
	limited bool             // there is one
	turn    machine.Duration // of it, before others go first
	begun   machine.Time     // the chunk
	away    machine.Duration // which others had meanwhile
	sum     machine.Duration // spent on the window
	stride  int              // calls of the engine between checkpoints
	passed  int
}

// rate is what a unit of work takes in ns, or 0 if that is not known.
func (c *pacer) rate() float64 {
	if c.work == 0 {
		return 0
	}
	return c.spent / c.work
}

// learn takes in what some work took. What is far out of the ordinary is another
// program's doing; if it goes on it counts all the same.
func (c *pacer) learn(work uint64, took machine.Duration) {
	if work == 0 {
		return
	}
	ns, w := float64(took), float64(work)
	if r := c.rate(); c.work > 0 {
		ns = min(ns, float64(2*r*w)+float64(overhead))
	}
	c.total += work
	const keep = 15.0 / 16
	c.spent = float64(c.spent*keep) + ns
	c.work = float64(c.work*keep) + w
	if c.ahead >= batchUnits { // up at once, down slowly
		if part := min(w/c.ahead, 1.5); part > c.share {
			c.share = part
		} else {
			c.share += (part - c.share) / 32
		}
	}
	c.stride = 64
	if r := c.rate(); r > 0 {
		c.stride = int(min(max(float64(glance)/(r*batchUnits), 1), 64))
	}
}

// forecast is what the next window will take if what sounds goes on, in ns.
func (c *pacer) forecast(e *engine.Engine, period int) float64 {
	c.ahead = float64(e.Ahead(period))
	return c.rate() * c.share * c.ahead
}

// need is what the next window will take if what sounds goes on, and some more.
func (c *pacer) need(e *engine.Engine, period int) machine.Duration {
	d := c.forecast(e, period)
	if d == 0 {
		return 0
	}
	return machine.Duration(d*9/8) + overhead
}

// fit is how many voices fit into a budget.
func (c *pacer) fit(e *engine.Engine, period int, budget machine.Duration) int {
	r := c.rate() * c.share
	if r == 0 || c.total < trusted && c.sum <= budget {
		return c.most
	}
	if c.each == 0 {
		c.each = float64(voiceUnits * ((period + 63) / 64))
	}
	if n := e.ActiveVoices(); c.hold == 0 && n > 0 { // those that were cut do not count
		c.each += (float64(e.Ahead(period))/float64(n) - c.each) / 16
	}
	return int(min(float64(budget-overhead)/(r*c.each), float64(c.most)))
}

// allow sets the quota for a window that may take budget. It returns how many
// voices were cut.
func (c *pacer) allow(e *engine.Engine, period int, budget machine.Duration) (cut int) {
	if c.hold > 0 {
		c.hold--
	}
	fit := max(c.fit(e, period, budget), 1)
	switch {
	case fit < c.quota:
		c.quota = fit
		c.calm = 0
	case c.quota < c.most && fit > c.quota:
		if c.calm++; c.calm >= regains {
			c.calm = 0
			c.quota = min(c.quota+max(c.quota/8, 4), fit)
		}
	}
	// New notes and those that fade cost too: if there are always such, fewer fit.
	if c.forecast(e, period) <= float64(budget) {
		c.short = 0
	} else if c.short++; c.short > settles && c.hold == 0 {
		c.quota = max(min(c.quota, e.ActiveVoices())*7/8, 1)
		c.hold = settles
		c.calm = 0
	}
	was := e.ActiveVoices()
	e.SetQuota(c.quota)
	if cut = was - e.ActiveVoices(); cut > 0 {
		c.hold = settles
	}
	return cut
}

// pause is the engine's checkpoint: the port gives way every so often, and once
// its time is up also to those whose is not.
func (p *Port) pause() {
	c := &p.pacer
	if p.f.passing != nil {
		p.f.passing(p)
	}
	if c.passed++; c.passed < c.stride {
		return
	}
	c.passed = 0
	now := p.f.clock.Now()
	if c.limited && c.sum+now.Sub(c.begun)-c.away > c.turn {
		c.t.Yield()
	} else {
		c.t.Checkpoint()
	}
	c.away += p.f.clock.Now().Sub(now)
}

// beginPace starts the account of a window.
func (p *Port) beginPace(t *thread.Thread) {
	c := &p.pacer
	c.t = t
	if c.budget, c.limited = p.in.Budget(); !c.limited {
		c.sum = 0
		return
	}
	c.turn = min(p.in.Turn(), c.budget)
	if p.in.Behind() > 0 {
		c.budget /= 2 // to catch up
	}
	if cut := c.allow(p.engine, p.period, c.budget); cut > 0 {
		p.cut.Add(uint64(cut))
	}
	c.sum = 0
}

// chunk renders n frames of a window, and says in the account what that took.
func (p *Port) chunk(left, right []float32) {
	c := &p.pacer
	c.begun, c.away = p.f.clock.Now(), 0
	p.engine.Render(left, right)
	if p.f.passing != nil {
		p.f.passing(p)
	}
	c.sum += p.f.clock.Now().Sub(c.begun) - c.away
	if c.limited && c.sum > c.turn {
		c.t.Yield()
	} else {
		c.t.Checkpoint()
	}
}

// endPace ends the account of a window in which the engine did so much work.
func (p *Port) endPace(work uint64) {
	c := &p.pacer
	c.learn(work, c.sum)
	p.limit.Store(uint32(c.quota))
	if c.limited {
		p.in.Need(c.need(p.engine, p.period))
	}
	p.in.Used(c.sum)
}
