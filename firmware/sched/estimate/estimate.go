// Package estimate says what a piece of code will take the next time from what it
// took the last times. It closes the loop that Rialto's interface was made for
// (Jones, Rosu and Rosu 1997; Jones, Barrera, Forin, Leach, Rosu and Rosu 1996,
// "An Overview of the Rialto Real-Time Architecture"): ending a constraint returns
// the time that the code took as if it had had the processor to itself, and the
// next constraint's estimate comes from that.
//
//	est := estimate.New(estimate.Config{First: 300 * machine.Microsecond})
//	promised, err := thread.BeginConstraint(next(est.Next()))
//	for err == nil {
//		render(promised)
//		var taken machine.Duration
//		taken, promised, err = thread.NextConstraint(next(est.Next()))
//		est.Add(taken)
//	}
//
// An estimate that is too short breaks a promise to oneself, one that is too long
// keeps others from being promised anything. So estimates go up quickly and come
// down slowly: up to what was longer, and down by a part of the difference with each
// time that was shorter; but no lower than the longest of the last Config.Window
// times. In both the very longest ones are left out: a single time out of the
// ordinary, as when the machine itself stood still, changes nothing, and a second one
// soon after is believed. Above there is a margin that grows with how much times
// differ.
//
// The margin is that of the retransmission timers of TCP (Jacobson 1988): a mean
// deviation in place of the root of the mean square, which needs no root.
package estimate

import (
	"slices"

	"github.com/mmlite/mmlite/firmware/machine"
)

// MaxWindow is how many times an Estimator remembers at most.
const MaxWindow = 64

// longest is the longest time that is taken for one.
const longest = 3600 * machine.Second

// recent is among how many times one that raises the estimate has to be no outlier.
const recent = 8

// Config says how careful an Estimator is. Fields that are 0 mean the default.
type Config struct {
	// First is the estimate while there is none from experience: Floor.
	First machine.Duration
	// Floor and Ceiling bound all estimates: 20 microseconds, and an hour.
	Floor, Ceiling machine.Duration
	// Window is how many of the last times count: MaxWindow, which is also the most.
	// It should cover a few rounds of work that comes only every so often.
	Window int
	// Outliers is how many of the longest times in the window, and of the last eight,
	// do not count: 1. Negative means none, so that estimates go up at once.
	Outliers int
	// Margin is by how many mean deviations an estimate is above what was taken: 3.
	Margin int
	// Decay is by which part of the difference an estimate comes down at a time: a
	// 16th.
	Decay int
}

// Estimator predicts one kind of work. It is made by New, allocates nothing
// afterwards, and is for one thread at a time.
type Estimator struct {
	cfg       Config
	count     uint64
	last      [MaxWindow]machine.Duration // the window, as a ring
	sorted    [MaxWindow]machine.Duration // the same, the shortest first
	peak      machine.Duration            // comes down slowly
	mean      machine.Duration            // of all times, the last ones more
	deviation machine.Duration            // the mean one from mean
	calm      int                         // times in a row for which much less would have done: see Resize
}

// New returns an estimator that has seen nothing.
func New(cfg Config) *Estimator {
	set := func(n *int, to, least, most int) {
		if *n == 0 {
			*n = to
		}
		*n = min(max(*n, least), most)
	}
	if cfg.Floor <= 0 {
		cfg.Floor = 20 * machine.Microsecond
	}
	if cfg.Ceiling <= 0 || cfg.Ceiling > longest {
		cfg.Ceiling = longest
	}
	cfg.Floor = min(cfg.Floor, cfg.Ceiling)
	set(&cfg.Window, MaxWindow, 1, MaxWindow)
	set(&cfg.Outliers, 1, 0, cfg.Window-1)
	set(&cfg.Margin, 3, 0, 100)
	set(&cfg.Decay, 16, 1, 1<<20)
	return &Estimator{cfg: cfg}
}

// Add tells how long the work took this time. A negative time counts as 0, one
// above an hour as an hour.
func (e *Estimator) Add(taken machine.Duration) {
	x := min(max(taken, 0), longest)
	e.remember(x)
	if e.count == 0 {
		e.mean, e.deviation, e.peak = x, x/8, x
	} else {
		usual := e.usual()
		x := min(x, max(usual, e.peak))
		e.mean += (x - e.mean) / 4 // quick, lest a step count as deviation for long
		away := x - e.mean
		if away < 0 {
			away = -away
		}
		e.deviation += (away - e.deviation) / 16
		if usual >= e.peak {
			e.peak = usual
		} else {
			e.peak -= (e.peak - x) / machine.Duration(e.cfg.Decay)
		}
	}
	e.count++
}

// usual returns the longest of the recent times without the outliers.
func (e *Estimator) usual() machine.Duration {
	w := uint64(e.cfg.Window)
	n := min(recent, w, e.count+1)
	var top [recent]machine.Duration // the longest first
	for i := range n {
		x := e.last[(e.count-i)%w]
		at := i
		for ; at > 0 && top[at-1] < x; at-- {
			top[at] = top[at-1]
		}
		top[at] = x
	}
	return top[min(uint64(e.cfg.Outliers), n-1)]
}

// remember puts x in the place of the oldest time of the window.
func (e *Estimator) remember(x machine.Duration) {
	w := uint64(e.cfg.Window)
	n := int(min(e.count, w))
	if e.count >= w {
		gone, _ := slices.BinarySearch(e.sorted[:n], e.last[e.count%w])
		copy(e.sorted[gone:n-1], e.sorted[gone+1:n])
		n--
	}
	at, _ := slices.BinarySearch(e.sorted[:n], x)
	copy(e.sorted[at+1:n+1], e.sorted[at:n])
	e.sorted[at] = x
	e.last[e.count%w] = x
}

// Next returns the estimate for the next time, from Config.Floor to Config.Ceiling.
func (e *Estimator) Next() machine.Duration {
	x := e.cfg.First
	if n := int(min(e.count, uint64(e.cfg.Window))); n > 0 {
		x = max(e.peak, e.sorted[max(n-1-e.cfg.Outliers, 0)])
		x += min(e.deviation, longest) * machine.Duration(e.cfg.Margin)
	}
	return min(max(x, e.cfg.Floor), e.cfg.Ceiling)
}

// Count returns how many times were added.
func (e *Estimator) Count() uint64 { return e.count }

// Mean returns the mean of the times added, the later ones of which count more,
// and by how much they differ from it in the mean.
func (e *Estimator) Mean() (mean, deviation machine.Duration) { return e.mean, e.deviation }

// Longest returns the longest time in the window, outliers included.
func (e *Estimator) Longest() machine.Duration {
	if n := int(min(e.count, uint64(e.cfg.Window))); n > 0 {
		return e.sorted[n-1]
	}
	return 0
}

// Reset forgets all times, as after a change of the work after which none of them
// says anything.
func (e *Estimator) Reset() { *e = Estimator{cfg: e.cfg} }

// Resize says whether a reservation of have should be changed, and to what, asked
// once a period. A reservation costs more to change than an estimate: it is raised
// as soon as the estimate does not fit, by an eighth more than that, and lowered
// only after a whole window of periods in each of which two thirds would have done.
// If the change is refused, go on with what there is and ask again.
func (e *Estimator) Resize(have machine.Duration) (want machine.Duration, change bool) {
	next := e.Next()
	want = min(next+next/8, e.cfg.Ceiling)
	if next > have {
		e.calm = 0
		return want, true
	}
	if want > have/3*2 {
		e.calm = 0
		return have, false
	}
	if e.calm++; e.calm < e.cfg.Window {
		return have, false
	}
	e.calm = 0
	return want, true
}
