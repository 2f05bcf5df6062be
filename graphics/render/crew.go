package render

import "sync/atomic"

// Sleeper is how the helpers of a Crew wait: as threads, or as goroutines.
type Sleeper interface {
	// Sleep has a helper, from 0 on, wait until Wake is called for it, or has been
	// since the last time. It may return sooner. It is false if the helper is to end.
	Sleep(helper int) bool
	// Wake ends the sleep of a helper. It does not wait.
	Wake(helper int)
	// Join has the caller of Do wait until Joined is called, or has been since the
	// last time. It may return sooner. It is false if the caller cannot wait.
	Join() bool
	// Joined ends the wait of the caller. It does not wait.
	Joined()
	// Pause is called between pieces of work and by helpers who look for some: others
	// may run then.
	Pause()
}

// Crew is a Team of a caller and helpers: those rules of sharing that do not depend on
// how anybody sleeps. Pieces are taken one at a time by whoever is free. Who has not
// come by the time that nothing is left is not waited for: a helper that sleeps
// soundly, or whose processor is at work elsewhere, costs nothing. A helper that has
// nothing to do looks for more a while before it sleeps, since one draw follows another
// sooner than a processor wakes up.
type Crew struct {
	sleeper  Sleeper
	patience int
	helpers  []helper
	work     func(worker, i int)
	count    int32

	_     [64]byte
	next  atomic.Int32 // what nobody has begun yet
	_     [64]byte
	state atomic.Uint64 // calls of Do, whether one is open, and how many helpers are in it
	waits atomic.Bool   // the caller sleeps
	_     [64]byte
}

type helper struct {
	asleep atomic.Bool
	_      [63]byte
}

// Of Crew.state.
const (
	inside = 1<<16 - 1
	open   = 1 << 16
	call   = 1 << 17
)

// joinSpins is how often the caller looks whether helpers are done before it sleeps:
// some ten microseconds, about as long as what they may be at.
const joinSpins = 10000

// NewCrew makes a crew of so many helpers, up to 63. Each of them is to call Help.
// patience is how many pauses a helper makes before it sleeps.
func NewCrew(helpers, patience int, s Sleeper) *Crew {
	return &Crew{sleeper: s, patience: patience, helpers: make([]helper, helpers)}
}

// Workers implements Team.
func (c *Crew) Workers() int { return 1 + len(c.helpers) }

// Do implements Team. It is not to be called by two at once.
func (c *Crew) Do(n int, work func(worker, i int)) {
	if n < 2 || len(c.helpers) == 0 {
		for i := range n {
			work(0, i)
			c.sleeper.Pause()
		}
		return
	}
	c.work, c.count = work, int32(n)
	c.next.Store(0)
	c.state.Add(call | open)
	// Also a caller that is to be ended waits: what helpers work on is its own.
	defer c.join()
	for i := range c.helpers[:min(len(c.helpers), n-1)] {
		if c.helpers[i].asleep.Load() {
			c.sleeper.Wake(i)
		}
	}
	c.share(0)
}

// share works on what nobody has begun.
func (c *Crew) share(worker int) {
	for {
		i := c.next.Add(1) - 1
		if i >= c.count {
			return
		}
		c.work(worker, int(i))
		c.sleeper.Pause()
	}
}

// join lets no more helpers in, and waits for those that are.
func (c *Crew) join() {
	c.state.And(^uint64(open))
	for range joinSpins {
		if c.state.Load()&inside == 0 {
			return
		}
	}
	c.waits.Store(true)
	for c.state.Load()&inside != 0 && c.sleeper.Join() {
	}
	c.waits.Store(false)
}

// Help is what helper i, from 0 on, does until Sleep says that it is to end.
func (c *Crew) Help(i int) {
	h, last := &c.helpers[i], uint64(0)
	for {
		if c.look(&last) {
			c.part(1 + i)
			continue
		}
		h.asleep.Store(true)
		if c.fresh(last) { // opened before it could be seen that this one sleeps
			h.asleep.Store(false)
			continue
		}
		on := c.sleeper.Sleep(i)
		h.asleep.Store(false)
		if !on {
			return
		}
	}
}

// fresh says whether a call is open that is not the last one joined.
func (c *Crew) fresh(last uint64) bool {
	s := c.state.Load()
	return s&open != 0 && s/call != last
}

// look joins the next call, if there is one soon.
func (c *Crew) look(last *uint64) bool {
	for range c.patience + 1 {
		if s := c.state.Load(); s&open != 0 && s/call != *last {
			if c.state.CompareAndSwap(s, s+1) {
				*last = s / call
				return true
			}
			continue
		}
		c.sleeper.Pause()
	}
	return false
}

// part is a helper's part in a call.
func (c *Crew) part(worker int) {
	defer func() {
		if c.state.Add(^uint64(0))&(open|inside) == 0 && c.waits.Load() {
			c.sleeper.Joined()
		}
	}()
	c.share(worker)
}
