package edf

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
	worlds "github.com/mmlite/mmlite/firmware/sched/internal/world"
)

// subject returns a policy, with threads that give way at once or late.
func subject(late bool) *worlds.Subject {
	by := machine.Duration(0)
	if late {
		by = 50 * us
	}
	p := New(Config{Blocking: by, Limit: 900})
	return &worlds.Subject{
		Policy: p,
		Depth:  MaxNested,
		Late:   by,
		// The amount may come late by that, and the budget before it may have been
		// exceeded by as much.
		Slack:       2 * by,
		Recovery:    300 * ms,
		ResolvesAll: true,
		Deadline: func(e *sched.Entity) machine.Time {
			t := p.task(e)
			return t.stack[t.depth-1].deadline
		},
		Behalf: func() *sched.Activity {
			if p.running.entry != nil && p.running.on != nil {
				return p.running.on.ent.Activity
			}
			return nil
		},
		Since: func(a *sched.Activity) machine.Time {
			if s := p.of[a]; s.budget <= 0 {
				return s.deadline
			}
			return 0
		},
		Settle: p.catchUp,
		State: func(yield func(*sched.Activity, any, machine.Duration)) {
			for _, k := range p.accepted {
				yield(k.task.ent.Activity, k, k.rest)
			}
		},
		Steps: func() uint64 { return 0 },
	}
}

// TestPromisesHoldShrinking has rapid choose what threads do, and look for the
// shortest way to a promise that is broken.
func TestPromisesHoldShrinking(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 4).Draw(t, "activities")
		w := worlds.New(subject(rapid.Bool().Draw(t, "late")), n, func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "chance") })
		for range rapid.IntRange(1, 200).Draw(t, "operations") {
			if err := w.Step(); err != nil {
				t.Fatal(w.Describe(err))
			}
		}
	})
}

// TestPromisesHold does many random operations from seeds, in worlds of several
// sizes, with threads that give way at once and late, and has the policy walk all
// that it keeps after each. The environment variable MMLITE_OPERATIONS sets how many.
func TestPromisesHold(t *testing.T) {
	const round = 2000
	total := 120_000
	if s := os.Getenv("MMLITE_OPERATIONS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		total = n
	}
	var sum worlds.Counts
	for seed := uint64(1); sum.Operations < total; seed++ {
		r := rand.New(rand.NewPCG(seed, 42))
		w := worlds.New(subject(seed%2 == 0), 1+int(seed%7), r.IntN)
		w.Verbose = os.Getenv("MMLITE_HISTORY") != ""
		for range round {
			if err := w.Step(); err != nil {
				t.Fatalf("seed %d, %s", seed, w.Describe(err))
			}
		}
		sum.Add(w.Counts)
	}
	t.Logf("%v", sum)
	if sum.Granted < total/50 || sum.Refused < total/200 || sum.Held < total/100 || sum.Windows < total/4 {
		t.Error("that is too few of something to say much")
	}
}
