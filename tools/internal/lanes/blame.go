package lanes

import (
	"cmp"
	"slices"
	"sort"

	"github.com/mmlite/mmlite/firmware/machine"
)

// Account is how an activity fared.
type Account struct {
	Lane int `json:"-"` // index into the picture's

	Group    string                      `json:"processor,omitempty"`
	Name     string                      `json:"activity"`
	Amount   machine.Duration            `json:"amount_ns"` // promised, of every period
	Period   machine.Duration            `json:"period_ns"`
	Denied   bool                        `json:"denied,omitempty"` // the reservation was
	Reserved machine.Duration            `json:"reserved_ns"`      // time of its slices
	Used     machine.Duration            `json:"used_ns"`
	ByRight  map[string]machine.Duration `json:"used_by_right_ns"`
	Waited   machine.Duration            `json:"waited_ns"` // with work, while others ran
	// Windows of the period during all of which there was work: how many were looked
	// at, and what the worst one held.
	Windows int              `json:"windows"`
	Worst   machine.Duration `json:"worst_window_ns"`

	Constraints int `json:"constraints"`
	Promised    int `json:"promised"`
	Refused     int `json:"refused"`
	Missed      int `json:"missed"` // of all
	Broken      int `json:"broken"` // promised, within the estimate, and missed
	Failed      int `json:"failed"` // those, and missed where the policy promises nothing

	// Blame is who ran until constraints that failed were done, most first.
	Blame []Blame `json:"blame,omitempty"`
}

// Blame is time that an activity, or the one that failed itself, ran while a
// constraint that failed had begun and was not done.
type Blame struct {
	Name string           `json:"activity"`
	Time machine.Duration `json:"ns"`
}

// itself is the name of the activity that failed, where it had the processor.
const itself = "itself"

// Accounts tells for each lane how it fared.
func (p *Picture) Accounts() []Account {
	_, now := p.Bounds()
	list := make([]Account, len(p.Lanes))
	for i := range p.Lanes {
		l, a := &p.Lanes[i], &list[i]
		*a = Account{Lane: i, Group: l.Group, Name: l.Name, Amount: l.Amount, Period: l.Period, Denied: l.Denied, ByRight: map[string]machine.Duration{}}
		a.Worst, a.Windows = l.worst(l.Period)
		for _, s := range union(l.Slices) {
			a.Reserved += s.To.Sub(s.From)
		}
		for _, w := range union(l.Waits) {
			a.Waited += w.To.Sub(w.From)
		}
		for _, r := range l.Runs {
			a.Used += r.To.Sub(r.From)
			a.ByRight[r.Right.String()] += r.To.Sub(r.From)
		}
		for k := range l.Constraints {
			c := &l.Constraints[k]
			a.Constraints++
			switch c.Verdict {
			case Promised:
				a.Promised++
			case Refused:
				a.Refused++
			}
			if c.Missed(now) {
				a.Missed++
			}
			if c.Broken(now) {
				a.Broken++
			}
			if c.Failed(now) {
				a.Failed++
			}
		}
		late := p.late(i, now)
		if len(late) == 0 {
			continue
		}
		for k := range p.Lanes {
			if o := &p.Lanes[k]; o.Group == l.Group {
				name := o.Name
				if k == i {
					name = itself
				}
				if d := overlap(o.Runs, late); d > 0 {
					a.Blame = append(a.Blame, Blame{name, d})
				}
			}
		}
		slices.SortStableFunc(a.Blame, func(x, y Blame) int { return cmp.Compare(y.Time, x.Time) })
	}
	return list
}

// late returns when constraints of a lane that failed had begun and were not done.
func (p *Picture) late(lane int, now machine.Time) []Span {
	var late []Span
	for k := range p.Lanes[lane].Constraints {
		if c := &p.Lanes[lane].Constraints[k]; c.Failed(now) && c.end(now) > c.Start {
			late = append(late, Span{c.Start, c.end(now)})
		}
	}
	return union(late)
}

// union joins spans that touch; the spans are in the order of their starts.
func union(spans []Span) []Span {
	var u []Span
	for _, s := range spans {
		if s.To <= s.From {
			continue
		}
		if n := len(u); n > 0 && s.From <= u[n-1].To {
			u[n-1].To = max(u[n-1].To, s.To)
		} else {
			u = append(u, s)
		}
	}
	return u
}

// overlap returns how much of the runs lies in spans that neither touch nor go back.
func overlap(runs []Run, spans []Span) (sum machine.Duration) {
	for _, r := range runs {
		for k := after(spans, r.From); k < len(spans) && spans[k].From < r.To; k++ {
			sum += min(r.To, spans[k].To).Sub(max(r.From, spans[k].From))
		}
	}
	return sum
}

// after returns the index of the first span that ends after t.
func after(spans []Span, t machine.Time) int {
	return sort.Search(len(spans), func(k int) bool { return spans[k].To > t })
}
