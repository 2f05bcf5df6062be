package device

import (
	"fmt"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/graphics/render"
)

// team is threads, one on each helping processor, that render together with the
// thread that calls. It implements render.Team. There is one for all renderers: who
// finds it at work renders alone.
type team struct {
	home   *thread.Processor
	crew   *render.Crew
	begin  []thread.Event // of helpers
	done   thread.Event
	busy   atomic.Bool
	closed atomic.Bool
}

// patience is how many checkpoints a helper makes before it sleeps: some 50
// microseconds, which is what waking up takes where processors are virtual.
const patience = 3000

func newTeam(home *thread.Processor, helpers []*thread.Processor, a *sched.Activity) (*team, error) {
	t := &team{home: home, begin: make([]thread.Event, len(helpers))}
	t.crew = render.NewCrew(len(helpers), patience, t)
	for i, p := range helpers {
		if _, err := p.Spawn(fmt.Sprintf("render %d", i+1), thread.Attributes{Activity: a}, func(*thread.Thread) { t.crew.Help(i) }); err != nil {
			t.close()
			return nil, err
		}
	}
	return t, nil
}

// close has the helpers end.
func (t *team) close() {
	t.closed.Store(true)
	for i := range t.begin {
		t.begin[i].Signal()
	}
}

// Workers implements render.Team.
func (t *team) Workers() int { return t.crew.Workers() }

// Do implements render.Team.
func (t *team) Do(n int, work func(worker, i int)) {
	if n < 2 || len(t.begin) == 0 || t.home != thread.Current().Processor() || !t.busy.CompareAndSwap(false, true) {
		for i := range n {
			work(0, i)
			thread.Checkpoint()
		}
		return
	}
	defer t.busy.Store(false)
	t.crew.Do(n, work)
}

// Sleep implements render.Sleeper.
func (t *team) Sleep(helper int) bool {
	return !t.closed.Load() && t.begin[helper].Wait(machine.Forever) == nil && !t.closed.Load()
}

// Wake implements render.Sleeper.
func (t *team) Wake(helper int) { t.begin[helper].Signal() }

// Join implements render.Sleeper.
func (t *team) Join() bool { return t.done.Wait(machine.Forever) == nil }

// Joined implements render.Sleeper.
func (t *team) Joined() { t.done.Signal() }

// Pause implements render.Sleeper.
func (t *team) Pause() { thread.Checkpoint() }
