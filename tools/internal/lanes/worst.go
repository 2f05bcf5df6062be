package lanes

import (
	"slices"
	"sort"

	"github.com/mmlite/mmlite/firmware/machine"
)

// worst returns what the worst window of a length held, of those during all of
// which there was work, and how many were looked at. Between two points at which a
// run begins or ends, what a window holds changes evenly; so the least is held by
// one that begins where a run or waiting ends, or ends where one begins.
func (l *Lane) worst(length machine.Duration) (least machine.Duration, windows int) {
	if length <= 0 {
		return 0, 0
	}
	hungry := slices.Clone(l.Waits)
	for _, r := range l.Runs {
		hungry = append(hungry, Span{r.From, r.To})
	}
	slices.SortFunc(hungry, func(a, b Span) int { return int(min(max(a.From-b.From, -1), 1)) })
	hungry = union(hungry)
	before := make([]machine.Duration, len(l.Runs)+1) // used before each run
	for i, r := range l.Runs {
		before[i+1] = before[i] + r.To.Sub(r.From)
	}
	upTo := func(t machine.Time) machine.Duration {
		i := sort.Search(len(l.Runs), func(i int) bool { return l.Runs[i].To > t })
		used := before[i]
		if i < len(l.Runs) && l.Runs[i].From < t {
			used += t.Sub(l.Runs[i].From)
		}
		return used
	}
	look := func(from machine.Time, in Span) {
		to := from.Add(length)
		if from < in.From || to > in.To {
			return
		}
		if got := upTo(to) - upTo(from); windows == 0 || got < least {
			least = got
		}
		windows++
	}
	k := 0
	for _, h := range hungry {
		if h.To.Sub(h.From) < length {
			continue
		}
		look(h.From, h)
		look(h.To.Add(-length), h)
		for k < len(l.Runs) && l.Runs[k].To <= h.From {
			k++
		}
		for ; k < len(l.Runs) && l.Runs[k].From < h.To; k++ {
			look(l.Runs[k].To, h)
			look(l.Runs[k].From.Add(-length), h)
		}
	}
	return least, windows
}
