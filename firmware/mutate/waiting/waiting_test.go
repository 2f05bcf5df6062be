package waiting

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine/host"
	"github.com/mmlite/mmlite/firmware/mutate"
	"github.com/mmlite/mmlite/firmware/thread"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var ctx = context.Background()

// places returns ways to run a function to its end: on threads of two virtual
// processors, and on a goroutine.
func places(t *testing.T) []func(func()) {
	t.Helper()
	var list []func(func())
	machine := host.New()
	for i := range 2 {
		p := thread.NewProcessor(thread.Config{Name: fmt.Sprint(i), Machine: machine})
		running, stop := context.WithCancel(ctx)
		done := make(chan error)
		go func() { done <- p.Run(running) }()
		t.Cleanup(func() {
			stop()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
		list = append(list, func(f func()) {
			if err := p.Call("test", thread.Attributes{}, func(*thread.Thread) { f() }); err != nil {
				t.Error(err)
			}
		})
	}
	return append(list, func(f func()) { f() })
}

func TestAllWaitForOne(t *testing.T) {
	at := places(t)
	for range 100 {
		e := Event()
		var wg sync.WaitGroup
		for i := range 9 {
			wg.Go(func() {
				at[i%3](func() {
					if err := e.Wait(ctx); err != nil {
						t.Error(err)
					}
				})
			})
		}
		wg.Go(func() { at[0](e.Set) })
		wg.Wait()
		e.Set()
		for _, run := range at {
			run(func() {
				if err := e.Wait(ctx); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func TestOneGivesUpAndOthersWait(t *testing.T) {
	at := places(t)
	for _, run := range at {
		e := Event().(*event)
		limited, cancel := context.WithCancel(ctx)
		var wg sync.WaitGroup
		var done atomic.Int64
		for _, other := range at {
			wg.Go(func() {
				other(func() {
					if err := e.Wait(ctx); err != nil {
						t.Error(err)
					}
					done.Add(1)
				})
			})
		}
		gaveUp := make(chan error)
		go run(func() { gaveUp <- e.Wait(limited) })
		waiting := func() (n int) {
			for w := e.waiters.Load(); w != nil; w = w.next {
				n++
			}
			return n
		}
		for waiting() < 4 {
		}
		cancel()
		if err := <-gaveUp; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if done.Load() != 0 {
			t.Error("others went on when one gave up")
		}
		run(func() {
			if err := e.Wait(limited); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
		e.Set()
		wg.Wait()
	}
}

type tone interface{ Play(*atomic.Int64) }

type sine struct{ ended atomic.Bool }

func (s *sine) Play(failures *atomic.Int64) {
	thread.Checkpoint()
	if s.ended.Load() {
		failures.Add(1)
	}
}

// TestCellOnThreads replaces an implementation from one processor while threads
// of another one and a goroutine call it.
func TestCellOnThreads(t *testing.T) {
	at := places(t)
	c := new(mutate.Draining[tone])
	if err := c.Init(&sine{}, mutate.Options{Wait: Event}); err != nil {
		t.Fatal(err)
	}
	var failures atomic.Int64
	var calling, replacing sync.WaitGroup
	var stop atomic.Bool
	for _, run := range at {
		calling.Go(func() {
			run(func() {
				for range 3000 {
					in, err := c.Enter()
					if err != nil {
						t.Error(err)
						return
					}
					in.Impl().Play(&failures)
					in.Exit()
				}
			})
		})
		replacing.Go(func() {
			run(func() {
				for !stop.Load() {
					old, err := c.Replace(ctx, &sine{})
					if err != nil {
						t.Error(err)
						return
					}
					old.(*sine).ended.Store(true)
					if thread.Current() != nil {
						thread.Yield()
					}
				}
			})
		})
	}
	calling.Wait()
	stop.Store(true)
	replacing.Wait()
	if n := failures.Load(); n != 0 {
		t.Fatalf("%d calls in an implementation that had ended", n)
	}
	if _, err := c.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Enter(); !errors.Is(err, com.ErrGone) {
		t.Fatal(err)
	}
}
