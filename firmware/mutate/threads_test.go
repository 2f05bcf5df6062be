package mutate

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"pgregory.net/rapid"
)

// processor runs coroutines one at a time, as a virtual processor of the card
// does: whatever blocked on Go's own primitives would stop it for good.
type processor struct {
	threads []*coroutine
	running *coroutine
}

type coroutine struct {
	next  func() (struct{}, bool)
	stop  func()
	yield func(struct{}) bool
	wants *flag
}

type flag struct {
	cpu *processor
	set bool
}

func (f *flag) Set() { f.set = true }

func (f *flag) Wait(ctx context.Context) error {
	for !f.set {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		f.cpu.running.wants = f
		f.cpu.pause()
	}
	return nil
}

func (p *processor) waiter() Event { return &flag{cpu: p} }

// errStopped unwinds a thread of a run that was given up.
var errStopped = errors.New("stopped")

func (p *processor) pause() {
	if !p.running.yield(struct{}{}) {
		panic(errStopped)
	}
}

func (p *processor) start(f func()) {
	t := &coroutine{}
	t.next, t.stop = iter.Pull(func(yield func(struct{}) bool) {
		t.yield = yield
		defer func() {
			if r := recover(); r != nil && r != errStopped {
				panic(r)
			}
		}()
		f()
	})
	p.threads = append(p.threads, t)
}

// run resumes threads in the order that choose says until all have ended. Those
// waiting for an event are resumed when it was set, or when nobody else can
// run, as if their deadline had passed.
func (p *processor) run(choose func(n int) int, expire func()) error {
	for len(p.threads) > 0 {
		var ready []int
		for i, t := range p.threads {
			if t.wants == nil || t.wants.set {
				ready = append(ready, i)
			}
		}
		if len(ready) == 0 {
			if expire == nil {
				return fmt.Errorf("%d threads wait for ever", len(p.threads))
			}
			expire()
			expire = nil
			for i := range p.threads {
				ready = append(ready, i)
			}
		}
		i := ready[choose(len(ready))]
		t := p.threads[i]
		t.wants, p.running = nil, t
		if _, more := t.next(); !more {
			p.threads = append(p.threads[:i], p.threads[i+1:]...)
		}
	}
	return nil
}

// TestAnyOrder runs callers and mutators on one processor in orders that rapid
// chooses, and finds no call in an ended or excluded implementation, and no
// thread that waits for ever.
func TestAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cpu := &processor{}
		defer func() {
			for _, th := range cpu.threads {
				cpu.running = th
				th.stop()
			}
		}()
		c := new(Draining[tone])
		tank := rapid.SampledFrom([]int{-1, 0, 1}).Draw(t, "tank")
		if err := c.Init(&sine{}, Options{Wait: cpu.waiter, Tank: tank}); err != nil {
			t.Fatal(err)
		}
		deadline, expire := context.WithCancel(ctx)
		defer expire()
		excluded, closed, entered, counted, busy := false, false, 0, 0, 0
		end := func(impl tone) {
			s := impl.(*sine)
			if s.ended.Swap(true) {
				t.Fatal("implementation handed out twice")
			}
			counted += int(s.count)
		}
		ignore := func(err error) {
			if err != nil && !errors.Is(err, com.ErrGone) && !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
		}
		caller := func(steps int) func() {
			return func() {
				in, err := c.EnterContext(deadline)
				if errors.Is(err, com.ErrBusy) {
					busy++
					return
				}
				if ignore(err); err != nil {
					return
				}
				defer in.Exit()
				s := in.Impl().(*sine)
				entered++
				for range steps {
					if excluded || s.ended.Load() {
						t.Fatal("call inside an ended or excluded implementation")
					}
					cpu.pause()
				}
				s.count++
			}
		}
		for range rapid.IntRange(1, 12).Draw(t, "threads") {
			steps := rapid.IntRange(0, 3).Draw(t, "steps")
			switch rapid.IntRange(0, 7).Draw(t, "kind") {
			case 0:
				cpu.start(func() {
					old, err := c.Swap(deadline, &sine{})
					if ignore(err); err != nil {
						return
					}
					if err := old.Drain(ctx); err != nil {
						t.Fatal(err)
					}
					end(old.Impl())
				})
			case 1:
				cpu.start(func() {
					old, err := c.Replace(deadline, &sine{})
					if ignore(err); err == nil {
						end(old)
					}
				})
			case 2:
				cpu.start(func() {
					ignore(c.Mutate(deadline, func(old tone) (tone, error) {
						excluded = true
						defer func() { excluded = false }()
						for range steps {
							cpu.pause()
						}
						if steps == 3 {
							return nil, com.ErrGone
						}
						end(old)
						return &sine{}, nil
					}))
				})
			case 3:
				cpu.start(func() {
					old, err := c.Close(deadline)
					if ignore(err); err != nil {
						return
					}
					closed = true
					if err := old.Drain(ctx); err != nil {
						t.Fatal(err)
					}
					end(old.Impl())
				})
			default:
				cpu.start(caller(steps))
			}
		}
		choose := func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "next") }
		if err := cpu.run(choose, nil); err != nil {
			t.Fatal(err)
		}
		if !closed {
			last, err := c.Close(ctx)
			if err != nil {
				t.Fatal(err)
			}
			end(last.Impl())
		}
		if entered != counted || tank == 0 && busy > 0 {
			t.Fatalf("%d calls entered, %d counted, %d refused", entered, counted, busy)
		}
	})
}

// TestDeadlineOnOneProcessor has a caller that never leaves.
func TestDeadlineOnOneProcessor(t *testing.T) {
	cpu := &processor{}
	a := &sine{pitch: 1}
	c := draining(t, a, Options{Wait: cpu.waiter})
	stuck := enter(t, c)
	deadline, expire := context.WithCancel(ctx)
	var order []string
	cpu.start(func() {
		_, err := c.Replace(deadline, &sine{})
		code(t, err, context.Canceled)
		order = append(order, "replace")
	})
	cpu.start(func() {
		in := enter(t, c)
		if in.Impl() != a {
			t.Error("not the old implementation")
		}
		in.Exit()
		order = append(order, "caller")
	})
	if err := cpu.run(func(int) int { return 0 }, expire); err != nil {
		t.Fatal(err)
	}
	if len(order) != 2 || order[0] != "replace" {
		t.Fatal(order)
	}
	stuck.Exit()
}
