package sched

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/mmlite/mmlite/firmware/machine"
)

// TestTally compares it with a calendar of every nanosecond.
func TestTally(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var tally Tally
		start := rapid.IntRange(0, 50).Draw(t, "start")
		period := rapid.IntRange(1, 20).Draw(t, "period")
		tally.Restart(machine.Duration(period), machine.Time(start))
		ran := make([]bool, start, 4000)
		for range rapid.IntRange(0, 40).Draw(t, "runs") {
			idle, used := rapid.IntRange(0, 50).Draw(t, "idle"), rapid.IntRange(0, 30).Draw(t, "used")
			for range idle {
				ran = append(ran, false)
			}
			for range used {
				ran = append(ran, true)
			}
			tally.Add(machine.Duration(used), machine.Time(len(ran)))
			now := len(ran) + rapid.IntRange(0, 30).Draw(t, "later")
			whole := (now - start) / period
			want := 0
			for at := start + (whole-1)*period; whole > 0 && at < start+whole*period; at++ {
				if at < len(ran) && ran[at] {
					want++
				}
			}
			if got := tally.Last(machine.Time(now)); int(got) != want {
				t.Fatalf("at %d the last period of %d from %d holds %d, not %v", now, period, start, want, got)
			}
		}
	})
}

func TestTallyOfExtremes(t *testing.T) {
	var tally Tally
	tally.Restart(-1, 5)
	tally.Add(10, machine.Forever)
	if tally.Last(machine.Forever) != 0 {
		t.Error("without a period")
	}
	tally.Restart(1, 0)
	tally.Add(3600*machine.Second, machine.Forever-1)
	if d := tally.Last(machine.Forever - 1); d != 1 {
		t.Errorf("%v of 1 ns", d)
	}
	tally.Restart(machine.Duration(machine.Forever), machine.Forever-1)
	tally.Add(5, machine.Forever)
	if d := tally.Last(machine.Forever); d < 0 {
		t.Error(d)
	}
}
