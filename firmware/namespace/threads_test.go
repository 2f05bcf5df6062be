package namespace

import (
	"context"
	"errors"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/component"
	"github.com/mmlite/mmlite/firmware/mutate/mutatetest"
	"pgregory.net/rapid"
)

// TestDemandInAnyOrder looks up, releases and trims on one processor in orders
// that rapid chooses; constructors take their time, fail, and need one another,
// in rings too. Nobody may wait for ever, nor find an object of which another
// one is alive, and at the end nothing may be left.
func TestDemandInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var cpu mutatetest.Processor
		defer cpu.Stop()
		names := []string{"a", "b", "c"}
		alive, made, ended := map[string]int{}, 0, 0
		var list []component.Component
		for _, n := range names {
			needs := rapid.SampledFrom([]string{"", "", "a", "b", "c"}).Draw(t, "needs")
			steps := rapid.IntRange(0, 3).Draw(t, "steps")
			fails := rapid.IntRange(0, 4).Draw(t, "fails") == 0
			c := component.Component{Manifest: component.Manifest{Name: n}}
			c.New = func(env *component.Env) (com.Unknown, error) {
				if made++; alive[n] != 0 {
					t.Fatalf("two of %s", n)
				}
				alive[n]++
				for range steps {
					cpu.Pause()
				}
				var other com.Unknown
				var err error
				if needs != "" {
					other, err = env.Names.Bind(ctx, needs)
				}
				if fails && err == nil {
					com.Release(other)
					err = com.ErrFailed
				}
				if err != nil {
					alive[n]--
					return nil, err
				}
				o := newThing(n)
				env.Init(&o.Object, o, func() {
					for range steps {
						cpu.Pause()
					}
					alive[n]--
					com.Release(other)
				})
				return o, nil
			}
			list = append(list, c)
		}
		cat, err := component.NewCatalogue(list...)
		if err != nil {
			t.Fatal(err)
		}
		keep := rapid.Bool().Draw(t, "keep")
		var d *Demand
		d = NewDemand(cat, DemandOptions{
			Wait: cpu.Event,
			Keep: func(m *component.Manifest) bool { return keep },
			Env: func(_ context.Context, c *component.Component) (*component.Env, error) {
				return &component.Env{Component: &c.Manifest, Names: d, Ended: func() { ended++ }}, nil
			},
		})
		deadline, expire := context.WithCancel(ctx)
		defer expire()
		for range rapid.IntRange(1, 8).Draw(t, "threads") {
			name := rapid.SampledFrom(names).Draw(t, "name")
			steps := rapid.IntRange(0, 3).Draw(t, "steps")
			trim := rapid.IntRange(0, 3).Draw(t, "trim") == 0
			limited := rapid.IntRange(0, 3).Draw(t, "limited") == 0
			cpu.Start(func() {
				c := ctx
				if limited {
					c = deadline
				}
				o, err := d.Bind(c, name)
				if err != nil {
					if !errors.Is(err, com.ErrFailed) && !errors.Is(err, com.ErrWouldDeadlock) && !errors.Is(err, context.Canceled) {
						t.Fatal(err)
					}
					return
				}
				for range steps {
					cpu.Pause()
				}
				if o.(*thing).name != name || o.(*thing).Refs() == 0 || alive[name] != 1 {
					t.Fatalf("%s: %v, %d alive", name, o, alive[name])
				}
				o.Release()
				if trim {
					d.Trim()
				}
			})
			cpu.Start(func() {
				cpu.Pause()
				if limited {
					expire()
				}
			})
		}
		choose := func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "next") }
		if err := cpu.Run(choose, nil); err != nil {
			t.Fatal(err)
		}
		cpu.Start(func() { d.Release() })
		if err := cpu.Run(choose, nil); err != nil {
			t.Fatal(err)
		}
		if alive["a"]+alive["b"]+alive["c"] != 0 || made != ended {
			t.Fatalf("left %v; %d made, %d ended", alive, made, ended)
		}
	})
}
