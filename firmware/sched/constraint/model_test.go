package constraint

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/sched/internal/world"
)

const (
	us = machine.Microsecond
	ms = machine.Millisecond
)

// exact is a policy whose threads give way at once.
var exact = Config{Allowance: -1, Limit: 900}

// subject returns a policy, with threads that give way at once or late.
func subject(late bool) *world.Subject {
	cfg, by := exact, machine.Duration(0)
	if late {
		cfg, by = Config{Limit: 950}, 70*us
	}
	p := New(cfg)
	p.pool.moves = true
	return &world.Subject{
		Policy:   p,
		Depth:    maxDepth,
		Late:     by,
		Deadline: func(e *sched.Entity) machine.Time { return p.of(e).top.deadline },
		Behalf: func() *sched.Activity {
			if p.cur.kind <= own && p.cur.act != nil {
				return p.cur.act.a
			}
			return nil
		},
		Since:  func(*sched.Activity) machine.Time { return p.now },
		Settle: p.settle,
		State: func(yield func(*sched.Activity, any, machine.Duration)) {
			for _, x := range p.deadlines.heap {
				if x.rec.thread != nil {
					yield(x.rec.act.a, x.rec, x.rec.total)
				}
			}
		},
		Steps:    p.Steps,
		MaxSteps: 100,
	}
}

// TestPromisesHoldShrinking has rapid choose what threads do, and look for the
// shortest way to a promise that is broken.
func TestPromisesHoldShrinking(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 4).Draw(t, "activities")
		w := world.New(subject(rapid.Bool().Draw(t, "late")), n, func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "chance") })
		for range rapid.IntRange(1, 200).Draw(t, "operations") {
			if err := w.Step(); err != nil {
				t.Fatal(w.Describe(err))
			}
		}
	})
}

// operations is how many random operations a test of the short tier does, unless
// MMLITE_OPERATIONS says otherwise.
func operations(t *testing.T, n int) int {
	if s := os.Getenv("MMLITE_OPERATIONS"); s != "" {
		k, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	return n
}

// TestPromisesHold does many random operations from seeds, in worlds of several
// sizes, with threads that give way at once and late, and has the policy walk all
// that it keeps after each.
func TestPromisesHold(t *testing.T) {
	const round = 2000
	total := operations(t, 120_000)
	var sum world.Counts
	for seed := uint64(1); sum.Operations < total; seed++ {
		r := rand.New(rand.NewPCG(seed, 42))
		w := world.New(subject(seed%2 == 0), 1+int(seed%7), r.IntN)
		w.Verbose = os.Getenv("MMLITE_HISTORY") != ""
		for range round {
			if err := w.Step(); err != nil {
				t.Fatalf("seed %d, %s", seed, w.Describe(err))
			}
		}
		sum.Add(w.Counts)
	}
	t.Logf("%v", sum)
	if sum.Granted < total/50 || sum.Refused < total/200 || sum.Held < total/100 || sum.Windows < total/2 {
		t.Error("that is too few of something to say much")
	}
}
