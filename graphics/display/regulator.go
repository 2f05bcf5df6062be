package display

import (
	"math"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/graphics/regulate"
)

// regulator has frames be on time.
type regulator struct {
	budget  regulate.Budget
	pace    float64    // how much longer composing takes than it is taken to
	last    [2]float64 // what it was of the last two frames
	shares  []*Share   // that take part in the frame
	planned float64    // ns that it is taken to cost
	covered tiles      // by opaque layers in front of the one that is looked at
	coarse  tiles      // that were composed coarse, and not since
	rest    uint64     // the frame from which on they are made sharp
	promise func(amount machine.Duration) (bool, error)
	until   machine.Time // the next blank
	begun   bool         // a constraint
}

const (
	// ease is the share of a frame that composing may take without asking.
	ease = 0.25
	// composing is the share that it takes at most: clients that draw need the rest.
	composing = 0.5
	// patience is for how many frames what is coarse has to rest to be made sharp.
	patience = 15
	// leastPace and mostPace bound what is learned from one moment.
	leastPace, mostPace = 0.25, 32
)

func (g *regulator) start(width, height int) {
	g.pace, g.last = 1, [2]float64{1, 1}
	g.covered, g.coarse = newTiles(width, height), newTiles(width, height)
	g.promise = func(amount machine.Duration) (bool, error) {
		g.end()
		ok, err := thread.BeginConstraint(sched.Constraint{Start: thread.Now(), Estimate: amount, Deadline: g.until})
		g.begun = err == nil
		return ok, err
	}
}

// end gives up what was promised.
func (g *regulator) end() {
	if g.begun {
		g.begun = false
		_, _ = thread.EndConstraint() // there is one
	}
}

// plan chooses how the items of a frame are composed in the tiles that are due.
func (g *regulator) plan(items []Item, now *tiles, frame uint64, left, period machine.Duration) {
	g.coarse.remove(now)
	want := g.estimate(items, now)
	g.planned = want
	if want*g.pace <= ease*float64(period) {
		g.divide(math.Inf(1))
		g.apply(items, now)
		return
	}
	most := machine.Duration(composing * float64(period))
	g.until = thread.Now().Add(left)
	budget, _ := g.budget.For(left, min(machine.Duration(want*g.pace), most), g.promise)
	// With less than that nothing could be shown.
	g.planned = g.divide(max(float64(budget), ease*float64(period)/2) / g.pace)
	g.apply(items, now)
	if g.coarse.any() {
		g.rest = frame + patience
	}
}

// took learns from how long that has taken.
func (g *regulator) took(d machine.Duration) {
	g.end()
	const least = 100_000 // ns of plan: less says little
	if g.planned < least {
		return
	}
	p := min(max(float64(d)/g.planned, leastPace), mostPace)
	// A frame or two in which the processor was somebody else's say nothing of the next.
	slow := min(p, g.last[0], g.last[1])
	g.last = [2]float64{g.last[1], p}
	if p = slow; p < g.pace {
		p = g.pace + (p-g.pace)/8
	} else {
		p = g.pace + (p-g.pace)/2 // what is late is believed sooner
	}
	g.pace = p
}

// sharpen adds a row of tiles that were composed coarse to those that are due, if they
// have rested, and says when to look again.
func (g *regulator) sharpen(now *tiles, frame uint64) (look uint64) {
	switch {
	case !g.coarse.any():
		return Never
	case frame < g.rest:
		return g.rest
	}
	if !g.coarse.row(now) {
		return Never
	}
	g.rest = frame + 1 // if they are coarse again, it takes patience again
	return frame + 1
}
