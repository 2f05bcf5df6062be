package synth

import (
	"sync/atomic"

	"github.com/mmlite/mmlite/synth/bank"
)

// wish is what a loader is asked for: the samples of a preset, or of one note of it.
type wish struct {
	preset   *bank.Preset
	key      int16 // less than 0: all
	velocity uint8
	job      *job // instead of a preset
}

// job is other work for a loader's thread.
type job struct {
	do func(l *loader)
}

const maxWishes = 256

// wishes is a queue that any number of goroutines put to, a thread in the middle
// of a period among them, and one takes from. Nobody waits.
type wishes struct {
	cells [maxWishes]struct {
		turn atomic.Uint64 // the wish's number, once it is there
		w    wish
	}
	put, taken atomic.Uint64
}

// add puts a wish and returns its number, from 1 on, or 0 if there is no room.
func (q *wishes) add(w wish) uint64 {
	for {
		n := q.put.Load()
		if n-q.taken.Load() >= maxWishes {
			return 0
		}
		if q.put.CompareAndSwap(n, n+1) {
			c := &q.cells[n%maxWishes]
			c.w = w
			c.turn.Store(n + 1)
			return n + 1
		}
	}
}

// take takes the first wish, if there is one.
func (q *wishes) take() (w wish, ok bool) {
	n := q.taken.Load()
	c := &q.cells[n%maxWishes]
	if c.turn.Load() != n+1 {
		return wish{}, false
	}
	w, c.w = c.w, wish{}
	q.taken.Store(n + 1)
	return w, true
}
