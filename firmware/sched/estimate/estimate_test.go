package estimate

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/mmlite/mmlite/firmware/machine"
)

const (
	us = machine.Microsecond
	ms = machine.Millisecond
)

// play adds n times, and returns how many of them were above their estimates, and
// how many times the work the estimates came to together.
func play(e *Estimator, n int, work func(k int) machine.Duration) (above int, factor float64) {
	var asked, taken machine.Duration
	for k := range n {
		x := work(k)
		next := e.Next()
		if x > next {
			above++
		}
		asked += next
		taken += x
		e.Add(x)
	}
	return above, asked.Seconds() / taken.Seconds()
}

// TestEstimatesCoverNoise has work of several kinds, and bounds from both sides:
// how often an estimate was too short, and how much was asked for too much.
func TestEstimatesCoverNoise(t *testing.T) {
	kinds := []struct {
		name   string
		work   func(r *rand.Rand, k int) machine.Duration
		above  float64 // part of the times
		factor float64
	}{
		{"constant", func(*rand.Rand, int) machine.Duration { return ms }, 0.0005, 1.02},
		{"even, from 0.8 to 1.2 ms", func(r *rand.Rand, _ int) machine.Duration { return 800*us + machine.Duration(r.IntN(400_000)) }, 0.0005, 1.6},
		{"normal, 10 percent", func(r *rand.Rand, _ int) machine.Duration {
			return ms + machine.Duration(r.NormFloat64()*float64(100*us))
		}, 0.002, 1.6},
		{"a long tail", func(r *rand.Rand, _ int) machine.Duration {
			return 500*us + machine.Duration(r.ExpFloat64()*float64(200*us))
		}, 0.02, 2.8},
		{"every 20th one twice as long", func(_ *rand.Rand, k int) machine.Duration {
			if k%20 == 19 {
				return 2 * ms
			}
			return ms
		}, 0.0005, 2.5},
		{"one outlier of 30", func(_ *rand.Rand, k int) machine.Duration {
			if k == 5000 {
				return 30 * ms
			}
			return ms
		}, 0.0005, 1.2},
	}
	for _, kind := range kinds {
		const n = 20_000
		r := rand.New(rand.NewPCG(1, 1))
		e := New(Config{First: 3 * ms})
		above, factor := play(e, n, func(k int) machine.Duration { return kind.work(r, k) })
		t.Logf("%-29s %5.2f %% above their estimates, which are %.2f times the work", kind.name, 100*float64(above)/n, factor)
		if float64(above)/n > kind.above || factor > kind.factor {
			t.Errorf("%s: %d of %d are above their estimates, which are %.2f times the work", kind.name, above, n, factor)
		}
	}
}

// TestUpAtOnceDownSlowly has the work change its size for good.
func TestUpAtOnceDownSlowly(t *testing.T) {
	e := New(Config{})
	r := rand.New(rand.NewPCG(2, 1))
	level := func(d machine.Duration) func(int) machine.Duration {
		return func(int) machine.Duration { return d + machine.Duration(r.Int64N(int64(d/10))) }
	}
	play(e, 500, level(ms))
	if above, _ := play(e, 100, level(3*ms)); above > 2 {
		t.Errorf("after a step up %d estimates are too short", above)
	}
	if x := e.Next(); x > 5*ms {
		t.Errorf("%v for 3 ms", x)
	}
	if above, _ := play(e, 20, level(ms)); above > 0 || e.Next() < 2*ms {
		t.Errorf("20 periods after a step down it is %v already, and %d were too short", e.Next(), above)
	}
	play(e, 200, level(ms))
	if x := e.Next(); x > 1500*us {
		t.Errorf("220 periods after a step down it is still %v", x)
	}
}

