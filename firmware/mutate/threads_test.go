package mutate_test

import (
	"context"
	"errors"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/mutate"
	"github.com/mmlite/mmlite/firmware/mutate/mutatetest"
	"pgregory.net/rapid"
)

// TestAnyOrder runs callers and mutators on one processor in orders that rapid
// chooses, and finds no call in an ended or excluded implementation, and no
// thread that waits for ever.
func TestAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var cpu mutatetest.Processor
		defer cpu.Stop()
		c := new(mutate.Draining[tone])
		tank := rapid.SampledFrom([]int{-1, 0, 1}).Draw(t, "tank")
		if err := c.Init(&sine{}, mutate.Options{Wait: cpu.Event, Tank: tank}); err != nil {
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
					cpu.Pause()
				}
				s.count++
			}
		}
		for range rapid.IntRange(1, 12).Draw(t, "threads") {
			steps := rapid.IntRange(0, 3).Draw(t, "steps")
			switch rapid.IntRange(0, 7).Draw(t, "kind") {
			case 0:
				cpu.Start(func() {
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
				cpu.Start(func() {
					old, err := c.Replace(deadline, &sine{})
					if ignore(err); err == nil {
						end(old)
					}
				})
			case 2:
				cpu.Start(func() {
					ignore(c.Mutate(deadline, func(old tone) (tone, error) {
						excluded = true
						defer func() { excluded = false }()
						for range steps {
							cpu.Pause()
						}
						if steps == 3 {
							return nil, com.ErrGone
						}
						end(old)
						return &sine{}, nil
					}))
				})
			case 3:
				cpu.Start(func() {
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
				cpu.Start(caller(steps))
			}
		}
		choose := func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "next") }
		if err := cpu.Run(choose, nil); err != nil {
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
	var cpu mutatetest.Processor
	a := &sine{pitch: 1}
	c := draining(t, a, mutate.Options{Wait: cpu.Event})
	stuck := enter(t, c)
	deadline, expire := context.WithCancel(ctx)
	var order []string
	cpu.Start(func() {
		_, err := c.Replace(deadline, &sine{})
		code(t, err, context.Canceled)
		order = append(order, "replace")
	})
	cpu.Start(func() {
		in := enter(t, c)
		if in.Impl() != a {
			t.Error("not the old implementation")
		}
		in.Exit()
		order = append(order, "caller")
	})
	if err := cpu.Run(func(int) int { return 0 }, expire); err != nil {
		t.Fatal(err)
	}
	if len(order) != 2 || order[0] != "replace" {
		t.Fatal(order)
	}
	stuck.Exit()
}
