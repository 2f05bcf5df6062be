package wait

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/sim"
	"github.com/mmlite/mmlite/firmware/thread"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var background = context.Background()

func processor(t *testing.T) *thread.Processor {
	p := thread.NewProcessor(thread.Config{Machine: sim.New(1), Exit: func(_ *thread.Thread, f *thread.Failure) {
		t.Errorf("%v\n%s", f, f.Stack)
	}})
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func spawn(t *testing.T, p *thread.Processor, fn func()) *thread.Thread {
	t.Helper()
	th, err := p.Spawn("t", thread.Attributes{}, func(*thread.Thread) { fn() })
	if err != nil {
		t.Fatal(err)
	}
	return th
}

func run(t *testing.T, p *thread.Processor) {
	t.Helper()
	if err := p.RunFor(machine.Second); err != nil {
		t.Fatal(err)
	}
}

// call is a context as a link has it: it tells who asks, without a goroutine.
type call struct {
	context.Context
	err   error
	after []interface{ Signal() }
}

func (c *call) Err() error { return c.err }

func (c *call) WakeAtEnd(e interface{ Signal() }) int {
	c.after = append(c.after, e)
	return len(c.after) - 1
}

func (c *call) ForgetEnd(key int) {
	c.after[key] = nil
	if key == len(c.after)-1 {
		c.after = c.after[:key]
	}
}

func (c *call) cancel(err error) {
	c.err = err
	for _, e := range c.after {
		if e != nil {
			e.Signal()
		}
	}
}

func TestUntil(t *testing.T) {
	p := processor(t)
	var l List
	var word atomic.Bool
	var got [4]error
	for i := range got {
		got[i] = com.ErrFailed
	}
	c := &call{Context: background}
	timed, cancel := context.WithDeadline(background, time.Now().Add(time.Hour)) // it may take this test as long as that
	defer cancel()
	spawn(t, p, func() { got[0] = l.Until(nil, word.Load) })
	spawn(t, p, func() { got[1] = l.Until(c, func() bool { return false }) })
	spawn(t, p, func() { got[2] = l.Until(timed, func() bool { return false }) })
	spawn(t, p, func() {
		got[3] = l.UntilTime(background, thread.Now().Add(machine.Second/2), func() bool { return false })
	})
	if err := p.RunFor(machine.Millisecond); err != nil {
		t.Fatal(err)
	}
	if n := l.count.Load(); n != 4 {
		t.Fatalf("%d threads wait", n)
	}
	l.Signal() // nothing has changed
	run(t, p)
	c.cancel(com.ErrCanceled)
	if err := p.RunFor(2 * 3600 * machine.Second); err != nil {
		t.Fatal(err)
	}
	if got[1] != com.ErrCanceled || got[2] != com.ErrTimeout || got[3] != com.ErrTimeout {
		t.Errorf("%v", got)
	}
	if got[0] != com.ErrFailed {
		t.Error("it did not wait for its condition")
	}
	word.Store(true)
	l.Signal()
	run(t, p)
	if got[0] != nil {
		t.Error(got[0])
	}
	if n := l.count.Load(); n != 0 {
		t.Errorf("%d threads are left in the list", n)
	}
	if len(c.after) != 0 {
		t.Errorf("%d events still hang on the context", len(c.after))
	}
}

func TestUntilNeedsAThread(t *testing.T) {
	var l List
	if err := l.Until(background, func() bool { return true }); err != nil {
		t.Error(err)
	}
	if err := l.Until(background, func() bool { return false }); com.CodeOf(err) != com.ErrInvalid {
		t.Error(err)
	}
	over, cancel := context.WithCancel(background)
	cancel()
	if err := l.Until(over, func() bool { return false }); com.CodeOf(err) != com.ErrCanceled {
		t.Error(err)
	}
}

func TestAListIsBounded(t *testing.T) {
	p := processor(t)
	var l List
	var stop atomic.Bool
	busy := 0
	for range Room + 3 {
		spawn(t, p, func() {
			if err := l.Until(nil, stop.Load); com.CodeOf(err) == com.ErrBusy {
				busy++
			} else if err != nil {
				t.Error(err)
			}
		})
	}
	run(t, p)
	if busy != 3 {
		t.Errorf("%d found no room, want 3", busy)
	}
	stop.Store(true)
	l.Signal()
	run(t, p)
	if l.count.Load() != 0 {
		t.Error("the list is not empty")
	}
}

func TestAKilledThreadLeaves(t *testing.T) {
	p := processor(t)
	var l List
	var g Gate
	th := spawn(t, p, func() {
		if err := g.Enter(background); err != nil {
			t.Error(err)
		}
		defer g.Leave()
		l.Until(background, func() bool { return false })
		t.Error("it came back")
	})
	run(t, p)
	entered := false
	spawn(t, p, func() {
		if err := g.Enter(background); err != nil {
			t.Error(err)
		}
		entered = true
		g.Leave()
	})
	run(t, p)
	if entered {
		t.Fatal("two in the gate")
	}
	th.Kill()
	run(t, p)
	if !entered || l.count.Load() != 0 {
		t.Error("a thread that ended is still in")
	}
}

func TestGateLetsInOneAtATime(t *testing.T) {
	p := processor(t)
	var g Gate
	in, done := 0, 0
	for range 20 {
		spawn(t, p, func() {
			if err := g.Enter(background); err != nil {
				t.Error(err)
			}
			defer g.Leave()
			if in++; in != 1 {
				t.Errorf("%d are in", in)
			}
			thread.Sleep(machine.Millisecond)
			in--
			done++
		})
	}
	run(t, p)
	if done != 20 {
		t.Errorf("%d came through", done)
	}
	c := &call{Context: background}
	spawn(t, p, func() {
		if err := g.Enter(background); err != nil {
			t.Error(err)
		}
		thread.Sleep(2 * machine.Second)
		g.Leave()
	})
	var got error
	spawn(t, p, func() { got = g.Enter(c) })
	run(t, p)
	c.cancel(com.ErrTimeout)
	run(t, p)
	if got != com.ErrTimeout {
		t.Error(got)
	}
}

type piece struct {
	task Task
	id   int
}

func TestReaper(t *testing.T) {
	p := processor(t)
	r, err := NewReaper(p, "reaper", nil)
	if err != nil {
		t.Fatal(err)
	}
	var done []int
	var pieces [5]*piece
	for i := range pieces {
		q := &piece{id: i}
		q.task.Do = func() {
			thread.Sleep(machine.Millisecond) // it may wait
			done = append(done, q.id)
			if q.id == 4 {
				r.Leave(&pieces[0].task) // and leave more
			}
		}
		pieces[i] = q
	}
	for i := 1; i < 5; i++ {
		r.Leave(&pieces[i].task)
	}
	r.Close()
	run(t, p)
	want := []int{1, 2, 3, 4, 0}
	if len(done) != len(want) {
		t.Fatalf("done: %v", done)
	}
	for i := range want {
		if done[i] != want[i] {
			t.Fatalf("done: %v, want %v", done, want)
		}
	}
	if n := len(p.Threads(nil)); n != 0 {
		t.Errorf("%d threads are left", n)
	}
}

func TestSignalAllocatesNothing(t *testing.T) {
	var l List
	var r Reaper
	task := &Task{Do: func() {}}
	if n := testing.AllocsPerRun(100, func() {
		l.Signal()
		r.Leave(task)
		r.tasks.Store(nil)
	}); n != 0 {
		t.Errorf("%g allocations", n)
	}
}

// TestWaitingAllocatesNothing has two threads wake each other in turns, one in a list
// and by the clock, the other through a gate.
func TestWaitingAllocatesNothing(t *testing.T) {
	p := processor(t)
	var here, there List
	var gate Gate
	var turn atomic.Int64
	c := &call{Context: background}
	const rounds = 1000
	spawn(t, p, func() {
		for i := int64(1); i <= rounds; i += 2 {
			if err := there.Until(nil, func() bool { return turn.Load() == i }); err != nil {
				t.Error(err)
				return
			}
			turn.Store(i + 1)
			here.Signal()
		}
	})
	spawn(t, p, func() {
		i := int64(0)
		if n := testing.AllocsPerRun(rounds/2-1, func() {
			if err := gate.Enter(c); err != nil {
				t.Error(err)
			}
			turn.Store(i + 1)
			there.Signal()
			i += 2
			if err := here.UntilTime(c, thread.Now().Add(machine.Second), func() bool { return turn.Load() == i }); err != nil {
				t.Error(err)
			}
			gate.Leave()
		}); n != 0 {
			t.Errorf("%v allocations to wait", n)
		}
	})
	run(t, p)
	if n := turn.Load(); n != rounds {
		t.Errorf("it is turn %d", n)
	}
}
