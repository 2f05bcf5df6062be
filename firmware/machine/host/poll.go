package host

import (
	"sync"
	"time"

	"github.com/mmlite/mmlite/firmware/machine"
)

const (
	// pollFirst and pollMost bound how often words in shared memory are looked at
	// by a sleeper whom their writer cannot wake.
	pollFirst = 50 * time.Microsecond
	pollMost  = time.Millisecond
)

// pollIdler sleeps on a channel, and looks at its words from time to time.
type pollIdler struct {
	m     *Machine
	wake  chan struct{}
	timer *time.Timer
}

func newPollIdler(m *Machine) *pollIdler {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return &pollIdler{m: m, wake: make(chan struct{}, 1), timer: t}
}

func (i *pollIdler) Idle(watch []machine.Word, until machine.Time) bool {
	if len(watch) > 0 {
		i.m.ring.enter(i, watch)
		defer i.m.ring.leave(i)
	}
	period := pollFirst
	for {
		for _, w := range watch {
			if w.Changed() {
				return true
			}
		}
		left := until.Sub(i.m.Now()).Std()
		if left <= 0 {
			return true
		}
		if len(watch) > 0 {
			left = min(left, period)
			period = min(2*period, pollMost)
		}
		i.timer.Reset(left)
		select {
		case <-i.wake:
			i.timer.Stop()
			return true
		case <-i.timer.C:
		}
	}
}

func (i *pollIdler) Wake() {
	select {
	case i.wake <- struct{}{}:
	default:
	}
}

func (i *pollIdler) Close() { i.timer.Stop() }

// ringers lets those be woken who sleep on a word in this same process.
type ringers struct {
	mu       sync.Mutex
	sleepers []sleeper
}

type sleeper struct {
	i     *pollIdler
	watch []machine.Word
}

func (r *ringers) enter(i *pollIdler, watch []machine.Word) {
	r.mu.Lock()
	r.sleepers = append(r.sleepers, sleeper{i, watch})
	r.mu.Unlock()
}

func (r *ringers) leave(i *pollIdler) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for n := range r.sleepers {
		if r.sleepers[n].i == i {
			last := len(r.sleepers) - 1
			r.sleepers[n] = r.sleepers[last]
			r.sleepers[last] = sleeper{}
			r.sleepers = r.sleepers[:last]
			return
		}
	}
}

func (r *ringers) ring(word *uint32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.sleepers {
		for _, w := range s.watch {
			if w.Addr == word {
				s.i.Wake()
				break
			}
		}
	}
}
