// Package contest measures the card's pictures beside those of other programs:
// the same work, in the same run, in turns. The others are C programs of the
// folder peers, compiled by the system's C compiler where their libraries are
// installed, each a process that does so many frames of a test when told to.
//
// What counts is processor time of the whole process, the median of many short
// rounds. The machine's speed changes from second to second; so the sides take
// turns within a round, and a factor is the median of the rounds' own factors.
package contest

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Side is one that takes part.
type Side interface {
	// Run does n frames of a test and returns the processor time they took. The
	// error is ErrUnknown if it has no such test.
	Run(test string, n int) (time.Duration, error)
}

// ErrUnknown: a side has no test of that name.
var ErrUnknown = errors.New("no such test")

// Result is of one side in one test.
type Result struct {
	Frame  time.Duration // what a frame takes
	Factor float64       // how many times as long as the first side's
}

// slice is how long a side works in a round, about.
const slice = 8 * time.Millisecond

// maxFrames bounds the frames of a round, for a clock that does not go on.
const maxFrames = 1 << 20

// Best takes turns as Measure does, and the best of the rounds of each side: for
// tests by the wall clock, which counts what else the machine does.
func Best(ctx context.Context, test string, sides []Side, rounds int) ([]Result, error) {
	took, err := turns(ctx, test, sides, rounds)
	if err != nil {
		return nil, err
	}
	out := make([]Result, len(sides))
	for i, all := range took {
		if len(all) > 0 {
			out[i].Frame = time.Duration(slices.Min(all))
		}
		if out[i].Frame > 0 && out[0].Frame > 0 {
			out[i].Factor = float64(out[i].Frame) / float64(out[0].Frame)
		}
	}
	return out, nil
}

// Measure takes rounds turns of a test on each side. A side that has no such
// test has a zero Result. The error is the context's or that of a side.
func Measure(ctx context.Context, test string, sides []Side, rounds int) ([]Result, error) {
	took, err := turns(ctx, test, sides, rounds)
	if err != nil {
		return nil, err
	}
	out := make([]Result, len(sides))
	for i, all := range took {
		if len(all) == 0 {
			continue
		}
		out[i].Frame = time.Duration(median(all))
		if len(took[0]) == 0 {
			continue
		}
		factors := make([]float64, len(all))
		for k, t := range all {
			factors[k] = t / took[0][k]
		}
		out[i].Factor = median(factors)
	}
	return out, nil
}

// turns returns what a frame took each side in each round, in ns; nothing of a
// side that has no such test.
func turns(ctx context.Context, test string, sides []Side, rounds int) ([][]float64, error) {
	frames := make([]int, len(sides))
	for i, s := range sides {
		n, err := calibrate(s, test)
		if err != nil && !errors.Is(err, ErrUnknown) {
			return nil, err
		}
		frames[i] = n
	}
	took := make([][]float64, len(sides))
	for range rounds {
		for i, s := range sides {
			if frames[i] == 0 {
				continue
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			t, err := s.Run(test, frames[i])
			if err != nil {
				return nil, err
			}
			took[i] = append(took[i], float64(max(t, 1))/float64(frames[i]))
		}
	}
	return took, nil
}

// calibrate returns how many frames fill a slice, after a few that warm up.
func calibrate(s Side, test string) (int, error) {
	for n := 1; ; n *= 4 {
		t, err := s.Run(test, n)
		if err != nil {
			return 0, err
		}
		if t >= slice/4 || n >= maxFrames {
			return max(1, min(maxFrames, int(float64(n)*float64(slice)/float64(max(t, 1))))), nil
		}
	}
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}
