package main

import (
	"os"
	"time"

	"github.com/mmlite/mmlite/tools/internal/lanes"
)

// draw draws what was measured: costs over the number of threads, and how many
// wake-ups were how late.
func (m *schedMeter) draw(f *os.File) error {
	dispatch := lanes.Chart{Title: "a switch among threads that take turns", X: "threads", Y: "ns"}
	decision := lanes.Chart{Title: "the policy's decision", X: "threads", Y: "ns"}
	alone := lanes.Chart{Title: "wake-ups of a real-time thread", X: "us late, or more", Y: "% of wake-ups"}
	beside := lanes.Chart{Title: "the same beside goroutines that make garbage", X: "us late, or more", Y: "% of wake-ups"}
	for i := range m.results {
		r := &m.results[i]
		dispatch.Curves = append(dispatch.Curves, lanes.Curve{Name: r.Policy, Points: byThreads(r.Dispatch)})
		decision.Curves = append(decision.Curves, lanes.Curve{Name: r.Policy, Points: byThreads(r.Decision)})
		alone.Curves = append(alone.Curves, lanes.Curve{Name: r.Policy, Points: tail(r.late)})
		beside.Curves = append(beside.Curves, lanes.Curve{Name: r.Policy, Points: tail(r.loaded)})
	}
	return lanes.WriteCharts(f, []lanes.Chart{dispatch, decision, alone, beside})
}

func byThreads(values map[string]float64) (points [][2]float64) {
	for _, n := range schedThreads {
		points = append(points, [2]float64{float64(n), values[threadsKey(n)]})
	}
	return points
}

// tail says of a sorted list what share was at least so late.
func tail(late []time.Duration) (points [][2]float64) {
	for i, d := range late {
		if i > 0 && late[i-1] == d {
			continue
		}
		points = append(points, [2]float64{micros(d), 100 * float64(len(late)-i) / float64(len(late))})
	}
	return points
}
