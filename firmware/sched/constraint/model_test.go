package constraint

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/mmlite/mmlite/firmware/machine"
)

// exact is a policy whose threads give way at once.
var exact = Config{Allowance: -1, Limit: 900}

// TestPromisesHoldShrinking has rapid choose what threads do, and look for the
// shortest way to a promise that is broken.
func TestPromisesHoldShrinking(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 4).Draw(t, "activities")
		cfg, late := exact, machine.Duration(0)
		if rapid.Bool().Draw(t, "late") {
			cfg = Config{Limit: 950}
			late = 70 * us
		}
		w := newWorld(cfg, late, n, func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "chance") })
		for range rapid.IntRange(1, 200).Draw(t, "operations") {
			if err := w.step(); err != nil {
				t.Fatal(w.describe(err))
			}
		}
	})
}

// operations is how many random operations a test of the short tier does. The
// environment variable MMLITE_OPERATIONS sets another number for the long one.
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
// sizes, with threads that give way at once and late.
func TestPromisesHold(t *testing.T) {
	const round = 2000
	total := operations(t, 120_000)
	var done, checked, held, windows, granted, refused int
	for seed := uint64(1); done < total; seed++ {
		r := rand.New(rand.NewPCG(seed, 42))
		cfg, late := exact, machine.Duration(0)
		if seed%2 == 0 {
			cfg, late = Config{Limit: 950}, 70*us
		}
		w := newWorld(cfg, late, 1+int(seed%7), r.IntN)
		w.walk = seed%4 < 2
		w.verbose = os.Getenv("MMLITE_HISTORY") != ""
		for range round {
			if err := w.step(); err != nil {
				t.Fatalf("seed %d, %s", seed, w.describe(err))
			}
		}
		if err := w.p.Check(); err != nil {
			t.Fatalf("seed %d, %s", seed, w.describe(err))
		}
		done += w.ops
		checked += w.checked
		held += w.held
		windows += w.windows
		granted += w.granted
		refused += w.refused
	}
	t.Logf("%d operations; constraints: %d promised, %d refused, %d looked at when their deadlines came, %d of threads that did their part; %d windows", done, granted, refused, checked, held, windows)
	if granted < total/50 || refused < total/100 || held < total/100 || windows < total/2 {
		t.Error("that is too few of something to say much")
	}
}
