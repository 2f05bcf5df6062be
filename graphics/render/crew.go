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
// how anybody sleeps. Everybody begins with a share of its own, in the order of the
// pieces, so that who has transformed the first vertices, say, bins the first triangles
// and finds them in its cache; who has done its share takes from the end of the largest
// one, a piece at a time. Who has not
// come by the time that nothing is left is not waited for: a helper that sleeps
// soundly, or whose processor is at work elsewhere, costs nothing. A helper that has
// nothing to do looks for more a while before it sleeps, since one draw follows another
// sooner than a processor wakes up.
type Crew struct {
	sleeper  Sleeper
	patience int
	helpers  []helper
	work     func(worker, i int)
	shares   []share // of workers

	_     [64]byte
	state atomic.Uint64 // calls of Do, whether one is open, and how many helpers are in it
	waits atomic.Bool   // the caller sleeps
	_     [64]byte
}

type helper struct {
	asleep atomic.Bool
	_      [63]byte
}

// share is pieces that nobody has begun yet: from the low half to before the high one.
type share struct {
	atomic.Uint64
	_ [56]byte
}

// take takes the first piece, or the last one; -1 if there is none.
func (s *share) take(last bool) int {
	for {
		v := s.Load()
		from, to := uint32(v), uint32(v>>32)
		switch {
		case from >= to:
			return -1
		case last:
			if s.CompareAndSwap(v, v-1<<32) {
				return int(to - 1)
			}
		case s.CompareAndSwap(v, v+1):
			return int(from)
		}
	}
}

// left is how many pieces there are.
func (s *share) left() int {
	v := s.Load()
	return max(int(v>>32)-int(uint32(v)), 0)
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
	return &Crew{sleeper: s, patience: patience, helpers: make([]helper, helpers), shares: make([]share, 1+helpers)}
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
	c.work = work
	for i := range c.shares {
		from, to := i*n/len(c.shares), (i+1)*n/len(c.shares)
		c.shares[i].Store(uint64(to)<<32 | uint64(from))
	}
	c.state.Add(call | open)
	// Also a caller that is to be ended waits: what helpers work on is its own.
	defer c.join()
	for i := range c.helpers[:min(len(c.helpers), n-1)] {
		if c.helpers[i].asleep.Load() {
			c.sleeper.Wake(i)
		}
	}
	c.do(0)
}

// do works on what nobody has begun.
func (c *Crew) do(worker int) {
	own := &c.shares[worker]
	for {
		i := own.take(false)
		if i < 0 {
			if i = c.steal(); i < 0 {
				return
			}
		}
		c.work(worker, i)
		c.sleeper.Pause()
	}
}

// steal takes a piece of whoever has most left; -1 if nobody has any.
func (c *Crew) steal() int {
	for {
		most, from := 0, -1
		for i := range c.shares {
			if n := c.shares[i].left(); n > most {
				most, from = n, i
			}
		}
		if from < 0 {
			return -1
		}
		if i := c.shares[from].take(true); i >= 0 {
			return i
		}
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
	c.do(worker)
}
