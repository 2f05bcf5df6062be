package lanes

import (
	"fmt"
	"sort"

	"github.com/mmlite/mmlite/firmware/machine"
)

// axis maps time to pixels.
type axis struct {
	Span
	x0, x1 int
}

// at returns the pixel column in which t lies; it may be beyond both ends.
func (a axis) at(t machine.Time) int {
	w, d := float64(a.x1-a.x0), float64(a.To.Sub(a.From))
	x := float64(t.Sub(a.From)) / d * w
	return a.x0 + int(min(max(x, -w), 2*w))
}

// clip is at, within the axis.
func (a axis) clip(t machine.Time) int { return min(max(a.at(t), a.x0), a.x1) }

// sees reports whether something from a to b is within the axis.
func (a axis) sees(from, to machine.Time) bool { return to > a.From && from < a.To }

// step is the time between two marks that are at least so many pixels apart.
func (a axis) step(pixels int) machine.Duration {
	least := float64(a.To.Sub(a.From)) / float64(a.x1-a.x0) * float64(pixels)
	step := machine.Microsecond
	for {
		for _, k := range []machine.Duration{1, 2, 5} {
			if float64(k*step) >= least {
				return k * step
			}
		}
		step *= 10
	}
}

// marks calls f for every mark, with its distance from the origin.
func (a axis) marks(origin machine.Time, step machine.Duration, f func(x int, d machine.Duration)) {
	d := a.From.Sub(origin)
	if d%step != 0 {
		d += step - d%step
	}
	for ; origin.Add(d) <= a.To; d += step {
		f(a.at(origin.Add(d)), d)
	}
}

// milliseconds writes a mark.
func milliseconds(d, step machine.Duration) string {
	switch {
	case step >= machine.Second:
		return fmt.Sprintf("%d s", d/machine.Second)
	case step >= 100*machine.Millisecond:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case step >= machine.Millisecond:
		return fmt.Sprintf("%d ms", d/machine.Millisecond)
	case step >= 100*machine.Microsecond:
		return fmt.Sprintf("%.1f ms", d.Seconds()*1e3)
	case step >= 10*machine.Microsecond:
		return fmt.Sprintf("%.2f ms", d.Seconds()*1e3)
	}
	return fmt.Sprintf("%.3f ms", d.Seconds()*1e3)
}

// seen returns the part of a list in the order of starts that may be within the
// axis: all from the first that ends late enough on. longest is the longest of all.
func seen[T any](a axis, list []T, longest machine.Duration, start func(*T) machine.Time) []T {
	lo := sort.Search(len(list), func(i int) bool { return start(&list[i]).Add(longest) > a.From })
	hi := sort.Search(len(list), func(i int) bool { return start(&list[i]) >= a.To })
	return list[lo:max(lo, hi)]
}
