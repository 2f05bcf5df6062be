package simulate

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

// Result is what came of a run.
type Result struct {
	Title      string           `json:"title"`
	Policy     string           `json:"policy"`
	Run        machine.Duration `json:"run_ns"`
	Idle       machine.Duration `json:"idle_ns"`
	Switches   uint64           `json:"switches"`
	Activities []ActivityResult `json:"activities"`
	Threads    []ThreadResult   `json:"threads"`
	// Spans is who ran when, Slices which time was reserved for whom and Jobs which
	// work there was, all at the beginning of the run and at most MaxSpans each.
	Spans  []Span  `json:"-"`
	Slices []Slice `json:"-"`
	Jobs   []Job   `json:"-"`
}

// ActivityResult is what an activity got.
type ActivityResult struct {
	Name    string           `json:"name"`
	Amount  machine.Duration `json:"amount_ns"` // asked for, 0 for no reservation
	Period  machine.Duration `json:"period_ns"`
	Grant   sched.Grant      `json:"grant"` // none if the policy has no reservations
	Refused bool             `json:"refused"`
	Fits    machine.Duration `json:"fits_ns"` // what would have been granted
	Used    machine.Duration `json:"used_ns"`
	// Windows of the period asked for during which there was work all the time: how
	// many were looked at, and what the worst one held.
	Windows int              `json:"windows"`
	Worst   machine.Duration `json:"worst_ns"`
	WorstAt machine.Time     `json:"worst_at_ns"`
	// The same for windows of the length for which the policy promised the amount:
	// Window is 0 if it promised nothing.
	Window  machine.Duration `json:"promised_window_ns"`
	Pledged int              `json:"promised_windows"`
	Least   machine.Duration `json:"least_ns"`
	LeastAt machine.Time     `json:"least_at_ns"`
}

// Short returns how much less than what it asked for an activity got in its worst
// window of the period that it asked for.
func (a *ActivityResult) Short() machine.Duration {
	if a.Windows == 0 || a.Refused {
		return 0
	}
	return max(a.Amount-a.Worst, 0)
}

// Owed returns how much less than what it was promised an activity got in the
// worst window for which it was.
func (a *ActivityResult) Owed() machine.Duration {
	if a.Pledged == 0 || a.Window == 0 {
		return 0
	}
	return max(a.Amount-a.Least, 0)
}

// ThreadResult is how the jobs of a thread went.
type ThreadResult struct {
	Name     string           `json:"name"`
	Activity string           `json:"activity"`
	Periodic bool             `json:"periodic"` // it has jobs
	Jobs     int              `json:"jobs"`     // begun or dropped
	Missed   int              `json:"missed"`   // done after the deadline, or dropped
	Dropped  int              `json:"dropped"`
	Promised int              `json:"promised"` // had a constraint that was promised
	Refused  int              `json:"refused"`  // had one that was not
	Broken   int              `json:"broken"`   // promised, within the estimate, and missed
	Longest  machine.Duration `json:"longest_ns"`
	CPU      machine.Duration `json:"cpu_ns"`
	Stretch  machine.Duration `json:"stretch_ns"`
}

// Kept reports whether everything that was promised was kept: no constraint
// missed, and no window short by more than allowance.
func (r *Result) Kept(allowance machine.Duration) bool {
	for i := range r.Activities {
		if r.Activities[i].Owed() > allowance {
			return false
		}
	}
	for i := range r.Threads {
		if r.Threads[i].Broken > 0 {
			return false
		}
	}
	return true
}

// Missed returns how many jobs of an activity missed their deadlines, and how many
// there were. "" stands for all.
func (r *Result) Missed(activity string) (missed, jobs int) {
	for i := range r.Threads {
		if t := &r.Threads[i]; activity == "" || t.Activity == activity {
			missed += t.Missed
			jobs += t.Jobs
		}
	}
	return missed, jobs
}

// WriteText writes two tables for people.
func (r *Result) WriteText(w io.Writer) error {
	percent := func(d machine.Duration) string {
		return fmt.Sprintf("%.1f %%", 100*d.Seconds()/r.Run.Seconds())
	}
	if _, err := fmt.Fprintf(w, "%s: %v under %s, %s idle, %d switches\n\n", r.Title, r.Run, r.Policy, percent(r.Idle), r.Switches); err != nil {
		return err
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "activity\tused\tasked for\tgranted\tworst window\tpromised in\tworst of those\tshort by\t")
	for i := range r.Activities {
		a := &r.Activities[i]
		asked, granted, worst, window, least, short := "-", "-", "-", "-", "-", "-"
		if a.Amount > 0 {
			asked = fmt.Sprintf("%v of %v", a.Amount, a.Period)
			switch {
			case a.Refused:
				granted = fmt.Sprintf("refused, %v fit", a.Fits)
			case a.Grant.Amount > 0:
				granted = fmt.Sprintf("%v of %v", a.Grant.Amount, a.Grant.Period)
			}
			if a.Windows > 0 {
				worst = fmt.Sprint(a.Worst)
				if !a.Refused {
					short = fmt.Sprint(a.Short())
				}
			}
			if a.Window > 0 {
				window = fmt.Sprint(a.Window)
				if short = "-"; a.Pledged > 0 {
					least, short = fmt.Sprint(a.Least), fmt.Sprint(a.Owed())
				}
			}
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", a.Name, percent(a.Used), asked, granted, worst, window, least, short)
	}
	fmt.Fprintln(tw, "\t\t\t\t\t\t\t\t")
	fmt.Fprintln(tw, "thread\tused\tjobs\tmissed\tpromised\trefused\tbroken\tlongest\t")
	for i := range r.Threads {
		t := &r.Threads[i]
		if !t.Periodic {
			fmt.Fprintf(tw, "%s\t%s\t-\t-\t-\t-\t-\t-\t\n", t.Name, percent(t.CPU))
			continue
		}
		fmt.Fprintf(tw, "%s\t%s\t%d\t%d\t%d\t%d\t%d\t%v\t\n", t.Name, percent(t.CPU), t.Jobs, t.Missed, t.Promised, t.Refused, t.Broken, t.Longest)
	}
	return tw.Flush()
}
