package mutate_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/mutate"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tone stands for a contract.
type tone interface {
	Play() int
}

type sine struct {
	pitch  int
	ended  atomic.Bool
	inside atomic.Int32
	count  int64
}

func (s *sine) Play() int {
	if s.ended.Load() {
		return -1
	}
	return s.pitch
}

var ctx = context.Background()

func draining(t testing.TB, impl tone, o mutate.Options) *mutate.Draining[tone] {
	t.Helper()
	c := new(mutate.Draining[tone])
	if err := c.Init(impl, o); err != nil {
		t.Fatal(err)
	}
	return c
}

func enter(t testing.TB, c *mutate.Draining[tone]) *mutate.Binding[tone] {
	t.Helper()
	in, err := c.Enter()
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func code(t *testing.T, err error, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got %v, want %v", err, want)
	}
}

func TestCell(t *testing.T) {
	var c mutate.Cell[tone]
	_, err := c.Load()
	code(t, err, com.ErrGone)
	_, err = c.Swap(&sine{})
	code(t, err, com.ErrGone)
	code(t, c.Init(nil), com.ErrInvalid)
	a, b := &sine{pitch: 1}, &sine{pitch: 2}
	if err := c.Init(a); err != nil {
		t.Fatal(err)
	}
	code(t, c.Init(b), com.ErrExists)
	_, err = c.Swap(nil)
	code(t, err, com.ErrInvalid)
	if old, err := c.Swap(b); old != a || err != nil {
		t.Fatal(old, err)
	}
	broken := errors.New("broken")
	_, err = c.Update(func(tone) (tone, error) { return nil, broken })
	code(t, err, broken)
	if now, err := c.Load(); now.Play() != 2 || err != nil {
		t.Fatal(now, err)
	}
	if last, err := c.Close(); last != b || err != nil {
		t.Fatal(last, err)
	}
	_, err = c.Close()
	code(t, err, com.ErrGone)
}

// louder is a filter.
type louder struct{ next tone }

func (l louder) Play() int { return l.next.Play() + 1 }

