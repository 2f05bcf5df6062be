package contest

import (
	"sync"
	"sync/atomic"
	"time"
)

// crew is a render.Team of goroutines that live as long as the process.
type crew struct {
	workers int
	calls   chan func(worker int)
	done    sync.WaitGroup
}

func newCrew(workers int) *crew {
	c := &crew{workers: workers, calls: make(chan func(int))}
	for w := 1; w < workers; w++ {
		go func() {
			for f := range c.calls {
				f(w)
			}
		}()
	}
	return c
}

// Workers implements render.Team.
func (c *crew) Workers() int { return c.workers }

// Do implements render.Team.
func (c *crew) Do(n int, work func(worker, i int)) {
	var next atomic.Int64
	take := func(worker int) {
		for {
			i := int(next.Add(1)) - 1
			if i >= n {
				return
			}
			work(worker, i)
		}
	}
	helpers := min(c.workers, n) - 1
	c.done.Add(max(helpers, 0))
	for range helpers {
		c.calls <- func(worker int) { take(worker); c.done.Done() }
	}
	take(0)
	c.done.Wait()
}

// NewTeam is this program with so many processors, measured by the wall clock.
func NewTeam(workers int) *Own {
	began := time.Now()
	o := &Own{tests: map[string]func() (*job, error){}, ready: map[string]*job{}, clock: func() time.Duration { return time.Since(began) }}
	scenes(o.tests, newCrew(workers))
	return o
}
