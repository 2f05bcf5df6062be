package device

import (
	"fmt"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/thread"
)

// team is threads, one on each helping processor, that render together with the
// thread that calls. It implements render.Team. There is one for all renderers: who
// finds it at work renders alone.
type team struct {
	home    *thread.Processor
	helpers []*helper
	busy    atomic.Bool
	closed  atomic.Bool
	work    func(worker, i int)
	count   int32
	next    atomic.Int32 // what nobody has begun yet
	away    atomic.Int32 // helpers at work
	done    thread.Event
}

type helper struct {
	begin thread.Event
}

// few is how many pieces are not worth waking anybody.
const few = 8

func newTeam(home *thread.Processor, helpers []*thread.Processor, a *sched.Activity) (*team, error) {
	t := &team{home: home}
	for i, p := range helpers {
		h := &helper{}
		if _, err := p.Spawn(fmt.Sprintf("render %d", i+1), thread.Attributes{Activity: a}, func(*thread.Thread) { t.help(h, i+1) }); err != nil {
			t.close()
			return nil, err
		}
		t.helpers = append(t.helpers, h)
	}
	return t, nil
}

// close has the helpers end.
func (t *team) close() {
	t.closed.Store(true)
	for _, h := range t.helpers {
		h.begin.Signal()
	}
}

// Workers implements render.Team.
func (t *team) Workers() int { return 1 + len(t.helpers) }

// Do implements render.Team.
func (t *team) Do(n int, work func(worker, i int)) {
	if n < few || len(t.helpers) == 0 || t.home != thread.Current().Processor() || !t.busy.CompareAndSwap(false, true) {
		for i := range n {
			work(0, i)
			thread.Checkpoint()
		}
		return
	}
	t.work, t.count = work, int32(n)
	t.next.Store(0)
	t.away.Store(int32(len(t.helpers)))
	for _, h := range t.helpers {
		h.begin.Signal()
	}
	// Also a thread that is to be ended waits: what helpers draw on is its caller's.
	defer t.join()
	t.share(0)
}

func (t *team) join() {
	for t.away.Load() > 0 {
		if t.done.Wait(machine.Forever) != nil {
			break
		}
	}
	t.busy.Store(false)
}

// share works on what nobody has begun.
func (t *team) share(worker int) {
	for {
		i := t.next.Add(1) - 1
		if i >= t.count {
			return
		}
		t.work(worker, int(i))
		thread.Checkpoint()
	}
}

// help is a helper's life.
func (t *team) help(h *helper, worker int) {
	for {
		if h.begin.Wait(machine.Forever) != nil || t.closed.Load() {
			return
		}
		t.part(worker)
	}
}

func (t *team) part(worker int) {
	defer func() {
		if t.away.Add(-1) == 0 {
			t.done.Signal()
		}
	}()
	t.share(worker)
}