func TestFiltersAreNotLost(t *testing.T) {
	var c mutate.Cell[tone]
	if err := c.Init(&sine{}); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				if _, err := c.Update(func(old tone) (tone, error) { return louder{old}, nil }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if s, _ := c.Load(); s.Play() != 200 {
		t.Fatalf("%d filters in place, want 200", s.Play())
	}
}

func TestSwapLetsOldCallersFinish(t *testing.T) {
	a, b := &sine{pitch: 1}, &sine{pitch: 2}
	c := draining(t, a, mutate.Options{})
	in := enter(t, c)
	old, err := c.Swap(ctx, b)
	if err != nil {
		t.Fatal(err)
	}
	now := enter(t, c)
	if now.Impl() != b || in.Impl() != a || old.Impl() != a || old.Callers() != 1 {
		t.Fatal("a new call must find the new implementation, an old one keeps its own")
	}
	now.Exit()
	gone, cancel := context.WithCancel(ctx)
	cancel()
	code(t, old.Drain(gone), context.Canceled)
	done := make(chan error)
	go func() { done <- old.Drain(ctx) }()
	in.Exit()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestReplaceGivesUp(t *testing.T) {
	a, b := &sine{pitch: 1}, &sine{pitch: 2}
	c := draining(t, a, mutate.Options{Tank: 1})
	in := enter(t, c)
	replacing, cancel := context.WithCancel(ctx)
	failed := make(chan error)
	go func() {
		_, err := c.Replace(replacing, b)
		failed <- err
	}()
	// A newcomer is held as soon as the door is closed, a second one refused.
	entered := make(chan *mutate.Binding[tone])
	go func() {
		for {
			in, err := c.Enter()
			if err != nil {
				t.Error(err)
			}
			if in != nil && replacing.Err() == nil {
				in.Exit() // came before the door was closed
				continue
			}
			entered <- in
			return
		}
	}()
	for _, held := c.Callers(); held == 0; _, held = c.Callers() {
	}
	_, err := c.Enter()
	code(t, err, com.ErrBusy)
	cancel()
	code(t, <-failed, context.Canceled)
	held := <-entered
	if held.Impl() != a {
		t.Fatal("a failed mutation changed the implementation")
	}
	held.Exit()
	in.Exit()
	if old, err := c.Replace(ctx, b); old != a || err != nil {
		t.Fatal(old, err)
	}
}

func TestNobodyIsHeldWithoutTank(t *testing.T) {
	c := draining(t, &sine{}, mutate.Options{Tank: -1})
	err := c.Mutate(ctx, func(old tone) (tone, error) {
		_, err := c.Enter()
		code(t, err, com.ErrBusy)
		if inside, held := c.Callers(); inside != 0 || held != 0 {
			t.Errorf("%d inside, %d held", inside, held)
		}
		return old, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	enter(t, c).Exit()
}

func TestFailedChangeLeavesTheOld(t *testing.T) {
	a := &sine{pitch: 1}
	c := draining(t, a, mutate.Options{})
	broken := errors.New("broken")
	code(t, c.Mutate(ctx, func(tone) (tone, error) { return nil, broken }), broken)
	code(t, c.Mutate(ctx, func(tone) (tone, error) { return nil, nil }), com.ErrInvalid)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("panic was swallowed")
			}
		}()
		c.Mutate(ctx, func(tone) (tone, error) { panic("change") })
	}()
	in := enter(t, c)
	defer in.Exit()
	if in.Impl() != a {
		t.Fatal("implementation changed")
	}
}

func TestClosedCell(t *testing.T) {
	var zero mutate.Draining[tone]
	_, err := zero.Enter()
	code(t, err, com.ErrGone)
	_, err = zero.Swap(ctx, &sine{})
	code(t, err, com.ErrGone)
	code(t, zero.Mutate(ctx, nil), com.ErrGone)

	c := draining(t, &sine{}, mutate.Options{})
	code(t, c.Init(&sine{}, mutate.Options{}), com.ErrExists)
	_, err = c.Swap(ctx, nil)
	code(t, err, com.ErrInvalid)
	in := enter(t, c)
	last, err := c.Close(ctx)
	if err != nil || last.Callers() != 1 {
		t.Fatal(last, err)
	}
	_, err = c.Enter()
	code(t, err, com.ErrGone)
	in.Exit()
	if err := last.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	_, err = c.Close(ctx)
	code(t, err, com.ErrGone)
}

func TestMutateExcludesCallersOfEarlierImplementations(t *testing.T) {
	c := draining(t, &sine{}, mutate.Options{})
	in := enter(t, c)
	if _, err := c.Swap(ctx, &sine{}); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	keep := func(old tone) (tone, error) { return old, nil }
	code(t, c.Mutate(ended, keep), context.Canceled)
	in.Exit()
	if err := c.Mutate(ended, keep); err != nil {
		t.Fatal(err)
	}
}

func TestOneMutatorAtATime(t *testing.T) {
	c := draining(t, &sine{}, mutate.Options{})
	ended, cancel := context.WithCancel(ctx)
	cancel()
	err := c.Mutate(ctx, func(old tone) (tone, error) {
		_, err := c.Swap(ended, &sine{})
		code(t, err, context.Canceled)
		return old, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestUnderLoad replaces in all ways beside callers. No call may find an
// implementation that has ended, none may be inside while one is excluded, and
// the state that Mutate carries over must count every call.
func TestUnderLoad(t *testing.T) {
	c := draining(t, &sine{}, mutate.Options{})
	const callers, calls = 4, 3000
	var working, mutating sync.WaitGroup
	stop := make(chan struct{})
	for range callers {
		working.Go(func() {
			for range calls {
				in, err := c.Enter()
				if err != nil {
					t.Error(err)
					return
				}
				s := in.Impl().(*sine)
				s.inside.Add(1)
				atomic.AddInt64(&s.count, 1)
				if s.Play() < 0 {
					t.Error("call on an implementation that has ended")
				}
				s.inside.Add(-1)
				in.Exit()
			}
		})
	}
	var drained atomic.Int64
	replace := func(f func() error) {
		mutating.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					if err := f(); err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	replace(func() error {
		old, err := c.Swap(ctx, &sine{})
		if err != nil {
			return err
		}
		if err := old.Drain(ctx); err != nil {
			return err
		}
		s := old.Impl().(*sine)
		s.ended.Store(true)
		drained.Add(s.count)
		return nil
	})
	replace(func() error {
		old, err := c.Replace(ctx, &sine{})
		if err == nil {
			old.(*sine).ended.Store(true)
			drained.Add(old.(*sine).count)
		}
		return err
	})
	replace(func() error {
		return c.Mutate(ctx, func(old tone) (tone, error) {
			s := old.(*sine)
			if s.inside.Load() != 0 {
				t.Error("somebody is inside during a mutation")
			}
			s.ended.Store(true)
			return &sine{count: s.count}, nil
		})
	})
	working.Wait()
	close(stop)
	mutating.Wait()
	last, err := c.Close(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if n := drained.Load() + last.Impl().(*sine).count; n != callers*calls {
		t.Fatalf("%d calls counted, want %d", n, callers*calls)
	}
}

func TestNoGarbage(t *testing.T) {
	c := draining(t, &sine{}, mutate.Options{})
	var p mutate.Cell[tone]
	p.Init(&sine{})
	if n := testing.AllocsPerRun(1000, func() {
		in, _ := c.Enter()
		in.Impl().Play()
		in.Exit()
		s, _ := p.Load()
		s.Play()
	}); n != 0 {
		t.Fatalf("%v allocations a call", n)
	}
}