// TestOneOutlierChangesNothing, and a second one is believed; without outliers the
// first is.
func TestOneOutlierChangesNothing(t *testing.T) {
	for _, careful := range []bool{false, true} {
		cfg := Config{}
		if careful {
			cfg.Outliers = -1
		}
		e := New(cfg)
		play(e, 200, func(int) machine.Duration { return ms })
		e.Add(20 * ms)
		if x := e.Next(); careful && x < 20*ms || !careful && x > 2*ms || e.Longest() != 20*ms {
			t.Errorf("careful %v: %v after 20 ms; the longest is %v", careful, x, e.Longest())
		}
		play(e, 5, func(int) machine.Duration { return ms })
		e.Add(20 * ms)
		if x := e.Next(); x < 20*ms {
			t.Errorf("careful %v: %v after 20 ms twice", careful, x)
		}
	}
}

func TestBounds(t *testing.T) {
	for _, cfg := range []Config{
		{}, {First: -1, Floor: -1, Ceiling: -1, Window: -1, Outliers: -1, Margin: -1, Decay: -1},
		{First: math.MaxInt64, Floor: math.MaxInt64, Ceiling: math.MaxInt64, Window: math.MaxInt, Outliers: math.MaxInt, Margin: math.MaxInt, Decay: math.MaxInt},
		{Floor: 2 * ms, Ceiling: ms}, {Window: 1}, {Floor: ms, Ceiling: ms},
	} {
		e := New(cfg)
		for _, x := range []machine.Duration{0, -1, math.MinInt64, math.MaxInt64, 1, ms} {
			if n := e.Next(); n < e.cfg.Floor || n > e.cfg.Ceiling || n <= 0 {
				t.Errorf("%+v: %v", cfg, n)
			}
			e.Resize(x)
			e.Add(x)
		}
		if n := e.Next(); n < e.cfg.Floor || n > e.cfg.Ceiling {
			t.Errorf("%+v: %v", cfg, n)
		}
		e.Reset()
		if e.Count() != 0 || e.Longest() != 0 {
			t.Errorf("%+v: something is left", cfg)
		}
	}
	if e := New(Config{First: ms, Floor: 50 * us, Ceiling: 2 * ms}); e.Next() != ms {
		t.Errorf("first %v", e.Next())
	}
}

// TestWindowAgainstModel compares the sorted window with sorting.
func TestWindowAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := New(Config{Window: rapid.IntRange(1, MaxWindow).Draw(t, "window"), Outliers: -1, Floor: 1})
		var all []machine.Duration
		for range rapid.IntRange(1, 200).Draw(t, "times") {
			x := machine.Duration(rapid.IntRange(0, 20).Draw(t, "taken"))
			e.Add(x)
			if all = append(all, x); len(all) > e.cfg.Window {
				all = all[1:]
			}
			most := machine.Duration(0)
			for _, x := range all {
				most = max(most, x)
			}
			if e.Longest() != most {
				t.Fatalf("the longest of %v is %v", all, e.Longest())
			}
			if e.Next() < most {
				t.Fatalf("%v, and there were %v", e.Next(), all)
			}
		}
	})
}

// TestResizeChangesSeldom has a reservation follow work that changes now and then.
func TestResizeChangesSeldom(t *testing.T) {
	e := New(Config{First: ms})
	r := rand.New(rand.NewPCG(3, 1))
	have, changes, short := machine.Duration(0), 0, 0
	for k := range 4000 {
		level := ms
		if k/1000%2 == 1 {
			level = 3 * ms
		}
		x := level + machine.Duration(r.Int64N(int64(level/5)))
		if want, change := e.Resize(have); change {
			have = want
			changes++
		}
		if x > have {
			short++
		}
		e.Add(x)
	}
	t.Logf("%d changes in 4000 periods with 3 steps; %d periods were short", changes, short)
	if changes > 20 || short > 4 {
		t.Errorf("%d changes, %d periods were short", changes, short)
	}
	if have > 5*ms {
		t.Errorf("%v in the end", have)
	}
}

func TestNothingAllocates(t *testing.T) {
	e := New(Config{})
	x := machine.Duration(0)
	if n := testing.AllocsPerRun(1000, func() {
		x = (x*7 + 13) % (5 * ms)
		e.Add(x)
		e.Resize(e.Next())
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkAdd(b *testing.B) {
	e := New(Config{})
	x := machine.Duration(0)
	b.ReportAllocs()
	for b.Loop() {
		x = (x*7919 + 13) % (5 * ms)
		e.Add(x)
		e.Next()
	}
}
